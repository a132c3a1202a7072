"""Where the fields of a finding are in a record of ServiceNow, whether its values come alone or with what is shown."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from services.intake.parts import at, cut, labelled, mentioned, related, required, text_at, when
from workflows import standards
from workflows.findings import LONG, TITLE, Flag

_PRIORITIES = {"1": "critical", "2": "high", "3": "moderate", "4": "low", "5": "info"}
_REQUIRING = ("control", "content", "policy_statement", "citation", "authority_document")
"""References of a GRC issue (sn_grc_issue) to what was not fulfilled."""

_PLACED = frozenset({
    "active", "closed_at", "description", "number", "priority", "resolved_at", "short_description", "state", "sys_id",
    "sys_mod_count", "sys_updated_on",
})  # fmt: skip


def value(record: Mapping[str, Any], name: str) -> Any:
    """What a field holds: of a pair with what is shown, the value."""
    held = record.get(name)
    return held.get("value") if isinstance(held, dict) else held


def stated(record: Mapping[str, Any], *names: str) -> str | None:
    """The first text among fields; a blank one stands for none here."""
    held = (value(record, name) for name in names)
    return next((one.strip() for one in held if isinstance(one, str) and one.strip()), None)


def shown(record: Mapping[str, Any], name: str) -> str | None:
    """What ServiceNow shows for a field, else its text."""
    return text_at(record, name, "display_value") or stated(record, name)


def external_id(record: Mapping[str, Any]) -> str | None:
    """What names a record: its sys_id, which is unique everywhere; numbers are prefixed anew and used again."""
    return stated(record, "sys_id")


def system(record: Mapping[str, Any]) -> str | None:
    """The instance, where a reference links to it, and the table."""
    table = stated(record, "sys_class_name")
    named = "/".join(part for part in (_instance(record), table) if part)
    return named[:100] or None


def _instance(record: Mapping[str, Any]) -> str | None:
    for field in record.values():
        try:
            if host := urlsplit(text_at(field, "link") or "").netloc:
                return host
        except ValueError:
            continue
    return None


def revision(record: Mapping[str, Any]) -> datetime | None:
    """When the record was last changed."""
    return _instant([], record, "sys_updated_on")


def _instant(flags: list[Flag], record: Mapping[str, Any], name: str) -> datetime | None:
    """A time of a record: its `value` is UTC by the Table API, its `display_value` in a user's format and zone.

    A text alone may be either, so that the zone of one that can be read is assumed.
    """
    said = stated(record, name)
    return when(flags, f"{said}Z" if said and isinstance(record.get(name), dict) else said)


def mapped(record: Mapping[str, Any]) -> tuple[dict[str, Any], list[Flag]]:
    """The record's fields in our shape, without client, source and system, and what had to be assumed or cut."""
    flags: list[Flag] = []
    title, said = stated(record, "short_description"), stated(record, "description")
    detected = next((name for name in ("opened_at", "sys_created_on") if stated(record, name)), "opened_at")
    return {
        "requirements": required(_references(record), flags),
        "title": cut(title, TITLE, "/title", flags),
        "statement": cut(said or title, LONG, "/statement", flags),
        "objective_evidence": cut("\n".join(_evidence(record)), LONG, "/objective_evidence", flags),
        "severity": _severity(record),
        "detected_at": _instant(flags, record, detected),
        "department": (shown(record, "assignment_group") or shown(record, "cmdb_ci") or "")[:200] or None,
    }, flags


def _severity(record: Mapping[str, Any]) -> str | None:
    """The priority in words, `1 - Critical` without its number; of a bare number what it means by default."""
    if word := text_at(record, "priority", "display_value"):
        return word.partition(" - ")[2].strip()[:200] or word[:200]
    number = value(record, "priority")
    if isinstance(number, float) and number.is_integer():
        number = int(number)
    said = str(number).strip() if isinstance(number, str | int) and not isinstance(number, bool) else ""
    return _PRIORITIES.get(said[:1], said[:200]) or None


def _references(record: Mapping[str, Any]) -> Iterator[standards.Reference]:
    for name in _REQUIRING:
        if said := text_at(record, name, "display_value"):
            yield from related(said)
    yield from mentioned(stated(record, "short_description"))


def _evidence(record: Mapping[str, Any]) -> Iterator[str]:
    if said := stated(record, "description"):
        yield said
    yield from labelled(
        ("Number", shown(record, "number")), ("State", shown(record, "state")), ("Priority", shown(record, "priority"))
    )
    for name, held in record.items():
        if name not in _PLACED:
            yield from labelled((name, at(held, "display_value") if isinstance(held, dict) else held))
