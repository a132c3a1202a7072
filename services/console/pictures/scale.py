"""Time as a picture has it: instants to places on a line, and the marks of a calendar along it. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from babel.dates import format_date

from services.console.frame.reader import LOCALE

_STEPS = (1, 2, 7, 14, 30, 61, 91, 182, 365)
"""How many days lie between two marks: the first step that leaves no more than MARKS of them."""

MARKS = 9


@dataclass(frozen=True, slots=True)
class Tick:
    """A mark of the calendar."""

    x: float
    label: str


@dataclass(frozen=True, slots=True)
class Scale:
    """A line from `left` to `right`, in units of the picture, on which time runs from `first` to `last`."""

    first: datetime
    last: datetime
    left: float
    right: float

    @classmethod
    def over(cls, instants: Sequence[datetime], left: float, right: float) -> "Scale":
        """The line on which all of these lie, with some room at both ends."""
        first, last = min(instants), max(instants)
        room = max((last - first) * 0.03, timedelta(minutes=1))
        return cls(first - room, last + room, left, right)

    def x(self, at: datetime) -> float:
        """Where an instant lies; what is beyond an end lies at it."""
        share = (at - self.first) / (self.last - self.first)
        return round(self.left + (self.right - self.left) * min(max(share, 0.0), 1.0), 1)

    def ticks(self, zone: ZoneInfo) -> list[Tick]:
        """The marks of a calendar in a zone; hours where all lies within two days."""
        days = (self.last - self.first) / timedelta(days=1)
        if days < 2:
            return [
                Tick(self.x(at), f"{at.astimezone(zone):%H:%M}")
                for at in (self.first + (self.last - self.first) * part for part in (0.1, 0.5, 0.9))
            ]
        return self.days(zone)

    def days(self, zone: ZoneInfo) -> list[Tick]:
        """The marks of a calendar in a zone, at the beginning of days."""
        days = (self.last - self.first) / timedelta(days=1)
        step = timedelta(days=next((one for one in _STEPS if days / one <= MARKS), 365 * (int(days / 365 / MARKS) + 1)))
        at = self.first.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
        found = []
        shown = "d MMM" if step < timedelta(days=61) else "MMM y"
        while at <= self.last:
            found.append(Tick(self.x(at), format_date(at, shown, locale=LOCALE)))
            at += step
        return found
