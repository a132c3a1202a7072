"""How events about what is said change a nonconformity: remarks, questions, complaints, assignment."""

from collections.abc import Sequence
from typing import Any, TypeVar

from workflows.decider import Happened
from workflows.nonconformity import events as e
from workflows.nonconformity.case import Case
from workflows.nonconformity.correspondence import MOST_ANSWERED, Complaint, Question, Reply
from workflows.nonconformity.folds.common import Folds, folds

FOLDS: Folds = {}
T = TypeVar("T", Question, Complaint)


@folds(FOLDS, e.Commented)
def _(case: Case, event: e.Commented, happened: Happened) -> dict[str, Any]:
    # Remarks are read from the record: a state that held them would grow with every one, and slow every command.
    return {}


@folds(FOLDS, e.Assigned)
def _(case: Case, event: e.Assigned, happened: Happened) -> dict[str, Any]:
    return {"assigned": {**case.assigned, event.role: event.person}}


@folds(FOLDS, e.Asked)
def _(case: Case, event: e.Asked, happened: Happened) -> dict[str, Any]:
    question = Question(**event.model_dump(), by=happened.actor, at=happened.at)
    return {"questions": (*case.questions, question), "asked": case.asked + 1}


@folds(FOLDS, e.Answered)
def _(case: Case, event: e.Answered, happened: Happened) -> dict[str, Any]:
    still, answered = _answered(case.questions, case.answered, event.question, event.text, happened)
    return {"questions": still, "answered": answered}


@folds(FOLDS, e.Complained)
def _(case: Case, event: e.Complained, happened: Happened) -> dict[str, Any]:
    complaint = Complaint(**event.model_dump(), by=happened.actor, at=happened.at)
    return {"complaints": (*case.complaints, complaint), "complained": case.complained + 1}


@folds(FOLDS, e.ComplaintAnswered)
def _(case: Case, event: e.ComplaintAnswered, happened: Happened) -> dict[str, Any]:
    still, settled = _answered(case.complaints, case.settled, event.complaint, event.text, happened)
    return {"complaints": still, "settled": settled}


def _answered(
    open_: Sequence[T], before: Sequence[T], key: str, text: str, happened: Happened
) -> tuple[tuple[T, ...], tuple[T, ...]]:
    """Those that wait still, and those that were answered, this one last; the oldest make room."""
    reply = Reply(text=text, by=happened.actor, at=happened.at)
    told = [one.model_copy(update={"answer": reply}) for one in open_ if one.key == key]
    return tuple(one for one in open_ if one.key != key), (*before, *told)[-MOST_ANSWERED:]
