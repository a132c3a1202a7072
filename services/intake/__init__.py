"""Findings from other systems: bytes of a known format in, findings or reasons out; no database, clock or network.

Each format is one module with `read(document, context)`, and `claims(value)` of JSON or `looks(document)` of bytes.
Document-level trouble (`Unreadable`, `TooLarge`, `UnknownFormat`) is raised before the first item; trouble with one
item is that item.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from services.intake import (
    asff,
    canonical,
    cloudevents,
    csv_table,
    defectdojo,
    fac,
    github,
    jira,
    ndjson,
    ocsf,
    oscal,
    prowler,
    sarif,
    servicenow,
    text,
    xlsx,
)
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


def _nothing(_: Any) -> bool:
    return False


def _perhaps(_document: bytes, _limits: Limits) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Format:
    """A format: how it is read, the media types that mean it and nothing else, and its file endings.

    `claims` says whether a JSON value is one of its documents, `looks` whether bytes are, for formats that are no JSON.
    `lacks` is what a document has not got that neither claims. `repeats` says whether a document may state one finding
    more than once, where that is known sooner than all of it is read; raises what reading it raises.
    """

    read: Callable[[bytes, Context], Iterator[Item]]
    claims: Callable[[Any], bool] = _nothing
    looks: Callable[[bytes], bool] = _nothing
    media_types: tuple[str, ...] = ()
    endings: tuple[str, ...] = ()
    lacks: str = "nothing of its kind"
    repeats: Callable[[bytes, Limits], bool] = _perhaps


def _inner(document: bytes, media_type: str | None, context: Context) -> list[Item]:
    """The items of a document in an envelope. Raises Unreadable, TooLarge and UnknownFormat."""
    called = detect(document, media_type, limits=context.limits)
    if called == ENVELOPE:
        raise Unreadable("nested_event", "An event around an event is not read.", path="")
    return list(read(document, called, context))


ENVELOPE = "cloudevents"

FORMATS: Mapping[str, Format] = {
    "fac": Format(
        fac.read, fac.claims, looks=fac.looks, lacks="no sheets with the named ranges of an audit's findings"
    ),
    "xlsx": Format(
        xlsx.read,
        looks=xlsx.looks,
        media_types=("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",),
        endings=(".xlsx",),
        lacks="no workbook",
    ),
    "prowler": Format(prowler.read, looks=prowler.looks, lacks="no header of a Prowler report"),
    ENVELOPE: Format(
        lambda document, context: cloudevents.read(document, context, _inner),
        cloudevents.claims,
        media_types=("application/cloudevents+json", "application/cloudevents-batch+json"),
        lacks="no specversion",
    ),
    "github": Format(github.read, github.claims, lacks="no alert of a repository"),
    "jira": Format(jira.read, jira.claims, lacks="no webhookEvent, and no issue with id, key and fields"),
    "servicenow": Format(servicenow.read, servicenow.claims, lacks="no record with a sys_id"),
    "asff": Format(
        asff.read,
        asff.claims,
        media_types=("application/vnd.aws.securityhub.asff+json",),
        endings=(".asff", ".asff.json"),
        lacks="no finding with a ProductArn",
    ),
    "ocsf": Format(ocsf.read, ocsf.claims, endings=(".ocsf.json",), lacks="no event with a class_uid"),
    "sarif": Format(
        sarif.read,
        sarif.claims,
        media_types=("application/sarif+json",),
        endings=(".sarif", ".sarif.json"),
        lacks="no runs with a version or schema of SARIF",
    ),
    "oscal": Format(
        oscal.read,
        oscal.claims,
        oscal.looks,
        media_types=("application/oscal+json", "application/oscal+xml", "application/oscal+yaml"),
        endings=(".oscal.json", ".oscal.xml", ".oscal.yaml", ".oscal.yml"),
        lacks="no assessment-results and no plan-of-action-and-milestones",
    ),
    "defectdojo": Format(
        defectdojo.read, defectdojo.claims, defectdojo.looks, lacks="no findings with the fields of a report"
    ),
    "ndjson": Format(
        ndjson.read,
        lambda value: isinstance(value, dict) and canonical.claims(value),
        media_types=("application/x-ndjson", "application/ndjson", "application/jsonl", "application/x-jsonlines"),
        endings=(".ndjson", ".jsonl"),
        lacks="no finding on its first line",
        repeats=ndjson.repeats,
    ),
    "json": Format(
        canonical.read,
        canonical.claims,
        media_types=("application/vnd.closeout.finding+json",),
        lacks="fewer than half of its fields are a finding's",
        repeats=canonical.repeats,
    ),
    "csv": Format(
        csv_table.read,
        looks=csv_table.looks,
        media_types=("text/csv", "text/tab-separated-values"),
        endings=(".csv", ".tsv"),
        lacks="no rows of one length with two columns or more",
    ),
}
"""The formats by name, in the order in which they are asked whether a document is theirs."""

OWN = ("ndjson", "json")
"""Our own formats, asked after those that other systems write."""


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
    if foreign := next((name for name, known in FORMATS.items() if name != "csv" and known.looks(document)), None):
        return foreign
    try:
        content = text.Content.of(document, limits)
        value, end = content.first()
    except Unreadable:
        return _broken(document, kind, hinted)
    line, _, more = content.text[end:].partition("\n")
    if foreign := next((name for name, known in FORMATS.items() if name not in OWN and known.claims(value)), None):
        return foreign
    if hinted == "ndjson" or (more.strip() and not line.strip() and FORMATS["ndjson"].claims(value)):
        return "ndjson"
    if line.strip() or canonical.claims(value):
        return "json"
    raise _unknown(f"No format that we read looks like this: {_looks(value)}.")


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
    if csv_table.looks(document):
        return "csv"
    raise _unknown("The document is none that we read, and no JSON.")


def _unknown(detail: str) -> UnknownFormat:
    return UnknownFormat(detail, list(FORMATS), {name: known.lacks for name, known in FORMATS.items()})


def _looks(value: Any) -> str:
    one = next((entry for entry in value if isinstance(entry, dict)), value) if isinstance(value, list) else value
    fields = ", ".join(str(key)[:40] for key in list(one)[:8]) if isinstance(one, dict) else type(one).__name__
    return f"an object with the fields {fields.encode('utf-8', 'replace').decode()}"
