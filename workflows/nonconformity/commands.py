"""The bodies of the commands on a nonconformity (CONTRACT, commands and bodies)."""

from datetime import datetime
from typing import ClassVar, Literal

from pydantic import Field, model_validator

from workflows.findings import Finding
from workflows.people import Frozen
from workflows.policy import Grade
from workflows.procedure import Body, Day, Instant, Key, Name, Sha256, SignedBody, Text

DeadlineKind = Literal["plan", "evidence", "closure"]
Method = Literal["five_whys", "ishikawa", "fault_tree", "other"]
Choice = Literal[
    "extend", "special_audit", "suspend", "reduce_scope", "withdraw_certificate", "refuse", "regrade", "dismiss"
]
PlanSection = Literal["correction", "cause", "extent", "actions"]


class Report(Body):
    """A finding from another system or an auditor. `document` is the SHA-256 of the original bytes it came in.

    `escaped` points at texts that could not be held as they were (`workflows.canonical.escape`).
    """

    command: ClassVar[str] = "report"
    finding: Finding
    recurrence_of: str | None = None
    document: Sha256 | None = None
    escaped: tuple[str, ...] = ()


class Issue(Body):
    """The finding is a nonconformity of this grade."""

    command: ClassVar[str] = "issue"
    grade: Grade
    reason: Text | None = None


class Dismiss(Body):
    """The finding is none."""

    command: ClassVar[str] = "dismiss"
    reason: Text


class Regrade(Body):
    """The grade was wrong."""

    command: ClassVar[str] = "regrade"
    grade: Grade
    reason: Text


class Acknowledge(Body):
    """The client has received the nonconformity."""

    command: ClassVar[str] = "acknowledge"


class RecordCorrection(Body):
    """What was done to contain and fix the thing itself, or why that is not possible."""

    command: ClassVar[str] = "record_correction"
    text: Text
    done_on: Day | None = None
    not_possible_because: Text | None = None

    @model_validator(mode="after")
    def _one_or_the_other(self) -> "RecordCorrection":
        if self.done_on is not None and self.not_possible_because is not None:
            raise ValueError("a correction is done on a date or not possible, not both")
        return self


class Cause(Frozen):
    """One cause, under a key that actions and evidence refer to."""

    key: Key
    text: Text
    category: Text | None = None


class Extent(Frozen):
    """Where else the same was looked for, and what was found there."""

    looked_at: tuple[Text, ...] = Field(default=(), max_length=100)
    found: tuple[Text, ...] = Field(default=(), max_length=100)


class RecordCause(Body):
    """The root-cause analysis; a later one replaces it, the record keeps both."""

    command: ClassVar[str] = "record_cause"
    method: Method
    steps: tuple[Text, ...] = Field(default=(), max_length=100)
    causes: tuple[Cause, ...] = Field(min_length=1, max_length=100)
    extent: Extent = Extent()

    @model_validator(mode="after")
    def _keys_once(self) -> "RecordCause":
        keys = [cause.key for cause in self.causes]
        if len(set(keys)) < len(keys):
            raise ValueError("each cause needs a key of its own")
        return self


class PlanAction(Body):
    """A corrective action: which causes it removes, who owns it, until when, and which actions it waits for."""

    command: ClassVar[str] = "plan_action"
    key: Key
    text: Text
    causes: tuple[Key, ...] = Field(min_length=1, max_length=100)
    owner: Text | None = None
    due_on: Day | None = None
    after: tuple[Key, ...] = Field(default=(), max_length=100)


class ReviseAction(Body):
    """Changes to a planned action; what is left out stays."""

    command: ClassVar[str] = "revise_action"
    key: Key
    text: Text | None = None
    causes: tuple[Key, ...] | None = Field(default=None, min_length=1, max_length=100)
    owner: Text | None = None
    due_on: Day | None = None
    after: tuple[Key, ...] | None = Field(default=None, max_length=100)


class DropAction(Body):
    """An action is not carried out."""

    command: ClassVar[str] = "drop_action"
    key: Key
    reason: Text


class ProposePlan(Body):
    """The plan is ready for the approver."""

    command: ClassVar[str] = "propose_plan"
    note: Text | None = None


class SubmitPlan(SignedBody):
    """The client answers for the plan."""

    command: ClassVar[str] = "submit_plan"


class AcceptPlan(SignedBody):
    """The certification body accepts the plan."""

    command: ClassVar[str] = "accept_plan"
    note: Text | None = None


class ReturnedSection(Frozen):
    """What is missing in one section of the plan."""

    section: PlanSection
    reason: Text


class ReturnPlan(Body):
    """The plan goes back, with a reason for each section at fault."""

    command: ClassVar[str] = "return_plan"
    sections: tuple[ReturnedSection, ...] = Field(min_length=1, max_length=20)


class AttachEvidence(Body):
    """A piece of evidence by its digest; `shows` names the actions or causes that it is about, `size` counts bytes."""

    command: ClassVar[str] = "attach_evidence"
    shows: tuple[Key, ...] = Field(min_length=1, max_length=100)
    name: Text
    sha256: Sha256
    media_type: Text
    produced_on: Day | None = None
    size: int | None = Field(default=None, ge=0, le=2**53 - 1, strict=True)


class CompleteAction(Body):
    """An action was carried out."""

    command: ClassVar[str] = "complete_action"
    key: Key
    done_on: Day


class ConfirmEffectiveness(SignedBody):
    """The client's internal auditor found the actions effective."""

    command: ClassVar[str] = "confirm_effectiveness"
    statement: Text


class SubmitEvidence(SignedBody):
    """The client answers for the evidence."""

    command: ClassVar[str] = "submit_evidence"


class ReturnedEvidence(Frozen):
    """What the evidence for one action or cause does not show."""

    shows: Key
    reason: Text


class ReturnEvidence(Body):
    """The evidence goes back: to the evidence itself, or to the plan."""

    command: ClassVar[str] = "return_evidence"
    to: Literal["evidence", "plan"]
    sections: tuple[ReturnedEvidence, ...] = Field(min_length=1, max_length=100)


class Verify(SignedBody):
    """The corrective actions are effective."""

    command: ClassVar[str] = "verify"
    statement: Text


class Close(SignedBody):
    """The nonconformity is closed out."""

    command: ClassVar[str] = "close"
    statement: Text


class Reopen(Body):
    """The closure was wrong."""

    command: ClassVar[str] = "reopen"
    reason: Text


class RequestExtension(Body):
    """More time for one deadline, and how the matter is contained meanwhile."""

    command: ClassVar[str] = "request_extension"
    deadline: DeadlineKind
    until: Instant
    reason: Text
    containment: Text


class GrantExtension(Body):
    """The requested time, or less."""

    command: ClassVar[str] = "grant_extension"
    until: Instant
    reason: Text


class DenyExtension(Body):
    """No more time."""

    command: ClassVar[str] = "deny_extension"
    reason: Text


class ExcuseLateness(Body):
    """A date was missed for a reason that is not the client's (an outage)."""

    command: ClassVar[str] = "excuse_lateness"
    deadline: DeadlineKind
    reason: Text


class ProposeWithdrawal(Body):
    """The nonconformity should not have been raised."""

    command: ClassVar[str] = "propose_withdrawal"
    reason: Text


class ConfirmWithdrawal(Body):
    """A second person agrees that it should not have been raised."""

    command: ClassVar[str] = "confirm_withdrawal"
    reason: Text


class Escalate(Body):
    """The certification committee has to decide."""

    command: ClassVar[str] = "escalate"
    reason: Text


class ApplyDecision(Body):
    """A committee review's decision, carried to the case by reaction. `deadline` is the one that `until` moves."""

    command: ClassVar[str] = "apply_decision"
    review: str
    choice: Choice
    effect: Text
    reason: Text
    until: datetime | None = None
    deadline: DeadlineKind = "closure"


class Comment(Body):
    """A remark, to a section or to the whole; part of the record, which the client reads once the case is issued."""

    command: ClassVar[str] = "comment"
    text: Text
    section: Text | None = None


class Assign(Body):
    """Who has this case in hand, in which role."""

    command: ClassVar[str] = "assign"
    role: Name
    person: Name
