"""Tables as text (RFC 4180 and its relatives): code page and delimiter as stated, else as found, and said which."""

import codecs
import csv
import io
import json
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import NamedTuple

from services.intake import tables
from services.intake.items import Context, Item, Limits, TooLarge, Unreadable
from services.intake.profiles import Profile
from services.intake.tables import Opened, Row, Table
from workflows.findings import Flag, Problem

DELIMITERS = ",;\t|"

_SAMPLE = 64 * 2**10
_LINES = 60
_FIRST_GUESS = "cp1252"
"""Of code pages that fit alike, the one that western office programs write."""

_PAGES = [
    "cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257", "cp932", "gb18030", "big5", "cp949",
]  # fmt: skip


class Decoded(NamedTuple):
    """The text of a document, its code page, and whether that is only likely."""

    text: str
    encoding: str
    assumed: bool


def read(document: bytes, context: Context) -> Iterator[Item]:
    """One item for each row below the header. Raises Unreadable and TooLarge before the first item."""
    yield from tables.items(opened(document, context.limits, context.profile), context)


def looks(document: bytes) -> bool:
    """Whether a document is likely a table as text: rows of one length, two columns or more, and no JSON or XML."""
    head = document[:_SAMPLE]
    if head[:4] in (b"PK\x03\x04", b"%PDF") or is_structured(document):
        return False
    try:
        text = decoded(document, Limits(bytes=len(document))).text
    except (Unreadable, TooLarge):
        return False
    if "\x00" in text[:_SAMPLE] or text.lstrip()[:1] in ("{", "[", "<", ""):
        return False
    lines = "".join(text[:_SAMPLE].splitlines(keepends=True)[:_LINES])
    if (delimiter := delimiter_of(text)) is None:
        return False
    widths = _widths(lines, delimiter)
    width, times = Counter(widths).most_common(1)[0]
    return len(widths) > 1 and width > 1 and times * 2 > len(widths)


def is_structured(document: bytes) -> bool:
    """Whether a document begins as JSON or markup does, and no header."""
    return document[:_SAMPLE].lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"[", b"<")


def opened(document: bytes, limits: Limits, profile: Profile | None = None) -> Opened:
    """The table of a document, with how it was read. Raises Unreadable and TooLarge."""
    found = decoded(document, limits, profile.encoding if profile else None)
    text, stated = found.text, profile.delimiter if profile else None
    skipped = 0
    # Excel's own hint, a first line `sep=;`, is no row.
    if text[:4].casefold() == "sep=" and text[5:6] in ("\r", "\n"):
        stated = stated or text[4]
        end = 7 if text[5:7] == "\r\n" else 6
        text, skipped = text[end:], 1
    delimiter = stated or delimiter_of(text) or ","
    notes = [f"Code page {found.encoding}, {'found by its letters' if found.assumed else 'certain'}."]
    notes.append(f"Columns are parted by {_called(delimiter)}, as {'stated' if stated else 'found'}.")
    flags = (Flag(code="code_page_assumed", pointer=""),) if found.assumed else ()
    with _long_cells():
        rows = tables.filled(list(_rows(text, delimiter, skipped, limits)), limits.columns)
    if not rows:
        raise Unreadable("empty", "The document has no rows.", line=1, column=1)
    return Opened((Table(rows, ragged=True),), found.encoding, delimiter, tuple(notes), flags)


def decoded(document: bytes, limits: Limits, stated: str | None = None) -> Decoded:
    """The text of a document: by its byte order mark, as stated, as UTF-8 or UTF-16, else by the likeliest code page.

    Raises Unreadable and TooLarge.
    """
    if len(document) > limits.bytes:
        raise TooLarge("too_many_bytes", f"The document has {len(document):,} bytes; {limits.bytes:,} are allowed.")
    if not document.strip(b" \t\r\n\x00"):
        raise Unreadable("empty", "The document is empty.", line=1, column=1)
    marked = document.startswith((codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    encoding = stated if stated and not marked else json.detect_encoding(document)
    with suppress(UnicodeDecodeError):
        return Decoded(document.decode(encoding), encoding.removesuffix("-sig"), assumed=False)
    if encoding == "utf-8" and not stated:
        return _likeliest(document)
    line = _line_of_fault(document, encoding)
    raise Unreadable("not_decodable", f"The text is not {encoding}: state its code page in the profile.", line=line)


def delimiter_of(text: str) -> str | None:
    """What parts the columns: the sign that gives most rows the same number of columns; None where none gives two."""
    lines = "".join(text[:_SAMPLE].splitlines(keepends=True)[:_LINES])
    best: tuple[float, int] = (0.0, 1)
    found = None
    for sign in DELIMITERS:
        widths = [width for width in _widths(lines, sign) if width > 1]
        if widths:
            width, times = Counter(widths).most_common(1)[0]
            score = (times / max(1, len(_widths(lines, sign))), width)
            if score > best:
                best, found = score, sign
    return found


def _widths(lines: str, sign: str) -> Sequence[int]:
    widths: list[int] = []
    with suppress(csv.Error):
        widths.extend(len(row) for row in csv.reader(io.StringIO(lines, newline=""), delimiter=sign) if any(row))
    return widths


def _likeliest(document: bytes) -> Decoded:
    from charset_normalizer import from_bytes  # noqa: PLC0415 - every reader starts anew, and few need it

    lines = [line for line in document.split(b"\n") if not line.isascii()]
    sample = b"\n".join(lines)[:_SAMPLE]
    guesses = list(from_bytes(sample, cp_isolation=_PAGES)) if sample else []
    even = [one for one in guesses if (one.chaos, one.coherence) == (guesses[0].chaos, guesses[0].coherence)]
    names = [name for one in even for name in one.could_be_from_charset]
    names.sort(key=lambda name: name != _FIRST_GUESS)
    for name in [*names, *(one.encoding for one in guesses)]:
        with suppress(UnicodeDecodeError):
            return Decoded(document.decode(name), name, assumed=True)
    line = _line_of_fault(document, "utf-8")
    raise Unreadable("not_decodable", "The text is not UTF-8: state its code page in the profile.", line=line)


def _line_of_fault(document: bytes, encoding: str) -> int:
    try:
        document.decode(encoding)
    except UnicodeDecodeError as error:
        return document[: error.start].count(b"\n") + 1
    return 1


@contextmanager
def _long_cells() -> Iterator[None]:
    """Cells as long as their document, which has bounds of its own: `csv` would refuse all of it for one, from 128 KiB.

    Its bound is the process's; who reads in parts lives by it, as after a quote that nobody closed (`prowler`).
    """
    before = csv.field_size_limit(sys.maxsize)
    try:
        yield
    finally:
        csv.field_size_limit(before)


def _rows(text: str, delimiter: str, skipped: int, limits: Limits) -> Iterator[Row]:
    """The rows by the line on which each begins; a row with a stray quote is a fault and loses no other."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    count = 0
    while True:
        number = reader.line_num + 1 + skipped
        try:
            values = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            if "end of data" in str(error):
                detail = f"The quote that opens in the row of line {number} is never closed."
                raise Unreadable("open_quote", detail, line=number) from None
            detail = f"Line {number}: a quote within a cell is not doubled, so that the cell's end is open."
            yield Row(number, (), Problem(code="stray_quote", detail=detail))
            continue
        if any(values):
            count += 1
            if count > limits.items + tables.HEADER_WITHIN:
                raise TooLarge("too_many_items", f"The document has more than {limits.items:,} rows.")
            yield Row(number, values)


def _called(delimiter: str) -> str:
    return {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}.get(delimiter, repr(delimiter))
