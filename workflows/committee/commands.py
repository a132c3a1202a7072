"""The bodies of the commands on a committee review."""

from typing import ClassVar

from pydantic import AwareDatetime, Field, field_validator

from workflows.grades import Grade, Stage
from workflows.nonconformity.commands import Choice, ClientDate
from workflows.policy import Committee
from workflows.procedure import Body, Instant, SignedBody, Text
from workflows.sentences import Sentence


class Open(Body):
    """A case calls the committee; comes by reaction, with what the review has to know of the case.

    `audit` is the reference of the audit in which it was found, `audit_team` ids or names of its team as the finding
    states them and as the audit is registered, `took_part` ids of everyone who acted on the case, `deadline` the one
    that an extension moves, from `deadline_at`: to `limit_at` at the latest, its hard limit, or without one to
    `longest_at` (policy: deferral). A time in days ends with the client's day, that of `zone`, where the policy ends
    its dates so.
    """

    command: ClassVar[str] = "open"
    case: str
    number: str | None
    client: str
    grade: Grade | None
    title: str
    cause: str
    reason: str
    stage: Stage | None
    audit: str | None = None
    audit_team: tuple[str, ...]
    took_part: tuple[str, ...]
    limit_at: AwareDatetime | None
    rules: Committee
    zone: str = "UTC"
    end_of_day: bool = True
    deadline: ClientDate = "closure"
    deadline_at: AwareDatetime | None = None
    longest_at: AwareDatetime | None = None


class Discontinue(Body):
    """The case ended before a decision; comes by reaction."""

    command: ClassVar[str] = "discontinue"
    reason: Text


class ChangeClient(Body):
    """The case became another client's; comes by reaction."""

    command: ClassVar[str] = "change_client"
    client: str


class Convene(Body):
    """Who sits, by person id; replaces the members that were called so far."""

    command: ClassVar[str] = "convene"
    members: tuple[Text, ...] = Field(min_length=1, max_length=100)

    @field_validator("members")
    @classmethod
    def _each_once(cls, members: tuple[str, ...]) -> tuple[str, ...]:
        if len(set(members)) < len(members):
            raise ValueError(Sentence("each member sits once"))
        return members


class Recuse(Body):
    """A member stands back."""

    command: ClassVar[str] = "recuse"
    person: Text
    reason: Text


class Vote(SignedBody):
    """A member's vote, in place of an earlier one.

    `until` is the new date where the choice is to extend, the last day where it is a special audit. Of several that the
    majority names, the earliest that is still ahead counts: all who voted so allow the time until then. To regrade is
    to give the other grade than that in the papers.
    """

    command: ClassVar[str] = "vote"
    choice: Choice
    reason: Text
    until: Instant | None = None


class Decide(SignedBody):
    """The review ends with the choice of its majority."""

    command: ClassVar[str] = "decide"
    reason: Text
