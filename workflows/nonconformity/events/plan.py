"""Events about the plan: correction, causes, actions, submission, acceptance."""

from datetime import date
from typing import ClassVar

from workflows.decider import Event
from workflows.nonconformity.commands import (
    Cause,
    Extent,
    Method,
    ReturnedSection,
)
from workflows.nonconformity.deadlines import Deadline
from workflows.procedure import Signed


class CorrectionRecorded(Event):
    """The thing itself was fixed, or why it cannot be; its date is decided."""

    type: ClassVar[str] = "nonconformity.correction_recorded"
    text: str
    done_on: date | None = None
    not_possible_because: str | None = None
    deadlines: tuple[Deadline, ...]


class CauseRecorded(Event):
    """The root-cause analysis."""

    type: ClassVar[str] = "nonconformity.cause_recorded"
    method: Method
    steps: tuple[str, ...]
    causes: tuple[Cause, ...]
    extent: Extent


class ActionPlanned(Event):
    """A corrective action."""

    type: ClassVar[str] = "nonconformity.action_planned"
    key: str
    text: str
    causes: tuple[str, ...]
    owner: str | None
    due_on: date | None
    after: tuple[str, ...]


class ActionRevised(Event):
    """An action as it stands after a change."""

    type: ClassVar[str] = "nonconformity.action_revised"
    key: str
    text: str
    causes: tuple[str, ...]
    owner: str | None
    due_on: date | None
    after: tuple[str, ...]


class ActionDropped(Event):
    """An action will not be carried out."""

    type: ClassVar[str] = "nonconformity.action_dropped"
    key: str
    reason: str


class PlanProposed(Event):
    """The plan waits for the approver."""

    type: ClassVar[str] = "nonconformity.plan_proposed"
    note: str | None = None


class PlanSubmitted(Event):
    """A version of the plan, signed by the client."""

    type: ClassVar[str] = "nonconformity.plan_submitted"
    version: int
    sha256: str
    signature: Signed
    deadlines: tuple[Deadline, ...]


class PlanAccepted(Event):
    """The plan's submitted version, accepted and signed."""

    type: ClassVar[str] = "nonconformity.plan_accepted"
    version: int
    sha256: str
    note: str | None
    signature: Signed
    deadlines: tuple[Deadline, ...]


class PlanReturned(Event):
    """The plan went back; `round` counts how often."""

    type: ClassVar[str] = "nonconformity.plan_returned"
    version: int
    sections: tuple[ReturnedSection, ...]
    round: int
    deadlines: tuple[Deadline, ...]


class AcceptanceVoided(Event):
    """An accepted plan was changed beyond the policy's tolerance: it must be submitted again.

    `what` is the key of an action, or `correction`.
    """

    type: ClassVar[str] = "nonconformity.acceptance_voided"
    what: str
    why: str
    deadlines: tuple[Deadline, ...]
