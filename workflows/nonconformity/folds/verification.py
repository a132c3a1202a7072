"""How events about verification at an audit change a nonconformity: follow-up, deferral."""

from typing import Any

from workflows.decider import Happened
from workflows.nonconformity import events as e
from workflows.nonconformity.case import Case
from workflows.nonconformity.folds.common import Folds, folds
from workflows.nonconformity.parts import Deferral, FollowUp

FOLDS: Folds = {}


@folds(FOLDS, e.FollowUpRequired)
def _(case: Case, event: e.FollowUpRequired, happened: Happened) -> dict[str, Any]:
    # Another day for it leaves it as long asked for as it was.
    before = case.follow_up if case.follow_up is not None and case.follow_up.result is None else None
    since = before.required_at if before is not None else happened.at
    asked = FollowUp(on=event.on, reason=event.reason, required_at=since, review=event.review)
    return {"follow_up": asked, "deadlines": event.deadlines}


@folds(FOLDS, e.FollowUpRecorded)
def _(case: Case, event: e.FollowUpRecorded, happened: Happened) -> dict[str, Any]:
    asked = case.follow_up or FollowUp(on=event.on, reason="the policy asks for it")
    found = {"on": event.on, "result": event.result, "statement": event.statement}
    return {"follow_up": asked.model_copy(update=found), "deadlines": event.deadlines}


@folds(FOLDS, e.VerificationDeferred)
def _(case: Case, event: e.VerificationDeferred, happened: Happened) -> dict[str, Any]:
    deferral = Deferral(audit=event.audit, reason=event.reason, latest=event.latest)
    return {"deferral": deferral, "deadlines": event.deadlines}


@folds(FOLDS, e.CalledUp)
def _(case: Case, event: e.CalledUp, happened: Happened) -> dict[str, Any]:
    if case.deferral is None:
        return {}
    called = {"audit": event.audit, "called_up": True, "team": event.team}
    return {"deferral": case.deferral.model_copy(update=called), "deadlines": event.deadlines}


@folds(FOLDS, e.LeftUnverified)
def _(case: Case, event: e.LeftUnverified, happened: Happened) -> dict[str, Any]:
    return {"deferral": None}
