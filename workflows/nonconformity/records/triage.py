"""What commands about triage: report, issue, dismissal, grade, receipt record."""

from workflows.decider import Context
from workflows.findings import COMPLETABLE, Finding, completed, missing_for_issue
from workflows.grades import Grade
from workflows.nonconformity import commands as c
from workflows.nonconformity import deadlines as clocks
from workflows.nonconformity import events as e
from workflows.nonconformity.ancestry import ancestor
from workflows.nonconformity.audits import as_registered, differences
from workflows.nonconformity.case import Case
from workflows.nonconformity.doubts import about
from workflows.nonconformity.given import anchors_of, finding_of, grade_of, policy_of, required, stated_of
from workflows.nonconformity.policies import another_policy, policy_for, policy_named
from workflows.nonconformity.records.common import Events, in_step
from workflows.nonconformity.records.grading import regraded
from workflows.nonconformity.records.issuing import issued
from workflows.nonconformity.wording import warnings
from workflows.people import Actor, Role
from workflows.policy_book import PolicyError
from workflows.procedure import signed


def report(case: Case, body: c.Report, context: Context) -> Events:
    """Into triage; issued at once where the finding states a grade, with a label that fits it, and its reporter may."""
    known = as_registered(body.finding, context)
    strange = strange_label(known, context)
    reported = e.Reported(
        finding=body.finding,
        proposed_grade=body.finding.proposed_grade,
        recurrence_of=body.recurrence_of or ancestor(body.finding, context),
        revision=body.revision,
        document=body.document,
        escaped=body.escaped,
        flags=(strange,) if strange else (),
        warnings=(*differences(body.finding, context), *about(body.finding, context)),
    )
    grade = None if strange else grade_at_once(body, known, context)
    if grade is None:
        return (reported,)
    triaged = case.model_copy(update={"status": "reported", "finding": body.finding})
    return (reported, *issue(triaged, c.Issue(grade=grade, label=body.finding.label), context))


def complete(case: Case, body: c.Complete, context: Context) -> Events:
    """What the finding says otherwise by it; what is as its source states it is the source's."""
    finding, stated = finding_of(case), stated_of(case)
    now = completed(finding, stated, body)
    changed = {name: said for name in COMPLETABLE if (said := getattr(now, name)) != getattr(finding, name)}
    back = tuple(name for name, said in changed.items() if said == getattr(stated, name))
    strange = strange_label(as_registered(now, context), context)
    return (
        e.FindingCompleted(
            **{name: said for name, said in changed.items() if name not in back},
            given_back=back,
            reason=body.reason,
            flags=(strange,) if strange else (),
            warnings=(*differences(now, context), *about(now, context), *warnings(now)),
        ),
    )


def issue(case: Case, body: c.Issue, context: Context) -> Events:
    """Number, policy and dates, fixed."""
    return (issued(case, body, context),)


def dismiss(case: Case, body: c.Dismiss, context: Context) -> Events:
    """No nonconformity."""
    return (e.Dismissed(reason=body.reason),)


def regrade(case: Case, body: c.Regrade, context: Context) -> Events:
    """The new grade's dates, counted from the same anchor, under a policy that covers it."""
    policy = another_policy(case, body.grade, context)
    return (regraded(case, body.grade, body.reason, context.now, policy=policy, label=body.label),)


def acknowledge(case: Case, body: c.Acknowledge, context: Context) -> Events:
    """The dates that count from receipt now count from the true one."""
    policy, grade, now = policy_of(case), grade_of(case), context.now
    anchors = clocks.acknowledged(anchors_of(case), now)
    only = clocks.counting_from(policy, grade, "receipt", case.label)
    why = "receipt acknowledged"
    dates = clocks.reanchor(case.deadlines, policy, grade, anchors, case.zone, now, why, case.label, only)
    return (e.Acknowledged(deadlines=dates),)


def apply_policy(case: Case, body: c.ApplyPolicy, context: Context) -> Events:
    """The dates counted anew from the same anchors; what was moved is moved as far again."""
    policy = required(policy_named(body.policy, context), "a policy")
    why = f"{policy.name} {policy.version} applied"
    dates = clocks.reanchor(
        case.deadlines, policy, grade_of(case), anchors_of(case), case.zone, context.now, why, case.label
    )
    fitted = in_step(case, dates, policy, context.now)
    return (e.PolicyApplied(policy=policy, signature=signed(body, context), deadlines=fitted),)


def stated_grade(finding: Finding) -> Grade | None:
    """The grade that a finding comes with: the one decided elsewhere, before any other."""
    return finding.history.grade if finding.history else finding.grade


def strange_label(finding: Finding, context: Context) -> str | None:
    """What stands against the scheme's own word that a finding carries: its policy does not know it as its grade."""
    grade = stated_grade(finding)
    if finding.label is None:
        return None
    if grade is None:
        return "label_without_grade"
    try:
        label = policy_for(finding, grade, context).labels.get(finding.label)
    except PolicyError:
        label = None
    if label is None:
        return "label_unknown"
    return None if label.grade == grade else "label_of_another_grade"


def may_state_grades(actor: Actor) -> bool:
    """Whether what an actor reports is issued under the grade that it states."""
    return actor.may_state_grades if actor.kind == "key" else Role.AUDITOR in actor.roles


def may_grade_at_once(body: c.Report, actor: Actor) -> bool:
    """Whether the finding is complete and states a grade that its reporter may state."""
    return may_state_grades(actor) and stated_grade(body.finding) is not None and not missing_for_issue(body.finding)


def grade_at_once(body: c.Report, known: Finding, context: Context) -> Grade | None:
    """The grade of a complete finding whose reporter may state it; None (also without a policy) sends it to triage."""
    grade = stated_grade(body.finding)
    if grade is None or not may_grade_at_once(body, context.actor):
        return None
    try:
        policy_for(known, grade, context)
    except PolicyError:
        return None
    return grade
