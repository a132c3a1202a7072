"""Conditions on commands about withdrawal, disputes and appeals."""

from zoneinfo import ZoneInfo

from workflows.decider import Context
from workflows.nonconformity import commands as c
from workflows.nonconformity import refusals as r
from workflows.nonconformity.case import Case
from workflows.nonconformity.deadlines.telling import day_or_time
from workflows.nonconformity.windows import appealable_until, disputable_until
from workflows.procedure import guard
from workflows.sentences import Sentence


@guard(r.WithdrawalPending)
def no_withdrawal_yet(case: Case, body: object, context: Context) -> None:
    """No withdrawal is proposed."""
    if case.withdrawal_proposed_by is not None:
        raise r.WithdrawalPending


@guard(r.NoWithdrawalProposed, r.SamePerson)
def second_person(case: Case, body: object, context: Context) -> None:
    """Somebody else proposed it."""
    if case.withdrawal_proposed_by is None:
        raise r.NoWithdrawalProposed
    if case.withdrawal_proposed_by == context.actor.id:
        raise r.SamePerson


@guard(r.DisputeOpen)
def no_open_dispute(case: Case, body: object, context: Context) -> None:
    """No dispute is open."""
    if case.dispute is not None and case.dispute.state == "open":
        raise r.DisputeOpen


@guard(r.DisputeTooLate)
def in_time_to_dispute(case: Case, body: object, context: Context) -> None:
    """The policy's window is open."""
    until = disputable_until(case)
    if context.now > until:
        raise r.DisputeTooLate(until=day_or_time(until, ZoneInfo(case.zone)))


@guard(r.NothingLower, needs_body=True)
def can_be_lower(case: Case, body: c.Dispute | c.DecideDispute, context: Context) -> None:
    """There is a lower grade, where one is wanted."""
    effect = body.wanted if isinstance(body, c.Dispute) else body.effect
    if effect == "regrade" and case.grade != "major":
        raise r.NothingLower("/wanted" if isinstance(body, c.Dispute) else "/effect", grade=case.grade)


@guard(r.NoDispute)
def disputed(case: Case, body: object, context: Context) -> None:
    """A dispute is open."""
    if case.dispute is None or case.dispute.state != "open":
        raise r.NoDispute


@guard(r.Involved)
def uninvolved(case: Case, body: object, context: Context) -> None:
    """No part in the audit or in the case."""
    if any(context.actor.is_called(member) for member in case.audit_team):
        raise r.Involved(part=Sentence("were on the audit team"))
    if context.actor.id in case.took_part:
        raise r.Involved(part=Sentence("took part in the case"))


@guard(r.Involved, needs_body=True)
def joined_no_team(case: Case, body: object, context: Context) -> None:
    """Not on the team of its audit either, as that is registered now: a team can change after the issue."""
    audit = case.finding.audit if case.finding else None
    team = [member for held in context.facts.audits if audit and held.key == audit.ref for member in held.took_part]
    if any(context.actor.is_called(member) for member in team):
        raise r.Involved(part=Sentence("are on the audit team, or were"))


@guard(r.NothingToAppeal, r.AppealedAlready, r.AppealTooLate)
def appealable(case: Case, body: object, context: Context) -> None:
    """The committee's latest decision, once, within the policy's window."""
    decision = case.decision
    if decision is None:
        raise r.NothingToAppeal
    if case.appeal is not None and (case.appeal.state == "open" or case.appeal.review == decision.review):
        raise r.AppealedAlready
    until = appealable_until(case, decision.at)
    if context.now > until:
        raise r.AppealTooLate(until=day_or_time(until, ZoneInfo(case.zone)))


@guard(r.NoAppeal)
def appealed(case: Case, body: object, context: Context) -> None:
    """An appeal is open."""
    if case.appeal is None or case.appeal.state != "open":
        raise r.NoAppeal


@guard(r.SatInReview)
def did_not_sit(case: Case, body: object, context: Context) -> None:
    """Not one of those who decided in the review."""
    if case.appeal is not None and context.actor.id in case.appeal.deciders:
        raise r.SatInReview
