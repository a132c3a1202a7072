"""Working days: weekends and holidays of a country or of a part of it, frozen into the policy of each case.

Holidays come from the `holidays` library when a policy is copied into a case, so that no later version of the library,
and no law, moves a date that was fixed.
"""

from datetime import date, timedelta

import holidays

from workflows.people import Frozen

YEARS = range(-1, 4)
"""For which years around its issue a case keeps holidays: certification cycles are three years long."""

WEEKEND = (5, 6)
"""Saturday and Sunday, as `date.weekday` counts."""


class Calendar(Frozen):
    """Which days are closed. A policy names `country` (ISO 3166-1, or `client` for the client's own) and `subdivision`.

    Frozen, it holds the `weekend` (0 is Monday) and the `closed` days between `since` and `until`; weekends hold before
    and after as well. Without a country only weekends are closed.
    """

    country: str | None = None
    subdivision: str | None = None
    weekend: tuple[int, ...] = WEEKEND
    closed: tuple[date, ...] = ()
    since: date | None = None
    until: date | None = None

    def is_open(self, day: date) -> bool:
        """Whether it is a working day."""
        return day.weekday() not in self.weekend and day not in self.closed

    def later(self, day: date, working_days: int) -> date:
        """The day so many working days after `day` (before it, where negative), which itself does not count."""
        step = timedelta(days=1 if working_days >= 0 else -1)
        left = abs(working_days)
        while left:
            day += step
            left -= self.is_open(day)
        return day

    def opened(self, day: date, forward: bool) -> date:
        """The day itself where it is open, else the next open one, or the one before."""
        step = timedelta(days=1 if forward else -1)
        while not self.is_open(day):
            day += step
        return day


def frozen(calendar: Calendar, country: str | None, subdivision: str | None, year: int) -> Calendar:
    """A policy's calendar with the closed days around a year; `country` and `subdivision` are the client's own.

    A calendar that holds days already stays as it is. Raises LookupError for a country or subdivision that the library
    does not know; a client without a country has no holidays.
    """
    if calendar.since is not None or calendar.country is None:
        return calendar
    own = calendar.country == "client"
    country, subdivision = (country, subdivision) if own else (calendar.country, calendar.subdivision)
    if country is None:
        return Calendar()
    years = [year + offset for offset in YEARS]
    try:
        known = holidays.country_holidays(country, subdiv=subdivision, years=years)
    except NotImplementedError as error:
        place = country if subdivision is None else f"{country}-{subdivision}"
        raise LookupError(f"no calendar of holidays is known of {place}") from error
    weekend = tuple(sorted(known.weekend))
    return Calendar(
        country=country,
        subdivision=subdivision,
        weekend=weekend,
        closed=tuple(sorted(day for day in known if day.weekday() not in weekend)),
        since=date(years[0], 1, 1),
        until=date(years[-1], 12, 31),
    )
