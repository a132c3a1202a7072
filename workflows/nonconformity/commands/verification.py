"""Bodies of commands about verification at an audit: follow-up, deferral."""

from datetime import date
from typing import ClassVar, Literal

from workflows.procedure import Body, Day, Name, Text

FollowUpResult = Literal["effective", "not_effective"]


class RequireFollowUp(Body):
    """A special audit on `on` is to find the corrective actions effective; another day replaces it."""

    command: ClassVar[str] = "require_follow_up"
    on: Day
    reason: Text


class RecordFollowUp(Body):
    """What the special audit held on `on` found."""

    command: ClassVar[str] = "record_follow_up"
    on: Day
    result: FollowUpResult
    statement: Text


class DeferVerification(Body):
    """Verified at an audit of the client: at `audit` by its key, else at the next."""

    command: ClassVar[str] = "defer_verification"
    audit: Name | None = None
    reason: Text


class CallUp(Body):
    """An audit began at which what was deferred to it is verified; comes by reaction. `team` are ids or names."""

    command: ClassVar[str] = "call_up"
    audit: str
    team: tuple[str, ...] = ()


class MoveVerification(Body):
    """An audit at which this is to be verified was given other days; comes by reaction."""

    command: ClassVar[str] = "move_verification"
    audit: str


class AuditEnded(Body):
    """An audit at which this was to be verified ended; comes by reaction. `on` is its last day."""

    command: ClassVar[str] = "audit_ended"
    audit: str
    on: date


class CallOff(Body):
    """An audit at which this was to be verified does not take place, or was broken off; comes by reaction."""

    command: ClassVar[str] = "call_off"
    audit: str
