"""The windows that open when an audit ends: pure values, each with its explanation, line by line.

Stage 1 leaves areas of concern, which the client repairs within a window that stands still while the certification body
looks at the repairs. After stage 2 and recertification, the recommendation must come within six months (17021-1
9.5.3.2); nothing stops that.
"""

from datetime import date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from workflows.audit.events import ClockKind
from workflows.durations import Duration, end_of_day
from workflows.people import Frozen


class Clock(Frozen):
    """A window until `due_at`. `stopped_at` is since when it stands still, `ended_at` when it was met or missed."""

    kind: ClockKind
    due_at: datetime
    state: Literal["running", "stopped", "met", "missed"] = "running"
    by_day: bool = False
    stopped_at: datetime | None = None
    ended_at: datetime | None = None
    explanation: tuple[str, ...] = ()

    @property
    def is_open(self) -> bool:
        """Whether it can still be missed."""
        return self.state in ("running", "stopped")


def open_repair(within: Duration, ended_at: datetime, zone: str, policy: str) -> Clock:
    """The window in which areas of concern are repaired, from the instant at which the audit's end was recorded.

    That is when the client knows of all of them; an end that is recorded late takes nothing from the client's time.
    """
    return _open("repair", within, ended_at, "the end of stage 1", zone, policy)


def open_conclude(within: Duration, last_day: date, ended_at: datetime, zone: str, policy: str) -> Clock:
    """The window in which an audit may still lead to a recommendation, from its last day (17021-1 9.5.3.2).

    One of hours or seconds counts from the instant at which the end was recorded.
    """
    start = datetime.combine(last_day, time.min, ZoneInfo(zone)) if within.in_days else ended_at
    return _open("conclude", within, start, "the last day of the audit", zone, policy)


def stop(clock: Clock, at: datetime, zone: str) -> Clock:
    """It stands still: all that was asked is with the certification body."""
    if clock.state != "running":
        return clock
    return _told(clock, f"stopped {_said(at, zone)}: all concerns are repaired", state="stopped", stopped_at=at)


def resume(clock: Clock, at: datetime, zone: str) -> Clock:
    """It runs again, later by the days (or the time, where it does not end with a day) for which it stood still."""
    if clock.stopped_at is None:
        return clock
    area = ZoneInfo(zone)
    due = clock.due_at + (at - clock.stopped_at)
    if clock.by_day:
        days = (at.astimezone(area).date() - clock.stopped_at.astimezone(area).date()).days
        due = end_of_day(Duration(days=days).after(clock.due_at, area), area)
    line = f"runs again {_said(at, zone)} after a repair was returned: {_said(due, zone)}"
    return _told(clock, line, state="running", stopped_at=None, due_at=due)


def meet(clock: Clock, at: datetime, zone: str) -> Clock:
    """What it asked for is done."""
    return _told(clock, f"met {_said(at, zone)}", state="met", stopped_at=None, ended_at=at) if clock.is_open else clock


def miss(clock: Clock, at: datetime, zone: str) -> Clock:
    """It passed."""
    return _told(clock, f"missed {_said(clock.due_at, zone)}", state="missed", stopped_at=None, ended_at=at)


def wakes(clock: Clock) -> datetime | None:
    """When it is missed: a date is kept up to and including its own instant."""
    return clock.due_at + timedelta.resolution if clock.state == "running" else None


def _open(kind: ClockKind, within: Duration, start: datetime, said: str, zone: str, policy: str) -> Clock:
    area = ZoneInfo(zone)
    due = within.after(start, area)
    if within.in_days:
        due = end_of_day(due, area)
    line = f"{within} from {said} {_said(start, zone)}: {_said(due, zone)} ({policy})"
    return Clock(kind=kind, due_at=due, by_day=within.in_days, explanation=(line,))


def _told(clock: Clock, line: str, **changes: object) -> Clock:
    return clock.model_copy(update={**changes, "explanation": (*clock.explanation, line)})


def _said(at: datetime, zone: str) -> str:
    return f"{at.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M:%S %Z}"
