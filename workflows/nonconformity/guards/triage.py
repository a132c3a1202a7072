"""Conditions on commands about triage: report, issue, dismissal, grade, receipt."""

from zoneinfo import ZoneInfo

from workflows.decider import Context
from workflows.findings import completed, missing_for_issue, reworded
from workflows.nonconformity import commands as c
from workflows.nonconformity import refusals as r
from workflows.nonconformity.ancestry import named, visible
from workflows.nonconformity.audits import as_registered
from workflows.nonconformity.case import Case
from workflows.nonconformity.given import finding_of, stated_of
from workflows.nonconformity.policies import policy_under
from workflows.policy_book import PolicyError
from workflows.procedure import AnotherClient, guard
from workflows.sentences import Sentence


@guard(r.FindingIncomplete)
def complete_finding(case: Case, body: object, context: Context) -> None:
    """The finding states what a nonconformity must state."""
    missing = missing_for_issue(case.finding) if case.finding else []
    if missing:
        raise r.FindingIncomplete(missing[0][0], missing="; ".join(rule for _, rule in missing))


@guard(r.NothingCompleted, needs_body=True)
def completes_something(case: Case, body: c.Complete, context: Context) -> None:
    """The finding says something else by it."""
    finding = finding_of(case)
    if completed(finding, stated_of(case), body) == finding:
        raise r.NothingCompleted


@guard(r.RewordingUnexplained, needs_body=True)
def explains_rewording(case: Case, body: c.Complete, context: Context) -> None:
    """What the source states stands in it still, or it is said why not."""
    finding, stated = finding_of(case), stated_of(case)
    now = completed(finding, stated, body)
    anew = [name for name in reworded(stated, now) if getattr(finding, name) != getattr(now, name)]
    if anew and body.reason is None:
        raise r.RewordingUnexplained("/reason", fields=" and ".join(anew).replace("_", " "))


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


@guard(r.AncestorUnknown, r.AncestorOfAnotherClient, r.AncestorNotClosed, needs_body=True)
def closed_ancestor(case: Case, body: c.Report, context: Context) -> None:
    """What it is said to recur is a closed nonconformity of the same client."""
    stated = body.finding.recurrence_of
    if stated is None:
        return
    ancestor = named(stated, context)
    if ancestor is None or not visible(ancestor, context.actor):
        raise r.AncestorUnknown("/recurrence_of", named=stated)
    if ancestor.client != body.finding.client:
        raise r.AncestorOfAnotherClient("/recurrence_of", named=stated)
    if ancestor.status != "closed":
        raise r.AncestorNotClosed("/recurrence_of", named=stated, status=ancestor.status)


@guard(r.HistoryInFuture, r.HistoryOutOfOrder, needs_body=True)
def sound_history(case: Case, body: c.Report, context: Context) -> None:
    """It moved in after it was issued, and no date that it brings is before that, by the client's days."""
    history, client = body.finding.history, context.facts.client
    if history is None or client is None:
        return
    issued_on, today = history.issued_on, context.today
    if issued_on > today:
        raise r.HistoryInFuture("/history/issued_on", issued_on=issued_on, today=today)
    for position, due in enumerate(history.deadlines):
        # A date without a time came as midnight UTC, which is the day before in the west.
        due_on = max(due.due_at.date(), due.due_at.astimezone(ZoneInfo(client.zone)).date())
        if due_on < issued_on:
            place = f"/history/deadlines/{position}/due_at"
            raise r.HistoryOutOfOrder(place, kind=due.kind, due_on=due_on, issued_on=issued_on)


@guard(r.AuditOfAnother, needs_body=True)
def own_audit(case: Case, body: c.Report, context: Context) -> None:
    """The audit that it names is of its client, where it is registered.

    Who acts for one client learns nothing of the audits of others: what they name is then one that nobody registered.
    """
    audit, finding = context.facts.audit, body.finding
    if context.actor.client is None and audit is not None and finding.audit and audit.client != finding.client:
        raise r.AuditOfAnother("/audit/ref", audit=audit.key, client=finding.client)


@guard(r.NoPolicy, r.LabelUnknown, r.LabelOfAnotherGrade, needs_body=True)
def policy_in_force(case: Case, body: c.Issue | c.Regrade, context: Context) -> None:
    """A policy applies to its standards, its audit stage and its grade today, and knows the label."""
    if case.finding is not None:
        case = case.model_copy(update={"finding": as_registered(case.finding, context)})
    try:
        rules = policy_under(case, body.grade, context)
    except PolicyError as error:
        raise r.NoPolicy(why=error) from error
    if body.label is None:
        return
    label = rules.labels.get(body.label)
    if label is None:
        known = ", ".join(rules.labels) or Sentence("it has no words of its own")
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


@guard(r.GradeUpheld, needs_body=True)
def not_lowered_by_dispute(case: Case, body: c.Regrade, context: Context) -> None:
    """Not higher again than a dispute that was upheld has made it."""
    if body.grade == "major" and case.grade == "minor" and case.dispute is not None and case.dispute.lowered:
        raise r.GradeUpheld("/grade", grade=body.grade)


@guard(r.AlreadyAcknowledged)
def not_acknowledged(case: Case, body: object, context: Context) -> None:
    """Receipt is still open."""
    if case.acknowledged_at is not None:
        raise r.AlreadyAcknowledged(at=case.acknowledged_at.astimezone(ZoneInfo(case.zone)).date())
