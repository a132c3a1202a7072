"""When a failed attempt is repeated: soon at first, then over days (the schedule that Standard Webhooks recommends)."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

SCHEDULE = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
"""How long after the first failure the second attempt comes, and so on; there is none after the last."""

JITTER = 0.1
"""Each wait is longer by up to this part of it, so that what failed together does not come back together."""

LONGEST = timedelta(hours=24)
"""A receiver that asks for a longer rest (Retry-After) is asked again then all the same."""


def wait(tries: int, chance: float, asked: timedelta | None = None) -> timedelta | None:
    """How long to wait after so many failures; None when that was the last try.

    `chance` is a random number of [0, 1). `asked` is the rest that the receiver wants: no less than that, within a day.
    """
    if tries > len(SCHEDULE):
        return None
    usual = SCHEDULE[tries - 1] * (1 + JITTER * chance)
    return usual if asked is None else max(usual, min(asked, LONGEST))


def retry_after(headers: Mapping[str, str], now: datetime) -> timedelta | None:
    """What a Retry-After asks for (RFC 9110, 10.2.3): seconds, or a date; None where it cannot be read."""
    given = headers.get("retry-after", "").strip()
    if given.isascii() and given.isdigit():
        return timedelta(seconds=min(int(given[:9]), int(LONGEST.total_seconds())))
    try:
        at = parsedate_to_datetime(given)
    except ValueError:
        return None
    return max((at if at.tzinfo else at.replace(tzinfo=UTC)) - now, timedelta())
