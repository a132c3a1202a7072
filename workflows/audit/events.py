"""What can happen to an audit."""

from datetime import date, datetime
from typing import ClassVar, Literal

from workflows.audit.commands import Member
from workflows.decider import Event
from workflows.entries import Recommendation
from workflows.grades import Stage
from workflows.people import Frozen
from workflows.policy import Audits
from workflows.procedure import Signed

ClockKind = Literal["repair", "conclude"]


class Outline(Frozen):
    """An audit as planned."""

    key: str
    client: str
    stage: Stage
    standards: tuple[str, ...]
    sites: tuple[str, ...] = ()
    scope: str | None = None
    team: tuple[Member, ...] = ()
    starts_on: date
    ends_on: date
    certificates: tuple[str, ...] = ()
    stage1_waived: str | None = None


class Planned(Event):
    """An audit is planned: its clocks run by these `terms` of a policy, in the client's zone."""

    type: ClassVar[str] = "audit.planned"
    outline: Outline
    policy: str
    terms: Audits
    zone: str


class Revised(Event):
    """The plan as it then stands.

    `called` are deferred nonconformities that a new team under way may verify, or until another last day; `moved` those
    that wait for an audit to come, whose last day is another now.
    """

    type: ClassVar[str] = "audit.revised"
    outline: Outline
    called: tuple[str, ...] = ()
    moved: tuple[str, ...] = ()


class Started(Event):
    """The audit is under way. `called` are the ids of the deferred nonconformities that come due at it."""

    type: ClassVar[str] = "audit.started"
    called: tuple[str, ...]


class Ended(Event):
    """The audit's last day was `on`. `due` are the ids of the nonconformities that came due and are still deferred."""

    type: ClassVar[str] = "audit.ended"
    on: date
    summary: str | None
    due: tuple[str, ...]


class PositiveNoted(Event):
    """A positive finding."""

    type: ClassVar[str] = "audit.positive_noted"
    text: str
    requirement: str | None
    site: str | None


class ConcernRaised(Event):
    """An area of concern of stage 1."""

    type: ClassVar[str] = "audit.concern_raised"
    key: str
    text: str


class ConcernRepaired(Event):
    """The client said what it did; the window stands still while the certification body looks at the last of them."""

    type: ClassVar[str] = "audit.concern_repaired"
    key: str
    text: str


class ConcernReturned(Event):
    """The repair did not do."""

    type: ClassVar[str] = "audit.concern_returned"
    key: str
    reason: str


class ConcernCleared(Event):
    """An area of concern is no more."""

    type: ClassVar[str] = "audit.concern_cleared"
    key: str


class Concluded(Event):
    """The team's signed recommendation, beside the audit's standing at that moment."""

    type: ClassVar[str] = "audit.concluded"
    recommendation: Recommendation
    standing: Recommendation
    reasons: str
    signature: Signed


class Lapsed(Event):
    """A window closed, and the audit has to be held again.

    Stage 1 after its repair window, stage 2 and recertification after the window for their recommendation.
    """

    type: ClassVar[str] = "audit.lapsed"
    clock: ClockKind
    due_at: datetime
    because: str


class Cancelled(Event):
    """The audit does not take place, or was broken off. `called_off` are nonconformities that were deferred to it."""

    type: ClassVar[str] = "audit.cancelled"
    reason: str
    called_off: tuple[str, ...] = ()


class ClientChanged(Event):
    """The audit is another client's since a merge."""

    type: ClassVar[str] = "audit.client_changed"
    client: str
