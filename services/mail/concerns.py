"""Whom each event concerns, and in what words they are told: one table, pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Audience = Literal[
    "client", "approvers", "body", "owing", "team", "assigned", "managers", "committee", "asked", "answered"
]
"""Who may be told.

`client` are the client's people, `approvers` those of them who sign; `body` the certification body's people who can act
on the case now, those assigned to it or on its audit first; `owing` the side whose date it is; `team` the audit's,
`assigned` whoever is assigned to it, `managers` the scheme's, `committee` the members who sit on a review. `asked` and
`answered` are the side of whom a question is asked, and the other one.
"""


@dataclass(frozen=True, slots=True)
class Concern:
    """Who is told of an event, in which words; `must` is what nobody can switch off: breach, committee, certificate."""

    to: tuple[Audience, ...]
    said: str
    must: bool = False


CASE: Mapping[str, Concern] = {
    "reported": Concern(("team",), "A finding was reported"),
    "issued": Concern(("client", "assigned"), "A nonconformity was issued"),
    "dismissed": Concern(("client", "assigned"), "The nonconformity was dismissed"),
    "regraded": Concern(("client", "assigned"), "The grade was changed"),
    "superseded": Concern(("client", "assigned"), "The nonconformity is part of a systemic one now"),
    "plan_proposed": Concern(("approvers",), "A plan was put before you"),
    "plan_submitted": Concern(("body",), "A plan was submitted"),
    "plan_accepted": Concern(("client", "assigned"), "The plan was accepted"),
    "plan_returned": Concern(("client", "assigned"), "The plan was returned"),
    "acceptance_voided": Concern(("client", "body"), "An acceptance does not hold any more"),
    "effectiveness_confirmed": Concern(("approvers",), "The actions were confirmed to be effective"),
    "evidence_submitted": Concern(("body",), "Evidence was submitted"),
    "evidence_returned": Concern(("client", "assigned"), "The evidence was returned"),
    "verified": Concern(("client", "body"), "The actions were verified"),
    "closed": Concern(("client", "assigned"), "The nonconformity was closed"),
    "reopened": Concern(("client", "assigned", "body"), "The nonconformity was opened again"),
    "follow_up_required": Concern(("client", "body"), "A follow-up audit is required"),
    "follow_up_recorded": Concern(("client",), "The follow-up audit was held"),
    "verification_deferred": Concern(("client", "assigned"), "The verification was put off"),
    "called_up": Concern(("team", "client"), "The verification is due at an audit"),
    "left_unverified": Concern(("body",), "The audit ended without the verification"),
    "deadline_reminded": Concern(("owing", "assigned"), "A date comes near"),
    "deadline_missed": Concern(("client", "assigned", "body"), "A date was missed", must=True),
    "extension_requested": Concern(("body",), "More time is asked for"),
    "extension_granted": Concern(("client", "assigned"), "More time was granted"),
    "extension_denied": Concern(("client", "assigned"), "More time was denied"),
    "lateness_excused": Concern(("client",), "A lateness was excused"),
    "policy_applied": Concern(("client", "assigned"), "Another policy holds from now on"),
    "disputed": Concern(("body", "managers"), "The client disputes the nonconformity"),
    "dispute_decided": Concern(("client", "assigned"), "The dispute was decided"),
    "appealed": Concern(("managers",), "The client appeals against a decision", must=True),
    "appeal_decided": Concern(("client", "managers"), "The appeal was decided", must=True),
    "withdrawal_proposed": Concern(("body",), "A withdrawal was proposed"),
    "withdrawn": Concern(("client", "assigned"), "The nonconformity was withdrawn"),
    "escalated": Concern(("client", "assigned", "body"), "The case was put before the committee", must=True),
    "review_decided": Concern(("client", "assigned", "body"), "The committee decided", must=True),
    "upgrade_held": Concern(("managers",), "A stricter grade was held back"),
    "escalation_held": Concern(("managers",), "An escalation was held back", must=True),
    "assigned": Concern(("assigned",), "You are assigned to the case"),
    "asked": Concern(("asked",), "A question was asked"),
    "answered": Concern(("answered",), "Your question was answered"),
    "complained": Concern(("body", "managers"), "The client complains"),
    "complaint_answered": Concern(("client",), "Your complaint was answered"),
    "commented": Concern(("client", "assigned", "team"), "There is a comment"),
}
"""Of a nonconformity. What is not here concerns nobody but who reads the case."""

REVIEW: Mapping[str, Concern] = {
    "opened": Concern(("managers",), "A committee review was opened", must=True),
    "convened": Concern(("committee",), "You sit on a committee review", must=True),
    "quorum_impossible": Concern(("managers",), "Too few can sit on the committee", must=True),
    "recused": Concern(("managers",), "A member stood back", must=True),
    "overdue": Concern(("committee", "managers"), "The committee's date passed", must=True),
    "decided": Concern(("committee", "managers"), "The committee decided", must=True),
    "discontinued": Concern(("committee", "managers"), "The committee review has ended", must=True),
}
"""Of a committee review; the client hears of it by the case."""

CERTIFICATE: Mapping[str, Concern] = {
    "applied": Concern(("managers",), "A client applies for certification", must=True),
    "granted": Concern(("client", "managers"), "The certificate was granted", must=True),
    "refused": Concern(("client", "managers"), "Certification was refused", must=True),
    "renewed": Concern(("client", "managers"), "The certificate was renewed", must=True),
    "suspended": Concern(("client", "managers"), "The certificate was suspended", must=True),
    "restored": Concern(("client", "managers"), "The certificate was restored", must=True),
    "reduced": Concern(("client", "managers"), "The certificate was reduced", must=True),
    "withdrawn": Concern(("client", "managers"), "The certificate was withdrawn", must=True),
    "decision_set_aside": Concern(("client", "managers"), "A decision was set aside", must=True),
    "suspension_overrun": Concern(("managers",), "The longest suspension has passed", must=True),
    "expiry_announced": Concern(("client", "managers"), "The certificate expires soon", must=True),
    "expired": Concern(("client", "managers"), "The certificate has expired", must=True),
}
"""Of a certificate."""

CONCERNS: Mapping[str, Concern] = {
    f"{kind}.{name}": concern
    for kind, table in (("nonconformity", CASE), ("committee_review", REVIEW), ("certificate", CERTIFICATE))
    for name, concern in table.items()
}
"""By the type of the event."""
