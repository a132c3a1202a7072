"""How events about the certification committee change a nonconformity."""

from typing import Any

from workflows.decider import Happened
from workflows.nonconformity import events as e
from workflows.nonconformity.case import Case
from workflows.nonconformity.folds.common import Folds, folds
from workflows.nonconformity.parts import Decision, Escalation, Held, HeldUpgrade, Touch

FOLDS: Folds = {}


@folds(FOLDS, e.Escalated)
def _(case: Case, event: e.Escalated, happened: Happened) -> dict[str, Any]:
    escalation = Escalation(cause=event.cause, review=event.review, reason=event.reason, at=happened.at)
    return {"escalation": escalation, "reviews": (*case.reviews, event.review)}


@folds(FOLDS, e.ReviewDecided)
def _(case: Case, event: e.ReviewDecided, happened: Happened) -> dict[str, Any]:
    changes: dict[str, Any] = {"deadlines": event.deadlines}
    if case.escalation is not None and case.escalation.review == event.review:
        decided = {
            "state": "decided",
            "choice": event.choice,
            "effect": event.effect,
            "deciders": event.deciders,
        }
        changes["escalation"] = case.escalation.model_copy(update=decided)
    if case.extension is not None and case.escalation is not None and case.escalation.cause == "second_extension":
        changes["extension"] = None
    changes["decision"] = Decision(
        review=event.review, choice=event.choice, effect=event.effect, deciders=event.deciders, at=happened.at
    )
    changes["touched"] = (*case.touched, *(Touch(review=event.review, certificate=key) for key in event.certificates))
    return changes


@folds(FOLDS, e.EscalationHeld)
def _(case: Case, event: e.EscalationHeld, happened: Happened) -> dict[str, Any]:
    held = Held(cause=event.cause, reason=event.reason)
    return {"dispute": case.dispute.model_copy(update={"held": held}) if case.dispute else None}


@folds(FOLDS, e.UpgradeHeld)
def _(case: Case, event: e.UpgradeHeld, happened: Happened) -> dict[str, Any]:
    held = HeldUpgrade(cause=event.cause, reason=event.reason)
    return {"dispute": case.dispute.model_copy(update={"upgrade": held}) if case.dispute else None}
