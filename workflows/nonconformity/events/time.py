"""Events about dates: extensions, excuses, policies, what the clock found."""

from datetime import datetime
from typing import ClassVar

from workflows.decider import Event
from workflows.durations import Duration
from workflows.nonconformity.commands import ClientDate, DeadlineKind
from workflows.nonconformity.deadlines import Deadline
from workflows.policy import Policy
from workflows.procedure import Signed


class ExtensionRequested(Event):
    """The client asks for more time."""

    type: ClassVar[str] = "nonconformity.extension_requested"
    deadline: ClientDate
    until: datetime
    reason: str
    containment: str


class ExtensionGranted(Event):
    """More time, from a reviewer."""

    type: ClassVar[str] = "nonconformity.extension_granted"
    deadline: DeadlineKind
    until: datetime
    reason: str
    deadlines: tuple[Deadline, ...]


class ExtensionDenied(Event):
    """No more time."""

    type: ClassVar[str] = "nonconformity.extension_denied"
    reason: str


class LatenessExcused(Event):
    """A missed date is not held against the client."""

    type: ClassVar[str] = "nonconformity.lateness_excused"
    deadline: DeadlineKind
    reason: str
    deadlines: tuple[Deadline, ...]


class PolicyApplied(Event):
    """Another policy holds from now on, whole, and the dates that follow from it."""

    type: ClassVar[str] = "nonconformity.policy_applied"
    policy: Policy
    signature: Signed
    deadlines: tuple[Deadline, ...]


class DeadlineReminded(Event):
    """A reminder is due, `offset` from the date."""

    type: ClassVar[str] = "nonconformity.deadline_reminded"
    deadline: DeadlineKind
    offset: Duration
    due_at: datetime


class DeadlineMissed(Event):
    """A date passed."""

    type: ClassVar[str] = "nonconformity.deadline_missed"
    deadline: DeadlineKind
    due_at: datetime
