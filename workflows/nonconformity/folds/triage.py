"""How events about triage: report, issue, dismissal, grade, receipt change a nonconformity."""

from typing import Any

from workflows.decider import Happened
from workflows.nonconformity import events as e
from workflows.nonconformity.case import Case
from workflows.nonconformity.folds.common import Folds, deferral, folds, still
from workflows.nonconformity.parts import Completed

FOLDS: Folds = {}


@folds(FOLDS, e.Reported)
def _(case: Case, event: e.Reported, happened: Happened) -> dict[str, Any]:
    return {
        "status": "reported",
        "stream": happened.stream,
        "finding": event.finding,
        "proposed_grade": event.proposed_grade,
        "flags": event.flags,
        "warnings": event.warnings,
        "recurrence_of": event.recurrence_of,
        "document": event.document,
        "reported_by": happened.actor,
        "reported_at": happened.at,
    }


@folds(FOLDS, e.FindingCompleted)
def _(case: Case, event: e.FindingCompleted, happened: Happened) -> dict[str, Any]:
    if case.finding is None or case.as_stated is None:  # erased
        return {}
    stated, told = case.as_stated, event.stated
    values: dict[str, Any] = {name: getattr(stated, name) for name in event.given_back}
    values.update(told.items())
    completed = (
        *(one for one in case.completed if one.field not in values),
        *(Completed(field=name, by=happened.actor, at=happened.at, reason=event.reason) for name in told),
    )
    return {
        "finding": case.finding.model_copy(update=values),
        "completed": completed,
        "source_finding": stated if completed else None,
        "flags": event.flags,
        "warnings": event.warnings,
    }


@folds(FOLDS, e.Issued)
def _(case: Case, event: e.Issued, happened: Happened) -> dict[str, Any]:
    finding = case.finding
    if finding is not None and event.audit is not None:
        finding = finding.model_copy(update={"audit": event.audit})
    return {
        "status": "open",
        "finding": finding,
        "source_finding": case.source_finding or (None if finding == case.finding else case.finding),
        "number": event.number,
        "grade": event.grade,
        "label": event.label,
        "policy": event.policy,
        "team": event.team,
        "zone": event.zone,
        "anchors": event.anchors,
        "deadlines": event.deadlines,
        "deferral": deferral(case, event.grade, event.deadlines),
        "warnings": event.warnings,
        "issued_by": happened.actor,
        "issued_at": happened.at,
    }


@folds(FOLDS, e.Dismissed)
def _(case: Case, event: e.Dismissed, happened: Happened) -> dict[str, Any]:
    return {"status": "dismissed", "ended_because": event.reason, **still(case, happened)}


@folds(FOLDS, e.Regraded)
def _(case: Case, event: e.Regraded, happened: Happened) -> dict[str, Any]:
    changes: dict[str, Any] = {"grade": event.grade, "label": event.label, "deadlines": event.deadlines}
    if event.policy is not None:
        changes["policy"] = event.policy
    return {**changes, "deferral": deferral(case, event.grade, event.deadlines)}


@folds(FOLDS, e.Acknowledged)
def _(case: Case, event: e.Acknowledged, happened: Happened) -> dict[str, Any]:
    return {"acknowledged_at": happened.at, "deadlines": event.deadlines}
