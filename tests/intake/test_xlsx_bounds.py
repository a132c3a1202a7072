import re
from collections.abc import Callable
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.worksheet.worksheet import Worksheet

from services.intake import xlsx
from services.intake.items import Context, Limits, TooLarge, Unreadable
from tests.intake.workbooks import HEAD, SHEET, book, changed, plain, read, refused, sheet


def bomb(rows: int) -> bytes:
    return changed(plain(), sheet('<row><c t="inlineStr"><is><t>x</t></is></c></row>' * rows))


FAR = '<row r="1"><c r="ALL1"/></row><row r="1048576"><c/></row>'
SHARED = '<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><si><t>{}</t></si></sst>'
ONCE = "<row>{}</row>".format('<c t="s"><v>0</v></c>' * 900)


@pytest.mark.parametrize(
    ("make", "limits", "code"),
    [
        (plain, Limits(bytes=10), "too_many_bytes"),
        (plain, Limits(inflated=1000), "inflates_too_far"),
        (lambda: bomb(400_000), Limits(), "inflates_too_far"),
        (lambda: changed(plain(), sheet('<row r="1"><c r="A1"/><c r="XFD1"/></row>')), Limits(), "too_many_columns"),
        (lambda: changed(plain(), sheet(FAR)), Limits(), "too_many_cells"),
        (
            lambda: changed(plain(), {**sheet(ONCE), "xl/sharedStrings.xml": SHARED.format("x" * 200_000).encode()}),
            Limits(),
            "inflates_too_far",
        ),
        (lambda: changed(plain(), {f"xl/{i}.xml": b"<a/>" for i in range(2001)}), Limits(), "inflates_too_far"),
        (lambda: book(HEAD[:2], *((str(i), "x") for i in range(30))), Limits(items=29), "too_many_items"),
    ],
    ids=["bytes", "inflated", "bomb", "columns", "cells", "shared", "parts", "items"],
)  # fmt: skip
def test_bounds(make: Callable[[], bytes], limits: Limits, code: str) -> None:
    assert refused(make(), Context(limits=limits)).code == code


@pytest.mark.parametrize("style", ["[h]:mm:ss", "yyyy-mm-dd", "hh:mm"])
@pytest.mark.parametrize("number", [1e12, 1e15, 1e20, 1e300, -1e300, 2958466, -99999999, 4294967296.5])
def test_a_time_beyond_all_times_is_refused_or_a_number(style: str, number: float) -> None:
    def fill(log: Worksheet) -> None:
        log["A1"] = number
        log["A1"].number_format = style

    with suppress(Unreadable):
        [table] = xlsx.opened(book(Log=fill), Limits()).tables
        assert len(table.rows) == 1


def test_a_stated_dimension_is_not_believed() -> None:
    wide = changed(
        plain(), {SHEET: lambda old: re.sub(rb'<dimension ref="[^"]*"', b'<dimension ref="A1:XFD1048576"', old)}
    )
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
    '<c r="" t="b">', '<c t="d">', "</c>", "<v>", "</v>", "<f>", "</f>", "<is><t>", "</t></is>", "1", "-7", "1e400",
    "x", "99999999999", "&#0;", "&lt;", "<mergeCells><mergeCell ref='A1:XFD9'/></mergeCells>",
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
