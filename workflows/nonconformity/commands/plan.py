"""Bodies of commands about the plan: correction, causes, actions, submission, acceptance."""

from typing import ClassVar, Literal

from pydantic import Field, model_validator

from workflows.people import Frozen
from workflows.procedure import Body, Day, Key, SignedBody, Text
from workflows.sentences import Sentence

Method = Literal["five_whys", "ishikawa", "fault_tree", "other"]


PlanSection = Literal["correction", "cause", "extent", "actions"]


class RecordCorrection(Body):
    """What was done to contain and fix the thing itself, or why that is not possible."""

    command: ClassVar[str] = "record_correction"
    text: Text
    done_on: Day | None = None
    not_possible_because: Text | None = None

    @model_validator(mode="after")
    def _one_or_the_other(self) -> "RecordCorrection":
        if self.done_on is not None and self.not_possible_because is not None:
            raise ValueError(Sentence("a correction is done on a date or not possible, not both"))
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
            raise ValueError(Sentence("each cause needs a key of its own"))
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

    @model_validator(mode="after")
    def _says_something(self) -> "ReviseAction":
        if self.model_dump(exclude_none=True).keys() == {"key"}:
            raise ValueError(Sentence("it names nothing to change"))
        return self


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
