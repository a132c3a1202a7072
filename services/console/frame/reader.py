"""Who reads a page, as far as rendering goes: in which zone their clock runs, and how instants are written for them."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

from babel import Locale
from babel.dates import format_date, format_datetime
from fastapi import Request

from services.console.frame.catalogue import gettext, ngettext

COOKIE = "closeout-zone"
"""What the script says of the browser's zone; without it, and for a zone that we do not know, instants are in UTC."""

LOCALE = Locale.parse("en_GB")
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody who reads at an instant."""

    zone: ZoneInfo
    now: datetime

    def moment(self, at: datetime) -> str:
        """An instant to the minute."""
        return moment(at, self.zone)

    def day(self, at: datetime | date) -> str:
        """A day; of an instant, the one that it is here then."""
        return day(at.astimezone(self.zone) if isinstance(at, datetime) else at)

    def read(self, text: str | None) -> datetime | None:
        """An instant as lists of the API write it."""
        return None if text is None else datetime.fromisoformat(text)

    def read_day(self, text: str) -> date:
        """A day as lists of the API write it."""
        return date.fromisoformat(text)

    def away(self, at: datetime) -> str:
        """How far an instant is from now, in days that the calendar shows here."""
        days = (at.astimezone(self.zone).date() - self.now.astimezone(self.zone).date()).days
        if abs(at - self.now) < _DAY / 24:
            return gettext("now") if abs(at - self.now) < _DAY / 1440 else self._minutes(at)
        if days == 0:
            return gettext("today")
        if days in (1, -1):
            return gettext("tomorrow") if days == 1 else gettext("yesterday")
        if days > 0:
            return ngettext("in %(num)s day", "in %(num)s days", days)
        return ngettext("%(num)s day ago", "%(num)s days ago", -days)

    def _minutes(self, at: datetime) -> str:
        minutes = round((at - self.now).total_seconds() / 60) or 1
        if minutes > 0:
            return ngettext("in %(num)s minute", "in %(num)s minutes", minutes)
        return ngettext("%(num)s minute ago", "%(num)s minutes ago", -minutes)


def moment(at: datetime, zone: ZoneInfo) -> str:
    """An instant to the minute, by the clock of a zone."""
    return format_datetime(at.astimezone(zone), "d MMM y, HH:mm", locale=LOCALE)


def day(at: date) -> str:
    """A day."""
    return format_date(at, "d MMM y", locale=LOCALE)


def reader(request: Request, now: datetime) -> Reader:
    """The reader of a request's answer."""
    return Reader(_zone(request.cookies.get(COOKIE, "")), now)


_KNOWN = available_timezones()
ZONES = sorted(name for name in _KNOWN if "/" in name and not name.startswith("Etc/"))
"""The zones that are offered, by name."""


def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name if name in _KNOWN else "UTC")
