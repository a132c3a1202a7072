"""Where the fields of a finding are in an issue of Jira, and its rich text as plain text."""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from services.intake.parts import (
    at,
    attached,
    cut,
    key,
    labelled,
    link,
    list_at,
    mentioned,
    required,
    text_at,
    when,
)
from workflows import standards
from workflows.findings import LONG, TITLE, Flag

_CUSTOM = "customfield_"
_BLOCKS = frozenset({
    "blockquote", "bulletList", "codeBlock", "heading", "listItem", "mediaSingle", "orderedList", "panel", "paragraph",
    "rule", "table", "tableRow",
})  # fmt: skip
_MANY_LINES = re.compile(r"\n\s*\n\s*")


def host(issue: Mapping[str, Any]) -> str | None:
    """The installation that an issue is of, by its own address."""
    try:
        return urlsplit(text_at(issue, "self") or "").netloc[:100] or None
    except ValueError:
        return None


def external_id(issue: Mapping[str, Any]) -> str | None:
    """What names an issue: its installation and id. Its key does not: that changes when it moves to another project."""
    number = at(issue, "id")
    if not isinstance(number, str | int) or isinstance(number, bool) or not str(number).strip():
        return None
    return key(host(issue), str(number))


def revision(issue: Mapping[str, Any]) -> datetime | None:
    """When the issue was last changed."""
    return when([], text_at(issue, "fields", "updated"))


def mapped(issue: Mapping[str, Any]) -> tuple[dict[str, Any], list[Flag]]:
    """The issue's fields in our shape, without client, source and system, and what had to be assumed or cut."""
    flags: list[Flag] = []
    title, said = text_at(issue, "fields", "summary"), prose(at(issue, "fields", "description"))
    return {
        "requirements": required(_references(issue), flags),
        "title": cut(title, TITLE, "/title", flags),
        "statement": cut(said or title, LONG, "/statement", flags),
        "objective_evidence": cut("\n".join(_evidence(issue, said)), LONG, "/objective_evidence", flags),
        "severity": (text_at(issue, "fields", "priority", "name") or "")[:200] or None,
        "detected_at": when(flags, text_at(issue, "fields", "created")),
        "department": next((name[:200] for name in (*_components(issue), _project(issue)) if name), None),
        "attachments": attached(_attachments(issue), flags),
    }, flags


def prose(value: Any) -> str:
    """A rich text as plain text: wiki markup as it is (Server), a document of nodes (Cloud, ADF) by its words."""
    if isinstance(value, str):
        return value.strip()
    return _MANY_LINES.sub("\n", "".join(_words(value))).strip()


def _words(node: Any) -> Iterator[str]:
    named = text_at(node, "type")
    if named == "text":
        said = at(node, "text")
        yield said if isinstance(said, str) else ""
    elif named == "hardBreak":
        yield "\n"
    else:
        yield text_at(node, "attrs", "text") or text_at(node, "attrs", "url") or ""
    for inner in list_at(node, "content"):
        yield from _words(inner)
    if named in _BLOCKS:
        yield "\n"


def _components(issue: Mapping[str, Any]) -> list[str]:
    return [name for one in list_at(issue, "fields", "components") if (name := text_at(one, "name"))]


def _labels(issue: Mapping[str, Any]) -> list[str]:
    return [label for label in list_at(issue, "fields", "labels") if isinstance(label, str)]


def _project(issue: Mapping[str, Any]) -> str | None:
    return text_at(issue, "fields", "project", "name")


def _references(issue: Mapping[str, Any]) -> Iterator[standards.Reference]:
    for said in (*_labels(issue), *_components(issue), *(said for _, said in _custom(issue))):
        yield from mentioned(said)


def _evidence(issue: Mapping[str, Any], said: str) -> Iterator[str]:
    if said:
        yield said
    yield from labelled(
        ("Issue", text_at(issue, "key")),
        ("Kind", text_at(issue, "fields", "issuetype", "name")),
        ("State", text_at(issue, "fields", "status", "name")),
        ("Priority", text_at(issue, "fields", "priority", "name")),
        ("Due", text_at(issue, "fields", "duedate")),
        ("Project", _project(issue)),
        ("Components", ", ".join(_components(issue))),
        ("Labels", ", ".join(_labels(issue))),
        ("Environment", prose(at(issue, "fields", "environment"))),
        *_custom(issue),
    )


def _custom(issue: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The fields that a project added, where they hold words; by their ids, as their names are not sent."""
    stated = at(issue, "fields")
    for name, value in stated.items() if isinstance(stated, Mapping) else ():
        if name.startswith(_CUSTOM):
            parts = value if isinstance(value, list) else [value]
            words = [said for one in parts if (said := _word(one))]
            if words:
                yield name, ", ".join(words)


def _word(value: Any) -> str | None:
    """What an option or a text says; what apps keep in a text for themselves begins with a brace or a class's name."""
    said = text_at(value, "value") if isinstance(value, dict) else value
    if not isinstance(said, str) or not said.strip() or said.lstrip().startswith(("{", "com.atlassian.")):
        return None
    return said.strip()


def _attachments(issue: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    for one in list_at(issue, "fields", "attachment"):
        yield from link(text_at(one, "filename"), text_at(one, "content"))
