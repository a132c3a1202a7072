"""Findings from other systems: bytes of a known format in, findings or reasons out; no database, clock or network.

Each format is one module with `read(document, context)` and `claims(value)`. Document-level trouble (`Unreadable`,
`TooLarge`, `UnknownFormat`) is raised before the first item; trouble with one item is that item.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from services.intake import asff, canonical, ndjson, text
from services.intake.items import (
    Context,
    Found,
    Item,
    Limits,
    Reason,
    Rejected,
    Skipped,
    TooLarge,
    UnknownFormat,
    Unreadable,
)

__all__ = [
    "FORMATS",
    "Context",
    "Format",
    "Found",
    "Item",
    "Limits",
    "Reason",
    "Rejected",
    "Skipped",
    "TooLarge",
    "UnknownFormat",
    "Unreadable",
    "detect",
    "read",
]


@dataclass(frozen=True, slots=True)
class Format:
    """A format: how it is read, the media types that mean it and nothing else, and its file endings."""

    read: Callable[[bytes, Context], Iterator[Item]]
    claims: Callable[[Any], bool]
    media_types: tuple[str, ...] = ()
    endings: tuple[str, ...] = ()


FORMATS: Mapping[str, Format] = {
    "asff": Format(asff.read, asff.claims, ("application/vnd.aws.securityhub.asff+json",), (".asff", ".asff.json")),
    "ndjson": Format(
        ndjson.read,
        lambda value: isinstance(value, dict) and canonical.claims(value),
        ("application/x-ndjson", "application/ndjson", "application/jsonl", "application/x-jsonlines"),
        (".ndjson", ".jsonl"),
    ),
    "json": Format(canonical.read, canonical.claims, ("application/vnd.closeout.finding+json",)),
}
"""The formats by name, in the order in which they are asked whether a document is theirs."""


def read(document: bytes, format: str, context: Context) -> Iterator[Item]:
    """A document's items, in its order. Raises UnknownFormat at once, Unreadable and TooLarge with the first item."""
    if format not in FORMATS:
        raise UnknownFormat(f"There is no format {format[:40]!r}.", list(FORMATS))
    return FORMATS[format].read(document, context)


def detect(
    document: bytes, media_type: str | None = None, name: str | None = None, limits: Limits | None = None
) -> str:
    """The name of a document's format, by its own content; media type and file name decide where that says nothing.

    A document that looks like JSON but is broken is `json`, whose `read` says where it breaks. Raises UnknownFormat
    for one that no format claims, TooLarge for one beyond its bounds.
    """
    kind = (media_type or "").partition(";")[0].strip().casefold()
    hinted = _hinted(kind, (name or "").casefold())
    limits = limits or Limits()
    try:
        content = text.decoded(document, limits)
        value, end = text.first(content, limits)
    except Unreadable:
        return _broken(document, kind, hinted)
    line, _, more = content[end:].partition("\n")
    if asff.claims(value):
        return "asff"
    if hinted == "ndjson" or (more.strip() and not line.strip() and FORMATS["ndjson"].claims(value)):
        return "ndjson"
    if line.strip() or canonical.claims(value):
        return "json"
    raise UnknownFormat(f"No format that we read looks like this: {_looks(value)}.", list(FORMATS))


def _hinted(kind: str, name: str) -> str | None:
    fitting = (called for called, known in FORMATS.items() if kind in known.media_types or name.endswith(known.endings))
    return next(fitting, None)


def _broken(document: bytes, kind: str, hinted: str | None) -> str:
    """The format of what cannot be read as JSON: its hint, or JSON where it claims or seems to be that."""
    start = document[:64].decode(json.detect_encoding(document), "replace").lstrip(" \t\r\n\x00")
    if hinted:
        return hinted
    if not start or start[0] in '{["' or kind == "application/json" or kind.endswith("+json"):
        return "json"
    raise UnknownFormat("The document is none that we read, and no JSON.", list(FORMATS))


def _looks(value: Any) -> str:
    one = next((entry for entry in value if isinstance(entry, dict)), value) if isinstance(value, list) else value
    fields = ", ".join(str(key)[:40] for key in list(one)[:8]) if isinstance(one, dict) else type(one).__name__
    return f"an object with the fields {fields.encode('utf-8', 'replace').decode()}"
