"""Records of ServiceNow in the shapes of its Table API, also where a business rule or a flow posts one.

Read: `{result: []}`, `{result: {}}` or the record itself; each value alone, or as `{value, display_value}`.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from services.intake import servicenow_fields as fields
from services.intake import text
from services.intake.canonical import each, twice
from services.intake.items import Context, Item, Reason, Rejected, Skipped
from services.intake.parts import finished, rejected, word_at

_ENDED: Mapping[str, Reason] = {"RESOLVED": "resolved", "CLOSED": "resolved", "CANCEL": "archived"}
"""How the names of states begin that end a record."""

_THEIRS = {"/title": "/short_description", "/source/external_id": "/sys_id", "/source/system": "/sys_class_name"}


def read(document: bytes, context: Context) -> Iterator[Item]:
    """One item for each record; several bodies may follow one another. Raises Unreadable and TooLarge at first."""
    return each(document, context, _records, _item)


def claims(value: Any) -> bool:
    """Whether a JSON value is ServiceNow's: its first record has a sys_id."""
    one = next((entry for entry in _records(value) if isinstance(entry, dict)), None)
    return one is not None and "sys_id" in one


def _records(value: Any) -> Sequence[Any]:
    inner = value["result"] if isinstance(value, dict) and "result" in value and "sys_id" not in value else value
    return inner if isinstance(inner, list) else [inner]


def _item(index: int, raw: Any, content: text.Content, context: Context) -> Item:
    record, escaped = content.held(raw)
    if not isinstance(record, dict):
        return rejected(index, None, "not_an_object", "A record of ServiceNow is a JSON object.")
    if doubled := content.doubled(raw):
        return Rejected(index, None, [twice(doubled)])
    if (external_id := fields.external_id(record)) is None:
        return rejected(index, None, "missing", "A record's sys_id names it; it is absent.", "/sys_id")
    if (reason := _closed(record)) is not None:
        return Skipped(index, external_id, reason, fields.revision(record))
    mapped, flags = fields.mapped(record)
    mapped["source"] = {"external_id": external_id}
    return finished(
        index,
        mapped,
        flags,
        context,
        system=fields.system(record),
        revision=fields.revision(record),
        escaped=escaped,
        theirs=_THEIRS,
    )


def _closed(record: Mapping[str, Any]) -> Reason | None:
    """Why a record is not open. The numbers of states differ from table to table; their names and `active` do not."""
    state = (fields.shown(record, "state") or "").upper()
    if (reason := next((reason for start, reason in _ENDED.items() if state.startswith(start)), None)) is not None:
        return reason
    active = fields.value(record, "active")
    inactive = active is False or word_at({"active": active}, "active") == "FALSE"
    return "resolved" if inactive or fields.stated(record, "closed_at", "resolved_at") else None
