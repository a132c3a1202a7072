"""How dates and spans are written in explanations and refusals."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from workflows.calendars import Calendar
from workflows.durations import end_of_day
from workflows.sentences import Fact, There


def said(at: datetime, zone: ZoneInfo) -> str:
    """An instant by the clock of the client."""
    return f"{at.astimezone(zone):%Y-%m-%d %H:%M:%S %Z}"


def day_or_time(at: datetime, zone: ZoneInfo) -> Fact:
    """An instant in the zone of the client, which is named: the day alone, where it is the end of one."""
    whole_day = at == end_of_day(at, zone)
    clock = "" if whole_day else " %H:%M:%S"
    return Fact(f"{at.astimezone(zone):%Y-%m-%d{clock}} ({zone.key})", There(at, zone, whole_day))


def span(time: timedelta) -> str:
    """How long something took, to the second: `3 days, 4 hours, 30 minutes`."""
    minutes, seconds = divmod(time.seconds, 60)
    hours, minutes = divmod(minutes, 60)
    parts = ((time.days, "day"), (hours, "hour"), (minutes, "minute"), (seconds, "second"))
    return ", ".join(many(count, unit) for count, unit in parts if count) or "less than a second"


def many(count: int, unit: str) -> str:
    """So many of a unit: `no day`, `1 day`, `2 days`."""
    return f"{count} {unit}s" if count > 1 else f"{count or 'no'} {unit}"


def left_out(calendar: Calendar, first: date, last: date) -> Sequence[str]:
    """Which days after `first`, up to `last`, were no working days, and how far the calendar goes."""
    weekends, closed = calendar.skipped(first, last)
    days = [f"{many(weekends, 'day')} of weekends"] if weekends else []
    days += [day.isoformat() for day in closed]
    lines = [f"closed by the calendar and not counted: {', '.join(days)}"] if days else []
    if calendar.until is not None and last > calendar.until:
        lines.append(f"holidays are known until {calendar.until}; after that only weekends are closed")
    return lines
