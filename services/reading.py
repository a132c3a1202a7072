"""Documents read in a process of their own, a batch of items at a time; see `services.intake.apart`."""

import asyncio
import pickle
import signal
from collections.abc import AsyncGenerator, Callable, Coroutine, Mapping, Sequence
from contextlib import aclosing
from types import TracebackType
from typing import Any, Self, TypeAlias, TypeVar

from anyio import CapacityLimiter, fail_after, from_thread, to_thread

from activities.ledger.database import Database
from activities.ledger.protocol import Unavailable
from activities.reads import clients
from services.helpers import Helper
from services.intake import TooLarge, UnknownFormat, Unreadable
from services.intake.apart import HEAD, Asked, Batch, Names, Readable, Refused, frame
from services.readers import Spare, started

T = TypeVar("T")

SMALL = 64 * 2**10
"""Bytes of a document that is not worth a process of its own, unless a parser in another language reads it."""

AHEAD = 20
"""Batches that are read before anybody takes them: some ten thousand items, some thirty megabytes."""

PATIENCE = 20.0
"""Seconds for which a document waits for its reader while others are read."""

_FOREIGN = b"PK"
"""How workbooks begin: archives, which a parser in another language reads."""


Naming: TypeAlias = Callable[[frozenset[str]], Coroutine[Any, Any, Mapping[str, str]]]
"""Answers the keys of clients by what a document calls them, of those that are known. Raises Unavailable."""


async def strangers(_: frozenset[str]) -> Mapping[str, str]:
    """The answer of who knows no client."""
    return {}


def registered(database: Database, tenant: str) -> Naming:
    """Who knows the clients of a tenant."""

    async def naming(names: frozenset[str]) -> Mapping[str, str]:
        return (await clients.called(database, tenant, names)).keys

    return naming


async def batches(
    asked: Readable[T], spare: Spare | None = None, naming: Naming = strangers
) -> AsyncGenerator[T, None]:
    """What a document holds in its order, as fast as it is taken; read by the `spare` reader, where there is one.

    Raises Unreadable, TooLarge and UnknownFormat, and what `naming` raises.
    """
    reader = await (started() if spare is None else spare.take())
    writing = asyncio.create_task(reader.send(frame(asked)))
    try:
        while True:
            found = await _frame(reader, asked)
            if isinstance(found, Refused):
                raise found.error()
            if found is None:
                return
            if isinstance(found, Names):
                await reader.send(frame(await naming(found.names)))
            else:
                yield found
    finally:
        writing.cancel()
        await asyncio.gather(writing, return_exceptions=True)
        await reader.end()


class Ahead:
    """A document's batches, read ahead of whoever takes them; `total` is how many items it has, None while unread.

    Iterating raises what `batches` raises, after the batches before it.
    """

    def __init__(self, asked: Asked, spare: Spare | None = None, naming: Naming = strangers) -> None:
        self.total: int | None = None
        self._asked, self._spare, self._naming = asked, spare, naming
        self._read: asyncio.Queue[Batch | Exception | None] = asyncio.Queue(AHEAD)

    async def __aenter__(self) -> Self:
        self._reading = asyncio.create_task(self._read_all())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._reading.cancel()
        await asyncio.gather(self._reading, return_exceptions=True)

    async def __aiter__(self) -> AsyncGenerator[Batch, None]:
        while (found := await self._read.get()) is not None:
            if isinstance(found, Exception):
                raise found
            yield found

    async def _read_all(self) -> None:
        read = 0
        try:
            async with aclosing(batches(self._asked, self._spare, self._naming)) as found:
                async for batch in found:
                    read += len(batch.items)
                    await self._read.put(batch)
        except (Unreadable, TooLarge, UnknownFormat, Unavailable, OSError) as error:
            await self._read.put(error)
        else:
            self.total = read
            await self._read.put(None)


async def whole(asked: Readable[T], readers: CapacityLimiter, naming: Naming = strangers) -> Sequence[T]:
    """All of a document: read here where it is small, else by one of so many readers.

    Raises as `batches` does, and Unavailable where none is free for a while.
    """
    if len(asked.document) <= SMALL and not asked.document.startswith(_FOREIGN):
        return await to_thread.run_sync(lambda: list(asked.read(lambda names: from_thread.run(naming, names))))
    try:
        with fail_after(PATIENCE):
            await readers.acquire()
    except TimeoutError:
        raise Unavailable("all readers are reading other documents") from None
    try:
        async with aclosing(batches(asked, naming=naming)) as found:
            return [batch async for batch in found]
    finally:
        readers.release()


async def _frame(reader: Helper, asked: Readable[T]) -> T | Names | Refused | None:
    """The next frame; raises what the end of a reader means that wrote none."""
    try:
        [length] = HEAD.unpack(await reader.stdout.readexactly(HEAD.size))
        found: T | Names | Refused | None = pickle.loads(await reader.stdout.readexactly(length))  # noqa: S301 - of our own process
    except asyncio.IncompleteReadError:
        ended = await reader.wait()
        if ended == -signal.SIGXCPU:
            seconds = asked.limits.seconds
            raise TooLarge("too_slow", f"Reading it takes more than {seconds} seconds.") from None
        raise Unreadable("reader_failed", f"Its reader ended before its time ({ended}).") from None
    return found
