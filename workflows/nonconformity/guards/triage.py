"""Conditions on commands about triage: report, issue, dismissal, grade, receipt."""

from workflows.decider import Context
from workflows.findings import missing_for_issue
from workflows.nonconformity import commands as c
from workflows.nonconformity import refusals as r
from workflows.nonconformity.case import Case
from workflows.nonconformity.policies import policy_under
from workflows.policy import PolicyError
from workflows.procedure import AnotherClient, guard


@guard(r.FindingIncomplete)
def complete_finding(case: Case, body: object, context: Context) -> None:
    """The finding states what a nonconformity must state."""
    missing = missing_for_issue(case.finding) if case.finding else []
    if missing:
        raise r.FindingIncomplete(missing[0][0], missing="; ".join(rule for _, rule in missing))


@guard(r.MayNotStateGrade)
def may_grade(case: Case, body: object, context: Context) -> None:
    """A key grades only where it may."""
    if context.actor.kind == "key" and not context.actor.may_state_grades:
        raise r.MayNotStateGrade


@guard(r.ClientUnknown)
def known_client(case: Case, body: object, context: Context) -> None:
    """The client is registered."""
    client = body.finding.client if isinstance(body, c.Report | c.RaiseSystemic) else case.client
    if client is not None and context.facts.client is None:
        raise r.ClientUnknown("/client", client=client)


@guard(AnotherClient, needs_body=True)
def own_client(case: Case, body: c.Report, context: Context) -> None:
    """A key that is bound to a client reports on that client."""
    if context.actor.client not in (None, body.finding.client):
        raise AnotherClient("/client")


@guard(r.NoPolicy, r.LabelUnknown, r.LabelOfAnotherGrade, needs_body=True)
def policy_in_force(case: Case, body: c.Issue | c.Regrade, context: Context) -> None:
    """A policy applies to its standards, its audit stage and its grade today, and knows the label."""
    try:
        rules = policy_under(case, body.grade, context)
    except PolicyError as error:
        raise r.NoPolicy(why=error) from error
    if body.label is None:
        return
    label = rules.labels.get(body.label)
    if label is None:
        known = ", ".join(rules.labels) or "it has no words of its own"
        raise r.LabelUnknown("/label", policy=rules.name, label=body.label, known=known)
    if label.grade != body.grade:
        raise r.LabelOfAnotherGrade("/label", label=body.label, meant=label.grade, grade=body.grade)


@guard(r.GradeOfHistory, needs_body=True)
def grade_of_history(case: Case, body: c.Issue, context: Context) -> None:
    """The grade with which it moved in."""
    history = case.finding.history if case.finding else None
    if history is not None and history.grade != body.grade:
        raise r.GradeOfHistory("/grade", grade=history.grade)


@guard(r.RegradeByIssuer)
def not_the_issuer(case: Case, body: object, context: Context) -> None:
    """Not the person who issued it."""
    if context.actor.id == case.issued_by:
        raise r.RegradeByIssuer


@guard(r.GradeUnchanged, r.RegradeToOfi, needs_body=True)
def another_grade(case: Case, body: c.Regrade, context: Context) -> None:
    """Another grade or label, and not OFI."""
    if (body.grade, body.label) == (case.grade, case.label):
        raise r.GradeUnchanged("/grade", grade=case.grade)
    if body.grade == "ofi":
        raise r.RegradeToOfi("/grade")


@guard(r.AlreadyAcknowledged)
def not_acknowledged(case: Case, body: object, context: Context) -> None:
    """Receipt is still open."""
    if case.acknowledged_at is not None:
        raise r.AlreadyAcknowledged(at=case.acknowledged_at.date())
