"""What checks say: how long something lasts."""

from datetime import timedelta

import pytest

from services.doctor.checks import span


@pytest.mark.parametrize(
    ("length", "said"),
    [
        (timedelta(), "less than a second"),
        (timedelta(seconds=30), "30 seconds"),
        (timedelta(days=1), "1 day"),
        (timedelta(days=2, hours=1, seconds=1), "2 days, 1 hour, 1 second"),
    ],
)
def test_how_long_something_lasts_is_said_in_words(length: timedelta, said: str) -> None:
    assert span(length) == said
