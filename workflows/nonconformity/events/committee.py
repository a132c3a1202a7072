"""Events about the certification committee."""

from datetime import datetime
from typing import ClassVar

from workflows.decider import Event
from workflows.nonconformity.commands import Choice, EscalationCause, UpgradeCause
from workflows.nonconformity.deadlines import Deadline


class Escalated(Event):
    """The certification committee is called; `review` is the id of the review that it opens."""

    type: ClassVar[str] = "nonconformity.escalated"
    cause: EscalationCause
    review: str
    reason: str


class ReviewDecided(Event):
    """The committee's decision as it takes effect on this case.

    `certificates` are the keys of those on which it takes effect, `deciders` the ids of those who voted.
    """

    type: ClassVar[str] = "nonconformity.review_decided"
    review: str
    choice: Choice
    effect: str
    reason: str
    until: datetime | None
    deadlines: tuple[Deadline, ...]
    certificates: tuple[str, ...] = ()
    deciders: tuple[str, ...] = ()


class UpgradeHeld(Event):
    """A minor that was left undone would become a major, were there no open dispute: it does once that is rejected."""

    type: ClassVar[str] = "nonconformity.upgrade_held"
    cause: UpgradeCause
    reason: str


class EscalationHeld(Event):
    """The committee would be called, were there no open dispute: it is once that is rejected."""

    type: ClassVar[str] = "nonconformity.escalation_held"
    cause: EscalationCause
    reason: str
