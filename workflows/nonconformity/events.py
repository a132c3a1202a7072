"""What can happen to a nonconformity. An event that moves dates carries all of them as they then stand."""

from datetime import date, datetime
from typing import ClassVar, Literal

from workflows.decider import Event
from workflows.durations import Duration
from workflows.findings import Finding
from workflows.nonconformity.commands import (
    Cause,
    Choice,
    DeadlineKind,
    Extent,
    Method,
    ReturnedEvidence,
    ReturnedSection,
)
from workflows.nonconformity.deadlines import Deadline
from workflows.policy import Grade, Policy
from workflows.procedure import Signed

EscalationCause = Literal["closure_missed", "round_limit", "second_extension", "by_hand"]


class Reported(Event):
    """A finding came in. `proposed_grade` is a proposal: severity never sets a grade."""

    type: ClassVar[str] = "nonconformity.reported"
    finding: Finding
    proposed_grade: Grade | None = None
    recurrence_of: str | None = None
    document: str | None = None
    escaped: tuple[str, ...] = ()


class Issued(Event):
    """The finding is a nonconformity: its number, its grade, its policy whole, and its dates in the client's zone."""

    type: ClassVar[str] = "nonconformity.issued"
    number: str
    grade: Grade
    policy: Policy
    zone: str
    deadlines: tuple[Deadline, ...]
    reason: str | None = None
    warnings: tuple[str, ...] = ()


class Dismissed(Event):
    """The finding is no nonconformity: said in triage, or decided by the committee (`review`)."""

    type: ClassVar[str] = "nonconformity.dismissed"
    reason: str
    review: str | None = None


class Regraded(Event):
    """Another grade, by a person or the committee (`review`), and the dates that follow from it."""

    type: ClassVar[str] = "nonconformity.regraded"
    grade: Grade
    reason: str
    deadlines: tuple[Deadline, ...]
    review: str | None = None


class Acknowledged(Event):
    """The client has it; where the policy counts from receipt, the dates are counted from now."""

    type: ClassVar[str] = "nonconformity.acknowledged"
    deadlines: tuple[Deadline, ...]


class CorrectionRecorded(Event):
    """The thing itself was fixed, or why it cannot be."""

    type: ClassVar[str] = "nonconformity.correction_recorded"
    text: str
    done_on: date | None = None
    not_possible_because: str | None = None


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


class EvidenceAttached(Event):
    """A piece of evidence, by digest."""

    type: ClassVar[str] = "nonconformity.evidence_attached"
    shows: tuple[str, ...]
    name: str
    sha256: str
    media_type: str
    produced_on: date | None
    size: int | None


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


class ExtensionRequested(Event):
    """The client asks for more time."""

    type: ClassVar[str] = "nonconformity.extension_requested"
    deadline: DeadlineKind
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


class WithdrawalProposed(Event):
    """One person says that it should not have been raised."""

    type: ClassVar[str] = "nonconformity.withdrawal_proposed"
    reason: str


class Withdrawn(Event):
    """Two people say so: it is withdrawn."""

    type: ClassVar[str] = "nonconformity.withdrawn"
    reason: str


class Escalated(Event):
    """The certification committee is called; `review` is the id of the review that it opens."""

    type: ClassVar[str] = "nonconformity.escalated"
    cause: EscalationCause
    review: str
    reason: str


class ReviewDecided(Event):
    """The committee's decision as it takes effect on this case."""

    type: ClassVar[str] = "nonconformity.review_decided"
    review: str
    choice: Choice
    effect: str
    reason: str
    until: datetime | None
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


class Commented(Event):
    """A remark."""

    type: ClassVar[str] = "nonconformity.commented"
    text: str
    section: str | None = None


class Assigned(Event):
    """Who has the case in hand."""

    type: ClassVar[str] = "nonconformity.assigned"
    role: str
    person: str
