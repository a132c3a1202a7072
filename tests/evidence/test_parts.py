"""The parts by themselves: forms however they are cut, ranges, names, and what bytes show."""

from collections.abc import AsyncIterator
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.evidence import names, sniffing
from services.evidence.forms import BadForm, Bounds, Form
from services.evidence.ranges import Span, Unsatisfiable, wanted

BOUNDARY = "----b"


async def pieces(body: bytes, cuts: list[int]) -> AsyncIterator[bytes]:
    places = [0, *sorted(cut % (len(body) + 1) for cut in cuts), len(body)]
    for start, end in pairwise(places):
        if end > start:
            yield body[start:end]


def form_of(*parts: tuple[str, bytes]) -> bytes:
    body = b""
    for disposition, content in parts:
        body += f"--{BOUNDARY}\r\nContent-Disposition: form-data; {disposition}\r\n\r\n".encode() + content + b"\r\n"
    return body + f"--{BOUNDARY}--\r\n".encode()


async def parsed(body: bytes, cuts: list[int]) -> tuple[Form, bytes]:
    form = Form(f'multipart/form-data; boundary="{BOUNDARY}"', pieces(body, cuts), Bounds())
    await form.to_file()
    return form, b"".join([piece async for piece in form.data()])


@given(
    content=st.one_of(st.binary(max_size=300), st.text("-b\r\n", max_size=60).map(str.encode)),
    cuts=st.lists(st.integers(0, 2000), max_size=12),
    note=st.text(max_size=20),
)
async def test_a_form_is_read_however_it_is_cut(content: bytes, cuts: list[int], note: str) -> None:
    if f"\r\n--{BOUNDARY}".encode() in b"\r\n" + content + b"\r\n":
        return
    fields = ('name="before"', note.encode()), ('name="file"; filename="ä b.txt"', content), ('name="behind"', b"2")
    form, data = await parsed(form_of(*fields), cuts)
    assert data == content
    assert form.fields == {"before": note, "behind": "2"}
    assert names.stated(form.disposition) == "ä b.txt"


@pytest.mark.parametrize(
    ("parts", "says"),
    [
        ([('name="a"', b"1")], "no file"),
        ([('name="a"', b"1"), ('name="a"', b"2"), ('name="f"; filename="f"', b"")], "comes twice"),
        ([("", b"1"), ('name="f"; filename="f"', b"")], "has no name"),
        ([('name="a"', b"x" * 5000), ('name="f"; filename="f"', b"")], "more than 4,000 bytes"),
        ([('name="a"', b"\xff"), ('name="f"; filename="f"', b"")], "not UTF-8"),
        ([(f'name="a{n}"', b"") for n in range(Bounds().fields + 1)], "more than 20 fields"),
        ([('name="f"; filename="f"', b"1"), ('name="g"; filename="g"', b"2")], "several files"),
    ],
)
async def test_a_form_that_cannot_be_meant_is_told_why(parts: list[tuple[str, bytes]], says: str) -> None:
    with pytest.raises(BadForm, match=says):
        await parsed(form_of(*parts), [])


@pytest.mark.parametrize("kind", ["multipart/form-data", "a/b; boundary=ä", f"a/b; boundary={'x' * 300}"])
def test_a_form_without_a_boundary_is_none(kind: str) -> None:
    with pytest.raises(BadForm, match="boundary"):
        Form(kind, pieces(b"", []), Bounds())


async def test_a_body_that_is_no_form_is_told_so() -> None:
    with pytest.raises(BadForm, match="not the form"):
        await parsed(b"hello, this is no form at all", [])


@given(size=st.integers(1, 10_000), first=st.integers(0, 12_000), last=st.integers(0, 12_000))
def test_a_range_is_what_the_standard_says(size: int, first: int, last: int) -> None:
    whole = range(size)
    for header, bytes_wanted in (
        (f"bytes={first}-{last}", [n for n in whole if first <= n <= last]),
        (f"bytes={first}-", [n for n in whole if n >= first]),
        (f"Bytes=-{last}", list(whole)[-last:] if last else []),
    ):
        if first > last and header.startswith(f"bytes={first}-{last}"):
            assert wanted(header, size) is None
        elif not bytes_wanted:
            with pytest.raises(Unsatisfiable):
                wanted(header, size)
        else:
            assert wanted(header, size) == Span(bytes_wanted[0], bytes_wanted[-1] + 1)


@pytest.mark.parametrize("beyond", ["999999999999999999999", "9" * 5000])
def test_a_range_of_however_many_digits_is_one(beyond: str) -> None:
    for header in (f"bytes={beyond}-", f"bytes={beyond}-{beyond}"):
        with pytest.raises(Unsatisfiable):
            wanted(header, 10)
    assert wanted(f"bytes=-{beyond}", 10) == wanted(f"bytes=0-{beyond}", 10) == Span(0, 10)
    assert wanted(f"bytes={'0' * 30}3-4", 10) == Span(3, 5)


@given(st.text(max_size=400))
def test_any_name_becomes_a_plain_one_that_a_header_can_carry(text: str) -> None:
    name = names.fit(text)
    assert 0 < len(name) <= names.LONGEST
    assert not set(name) & set("/\\\r\n\x00\u202e\u2028")
    assert names.fit(name) == name
    header = names.attachment(name)
    assert header.isascii() and header.isprintable()
    assert names.stated(header) == name


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("../../x.pdf", "x.pdf"),
        ("C:\\a\\b.txt", "b.txt"),
        ("invoice\u202efdp.exe", "invoicefdp.exe"),
        ("a\r\nSet-Cookie: x=1", "aSet-Cookie: x=1"),
        ("...", "evidence"),
        (None, "evidence"),
        ("x" * 300 + ".docx", "x" * 195 + ".docx"),
    ],
)
def test_names_are_made_fit(text: str | None, name: str) -> None:
    assert names.fit(text) == name


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"%PDF-1.7", "application/pdf"),
        (b"\x89PNG\r\n\x1a\n", "image/png"),
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (b"PK\x03\x04" + bytes(60), "application/zip"),
        (b"\xef\xbb\xbf  \n<!doctype HTML>", "text/html"),
        (b"<IFRAME src=x>", "text/html"),
        (b"<?xml version='1.0'?>\n<svg/>", "image/svg+xml"),
        (b"<!-- x --><script>", "text/html"),
        (b"<?xml version='1.0'?><a/>", "application/xml"),
        (b"\x7fELF", "application/x-executable"),
        (b"MZ" + bytes(64), "application/x-msdownload"),
        (b"#!/usr/bin/env python", "application/x-sh"),
        ("Prüfung,ja\n".encode(), "text/plain"),
        (b"a" * (sniffing.HEAD - 1) + b"\xc3", "text/plain"),
        (b"a\x00b", None),
        (b"\xff\xfe\xfd", None),
        (b"", None),
    ],
)
def test_the_first_bytes_show_what_a_file_is(head: bytes, kind: str | None) -> None:
    assert sniffing.sniffed(head) == kind


@pytest.mark.parametrize(
    ("declared", "shown", "taken", "agree"),
    [
        ("application/pdf", "application/pdf", "application/pdf", True),
        ("image/png", "text/html", "text/html", False),
        ("text/plain", "text/html", "text/html", False),
        ("text/html", "text/plain", "text/plain", False),
        ("image/svg+xml", "application/xml", "application/xml", False),
        ("application/atom+xml", "application/xml", "application/atom+xml", True),
        ("text/csv", "text/plain", "text/csv", True),
        ("application/json", "text/plain", "application/json", True),
        ("application/pdf", "text/plain", "text/plain", False),
        ("application/vnd.oasis.opendocument.text", "application/zip", "application/vnd.oasis.opendocument.text", True),
        ("application/vnd.ms-excel", "application/msword", "application/vnd.ms-excel", True),
        ("image/jpg", "image/jpeg", "image/jpg", True),
        ("application/x-step", None, "application/x-step", True),
        (None, "image/png", "image/png", True),
        (None, None, "application/octet-stream", True),
        ("application/octet-stream", "image/png", "image/png", True),
    ],
)
def test_what_is_said_counts_where_the_bytes_do_not_say_otherwise(
    declared: str | None, shown: str | None, taken: str, agree: bool
) -> None:
    assert sniffing.taken_for(declared, shown) == taken
    assert sniffing.agrees(declared, shown) is agree


@pytest.mark.parametrize(
    "kind",
    ["text/html", "image/svg+xml", "application/xml", "text/xml", "application/xhtml+xml", "text/javascript",
     "application/javascript", "application/x-msdownload", "application/x-sh", "text/css", "x/y", "message/rfc822"],
)  # fmt: skip
def test_what_a_program_could_run_goes_out_as_bytes(kind: str) -> None:
    assert sniffing.served_as(kind) == "application/octet-stream"
