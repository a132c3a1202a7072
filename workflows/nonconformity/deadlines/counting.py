"""The dates of a nonconformity as a policy counts them, each with its explanation, line by line."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from workflows.durations import Duration, end_of_day
from workflows.grades import Grade
from workflows.nonconformity.commands import ClientDate
from workflows.nonconformity.deadlines.dates import Anchors, Deadline
from workflows.nonconformity.deadlines.telling import left_out, said
from workflows.policy import Anchor, Counted, Limit, LimitAnchor, Policy, Step

CLIENT_DATES: tuple[ClientDate, ...] = ("correction", "plan", "evidence", "closure")
"""The dates that a client keeps, in the order in which they come."""

_WORDS: dict[LimitAnchor, str] = {
    "issue": "issue",
    "receipt": "receipt",
    "audit_end": "the end of the audit",
    "detection": "detection",
    "certificate_expiry": "the certificate's expiry",
}


class Count(NamedTuple):
    """A counted date: as `words` say it, `plain` before and `due` after it was rolled, with the `lines` on the way."""

    words: str
    plain: datetime
    due: datetime
    lines: Sequence[str]


class Bound(NamedTuple):
    """A hard limit as an instant, and how it is said."""

    at: datetime
    words: str


def count(policy: Policy, within: Duration, start: datetime, area: ZoneInfo, days: Counted = "calendar") -> Count:
    """So long after `start`, in calendar or working days, to the end of that day, and off a closed day."""
    if days == "calendar":
        plain, words, lines = within.after(start, area), str(within), []
    else:
        first = start.astimezone(area).date()
        last = policy.calendar.later(first, within.days)
        plain = Duration(days=(last - first).days).after(start, area)
        words = f"{within} in working days ({policy.calendar})"
        lines = list(left_out(policy.calendar, first, last))
    if not within.in_days:
        return Count(words, plain, plain, lines)
    plain = end_of_day(plain, area) if policy.end_of_day else plain
    due, line = rolled(policy, plain, start, area)
    return Count(words, plain, due, [*lines, line] if line else lines)


def rolled(policy: Policy, due: datetime, after: datetime, area: ZoneInfo) -> tuple[datetime, str | None]:
    """A date off a closed day, as the policy says, and what is said of that; never back to `after` or before."""
    day = due.astimezone(area).date()
    if policy.roll == "none" or policy.calendar.is_open(day):
        return due, None
    moved = _opened(policy, due, policy.roll == "forward", area)
    moved = moved if moved > after else _opened(policy, due, True, area)
    direction = "forward" if moved > due else "backward"
    return moved, f"{day} is closed ({policy.calendar}), so rolled {direction}: {said(moved, area)}"


def _opened(policy: Policy, due: datetime, forward: bool, area: ZoneInfo) -> datetime:
    day = due.astimezone(area).date()
    there = policy.calendar.opened(day, forward)
    moved = Duration(days=(there - day).days).after(due, area)
    return end_of_day(moved, area) if policy.end_of_day else moved


def fix(
    policy: Policy,
    grade: Grade,
    anchors: Anchors,
    zone: str,
    label: str | None = None,
    since: datetime | None = None,
) -> tuple[Deadline, ...]:
    """The dates of a nonconformity as issuing fixes them (grades without a step have none).

    A step that counts from an instant nobody stated counts from issue, and says so. A date already past at issue
    becomes issue plus the policy's minimum response time. The close-out date keeps the hard limits that hold. Where
    dates begin anew, `since` takes the place of the steps' anchors, not of the limits'.
    """
    area = ZoneInfo(zone)
    terms = policy.terms(grade, label)
    found: tuple[tuple[ClientDate, Step | None], ...] = tuple((kind, getattr(terms, kind)) for kind in CLIENT_DATES)
    rule = f"{policy.name} {policy.version}, {label or grade}"
    return tuple(
        _fixed(policy, kind, step, grade, anchors, area, rule, since) for kind, step in found if step is not None
    )


def _fixed(
    policy: Policy,
    kind: ClientDate,
    step: Step,
    grade: Grade,
    anchors: Anchors,
    area: ZoneInfo,
    rule: str,
    since: datetime | None,
) -> Deadline:
    days = step.days or policy.days
    due, latest, lines = _counted(policy, step, anchors, area, rule, since)
    if due <= anchors.issue:
        least = count(policy, policy.minimum_response, anchors.issue, area)
        due = least.due
        said_so = f"past at issue, so issue plus the minimum response time {least.words}: {said(least.plain, area)}"
        lines = [*lines, said_so, *least.lines]
    limit = None
    if kind == "closure":
        limit, unheld = bound(policy, grade, anchors, area, since)
        lines = [*lines, *unheld]
        if limit is not None and limit.at < due:
            due = limit.at
            lines.append(f"no later than the hard limit {limit.words}: {said(due, area)}")
    return Deadline(
        kind=kind,
        due_at=due,
        first_due_at=due,
        by_day=policy.end_of_day and step.within.in_days,
        days=days,
        latest_at=latest,
        limit_at=limit.at if limit else None,
        limit=limit.words if limit else None,
        on_breach=step.on_breach,
        set_at=since or anchors.issue,
        explanation=tuple(lines),
    )


def _counted(
    policy: Policy, step: Step, anchors: Anchors, area: ZoneInfo, rule: str, since: datetime | None
) -> tuple[datetime, datetime | None, list[str]]:
    """When a step is due, until when it waits at most for the next audit, and how that was counted."""
    start, where = (since, "then on") if since else _start(step.anchor or policy.anchor, anchors)
    counted = count(policy, step.within, start, area, step.days or policy.days)
    line = f"{counted.words} from {where} {said(start, area)}: {said(counted.plain, area)} ({rule})"
    if step.at is None:
        return counted.due, None, [line, *counted.lines]
    if anchors.next_audit is None:
        none = f"at the next audit, of which none is planned; at the latest {line}"
        return counted.due, counted.due, [none, *counted.lines]
    if anchors.next_audit <= counted.due:
        first = f"at the end of the next audit: {said(anchors.next_audit, area)} ({rule})"
        return anchors.next_audit, counted.due, [first]
    late = f"the next audit ends later, {said(anchors.next_audit, area)}"
    return counted.due, counted.due, [f"{late}; at the latest {line}", *counted.lines]


def _start(named: Anchor, anchors: Anchors) -> tuple[datetime, str]:
    start: datetime | None = getattr(anchors, named)
    if start is None:
        return anchors.issue, f"issue (no date of {_WORDS[named]} is stated)"
    return start, _WORDS[named]


def bound(
    policy: Policy, grade: Grade, anchors: Anchors, area: ZoneInfo, since: datetime | None = None
) -> tuple[Bound | None, Sequence[str]]:
    """The earliest hard limit that holds, and a line for each that does not.

    One whose anchor is unknown holds nothing, nor does one that was past `since` dates began anew.
    """
    held, unheld = [], []
    for limit in _applicable(policy, grade, anchors):
        start: datetime | None = getattr(anchors, limit.anchor)
        words = f"{limit.within} from {_WORDS[limit.anchor]}"
        if start is None:
            missing = f"no date of {_WORDS[limit.anchor]} is stated"
            unheld.append(f"the hard limit {words} does not hold: {missing}")
            continue
        at = limit.within.after(start, area)
        at = end_of_day(at, area) if policy.end_of_day and limit.within.in_days else at
        if since is not None and at <= since:
            unheld.append(f"the hard limit {words} was past already, {said(at, area)}, and does not hold")
            continue
        held.append(Bound(at, words))
    return min(held, default=None), unheld


def _applicable(policy: Policy, grade: Grade, anchors: Anchors) -> Iterator[Limit]:
    for limit in policy.limits:
        if (not limit.grades or grade in limit.grades) and (not limit.stages or anchors.stage in limit.stages):
            yield limit


def counting_from(
    policy: Policy, grade: Grade, anchor: LimitAnchor | str, label: str | None = None
) -> Sequence[ClientDate]:
    """Which dates of a grade an anchor has a part in; `next_audit` has in those that come due then."""
    terms = policy.terms(grade, label)
    steps = [(kind, step) for kind in CLIENT_DATES if (step := getattr(terms, kind)) is not None]
    limited = any(limit.anchor == anchor for limit in policy.limits)
    return [
        kind
        for kind, step in steps
        if anchor in (step.anchor or policy.anchor, step.at) or (kind == "closure" and limited)
    ]
