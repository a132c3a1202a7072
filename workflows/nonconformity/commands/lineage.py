"""Bodies of commands about lineage: aggregation, and the client that a case belongs to."""

from typing import Annotated, ClassVar

from pydantic import AfterValidator, Field

from workflows.findings import Finding
from workflows.people import Frozen
from workflows.procedure import Body, Name, Text
from workflows.scopes import each_once


class Aggregate(Body):
    """This minor and others, by id, are one systemic major."""

    command: ClassVar[str] = "aggregate"
    others: Annotated[tuple[Name, ...], Field(min_length=1, max_length=100), AfterValidator(each_once)]
    title: Name
    statement: Text
    reason: Text


class Minor(Frozen):
    """A minor that is part of a systemic major: the id of its stream, and its number."""

    id: str
    number: str | None


class RaiseSystemic(Body):
    """The systemic major that minors were aggregated to; comes by reaction. `by` is the auditor who did so."""

    command: ClassVar[str] = "raise_systemic"
    finding: Finding
    aggregates: tuple[Minor, ...] = Field(min_length=1)
    reason: Text
    by: str


class LapseAggregation(Body):
    """The systemic major `by` was refused by the rule `code`; comes by reaction."""

    command: ClassVar[str] = "lapse_aggregation"
    by: str
    code: str
    detail: str


class Supersede(Body):
    """The systemic major exists, under this id and number; comes by reaction."""

    command: ClassVar[str] = "supersede"
    by: str
    number: str


class ChangeClient(Body):
    """The client was merged into another, which has the case from now on; comes by reaction."""

    command: ClassVar[str] = "change_client"
    client: Name
