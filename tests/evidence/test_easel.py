"""Pages of PDFs as pictures: bounded in size, time and memory, whatever is in them."""

import asyncio
import struct
import zlib
from collections.abc import AsyncIterator

import pytest

from services.confined import Busy
from services.evidence.apart import FIRST, Fault
from services.evidence.drawing import TALLEST, WIDEST
from services.evidence.easel import Easel, Undrawn
from tests.evidence.conftest import PDF
from tests.evidence.papers import endless, locked, paper, stream, written

FLATE = b"/Filter /FlateDecode"


async def parts(document: bytes) -> AsyncIterator[bytes]:
    """A document as a store gives it."""
    for at in range(0, len(document), 1000):
        yield document[at : at + 1000]


def decoded(picture: bytes) -> tuple[int, int, bytes]:
    """Width, height, and the lines of a PNG, each with its filter."""
    assert picture.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = struct.unpack(">II", picture[16:24])
    length = struct.unpack(">I", picture[33:37])[0]
    return width, height, zlib.decompress(picture[41 : 41 + length])


async def test_a_page_is_drawn_as_it_is() -> None:
    document = paper(5, content=b"1 0 0 rg 0 421 595 421 re f")
    assert await Easel().count(parts(document)) == 5
    width, height, lines = decoded(await Easel().draw(parts(document), FIRST))
    assert (width, height) == (WIDEST, 1416)
    assert len(lines) == height * (1 + 3 * width)
    assert lines[1:4] == b"\xff\0\0", "red, above"
    assert lines[-3:] == b"\xff\xff\xff", "white, below"


@pytest.mark.parametrize("size", [(14_400, 1), (1, 14_400), (10**6, 10**6), (0, 0)])
async def test_a_page_of_any_size_is_a_picture_within_bounds(size: tuple[int, int]) -> None:
    width, height, _ = decoded(await Easel().draw(parts(paper(size=size)), 1))
    assert 0 < width <= WIDEST
    assert 0 < height <= TALLEST


SELF = stream(b"/F Do", b"/Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << /XObject << /F 5 0 R >> >>")


async def test_what_draws_itself_ends() -> None:
    assert await Easel().draw(parts(paper(content=b"/F Do", more=[SELF])), 1)


BOMB = stream(zlib.compress(b"0 0 m 9 9 l S " * 10_000_000), FLATE)
TREE = [b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Count 1 /Kids [3 0 R] >>"]
PAGE = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R >>"


@pytest.mark.parametrize(
    ("document", "fault"),
    [
        (locked(paper()), "locked"),
        (PDF, "damaged"),
        (b"%PDF-1.7", "damaged"),
        (paper(5)[:200], "damaged"),
        (written([TREE[0], b"<< /Type /Pages /Count 1 /Kids [2 0 R] >>"]), "damaged"),
        (paper(0), "damaged"),
        (written([*TREE, PAGE, BOMB]), "too_much"),
        (endless(), "too_much"),
    ],
    ids=["locked", "no pages", "a head", "cut", "a loop", "empty", "a bomb", "endless"],
)
async def test_of_what_cannot_be_drawn_it_is_said_why(document: bytes, fault: Fault) -> None:
    easel = Easel()
    with pytest.raises(Undrawn) as counted:
        await easel.count(parts(document))
    with pytest.raises(Undrawn) as drawn:
        await easel.draw(parts(document), 1)
    assert counted.value.fault == drawn.value.fault == fault
    assert await easel.count(parts(paper())) == 1, "and nothing of it is left"


async def test_what_takes_too_long_is_ended() -> None:
    with pytest.raises(Undrawn) as ended:
        await Easel(longest=0.001).count(parts(paper()))
    assert ended.value.fault == "too_much"


async def test_so_many_at_once_and_others_later() -> None:
    easel = Easel(asyncio.Semaphore(1), patience=0.01)
    async with easel.turn():
        with pytest.raises(Busy):
            await easel.count(parts(paper()))
    assert await easel.count(parts(paper())) == 1


async def test_pages_further_on_are_not_drawn() -> None:
    with pytest.raises(Undrawn):
        await Easel().draw(parts(paper(2)), 3)
    for page in (0, FIRST + 1):
        with pytest.raises(ValueError, match="first 3 pages"):
            await Easel().draw(parts(paper(5)), page)
