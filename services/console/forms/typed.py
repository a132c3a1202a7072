"""What somebody typed into a form, as the browser sent it: texts by dotted name, `causes.0.text`. Pure.

All of it is kept as it was typed, so that a form can be shown again; the body of a command is made of it by the
command's schema.
"""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

Typed = Mapping[str, Sequence[str]]
"""Texts by name; several where several may be chosen."""

Schema = Mapping[str, Any]
_ROW = re.compile(r"\.(\d{1,3})(?=\.|$)")


def resolved(schema: Schema, root: Schema) -> Schema:
    """A part of a schema without references, and without the `null` that says that it may be left out.

    What can be written in several ways is written in the first of them, as people write it.
    """
    if "$ref" in schema:
        own = {name: value for name, value in schema.items() if name != "$ref"}
        return {**resolved(root["$defs"][schema["$ref"].rpartition("/")[2]], root), **own}
    if "anyOf" in schema:
        kept = next(one for one in schema["anyOf"] if one.get("type") != "null")
        return resolved(kept, root)
    return schema


def holds_rows(schema: Schema, root: Schema) -> bool:
    """Whether a part is a list of things with fields of their own."""
    return schema.get("type") == "array" and resolved(schema["items"], root).get("type") == "object"


def rows(typed: Typed, name: str) -> list[int]:
    """The numbers of the rows of a list that were sent."""
    found = {int(rest.partition(".")[0]) for rest in _below(typed, name) if rest.partition(".")[0].isdigit()}
    return sorted(found)


def _below(typed: Typed, name: str) -> Iterable[str]:
    return (one[len(name) + 1 :] for one in typed if one.startswith(f"{name}."))


def compacted(typed: Typed) -> dict[str, Sequence[str]]:
    """The same without rows in which nothing was typed, the others numbered anew; a list without any other is empty.

    A row that was added has a short name from the start, which alone is nothing.
    """
    kept: dict[str, Sequence[str]] = {}
    numbers: dict[str, dict[str, str]] = {}
    empty: set[str] = set()
    for name in sorted(typed, key=_in_order):
        found = _ROW.search(name)
        if found is None:
            kept[name] = typed[name]
            continue
        list_name, row = name[: found.start()], found[1]
        own = f"{list_name}.{row}.key" if list_name in numbers else ""
        said = (one for one in typed if one != own and _of_row(one, list_name, row))
        if row not in numbers.get(list_name, {}) and not any(value.strip() for one in said for value in typed[one]):
            empty.add(list_name)
            continue
        of_list = numbers.setdefault(list_name, {})
        number = of_list.setdefault(row, str(len(of_list)))
        kept[f"{list_name}.{number}{name[found.end() :]}"] = typed[name]
    return kept | dict.fromkeys(empty - numbers.keys(), ())


def _of_row(name: str, list_name: str, row: str) -> bool:
    return name == f"{list_name}.{row}" or name.startswith(f"{list_name}.{row}.")


def _in_order(name: str) -> tuple[str, ...]:
    return tuple(part.rjust(4, "0") if part.isdigit() else part for part in name.split("."))


def body(schema: Schema, typed: Typed, zone: ZoneInfo, held: Collection[str] = ()) -> dict[str, Any]:
    """The body of a command; what was left empty is left out, and what has another shape is left to be refused.

    A list among those `held`, which its form began with entries of, is sent empty where it was emptied.
    """
    found: dict[str, Any] = _value(schema, schema, "", typed, zone) or {}
    parts = schema.get("properties", {}).items()
    lists = (name for name, part in parts if resolved(part, schema).get("type") == "array")
    return {**{name: [] for name in lists if name in held and name in typed}, **found}


def _value(schema: Schema, root: Schema, name: str, typed: Typed, zone: ZoneInfo) -> Any:
    schema = resolved(schema, root)
    match schema.get("type"):
        case "object":
            pairs = {
                key: _value(one, root, f"{name}.{key}" if name else key, typed, zone)
                for key, one in schema.get("properties", {}).items()
                if not (name == "" and key == "signature")
            }
            return {key: value for key, value in pairs.items() if value not in (None, [], {})} or None
        case "array" if holds_rows(schema, root):
            return [_value(schema["items"], root, f"{name}.{row}", typed, zone) or {} for row in rows(typed, name)]
        case "array":
            return [line.strip() for text in typed.get(name, ()) for line in text.splitlines() if line.strip()]
    text = next((one for one in typed.get(name, ()) if one.strip()), None)
    if text is None:
        return None
    match schema.get("type"), schema.get("format"):
        case "boolean", _:
            return {"true": True, "false": False}.get(text, text)
        case "integer", _:
            return int(text) if re.fullmatch(r"-?[0-9]{1,18}", text) else text
        case _, "date-time":
            return _instant(text, zone)
    return text.replace("\r\n", "\n")


def _instant(text: str, zone: ZoneInfo) -> str:
    """An instant as a browser's field writes it, which knows no zone."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return text
    return (at if at.tzinfo else at.replace(tzinfo=zone)).isoformat()


def written(value: Any, name: str = "") -> dict[str, Sequence[str]]:
    """A body as if it had been typed, for a form that begins with what is known."""
    match value:
        case None:
            return {}
        case dict():
            below = ((f"{name}.{key}" if name else key, one) for key, one in value.items())
        case list() | tuple() if value and isinstance(value[0], dict):
            below = ((f"{name}.{row}", one) for row, one in enumerate(value))
        case list() | tuple():
            return {name: [" ".join(str(one).splitlines()) for one in value]}
        case bool():
            return {name: ["true" if value else "false"]}
        case _:
            return {name: [str(value)]}
    return {key: one for place, part in below for key, one in written(part, place).items()}
