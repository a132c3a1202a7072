"""Events about lineage: aggregation, and the client that a case belongs to."""

from typing import ClassVar

from workflows.decider import Event
from workflows.findings import Finding
from workflows.nonconformity.commands import Minor


class Aggregated(Event):
    """An auditor holds this minor and others to be one systemic major, which is raised under the id `systemic`."""

    type: ClassVar[str] = "nonconformity.aggregated"
    systemic: str
    others: tuple[Minor, ...]
    finding: Finding
    reason: str


class AggregationLapsed(Event):
    """The systemic major was not raised, by the rule `code`: the minor stands alone again."""

    type: ClassVar[str] = "nonconformity.aggregation_lapsed"
    systemic: str
    code: str
    detail: str


class SystemicRaised(Event):
    """This is the systemic major of several minors. `by` is the auditor who aggregated them."""

    type: ClassVar[str] = "nonconformity.systemic_raised"
    aggregates: tuple[Minor, ...]
    reason: str
    by: str


class Superseded(Event):
    """A systemic major stands in its place; what had ended before stays as it ended."""

    type: ClassVar[str] = "nonconformity.superseded"
    by: str
    number: str


class ClientChanged(Event):
    """The client was merged into another."""

    type: ClassVar[str] = "nonconformity.client_changed"
    client: str
    was: str | None
