"""What commands about withdrawal, disputes and appeals record."""

from workflows.decider import Context, Event
from workflows.nonconformity import commands as c
from workflows.nonconformity import deadlines as clocks
from workflows.nonconformity import events as e
from workflows.nonconformity.case import LIVE, Case
from workflows.nonconformity.given import follows, policy_of, required
from workflows.nonconformity.policies import another_policy
from workflows.nonconformity.records.common import Events, escalated, is_under_review
from workflows.nonconformity.records.grading import regraded, upgraded
from workflows.nonconformity.windows import with_answer_date
from workflows.procedure import signed


def propose_withdrawal(case: Case, body: c.ProposeWithdrawal, context: Context) -> Events:
    """The first person's word."""
    return (e.WithdrawalProposed(reason=body.reason),)


def confirm_withdrawal(case: Case, body: c.ConfirmWithdrawal, context: Context) -> Events:
    """The second person's word."""
    return (e.Withdrawn(reason=body.reason),)


def dispute(case: Case, body: c.Dispute, context: Context) -> Events:
    """The client's word; the body has until a date to decide."""
    dates = with_answer_date(case, "dispute", policy_of(case).dispute, context.now)
    return (e.Disputed(wanted=body.wanted, reason=body.reason, deadlines=dates),)


def decide_dispute(case: Case, body: c.DecideDispute, context: Context) -> Events:
    """Upheld, it is withdrawn or regraded; rejected, what the dispute held up comes: the committee's call, an upgrade.

    The committee is not called twice: an appeal that was upheld during the dispute has called it already.
    """
    open_one = required(case.dispute, "a dispute")
    effect = (body.effect or open_one.wanted) if body.outcome == "upheld" else None
    decided = e.DisputeDecided(
        outcome=body.outcome,
        effect=effect,
        reason=body.reason,
        signature=signed(body, context),
        deadlines=clocks.meet(case.deadlines, "dispute", context.now, case.zone),
    )
    why = f"dispute upheld: {body.reason}"
    after = case.model_copy(update={"deadlines": decided.deadlines})
    if effect == "withdraw":
        return (decided, e.Withdrawn(reason=why))
    if effect == "regrade":
        policy = another_policy(case, "minor", context)
        return (decided, regraded(after, "minor", why, context.now, policy=policy))
    events: list[Event] = [decided]
    upgrade, held = open_one.upgrade, open_one.held
    if upgrade is not None and case.grade == "minor" and case.status != "verified":
        policy = another_policy(case, "major", context)
        events.append(upgraded(after, upgrade.cause, upgrade.reason, context.now, policy))
    if held is not None and not is_under_review(case):
        events.append(escalated(case, held.cause, held.reason))
    return events


def appeal(case: Case, body: c.Appeal, context: Context) -> Events:
    """Against the latest decision; the body has until a date to decide."""
    review = required(case.decision, "a decision").review
    dates = with_answer_date(case, "appeal", policy_of(case).appeal, context.now)
    return (e.Appealed(review=review, reason=body.reason, deadlines=dates),)


def decide_appeal(case: Case, body: c.DecideAppeal, context: Context) -> Events:
    """Upheld, the decision is set aside, and on a living case decided anew, without those who decided before."""
    review, upheld = required(case.appeal, "an appeal").review, body.outcome == "upheld"
    dates = clocks.meet(case.deadlines, "appeal", context.now, case.zone)
    if upheld and follows(case, review):
        dates = tuple(date for date in dates if date.kind != "follow_up")
    touched = (touch.certificate for touch in case.touched if touch.review == review) if upheld else ()
    decided = e.AppealDecided(
        review=review,
        outcome=body.outcome,
        reason=body.reason,
        signature=signed(body, context),
        deadlines=dates,
        certificates=tuple(touched),
    )
    if not upheld or case.status not in LIVE:
        return (decided,)
    return (decided, escalated(case, "appeal", body.reason))
