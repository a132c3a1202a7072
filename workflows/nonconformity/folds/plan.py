"""How events about the plan: correction, causes, actions, submission, acceptance change a nonconformity."""

from typing import Any

from workflows.decider import Happened
from workflows.nonconformity import events as e
from workflows.nonconformity.case import Case
from workflows.nonconformity.folds.common import Folds, folds
from workflows.nonconformity.parts import Action, Analysis, Correction

FOLDS: Folds = {}


@folds(FOLDS, e.CorrectionRecorded)
def _(case: Case, event: e.CorrectionRecorded, happened: Happened) -> dict[str, Any]:
    correction = Correction(**event.model_dump(exclude={"deadlines"}))
    return {"correction": correction, "deadlines": event.deadlines, **_drafted(case, happened)}


@folds(FOLDS, e.CauseRecorded)
def _(case: Case, event: e.CauseRecorded, happened: Happened) -> dict[str, Any]:
    return {"analysis": Analysis(**event.model_dump()), **_drafted(case, happened)}


@folds(FOLDS, e.ActionPlanned)
def _(case: Case, event: e.ActionPlanned, happened: Happened) -> dict[str, Any]:
    return {"actions": (*case.actions, Action(**event.model_dump())), **_drafted(case, happened)}


@folds(FOLDS, e.ActionRevised)
def _(case: Case, event: e.ActionRevised, happened: Happened) -> dict[str, Any]:
    revised = event.model_dump()
    actions = tuple(action.model_copy(update=revised) if action.key == event.key else action for action in case.actions)
    return {"actions": actions, **_drafted(case, happened)}


@folds(FOLDS, e.ActionDropped)
def _(case: Case, event: e.ActionDropped, happened: Happened) -> dict[str, Any]:
    return {"actions": tuple(action for action in case.actions if action.key != event.key), **_drafted(case, happened)}


@folds(FOLDS, e.PlanProposed)
def _(case: Case, event: e.PlanProposed, happened: Happened) -> dict[str, Any]:
    drafted = _drafted(case, happened)
    return {"plan": drafted["plan"].model_copy(update={"state": "proposed"})}


@folds(FOLDS, e.PlanSubmitted)
def _(case: Case, event: e.PlanSubmitted, happened: Happened) -> dict[str, Any]:
    plan = case.plan.model_copy(update={"version": event.version, "state": "submitted", "sha256": event.sha256})
    return {"status": "plan_submitted", "plan": plan, "deadlines": event.deadlines}


@folds(FOLDS, e.PlanAccepted)
def _(case: Case, event: e.PlanAccepted, happened: Happened) -> dict[str, Any]:
    return {
        "plan": case.plan.model_copy(update={"state": "accepted", "voided": None}),
        "actions": tuple(action.model_copy(update={"agreed_due_on": action.due_on}) for action in case.actions),
        "deadlines": event.deadlines,
        "returned": (),
    }


@folds(FOLDS, e.PlanReturned)
def _(case: Case, event: e.PlanReturned, happened: Happened) -> dict[str, Any]:
    return {
        "status": "open",
        "plan": case.plan.model_copy(update={"state": "returned"}),
        "rounds": event.round,
        "returned": tuple(section.model_dump(mode="json") for section in event.sections),
        "deadlines": event.deadlines,
    }


@folds(FOLDS, e.AcceptanceVoided)
def _(case: Case, event: e.AcceptanceVoided, happened: Happened) -> dict[str, Any]:
    draft = case.plan.model_copy(update={"state": "draft", "voided": event.what})
    return {"status": "open", "plan": draft, "confirmation": None, "deadlines": event.deadlines}


def _drafted(case: Case, happened: Happened) -> dict[str, Any]:
    """The plan with one more author; one that came back is a draft again, others stay what they are."""
    authors = case.plan.authors if happened.actor in case.plan.authors else (*case.plan.authors, happened.actor)
    state = "draft" if case.plan.state == "returned" else case.plan.state
    return {"plan": case.plan.model_copy(update={"authors": authors, "state": state})}
