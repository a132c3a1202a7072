"""How dates and spans are written in explanations and refusals."""

from collections.abc import Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from workflows.calendars import Calendar
from workflows.durations import end_of_day


def said(at: datetime, zone: ZoneInfo) -> str:
    """An instant by the clock of the client."""
    return f"{at.astimezone(zone):%Y-%m-%d %H:%M:%S %Z}"


def day_or_time(at: datetime, zone: ZoneInfo) -> str:
    """An instant in the zone of the client, which is named: the day alone, where it is the end of one."""
    clock = "" if at == end_of_day(at, zone) else " %H:%M:%S"
    return f"{at.astimezone(zone):%Y-%m-%d{clock}} ({zone.key})"


def span(seconds: float) -> str:
    """How long something took."""
    days, rest = divmod(seconds, 86_400)
    return (
        f"{int(days)} days"
        if days and rest < 60
        else f"{int(days)} days {rest / 3600:.1f} hours"
        if days
        else f"{rest:.1f} seconds"
    )


def left_out(calendar: Calendar, first: date, last: date) -> Sequence[str]:
    """Which days after `first`, up to `last`, were no working days, and how far the calendar goes."""
    weekends, closed = calendar.skipped(first, last)
    days = [f"{weekends} days of weekends"] if weekends else []
    days += [day.isoformat() for day in closed]
    lines = [f"closed by the calendar and not counted: {', '.join(days)}"] if days else []
    if calendar.until is not None and last > calendar.until:
        lines.append(f"holidays are known until {calendar.until}; after that only weekends are closed")
    return lines
