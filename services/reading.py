"""Documents read in a process of their own, a batch of items at a time; see `services.intake.apart`."""

import asyncio
import os
import pickle
import signal
import sys
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing, suppress

from services.intake import TooLarge, Unreadable
from services.intake.apart import HEAD, Asked, Batch, Frame, Refused, frame

SMALL = 64 * 2**10
"""Bytes of a document that is not worth a process of its own, unless a parser in another language reads it."""

_FOREIGN = b"PK"
"""How workbooks begin: archives, which a parser in another language reads."""


async def batches(asked: Asked) -> AsyncGenerator[Batch, None]:
    """A document's items in their order, as fast as they are taken. Raises Unreadable, TooLarge and UnknownFormat."""
    reader = await asyncio.create_subprocess_exec(
        sys.executable,
        # -P: a folder named `services` where somebody happens to stand is not ours.
        *("-P", "-m", "services.intake"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        # Not what the parent may know: the reader needs no secret.
        env={name: os.environ[name] for name in ("PATH", "HOME", "LANG", "PYTHONPATH") if name in os.environ},
    )
    if reader.stdin is None or reader.stdout is None:
        raise RuntimeError("the reader has no pipes")
    writing = asyncio.create_task(_write(reader.stdin, frame(asked)))
    try:
        while True:
            found = await _frame(reader, asked)
            match found:
                case Refused():
                    raise found.error()
                case None:
                    return
                case Batch():
                    yield found
    finally:
        writing.cancel()
        await asyncio.gather(writing, return_exceptions=True)
        with suppress(ProcessLookupError):
            reader.kill()
        await reader.wait()


async def whole(asked: Asked) -> Sequence[Batch]:
    """All of a document: read here where it is small. Raises as `batches` does."""
    if len(asked.document) <= SMALL and not asked.document.startswith(_FOREIGN):
        return await asyncio.to_thread(lambda: list(asked.read()))
    async with aclosing(batches(asked)) as found:
        return [batch async for batch in found]


async def _write(sink: asyncio.StreamWriter, content: bytes) -> None:
    # A reader that refuses a document may end before it took all of it; it says why, or its end does.
    with suppress(ConnectionError):
        sink.write(content)
        await sink.drain()
        sink.close()


async def _frame(reader: asyncio.subprocess.Process, asked: Asked) -> Frame:
    """The next frame; raises what the end of a reader means that wrote none."""
    if reader.stdout is None:
        raise RuntimeError("the reader has no output")
    try:
        [length] = HEAD.unpack(await reader.stdout.readexactly(HEAD.size))
        found: Frame = pickle.loads(await reader.stdout.readexactly(length))  # noqa: S301 - of our own process
    except asyncio.IncompleteReadError:
        ended = await reader.wait()
        if ended == -signal.SIGXCPU:
            seconds = asked.context.limits.seconds
            raise TooLarge("too_slow", f"Reading it takes more than {seconds} seconds.") from None
        raise Unreadable("reader_failed", f"Its reader ended before its time ({ended}).") from None
    return found
