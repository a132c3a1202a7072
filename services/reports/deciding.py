"""What the record of a nonconformity tells of decisions and signatures."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from operator import attrgetter
from typing import Any

from activities.ledger.protocol import Recorded
from services.reports.form import Decision, Signature
from services.reports.wording import Reader
from workflows.decider import Event
from workflows.nonconformity import events as e
from workflows.nonconformity.commands import PlanSection, ReturnedSection
from workflows.procedure import Signed
from workflows.registry import REGISTRY
from workflows.sentences import mark

COMMITTEE = "Certification committee"
"""Who decides a review, for a reader: its members' votes are told by the review, to those who may see that."""

PLACE = re.compile(r"%\((.*?)\)s")
_MACHINES: Mapping[str, str] = {"clock": mark("Closeout, by the calendar"), "reaction": mark("Closeout")}
_THINGS: Mapping[str, str] = {
    "audit": mark("Audit %(key)s"),
    "certificate": mark("Certificate %(key)s"),
    "client": mark("Client %(key)s"),
    "committee_review": mark("Certification committee"),
    "nonconformity": mark("Another nonconformity"),
}


def person(names: Mapping[str, str], id: str, reader: Reader) -> str:
    """Somebody by name, or the thing that had something recorded; by id where none is known."""
    machine, _, stream = id.partition(":")
    kind, _, key = stream.partition("/")
    called = _THINGS.get(kind, _MACHINES.get(machine))
    return names.get(id) or (id if called is None else reader.said(called) % {"key": key})


def decoded(history: Sequence[Recorded]) -> Iterator[tuple[Recorded, Event]]:
    """The events of a history as they were meant; what was erased is left out."""
    for recorded in history:
        if recorded.data is not None:
            yield recorded, REGISTRY.decode(recorded.type, recorded.v, recorded.data)


def decisions(history: Sequence[Recorded], names: Mapping[str, str], reader: Reader) -> Iterator[Decision]:
    """What was decided, in order; what was erased is left out."""
    for recorded, event in decoded(history):
        said = decided(event, reader)
        if said is not None:
            what, why = said
            by = COMMITTEE if isinstance(event, e.ReviewDecided) else person(names, recorded.actor, reader)
            yield Decision(at=reader.at(recorded.at), by=by, what=what, why=why)


def signatures(history: Sequence[Recorded], names: Mapping[str, str], reader: Reader) -> Iterator[Signature]:
    """Every signature, in order."""
    for recorded, event in decoded(history):
        signed = getattr(event, "signature", None)
        if isinstance(signed, Signed):
            proof = signed.authenticated
            yield Signature(
                what=reader.word(event.type.partition(".")[2]),
                meaning=signed.meaning,
                by=person(names, signed.by, reader),
                at=reader.at(recorded.at),
                authenticated=f"{reader.at(proof.at)} ({proof.method})" if proof else "",
                sha256=signed.content_sha256,
            )


def acknowledged_by(history: Sequence[Recorded], names: Mapping[str, str], reader: Reader) -> str:
    """Who last acknowledged receipt."""
    by = [recorded.actor for recorded, event in decoded(history) if isinstance(event, e.Acknowledged)]
    return person(names, by[-1], reader) if by else ""


def who(history: Sequence[Recorded]) -> frozenset[str]:
    """The ids of all who acted or signed."""
    signed = (getattr(event, "signature", None) for _, event in decoded(history))
    return frozenset(recorded.actor for recorded in history) | {one.by for one in signed if isinstance(one, Signed)}


def decided(event: Event, reader: Reader) -> tuple[str, str] | None:
    """What it decides, and why; None for what decides nothing."""
    known = TELLS.get(type(event))
    if known is None:
        return None
    texts, why = known
    found = ((text, {name: attrgetter(name)(event) for name in PLACE.findall(text)}) for text in texts)
    text, facts = next((text, facts) for text, facts in found if None not in facts.values())
    return reader.said(text) % {name: _told(name, one, reader) for name, one in facts.items()}, _why(event, why, reader)


def _told(name: str, value: Any, reader: Reader) -> str:
    match value:
        case datetime():
            return reader.at(value)
        case date():
            return reader.on(value)
        case str() if name in WORDS:
            return reader.said(WORDS[name][value])
    return str(value)


def _why(event: Event, name: str, reader: Reader) -> str:
    """The reason that an event gives under a name; of sections each with what it is about."""
    why: Any = getattr(event, name) if name else ""
    if name != "sections":
        return why or ""
    about = (reader.said(SECTIONS[one.section]) if isinstance(one, ReturnedSection) else one.shows for one in why)
    return "\n".join(f"{what}: {one.reason}" for what, one in zip(about, why, strict=True))


_GRADES = {"major": mark("major"), "minor": mark("minor"), "ofi": mark("opportunity for improvement")}
_DATES = {
    "correction": mark("correction"),
    "plan": mark("corrective action plan"),
    "evidence": mark("evidence of implementation"),
    "closure": mark("close-out"),
    "review": mark("review by the certification body"),
    "follow_up": mark("follow-up audit"),
    "dispute": mark("dispute"),
    "appeal": mark("appeal"),
}
WORDS: Mapping[str, Mapping[str, str]] = {
    "grade": _GRADES,
    "deadline": _DATES,
    "outcome": {"upheld": mark("upheld"), "rejected": mark("rejected")},
    "wanted": {"withdraw": mark("to be withdrawn"), "regrade": mark("to be regraded to minor")},
    "to": {"plan": mark("plan"), "evidence": mark("evidence")},
    "result": {"effective": mark("effective"), "not_effective": mark("not effective")},
    "choice": {
        "extend": mark("extend"),
        "special_audit": mark("special audit"),
        "suspend": mark("suspend"),
        "reduce_scope": mark("reduce scope"),
        "withdraw_certificate": mark("withdraw certificate"),
        "refuse": mark("refuse"),
        "regrade": mark("regrade"),
        "dismiss": mark("dismiss"),
    },
}
"""What values of the record are called within a sentence, by the names under which events have them."""

SECTIONS: Mapping[PlanSection, str] = {
    "correction": mark("Correction"),
    "cause": mark("Cause"),
    "extent": mark("Extent"),
    "actions": mark("Actions"),
}

TELLS: Mapping[type[Event], tuple[Sequence[str], str]] = {
    e.Issued: ([mark("Issued as %(number)s, %(grade)s")], "reason"),
    e.Regraded: ([mark("Graded anew: %(grade)s")], "reason"),
    e.PlanAccepted: ([mark("Plan %(version)s accepted")], "note"),
    e.PlanReturned: ([mark("Plan %(version)s returned, round %(round)s")], "sections"),
    e.AcceptanceVoided: ([mark("Acceptance of the plan void: %(what)s was changed")], "why"),
    e.EvidenceReturned: ([mark("Returned to the %(to)s, round %(round)s")], "sections"),
    e.ExtensionRequested: ([mark("More time asked for: %(deadline)s until %(until)s")], "reason"),
    e.ExtensionGranted: ([mark("More time given: %(deadline)s until %(until)s")], "reason"),
    e.ExtensionDenied: ([mark("More time denied")], "reason"),
    e.LatenessExcused: ([mark("Lateness excused: %(deadline)s")], "reason"),
    e.DeadlineMissed: ([mark("Date missed: %(deadline)s, %(due_at)s")], ""),
    e.PolicyApplied: ([mark("Policy applied: %(policy.name)s %(policy.version)s")], ""),
    e.FollowUpRequired: ([mark("Follow-up audit required on %(on)s")], "reason"),
    e.FollowUpRecorded: ([mark("Follow-up audit of %(on)s: %(result)s")], "statement"),
    e.VerificationDeferred: (
        [mark("Verification deferred to %(audit)s"), mark("Verification deferred to the next audit")],
        "reason",
    ),
    e.Verified: ([mark("Effectiveness verified")], "statement"),
    e.Closed: ([mark("Closed out")], "statement"),
    e.Reopened: ([mark("Reopened")], "reason"),
    e.Disputed: ([mark("Disputed by the client: %(wanted)s")], "reason"),
    e.DisputeDecided: ([mark("Dispute %(outcome)s")], "reason"),
    e.Appealed: ([mark("Appeal against the committee's decision")], "reason"),
    e.AppealDecided: ([mark("Appeal %(outcome)s")], "reason"),
    e.Escalated: ([mark("Certification committee called")], "reason"),
    e.ReviewDecided: ([mark("Decided: %(choice)s until %(until)s"), mark("Decided: %(choice)s")], "reason"),
    e.WithdrawalProposed: ([mark("Withdrawal proposed")], "reason"),
    e.Withdrawn: ([mark("Withdrawn")], "reason"),
    e.Dismissed: ([mark("Dismissed")], "reason"),
    e.Superseded: ([mark("Superseded by %(number)s")], ""),
}
"""What events decide, with places for what they say, the first text that an event fills; and where they say why."""
