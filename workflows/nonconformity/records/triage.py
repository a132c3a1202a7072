"""What commands about triage: report, issue, dismissal, grade, receipt record."""

from datetime import datetime

from workflows.decider import Context
from workflows.findings import missing_for_issue
from workflows.nonconformity import commands as c
from workflows.nonconformity import deadlines as clocks
from workflows.nonconformity import events as e
from workflows.nonconformity.case import Case
from workflows.nonconformity.given import finding_of, grade_of, issued_of, policy_of, required
from workflows.nonconformity.policies import policy_for, policy_under
from workflows.nonconformity.records.common import Events
from workflows.nonconformity.wording import warnings
from workflows.people import Actor, Role
from workflows.policy import Grade, PolicyError


def report(case: Case, body: c.Report, context: Context) -> Events:
    """Into triage; issued at once where the finding states a grade and its reporter may."""
    reported = e.Reported(
        finding=body.finding,
        proposed_grade=body.finding.proposed_grade,
        recurrence_of=body.recurrence_of,
        document=body.document,
        escaped=body.escaped,
    )
    grade = grade_at_once(body, context)
    if grade is None:
        return (reported,)
    triaged = case.model_copy(update={"status": "reported", "finding": body.finding})
    return (reported, *issue(triaged, c.Issue(grade=grade), context))


def issue(case: Case, body: c.Issue, context: Context) -> Events:
    """Number, policy and dates, fixed."""
    finding = finding_of(case)
    client = required(context.facts.client, "a registered client")
    policy = policy_for(finding, body.grade, context)
    anchors = clocks.anchors(finding, policy, context.now, client.zone)
    return (
        e.Issued(
            number=f"NC-{context.now.year}-{required(context.facts.number, 'a number'):04d}",
            grade=body.grade,
            policy=policy,
            zone=client.zone,
            deadlines=clocks.fix(policy, body.grade, anchors, client.zone),
            reason=body.reason,
            warnings=warnings(finding),
        ),
    )


def dismiss(case: Case, body: c.Dismiss, context: Context) -> Events:
    """No nonconformity."""
    return (e.Dismissed(reason=body.reason),)


def regrade(case: Case, body: c.Regrade, context: Context) -> Events:
    """The new grade's dates, counted from the same anchor."""
    return (regraded(case, body.grade, body.reason, context.now, review=None),)


def acknowledge(case: Case, body: c.Acknowledge, context: Context) -> Events:
    """Where the policy counts from receipt, the dates now count from the true one."""
    policy = policy_of(case)
    dates = case.deadlines
    if policy.anchor == "receipt":
        anchors = clocks.anchors(finding_of(case), policy, issued_of(case), case.zone, receipt=context.now)
        why = "receipt acknowledged"
        dates = clocks.reanchor(dates, policy, grade_of(case), anchors, case.zone, context.now, why)
    return (e.Acknowledged(deadlines=dates),)


def may_grade_at_once(body: c.Report, actor: Actor) -> bool:
    """Whether the finding is complete and states a grade that its reporter may state."""
    may = actor.may_state_grades if actor.kind == "key" else Role.AUDITOR in actor.roles
    return may and body.finding.grade is not None and not missing_for_issue(body.finding)


def grade_at_once(body: c.Report, context: Context) -> Grade | None:
    """The grade of a complete finding whose reporter may state it; None (also without a policy) sends it to triage."""
    if not may_grade_at_once(body, context.actor):
        return None
    try:
        policy_for(body.finding, body.finding.grade or "minor", context)
    except PolicyError:
        return None
    return body.finding.grade


def regraded(case: Case, grade: Grade, reason: str, now: datetime, review: str | None) -> e.Regraded:
    """Another grade and its dates, counted from the same anchor."""
    policy = policy_of(case)
    anchors = clocks.anchors(finding_of(case), policy, issued_of(case), case.zone, receipt=case.acknowledged_at)
    dates = clocks.reanchor(case.deadlines, policy, grade, anchors, case.zone, now, f"regraded to {grade}")
    return e.Regraded(grade=grade, reason=reason, deadlines=dates, review=review)
