"""ISO 8601 durations with calendar arithmetic: a month is a month, a day ends at midnight in the client's zone."""

import re
from calendar import monthrange
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

from workflows.sentences import Sentence

_ISO = re.compile(
    r"(?P<sign>-?)P(?!$)(?:(?P<years>\d+)Y)?(?:(?P<months>\d+)M)?(?:(?P<weeks>\d+)W)?(?:(?P<days>\d+)D)?"
    r"(?:T(?!$)(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?(?:(?P<seconds>\d+(?:\.\d{1,6})?)S)?)?"
)
_LONGEST_DAYS = 36_525


@dataclass(frozen=True, slots=True)
class Duration:
    """An ISO 8601 duration (`P14D`, `P6M`, `PT2S`, `-P3D`): a calendar part in months and days, and an exact part.

    Its text and hash are made once: a policy, and with it every event that brings one, writes dozens of them.
    """

    months: int = 0
    days: int = 0
    exact: timedelta = timedelta()
    _text: str = field(default="", init=False, repr=False, compare=False)
    _hash: int = field(default=0, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_text", _written(self.months, self.days, self.exact))
        object.__setattr__(self, "_hash", hash((self.months, self.days, self.exact)))

    def __hash__(self) -> int:
        return self._hash

    @classmethod
    def parse(cls, text: str) -> "Duration":
        """Reads ISO 8601; raises ValueError that quotes what it could not read, or what is over a hundred years."""
        return _parsed(text)

    @property
    def in_days(self) -> bool:
        """Whether it counts whole days or months, so that it ends with a day and not with an instant."""
        return self.exact == timedelta() and (self.months != 0 or self.days != 0)

    def after(self, start: datetime, zone: ZoneInfo) -> datetime:
        """The instant this long after `start`: months and days by the calendar of `zone`, the rest by the clock.

        A month ends no later than its last day (31 January plus P1M is the last of February).
        """
        local = start.astimezone(zone)
        if self.months or self.days:
            index = local.year * 12 + local.month - 1 + self.months
            year, month = divmod(index, 12)
            day = min(local.day, monthrange(year, month + 1)[1])
            local = local.replace(year=year, month=month + 1, day=day) + timedelta(days=self.days)
        return local.astimezone(UTC) + self.exact

    def __str__(self) -> str:
        return self._text

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(
            lambda value: (
                value if isinstance(value, cls) else cls.parse(value) if isinstance(value, str) else _not_text(value)
            ),
            serialization=core_schema.to_string_ser_schema(),
            json_schema_input_schema=core_schema.str_schema(pattern=r"^-?P"),
        )


@lru_cache(maxsize=1024)
def _parsed(text: str) -> Duration:
    found = _ISO.fullmatch(text)
    if found is None:
        raise ValueError(Sentence("{text} is not an ISO 8601 duration such as P14D, P6M or PT2S", text=repr(text)))
    part = {name: value for name, value in found.groupdict().items() if name != "sign" and value}
    sign = -1 if found["sign"] else 1
    whole = {name: sign * int(value) for name, value in part.items() if name != "seconds"}
    months = 12 * whole.get("years", 0) + whole.get("months", 0)
    days = 7 * whole.get("weeks", 0) + whole.get("days", 0)
    minutes = 60 * whole.get("hours", 0) + whole.get("minutes", 0)
    seconds = sign * float(part.get("seconds", 0))
    if 30 * abs(months) + abs(days) + abs(minutes) / 1440 + abs(seconds) / 86_400 > _LONGEST_DAYS:
        raise ValueError(Sentence("{text} is longer than a hundred years", text=repr(text)))
    return Duration(months=months, days=days, exact=timedelta(minutes=minutes, seconds=seconds))


def _written(months: int, days: int, exact: timedelta) -> str:
    """ISO 8601."""
    negative = months < 0 or days < 0 or exact < timedelta()
    seconds = abs(exact.total_seconds())
    dates = "".join(f"{abs(n)}{unit}" for n, unit in ((months, "M"), (days, "D")) if n)
    times = f"T{seconds:.6f}".rstrip("0").rstrip(".") + "S" if seconds else ""
    return f"{'-' if negative else ''}P{dates}{times}" if dates or times else "P0D"


def _not_text(value: object) -> Duration:
    raise ValueError(f"{value!r} is not an ISO 8601 duration: write it as text, such as P14D")


def end_of_day(at: datetime, zone: ZoneInfo) -> datetime:
    """The last second of the day in `zone` on which `at` falls."""
    # Where clocks go back at midnight (Chile), the last hour comes twice: fold=1 is its second time.
    return datetime.combine(at.astimezone(zone).date(), time(23, 59, 59, fold=1), zone).astimezone(UTC)


def at_time(at: datetime, clock: time, zone: ZoneInfo) -> datetime:
    """The instant at which the clock in `zone` shows `clock` on the day on which `at` falls."""
    return datetime.combine(at.astimezone(zone).date(), clock, zone).astimezone(UTC)
