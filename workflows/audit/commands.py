"""The bodies of the commands on an audit."""

from collections.abc import Sequence
from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator, Field, model_validator

from workflows.entries import Recommendation
from workflows.grades import Stage
from workflows.people import Frozen
from workflows.procedure import Body, Day, Key, Name, SignedBody, Text
from workflows.scopes import Sites, Standards, each_once
from workflows.sentences import Sentence
from workflows.standards import standard

TeamRole = Literal["lead", "auditor", "expert", "observer"]


class Member(Frozen):
    """A member of the audit team, by id or name. Technical experts and observers do not audit (17021-1 9.2.2.2)."""

    person: Name
    role: TeamRole = "auditor"


def _team(team: Sequence[Member]) -> Sequence[Member]:
    if len({member.person.casefold() for member in team}) < len(team):
        raise ValueError(Sentence("each member is named once"))
    if sum(member.role == "lead" for member in team) > 1:
        raise ValueError(Sentence("a team has one lead auditor"))
    return team


Keys = Annotated[tuple[Key, ...], Field(max_length=50), AfterValidator(each_once)]
Team = Annotated[tuple[Member, ...], Field(max_length=100), AfterValidator(_team)]


class Plan(Body):
    """A new audit. `key` is the reference under which findings name it (`audit.ref`); `certificates` are keys.

    `stage1_waived` says why a stage 2 needs no registered stage 1 before it: both were held as one, or it was held
    elsewhere.
    """

    command: ClassVar[str] = "plan"
    key: Key
    client: Key
    stage: Stage
    standards: Standards
    sites: Sites = ()
    scope: Text | None = None
    team: Team = ()
    starts_on: Day
    ends_on: Day
    certificates: Keys = ()
    stage1_waived: Text | None = None

    @model_validator(mode="after")
    def _in_order(self) -> "Plan":
        if self.ends_on < self.starts_on:
            raise ValueError(Sentence("an audit ends on the day on which it starts, or later"))
        return self


class Revise(Body):
    """Changes of what was planned; what is left out stays. Client and stage never change: plan another audit.

    Once the audit ended, and until it is concluded, a manager changes its team and nothing else.
    """

    command: ClassVar[str] = "revise"
    standards: Standards | None = None
    sites: Sites | None = None
    scope: Text | None = None
    team: Team | None = None
    starts_on: Day | None = None
    ends_on: Day | None = None
    certificates: Keys | None = None
    stage1_waived: Text | None = None

    @model_validator(mode="after")
    def _says_something(self) -> "Revise":
        if not self.model_dump(exclude_none=True):
            raise ValueError(Sentence("it names nothing to change"))
        return self


class Start(Body):
    """The opening meeting: from here on, what was deferred to this audit is verified by its team."""

    command: ClassVar[str] = "start"


class End(Body):
    """The closing meeting; `on` is the audit's last day, from which its clocks count."""

    command: ClassVar[str] = "end"
    on: Day
    summary: Text | None = None


class NotePositive(Body):
    """Something that the client does well."""

    command: ClassVar[str] = "note_positive"
    text: Text
    requirement: Name | None = None
    site: Name | None = None


class RaiseConcern(Body):
    """Stage 1: what could become a nonconformity at stage 2."""

    command: ClassVar[str] = "raise_concern"
    key: Key
    text: Text


class RepairConcern(Body):
    """The client says what it did about an area of concern."""

    command: ClassVar[str] = "repair_concern"
    key: Key
    text: Text


class ReturnConcern(Body):
    """The repair does not do: the concern is with the client again."""

    command: ClassVar[str] = "return_concern"
    key: Key
    reason: Text


class ClearConcern(Body):
    """An area of concern is no more; the client need not have said so."""

    command: ClassVar[str] = "clear_concern"
    key: Key


class Conclude(SignedBody):
    """The team's recommendation; it can be no better than the audit's standing. A later one may be better."""

    command: ClassVar[str] = "conclude"
    recommendation: Recommendation
    reasons: Text


class Cancel(Body):
    """The audit does not take place, or was broken off."""

    command: ClassVar[str] = "cancel"
    reason: Text


class ChangeClient(Body):
    """The client was merged into another; comes by reaction."""

    command: ClassVar[str] = "change_client"
    client: Key


def names(standards: Sequence[str]) -> tuple[str, ...]:
    """Standards without their editions, each once."""
    return tuple(dict.fromkeys(standard(text).name for text in standards))
