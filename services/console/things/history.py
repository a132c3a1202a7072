"""What the events of a case tell beyond its state: how it got there, what was signed, when its clocks stood still.

One fold through its history, by the law that folds it anywhere else.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from activities.ledger.protocol import Recorded
from workflows.decider import Happened
from workflows.nonconformity.case import Case
from workflows.nonconformity.rules import Nonconformity
from workflows.nonconformity.signing import evidence_content, plan_content
from workflows.registry import REGISTRY

_LAW = Nonconformity()
_VERSIONED = {"nonconformity.plan_submitted": plan_content, "nonconformity.evidence_submitted": evidence_content}
_ANSWERS = {
    "nonconformity.plan_accepted": "accepted",
    "nonconformity.plan_returned": "returned",
    "nonconformity.evidence_returned": "returned",
    "nonconformity.verified": "verified",
}


@dataclass(frozen=True, slots=True)
class Move:
    """A status that a thing reached, when, by whom, by which event, and why where it says so."""

    status: str
    at: datetime
    actor: str
    type: str
    because: str = ""


@dataclass(frozen=True, slots=True)
class Signing:
    """A signature: what it says, over which digest, by whom, when, and how and when they had authenticated."""

    type: str
    by: str
    at: datetime
    meaning: str
    sha256: str
    method: str | None
    authenticated_at: str | None


@dataclass(slots=True)
class Version:
    """One submitted version of plan or evidence with what was signed, and what became of it, and why."""

    of: Literal["plan", "evidence"]
    number: int
    at: datetime
    by: str
    sha256: str
    content: dict[str, Any]
    outcome: str = ""
    answered_at: datetime | None = None
    answered_by: str = ""
    reasons: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Remark:
    """Something said to a section of the case, or to the whole."""

    section: str | None
    text: str
    by: str
    at: datetime


@dataclass(slots=True)
class Told:
    """What a history tells. `stops` are when a date stood still, `shifts` what it was before it moved, and when."""

    moves: list[Move] = field(default_factory=list)
    stops: dict[str, list[tuple[datetime, datetime | None]]] = field(default_factory=dict)
    shifts: dict[str, list[tuple[datetime, datetime]]] = field(default_factory=dict)
    versions: list[Version] = field(default_factory=list)
    signings: list[Signing] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)
    planned_at: dict[str, datetime] = field(default_factory=dict)

    def said_about(self, *sections: str | None) -> list[Remark]:
        """The remarks on some sections."""
        return [remark for remark in self.remarks if remark.section in sections]

    def versions_of(self, what: str) -> list[Version]:
        """The versions of plan or evidence."""
        return [version for version in self.versions if version.of == what]


def moves(name: str, history: Iterable[Recorded]) -> list[Move]:
    """The states that any thing reached, in order; an erased event tells nothing."""
    law = REGISTRY.of(name)
    found: list[Move] = []
    state = law.initial()
    for event in history:
        if event.data is None:
            continue
        decoded = REGISTRY.decode(event.type, event.v, event.data)
        before, state = state, law.evolve(state, Happened(decoded, event.seq, event.at, event.actor, name))
        if law.status(state) != law.status(before):
            found.append(Move(law.status(state), event.at, event.actor, event.type, _reason(event.data)))
    return found


def signings(history: Iterable[Recorded]) -> list[Signing]:
    """The signatures of a history, in order."""
    return [signed for event in history if (signed := _signing(event)) is not None]


def _reason(data: Mapping[str, Any]) -> str:
    """Why something happened, where its event says so."""
    cause = data.get("cause")
    said = data.get("reason") or data.get("because") or (cause.get("reason") if isinstance(cause, dict) else None)
    return str(said or "")


def _signing(event: Recorded) -> Signing | None:
    signature = (event.data or {}).get("signature")
    if not isinstance(signature, dict):
        return None
    authenticated = signature.get("authenticated") or {}
    return Signing(
        event.type,
        event.actor,
        event.at,
        signature["meaning"],
        signature["content_sha256"],
        authenticated.get("method"),
        authenticated.get("at"),
    )


def told(name: str, history: Iterable[Recorded]) -> Told:
    """What the events of the case of this stream tell; an erased one tells nothing."""
    found, case = Told(), _LAW.initial()
    for event in history:
        if event.data is None:
            continue
        decoded = REGISTRY.decode(event.type, event.v, event.data)
        after = _LAW.evolve(case, Happened(decoded, event.seq, event.at, event.actor, name))
        if after.status != case.status:
            found.moves.append(Move(after.status, event.at, event.actor, event.type))
        _note_dates(found, case, after, event.at)
        _note_version(found, after, event)
        _note_said(found, event, event.data)
        case = after
    return found


def _note_dates(found: Told, before: Case, after: Case, at: datetime) -> None:
    was = {deadline.kind: deadline for deadline in before.deadlines}
    if before.deadlines is after.deadlines:
        return
    for deadline in after.deadlines:
        kind, earlier = deadline.kind, was.get(deadline.kind)
        stops = found.stops.setdefault(kind, [])
        if deadline.state == "stopped" and (earlier is None or earlier.state != "stopped"):
            stops.append((deadline.stopped_at or at, None))
        elif earlier is not None and earlier.state == "stopped" and deadline.state != "stopped" and stops:
            stops[-1] = (stops[-1][0], at)
        if earlier is not None and earlier.due_at != deadline.due_at:
            found.shifts.setdefault(kind, []).append((at, earlier.due_at))


def _note_version(found: Told, after: Case, event: Recorded) -> None:
    data = event.data or {}
    content = _VERSIONED.get(event.type)
    if content is not None:
        of: Literal["plan", "evidence"] = "plan" if event.type.endswith("plan_submitted") else "evidence"
        found.versions.append(Version(of, data["version"], event.at, event.actor, data["sha256"], content(after)))
    elif event.type in _ANSWERS and found.versions:
        of = "plan" if ".plan_" in event.type else "evidence"
        for version in reversed(found.versions):
            if version.of == of:
                version.outcome = _ANSWERS[event.type]
                version.answered_at, version.answered_by = event.at, event.actor
                version.reasons = tuple(
                    (one.get("section") or one.get("shows") or "", one["reason"]) for one in data.get("sections", ())
                )
                break


def _note_said(found: Told, event: Recorded, data: Mapping[str, Any]) -> None:
    if event.type == "nonconformity.commented":
        found.remarks.append(Remark(data.get("section"), data["text"], event.actor, event.at))
    elif event.type == "nonconformity.action_planned":
        found.planned_at[data["key"]] = event.at
    if (signed := _signing(event)) is not None:
        found.signings.append(signed)


def people(history: Sequence[Recorded], case: Case) -> set[str]:
    """Everybody whose name a page about the case may show, by id."""
    named = {event.actor for event in history} | {case.issued_by, case.reported_by, *case.assigned.values()}
    said = [*case.questions, *case.answered]
    complained = [*case.complaints, *case.settled]
    named |= {one.by for one in said} | {one.answer.by for one in said if one.answer}
    named |= {one.by for one in complained} | {one.answer.by for one in complained if one.answer}
    return {one for one in named if one and ":" not in one}
