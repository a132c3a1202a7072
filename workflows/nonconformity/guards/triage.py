"""Conditions on commands about triage: report, issue, dismissal, grade, receipt."""

from workflows import policy
from workflows.decider import Context
from workflows.findings import Finding, missing_for_issue
from workflows.nonconformity import commands as c
from workflows.nonconformity import refusals as r
from workflows.nonconformity.case import Case
from workflows.policy import Grade, Policy, PolicyError
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
    client = body.finding.client if isinstance(body, c.Report) else case.client
    if client is not None and context.facts.client is None:
        raise r.ClientUnknown("/client", client=client)


@guard(AnotherClient, needs_body=True)
def own_client(case: Case, body: c.Report, context: Context) -> None:
    """A key that is bound to a client reports on that client."""
    if context.actor.client not in (None, body.finding.client):
        raise AnotherClient("/client")


@guard(r.NoPolicy, needs_body=True)
def policy_in_force(case: Case, body: c.Issue, context: Context) -> None:
    """A policy applies to its standards, its audit stage and its grade today."""
    try:
        if case.finding is not None:
            policy_for(case.finding, body.grade, context)
    except PolicyError as error:
        raise r.NoPolicy(why=error) from error


@guard(r.RegradeByIssuer)
def not_the_issuer(case: Case, body: object, context: Context) -> None:
    """Not the person who issued it."""
    if context.actor.id == case.issued_by:
        raise r.RegradeByIssuer


@guard(r.GradeUnchanged, r.RegradeToOfi, needs_body=True)
def another_grade(case: Case, body: c.Regrade, context: Context) -> None:
    """Another grade, and not OFI."""
    if body.grade == case.grade:
        raise r.GradeUnchanged("/grade", grade=case.grade)
    if body.grade == "ofi":
        raise r.RegradeToOfi("/grade")


@guard(r.AlreadyAcknowledged)
def not_acknowledged(case: Case, body: object, context: Context) -> None:
    """Receipt is still open."""
    if case.acknowledged_at is not None:
        raise r.AlreadyAcknowledged(at=case.acknowledged_at.date())


def policy_for(finding: Finding, grade: Grade, context: Context) -> Policy:
    """The policy under which a finding is issued now, frozen; raises PolicyError where none is in force."""
    stage = finding.audit.stage if finding.audit else None
    chosen = context.facts.policies.choose(
        policy.Case(context.tenant, [item.standard for item in finding.requirements], stage, grade), context.now
    )
    client = context.facts.client
    return policy.snapshot(
        chosen, client.country if client else None, client.subdivision if client else None, context.now
    )
