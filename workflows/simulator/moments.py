"""Instants as a scenario writes them, counted from what is known when they are read.

`+3 days`, `-1 week`: from the present instant. `2 days before plan`, `1 second after closure of second`, `36 hours
after start`: from a named one. `plan`: the instant itself. `2026-03-02`, `2026-03-02 14:30`: in the client's zone.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import BaseModel, GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

from workflows.durations import Duration

OPENING = time(9)
"""The time of day of a date that names none."""

_PART = r"(\d+)\s*(second|minute|hour|day|week|month|year)s?"
_SPAN = rf"P\S+|{_PART}(?:(?:,| and)?\s+{_PART})*"
_NAME = r"(?P<anchor>[A-Za-z][A-Za-z_.-]*)(?: of (?P<of>\S+))?"
_SHIFTED = re.compile(rf"(?P<sign>[+-])\s*(?P<span>{_SPAN})")
_RELATIVE = re.compile(rf"(?P<span>{_SPAN}) (?P<side>before|after) {_NAME}")
_NAMED = re.compile(_NAME)
_DAYS: Mapping[str, Callable[[int], Duration]] = {
    "second": lambda n: Duration(exact=timedelta(seconds=n)),
    "minute": lambda n: Duration(exact=timedelta(minutes=n)),
    "hour": lambda n: Duration(exact=timedelta(hours=n)),
    "day": lambda n: Duration(days=n),
    "week": lambda n: Duration(days=7 * n),
    "month": lambda n: Duration(months=n),
    "year": lambda n: Duration(months=12 * n),
}


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
                return cls(value.isoformat(), fixed=value)
            case date():
                return cls(value.isoformat(), fixed=datetime.combine(value, OPENING))
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
        return self.offset.after(start, reading.zone)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(
            cls.read, serialization=core_schema.plain_serializer_function_ser_schema(lambda moment: moment.text)
        )


def span(text: str, *, negative: bool = False) -> Duration:
    """A length of time, in words (`2 weeks`, `1 day 6 hours`) or in ISO 8601; ValueError for what cannot be read."""
    if re.fullmatch(_SPAN, text) is None:
        raise ValueError(f"{text!r} is no length of time such as '2 weeks', '1 day 6 hours' or 'P14D'")
    if text.startswith("P"):
        found = Duration.parse(text)
    else:
        parts = [_DAYS[unit](int(n)) for n, unit in re.findall(_PART, text)]
        found = Duration(
            months=sum(part.months for part in parts),
            days=sum(part.days for part in parts),
            exact=sum((part.exact for part in parts), timedelta()),
        )
    return Duration(-found.months, -found.days, -found.exact) if negative else found


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
