"""Conditions on commands about the certification committee."""

from workflows.decider import Context
from workflows.nonconformity import commands as c
from workflows.nonconformity import refusals as r
from workflows.nonconformity.case import Case
from workflows.procedure import guard


@guard(r.UnderReview)
def not_under_review(case: Case, body: object, context: Context) -> None:
    """No committee review is on."""
    if case.escalation is not None and case.escalation.state == "under_review":
        raise r.UnderReview


@guard(r.StrangeReview, needs_body=True)
def own_review(case: Case, body: c.ApplyDecision, context: Context) -> None:
    """The decision is of the latest review of this case, and the first that it makes."""
    escalation = case.escalation
    if escalation is None or escalation.review != body.review or escalation.state == "decided":
        raise r.StrangeReview("/review", review=body.review)
