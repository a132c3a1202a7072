"""Events about verification at an audit: follow-up, deferral."""

from datetime import date, datetime
from typing import ClassVar

from workflows.decider import Event
from workflows.nonconformity.commands import FollowUpResult
from workflows.nonconformity.deadlines import Deadline


class FollowUpRequired(Event):
    """A special audit on `on` has to find the corrective actions effective before they are verified.

    `review` is the committee review that decided on it, if one did.
    """

    type: ClassVar[str] = "nonconformity.follow_up_required"
    on: date
    reason: str
    review: str | None = None
    deadlines: tuple[Deadline, ...]


class FollowUpRecorded(Event):
    """What the special audit found."""

    type: ClassVar[str] = "nonconformity.follow_up_recorded"
    on: date
    result: FollowUpResult
    statement: str
    deadlines: tuple[Deadline, ...]


class VerificationDeferred(Event):
    """It is verified at an audit to come: `audit`, else whichever is next; never after `latest`."""

    type: ClassVar[str] = "nonconformity.verification_deferred"
    audit: str | None
    reason: str
    until: datetime
    latest: datetime
    deadlines: tuple[Deadline, ...]


class CalledUp(Event):
    """The audit at which it is verified is under way; its `team` verifies on evidence seen on site."""

    type: ClassVar[str] = "nonconformity.called_up"
    audit: str
    team: tuple[str, ...]
    deadlines: tuple[Deadline, ...]


class LeftUnverified(Event):
    """The audit to which it was deferred ended, or did not come, without verification. `on` is its last day."""

    type: ClassVar[str] = "nonconformity.left_unverified"
    audit: str | None
    on: date | None
