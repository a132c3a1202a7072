"""PDFs for previews: whole, locked and hostile ones."""

import io
from collections.abc import Sequence

from pypdf import PdfWriter

RED = b"1 0 0 rg 0 0 9999 9999 re f"
"""Draws all of a page in red (ISO 32000-1, 8)."""


def written(objects: Sequence[bytes]) -> bytes:
    """A PDF of numbered objects, the first of them its catalogue (ISO 32000-1, 7.5)."""
    made, places = bytearray(b"%PDF-1.7\n"), []
    for number, content in enumerate(objects, 1):
        places.append(len(made))
        made += b"%d 0 obj\n%b\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    start, count = len(made), len(objects) + 1
    made += b"xref\n0 %d\n0000000000 65535 f \n%btrailer\n<< /Size %d /Root 1 0 R >>\n" % (count, table, count)
    return bytes(made + b"startxref\n%d\n%%%%EOF\n" % start)


def stream(content: bytes, entries: bytes = b"") -> bytes:
    """An object that holds bytes."""
    return b"<< /Length %d %b >>\nstream\n%b\nendstream" % (len(content), entries, content)


def paper(
    pages: int = 1, size: tuple[int, int] = (595, 842), content: bytes = RED, more: Sequence[bytes] = ()
) -> bytes:
    """A PDF of so many pages of a size in points, all with one content, which may draw the fifth object, `/F`."""
    kids = b" ".join(b"3 0 R" for _ in range(pages))
    page = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 %d %d] /Contents 4 0 R" % size
    drawing = b" /Resources << /XObject << /F 5 0 R >> >>" if more else b""
    tree = b"<< /Type /Pages /Count %d /Kids [%b] >>" % (pages, kids)
    return written([b"<< /Type /Catalog /Pages 2 0 R >>", tree, page + drawing + b" >>", stream(content), *more])


def endless(depth: int = 12, width: int = 12) -> bytes:
    """A page on which a form draws another one `width` times, which draws another, and so on, `depth` deep."""
    head = b"/Type /XObject /Subtype /Form /BBox [0 0 595 842]"
    forms = [
        stream(b"/F Do " * width, b"%b /Resources << /XObject << /F %d 0 R >> >>" % (head, 6 + level))
        for level in range(depth)
    ]
    return paper(content=b"/F Do", more=[*forms, stream(b"0 0 m 9 9 l S " * width, head)])


def locked(document: bytes) -> bytes:
    """The same, encrypted."""
    writer, made = PdfWriter(clone_from=io.BytesIO(document)), io.BytesIO()
    writer.encrypt("a password")
    writer.write(made)
    return made.getvalue()
