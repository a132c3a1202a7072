"""What of a file is shown beside its case: pictures as they are, first pages, first lines; nothing that could run.

It goes by what the bytes show, whatever their sender said. SVG and HTML are programs here: they are saved, not shown.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Literal

from activities.directory.files import File
from services.evidence import serving, sniffing

MOST = 8 * 2**20
"""Bytes of a file beyond which it is not shown: it has to be read whole, to know that it is what was uploaded."""

PICTURES = frozenset({"image/gif", "image/jpeg", "image/png", "image/webp"})
TEXTS = frozenset(
    {
        "application/json", "application/x-ndjson", "application/x-yaml", "application/yaml", "text/csv",
        "text/markdown", "text/tab-separated-values", sniffing.PLAIN,
    }
)  # fmt: skip

HEAD = 64 * 2**10
"""Bytes of a text that are looked at for its first lines."""

LINES, LONGEST = 30, 240
"""Lines that are shown of a text, and characters of each."""

PDF = "application/pdf"

Kind = Literal["picture", "pages", "text"]


@dataclass(frozen=True, slots=True)
class Beginning:
    """The first lines of a text; `more` says that it goes on."""

    lines: tuple[str, ...]
    more: bool


def kind(file: File) -> Kind | None:
    """As what a file is shown; None for what is not."""
    if file.size > MOST:
        return None
    if file.sniffed_type in PICTURES:
        return "picture"
    if file.sniffed_type == PDF:
        return "pages"
    return "text" if file.sniffed_type == sniffing.PLAIN and file.media_type in TEXTS else None


def headers(file: File) -> dict[str, str]:
    """The headers of a picture that is shown: by what its bytes are, and still unable to run anything."""
    told = {**serving.headers(file), "Content-Disposition": "inline", "Content-Type": file.sniffed_type or ""}
    del told["Accept-Ranges"]
    return told


def page_headers(file: File) -> dict[str, str]:
    """The headers of a page of a file as a picture, in the same way; what tells the file's own bytes is left out."""
    told = {**headers(file), "Content-Type": "image/png"}
    del told["ETag"], told["Last-Modified"]
    return told


async def beginning(parts: AsyncIterator[bytes]) -> Beginning:
    """The first lines of a text, which is read to its end. Raises Damaged for what is not what was uploaded."""
    head, size = bytearray(), 0
    async for part in parts:
        head += part[: HEAD - len(head)]
        size += len(part)
    text = bytes(head).removeprefix(b"\xef\xbb\xbf").decode(errors="replace")
    found = text.splitlines()
    shown = tuple(line if len(line) <= LONGEST else f"{line[: LONGEST - 1]}…" for line in found[:LINES])
    return Beginning(shown, len(found) > LINES or size > HEAD)
