"""What the record of a nonconformity tells of decisions and signatures."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from activities.ledger.protocol import Recorded
from services.reports.form import Decision, Signature
from services.reports.wording import Reader, on, words
from workflows.decider import Event
from workflows.nonconformity import events as e
from workflows.procedure import Signed
from workflows.registry import REGISTRY

COMMITTEE = "Certification committee"
"""Who decides a review, for a reader: its members' votes are told by the review, to those who may see that."""

_WANTED: Mapping[str, str] = {"withdraw": "to be withdrawn", "regrade": "to be regraded to minor"}
_MACHINES: Mapping[str, str] = {"clock": "Closeout, by the calendar", "reaction": "Closeout"}


def person(names: Mapping[str, str], id: str) -> str:
    """Somebody by name; by id where none is known."""
    return names.get(id) or _MACHINES.get(id.partition(":")[0], id)


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
            by = COMMITTEE if isinstance(event, e.ReviewDecided) else person(names, recorded.actor)
            yield Decision(at=reader.at(recorded.at), by=by, what=what, why=why)


def signatures(history: Sequence[Recorded], names: Mapping[str, str], reader: Reader) -> Iterator[Signature]:
    """Every signature, in order."""
    for recorded, event in decoded(history):
        signed = getattr(event, "signature", None)
        if isinstance(signed, Signed):
            proof = signed.authenticated
            yield Signature(
                what=words(event.type.partition(".")[2]),
                meaning=signed.meaning,
                by=person(names, signed.by),
                at=reader.at(recorded.at),
                authenticated=f"{reader.at(proof.at)} ({proof.method})" if proof else "",
                sha256=signed.content_sha256,
            )


def acknowledged_by(history: Sequence[Recorded], names: Mapping[str, str]) -> str:
    """Who last acknowledged receipt."""
    by = [recorded.actor for recorded, event in decoded(history) if isinstance(event, e.Acknowledged)]
    return person(names, by[-1]) if by else ""


def who(history: Sequence[Recorded]) -> frozenset[str]:
    """The ids of all who acted or signed."""
    signed = (getattr(event, "signature", None) for _, event in decoded(history))
    return frozenset(recorded.actor for recorded in history) | {one.by for one in signed if isinstance(one, Signed)}


def decided(event: Event, reader: Reader) -> tuple[str, str] | None:
    """What it decides, and why; None for what decides nothing."""
    tells = _TELLS.get(type(event))
    return None if tells is None else tells(event, reader)


def _until(at: datetime | None, reader: Reader) -> str:
    return f" until {reader.at(at)}" if at else ""


def _small(word: str) -> str:
    said = words(word)
    return said[:1].lower() + said[1:]


def _lines(pairs: Iterable[tuple[str, str]]) -> str:
    return "\n".join(f"{name}: {why}" for name, why in pairs)


_TELLS: Mapping[type[Event], Callable[[Any, Reader], tuple[str, str]]] = {
    e.Issued: lambda one, _: (f"Issued as {one.number}, {_small(one.grade)}", one.reason or ""),
    e.Regraded: lambda one, _: (f"Graded anew: {_small(one.grade)}", one.reason),
    e.PlanAccepted: lambda one, _: (f"Plan {one.version} accepted", one.note or ""),
    e.PlanReturned: lambda one, _: (
        f"Plan {one.version} returned, round {one.round}",
        _lines((words(part.section), part.reason) for part in one.sections),
    ),
    e.AcceptanceVoided: lambda one, _: (f"Acceptance of the plan void: {one.what} was changed", one.why),
    e.EvidenceReturned: lambda one, _: (
        f"Returned to the {one.to}, round {one.round}",
        _lines((part.shows, part.reason) for part in one.sections),
    ),
    e.ExtensionRequested: lambda one, reader: (
        f"More time asked for: {_small(one.deadline)}{_until(one.until, reader)}",
        one.reason,
    ),
    e.ExtensionGranted: lambda one, reader: (
        f"More time given: {_small(one.deadline)}{_until(one.until, reader)}",
        one.reason,
    ),
    e.ExtensionDenied: lambda one, _: ("More time denied", one.reason),
    e.LatenessExcused: lambda one, _: (f"Lateness excused: {_small(one.deadline)}", one.reason),
    e.DeadlineMissed: lambda one, reader: (f"Date missed: {_small(one.deadline)}, {reader.at(one.due_at)}", ""),
    e.PolicyApplied: lambda one, _: (f"Policy applied: {one.policy.name} {one.policy.version}", ""),
    e.FollowUpRequired: lambda one, _: (f"Follow-up audit required on {on(one.on)}", one.reason),
    e.FollowUpRecorded: lambda one, _: (f"Follow-up audit of {on(one.on)}: {_small(one.result)}", one.statement),
    e.VerificationDeferred: lambda one, _: (f"Verification deferred to {one.audit or 'the next audit'}", one.reason),
    e.Verified: lambda one, _: ("Effectiveness verified", one.statement),
    e.Closed: lambda one, _: ("Closed out", one.statement),
    e.Reopened: lambda one, _: ("Reopened", one.reason),
    e.Disputed: lambda one, _: (f"Disputed by the client: {_WANTED[one.wanted]}", one.reason),
    e.DisputeDecided: lambda one, _: (f"Dispute {one.outcome}", one.reason),
    e.Appealed: lambda one, _: ("Appeal against the committee's decision", one.reason),
    e.AppealDecided: lambda one, _: (f"Appeal {one.outcome}", one.reason),
    e.Escalated: lambda one, _: ("Certification committee called", one.reason),
    e.ReviewDecided: lambda one, reader: (f"Decided: {_small(one.choice)}{_until(one.until, reader)}", one.reason),
    e.WithdrawalProposed: lambda one, _: ("Withdrawal proposed", one.reason),
    e.Withdrawn: lambda one, _: ("Withdrawn", one.reason),
    e.Dismissed: lambda one, _: ("Dismissed", one.reason),
    e.Superseded: lambda one, _: (f"Superseded by {one.number}", ""),
}
