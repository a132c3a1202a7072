"""The values of which findings are made: times, dates, names, severities; forgiving only where that is harmless."""

import math
import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import BeforeValidator, Field, StringConstraints, model_validator

from workflows.grades import Grade
from workflows.people import Frozen
from workflows.sentences import Sentence

Level = Literal["critical", "high", "medium", "low", "info", "unknown"]

TITLE, LONG, MANY = 500, 50_000, 50
"""Bounds: characters of a title and of a long text, entries of a list."""

REQUIREMENTS = 200
"""Cloud scanners map one check to some eighty requirements of twenty standards."""

_LEVELS: Mapping[str, Level] = {
    "critical": "critical", "blocker": "critical", "fatal": "critical", "very high": "critical", "highest": "critical",
    "high": "high", "important": "high", "serious": "high", "error": "high",
    "medium": "medium", "moderate": "medium", "warning": "medium",
    "low": "low", "minor": "low", "note": "low",
    "info": "info", "informational": "info", "information": "info", "none": "info", "negligible": "info",
    "lowest": "info",
}  # fmt: skip
_PROPOSED: Mapping[Level, Grade] = {
    "critical": "major",
    "high": "major",
    "medium": "minor",
    "low": "ofi",
    "info": "ofi",
}
_SCORE = re.compile(r"(?:10|\d)\.\d", re.ASCII)


_LEAP = re.compile(r"(.+:\d\d:)60([Z+-].*|\.\d.*)", re.ASCII)


class Moment(NamedTuple):
    """An instant, and what had to be assumed for it, if anything.

    That is `date_only` (midnight UTC), `zone_assumed` (UTC), or `leap_second` (the second after it, as clocks without
    one have it).
    """

    at: datetime
    flag: Literal["date_only", "zone_assumed", "leap_second"] | None


def moment(value: object) -> Moment:
    """Reads an ISO 8601 instant; raises ValueError for anything else, numbers included: nobody says their unit."""
    if isinstance(value, str):
        text = value.strip()
        leap = _LEAP.fullmatch(text)
        try:
            at = datetime.fromisoformat(f"{leap[1]}59{leap[2]}" if leap else text)
            dated = _is_day(text)
        except ValueError:
            raise ValueError(
                Sentence("{text} is not a time such as 2026-03-01T09:30:00Z", text=repr(text[:40]))
            ) from None
        if leap:
            return Moment(_after(at, text), "leap_second")
    elif isinstance(value, datetime):
        dated, at = False, value
    else:
        # ValueError, also for a wrong type: pydantic turns no other into a problem of the field.
        raise ValueError(Sentence("a time is a text such as 2026-03-01T09:30:00Z"))  # noqa: TRY004
    _in_our_time(at)
    if at.tzinfo is None:
        return Moment(at.replace(tzinfo=UTC), "date_only" if dated else "zone_assumed")
    utc = at.astimezone(UTC)
    _in_our_time(utc)
    return Moment(utc, None)


def _after(last: datetime, text: str) -> datetime:
    """The second after a leap second, by the second before it."""
    _in_our_time(last)
    after = last.astimezone(UTC) + timedelta(seconds=1)
    if last.tzinfo is None or (after.day, after.hour, after.minute, after.second) != (1, 0, 0, 0):
        says = "{text} is no leap second: those stand at the end of a month, at 23:59:60Z"
        raise ValueError(Sentence(says, text=repr(text[:40])))
    return after


def _is_day(text: str) -> bool:
    """Whether a text is a day alone, in any of its forms: `2026-03-01`, `20260301`, `2026-W09-7`."""
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _in_our_time(at: date) -> None:
    if not 1970 <= at.year < 2200:
        raise ValueError(Sentence("the year {year} lies outside 1970 to 2199", year=at.year))


def _day(value: object) -> object:
    if isinstance(value, str):
        text = value.strip()
        try:
            day = date.fromisoformat(text) if re.fullmatch(r"\d{4}-\d\d-\d\d", text, re.ASCII) else None
        except ValueError:
            day = None
        if day is None:
            raise ValueError(Sentence("{text} is not a date such as 2026-03-01", text=repr(value[:40])))
    elif type(value) is date:
        day = value
    else:
        raise ValueError(Sentence("a date is a text such as 2026-03-01"))
    _in_our_time(day)
    return day


def folded(value: object) -> object:
    """Text in lower case: `Major` is major."""
    return value.strip().casefold() if isinstance(value, str) else value


def listed(value: object) -> object:
    """A single entry as a list of one."""
    return [value] if isinstance(value, str | Mapping | Frozen) else value


def numbered(value: object) -> object:
    """A number as its text: the edition 2022, the severity 9.8."""
    whole = isinstance(value, int) and not isinstance(value, bool)
    return str(value) if whole or (isinstance(value, float) and math.isfinite(value)) else value


def scored(value: object) -> object:
    """A severity: a word, or a number as its text."""
    said = numbered(value)
    if not isinstance(said, str):
        # ValueError, also for a wrong type: pydantic turns no other into a problem of the field.
        raise ValueError(Sentence("a severity is a word or a number, such as high or 9.8"))  # noqa: TRY004
    return said


At = Annotated[datetime, BeforeValidator(lambda value: moment(value).at, json_schema_input_type=str)]
"""An instant as a text; also a date, or a time without a zone, which are taken for UTC."""

Day = Annotated[date, BeforeValidator(_day)]
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Text = Annotated[str, StringConstraints(strip_whitespace=True, max_length=LONG)]
Names = Annotated[tuple[Name, ...], BeforeValidator(listed), Field(max_length=MANY)]


class Reported(Frozen):
    """Part of a finding as others report it: null and blank text count as absent."""

    @model_validator(mode="before")
    @classmethod
    def _without_blanks(cls, data: Any) -> Any:
        if not isinstance(data, Mapping):
            return data
        return {
            key: value
            for key, value in data.items()
            if value is not None and not (isinstance(value, str) and not value.strip())
        }


def level(severity: str | None) -> Level:
    """A source's severity in one scale. CVSS scores are known by their decimal; a bare number may mean anything."""
    raw = (severity or "").strip().casefold().replace("_", " ")
    if _SCORE.fullmatch(raw):
        score = float(raw)
        return (
            "critical"
            if score >= 9
            else "high"
            if score >= 7
            else "medium"
            if score >= 4
            else "low"
            if score > 0
            else "info"
        )
    return _LEVELS.get(raw, "unknown")


def proposed_grade(level: Level) -> Grade | None:
    """The grade that a severity suggests to the person who decides; never a grade by itself."""
    return _PROPOSED.get(level)
