"""Pages of a PDF as pictures, in a process of its own: `python -m services.evidence`.

A PDF may be hostile, and pdfium is a library in another language: what takes too long is ended, what takes too much
memory or breaks ends itself, and neither takes the API along. No script of a PDF is run, and nothing is fetched for it.
Little is imported here: a preview waits for it.
"""

import json
import struct
import zlib
from collections.abc import Iterator
from typing import BinaryIO

import pypdfium2 as pdfium  # type: ignore[import-untyped]  # it has no types
import pypdfium2.raw as pdfium_c  # type: ignore[import-untyped]

from services.bounds import keep_within
from services.evidence.apart import FIRST, MEMORY, SECONDS, Answer

WIDEST, TALLEST = 1000, 2000
"""Pixels of a page."""


def main(source: BinaryIO, sink: BinaryIO) -> None:
    """Draws one page, or counts them."""
    keep_within(SECONDS, MEMORY)
    page = int(source.readline())
    answer, picture = _drawn(source.read(), page)
    sink.write(json.dumps(answer).encode() + b"\n" + picture)
    sink.flush()


def _drawn(document: bytes, page: int) -> tuple[Answer, bytes]:
    try:
        with pdfium.PdfDocument(document) as known:
            for one in range(min(len(known), FIRST)):
                known[one]  # read, so that a page that cannot be is told before any is drawn
            if not known or page > len(known):
                return Answer("damaged"), b""
            return Answer(None, len(known)), _picture(known[page - 1]) if page else b""
    except pdfium.PdfiumError as error:
        return Answer("locked" if error.err_code == pdfium_c.FPDF_ERR_PASSWORD else "damaged"), b""
    except MemoryError:
        return Answer("too_much"), b""


def _picture(page: pdfium.PdfPage) -> bytes:
    width, height = page.get_size()
    scale = min(WIDEST / max(width, 1), TALLEST / max(height, 1))
    drawn = page.render(scale=scale, force_bitmap_format=pdfium_c.FPDFBitmap_BGR, rev_byteorder=True)
    return b"".join(_png(drawn.width, drawn.height, drawn.stride, bytes(drawn.buffer)))


def _png(width: int, height: int, stride: int, pixels: bytes) -> Iterator[bytes]:
    """Lines of red, green and blue, each padded to `stride`, as PNG (W3C PNG, 5 and 11.2), no line filtered."""
    lines = b"".join(b"\0" + pixels[at : at + 3 * width] for at in range(0, stride * height, stride))
    yield b"\x89PNG\r\n\x1a\n"
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    for kind, data in ((b"IHDR", head), (b"IDAT", zlib.compress(lines)), (b"IEND", b"")):
        yield struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
