"""The object store: a folder of this machine, or a bucket of S3, Google Cloud or Azure, by its URL.

What a cloud needs beside the URL (keys, region, endpoint) comes from its own environment: `AWS_*`, `GOOGLE_*`,
`AZURE_STORAGE_*`, or the identity of the machine.
"""

import asyncio
import os
import secrets
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Self
from urllib.parse import quote, unquote, urlsplit

import obstore
from obstore.exceptions import AlreadyExistsError, BaseError
from obstore.store import LocalStore, ObjectStore, from_url

from activities.ledger.protocol import Unavailable
from services.settings import BadSettings, Settings

PART = 8 * 2**20
"""Bytes of one part of an upload: at most 10,000 parts make an object of S3."""

PARTS_AT_ONCE = 2
WINDOW = 2**20
"""Bytes that are read at once: each window is a request of its own, so that a slow reader runs into no timeout."""

PATIENCE = timedelta(seconds=20)
FOLDER = "evidence"
"""The folder of the data folder where files are kept, unless the setting says otherwise."""


class Lost(Exception):
    """An object is not there, or not as long as it was."""


@dataclass(frozen=True, slots=True)
class Store:
    """One store. `folder` is where it is on this machine; None for a bucket. Every method raises Unavailable."""

    url: str
    folder: Path | None
    bucket: ObjectStore | None

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """The store that the settings name; nothing is asked of it yet. Raises BadSettings."""
        url = settings.evidence_store
        if not url or url.startswith("file://"):
            folder = Path(unquote(urlsplit(url).path)) if url else settings.data / FOLDER
            return cls(url or folder.absolute().as_uri(), folder.absolute(), None)
        try:
            bucket = from_url(url, retry_config={"max_retries": 3, "retry_timeout": PATIENCE})
        except (BaseError, ValueError) as error:
            said = str(error).partition("\n")[0]
            raise BadSettings(f"evidence_store: {said}") from None
        return cls(url, None, bucket)

    @staticmethod
    def new_key(tenant: str) -> str:
        """A key under which nothing is, and which nobody can guess."""
        return f"{quote(tenant, safe='')}/{secrets.token_hex(16)}"

    async def put(self, key: str, parts: AsyncIterator[bytes]) -> None:
        """Writes an object, whole or not at all, where none is; whatever `parts` raises is raised here.

        On this machine, it is on the disk when this returns.
        """
        with _outages(self.url):
            first, more = await _first(parts)
            if more is None:
                await obstore.put_async(self._open(), key, first, mode="create", use_multipart=False)
            else:
                # Several parts know no "create": the key is a new one, and is looked for all the same.
                await self._check_free(key)
                await obstore.put_async(
                    self._open(),
                    key,
                    joined(first, more),
                    use_multipart=True,
                    chunk_size=PART,
                    max_concurrency=PARTS_AT_ONCE,
                )
            if self.folder is not None:
                await asyncio.to_thread(_sync, self.folder / key)

    async def check(self, key: str, size: int) -> None:
        """Raises Lost where there is no object of so many bytes."""
        with _outages(self.url):
            try:
                found = await obstore.head_async(self._open(), key)
            except FileNotFoundError:
                raise Lost(key) from None
        if found["size"] != size:
            raise Lost(key)

    async def read(self, key: str, start: int, end: int) -> AsyncIterator[bytes]:
        """The bytes from `start` up to `end`, window by window. Raises Lost where there are fewer."""
        for begin in range(start, end, WINDOW):
            until = min(begin + WINDOW, end)
            with _outages(self.url):
                try:
                    window = await obstore.get_range_async(self._open(), key, start=begin, end=until)
                except FileNotFoundError:
                    raise Lost(key) from None
            if len(window) != until - begin:
                raise Lost(key)
            yield bytes(window)

    async def drop(self, key: str) -> None:
        """Removes what an upload that came to nothing left behind; nothing where there is nothing."""
        with _outages(self.url), suppress(FileNotFoundError):
            await obstore.delete_async(self._open(), key)
        if self.folder is not None:
            # Where a crash came before the whole was given its name.
            for staged in (self.folder / key).parent.glob(f"{Path(key).name}#*"):
                staged.unlink(missing_ok=True)

    async def ask(self) -> None:
        """Whether it answers, and lets this process do what it must: in a bucket an object is written and deleted."""
        if self.folder is not None:
            existing = next(path for path in (self.folder, *self.folder.parents) if path.exists())
            if not (existing.is_dir() and os.access(existing, os.W_OK | os.X_OK)):
                raise Unavailable(f"{existing} is no folder that can be written")
            return
        key = self.new_key("doctor")
        with _outages(self.url):
            await obstore.put_async(self._open(), key, b"to be deleted", mode="create", use_multipart=False)
            await obstore.head_async(self._open(), key)
            await obstore.delete_async(self._open(), key)

    async def _check_free(self, key: str) -> None:
        try:
            await obstore.head_async(self._open(), key)
        except FileNotFoundError:
            return
        raise AlreadyExistsError(f"the key of an upload is taken: {key}")

    def _open(self) -> ObjectStore:
        if self.bucket is not None:
            return self.bucket
        if self.folder is None:
            raise ValueError("a store is a folder or a bucket")
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return LocalStore(self.folder)


async def _first(parts: AsyncIterator[bytes]) -> tuple[bytes, AsyncIterator[bytes] | None]:
    """The first bytes, up to a part, and the iterator of what follows; None where nothing does."""
    held = bytearray()
    async for part in parts:
        held += part
        if len(held) >= PART:
            return bytes(held), parts
    return bytes(held), None


async def joined(first: bytes, rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Bytes that were read already, and those after them."""
    yield first
    async for part in rest:
        yield part


@contextmanager
def _outages(url: str) -> Iterator[None]:
    """Turns what a store says that cannot do its work into Unavailable."""
    try:
        yield
    except FileNotFoundError:
        raise
    except (BaseError, OSError) as error:
        said = str(error).partition("\n")[0]
        raise Unavailable(f"the store of evidence at {url} cannot answer now: {said}") from error


def _sync(path: Path) -> None:
    for place in (path, path.parent):
        handle = os.open(place, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
