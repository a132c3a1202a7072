"""A policy's fields as tables, read from the schema of its model."""

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from services.handbook.words import table, whole
from workflows import policy as p
from workflows.calendars import Calendar

TABLES: tuple[type[BaseModel], ...] = (
    p.Policy,
    p.Terms,
    p.Step,
    p.Label,
    p.Limit,
    p.Extensions,
    Calendar,
    p.Deferral,
    p.Window,
    p.AnchoredWindow,
    p.Committee,
    p.Suspension,
    p.Certificates,
    p.Audits,
    p.Patterns,
)
"""The file, then each table that stands in it."""

_FROZEN = ("closed", "worked", "since", "until")
"""What a calendar has once it is copied into a case; nobody writes it."""


def fields() -> str:
    """Each table with its meaning, and its fields."""
    return "\n\n".join(block for shape in TABLES for block in _part(shape))


def _part(shape: type[BaseModel]) -> Iterator[str]:
    properties = shape.model_json_schema()["properties"]
    yield f"### {'The file' if shape is p.Policy else shape.__name__}"
    yield whole(shape)
    yield table(
        ("Field", "What it holds", "If left out"),
        [
            (f"`{name}`", _type(properties[name]), _left_out(field))
            for name, field in shape.model_fields.items()
            if shape is not Calendar or name not in _FROZEN
        ],
    )


def _left_out(field: FieldInfo) -> str:
    return "*must*" if field.is_required() else _default(field.get_default(call_default_factory=True))


def _type(shape: Mapping[str, Any]) -> str:
    """What a JSON schema says, in words."""
    match shape:
        case {"anyOf": choices}:
            return " or ".join(_type(choice) for choice in choices if choice.get("type") != "null")
        case {"type": "array", "items": items}:
            return f"list: {_type(items)}"
        case {"type": "object", "additionalProperties": inside}:
            return f"by word, {_type(inside)}"
        case {"$ref": ref} if not ref.endswith("/Role"):
            name = ref.rpartition("/")[2]
            return f"a table [{name}](#{name.lower()})"
        case {"$ref": _}:
            return "role"
    return _plain(shape)


def _plain(shape: Mapping[str, Any]) -> str:
    match shape:
        case {"enum": values}:
            return ", ".join(f"`{value}`" for value in values)
        case {"const": value}:
            return f"`{value}`"
        case {"pattern": "^-?P"}:
            return "duration"
        case {"pattern": pattern}:
            return f"text like `{pattern}`"
        case {"format": kind}:
            return str(kind)
        case {"type": "integer", "minimum": least}:
            return f"number, at least {least}"
    return {"string": "text", "boolean": "true or false", "integer": "number"}[shape["type"]]


def _default(value: object) -> str:
    match value:
        case None | "" | () | BaseModel() | Mapping():
            return ""
        case tuple():
            return ", ".join(f"`{item}`" for item in value)
        case bool():
            return f"`{str(value).lower()}`"
    return f"`{value}`"
