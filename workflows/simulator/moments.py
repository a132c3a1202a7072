"""Instants as a scenario writes them, counted from what is known when they are read.

`+3 days`, `-1 week`: from the present instant. `2 days before plan`, `1 second after closure of second`, `36 hours
after start`: from a named one. `plan`: the instant itself. `2026-03-02`, `2026-03-02 14:30`: in the client's zone.
"""

import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import cache
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from pydantic import BaseModel, GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

from workflows.durations import Duration
from workflows.procedure import FIRST, LAST

OPENING = time(9)
"""The time of day of a date that names none."""

_PART = r"(\d+)\s*(second|minute|hour|day|week|month|year)s?"
_SPAN = rf"P\S+|{_PART}(?:(?:,| and)?\s+{_PART})*"
_NAME = r"(?P<anchor>[A-Za-z][A-Za-z_.-]*)(?: of (?P<of>\S+))?"
_SHIFTED = re.compile(rf"(?P<sign>[+-])\s*(?P<span>{_SPAN})")
_RELATIVE = re.compile(rf"(?P<span>{_SPAN}) (?P<side>before|after) {_NAME}")
_NAMED = re.compile(_NAME)
_DAYS: Mapping[str, str] = {"year": "Y", "month": "M", "week": "W", "day": "D"}
_TIMES: Mapping[str, str] = {"hour": "H", "minute": "M", "second": "S"}


@dataclass(frozen=True, slots=True)
class Reading:
    """What an instant is counted from: the present one, the zone of the client, and any that has a name."""

    now: datetime
    zone: ZoneInfo
    named: Callable[[str, str | None], datetime]


@dataclass(frozen=True, slots=True)
class Moment:
    """An instant as written: `fixed`, or so long after (before, where negative) an `anchor` `of` a thing.

    Without an anchor it is counted from the present instant. A fixed one without a zone is meant in the client's.
    """

    text: str
    fixed: datetime | None = None
    offset: Duration = Duration()
    anchor: str | None = None
    of: str | None = None

    @classmethod
    def read(cls, value: object) -> "Moment":
        """Of a text, a date or a time; ValueError for what cannot be read."""
        match value:
            case Moment():
                return value
            case datetime():
                return cls(value.isoformat(), fixed=in_our_time(value))
            case date():
                return cls(value.isoformat(), fixed=datetime.combine(in_our_time(value), OPENING))
            case str():
                return cls._parsed(value.strip())
        raise ValueError(f"{value!r} is no instant such as '+3 days', '2 days before plan' or 2026-03-02")

    @classmethod
    def _parsed(cls, text: str) -> "Moment":
        if found := _SHIFTED.fullmatch(text):
            return cls(text, offset=span(found["span"], negative=found["sign"] == "-"))
        if found := _RELATIVE.fullmatch(text):
            return cls(
                text,
                offset=span(found["span"], negative=found["side"] == "before"),
                anchor=found["anchor"],
                of=found["of"],
            )
        if found := _NAMED.fullmatch(text):
            return cls(text, anchor=found["anchor"], of=found["of"])
        try:
            fixed = datetime.fromisoformat(text)
        except ValueError:
            raise ValueError(
                f"{text!r} is no instant: write '+3 days', '2 days before plan', 'closure' or '2026-03-02 14:30'"
            ) from None
        in_our_time(fixed)
        return cls(text, fixed=datetime.combine(fixed, OPENING) if len(text) == len("2026-03-02") else fixed)

    @property
    def is_day(self) -> bool:
        """Whether it is written as a day, without a time."""
        return self.fixed is not None and len(self.text) == len("2026-03-02")

    def at(self, reading: Reading) -> datetime:
        """The instant; ValueError where nothing has the name."""
        if self.fixed is not None:
            return self.fixed if self.fixed.tzinfo else self.fixed.replace(tzinfo=reading.zone)
        start = reading.now if self.anchor in (None, "now", "today") else reading.named(self.anchor or "", self.of)
        return in_our_time(self.offset.after(start, reading.zone))

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(
            cls.read, serialization=core_schema.plain_serializer_function_ser_schema(lambda moment: moment.text)
        )


D = TypeVar("D", bound=date)


def in_our_time(day: D) -> D:
    """The day or instant, of the years that commands may name; ValueError for any other."""
    if not FIRST.year <= day.year <= LAST.year:
        raise ValueError(f"the year {day.year} lies outside {FIRST.year} to {LAST.year}")
    return day


def span(text: str, *, negative: bool = False) -> Duration:
    """A length of time, in words (`2 weeks`, `1 day 6 hours`) or in ISO 8601; ValueError for what cannot be read."""
    if re.fullmatch(_SPAN, text) is None:
        raise ValueError(f"{text!r} is no length of time such as '2 weeks', '1 day 6 hours' or 'P14D'")
    try:
        found = Duration.parse(text if text.startswith("P") else _iso(text))
    except ValueError as error:
        raise ValueError(f"{text[:60]!r} is longer than a hundred years, or no duration") from error
    return Duration(-found.months, -found.days, -found.exact) if negative else found


def _iso(text: str) -> str:
    """A length in words as ISO 8601 has it, which knows how long one may be."""
    total: Counter[str] = Counter()
    for count, unit in re.findall(_PART, text):
        total[unit] += int(count)
    days = "".join(f"{total[unit]}{sign}" for unit, sign in _DAYS.items() if unit in total)
    clock = "".join(f"{total[unit]}{sign}" for unit, sign in _TIMES.items() if unit in total)
    return f"P{days}T{clock}" if clock else f"P{days}"


def dated(value: Any, shape: type[BaseModel], reading: Reading) -> Any:
    """A body with its relative dates and instants filled in, by its shape; what is no such text stays."""
    schema = _schema(shape)
    return _filled(value, schema, schema.get("$defs", {}), reading)


@cache
def _schema(shape: type[BaseModel]) -> Mapping[str, Any]:
    """The JSON schema of what a body becomes: what may be stated as any text is a date or an instant there."""
    return shape.model_json_schema(mode="serialization")


def _filled(value: Any, schema: Mapping[str, Any], defs: Mapping[str, Any], reading: Reading) -> Any:
    forms = list(_forms(schema, defs))
    match value:
        case Mapping():
            return {name: _filled(item, _either(forms, name), defs, reading) for name, item in value.items()}
        case list() | tuple():
            return [_filled(item, _either(forms, None), defs, reading) for item in value]
        case str() | date():
            wanted = next((form["format"] for form in forms if form.get("format") in ("date", "date-time")), None)
            return value if wanted is None else _instant(value, wanted, reading)
        case _:
            return value


def _instant(value: str | date, wanted: str, reading: Reading) -> Any:
    try:
        moment = Moment.read(value)
        at = moment.at(reading)
    except ValueError:
        return value  # the decider says what is wrong with it
    return at.astimezone(reading.zone).date().isoformat() if wanted == "date" else at.isoformat()


def _forms(schema: Mapping[str, Any], defs: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The alternatives that a schema allows, references followed."""
    if "$ref" in schema:
        return _forms(defs[schema["$ref"].rpartition("/")[2]], defs)
    inner = [form for key in ("anyOf", "oneOf", "allOf") for form in schema.get(key, ())]
    return [schema, *(form for each in inner for form in _forms(each, defs))]


def _either(forms: list[Mapping[str, Any]], name: str | None) -> Mapping[str, Any]:
    """The schema of a property, or of a list's items."""
    found = [
        schema
        for form in forms
        for schema in ([form.get("items")] if name is None else [form.get("properties", {}).get(name)])
        if isinstance(schema, Mapping)
    ]
    return {"anyOf": found}
