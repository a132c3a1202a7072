"""Conditions on commands about what is said: remarks, questions, complaints, assignment."""

from workflows.decider import Context
from workflows.nonconformity import commands as c
from workflows.nonconformity import refusals as r
from workflows.nonconformity.case import Case
from workflows.people import CLIENT_SIDE, Actor
from workflows.procedure import guard
from workflows.sentences import Sentence

MOST_QUESTIONS = 50
"""How many questions, and how many complaints, a case holds open."""
WORDS: dict[c.Side, str] = {"client": Sentence("client"), "certification_body": Sentence("certification body")}


@guard(r.NotIssued)
def shown(case: Case, body: object, context: Context) -> None:
    """A client's people see a case from its issue on."""
    if case.number is None and not context.actor.roles - CLIENT_SIDE:
        raise r.NotIssued


@guard(r.CaseFull)
def room_for_questions(case: Case, body: object, context: Context) -> None:
    """Not too many open questions."""
    if len(case.questions) >= MOST_QUESTIONS:
        raise r.CaseFull(most=MOST_QUESTIONS, what=Sentence("open questions"))


@guard(r.OwnQuestion, needs_body=True)
def asks_the_other_side(case: Case, body: c.Ask, context: Context) -> None:
    """Who must answer is the other side."""
    if body.of == _side(context.actor):
        raise r.OwnQuestion("/of", side=WORDS[body.of])


@guard(r.QuestionUnknown, r.NotAsked, needs_body=True)
def was_asked(case: Case, body: c.Answer, context: Context) -> None:
    """The question is open, and the caller's side must answer it."""
    question = next((one for one in case.questions if one.key == body.question), None)
    if question is None:
        raise r.QuestionUnknown("/question", question=body.question)
    if question.of != _side(context.actor):
        raise r.NotAsked("/question", question=question.key, side=WORDS[question.of])


@guard(r.CaseFull)
def room_for_complaints(case: Case, body: object, context: Context) -> None:
    """Not too many open complaints."""
    if len(case.complaints) >= MOST_QUESTIONS:
        raise r.CaseFull(most=MOST_QUESTIONS, what=Sentence("open complaints"))


@guard(r.ComplaintUnknown, r.ComplainedAbout, needs_body=True)
def not_complained_about(case: Case, body: c.AnswerComplaint, context: Context) -> None:
    """The complaint is open, and not about the caller."""
    complaint = next((one for one in case.complaints if one.key == body.complaint), None)
    if complaint is None:
        raise r.ComplaintUnknown("/complaint", complaint=body.complaint)
    if complaint.about is not None and context.actor.is_called(complaint.about):
        raise r.ComplainedAbout


def _side(actor: Actor) -> c.Side:
    return "client" if actor.roles & CLIENT_SIDE else "certification_body"
