"""How events about what is said: remarks, assignment change a nonconformity."""

from typing import Any

from workflows.decider import Happened
from workflows.nonconformity import events as e
from workflows.nonconformity.case import (
    Case,
)
from workflows.nonconformity.folds.common import Folds, folds

FOLDS: Folds = {}


@folds(FOLDS, e.Commented)
def _(case: Case, event: e.Commented, happened: Happened) -> dict[str, Any]:
    # Remarks are read from the record: a state that held them would grow with every one, and slow every command.
    return {}


@folds(FOLDS, e.Assigned)
def _(case: Case, event: e.Assigned, happened: Happened) -> dict[str, Any]:
    return {"assigned": {**case.assigned, event.role: event.person}}
