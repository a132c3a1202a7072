"""How events about what its source says of a case after the report change a nonconformity."""

from typing import Any

from workflows.decider import Happened
from workflows.nonconformity import events as e
from workflows.nonconformity.case import Case
from workflows.nonconformity.folds.common import Folds, folds
from workflows.nonconformity.given import with_completions
from workflows.nonconformity.parts import SourceWord

MOST_WORDS = 20
"""So many of its source's words a state holds, the latest; the record holds all."""

FOLDS: Folds = {}


@folds(FOLDS, e.FindingRevised)
def _(case: Case, event: e.FindingRevised, happened: Happened) -> dict[str, Any]:
    word = SourceWord(
        at=happened.at, by=happened.actor, changed=event.changed, revision=event.revision, document=event.document
    )
    if case.status != "reported":
        return {"source_finding": event.finding, **_heard(case, word)}
    return {
        "finding": with_completions(case, event.finding),
        "source_finding": event.finding if case.completed else None,
        "completed": tuple(
            one.model_copy(update={"restated": True}) if one.field in event.changed else one for one in case.completed
        ),
        "proposed_grade": event.proposed_grade,
        "flags": event.flags,
        "warnings": event.warnings,
        "document": event.document or case.document,
        **_heard(case, word),
    }


@folds(FOLDS, e.FindingPassed)
def _(case: Case, event: e.FindingPassed, happened: Happened) -> dict[str, Any]:
    word = SourceWord(
        at=happened.at, by=happened.actor, passed=event.reason, revision=event.revision, document=event.document
    )
    return _heard(case, word)


def _heard(case: Case, word: SourceWord) -> dict[str, Any]:
    return {"source_revisions": (*case.source_revisions, word)[-MOST_WORDS:]}
