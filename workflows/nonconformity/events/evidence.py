"""Events about evidence, verification and close-out."""

from datetime import date
from typing import ClassVar, Literal

from workflows.decider import Event
from workflows.nonconformity.commands import (
    ReturnedEvidence,
)
from workflows.nonconformity.deadlines import Deadline
from workflows.procedure import Signed


class EvidenceAttached(Event):
    """A piece of evidence, by digest."""

    type: ClassVar[str] = "nonconformity.evidence_attached"
    shows: tuple[str, ...]
    name: str
    sha256: str
    media_type: str
    produced_on: date | None
    size: int | None
    site: str | None = None


class ActionCompleted(Event):
    """An action was carried out."""

    type: ClassVar[str] = "nonconformity.action_completed"
    key: str
    done_on: date


class EffectivenessConfirmed(Event):
    """The client's internal auditor found the actions effective."""

    type: ClassVar[str] = "nonconformity.effectiveness_confirmed"
    statement: str
    signature: Signed


class EvidenceSubmitted(Event):
    """A version of the evidence, signed by the client."""

    type: ClassVar[str] = "nonconformity.evidence_submitted"
    version: int
    sha256: str
    signature: Signed
    deadlines: tuple[Deadline, ...]


class EvidenceReturned(Event):
    """The evidence went back, to itself or to the plan."""

    type: ClassVar[str] = "nonconformity.evidence_returned"
    to: Literal["evidence", "plan"]
    sections: tuple[ReturnedEvidence, ...]
    round: int
    deadlines: tuple[Deadline, ...]


class Verified(Event):
    """Effectiveness was verified."""

    type: ClassVar[str] = "nonconformity.verified"
    statement: str
    signature: Signed
    deadlines: tuple[Deadline, ...]


class Closed(Event):
    """Closed out."""

    type: ClassVar[str] = "nonconformity.closed"
    statement: str
    signature: Signed
    deadlines: tuple[Deadline, ...]


class Reopened(Event):
    """The closure was wrong."""

    type: ClassVar[str] = "nonconformity.reopened"
    reason: str
    deadlines: tuple[Deadline, ...]
