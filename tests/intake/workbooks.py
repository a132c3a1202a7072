"""Workbooks made for tests."""

import io
import zipfile
from collections.abc import Callable, Mapping
from datetime import date
from functools import cache
from typing import Any

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from services.intake import xlsx
from services.intake.items import Context, Item, TooLarge, Unreadable

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
    """The items of a workbook."""
    return list(xlsx.read(document, context or Context(client="acme", system="log")))


def refused(document: bytes, context: Context | None = None) -> Unreadable | TooLarge:
    """The refusal of a workbook."""
    with pytest.raises((Unreadable, TooLarge)) as found:
        read(document, context)
    assert isinstance(found.value, Unreadable | TooLarge)
    return found.value
