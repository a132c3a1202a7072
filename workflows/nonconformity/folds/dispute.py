"""How events about withdrawal, disputes and appeals change a nonconformity."""

from typing import Any

from workflows.decider import Happened
from workflows.nonconformity import events as e
from workflows.nonconformity.case import Case
from workflows.nonconformity.folds.common import Folds, folds, still
from workflows.nonconformity.given import follows
from workflows.nonconformity.parts import Appeal, Dispute

FOLDS: Folds = {}


@folds(FOLDS, e.WithdrawalProposed)
def _(case: Case, event: e.WithdrawalProposed, happened: Happened) -> dict[str, Any]:
    return {"withdrawal_proposed_by": happened.actor}


@folds(FOLDS, e.Withdrawn)
def _(case: Case, event: e.Withdrawn, happened: Happened) -> dict[str, Any]:
    return {"status": "withdrawn", "ended_because": event.reason, **still(case, happened)}


@folds(FOLDS, e.Disputed)
def _(case: Case, event: e.Disputed, happened: Happened) -> dict[str, Any]:
    lowered = case.dispute is not None and case.dispute.lowered
    dispute = Dispute(wanted=event.wanted, reason=event.reason, by=happened.actor, at=happened.at, lowered=lowered)
    return {"dispute": dispute, "deadlines": event.deadlines}


@folds(FOLDS, e.DisputeDecided)
def _(case: Case, event: e.DisputeDecided, happened: Happened) -> dict[str, Any]:
    if case.dispute is None:
        return {"deadlines": event.deadlines}
    lowered = case.dispute.lowered or event.effect == "regrade"
    decided = case.dispute.model_copy(update={"state": event.outcome, "lowered": lowered})
    return {"dispute": decided, "deadlines": event.deadlines}


@folds(FOLDS, e.Appealed)
def _(case: Case, event: e.Appealed, happened: Happened) -> dict[str, Any]:
    deciders = case.decision.deciders if case.decision else ()
    appeal = Appeal(review=event.review, reason=event.reason, by=happened.actor, at=happened.at, deciders=deciders)
    return {"appeal": appeal, "deadlines": event.deadlines}


@folds(FOLDS, e.AppealDecided)
def _(case: Case, event: e.AppealDecided, happened: Happened) -> dict[str, Any]:
    decided = case.appeal.model_copy(update={"state": event.outcome}) if case.appeal else None
    changes: dict[str, Any] = {"appeal": decided, "deadlines": event.deadlines}
    if event.outcome == "upheld":
        changes["touched"] = tuple(touch for touch in case.touched if touch.review != event.review)
        changes["follow_up"] = None if follows(case, event.review) else case.follow_up
    return changes
