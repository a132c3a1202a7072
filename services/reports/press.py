"""Where documents are rendered: off the event loop, few at once, each within bounds; see `services.reports.apart`."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

from services.reports.apart import SECONDS, Answer, Asked

WIDTH = max(2, (os.cpu_count() or 2) // 2)
"""How many documents are rendered at once by one process of the API."""

PATIENCE = 30.0
"""Seconds that a document waits for its turn."""

LONGEST = 2.0 * SECONDS
"""Seconds by the clock that rendering may take: on a busy machine, twice its processor time."""


class Unrendered(Exception):
    """A document that was not made; `code` is stable, the message fit for the reader."""

    def __init__(self, code: str, detail: str) -> None:
        self.code = code
        super().__init__(detail)


class Busy(Exception):
    """Others are before it in the queue: to be asked for again."""


@dataclass(frozen=True, slots=True)
class Press:
    """Renders documents; `turns` bounds how many at once."""

    turns: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(WIDTH))
    patience: float = PATIENCE
    longest: float = LONGEST

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """A turn at the press. Raises Busy where none comes in time."""
        try:
            async with asyncio.timeout(self.patience):
                await self.turns.acquire()
        except TimeoutError:
            raise Busy from None
        try:
            yield
        finally:
            self.turns.release()

    async def render(self, asked: Asked) -> bytes:
        """The document. Raises Unrendered, and Busy where no turn comes in time."""
        async with self.turn():
            child = await asyncio.create_subprocess_exec(
                sys.executable,
                # -P: a folder named `services` where somebody happens to stand is not ours.
                *("-P", "-m", "services.reports"),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                env=_environment(),
            )
            try:
                async with asyncio.timeout(self.longest):
                    said, _ = await child.communicate(asked.model_dump_json().encode())
            except TimeoutError:
                raise _too_slow() from None
            finally:
                with suppress(ProcessLookupError):
                    child.kill()
                await child.wait()
        return _document(said, child.returncode)


def _environment() -> dict[str, str]:
    """Not what the parent may know: a template needs no secret."""
    known = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "PYTHONPATH") if name in os.environ}
    # Each thread reserves memory that counts against the bound: on a machine of many cores, more than there is.
    return known | {"RAYON_NUM_THREADS": "2", "MALLOC_ARENA_MAX": "2"}


def _document(said: bytes, ended: int | None) -> bytes:
    if ended == -signal.SIGXCPU:
        raise _too_slow()
    head, _, document = said.partition(b"\n")
    if ended or not head:
        raise RuntimeError(f"the renderer ended before its time ({ended})")
    answer = Answer.model_validate_json(head)
    if answer.fault is not None:
        raise Unrendered(answer.fault, answer.detail)
    return document


def _too_slow() -> Unrendered:
    return Unrendered("too_slow", f"Rendering it takes more than {SECONDS} seconds.")
