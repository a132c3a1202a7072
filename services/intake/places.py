"""Where something stands in a table, as one would look for it."""

from collections.abc import Mapping
from dataclasses import dataclass


def place(sheet: str | None, row: int, column: int | None, header: str | None) -> str:
    """Where a cell is: `line 7, column 'Title'`, or `cell C7 ('Title') of sheet 'Log'`."""
    called = f"{header[:60]!r}" if header else None
    if sheet is None:
        at = called or (None if column is None else str(column + 1))
        return f"line {row}, column {at}" if at else f"line {row}"
    cell = f"row {row}" if column is None else f"cell {letters(column)}{row}"
    return f"{cell}{f' ({called})' if called else ''} of sheet {sheet!r}"


def letters(column: int) -> str:
    """A column's name in a sheet, from its index: A, B, ..., Z, AA."""
    name = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(ord("A") + rest) + name
    return name


@dataclass(frozen=True)
class Cells:
    """Where a finding stands in a table: its row, from 1, and by pointer which column, from 0, holds what of it."""

    sheet: str | None
    row: int
    columns: Mapping[str, tuple[int, str]]

    def saying(self, pointer: str, detail: str) -> str:
        """What is wrong with a part of the finding, with the cell that holds it, or its row."""
        where = place(self.sheet, self.row, *self.columns.get(pointer, (None, None)))
        return f"{where[:1].upper()}{where[1:]}: {detail}"
