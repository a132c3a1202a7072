"""How events about what is said change a nonconformity: remarks, questions, complaints, assignment."""

from typing import Any

from workflows.decider import Happened
from workflows.nonconformity import events as e
from workflows.nonconformity.case import Case
from workflows.nonconformity.correspondence import MOST_ANSWERED, Complaint, Question, Reply
from workflows.nonconformity.folds.common import Folds, folds

FOLDS: Folds = {}


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
    waiting = tuple(one for one in case.questions if one.key != event.question)
    answer = {"answer": _reply(event.text, happened)}
    answered = (one.model_copy(update=answer) for one in case.questions if one.key == event.question)
    return {"questions": waiting, "answered": (*case.answered, *answered)[-MOST_ANSWERED:]}


@folds(FOLDS, e.Complained)
def _(case: Case, event: e.Complained, happened: Happened) -> dict[str, Any]:
    complaint = Complaint(**event.model_dump(), by=happened.actor, at=happened.at)
    return {"complaints": (*case.complaints, complaint), "complained": case.complained + 1}


@folds(FOLDS, e.ComplaintAnswered)
def _(case: Case, event: e.ComplaintAnswered, happened: Happened) -> dict[str, Any]:
    waiting = tuple(one for one in case.complaints if one.key != event.complaint)
    answer = {"answer": _reply(event.text, happened)}
    settled = (one.model_copy(update=answer) for one in case.complaints if one.key == event.complaint)
    return {"complaints": waiting, "settled": (*case.settled, *settled)[-MOST_ANSWERED:]}


def _reply(text: str, happened: Happened) -> Reply:
    return Reply(text=text, by=happened.actor, at=happened.at)
