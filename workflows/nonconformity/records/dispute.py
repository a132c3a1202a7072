"""What commands about withdrawal, disputes and appeals record."""

from workflows.decider import Context
from workflows.nonconformity import commands as c
from workflows.nonconformity import deadlines as clocks
from workflows.nonconformity import events as e
from workflows.nonconformity.case import Case
from workflows.nonconformity.given import policy_of, required
from workflows.nonconformity.policies import policy_under
from workflows.nonconformity.records.common import Events, escalated, is_under_review
from workflows.nonconformity.records.grading import regraded
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
    """Upheld, it is withdrawn or regraded; rejected, the committee is called if it would have been meanwhile.

    Not twice: an appeal that was upheld during the dispute has called it already.
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
        rules = policy_under(case, "minor", context)
        policy = None if rules is case.policy else rules
        return (decided, regraded(after, "minor", why, context.now, policy=policy))
    held = open_one.held
    if held is None or is_under_review(case):
        return (decided,)
    return (decided, escalated(case, held.cause, held.reason))


def appeal(case: Case, body: c.Appeal, context: Context) -> Events:
    """Against the latest decision; the body has until a date to decide."""
    review = required(case.decision, "a decision").review
    dates = with_answer_date(case, "appeal", policy_of(case).appeal, context.now)
    return (e.Appealed(review=review, reason=body.reason, deadlines=dates),)


def decide_appeal(case: Case, body: c.DecideAppeal, context: Context) -> Events:
    """Upheld, the committee decides anew, without those who decided before."""
    decided = e.AppealDecided(
        review=required(case.appeal, "an appeal").review,
        outcome=body.outcome,
        reason=body.reason,
        signature=signed(body, context),
        deadlines=clocks.meet(case.deadlines, "appeal", context.now, case.zone),
    )
    if body.outcome == "rejected":
        return (decided,)
    return (decided, escalated(case, "appeal", f"appeal upheld: {body.reason}"))
