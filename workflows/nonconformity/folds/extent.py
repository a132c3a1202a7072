"""How events about extent at other sites change a nonconformity."""

from typing import Any

from workflows.decider import Happened
from workflows.nonconformity import events as e
from workflows.nonconformity.case import Case
from workflows.nonconformity.folds.common import Folds, folds
from workflows.nonconformity.parts import SiteExtent

FOLDS: Folds = {}


@folds(FOLDS, e.ExtentRecorded)
def _(case: Case, event: e.ExtentRecorded, happened: Happened) -> dict[str, Any]:
    others = tuple(one for one in case.extents if one.site != event.site)
    return {"extents": (*others, SiteExtent(**event.model_dump()))}
