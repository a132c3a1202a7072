"""How events about withdrawal change a nonconformity."""

from typing import Any

from workflows.decider import Happened
from workflows.nonconformity import events as e
from workflows.nonconformity.case import (
    Case,
)
from workflows.nonconformity.folds.common import Folds, folds, still

FOLDS: Folds = {}


@folds(FOLDS, e.WithdrawalProposed)
def _(case: Case, event: e.WithdrawalProposed, happened: Happened) -> dict[str, Any]:
    return {"withdrawal_proposed_by": happened.actor}


@folds(FOLDS, e.Withdrawn)
def _(case: Case, event: e.Withdrawn, happened: Happened) -> dict[str, Any]:
    return {"status": "withdrawn", "ended_because": event.reason, **still(case, happened)}
