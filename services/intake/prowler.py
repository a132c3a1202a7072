"""Prowler's CSV, versions 1 to 5: comma with 9 to 25 columns before version 3, semicolon with up to 42 since."""

import csv
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from services.intake import text
from services.intake.canonical import bound
from services.intake.items import Context, Item, Reason, Rejected, Skipped, Unreadable
from services.intake.parts import finished, rejected
from services.intake.prowler_columns import Row, external_id, mapped, renamed

_DELIMITERS = (";", ",", "\t", "|")
_LINE_END = re.compile(r"[\r\n]")
_HEAD = 16_384
"""Bytes in which a header ends: the longest known has 800."""
_RESULTS: Mapping[str, Reason | None] = {
    "FAIL": None,
    "PASS": "passed",
    "MANUAL": "not_assessed",
    "INFO": "not_assessed",
    "MUTED": "suppressed",
    "WARNING": "suppressed",
}
"""Versions 2 and 3 said WARNING of what somebody had put on the list of the allowed."""
_YES = frozenset({"true", "yes", "1"})
_THEIRS = {"/title": "/CHECK_TITLE", "/source/external_id": "/CHECK_ID"}


@dataclass(frozen=True, slots=True)
class _Line:
    """A row of cells and the lines from which it was read, or why it could not be."""

    first: int
    last: int
    cells: tuple[str, ...]
    fault: str | None = None


def read(document: bytes, context: Context) -> Iterator[Item]:
    """One item for each row below the header. Raises Unreadable and TooLarge before the first item."""
    content = text.decoded(document, context.limits)
    delimiter, columns = _header(content)
    bound(sum(1 for _ in _rows(content, delimiter)), context.limits)
    for index, line in enumerate(_rows(content, delimiter)):
        yield _item(index, line, columns, context)


def looks(document: bytes) -> bool:
    """Whether a document is Prowler's CSV: its first line names the columns of a version."""
    head = document[:_HEAD]
    encoding = "utf-16" if head[:2] in {b"\xff\xfe", b"\xfe\xff"} else "utf-8-sig"
    try:
        _header(head.decode(encoding, "replace"))
    except Unreadable:
        return False
    return True


def _header(content: str) -> tuple[str, tuple[str, ...]]:
    """The delimiter and the names of the columns, in those of the newest version. Raises Unreadable for another."""
    first = _LINE_END.split(content[:_HEAD].lstrip("\ufeff"), maxsplit=1)[0]
    for delimiter in _DELIMITERS:
        columns = renamed(next(csv.reader([first], delimiter=delimiter), []))
        if {"CHECK_ID", "CHECK_TITLE", "STATUS"} <= set(columns):
            twice = next((name for name in columns if name and columns.count(name) > 1), None)
            if twice:
                raise Unreadable("duplicate_column", f"The column {twice} comes twice.", line=1, column=1)
            return delimiter, tuple(text.held(list(columns))[0])
    detail = "The first line does not name Prowler's columns: CHECK_ID, CHECK_TITLE, STATUS or those before version 3."
    raise Unreadable("no_header", detail, line=1, column=1)


def _rows(content: str, delimiter: str) -> Iterator[_Line]:
    """The rows that are not blank, one by one, with the numbers of their lines; the header is none of them."""
    reader = csv.reader(io.StringIO(content.lstrip("\ufeff"), newline=""), delimiter=delimiter)
    next(reader, None)
    while True:
        first = reader.line_num + 1
        try:
            cells = next(reader, None)
        except csv.Error as error:
            yield _Line(first, reader.line_num, (), str(error))
            continue
        if cells is None:
            return
        if any(cell.strip() for cell in cells):
            yield _Line(first, reader.line_num, tuple(cells))


def _item(index: int, line: _Line, columns: tuple[str, ...], context: Context) -> Item:
    where = f"Line {line.first}" if line.first >= line.last else f"Lines {line.first} to {line.last}"
    if line.fault:
        return rejected(index, None, "not_csv", f"{where}: {line.fault}.")
    held, escaped = text.held(list(line.cells))
    cells: list[str] = held
    if len(cells) < len(columns) or any(cell.strip() for cell in cells[len(columns) :]):
        cause = " A quotation mark may not be closed." if line.last > line.first else ""
        detail = f"{where}: {len(cells)} cells where the header has {len(columns)}.{cause}"
        return rejected(index, None, "ragged_row", detail)
    row: Row = {name: cell.strip() for name, cell in zip(columns, cells, strict=False) if name}
    name = external_id(row)
    if name is None:
        return rejected(index, None, "missing", f"{where}: the row names no check.", "/CHECK_ID")
    status = row["STATUS"].upper()
    if status not in _RESULTS:
        detail = f"{where}: {status[:40]!r} is no status of Prowler." if status else f"{where}: the row has no status."
        return rejected(index, name, "unknown_status" if status else "missing", detail, "/STATUS")
    reason: Reason | None = "suppressed" if row.get("MUTED", "").casefold() in _YES else _RESULTS[status]
    if reason is not None:
        return Skipped(index, name, reason)
    fields, flags = mapped(row)
    fields["source"] = {"external_id": name}
    item = finished(
        index,
        fields,
        flags,
        context,
        system="Prowler",
        escaped=[f"/{columns[int(pointer.split('/')[1])]}" for pointer in escaped],
        theirs=_THEIRS,
    )
    if not isinstance(item, Rejected):
        return item
    problems = [problem.model_copy(update={"detail": f"{where}: {problem.detail}"}) for problem in item.problems]
    return Rejected(index, name, problems)
