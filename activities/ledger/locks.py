"""Locks by name within one process: waiters for one stream hold no database connection."""

import asyncio
from collections.abc import AsyncIterator, Hashable
from contextlib import asynccontextmanager
from weakref import WeakValueDictionary


class Locks:
    """One asyncio lock a key, kept as long as someone holds or awaits it."""

    def __init__(self) -> None:
        self._locks: WeakValueDictionary[Hashable, asyncio.Lock] = WeakValueDictionary()

    @asynccontextmanager
    async def hold(self, key: Hashable, patience: float | None = None) -> AsyncIterator[None]:
        """Holds the lock of a key, first come first served; TimeoutError after `patience` seconds of waiting."""
        lock = self._locks.get(key)
        if lock is None:
            lock = self._locks[key] = asyncio.Lock()
        async with asyncio.timeout(patience):
            await lock.acquire()
        try:
            yield
        finally:
            lock.release()
