"""Workbooks (.xlsx): every sheet's cells as they were last saved. No formula is ever evaluated."""

import io
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from services.intake import tables, xlsx_bounds
from services.intake.items import Context, Item, Limits, TooLarge, Unreadable
from services.intake.profiles import Profile
from services.intake.table_values import LARGEST, Value, blank
from services.intake.tables import Merged, Opened, Row, Table


def read(document: bytes, context: Context) -> Iterator[Item]:
    """One item for each row below the header. Raises Unreadable and TooLarge before the first item."""
    yield from tables.items(opened(document, context.limits, context.profile), context)


def looks(document: bytes) -> bool:
    """Whether a document is a workbook, or the torso of one; also an old one, which `read` refuses by name."""
    if document.startswith(b"PK\x03\x04"):
        return b"xl/" in document
    return document.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")


def opened(document: bytes, limits: Limits, profile: Profile | None = None) -> Opened:
    """The sheets of a workbook, hidden ones marked. Raises Unreadable and TooLarge."""
    checked = xlsx_bounds.checked(document, limits)
    try:
        with CalamineWorkbook.from_filelike(io.BytesIO(checked.document)) as workbook:
            found = [
                _table(
                    workbook.get_sheet_by_name(about.name), about.visible, checked.unvalued.get(about.name, {}), limits
                )
                for about in workbook.sheets_metadata
                if about.typ == SheetTypeEnum.WorkSheet
            ]
    except (Unreadable, TooLarge):
        raise
    except (CalamineError, OverflowError, ValueError) as error:
        # A time or duration beyond Python's own is one of the latter.
        raise Unreadable("not_xlsx", f"The workbook cannot be read: {str(error)[:200]}.") from None
    except BaseException as panic:
        # The library panics at times beyond its own; that class is no Exception and cannot be imported.
        if type(panic).__name__ != "PanicException":
            raise
        raise Unreadable("not_xlsx", f"The workbook cannot be read: {str(panic)[:200]}.") from None
    if not found:
        raise Unreadable("empty", "The workbook has no sheet of cells.")
    hidden = [table.sheet or "" for table in found if table.hidden]
    stated = profile.sheet if profile else None
    notes = [f"The hidden sheet {name!r} is not read." for name in hidden if name != stated]
    notes += [
        f"Sheet {name!r}: {len(cells):,} cells hold an error or a formula without a value, which is read as text."
        for name, cells in checked.unvalued.items()
    ]
    return Opened(found, notes=tuple(notes))


def _table(
    sheet: CalamineSheet, visible: SheetVisibleEnum, unvalued: Mapping[tuple[int, int], str], limits: Limits
) -> Table:
    merged = tuple(
        Merged(top + 1, left, bottom + 1, right) for (top, left), (bottom, right) in sheet.merged_cell_ranges or ()
    )
    rows = tables.filled(list(_rows(sheet, unvalued)), limits.columns)
    return Table(rows, sheet.name, hidden=visible != SheetVisibleEnum.Visible, merged=merged)


def _rows(sheet: CalamineSheet, unvalued: Mapping[tuple[int, int], str]) -> Iterator[Row]:
    """The rows that are not blank, from column A on.

    Forms have their formulas filled in down to the last row: one of nothing but formulas without a value is blank.
    """
    by_row: dict[int, dict[int, str]] = {}
    for (row, column), said in unvalued.items():
        by_row.setdefault(row, {})[column] = said
    left = sheet.start[1] if sheet.start else 0
    for row, cells in enumerate(sheet.iter_rows()):
        values: list[Value] = [*[""] * left, *map(_value, cells)]
        if not all(map(blank, values)):
            yield Row(row + 1, _with(values, by_row.get(row, {})))


def _with(values: list[Value], said: Mapping[int, str]) -> list[Value]:
    if said:
        values += [""] * (max(said) + 1 - len(values))
        for column, text in said.items():
            values[column] = text
    return values


def _value(cell: float | str | bool | time | date | datetime | timedelta) -> Value:
    """A cell; whole numbers as such, which workbooks do not tell from others."""
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < LARGEST:
        return int(cell)
    return cell
