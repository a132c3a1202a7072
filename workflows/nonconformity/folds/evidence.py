"""How events about evidence, verification and close-out change a nonconformity."""

from typing import Any

from workflows.decider import Happened
from workflows.nonconformity import events as e
from workflows.nonconformity.case import Case
from workflows.nonconformity.folds.common import Folds, folds, left
from workflows.nonconformity.parts import Evidence, FollowUp, Statement

FOLDS: Folds = {}


@folds(FOLDS, e.EvidenceAttached)
def _(case: Case, event: e.EvidenceAttached, happened: Happened) -> dict[str, Any]:
    piece = Evidence(**event.model_dump(), attached_by=happened.actor, attached_at=happened.at)
    return {"evidence": (*case.evidence, piece)}


@folds(FOLDS, e.ActionCompleted)
def _(case: Case, event: e.ActionCompleted, happened: Happened) -> dict[str, Any]:
    done = {"done_on": event.done_on}
    return {"actions": tuple(a.model_copy(update=done) if a.key == event.key else a for a in case.actions)}


@folds(FOLDS, e.EffectivenessConfirmed)
def _(case: Case, event: e.EffectivenessConfirmed, happened: Happened) -> dict[str, Any]:
    return {"confirmation": Statement(text=event.statement, by=happened.actor, at=happened.at)}


@folds(FOLDS, e.EvidenceSubmitted)
def _(case: Case, event: e.EvidenceSubmitted, happened: Happened) -> dict[str, Any]:
    return {"status": "evidence_submitted", "evidence_version": event.version, "deadlines": event.deadlines}


@folds(FOLDS, e.EvidenceReturned)
def _(case: Case, event: e.EvidenceReturned, happened: Happened) -> dict[str, Any]:
    to_plan = event.to == "plan"
    return {
        "status": "open" if to_plan else "plan_submitted",
        "plan": case.plan.model_copy(update={"state": "returned"}) if to_plan else case.plan,
        "confirmation": None,
        "follow_up": _to_repeat(case),
        "verification": None,
        "rounds": event.round,
        "returned": tuple(section.model_dump(mode="json") for section in event.sections),
        "returned_with": len(case.evidence),
        "deadlines": event.deadlines,
    }


@folds(FOLDS, e.Verified)
def _(case: Case, event: e.Verified, happened: Happened) -> dict[str, Any]:
    verification = Statement(text=event.statement, by=happened.actor, at=happened.at)
    return {
        "status": "verified",
        "verification": verification,
        "deadlines": event.deadlines,
        "returned": (),
        "deferral": None,
    }


@folds(FOLDS, e.Closed)
def _(case: Case, event: e.Closed, happened: Happened) -> dict[str, Any]:
    closure = Statement(text=event.statement, by=happened.actor, at=happened.at)
    return {
        "status": "closed",
        "closure": closure,
        "deadlines": event.deadlines,
        "extension": None,
        "withdrawal_proposed_by": None,
        "escalation": left(case),
        "deferral": None,
        "ended_at": happened.at,
    }


@folds(FOLDS, e.Reopened)
def _(case: Case, event: e.Reopened, happened: Happened) -> dict[str, Any]:
    return {
        "status": "open",
        "plan": case.plan.model_copy(update={"state": "returned"}),
        "verification": None,
        "closure": None,
        "confirmation": None,
        "follow_up": _to_repeat(case),
        "ended_at": None,
        "ended_because": None,
        "deadlines": event.deadlines,
    }


def _to_repeat(case: Case) -> FollowUp | None:
    """What was found effective once is not so for other evidence."""
    return None if case.follow_up is not None and case.follow_up.result == "effective" else case.follow_up
