"""How events about lineage change a nonconformity."""

from typing import Any

from workflows.decider import Happened
from workflows.nonconformity import events as e
from workflows.nonconformity.case import LIVE, Case
from workflows.nonconformity.folds.common import Folds, folds, still

FOLDS: Folds = {}


@folds(FOLDS, e.Aggregated)
def _(case: Case, event: e.Aggregated, happened: Happened) -> dict[str, Any]:
    # The systemic major may still be refused: nothing ends before it stands, but a second one is not raised.
    return {"aggregating": event.systemic}


@folds(FOLDS, e.AggregationLapsed)
def _(case: Case, event: e.AggregationLapsed, happened: Happened) -> dict[str, Any]:
    return {"aggregating": None} if case.aggregating == event.systemic else {}


@folds(FOLDS, e.SystemicRaised)
def _(case: Case, event: e.SystemicRaised, happened: Happened) -> dict[str, Any]:
    # It comes by reaction, but a person raised it: that person took part, and does not regrade it.
    return {
        "aggregates": event.aggregates,
        "reported_by": event.by,
        "issued_by": event.by,
        "took_part": (*case.took_part, event.by),
    }


@folds(FOLDS, e.Superseded)
def _(case: Case, event: e.Superseded, happened: Happened) -> dict[str, Any]:
    kept = {"superseded_by": case.superseded_by or event.by, "aggregating": None}
    if case.status not in LIVE:
        return kept
    why = f"part of the systemic nonconformity {event.number}"
    return {**kept, "status": "superseded", "ended_because": why, **still(case, happened)}


@folds(FOLDS, e.ClientChanged)
def _(case: Case, event: e.ClientChanged, happened: Happened) -> dict[str, Any]:
    both = {"finding": case.finding, "source_finding": case.source_finding}
    return {name: one and one.model_copy(update={"client": event.client}) for name, one in both.items()}
