"""How events about dates: extensions, excuses change a nonconformity."""

from typing import Any

from workflows.decider import Happened
from workflows.nonconformity import deadlines as clocks
from workflows.nonconformity import events as e
from workflows.nonconformity.case import Case
from workflows.nonconformity.folds.common import Folds, deferral, folds
from workflows.nonconformity.given import grade_of
from workflows.nonconformity.parts import ExtensionRequest

FOLDS: Folds = {}


@folds(FOLDS, e.ExtensionRequested)
def _(case: Case, event: e.ExtensionRequested, happened: Happened) -> dict[str, Any]:
    return {"extension": ExtensionRequest(**event.model_dump(), by=happened.actor)}


@folds(FOLDS, e.ExtensionGranted)
def _(case: Case, event: e.ExtensionGranted, happened: Happened) -> dict[str, Any]:
    return {"extension": None, "deadlines": event.deadlines}


@folds(FOLDS, e.ExtensionDenied)
def _(case: Case, event: e.ExtensionDenied, happened: Happened) -> dict[str, Any]:
    return {"extension": None}


@folds(FOLDS, e.LatenessExcused)
def _(case: Case, event: e.LatenessExcused, happened: Happened) -> dict[str, Any]:
    return {"deadlines": event.deadlines}


@folds(FOLDS, e.PolicyApplied)
def _(case: Case, event: e.PolicyApplied, happened: Happened) -> dict[str, Any]:
    waits = deferral(case, grade_of(case), event.deadlines)
    return {"policy": event.policy, "deadlines": event.deadlines, "deferral": waits}


@folds(FOLDS, e.DeadlineReminded)
def _(case: Case, event: e.DeadlineReminded, happened: Happened) -> dict[str, Any]:
    return {"deadlines": clocks.reminded(case.deadlines, event.deadline)}


@folds(FOLDS, e.DeadlineMissed)
def _(case: Case, event: e.DeadlineMissed, happened: Happened) -> dict[str, Any]:
    return {"deadlines": clocks.missed(case.deadlines, event.deadline, happened.at)}
