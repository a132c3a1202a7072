"""Whom each event concerns, and in what words they are told: one table, pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from activities.directory.mail import FIXED, Kind
from services.console.frame.catalogue import mark

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
    """Who is told of an event, in which words, translated when they are written; and what kind of mail it is."""

    to: tuple[Audience, ...]
    said: str
    kind: Kind = "cases"

    @property
    def must(self) -> bool:
        """Whether nobody can switch it off."""
        return self.kind in FIXED


CASE: Mapping[str, Concern] = {
    "reported": Concern(("team",), mark("A finding was reported")),
    "issued": Concern(("client", "assigned"), mark("A nonconformity was issued")),
    "dismissed": Concern(("client", "assigned"), mark("The nonconformity was dismissed")),
    "regraded": Concern(("client", "assigned"), mark("The grade was changed")),
    "superseded": Concern(("client", "assigned"), mark("The nonconformity is part of a systemic one now")),
    "plan_proposed": Concern(("approvers",), mark("A plan was put before you")),
    "plan_submitted": Concern(("body",), mark("A plan was submitted")),
    "plan_accepted": Concern(("client", "assigned"), mark("The plan was accepted")),
    "plan_returned": Concern(("client", "assigned"), mark("The plan was returned")),
    "acceptance_voided": Concern(("client", "body"), mark("An acceptance does not hold any more")),
    "effectiveness_confirmed": Concern(("approvers",), mark("The actions were confirmed to be effective")),
    "evidence_submitted": Concern(("body",), mark("Evidence was submitted")),
    "evidence_returned": Concern(("client", "assigned"), mark("The evidence was returned")),
    "verified": Concern(("client", "body"), mark("The actions were verified")),
    "closed": Concern(("client", "assigned"), mark("The nonconformity was closed")),
    "reopened": Concern(("client", "assigned", "body"), mark("The nonconformity was opened again")),
    "follow_up_required": Concern(("client", "body"), mark("A follow-up audit is required"), "dates"),
    "follow_up_recorded": Concern(("client",), mark("The follow-up audit was held"), "dates"),
    "verification_deferred": Concern(("client", "assigned"), mark("The verification was put off"), "dates"),
    "called_up": Concern(("team", "client"), mark("The verification is due at an audit"), "dates"),
    "left_unverified": Concern(("body",), mark("The audit ended without the verification"), "dates"),
    "deadline_reminded": Concern(("owing", "assigned"), mark("A date comes near"), "dates"),
    "deadline_missed": Concern(("client", "assigned", "body"), mark("A date was missed"), "breach"),
    "extension_requested": Concern(("body",), mark("More time is asked for"), "dates"),
    "extension_granted": Concern(("client", "assigned"), mark("More time was granted"), "dates"),
    "extension_denied": Concern(("client", "assigned"), mark("More time was denied"), "dates"),
    "lateness_excused": Concern(("client",), mark("A lateness was excused"), "dates"),
    "policy_applied": Concern(("client", "assigned"), mark("Another policy holds from now on"), "dates"),
    "disputed": Concern(("body", "managers"), mark("The client disputes the nonconformity")),
    "dispute_decided": Concern(("client", "assigned"), mark("The dispute was decided")),
    "appealed": Concern(("managers",), mark("The client appeals against a decision"), "committee"),
    "appeal_decided": Concern(("client", "managers"), mark("The appeal was decided"), "committee"),
    "withdrawal_proposed": Concern(("body",), mark("A withdrawal was proposed")),
    "withdrawn": Concern(("client", "assigned"), mark("The nonconformity was withdrawn")),
    "escalated": Concern(("client", "assigned", "body"), mark("The case was put before the committee"), "committee"),
    "review_decided": Concern(("client", "assigned", "body"), mark("The committee decided"), "committee"),
    "upgrade_held": Concern(("managers",), mark("A stricter grade was held back")),
    "escalation_held": Concern(("managers",), mark("An escalation was held back"), "committee"),
    "assigned": Concern(("assigned",), mark("You are assigned to the case")),
    "asked": Concern(("asked",), mark("A question was asked"), "talk"),
    "answered": Concern(("answered",), mark("Your question was answered"), "talk"),
    "complained": Concern(("body", "managers"), mark("The client complains"), "talk"),
    "complaint_answered": Concern(("client",), mark("Your complaint was answered"), "talk"),
    "commented": Concern(("client", "assigned", "team"), mark("There is a comment"), "talk"),
}
"""Of a nonconformity. What is not here concerns nobody but who reads the case."""

REVIEW: Mapping[str, Concern] = {
    "opened": Concern(("managers",), mark("A committee review was opened"), "committee"),
    "convened": Concern(("committee",), mark("You sit on a committee review"), "committee"),
    "quorum_impossible": Concern(("managers",), mark("Too few can sit on the committee"), "committee"),
    "recused": Concern(("managers",), mark("A member stood back"), "committee"),
    "overdue": Concern(("committee", "managers"), mark("The committee's date passed"), "committee"),
    "decided": Concern(("committee", "managers"), mark("The committee decided"), "committee"),
    "discontinued": Concern(("committee", "managers"), mark("The committee review has ended"), "committee"),
}
"""Of a committee review; the client hears of it by the case."""

CERTIFICATE: Mapping[str, Concern] = {
    "applied": Concern(("managers",), mark("A client applies for certification"), "certificate"),
    "granted": Concern(("client", "managers"), mark("The certificate was granted"), "certificate"),
    "refused": Concern(("client", "managers"), mark("Certification was refused"), "certificate"),
    "renewed": Concern(("client", "managers"), mark("The certificate was renewed"), "certificate"),
    "suspended": Concern(("client", "managers"), mark("The certificate was suspended"), "certificate"),
    "restored": Concern(("client", "managers"), mark("The certificate was restored"), "certificate"),
    "reduced": Concern(("client", "managers"), mark("The certificate was reduced"), "certificate"),
    "withdrawn": Concern(("client", "managers"), mark("The certificate was withdrawn"), "certificate"),
    "decision_set_aside": Concern(("client", "managers"), mark("A decision was set aside"), "certificate"),
    "suspension_overrun": Concern(("managers",), mark("The longest suspension has passed"), "certificate"),
    "expiry_announced": Concern(("client", "managers"), mark("The certificate expires soon"), "certificate"),
    "expired": Concern(("client", "managers"), mark("The certificate has expired"), "certificate"),
}
"""Of a certificate."""

CONCERNS: Mapping[str, Concern] = {
    f"{kind}.{name}": concern
    for kind, table in (("nonconformity", CASE), ("committee_review", REVIEW), ("certificate", CERTIFICATE))
    for name, concern in table.items()
}
"""By the type of the event."""
