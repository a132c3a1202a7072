"""Starts and nudges behind the answer: what does not get its workflow by them waits for the sweep."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable

import structlog

from activities.engine import Engine
from activities.ledger.protocol import Unavailable

AT_ONCE, MANY_AT_ONCE = 8, 50
"""How many are on their way at once: beside requests, and where an import has nothing else to do with them."""

MOST = 10_000
"""More than this many that wait are left to the sweep."""

log = structlog.get_logger()


class Nudges:
    """Sends starts and nudges in the background, a few at once, as long as the process lives."""

    def __init__(self, engine: Engine, at_once: int = AT_ONCE) -> None:
        self._engine = engine
        self._turn = asyncio.Semaphore(at_once)
        self._waiting: set[asyncio.Task[None]] = set()

    def start(self, tenant: str, streams: Iterable[str]) -> None:
        """Starts the workflow of each stream, which has just begun; later and at best."""
        self._soon(self._engine.start, tenant, streams)

    def nudge(self, tenant: str, streams: Iterable[str]) -> None:
        """Nudges each stream, later and at best."""
        self._soon(self._engine.nudge, tenant, streams)

    async def done(self) -> None:
        """Returns once nothing waits any more."""
        while self._waiting:
            await asyncio.wait(self._waiting)

    async def close(self) -> None:
        """Leaves what still waits to the sweep."""
        for task in self._waiting:
            task.cancel()
        await asyncio.gather(*self._waiting, return_exceptions=True)

    def _soon(self, send: Callable[[str, str], Awaitable[None]], tenant: str, streams: Iterable[str]) -> None:
        for stream in streams:
            if len(self._waiting) >= MOST:
                return
            task = asyncio.create_task(self._sent(send, tenant, stream))
            self._waiting.add(task)
            task.add_done_callback(self._waiting.discard)

    async def _sent(self, send: Callable[[str, str], Awaitable[None]], tenant: str, stream: str) -> None:
        async with self._turn:
            try:
                await send(tenant, stream)
            except Unavailable as error:
                log.debug("left to the sweep", tenant=tenant, stream=stream, error=str(error))
