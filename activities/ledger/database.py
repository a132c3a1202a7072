"""Connections to Postgres: bounded transactions in the application's role, and what an outage looks like."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Literal, Self

import asyncpg

from activities.ledger.hand import Connection, Hand, cut, lost
from activities.ledger.protocol import Unavailable
from activities.ledger.queries import query

Isolation = Literal["read_committed", "repeatable_read"]

APP_ROLE = "closeout_app"
BOUND = 1.0
"""Seconds that one statement or one wait for a lock may take in a command's transaction."""

PAGE_BOUND = 5.0
"""Seconds that a page of a list may take."""

NOTICED = 0.25
"""Seconds after which the server ends a statement whose connection was cut: until then it would be one too many."""

_AWAY = (
    OSError,
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.LockNotAvailableError,
    asyncpg.DeadlockDetectedError,
    asyncpg.SerializationError,
    asyncpg.InsufficientResourcesError,
    asyncpg.ReadOnlySQLTransactionError,
    asyncpg.InternalClientError,
)


@contextmanager
def outages() -> Iterator[None]:
    """Turns what a lost connection, a timeout or a full pool raises into Unavailable."""
    try:
        yield
    except _AWAY as error:
        raise Unavailable(f"the ledger cannot answer now: {type(error).__name__}: {error}") from error


class Database:
    """Connections that work as the application's role.

    Pages have their own, opened when they are asked for: a statement's bound is the one that its connection had before.
    """

    def __init__(self, pool: Hand, pages: Hand, bound: float) -> None:
        self._pool = pool
        self._pages = pages
        self.bound = bound

    @classmethod
    async def open(cls, dsn: str, role: str = APP_ROLE, size: int = 10, bound: float = BOUND) -> Self:
        """Connects; `size` is the most connections for pages, and for all else; `bound` is a statement's, in seconds.

        Raises Unavailable when nobody answers.
        """

        async def pool(least: int, bound: float) -> Hand:
            made = await asyncpg.create_pool(
                dsn,
                min_size=least,
                max_size=size,
                timeout=5 * bound,
                reset=_nothing_to_reset,
                server_settings={
                    "role": role,
                    "application_name": "closeout",
                    "statement_timeout": _milliseconds(bound),
                    "lock_timeout": _milliseconds(bound),
                    "idle_in_transaction_session_timeout": "60000",
                    "client_connection_check_interval": _milliseconds(NOTICED),
                },
            )
            return Hand(made)

        with outages():
            return cls(await pool(1, bound), await pool(0, PAGE_BOUND), bound)

    async def close(self) -> None:
        """Closes every connection, after a second even those at work."""
        try:
            async with asyncio.timeout(1):
                await asyncio.gather(self._pool.close(), self._pages.close())
        except TimeoutError:
            self._pool.terminate()
            self._pages.terminate()

    async def ask(self, name: str, *values: object) -> asyncpg.Record:
        """The one row that a named query answers, in a transaction of its own, bounded as commands are: one round trip.

        Raises Unavailable; what was written then may have been committed.
        """
        return await self._asked(self._pool, self.bound, name, *values)

    async def page(self, name: str, *values: object) -> asyncpg.Record:
        """The one row that a named query answers, as `ask` does, within the bound of pages. Raises Unavailable."""
        return await self._asked(self._pages, PAGE_BOUND, name, *values)

    async def _asked(self, pool: Hand, bound: float, name: str, *values: object) -> asyncpg.Record:
        async with self._borrowed(pool, 1.25 * bound) as connection:
            row = await connection.fetchrow(query(name), *values)
        if row is None:
            raise LookupError(f"{name} answered no row")
        return row

    @asynccontextmanager
    async def transaction(
        self, *, seconds: float | None = None, isolation: Isolation = "read_committed"
    ) -> AsyncIterator[Connection]:
        """A transaction bounded as commands are; `seconds` gives it another bound, 0 none. Raises Unavailable.

        When the time is up the transaction is rolled back, and the connection cut: a server that hangs would not answer
        the rollback either, so that has a bound of its own.
        """
        async with self._begun(seconds, isolation) as connection:
            if seconds is not None:
                await connection.fetchrow(query("begin_bounded"), _milliseconds(seconds))
            yield connection

    @asynccontextmanager
    async def _begun(self, seconds: float | None, isolation: Isolation) -> AsyncIterator[Connection]:
        limit = 1.25 * self.bound if seconds is None else seconds or None
        async with (
            self._borrowed(self._pool, limit and 1.25 * limit) as connection,
            connection.transaction(isolation=isolation),
            asyncio.timeout(limit),
        ):
            yield connection

    @asynccontextmanager
    async def _borrowed(self, pool: Hand, limit: float | None) -> AsyncIterator[Connection]:
        """A connection of a pool for at most so many seconds; it is cut when they are up, or nobody waits for it."""
        with outages():
            connection = await self._acquired(pool)
            try:
                async with asyncio.timeout(limit):
                    yield connection
            except (TimeoutError, asyncio.CancelledError):
                # Given back whole, one on which a statement still runs would be waited for, if need be for ever.
                cut(connection)
                raise
            except asyncpg.InterfaceError as error:
                if lost(connection):
                    raise ConnectionError("the connection was lost") from error
                raise
            except asyncpg.InternalClientError as error:
                # What the driver says of a connection that the server ends while a statement is being sent.
                cut(connection)
                raise ConnectionError("the connection was lost") from error
            finally:
                await pool.give(connection)

    async def _acquired(self, pool: Hand) -> Connection:
        try:
            async with asyncio.timeout(self.bound):
                return await pool.take()
        except asyncpg.InterfaceError as error:  # the pool is being closed, or its connection was while it was taken
            raise ConnectionError("the pool gives no connection") from error

    @asynccontextmanager
    async def entered(
        self,
        tenant: str,
        client: str | None = None,
        viewer: str | None = None,
        *,
        seconds: float | None = None,
        isolation: Isolation = "read_committed",
    ) -> AsyncIterator[Connection]:
        """A transaction that sees one tenant and, if given, one client of it, or what a viewer sees (`Scope.entry`)."""
        async with self._begun(seconds, isolation) as connection:
            await connection.fetchrow(
                query("enter"), tenant, client, viewer, None if seconds is None else _milliseconds(seconds)
            )
            yield connection


def _milliseconds(seconds: float) -> str:
    """A bound as Postgres takes it."""
    return str(int(seconds * 1000))


async def _nothing_to_reset(connection: "asyncpg.Connection[asyncpg.Record]") -> None:
    """Every setting ends with its transaction; the usual reset would be one more round trip."""
