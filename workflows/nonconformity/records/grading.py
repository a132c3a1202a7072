"""Another grade: by a person, by the committee, or by the policy where a minor was left undone."""

from collections.abc import Sequence
from datetime import datetime

from workflows.grades import Grade
from workflows.nonconformity import deadlines as clocks
from workflows.nonconformity import events as e
from workflows.nonconformity.case import Case
from workflows.nonconformity.commands import UpgradeCause
from workflows.nonconformity.deadlines import Deadline
from workflows.nonconformity.given import anchors_of, policy_of
from workflows.nonconformity.records.common import Events, in_step
from workflows.policy import Policy


def regraded(
    case: Case,
    grade: Grade,
    reason: str,
    now: datetime,
    *,
    policy: Policy | None = None,
    label: str | None = None,
    review: str | None = None,
) -> e.Regraded:
    """Another grade and its dates, counted from the same anchors; `policy` where it is another one from now on."""
    rules = policy or policy_of(case)
    why = f"regraded to {label or grade}"
    dates = clocks.reanchor(_undeferred(case), rules, grade, anchors_of(case), case.zone, now, why, label)
    return e.Regraded(
        grade=grade,
        label=label,
        policy=policy,
        reason=reason,
        deadlines=in_step(case, dates, rules, now),
        review=review,
        cause="committee" if review else "by_hand",
    )


def upgrade(case: Case, cause: UpgradeCause, reason: str, now: datetime, policy: Policy | None = None) -> Events:
    """A minor that was left undone becomes a major; while a dispute is open, that waits for the end of it."""
    dispute = case.dispute
    if dispute is None or dispute.state != "open":
        return (upgraded(case, cause, reason, now, policy),)
    return () if dispute.upgrade is not None else (e.UpgradeHeld(cause=cause, reason=reason),)


def upgraded(case: Case, cause: UpgradeCause, reason: str, now: datetime, policy: Policy | None = None) -> e.Regraded:
    """A minor that was left undone is a major from now on: its dates count from now, its hard limits do not."""
    rules = policy or policy_of(case)
    why = f"upgraded to major: {reason}"
    dates = clocks.reanchor(case.deadlines, rules, "major", anchors_of(case), case.zone, now, why, since=now)
    fitted = in_step(case, dates, rules, now)
    return e.Regraded(grade="major", policy=policy, reason=reason, deadlines=fitted, cause=cause)


def _undeferred(case: Case) -> Sequence[Deadline]:
    """The dates without what a deferral moved them by: another grade is not verified later for it."""
    if case.deferral is None:
        return case.deadlines
    return [deadline.model_copy(update={"first_due_at": deadline.due_at}) for deadline in case.deadlines]
