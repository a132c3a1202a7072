"""The latest safe submission: by when the client must act so that nothing is missed, however long reviews may take."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from workflows.durations import Duration, end_of_day
from workflows.nonconformity.commands import ClientDate, DeadlineKind
from workflows.nonconformity.deadlines.counting import CLIENT_DATES, count
from workflows.nonconformity.deadlines.dates import Deadline
from workflows.nonconformity.deadlines.telling import said
from workflows.policy import Policy, Step

Submission = Literal["plan", "evidence"]


@dataclass(frozen=True, slots=True)
class LatestSafe:
    """The latest instant for what a date of the client asks next, and why."""

    kind: ClientDate
    at: datetime
    explanation: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Demand:
    """One thing that must not be missed: act `by` then, because."""

    by: datetime
    because: str


def latest_safe(
    deadlines: Sequence[Deadline], policy: Policy, zone: str, left: Sequence[Submission]
) -> tuple[LatestSafe, ...]:
    """For each running date of the client, the latest instant at which it is safe to do what it asks next.

    `left` are the submissions that the client still owes, in order. The certification body is taken to use its whole
    review time (`policy.review`) at each of them, and the client to submit the next thing at once. A policy without a
    review time leaves the body none.
    """
    running = {deadline.kind: deadline for deadline in deadlines if deadline.state == "running"}
    found = []
    for kind in CLIENT_DATES:
        if kind not in running or (kind != "correction" and not left) or (kind == "plan" and "plan" not in left):
            continue
        demands = tuple(_demands(kind, running, policy, ZoneInfo(zone), left))
        at = min(demand.by for demand in demands)
        found.append(LatestSafe(kind, at, tuple(demand.because for demand in demands)))
    return tuple(found)


def _demands(
    kind: ClientDate,
    running: Mapping[DeadlineKind, Deadline],
    policy: Policy,
    area: ZoneInfo,
    left: Sequence[Submission],
) -> Iterator[_Demand]:
    """What limits the next act under a date: the date itself, and those that come after it."""
    own = running[kind]
    if kind == "correction":
        yield _Demand(own.due_at, f"recorded by its date: {said(own.due_at, area)}")
        return
    # The close-out asks for whatever is to be submitted next; plan and evidence for themselves.
    first: Submission = left[0] if kind == "closure" else "plan" if kind == "plan" else "evidence"
    ahead = left[left.index(first) :]
    for reviews, item in enumerate(ahead if kind != "closure" else (), start=1):
        date = running.get(item)
        if date is not None:
            # A date that stops is judged by the submission, and later by the time of the reviews before it.
            stops = item in policy.stops
            yield _before(date, 0 if stops else reviews, "submitted" if stops else "decided on", policy, area)
    closure = running.get("closure")
    if closure is not None:
        yield _before(closure, len(ahead), "closed out", policy, area)


def _before(date: Deadline, reviews: int, act: str, policy: Policy, area: ZoneInfo) -> _Demand:
    by = date.due_at
    name = "close-out" if date.kind == "closure" else date.kind
    words = f"{act} by the {name} date {said(date.due_at, area)}"
    if policy.review is None or not reviews:
        return _Demand(by, f"{words}: {said(by, area)}")
    for _ in range(reviews):
        by = latest_start(policy, policy.review, by, area)
    times = "a review" if reviews == 1 else f"{reviews} reviews, one after the other,"
    return _Demand(by, f"{words}, after {times} of {policy.review.within}: {said(by, area)}")


def latest_start(policy: Policy, step: Step, bound: datetime, area: ZoneInfo) -> datetime:
    """The latest instant from which a step of the policy is over by `bound`."""
    days = step.days or policy.days
    back = Duration(-step.within.months, -step.within.days, -step.within.exact)
    if not step.within.in_days:
        return back.after(bound, area)
    day = bound.astimezone(area).date()
    # No step is over sooner than its shortest months and its days; a roll back makes it so by the days rolled.
    least = 0 if policy.roll == "backward" else 28 * step.within.months + step.within.days
    clock = bound.astimezone(area).time()
    while True:
        start = datetime.combine(day - timedelta(days=least), time(12) if policy.end_of_day else clock, area)
        start = end_of_day(start, area) if policy.end_of_day else start
        if count(policy, step.within, start, area, days).due <= bound:
            return start
        least += 1
