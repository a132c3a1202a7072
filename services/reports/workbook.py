"""A log as a workbook (.xlsx), written row by row: however many there are, memory holds one.

Cells are strings and never formulas; those that look like one bear Excel's own mark of a text (`quotePrefix`), so that
they stay texts when somebody edits them.
"""

from collections.abc import Sequence
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import BinaryIO, Self

from services.cells import is_formula
from services.reports.log import COLUMNS

MOST = 50_000
"""Rows of a workbook: some thirty seconds of work."""

LONGEST = 32_000
"""Characters of a cell: Excel takes 32,767 of its own units, of which some characters are two."""

CUT = "… [cut: the whole is in the report]"


class TooManyRows(Exception):
    """More rows than a workbook is made of."""


class Workbook:
    """The log's workbook, on its way into a file. `rows` counts those below the header."""

    def __init__(self, sink: BinaryIO, title: str, header: Sequence[str]) -> None:
        # Loaded when first asked for: an API that was killed has to be back soon.
        import xlsxwriter  # type: ignore[import-untyped] # noqa: PLC0415

        self._folder = TemporaryDirectory()
        options = {
            "constant_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "tmpdir": self._folder.name,
        }
        self._book = xlsxwriter.Workbook(sink, options)
        self._book.set_properties({"title": title})
        self._sheet = self._book.add_worksheet("Nonconformities")
        self._text = self._book.add_format({"valign": "top", "text_wrap": True})
        self._formula = self._book.add_format({"valign": "top", "text_wrap": True, "quote_prefix": True})
        head = self._book.add_format({"bold": True, "bg_color": "#1D3557", "font_color": "#FFFFFF", "valign": "top"})
        for index, column in enumerate(COLUMNS):
            self._sheet.set_column(index, index, column.width)
        # Two lines each: left to itself, Excel makes a row as high as its longest cell.
        self._sheet.set_default_row(30)
        self._sheet.freeze_panes(1, 1)
        for index, name in enumerate(header):
            self._sheet.write_string(0, index, name, head)
        self.rows = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # Of a workbook that was completed, nothing is left to close.
        self._sheet.row_data_fh.close()
        self._folder.cleanup()

    def add(self, rows: Sequence[Sequence[str]]) -> None:
        """Writes rows below those before them. Raises TooManyRows."""
        if self.rows + len(rows) > MOST:
            raise TooManyRows
        for cells in rows:
            self.rows += 1
            for index, cell in enumerate(cells):
                if cell:
                    text = cell if len(cell) <= LONGEST else cell[: LONGEST - len(CUT)] + CUT
                    self._sheet.write_string(self.rows, index, text, self._formula if is_formula(text) else self._text)

    def complete(self) -> None:
        """Writes what is left, and the file."""
        self._sheet.autofilter(0, 0, self.rows, len(COLUMNS) - 1)
        self._book.close()
