"""What the records of several regions share."""

import uuid
from collections.abc import Sequence
from datetime import datetime

from workflows.decider import Event
from workflows.nonconformity import commands as c
from workflows.nonconformity import deadlines as clocks
from workflows.nonconformity import events as e
from workflows.nonconformity.case import Case
from workflows.nonconformity.deadlines import Deadline
from workflows.nonconformity.given import policy_of
from workflows.policy import Policy
from workflows.procedure import Consequence

Events = Sequence[Event]


def resubmission(case: Case, kinds: Sequence[c.DeadlineKind], now: datetime) -> tuple[Deadline, ...]:
    """The dates after something went back: time to submit it again, and what the body had stopped runs again."""
    again = clocks.resubmit(case.deadlines, kinds, now, policy_of(case), case.zone)
    return clocks.release(again, now, policy_of(case), case.zone)


def in_step(case: Case, dates: Sequence[Deadline], rules: Policy, now: datetime) -> tuple[Deadline, ...]:
    """Dates counted anew, in step with the case: another grade or policy asks for nothing twice.

    A new date for what is done already is met; one that `rules` stop stands still while the body has the item in hand.
    """
    new = {date.kind for date in dates} - {date.kind for date in case.deadlines}
    done: dict[c.DeadlineKind, bool] = {
        "correction": case.correction is not None,
        "plan": case.plan.state == "accepted",
        "evidence": case.status == "verified",
    }
    for kind in (kind for kind, is_done in done.items() if is_done and kind in new):
        dates = clocks.meet(dates, kind, now, case.zone)
    if case.plan.state == "submitted" or case.status == "evidence_submitted":
        dates = clocks.stop(dates, new & set(rules.stops), now, "the certification body has it in hand", case.zone)
    return tuple(dates)


def over_rounds(case: Case) -> Events:
    """The call of the committee, where one more return is over the policy's limit."""
    if not _is_over(case):
        return ()
    limit = policy_of(case).round_limit
    return call(case, "round_limit", f"returned {case.rounds + 1} times; the policy allows {limit}")


def _is_over(case: Case) -> bool:
    return case.rounds + 1 > policy_of(case).round_limit and not is_under_review(case)


CALLS_COMMITTEE = Consequence(e.Escalated, _is_over)
"""One more return calls the committee, while a dispute is open as soon as that is decided."""


def call(case: Case, cause: c.EscalationCause, reason: str) -> Events:
    """The call of the committee; while a dispute is open it waits for the end of that."""
    if case.dispute is None or case.dispute.state != "open":
        return (escalated(case, cause, reason),)
    return () if case.dispute.held is not None else (e.EscalationHeld(cause=cause, reason=reason),)


def escalated(case: Case, cause: c.EscalationCause, reason: str) -> e.Escalated:
    """The call of the committee, with the id of the review that it opens."""
    return e.Escalated(cause=cause, review=_review_id(case), reason=reason)


def _review_id(case: Case) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"{case.stream}/reviews/{len(case.reviews) + 1}"))


def is_under_review(case: Case) -> bool:
    """Whether a committee review is on."""
    return case.escalation is not None and case.escalation.state == "under_review"


def waiting(case: Case) -> Sequence[c.DeadlineKind]:
    """The dates that wait for the audit of a deferral: those that the policy puts there, else what is left to show."""
    put_off = [deadline.kind for deadline in case.deadlines if deadline.latest_at is not None]
    return put_off or (["closure"] if case.status == "evidence_submitted" else ["evidence", "closure"])
