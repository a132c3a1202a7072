"""From where lives begin, and under which policies: as steps on the one case, its sister, an audit, a certificate."""

from collections.abc import Mapping, Sequence
from typing import Any

from tests.rules import audits as a
from tests.rules import certificates as held
from tests.rules import dispute_stories as disputes
from tests.rules import lineage_stories as lineage
from tests.rules import talk_stories as talk
from tests.rules import verification_stories as verification
from tests.rules import walks as w
from tests.rules.life import Day, In, Steps, Wait, policy
from workflows.policy import Policy

LABELS: Mapping[str, Any] = {
    "critical": {
        "grade": "major",
        "plan": {"within": "P7D"},
        "closure": {"within": "P28D", "on_breach": "committee"},
        "follow_up": True,
    },
    "slight": {"grade": "minor", "closure": {"within": "P120D"}},
}
CORRECTED: Mapping[str, Any] = {
    "correction": {"within": "P3D"},
    "plan": {"within": "P14D"},
    "evidence": {"within": "P30D"},
}
POLICIES: Sequence[Policy] = (
    policy(labels=LABELS),
    policy(
        # Corrections are dated, reviews late by a day are the committee's, minors left undone are majors.
        labels=LABELS,
        review={"within": "P5D", "on_breach": "committee"},
        major={**CORRECTED, "closure": {"within": "P60D", "on_breach": "committee"}},
        minor={**CORRECTED, "closure": {"within": "P60D", "on_breach": "upgrade"}},
        dispute={"within": "P20D", "anchor": "receipt", "decide_within": "P10D"},
        limits=[{"anchor": "receipt", "within": "P75D"}, {"anchor": "certificate_expiry", "within": "-P7D"}],
        suspension={"longest": "P60D", "then": "warn"},
    ),
    policy(
        # Working days of two weekends, rolled, from receipt; minors are closed out at the next audit.
        labels=LABELS,
        anchor="receipt",
        days="working",
        roll="forward",
        calendar={"country": "client"},
        minor={
            "plan": {"within": "P10D"},
            "evidence": {"within": "P20D"},
            "closure": {"within": "P100D", "at": "next_audit"},
        },
        round_limit=1,
        deferral={"longest": "P90D", "unverified": "warn"},
        extensions={"reviewer_grants": 2, "longest": "P60D"},
        appeal={"within": "P15D"},
    ),
)

CERTIFIED: Steps = held.ACTIVE
ON_IT: Mapping[str, Any] = {"certificates": ["C-1"]}
AUDITED: Steps = (w.GLOBEX, *CERTIFIED, *a.UNDER_WAY, *w.found("major"), lineage.sister(**ON_IT))
SUSPENDED: Steps = (*CERTIFIED, *w.decided("suspend", (*w.opened(**ON_IT), w.ESCALATED[-1])))
RESOLVABLE: Steps = (*SUSPENDED, *w.VERIFIED[len(w.OPEN) :])
MINORS: Steps = (a.plan("surveillance", starts_on=Day(20), ends_on=Day(22)), *lineage.BESIDE)
HOUSE: Steps = (w.GLOBEX, *CERTIFIED, *MINORS)
DEFERRED_TWICE: Steps = (*verification.DEFERRED, lineage.sister(), Wait("P99D"))
APPEALED: Steps = (*CERTIFIED, *w.decided("suspend", (*w.opened(**ON_IT), w.ESCALATED[-1])), disputes.APPEAL)
ON_TEAM: Steps = (*a.UNDER_WAY, *w.found("major"), disputes.dispute())
SOON: Steps = (*w.ESCALATED, *w.votes("special_audit", until=In("P10D")), w.DECIDE)
HELD_UP: Steps = (*SOON, disputes.dispute(), disputes.APPEAL, Wait("P101D"))
TALKED: Steps = (*w.OPEN, talk.ASK, talk.ASK_CLIENT, talk.COMPLAIN, talk.extent())
ASKED: Steps = (*w.OPEN, verification.anew(w.MORE_TIME, until=In("P25D")))
REPAIRED: Steps = (*a.REPAIRED, a.concern("k2"))
RECERTIFIED: Steps = (*held.ACTIVE, Wait("P1000D"), a.plan("recertification"), a.START)
RENEWABLE: Steps = (held.TRANSFER, *held.AGAIN)
LAST_DAYS: Steps = (*held.READY, held.signs("grant", issued_on=Day(0), expires_on=Day(25)), *w.OPEN)
MERGED: Steps = (w.GLOBEX, *CERTIFIED, *a.PLANNED, *w.OPEN, w.MERGE)

BEGINNINGS: Sequence[Steps] = (
    *([w.STATES["nonconformity"][""]] * 6),
    *w.STATES["nonconformity"].values(),
    *w.STATES["committee_review"].values(),
    *(w.STATES["audit"][state] for state in ("planned", "under_way", "ended", "concluded", "lapsed")),
    *(held.READY, held.ACTIVE, held.SUSPENDED, held.WITHDRAWN, held.RESTORABLE, held.TRANSFERRED),
    *(w.MINOR, w.OFI, w.PLANNED, w.ACCEPTED, w.EVIDENCED, w.LATE, w.BREACHED, w.PROPOSED, ASKED, TALKED),
    *(verification.FOLLOW_UP, verification.DEFERRED, verification.CALLED_UP, verification.MOVED_IN, DEFERRED_TWICE),
    *(disputes.DISPUTED, disputes.DISPUTED_DOWN, disputes.DECIDED, disputes.APPEALED, APPEALED, ON_TEAM, HELD_UP),
    *(lineage.BESIDE, lineage.AGGREGATED, HOUSE, HOUSE, AUDITED, AUDITED, MERGED),
    *(w.IN_REVIEW, verification.FOLLOW_UP, verification.MINOR_ACCEPTED, verification.MINOR_ACCEPTED),
    *(REPAIRED, REPAIRED, a.CONCERNED, a.CONCERNED, HELD_UP, HELD_UP, RECERTIFIED, LAST_DAYS, SUSPENDED),
    *(RENEWABLE, RENEWABLE, RESOLVABLE, verification.DEFERRED),
    (*w.ESCALATED, *w.votes("special_audit")),
)
