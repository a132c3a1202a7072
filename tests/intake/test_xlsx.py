import io
import re
import zipfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.worksheet.worksheet import Worksheet

from services.intake import tables, xlsx
from services.intake.items import Context, Found, Item, Limits, Rejected, TooLarge, Unreadable
from services.intake.profiles import Column, Profile

SAMPLES = Path(__file__).parents[3] / "shared" / "samples"
beside = pytest.mark.skipif(not SAMPLES.is_dir(), reason="the sample documents are not beside this checkout")
HEAD = ("external_id", "title", "statement", "standard", "clause", "detected_at")
SHEET = "xl/worksheets/sheet1.xml"


def book(*rows: tuple[Any, ...], **others: Callable[[Worksheet], None]) -> bytes:
    """A workbook with the rows on its first sheet; each other sheet is filled by its own function."""
    made = openpyxl.Workbook()
    first = made.worksheets[0]
    first.title = "Log"
    for row in rows:
        first.append(row)
    for name, fill in others.items():
        fill(made.create_sheet(name) if name != "Log" else first)
    saved = io.BytesIO()
    made.save(saved)
    return saved.getvalue()


def changed(document: bytes, parts: Mapping[str, bytes | Callable[[bytes], bytes]]) -> bytes:
    """The workbook with other parts."""
    packed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(document)) as old, zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as new:
        for name in dict.fromkeys([*old.namelist(), *parts]):
            part = parts.get(name)
            new.writestr(name, part if isinstance(part, bytes) else part(old.read(name)) if part else old.read(name))
    return packed.getvalue()


def sheet(data: str) -> dict[str, bytes | Callable[[bytes], bytes]]:
    """A first sheet of this content."""
    space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    return {SHEET: f'<worksheet xmlns="{space}"><sheetData>{data}</sheetData></worksheet>'.encode()}


@cache
def plain() -> bytes:
    return book(HEAD, ("7", "Suppliers", "Not evaluated.", "ISO 9001:2015", "8.4", date(2026, 3, 1)))


def read(document: bytes, context: Context | None = None) -> list[Item]:
    return list(xlsx.read(document, context or Context(client="acme", system="log")))


def refused(document: bytes, context: Context | None = None) -> Unreadable | TooLarge:
    with pytest.raises((Unreadable, TooLarge)) as found:
        read(document, context)
    assert isinstance(found.value, Unreadable | TooLarge)
    return found.value


def profile(**fields: str) -> Context:
    own = {name: Column(columns=(header,)) for name, header in fields.items()}
    return Context(client="acme", system="log", profile=Profile(fields=own))


def test_our_own_column_names_need_no_profile() -> None:
    [item] = read(plain())
    assert isinstance(item, Found)
    finding = item.finding
    assert (finding.source.external_id, finding.title, finding.statement) == ("7", "Suppliers", "Not evaluated.")
    assert [(one.standard, one.edition, one.clause) for one in finding.requirements] == [("ISO 9001", "2015", "8.4")]
    assert finding.detected_at is not None
    assert (finding.detected_at.isoformat(), [one.code for one in item.flags]) == (
        "2026-03-01T00:00:00+00:00",
        ["date_only"],
    )


def test_cells_become_text_as_they_are_meant() -> None:
    cells = (7, 7.0, 2.5, True, date(2026, 3, 1), datetime(2026, 3, 1, 9, 30), time(9, 30), timedelta(hours=30), 10**14)
    [_, *values] = [
        item.finding.statement
        for item in read(book(HEAD[:3], ("0", "x", "y"), *((f"a{i}", "x", cell) for i, cell in enumerate(cells))))
        if isinstance(item, Found)
    ]
    assert values == [
        "7", "7", "2.5", "TRUE", "2026-03-01", "2026-03-01T09:30:00", "09:30:00", "1 day, 6:00:00", "100000000000000",
    ]  # fmt: skip


def test_date_cells_need_no_format_and_take_the_stated_zone() -> None:
    document = book(("Id", "T", "When"), (1, "x", datetime(2026, 7, 1, 9, 30)))
    when = Column(columns=("When",), zone="Europe/Berlin", format="%d/%m/%Y")
    fields = {"external_id": Column(columns=("Id",)), "title": Column(columns=("T",)), "detected_at": when}
    [item] = read(document, Context(client="acme", system="s", profile=Profile(fields=fields)))
    assert isinstance(item, Found)
    assert item.finding.detected_at is not None
    assert (item.finding.detected_at.isoformat(), list(item.flags)) == ("2026-07-01T07:30:00+00:00", [])


@pytest.mark.parametrize(
    ("cell", "code"),
    [(5.1, "number_for_text"), (datetime(2026, 10, 5), "date_for_text"), (time(5, 10), "date_for_text")],
)
def test_a_clause_that_the_spreadsheet_made_a_number_or_a_date_is_refused(cell: object, code: str) -> None:
    [item] = read(book(HEAD[:5], ("1", "x", "y", "ISO 9001", cell)))
    assert isinstance(item, Rejected)
    assert (item.problem.code, item.problem.pointer) == (code, "/requirements")
    assert item.problem.detail.startswith("Cell E2 ('clause') of sheet 'Log': ")


def test_a_number_is_no_date() -> None:
    [item] = read(book(HEAD, ("1", "x", "y", None, None, 46000)))
    assert isinstance(item, Rejected)
    assert (item.problem.code, item.problem.pointer) == ("date", "/detected_at")


def test_formulas_are_never_evaluated() -> None:
    cached = '<row r="1"><c r="A1" t="inlineStr"><is><t>external_id</t></is></c><c r="B1" t="inlineStr"><is><t>title</t></is></c>'
    cached += '<c r="C1" t="inlineStr"><is><t>statement</t></is></c></row>'
    cached += '<row r="2"><c r="A2"><v>1</v></c><c r="B2" t="str"><f>1+1</f><v>saved</v></c><c r="C2" t="str"><f>A9</f><v></v></c></row>'
    cached += '<row r="3"><c r="A3"><v>2</v></c><c r="B3"><f>1+1</f></c><c r="C3" t="e"><f>1/0</f><v>#DIV/0!</v></c></row>'
    cached += '<row r="4"><c r="B4"><f>1+1</f></c></row>'
    document = changed(plain(), sheet(cached))
    found = [item.finding for item in read(document) if isinstance(item, Found)]
    assert [(one.title, one.statement) for one in found] == [("saved", ""), ("=1+1", "#DIV/0!")]
    assert "3 cells hold an error or a formula" in xlsx.opened(document, Limits()).notes[0]


@pytest.mark.parametrize("text", ["=1+1", "+43 1", "-x", "@SUM(A1)", "=cmd|'/C calc'!A0", "\u202egnp", "{{7*7}}"])
def test_text_comes_back_as_it_went_in(text: str) -> None:
    def fill(log: Worksheet) -> None:
        for column in (2, 3):
            log.cell(2, column, text).data_type = "s"

    [item] = read(book(HEAD[:3], ("1",), Log=fill))
    assert isinstance(item, Found)
    assert (item.finding.title, item.finding.statement) == (text, text)


def test_the_header_may_stand_below_a_preface_and_blank_rows_are_none() -> None:
    def fill(log: Worksheet) -> None:
        log["C4"], log["D4"], log["C7"], log["D7"] = "External ID", "Title", "7", "x"
        log["B9"] = "  "

    document = book(("Audit of March",), Log=fill)
    [item] = read(document)
    assert isinstance(item, Found)
    layout = tables.layout(xlsx.opened(document, Limits()), None)
    assert (layout.header_row, layout.headers[2:], layout.sheet) == (4, ["External ID", "Title"], "Log")


def test_a_merged_header_is_one_header_of_several_columns() -> None:
    def fill(log: Worksheet) -> None:
        log.merge_cells("C1:E1")
        log.merge_cells("A1:A2")

    document = book(("Id", "Title", "Mappings"), (), (1, "x", "CM-2", None, "AC-3"), Log=fill)
    context = profile(external_id="Id", title="Title", sites="Mappings")
    [item] = read(document, context)
    assert isinstance(item, Found)
    assert item.finding.sites == ("CM-2", "AC-3")
    below = book(("Id", "Finding"), (None, "Title", "Text"), (1, "x", "y"), Log=fill)
    assert context.profile is not None
    stated = Context(client="a", system="s", profile=context.profile.model_copy(
        update={"header_row": 2, "fields": {"external_id": Column(columns=("Id",)), "title": Column(columns=("Text",))}}
    ))
    [item] = read(below, stated)
    assert isinstance(item, Found)
    assert item.finding.title == "y"


def test_a_column_that_is_there_twice_is_no_answer() -> None:
    document = book(("Id", "Title", "Title"), (1, "x", "y"))
    error = refused(document, profile(external_id="Id", title="Title"))
    assert error.code == "duplicate_header"
    assert "cell B1 of sheet 'Log' and cell C1" in error.detail


def test_hidden_sheets_are_said_and_read_only_where_stated() -> None:
    def fill(other: Worksheet) -> None:
        other.sheet_state = "hidden"
        other.append(("external_id", "title"))
        other.append(("9", "hidden"))

    document = book(("Nothing here",), Secret=fill)
    assert xlsx.opened(document, Limits()).notes == ("The hidden sheet 'Secret' is not read.",)
    assert "Hidden sheets are read only where the profile states them: Secret" in refused(document).detail
    fields = {name: Column(columns=(name,)) for name in ("external_id", "title")}
    [item] = read(document, Context(client="a", system="s", profile=Profile(sheet="secret", fields=fields)))
    assert isinstance(item, Found)
    error = refused(document, Context(profile=Profile(sheet="Other", fields=fields)))
    assert (error.code, error.detail) == ("no_such_sheet", "There is no sheet 'Other'; there are 'Log', 'Secret'.")


def test_of_two_sheets_that_fit_one_must_be_stated() -> None:
    def fill(other: Worksheet) -> None:
        other.append(("external_id", "title"))

    assert refused(book(("external_id", "title"), ("1", "x"), More=fill)).code == "several_sheets"


def test_a_row_that_is_no_finding_is_named_by_its_cell() -> None:
    first, second = read(book(HEAD[:2], (None, "x"), ("2", None)))
    assert isinstance(first, Rejected)
    assert isinstance(second, Rejected)
    assert first.problem.detail == "Cell A2 ('external_id') of sheet 'Log': This field is required."
    assert (second.problem.pointer, second.external_id) == ("/title", "2")


def bomb(rows: int) -> bytes:
    return changed(plain(), sheet('<row><c t="inlineStr"><is><t>x</t></is></c></row>' * rows))


SHARED = '<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><si><t>{}</t></si></sst>'
ONCE = '<row>{}</row>'.format('<c t="s"><v>0</v></c>' * 900)


@pytest.mark.parametrize(
    ("make", "limits", "code"),
    [
        (plain, Limits(bytes=10), "too_many_bytes"),
        (plain, Limits(inflated=1000), "inflates_too_far"),
        (lambda: bomb(400_000), Limits(), "inflates_too_far"),
        (lambda: bomb(60_000), Limits(ratio=1000, items=1000), "too_many_items"),
        (lambda: changed(plain(), sheet('<row r="1"><c r="A1"/><c r="XFD1"/></row>')), Limits(), "too_many_columns"),
        (lambda: changed(plain(), sheet('<row r="1"><c r="ALL1"/></row><row r="1048576"><c/></row>')), Limits(), "too_many_cells"),
        (
            lambda: changed(plain(), {**sheet(ONCE), "xl/sharedStrings.xml": SHARED.format("x" * 200_000).encode()}),
            Limits(),
            "inflates_too_far",
        ),
        (lambda: changed(plain(), {f"xl/{i}.xml": b"<a/>" for i in range(2001)}), Limits(), "inflates_too_far"),
        (lambda: book(HEAD[:2], *((str(i), "x") for i in range(30))), Limits(items=29), "too_many_items"),
    ],
    ids=["bytes", "inflated", "bomb", "rows", "columns", "cells", "shared", "parts", "items"],
)  # fmt: skip
def test_bounds(make: Callable[[], bytes], limits: Limits, code: str) -> None:
    assert refused(make(), Context(limits=limits)).code == code


def test_a_stated_dimension_is_not_believed() -> None:
    wide = changed(plain(), {SHEET: lambda old: re.sub(rb'<dimension ref="[^"]*"', b'<dimension ref="A1:XFD1048576"', old)})
    assert len(read(wide)) == 1


ENTITIES = b'<!DOCTYPE x [<!ENTITY a "ha">]><worksheet>&a;</worksheet>'


@pytest.mark.parametrize(
    "document",
    [
        b"",
        b"PK\x03\x04",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600,
        b"external_id,title\n1,x",
        plain()[:-30],
        plain()[:200] + b"\x00" * 40 + plain()[240:],
        changed(plain(), {SHEET: ENTITIES}),
        changed(plain(), {SHEET: b"<worksheet>"}),
        changed(plain(), {SHEET: b'<?xml version="1.0" encoding="nonsense"?><a/>'}),
        changed(plain(), {"xl/workbook.xml": b"<a/>"}),
        changed(plain(), {"XL/Worksheets/Sheet1.xml": b"<a/>"}),
    ],
    ids=["empty", "torso", "old", "csv", "cut", "damaged", "entities", "open", "encoding", "workbook", "twice"],
)
def test_what_is_no_workbook_is_refused_by_name(document: bytes) -> None:
    assert refused(document).code in {"not_xlsx", "empty"}


@pytest.mark.parametrize(
    ("document", "looks"),
    [(plain(), True), (plain()[:300] + b"xl/", True), (b"PK\x03\x04word/", False), (b"a,b\n1,2", False), (b"", False)],
)
def test_what_looks_like_a_workbook(document: bytes, looks: bool) -> None:
    assert xlsx.looks(document) is looks


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 255)), min_size=1, max_size=6) | st.binary(max_size=40))
def test_no_bytes_cause_anything_but_items_or_a_named_refusal(noise: list[tuple[int, int]] | bytes) -> None:
    document = bytearray(plain() if isinstance(noise, list) else b"PK\x03\x04" + noise)
    for at, byte in noise if isinstance(noise, list) else ():
        document[at % len(document)] = byte
    with suppress(Unreadable, TooLarge):
        read(bytes(document))


PIECES = st.sampled_from([
    '<row r="2">', "</row>", '<c r="A2">', '<c t="s">', '<c r="B3" t="inlineStr">', '<c t="e">', '<c r="ZZ9" s="1">',
    '<c r="" t="b">', '<c t="d">', "</c>", "<v>", "</v>", "<f>", "</f>", "<is><t>", "</t></is>", "1", "-7", "1e400", "x",
    "99999999999", "&#0;", "&lt;", "<mergeCells><mergeCell ref='A1:XFD9'/></mergeCells>",
])  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(st.lists(PIECES, max_size=12) | st.lists(st.sampled_from([
    "<row><c><v>1</v></c></row>", '<row r="0"><c r="A0"><v>1</v></c></row>', '<row><c t="s"><v>9</v></c></row>',
    '<row><c s="99"><v>1</v></c></row>', '<row><c t="b"><v>7</v></c></row>', '<row><c t="d"><v>x</v></c></row>',
    '<row r="3"><c r="a3"><v>1</v></c><c r="A3"><v>2</v></c></row>', '<row r="1"><c r="C9"><v>-1e308</v></c></row>',
    '<row><c s="1"><v>1e300</v></c></row>', '<row><c s="1"><v>-5</v></c></row>', '<row><c t="q"><v>1</v></c></row>',
    '<row r="-4"><c r="1A"><v>1</v></c></row>', '<row><c r="AAAAAAAA1"><v>1</v></c></row>',
]), max_size=6))  # fmt: skip
def test_no_sheet_causes_anything_but_items_or_a_named_refusal(pieces: list[str]) -> None:
    document = changed(plain(), sheet("".join(pieces)))
    with suppress(Unreadable, TooLarge):
        xlsx.opened(document, Limits())
        read(document)


@beside
@pytest.mark.parametrize(
    ("file", "rows"),
    [
        ("xlsx/fac-audit-findings-text-workbook.xlsx", {"Coversheet": 4, "Form": 2}),
        ("xlsx/fac-audit-findings-text-workbook--EMPTY.xlsx", {"Coversheet": 4, "Form": 1}),
        ("xlsx/fac-corrective-action-plan-workbook.xlsx", {"Coversheet": 4, "Form": 2}),
        ("xlsx/fac-corrective-action-plan-workbook--EMPTY.xlsx", {"Coversheet": 4, "Form": 1}),
        (
            "xlsx/fac-federal-awards-audit-findings-workbook.xlsx",
            {"Coversheet": 4, "Form": 2, "ComplianceRequirementTypes": 8192},
        ),
        ("xlsx_bad_headers/trestle_good.xlsx", {"example_best_practices_controls": 11}),
    ],
)
def test_real_workbooks(file: str, rows: dict[str, int]) -> None:
    opened = xlsx.opened((SAMPLES / file).read_bytes(), Limits())
    assert {table.sheet: len(table.rows) for table in opened.tables} == rows


@beside
@pytest.mark.parametrize(
    ("file", "code"),
    [
        ("xlsx_bad_headers/trestle_duplicate_column_heading.xlsx", "duplicate_header"),
        ("xlsx_bad_headers/trestle_missing_column_heading.xlsx", "columns_missing"),
        ("xlsx_bad_headers/trestle_bad_parameter_name_and_description.xlsx", None),
        ("xlsx_bad_headers/trestle_good.xlsx", None),
        ("malformed/derived/xlsx_truncated.xlsx", "not_xlsx"),
    ],
)
def test_real_workbooks_by_a_profile(file: str, code: str | None) -> None:
    document, context = (SAMPLES / file).read_bytes(), profile(external_id="ControlId", title="ControlText")
    if code:
        assert refused(document, context).code == code
    else:
        assert {type(item) for item in read(document, context)} == {Found}
