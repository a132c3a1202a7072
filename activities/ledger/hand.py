"""Connections at hand: of a pool, some are kept by who uses them, because its own way there and back is long."""

from contextlib import suppress
from typing import TypeAlias

import asyncpg
from asyncpg.pool import PoolConnectionProxy

Connection: TypeAlias = "PoolConnectionProxy[asyncpg.Record]"
Pool: TypeAlias = "asyncpg.Pool[asyncpg.Record]"

MOST = 2
"""How many are kept at hand: who gives one back is followed at once by who takes it.

The pool closes the others once they were idle for long."""


class Hand:
    """A pool whose connections are given back to it when nobody wants them soon.

    The driver makes a task, a proxy and two timers for each use of a connection, a third of the work of a short query.
    """

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._free: list[Connection] = []
        self._waiting = 0

    async def take(self) -> Connection:
        """A connection for one use; waits for as long as the pool has none."""
        while self._free:
            connection = self._free.pop()
            if not lost(connection):
                return connection
            await self._pool.release(connection)
        self._waiting += 1
        try:
            return await self._pool.acquire()
        finally:
            self._waiting -= 1

    async def give(self, connection: Connection) -> None:
        """Takes a connection back: to hand where it is whole and nobody waits for the pool."""
        is_whole = not lost(connection) and not connection.is_in_transaction()
        if is_whole and not self._waiting and len(self._free) < MOST and not self._pool.is_closing():
            self._free.append(connection)
        else:
            await self._pool.release(connection)

    async def close(self) -> None:
        """Closes every connection once it was given back."""
        while self._free:
            await self._pool.release(self._free.pop())
        await self._pool.close()

    def terminate(self) -> None:
        """Closes every connection at once."""
        self._pool.terminate()


def lost(connection: Connection) -> bool:
    """Whether a connection is closed, or taken back by the pool, which does that once the server has ended it."""
    try:
        return connection.is_closed()
    except asyncpg.InterfaceError:
        return True


def cut(connection: Connection) -> None:
    """Closes a connection at once; one that the pool has taken back is closed already."""
    with suppress(asyncpg.InterfaceError):
        connection.terminate()
