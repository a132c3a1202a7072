"""Working days against numpy's business days, which know nothing of ours; holidays against almanacs."""

from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from workflows.calendars import YEARS, Calendar, frozen, is_known

PLACES = (("AT", None), ("DE", "BY"), ("US", None), ("AE", None), ("IL", None), ("HU", None), ("IR", None))
"""Weekends of Saturday and Sunday, of Friday and Saturday, of Friday alone; days worked for days off."""

days = st.dates(date(2025, 2, 1), date(2028, 11, 30))
quick = settings(max_examples=150, deadline=None)


def calendar(country: str, part: str | None = None) -> Calendar:
    return frozen(Calendar(country=country, subdivision=part), None, None, 2026)


def business(of: Calendar) -> np.busdaycalendar:
    """The same week and holidays for numpy, which has no days worked on a weekend."""
    return np.busdaycalendar(
        weekmask=[day not in of.weekend for day in range(7)], holidays=[np.datetime64(day) for day in of.closed]
    )


def offset(of: Calendar, day: date, count: int, roll: str) -> date:
    found: date = np.busday_offset(np.datetime64(day), count, roll=roll, busdaycal=business(of)).astype(object)  # type: ignore[call-overload]
    return found


@quick
@given(st.sampled_from(PLACES), days, st.integers(0, 60))
def test_working_days_are_counted_as_numpy_counts_them(place: tuple[str, str | None], day: date, count: int) -> None:
    of = calendar(*place).model_copy(update={"worked": ()})
    # The day of the start never counts: from a closed one numpy has to count from the open one before.
    assert of.later(day, count) == (offset(of, day, count, "backward") if count else day)
    assert of.later(day, -count) == (offset(of, day, -count, "forward") if count else day)


@quick
@given(st.sampled_from(PLACES), days, st.integers(0, 90))
def test_days_are_open_and_between_as_numpy_says(place: tuple[str, str | None], first: date, span: int) -> None:
    of = calendar(*place).model_copy(update={"worked": ()})
    last = first + timedelta(days=span)
    assert of.is_open(first) == np.is_busday(np.datetime64(first), busdaycal=business(of))
    day = timedelta(days=1)
    counted = np.busday_count(np.datetime64(first + day), np.datetime64(last + day), busdaycal=business(of))
    assert of.between(first, last) == counted
    weekends, closed = of.skipped(first, last)
    assert of.between(first, last) + weekends + len(closed) == span
    assert of.opened(first, forward=True) == offset(of, first, 0, "forward")
    assert of.opened(first, forward=False) == offset(of, first, 0, "backward")


@pytest.mark.parametrize(
    ("country", "part", "day", "is_open"),
    [
        ("AT", None, date(2026, 4, 6), False),  # Easter Monday
        ("AT", None, date(2026, 4, 3), True),  # Good Friday is a working day there
        ("DE", "BY", date(2026, 4, 3), False),
        ("DE", "BY", date(2026, 1, 6), False),  # Epiphany, in Bavaria
        ("DE", "BE", date(2026, 1, 6), True),
        ("US", None, date(2026, 7, 3), False),  # the fourth is a Saturday
        ("GB", "ENG", date(2026, 12, 28), False),  # Boxing Day is a Saturday
        ("HU", None, date(2026, 1, 10), True),  # a Saturday, worked
        ("IL", None, date(2026, 3, 6), False),  # a Friday
        ("IL", None, date(2026, 3, 8), True),  # a Sunday
        ("AE", None, date(2026, 3, 7), False),
    ],
)
def test_the_closed_days_of_a_place(country: str, part: str | None, day: date, is_open: bool) -> None:
    assert calendar(country, part).is_open(day) == is_open


def test_a_frozen_calendar_holds_its_years_and_stays() -> None:
    once = frozen(Calendar(country="client"), "DE", "BY", 2026)
    assert (once.country, once.subdivision) == ("DE", "BY")
    assert (once.since, once.until) == (date(2026 + YEARS[0], 1, 1), date(2026 + YEARS[-1], 12, 31))
    assert frozen(once, "US", None, 2040) is once
    assert Calendar.model_validate_json(once.model_dump_json()) == once
    assert frozen(Calendar(country="US"), "DE", None, 2026).country == "US"
    assert str(once) == "DE-BY"


def test_without_a_country_only_weekends_are_closed() -> None:
    for plain in (frozen(Calendar(), "AT", None, 2026), frozen(Calendar(country="client"), None, None, 2026)):
        assert plain == Calendar()
        assert [plain.is_open(date(2026, 12, 21) + timedelta(days=n)) for n in range(7)] == [True] * 5 + [False] * 2
    assert str(Calendar()) == "weeks without holidays"


@pytest.mark.parametrize(("country", "part"), [("XX", None), ("DE", "XX"), ("USA", None), ("", None)])
def test_a_place_that_nobody_knows_is_refused(country: str, part: str | None) -> None:
    assert not is_known(country, part)
    with pytest.raises(LookupError, match="no calendar of holidays is known of"):
        frozen(Calendar(country=country, subdivision=part), None, None, 2026)
    assert is_known("DE", "BY") and is_known("AT")


@pytest.mark.parametrize("weekend", [(0, 1, 2, 3, 4, 5, 6), (7,), (-1,)])
def test_a_week_needs_a_working_day(weekend: tuple[int, ...]) -> None:
    with pytest.raises(ValidationError):
        Calendar(weekend=weekend)
