"""Work in processes of their own: few at once, each within bounds, and ended whatever it does.

So works what handles data of others by a library in another language, which may hang, swell or break.
"""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from services import helpers

WIDTH = max(2, (os.cpu_count() or 2) // 2)
"""How many processes of one kind one process of the API has at once."""

PATIENCE = 30.0
"""Seconds that something waits for its turn."""


class Busy(Exception):
    """Others are before it in the queue: to be asked for again."""


class TooSlow(Exception):
    """It took more processor time, or more time by the clock, than it may."""


class Broken(RuntimeError):
    """The process ended before its time."""


@dataclass(frozen=True, slots=True)
class Confined:
    """Starts processes: `turns` bounds how many at once; `longest` are the seconds by the clock that one may take."""

    turns: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(WIDTH))
    patience: float = PATIENCE
    longest: float = PATIENCE

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """A turn. Raises Busy where none comes in time."""
        try:
            async with asyncio.timeout(self.patience):
                await self.turns.acquire()
        except TimeoutError:
            raise Busy from None
        try:
            yield
        finally:
            self.turns.release()

    async def run(self, module: str, given: bytes) -> bytes:
        """What `python -m module` answers to what it is given, for who has a turn. Raises TooSlow, and Broken."""
        # Each thread reserves memory that counts against the bound: on a machine of many cores, more than there is.
        few_threads = {"RAYON_NUM_THREADS": "2", "MALLOC_ARENA_MAX": "2"}
        child = await helpers.started(module, helpers.environment() | few_threads)
        try:
            async with asyncio.timeout(self.longest):
                said, _ = await asyncio.gather(child.stdout.read(), child.give(given))
                await child.wait()
        except TimeoutError:
            raise TooSlow from None
        finally:
            await child.end()
        if child.returncode == -signal.SIGXCPU:
            raise TooSlow
        if child.returncode or not said:
            raise Broken(f"{module} ended before its time ({child.returncode})")
        return said
