"""What a plan of action and milestones of ours says of a finding beyond OSCAL's own fields: properties of our own.

The exporter writes them and the reader takes them back, so that a finding comes home as it went. Each is a field of
the finding; its `value` is for people, and its `remarks`, where there are any, are the field itself as JSON.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from services.intake import text
from services.intake.parts import list_at, text_at
from workflows.findings import Finding

NAMESPACE = "urn:closeout:oscal"
EXTERNAL_ID, SYSTEM, STATED = "external-id", "source-system", "source-stated"
_SOURCE = {"external_id": EXTERNAL_ID, "system": SYSTEM, "stated": STATED}
_FIELDS = {field: field.replace("_", "-") for field in Finding.model_fields if field != "source"}
_BLANK: tuple[Any, ...] = (None, "", [])


class Mangled(ValueError):
    """A property of ours that is no longer JSON; `pointer` is where in the item."""

    def __init__(self, pointer: str) -> None:
        self.pointer = pointer
        super().__init__("This property is of our own export, and what it holds is no JSON any more.")


def written(held: Mapping[str, Any], raw: Mapping[str, Any], native: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    """The properties for what of a finding OSCAL's own fields do not hold exactly; `native` is what those say.

    `held` is the finding in JSON as it is stored, `raw` with its texts as they came.
    """
    for field, name in _SOURCE.items():
        if (value := held["source"][field]) is not None:
            yield _exact(name, value, raw["source"][field])
    for field, name in _FIELDS.items():
        if held[field] != native.get(field) and (field in native or held[field] not in _BLANK):
            yield _exact(name, held[field], raw[field])


def prop(name: str, said: str) -> dict[str, str]:
    """A property of ours for people."""
    return {"name": name, "ns": NAMESPACE, "value": line(said, 500)}


def line(said: str, limit: int) -> str:
    """A text as one line within a bound; a dash for one that is blank."""
    return " ".join(said.split())[:limit].strip() or "—"


def _exact(name: str, held: Any, raw: Any) -> dict[str, str]:
    one = prop(name, shown(held))
    return one if one["value"] == held else {**one, "remarks": json.dumps(raw)}


def shown(value: Any) -> str:
    """A field of a finding as one reads it."""
    match value:
        case str():
            return value
        case list():
            return "; ".join(shown(one) for one in value)
        case dict():
            return " ".join(shown(one) for one in value.values() if one not in (None, "", []))
    return str(value)


def read(item: Mapping[str, Any], native: Mapping[str, Any]) -> dict[str, Any] | None:
    """The fields of a finding that an item of ours holds; None for an item of others. Raises Mangled."""
    said: dict[str, Any] = {}
    for index, one in enumerate(list_at(item, "props")):
        if text_at(one, "ns") != NAMESPACE or (name := text_at(one, "name")) is None:
            continue
        said[name] = text_at(one, "value")
        if (exact := text_at(one, "remarks")) is not None:
            try:
                said[name] = text.held(json.loads(exact))[0]
            except (ValueError, RecursionError):
                raise Mangled(f"/props/{index}/remarks") from None
    if EXTERNAL_ID not in said:
        return None
    fields = {field: said[name] for field, name in _FIELDS.items() if name in said}
    return {**native, **fields, "source": {field: said[name] for field, name in _SOURCE.items() if name in said}}
