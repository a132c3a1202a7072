"""Working days: weekends and holidays of a country or of a part of it, frozen into the policy of each case.

Holidays come from the `holidays` library when a policy is copied into a case, so that no later version of the library,
and no law, moves a date that was fixed.
"""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from functools import lru_cache

import holidays
from holidays.registry import COUNTRIES
from pydantic import field_validator

from workflows.people import Frozen
from workflows.sentences import Sentence

YEARS = range(-1, 4)
"""For which years around its issue a case keeps holidays: certification cycles are three years long."""

WEEKEND = (5, 6)
"""Saturday and Sunday, as `date.weekday` counts."""

OF_THE_CLIENT = "client"
"""The country of a calendar that is each client's own."""

_COUNTRIES = frozenset(names[1] for names in COUNTRIES.values())


class Calendar(Frozen):
    """Which days are closed. A policy names `country` (ISO 3166-1, or `client` for the client's own) and `subdivision`.

    Frozen, it holds the `weekend` (0 is Monday), the `closed` days and those days of weekends that are `worked`, all
    between `since` and `until`; weekends hold before and after as well. Without a country only weekends are closed.
    """

    country: str | None = None
    subdivision: str | None = None
    weekend: tuple[int, ...] = WEEKEND
    closed: tuple[date, ...] = ()
    worked: tuple[date, ...] = ()
    since: date | None = None
    until: date | None = None

    @field_validator("weekend")
    @classmethod
    def _leaves_a_day(cls, weekend: tuple[int, ...]) -> tuple[int, ...]:
        if not set(weekend) <= set(range(7)):
            raise ValueError(Sentence("days of the week are numbered from 0, Monday, to 6, Sunday"))
        if len(set(weekend)) == 7:
            raise ValueError(Sentence("a week needs a working day"))
        return weekend

    def __str__(self) -> str:
        """Whose days these are: `AT`, `DE-BY`, or those of a week without holidays."""
        if self.country is None:
            return "weeks without holidays"
        return self.country if self.subdivision is None else f"{self.country}-{self.subdivision}"

    def is_open(self, day: date) -> bool:
        """Whether it is a working day."""
        return day in self.worked or (day.weekday() not in self.weekend and day not in self.closed)

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

    def between(self, first: date, last: date) -> int:
        """How many working days follow `first`, up to and with `last`."""
        return sum(self.is_open(day) for day in _days(first, last))

    def skipped(self, first: date, last: date) -> tuple[int, Sequence[date]]:
        """What is closed after `first`, up to and with `last`: how many days of weekends, and which other days."""
        closed = [day for day in _days(first, last) if not self.is_open(day)]
        holidays = [day for day in closed if day.weekday() not in self.weekend]
        return len(closed) - len(holidays), holidays


def _days(first: date, last: date) -> Sequence[date]:
    return [first + timedelta(days=n) for n in range(1, (last - first).days + 1)]


@lru_cache(maxsize=512)
def frozen(calendar: Calendar, country: str | None, subdivision: str | None, year: int) -> Calendar:
    """A policy's calendar with the closed days around a year; `country` and `subdivision` are the client's own.

    A calendar that holds days already stays as it is. Raises LookupError for a country or subdivision that the library
    does not know; a client without a country has no holidays.
    """
    if calendar.since is not None or calendar.country is None:
        return calendar
    if calendar.country != OF_THE_CLIENT:
        country, subdivision = calendar.country, calendar.subdivision
    if country is None:
        return Calendar()
    years = [year + offset for offset in YEARS]
    known = _holidays(country, subdivision, years)
    since, until = date(years[0], 1, 1), date(years[-1], 12, 31)
    weekend = tuple(sorted(known.weekend))
    # Asked day by day: some countries work on a Saturday for a Friday off, some had another weekend before.
    days = [since, *_days(since, until)]
    return Calendar(
        country=country,
        subdivision=subdivision,
        weekend=weekend,
        closed=tuple(day for day in days if day.weekday() not in weekend and not known.is_working_day(day)),
        worked=tuple(day for day in days if day.weekday() in weekend and known.is_working_day(day)),
        since=since,
        until=until,
    )


def is_known(country: str, subdivision: str | None = None) -> bool:
    """Whether holidays are known of a country (ISO 3166-1, two letters) and of this part of it, where one is named."""
    if subdivision is None:
        # By the library's list: an entity asked of it is half a second of imports, which a start need not wait for.
        return country in _COUNTRIES
    try:
        _holidays(country, subdivision, ())
    except LookupError:
        return False
    return True


def _holidays(country: str, subdivision: str | None, years: Iterable[int]) -> holidays.HolidayBase:
    place = country if subdivision is None else f"{country}-{subdivision}"
    try:
        if country in _COUNTRIES:
            return holidays.country_holidays(country, subdiv=subdivision, years=years)
    except NotImplementedError:
        pass
    raise LookupError(f"no calendar of holidays is known of {place}")
