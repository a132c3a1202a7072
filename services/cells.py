"""Cells of tables that others open in a spreadsheet: text that nobody has calculated."""

import csv
import io
from collections.abc import Iterable

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""How a text begins that a spreadsheet would calculate; in full width, too, where people write so."""


def is_formula(cell: object) -> bool:
    """Whether a spreadsheet would take a cell for a formula (OWASP, CSV injection)."""
    return isinstance(cell, str) and cell.startswith(FORMULA)


def line(cells: Iterable[object]) -> str:
    """A line of CSV; what a spreadsheet would calculate has an apostrophe before it."""
    row = io.StringIO()
    csv.writer(row).writerow([f"'{cell}" if is_formula(cell) else cell for cell in cells])
    return row.getvalue()
