"""What commands about what is said record: remarks, questions, complaints, assignment."""

from workflows.decider import Context
from workflows.nonconformity import commands as c
from workflows.nonconformity import events as e
from workflows.nonconformity.case import Case
from workflows.nonconformity.records.common import Events


def comment(case: Case, body: c.Comment, context: Context) -> Events:
    """A remark."""
    return (e.Commented(text=body.text, section=body.section),)


def assign(case: Case, body: c.Assign, context: Context) -> Events:
    """Who has it in hand."""
    return (e.Assigned(role=body.role, person=body.person),)


def ask(case: Case, body: c.Ask, context: Context) -> Events:
    """A question, under the next key."""
    return (e.Asked(key=f"q{case.asked + 1}", of=body.of, section=body.section, text=body.text),)


def answer(case: Case, body: c.Answer, context: Context) -> Events:
    """Its answer."""
    return (e.Answered(question=body.question, text=body.text),)


def complain(case: Case, body: c.Complain, context: Context) -> Events:
    """A complaint, under the next key."""
    return (e.Complained(key=f"k{case.complained + 1}", about=body.about, text=body.text),)


def answer_complaint(case: Case, body: c.AnswerComplaint, context: Context) -> Events:
    """Its answer."""
    return (e.ComplaintAnswered(complaint=body.complaint, text=body.text),)
