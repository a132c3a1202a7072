"""Ways to the states of a case and of a review, as steps that any interface can replay."""

from collections.abc import Mapping
from typing import Any

from tests.rules import audits, certificates
from tests.rules.life import SIGN, Day, In, Step, Steps, Wait

FINDING: Mapping[str, Any] = {
    "source": {"system": "audit-notes", "external_id": "7"},
    "client": "acme",
    "title": "Access rights were not reviewed",
    "statement": "The access rights of leavers were not removed within the required time.",
    "objective_evidence": "Accounts 17, 23 and 40 were active three months after the person had left.",
    "requirements": [{"standard": "ISO/IEC 27001", "edition": "2022", "clause": "A.5.18"}],
}
SHA = "ab" * 32
CAUSE: Mapping[str, Any] = {
    "method": "five_whys",
    "steps": ["Nobody was told"],
    "causes": [{"key": "c1", "text": "HR does not report leavers to IT"}],
    "extent": {"looked_at": ["all sites"], "found": ["two more accounts"]},
}
CORRECTION: Mapping[str, Any] = {"text": "The three accounts were blocked", "done_on": "2026-03-02"}
EVIDENCE: Mapping[str, Any] = {
    "shows": ["a1"],
    "name": "leavers.pdf",
    "sha256": SHA,
    "media_type": "application/pdf",
    "size": 12,
}


def action(key: str = "a1", **changes: Any) -> dict[str, Any]:
    """The body of an action."""
    return {
        "key": key,
        "text": "HR reports leavers daily",
        "causes": ["c1"],
        "owner": "owner",
        "due_on": Day(20),
    } | changes


def report(by: str = "auditor", **changes: Any) -> Steps:
    """A finding; of an auditor with a grade it is issued at once."""
    return (Step(by, "report", {"finding": {**FINDING, **changes}}),)


def opened(grade: str = "major", **changes: Any) -> Steps:
    """An issued nonconformity."""
    return report(grade=grade, **changes)


def found(grade: str, stage: str = "stage2") -> Steps:
    """An issued nonconformity of the audit."""
    return opened(grade, audit={"ref": "A-1", "stage": stage})


REPORTED = report()
INCOMPLETE = report(statement="")
OPEN = opened()
ANALYSED: Steps = (*OPEN, Step("owner", "record_correction", CORRECTION), Step("owner", "record_cause", CAUSE))
PLANNED: Steps = (*ANALYSED, Step("owner", "plan_action", action()))
SUBMIT = Step("approver", "submit_plan", {"signature": SIGN})
ACCEPT = Step("reviewer", "accept_plan", {"signature": SIGN})
RETURN = Step("reviewer", "return_plan", {"sections": [{"section": "cause", "reason": "Why was nobody told?"}]})
SHOW: Steps = (
    Step("owner", "attach_evidence", EVIDENCE),
    Step("owner", "complete_action", {"key": "a1", "done_on": Day(0)}),
)
SUBMIT_EVIDENCE = Step("approver", "submit_evidence", {"signature": SIGN})
VERIFY = Step("reviewer", "verify", {"statement": "No account of a leaver was active in the sample", "signature": SIGN})
CLOSE = Step("reviewer2", "close", {"statement": "Closed out", "signature": SIGN})

SUBMITTED: Steps = (*PLANNED, SUBMIT)
ACCEPTED: Steps = (*SUBMITTED, ACCEPT)
EVIDENCED: Steps = (*ACCEPTED, *SHOW)
IN_REVIEW: Steps = (*EVIDENCED, SUBMIT_EVIDENCE)
VERIFIED: Steps = (*IN_REVIEW, VERIFY)
CLOSED: Steps = (*VERIFIED, CLOSE)
DISMISSED: Steps = (*REPORTED, Step("auditor", "dismiss", {"reason": "The accounts are service accounts"}))
OFI = opened("ofi")
MINOR: Steps = (*opened("minor"), *IN_REVIEW[1:])

MORE_TIME = Step(
    "owner",
    "request_extension",
    {"deadline": "plan", "until": In("P20D"), "reason": "HR is away", "containment": "Accounts are checked by hand"},
)
GRANT = Step("reviewer", "grant_extension", {"until": In("P18D"), "reason": "Contained"})
PROPOSED: Steps = (*OPEN, Step("auditor", "propose_withdrawal", {"reason": "The sample was of another company"}))
ESCALATED: Steps = (*OPEN, Step("auditor", "escalate", {"reason": "The certificate cannot stand"}))
LATE: Steps = (*OPEN, Wait("P15D"))
BREACHED: Steps = (*OPEN, Wait("P91D"))


def vote(by: str, choice: str = "extend", **more: Any) -> Step:
    """A vote; an extension is until in a hundred days, after the ninety of the default."""
    until = {"until": In("P100D")} if choice == "extend" else {}
    body = {"choice": choice, "reason": "Contained", **until, "signature": SIGN, **more}
    return Step(by, "vote", body, "committee_review")


DECIDE = Step("member1", "decide", {"reason": "As voted", "signature": SIGN}, "committee_review")


def votes(choice: str = "extend", **more: Any) -> Steps:
    """Three votes of one mind."""
    return tuple(vote(member, choice, **more) for member in ("member1", "member2", "member3"))


LEFT: Steps = (
    *ESCALATED,
    Step("auditor", "propose_withdrawal", {"reason": "Wrong company"}),
    Step("reviewer", "confirm_withdrawal", {"reason": "Indeed"}),
)


def decided(choice: str = "extend", before: Steps = ESCALATED) -> Steps:
    """A review with its decision."""
    return (*before, *votes(choice), DECIDE)


GLOBEX = Step("scheme_manager", "register", {"key": "globex", "name": "Globex"}, "globex")
MERGE = Step("scheme_manager", "merge", {"into": "globex", "reason": "Registered twice"}, "client")
MERGED: Steps = (GLOBEX, MERGE)
STATES: Mapping[str, Mapping[str, Steps]] = {
    "nonconformity": {
        "": (),
        "reported": REPORTED,
        "open": OPEN,
        "plan_submitted": SUBMITTED,
        "evidence_submitted": IN_REVIEW,
        "verified": VERIFIED,
        "closed": CLOSED,
        "dismissed": DISMISSED,
    },
    "committee_review": {"convened": ESCALATED, "decided": decided("special_audit"), "discontinued": LEFT},
    "client": {
        "registered": (),
        "merged": MERGED,
    },
    "audit": audits.STATES,
    "certificate": certificates.STATES,
}
"""The shortest walk to each state."""
