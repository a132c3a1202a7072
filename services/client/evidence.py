"""Files of evidence, up and down, piece by piece: none is ever held whole."""

import asyncio
import hashlib
import mimetypes
from collections.abc import AsyncIterator, Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import anyio
import httpx

from services.client.transport import AGAIN, FIRST, LONGEST, TOO_MANY, Transport, Unreached, asked, decided
from workflows.people import Message

PLACE = "/v1/evidence"
PIECE = 2**18
"""Bytes that are read from a file at once."""


class Evidence(Message):
    """A file as the server describes it; `size` counts bytes.

    `media_type` is what it is taken for; `differs` says that its first bytes (`sniffed_type`) show something else than
    was declared. `cases` are those that name it.
    """

    id: str
    client: str
    name: str
    sha256: str
    size: int
    media_type: str
    declared_type: str | None = None
    sniffed_type: str | None = None
    differs: bool = False
    produced_on: date | None = None
    revises: str | None = None
    uploaded_by: str
    uploaded_at: datetime
    cases: tuple[str, ...] = ()

    @property
    def described(self) -> dict[str, Any]:
        """What `attach-evidence` says of it, beside what it shows."""
        told = self.model_dump(mode="json", include={"name", "sha256", "media_type", "size", "produced_on"})
        return {name: value for name, value in told.items() if value is not None}


class NotTheSame(Exception):
    """What was downloaded is not what the server describes."""


async def upload(
    transport: Transport,
    source: Path | bytes,
    *,
    name: str | None,
    media_type: str | None,
    told: dict[str, str | None],
    key: str | None,
) -> Evidence:
    """Sends a file. Raises Failed, Unreached, and OSError for a file that cannot be read."""
    name = name or (source.name if isinstance(source, Path) else None)
    guessed = mimetypes.guess_type(name or "")[0]
    content: bytes | Callable[[], AsyncIterator[bytes]] = source if isinstance(source, bytes) else _pieces(source)
    answer = await transport.ask(
        "POST",
        PLACE,
        query={"name": name, **told},
        content=content,
        headers={"Content-Type": media_type or guessed or "application/octet-stream"},
        key=key,
    )
    return Evidence.model_validate(answer.json())


async def describe(transport: Transport, id: str) -> Evidence:
    """What is known of a file. Raises Failed and Unreached."""
    return Evidence.model_validate((await transport.ask("GET", f"{_place(id)}/details")).json())


async def download(transport: Transport, id: str, to: Path) -> Evidence:
    """Reads a file into `to`, which is there once it is whole and what the server describes.

    Where the connection is lost, or the server asks to come again, it goes on behind the last byte that came. Raises
    Failed, Unreached, NotTheSame and OSError.
    """
    known = await describe(transport, id)
    staged = to.with_name(f"{to.name}.part")
    digest, size, pause, tried = hashlib.sha256(), 0, FIRST, 0.0
    try:
        async with await anyio.open_file(staged, "wb") as out:
            while size < known.size:
                begun = size
                try:
                    async for piece in _stream(transport, id, size):
                        await out.write(piece)
                        digest.update(piece)
                        size += len(piece)
                except (httpx.TransportError, httpx.HTTPStatusError) as error:
                    if size > begun:
                        pause, tried = FIRST, 0.0
                    wait = max(pause, _asked(error))
                    if tried + wait > transport.patience:
                        raise Unreached(f"GET {_place(id)}: {type(error).__name__}: {error}") from None
                    await asyncio.sleep(wait)
                    pause, tried = min(2 * pause, LONGEST), tried + wait
                else:
                    break
        if (size, digest.hexdigest()) != (known.size, known.sha256):
            raise NotTheSame(f"{known.name}: {size:,} bytes with the digest {digest.hexdigest()}")
        staged.replace(to)
    finally:
        staged.unlink(missing_ok=True)
    return known


async def _stream(transport: Transport, id: str, start: int) -> AsyncIterator[bytes]:
    headers = {"Range": f"bytes={start}-"} if start else {}
    async with transport.client.stream("GET", _place(id), headers=headers) as answer:
        if answer.is_error:
            await answer.aread()
        if answer.status_code in AGAIN and not (answer.status_code == TOO_MANY and asked(answer) > transport.patience):
            raise httpx.HTTPStatusError(f"{answer.status_code}", request=answer.request, response=answer)
        decided(answer)
        async for piece in answer.aiter_raw(PIECE):
            yield piece


def _asked(error: httpx.HTTPError) -> float:
    """For how many seconds a server that answered asks to wait."""
    return asked(error.response) if isinstance(error, httpx.HTTPStatusError) else 0.0


def _pieces(source: Path) -> Callable[[], AsyncIterator[bytes]]:
    async def read() -> AsyncIterator[bytes]:
        async with await anyio.open_file(source, "rb") as file:
            while piece := await file.read(PIECE):
                yield piece

    return read


def _place(id: str) -> str:
    return f"{PLACE}/{quote(id, safe='')}"
