"""The log as XLSX and CSV: texts stay texts, and memory holds no more than a page."""

import csv
import io
import tempfile
import tracemalloc
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import openpyxl
import pytest

from services import cells
from services.reports import log, workbook
from services.reports.wording import Reader
from services.reports.workbook import CUT, LONGEST, TooManyRows, Workbook
from workflows.findings import Finding
from workflows.nonconformity.case import Case

FORMULAS = ("=1+1", "+1", "-1+2", "@SUM(A1)", '=HYPERLINK("http://x.test")', "=cmd|' /C calc'!A0")
NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)
READER = Reader(ZoneInfo("Europe/Vienna"))


def case(number: int, **finding: str) -> Case:
    """A case that was issued in winter."""
    told = {
        "source": {"system": "audit", "external_id": str(number)},
        "client": "acme",
        "requirements": ["ISO/IEC 27001:2022 A.5.18"],
        "title": "Access",
        "statement": "s",
        "objective_evidence": "e",
    }
    return Case(
        status="open",
        number=f"NC-2026-{number:04}",
        grade="minor",
        finding=Finding.model_validate(told | finding),
        issued_at=datetime(2026, 1, 1, 23, 30, tzinfo=UTC),
    )


def cells_of(number: int, **finding: str) -> list[str]:
    return log.Row(f"id-{number}", case(number, **finding), {"acme": "Acme Ltd"}, READER, NOW).cells()


def made(rows: list[list[str]]) -> bytes:
    """A workbook of these rows."""
    sink = io.BytesIO()
    with Workbook(sink, "Log", log.header(READER)) as book:
        book.add(rows)
        book.complete()
    return sink.getvalue()


def test_a_row_tells_the_case_in_the_readers_zone() -> None:
    told = dict(zip(log.header(READER), cells_of(1), strict=True))
    assert told["Number"] == "NC-2026-0001"
    assert (told["Status"], told["Grade"], told["Client"]) == ("Open", "Minor", "Acme Ltd")
    assert told["Requirements"] == "ISO/IEC 27001:2022 A.5.18"
    assert told["Issued (Europe/Vienna)"] == "2026-01-02 00:30"
    assert told["Waits for"] == "Client"


def test_nothing_in_a_workbook_is_a_formula() -> None:
    rows = [cells_of(n, title=text, statement=text) for n, text in enumerate(FORMULAS)]
    sheet = openpyxl.load_workbook(io.BytesIO(made(rows))).active
    assert sheet is not None
    place = log.header(READER).index("Statement") + 1
    for row, text in enumerate(FORMULAS, start=2):
        cell = sheet.cell(row, place)
        assert (cell.value, cell.data_type) == (text, "s")
        assert cell.quotePrefix
    assert all(cell.data_type in {"s", "n"} for row in sheet.iter_rows() for cell in row if cell.value is not None)
    assert all(isinstance(cell.value, str) for row in sheet.iter_rows() for cell in row if cell.value is not None)


def test_nothing_in_a_csv_is_a_formula() -> None:
    document = "".join(cells.line(cells_of(n, statement=text)) for n, text in enumerate(FORMULAS))
    rows = list(csv.reader(io.StringIO(document)))
    place = log.header(READER).index("Statement")
    assert [row[place] for row in rows] == [f"'{text}" for text in FORMULAS]


@pytest.mark.parametrize("text", ["\t=1", "＝1＋1", "＠SUM(A1)"])
def test_what_begins_with_a_tab_or_is_written_wide_is_calculated_too(text: str) -> None:
    assert cells.line([text, "1", 2, None]) == f"'{text},1,2,\r\n"


def test_what_no_cell_holds_is_cut_and_control_characters_are_shown_as_such() -> None:
    rows = [cells_of(1, statement="x" * 40_000, objective_evidence="a\x07b\x1ad800c")]
    sheet = openpyxl.load_workbook(io.BytesIO(made(rows))).active
    assert sheet is not None
    header = log.header(READER)
    statement = sheet.cell(2, header.index("Statement") + 1).value
    assert isinstance(statement, str)
    assert len(statement) == LONGEST
    assert statement.endswith(CUT)
    assert sheet.cell(2, header.index("Objective evidence") + 1).value == "a\ufffdb\ufffdc"


def test_an_empty_log_is_a_header() -> None:
    sheet = openpyxl.load_workbook(io.BytesIO(made([]))).active
    assert sheet is not None
    assert [cell.value for cell in sheet[1]] == log.header(READER)
    assert sheet.max_row == 1


def test_more_rows_than_a_workbook_takes_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "MOST", 2)
    with pytest.raises(TooManyRows):
        made([cells_of(n) for n in range(3)])


def _peak(pages: int) -> int:
    """The most memory, in bytes, that a workbook of so many pages of a hundred rows takes."""
    page = [[f"NC-{n}", "s" * 500, "=1+1"] for n in range(100)]
    with tempfile.TemporaryFile() as sink:
        tracemalloc.start()
        try:
            with Workbook(sink, "Log", log.header(READER)) as book:
                for _ in range(pages):
                    book.add(page)
                book.complete()
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()


def test_ten_thousand_rows_take_no_more_memory_than_a_thousand() -> None:
    assert _peak(100) < _peak(10) + 2**20
