"""What commands about what is said: remarks, assignment record."""

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
