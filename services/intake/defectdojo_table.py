"""DefectDojo's generic findings as CSV: rows in the shape of the report's JSON.

Its documentation states dates as mm/dd/yyyy. Where any row has one that is none, the file's dates are left unread:
which is the day and which the month, nobody can tell.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from services.intake import csv_table
from services.intake.items import Limits, Unreadable
from services.intake.table_values import text
from services.intake.tables import Row, Table, headers
from workflows.findings import Problem

_NEEDED = frozenset({"title", "severity", "description", "date", "url"})
_OURS = frozenset({"externalid", "sourceexternalid"})
_NAMES: Mapping[str, str] = {
    "cweid": "cwe",
    "url": "endpoints",
    "falsepositive": "false_p",
    "ismitigated": "is_mitigated",
    "mitigateddate": "mitigated",
    "vulnerabilityid": "vulnerability_ids",
    "cvssv3score": "cvssv3_score",
    "cvssv4score": "cvssv4_score",
}
"""What the report's JSON calls its columns, where that is not the same name."""

_LISTS = frozenset({"endpoints", "vulnerability_ids"})
_DATES = frozenset({"date", "mitigated"})
_SLASHED = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})", re.ASCII)
_HEAD = 16_384


@dataclass(frozen=True, slots=True)
class Entry:
    """A row by the line on which it begins: as an entry of the report's JSON, or why it could not be read."""

    number: int
    entry: Mapping[str, Any]
    fault: Problem | None = None


def looks(document: bytes) -> bool:
    """Whether a document is such a table: its first row names a finding's columns as DefectDojo does."""
    encoding = "utf-16" if document[:2] in {b"\xff\xfe", b"\xfe\xff"} else "utf-8-sig"
    first = document[:_HEAD].decode(encoding, "replace").lstrip().partition("\n")[0]
    named = {_plain(name) for name in first.split(csv_table.delimiter_of(first) or ",")}
    return named >= _NEEDED and not named & _OURS


def rows(document: bytes, limits: Limits) -> Sequence[Entry]:
    """The rows below the header. Raises Unreadable and TooLarge."""
    [table] = csv_table.opened(document, limits).tables
    names = _header(table)
    entries = [_entry(row, names) for row in table.rows[1:]]
    if any(not _day(stated) for one in entries for stated in _dates(one).values()):
        return entries
    return [replace(one, entry={**one.entry, **{k: _day(v) for k, v in _dates(one).items()}}) for one in entries]


def _header(table: Table) -> Sequence[str]:
    """The fields of the columns. Raises Unreadable for one that is there twice."""
    named = [(name, _plain(name)) for name in headers(table, 0)]
    names = [_NAMES.get(plain, plain if plain in _NEEDED else name.casefold()) for name, plain in named]
    if twice := next((name for name in names if name and names.count(name) > 1), None):
        detail = f"The column {twice[:60]!r} is there more than once."
        raise Unreadable("duplicate_header", detail, line=table.rows[0].number)
    return names


def _entry(row: Row, names: Sequence[str]) -> Entry:
    if row.fault is not None:
        return Entry(row.number, {}, row.fault)
    cells = [text(value) for value in row.values]
    if len(cells) < len(names) or any(cell.strip() for cell in cells[len(names) :]):
        detail = f"Line {row.number}: {len(cells)} cells where the header has {len(names)}."
        return Entry(row.number, {}, Problem(code="ragged_row", detail=detail))
    stated = {name: cell.strip() for name, cell in zip(names, cells, strict=False) if name and cell.strip()}
    if stated.get("cwe") == "0":
        del stated["cwe"]
    return Entry(row.number, {name: [cell] if name in _LISTS else cell for name, cell in stated.items()})


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.casefold())


def _dates(one: Entry) -> Mapping[str, str]:
    return {name: one.entry[name] for name in _DATES & one.entry.keys()}


def _day(stated: str) -> str:
    """A date as ISO 8601 writes it; the empty text for one with slashes that is not mm/dd/yyyy."""
    found = _SLASHED.fullmatch(stated)
    if found is None:
        return stated
    month, day, year = map(int, found.groups())
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        return ""
