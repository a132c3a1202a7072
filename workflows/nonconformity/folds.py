"""How each event changes a nonconformity: one fold an event."""

from collections.abc import Callable
from typing import Any, TypeVar

from workflows.decider import Event, Happened
from workflows.nonconformity import deadlines as clocks
from workflows.nonconformity import events as e
from workflows.nonconformity.case import (
    Action,
    Analysis,
    Case,
    Correction,
    Escalation,
    Evidence,
    ExtensionRequest,
    Statement,
)

E = TypeVar("E", bound=Event)
_FOLDS: dict[type[Event], Callable[[Case, Any, Happened], dict[str, Any]]] = {}


def evolve(case: Case, happened: Happened) -> Case:
    """The case after one more event."""
    changes = _FOLDS[type(happened.event)](case, happened.event, happened)
    if not happened.actor.startswith(("clock", "reaction")) and happened.actor not in case.took_part:
        changes["took_part"] = (*case.took_part, happened.actor)
    if not changes:
        return case
    return _without_moot_request(case.model_copy(update=changes))


def _folds(event: type[E]) -> Callable[[Callable[[Case, E, Happened], dict[str, Any]]], None]:
    def register(fold: Callable[[Case, E, Happened], dict[str, Any]]) -> None:
        _FOLDS[event] = fold

    return register


@_folds(e.Reported)
def _(case: Case, event: e.Reported, happened: Happened) -> dict[str, Any]:
    return {
        "status": "reported",
        "stream": happened.stream,
        "finding": event.finding,
        "proposed_grade": event.proposed_grade,
        "recurrence_of": event.recurrence_of,
        "document": event.document,
        "reported_by": happened.actor,
        "reported_at": happened.at,
    }


@_folds(e.Issued)
def _(case: Case, event: e.Issued, happened: Happened) -> dict[str, Any]:
    return {
        "status": "open",
        "number": event.number,
        "grade": event.grade,
        "policy": event.policy,
        "zone": event.zone,
        "deadlines": event.deadlines,
        "warnings": event.warnings,
        "issued_by": happened.actor,
        "issued_at": happened.at,
    }


@_folds(e.Dismissed)
def _(case: Case, event: e.Dismissed, happened: Happened) -> dict[str, Any]:
    return {"status": "dismissed", "ended_because": event.reason, **_still(case, happened)}


@_folds(e.Regraded)
def _(case: Case, event: e.Regraded, happened: Happened) -> dict[str, Any]:
    return {"grade": event.grade, "deadlines": event.deadlines}


@_folds(e.Acknowledged)
def _(case: Case, event: e.Acknowledged, happened: Happened) -> dict[str, Any]:
    return {"acknowledged_at": happened.at, "deadlines": event.deadlines}


@_folds(e.CorrectionRecorded)
def _(case: Case, event: e.CorrectionRecorded, happened: Happened) -> dict[str, Any]:
    return {"correction": Correction(**event.model_dump()), **_drafted(case, happened)}


@_folds(e.CauseRecorded)
def _(case: Case, event: e.CauseRecorded, happened: Happened) -> dict[str, Any]:
    return {"analysis": Analysis(**event.model_dump()), **_drafted(case, happened)}


@_folds(e.ActionPlanned)
def _(case: Case, event: e.ActionPlanned, happened: Happened) -> dict[str, Any]:
    return {"actions": (*case.actions, Action(**event.model_dump())), **_drafted(case, happened)}


@_folds(e.ActionRevised)
def _(case: Case, event: e.ActionRevised, happened: Happened) -> dict[str, Any]:
    revised = event.model_dump()
    actions = tuple(action.model_copy(update=revised) if action.key == event.key else action for action in case.actions)
    return {"actions": actions, **_drafted(case, happened)}


@_folds(e.ActionDropped)
def _(case: Case, event: e.ActionDropped, happened: Happened) -> dict[str, Any]:
    return {"actions": tuple(action for action in case.actions if action.key != event.key), **_drafted(case, happened)}


@_folds(e.PlanProposed)
def _(case: Case, event: e.PlanProposed, happened: Happened) -> dict[str, Any]:
    drafted = _drafted(case, happened)
    return {"plan": drafted["plan"].model_copy(update={"state": "proposed"})}


@_folds(e.PlanSubmitted)
def _(case: Case, event: e.PlanSubmitted, happened: Happened) -> dict[str, Any]:
    plan = case.plan.model_copy(update={"version": event.version, "state": "submitted", "sha256": event.sha256})
    return {"status": "plan_submitted", "plan": plan, "deadlines": event.deadlines}


@_folds(e.PlanAccepted)
def _(case: Case, event: e.PlanAccepted, happened: Happened) -> dict[str, Any]:
    return {
        "plan": case.plan.model_copy(update={"state": "accepted"}),
        "actions": tuple(action.model_copy(update={"agreed_due_on": action.due_on}) for action in case.actions),
        "deadlines": event.deadlines,
        "returned": (),
    }


@_folds(e.PlanReturned)
def _(case: Case, event: e.PlanReturned, happened: Happened) -> dict[str, Any]:
    return {
        "status": "open",
        "plan": case.plan.model_copy(update={"state": "returned"}),
        "rounds": event.round,
        "returned": tuple(section.model_dump(mode="json") for section in event.sections),
        "deadlines": event.deadlines,
    }


@_folds(e.AcceptanceVoided)
def _(case: Case, event: e.AcceptanceVoided, happened: Happened) -> dict[str, Any]:
    draft = case.plan.model_copy(update={"state": "draft"})
    return {"status": "open", "plan": draft, "confirmation": None, "deadlines": event.deadlines}


@_folds(e.EvidenceAttached)
def _(case: Case, event: e.EvidenceAttached, happened: Happened) -> dict[str, Any]:
    piece = Evidence(**event.model_dump(), attached_by=happened.actor, attached_at=happened.at)
    return {"evidence": (*case.evidence, piece)}


@_folds(e.ActionCompleted)
def _(case: Case, event: e.ActionCompleted, happened: Happened) -> dict[str, Any]:
    done = {"done_on": event.done_on}
    return {"actions": tuple(a.model_copy(update=done) if a.key == event.key else a for a in case.actions)}


@_folds(e.EffectivenessConfirmed)
def _(case: Case, event: e.EffectivenessConfirmed, happened: Happened) -> dict[str, Any]:
    return {"confirmation": Statement(text=event.statement, by=happened.actor, at=happened.at)}


@_folds(e.EvidenceSubmitted)
def _(case: Case, event: e.EvidenceSubmitted, happened: Happened) -> dict[str, Any]:
    return {"status": "evidence_submitted", "evidence_version": event.version, "deadlines": event.deadlines}


@_folds(e.EvidenceReturned)
def _(case: Case, event: e.EvidenceReturned, happened: Happened) -> dict[str, Any]:
    to_plan = event.to == "plan"
    return {
        "status": "open" if to_plan else "plan_submitted",
        "plan": case.plan.model_copy(update={"state": "returned"}) if to_plan else case.plan,
        "confirmation": None,
        "rounds": event.round,
        "returned": tuple(section.model_dump(mode="json") for section in event.sections),
        "deadlines": event.deadlines,
    }


@_folds(e.Verified)
def _(case: Case, event: e.Verified, happened: Happened) -> dict[str, Any]:
    verification = Statement(text=event.statement, by=happened.actor, at=happened.at)
    return {"status": "verified", "verification": verification, "deadlines": event.deadlines, "returned": ()}


@_folds(e.Closed)
def _(case: Case, event: e.Closed, happened: Happened) -> dict[str, Any]:
    closure = Statement(text=event.statement, by=happened.actor, at=happened.at)
    return {
        "status": "closed",
        "closure": closure,
        "deadlines": event.deadlines,
        "extension": None,
        "withdrawal_proposed_by": None,
        "escalation": _left(case),
    }


@_folds(e.Reopened)
def _(case: Case, event: e.Reopened, happened: Happened) -> dict[str, Any]:
    return {
        "status": "open",
        "plan": case.plan.model_copy(update={"state": "returned"}),
        "verification": None,
        "closure": None,
        "confirmation": None,
        "deadlines": event.deadlines,
    }


@_folds(e.ExtensionRequested)
def _(case: Case, event: e.ExtensionRequested, happened: Happened) -> dict[str, Any]:
    return {"extension": ExtensionRequest(**event.model_dump(), by=happened.actor)}


@_folds(e.ExtensionGranted)
def _(case: Case, event: e.ExtensionGranted, happened: Happened) -> dict[str, Any]:
    return {"extension": None, "deadlines": event.deadlines}


@_folds(e.ExtensionDenied)
def _(case: Case, event: e.ExtensionDenied, happened: Happened) -> dict[str, Any]:
    return {"extension": None}


@_folds(e.LatenessExcused)
def _(case: Case, event: e.LatenessExcused, happened: Happened) -> dict[str, Any]:
    return {"deadlines": event.deadlines}


@_folds(e.WithdrawalProposed)
def _(case: Case, event: e.WithdrawalProposed, happened: Happened) -> dict[str, Any]:
    return {"withdrawal_proposed_by": happened.actor}


@_folds(e.Withdrawn)
def _(case: Case, event: e.Withdrawn, happened: Happened) -> dict[str, Any]:
    return {"status": "withdrawn", "ended_because": event.reason, **_still(case, happened)}


@_folds(e.Escalated)
def _(case: Case, event: e.Escalated, happened: Happened) -> dict[str, Any]:
    escalation = Escalation(cause=event.cause, review=event.review, reason=event.reason, at=happened.at)
    return {"escalation": escalation, "reviews": (*case.reviews, event.review)}


@_folds(e.ReviewDecided)
def _(case: Case, event: e.ReviewDecided, happened: Happened) -> dict[str, Any]:
    changes: dict[str, Any] = {"deadlines": event.deadlines}
    if case.escalation is not None and case.escalation.review == event.review:
        decided = {"state": "decided", "choice": event.choice, "effect": event.effect}
        changes["escalation"] = case.escalation.model_copy(update=decided)
    if case.extension is not None and case.escalation is not None and case.escalation.cause == "second_extension":
        changes["extension"] = None
    return changes


@_folds(e.DeadlineReminded)
def _(case: Case, event: e.DeadlineReminded, happened: Happened) -> dict[str, Any]:
    return {"deadlines": clocks.reminded(case.deadlines, event.deadline)}


@_folds(e.DeadlineMissed)
def _(case: Case, event: e.DeadlineMissed, happened: Happened) -> dict[str, Any]:
    return {"deadlines": clocks.missed(case.deadlines, event.deadline, happened.at)}


@_folds(e.Commented)
def _(case: Case, event: e.Commented, happened: Happened) -> dict[str, Any]:
    # Remarks are read from the record: a state that held them would grow with every one, and slow every command.
    return {}


@_folds(e.Assigned)
def _(case: Case, event: e.Assigned, happened: Happened) -> dict[str, Any]:
    return {"assigned": {**case.assigned, event.role: event.person}}


def _drafted(case: Case, happened: Happened) -> dict[str, Any]:
    """The plan with one more author; an accepted plan stays accepted until an event says otherwise."""
    authors = case.plan.authors if happened.actor in case.plan.authors else (*case.plan.authors, happened.actor)
    return {"plan": case.plan.model_copy(update={"authors": authors})}


def _without_moot_request(case: Case) -> Case:
    """A request for more time falls with its deadline: none is waiting for a date that was met, or is gone."""
    if case.extension is None:
        return case
    deadline = case.deadline(case.extension.deadline)
    ended = deadline is None or deadline.state in ("met", "late")
    return case.model_copy(update={"extension": None}) if ended else case


def _still(case: Case, happened: Happened) -> dict[str, Any]:
    """An ended case has no running clock, no open request and no review that it waits for."""
    stopped = clocks.end_all(case.deadlines, happened.at, "the nonconformity ended", case.zone)
    return {"deadlines": stopped, "extension": None, "escalation": _left(case)}


def _left(case: Case) -> Escalation | None:
    """The escalation of a case that ended: a review that has not decided is left."""
    if case.escalation is None or case.escalation.state != "under_review":
        return case.escalation
    return case.escalation.model_copy(update={"state": "left"})
