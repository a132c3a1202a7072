"""Workbooks of the Federal Audit Clearinghouse: their rows by the Clearinghouse's own names for the columns.

They come as workbooks (.xlsx), several of them in one archive, or as the Clearinghouse's JSON of named ranges.
"""

import io
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any, TypeAlias

from services.intake import tables, text, xlsx
from services.intake.items import Limits, TooLarge, Unreadable
from services.intake.parts import list_at, text_at
from services.intake.profiles import folded
from services.intake.table_values import Misread, Value
from services.intake.table_values import key as cell_key
from services.intake.table_values import text as cell_text
from services.intake.tables import Table
from services.intake.xlsx_bounds import FAULTS

REFERENCE = "reference_number"
PLAN = "planned_action"
TEXT = "text_of_finding"
CHART = "contains_chart_or_table"
REQUIREMENT = "compliance_requirement"
CHECKED = "is_valid"
"""What the form itself works out; a row of nothing else is blank."""

_HEADERS = {
    "award reference": "award_reference",
    "audit finding reference number": REFERENCE,
    "type(s) of compliance requirement(s)": REQUIREMENT,
    "modified opinion": "modified_opinion",
    "other matters": "other_matters",
    "material weakness": "material_weakness",
    "significant deficiency": "significant_deficiency",
    "other findings": "other_findings",
    "questioned costs": "questioned_costs",
    "repeat findings from prior year": "repeat_prior_reference",
    "if repeat finding, provide prior year audit finding reference number(s)": "prior_references",
    "is findings combination valid? (read only)": CHECKED,
    "text of the audit finding": TEXT,
    "planned corrective action": PLAN,
    "did text contain a chart or table?": CHART,
}
_COLUMNS = frozenset(_HEADERS.values())
_AUDITEE, _SECTION = "auditee uei", "section"
_CORE, _CORE_BYTES = "xl/workbook.xml", 2**18
_WORKBOOKS = 10


Texts: TypeAlias = Mapping[str, str]
"""The texts of a row by the names of its columns."""


@dataclass(frozen=True, slots=True)
class Book:
    """One workbook: the auditee's identifier, and its rows that are not blank by their numbers in the form.

    Of a row whose reference number a cell cannot tell from another one: why.
    """

    auditee: str | None
    rows: Sequence[tuple[int, Texts | Misread]]


def looks(document: bytes) -> bool:
    """Whether bytes are a workbook that names an auditee, or an archive of workbooks."""
    if not document.startswith(b"PK\x03\x04"):
        return False
    try:
        with zipfile.ZipFile(io.BytesIO(document)) as archive:
            names = archive.namelist()
            if _CORE not in names:
                return any(_is_workbook(name) for name in names)
            with archive.open(_CORE) as core:
                return b'"auditee_uei"' in core.read(_CORE_BYTES)
    except (*FAULTS, KeyError):
        return False


def claims(value: Any) -> bool:
    """Whether a JSON value is a workbook of named ranges, or a list of such."""
    first = value[0] if isinstance(value, list) and value else None
    sheet = first[0] if isinstance(first, list) and first else first
    return isinstance(sheet, dict) and isinstance(sheet.get("ranges"), list)


def opened(document: bytes, limits: Limits) -> Sequence[Book]:
    """The workbooks of a document. Raises Unreadable and TooLarge."""
    if document.startswith(b"PK\x03\x04") or xlsx.looks(document):
        return [_sheets(one, limits) for one in _workbooks(document, limits)]
    books: list[Book] = []
    content = text.Content.of(document, limits)
    for value in content.values():
        if doubled := content.doubled(value):
            raise Unreadable("duplicate_key", "A key comes twice in one object.", path=doubled)
        many = value if isinstance(value, list) and value and isinstance(value[0], list) else [value]
        books += map(_ranges, many)
    return books


def _is_workbook(name: str) -> bool:
    return name.casefold().endswith(".xlsx")


def _workbooks(document: bytes, limits: Limits) -> Iterator[bytes]:
    """The document itself, or the workbooks of an archive, inflated within the bounds."""
    if len(document) > limits.bytes:
        raise TooLarge("too_many_bytes", f"The document has {len(document):,} bytes; {limits.bytes:,} are allowed.")
    try:
        with zipfile.ZipFile(io.BytesIO(document)) as archive:
            infos = [info for info in archive.infolist() if _is_workbook(info.filename)]
            if not infos or _CORE in archive.namelist():
                yield document
                return
            if len(infos) > _WORKBOOKS:
                detail = f"The archive has {len(infos):,} workbooks; {_WORKBOOKS} are allowed."
                raise TooLarge("inflates_too_far", detail)
            room = limits.inflated
            for info in infos:
                most = min(limits.bytes, room)
                with archive.open(info) as member:
                    content = member.read(most + 1)
                if len(content) > most:
                    raise TooLarge("inflates_too_far", f"The archive inflates beyond {limits.inflated:,} bytes.")
                room -= len(content)
                yield content
    except FAULTS as fault:
        if isinstance(fault, Unreadable | TooLarge):
            raise
        raise Unreadable("not_xlsx", f"The archive is damaged: {str(fault)[:100] or type(fault).__name__}.") from None


def _sheets(document: bytes, limits: Limits) -> Book:
    found = xlsx.opened(document, limits).tables
    cover = {name: value for table in found for name, value in _cover(table)}
    for table in found:
        for place in range(min(len(table.rows), tables.HEADER_WITHIN)):
            named = [_HEADERS.get(folded(name)) for name in tables.headers(table, place)]
            if REFERENCE in named:
                rows = [
                    (one.number, _row(zip(named, one.values, strict=False)))
                    for one in table.rows[place + 1 :]
                    if not one.fault
                ]
                return _book(cover.get(_AUDITEE), cover.get(_SECTION), set(filter(None, named)), rows)
    return _book(None, cover.get(_SECTION), set(), [])


def _cover(table: Table) -> Iterator[tuple[str, str]]:
    """What the cover sheet says: a label and its value, side by side."""
    for row in table.rows[: tables.HEADER_WITHIN]:
        if len(row.values) > 1:
            yield folded(cell_text(row.values[0])).rstrip(":"), cell_text(row.values[1]).strip()


def _row(cells: Iterable[tuple[str | None, Value]]) -> Texts | Misread:
    try:
        return {
            name: cell_key(value) if name == REFERENCE else cell_text(value).strip() for name, value in cells if name
        }
    except Misread as misread:
        return misread


def _ranges(value: Any) -> Book:
    """A workbook of sheets, each with its named ranges: the values of a column, and the row in which they begin."""
    sheets = value if isinstance(value, list) else []
    named = {text_at(one, "name") or "": one for sheet in sheets for one in list_at(sheet, "ranges")}
    rows: dict[int, dict[str, Value]] = {}
    columns = sorted(named.keys() & _COLUMNS)
    for name in columns:
        start = text_at(named[name], "start_cell", "row") or ""
        number = int(start) if start.isascii() and start.isdecimal() and len(start) < 8 else 2
        for offset, cell in enumerate(list_at(named[name], "values")):
            if isinstance(cell, str | int | float):
                rows.setdefault(number + offset, {})[name] = cell
    auditee, section = (next(iter(list_at(named.get(one), "values")), None) for one in ("auditee_uei", "section_name"))
    return _book(
        auditee.strip() if isinstance(auditee, str) else None,
        section if isinstance(section, str) else None,
        set(columns),
        [(number, _row(cells.items())) for number, cells in sorted(rows.items())],
    )


def _book(
    auditee: str | None, section: str | None, columns: AbstractSet[str], rows: Sequence[tuple[int, Texts | Misread]]
) -> Book:
    """A workbook of findings, their texts or plans. Raises Unreadable for one of anything else."""
    if REFERENCE not in columns or columns.isdisjoint({REQUIREMENT, TEXT, PLAN}):
        called = f" of the section {section[:60]!r}" if section else ""
        detail = f"The workbook{called} has neither findings nor their texts or plans, by reference number."
        raise Unreadable("no_findings", detail, path="")
    return Book(auditee or None, [(number, row) for number, row in rows if not _is_blank(row)])


def _is_blank(row: Texts | Misread) -> bool:
    return not isinstance(row, Misread) and not any(row[name] for name in row if name != CHECKED)
