"""Until when something may be asked for, and by when it has to be decided (policy.dispute, policy.appeal)."""

from datetime import datetime
from typing import Literal
from zoneinfo import ZoneInfo

from workflows.nonconformity.case import Case
from workflows.nonconformity.deadlines import Deadline
from workflows.nonconformity.deadlines.counting import count
from workflows.nonconformity.deadlines.telling import said
from workflows.nonconformity.given import anchors_of, policy_of
from workflows.policy import Window


def disputable_until(case: Case) -> datetime:
    """The last instant at which a case can be disputed; a window that was over at issue is the minimum response time.

    A window that counts from an instant which nobody stated counts from issue.
    """
    rules, known = policy_of(case), anchors_of(case)
    start: datetime | None = getattr(known, rules.dispute.anchor)
    until = _end(case, rules.dispute, start or known.issue)
    return until if until > known.issue else count(rules, rules.minimum_response, known.issue, ZoneInfo(case.zone)).due


def appealable_until(case: Case, decided: datetime) -> datetime:
    """The last instant at which a decision of the committee can be appealed against; counts from the decision."""
    return _end(case, policy_of(case).appeal, decided)


def with_answer_date(
    case: Case, kind: Literal["dispute", "appeal"], window: Window, now: datetime
) -> tuple[Deadline, ...]:
    """The dates with that by which the certification body decides on what is asked for now; its breach warns."""
    area = ZoneInfo(case.zone)
    counted = count(policy_of(case), window.decide_within, now, area)
    line = f"{counted.words} from the {kind} {said(now, area)}: {said(counted.plain, area)}"
    date = Deadline(
        kind=kind,
        due_at=counted.due,
        first_due_at=counted.due,
        by_day=policy_of(case).end_of_day and window.decide_within.in_days,
        set_at=now,
        explanation=(line, *counted.lines),
    )
    return (*(deadline for deadline in case.deadlines if deadline.kind != kind), date)


def _end(case: Case, window: Window, start: datetime) -> datetime:
    return count(policy_of(case), window.within, start, ZoneInfo(case.zone)).due
