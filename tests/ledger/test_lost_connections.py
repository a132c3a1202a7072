"""A connection that is lost at any step of a transaction is an outage, whatever the driver calls it."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from typing import Any

import asyncpg
import pytest

from activities.ledger.database import Database
from activities.ledger.hand import Connection
from activities.ledger.protocol import Unavailable
from tests.ledger.conftest import Connection as Owner
from tests.ledger.conftest import Server

Work = Callable[[Connection], Awaitable[Any]]


@pytest.fixture
async def database(server: Server) -> AsyncIterator[Database]:
    database = await Database.open(server.app, size=2)
    yield database
    await database.close()


async def asks(connection: Connection) -> None:
    await connection.fetchval("SELECT 1")


async def asks_twice(connection: Connection) -> None:
    """The second time the driver says that the connection is closed, or is the pool's again: no error of a server's."""
    with suppress(asyncpg.PostgresError, asyncpg.InterfaceError):
        await connection.fetchval("SELECT 1")
    await connection.fetchval("SELECT 1")


async def asks_no_more(connection: Connection) -> None:
    pass


async def carried_out(database: Database, *steps: Work) -> None:
    async with database.transaction() as connection:
        for step in steps:
            await step(connection)


@pytest.mark.parametrize("then", [asks, asks_twice, asks_no_more])
@pytest.mark.parametrize("pause", [0.0, 0.1], ids=["at once", "once the driver has heard of it"])
async def test_a_connection_that_the_server_ends(database: Database, owner: Owner, then: Work, pause: float) -> None:
    async def ended(connection: Connection) -> None:
        await owner.execute(
            "SELECT pg_terminate_backend($1, 1000)", await connection.fetchval("SELECT pg_backend_pid()")
        )
        await asyncio.sleep(pause)

    with pytest.raises(Unavailable):
        await carried_out(database, ended, then)
    await carried_out(database, asks)


def reset(transport: asyncio.Transport) -> None:
    transport.abort()


def half_close(transport: asyncio.Transport) -> None:
    transport.get_extra_info("socket").shutdown(socket.SHUT_RDWR)


@pytest.mark.parametrize("break_off", [reset, half_close])
async def test_a_connection_that_breaks_in_the_middle(
    database: Database, break_off: Callable[[asyncio.Transport], None]
) -> None:
    async def broken_off(connection: Connection) -> None:
        inner: Any = connection
        transport: asyncio.Transport = inner._con._transport
        asyncio.get_running_loop().call_later(0.1, break_off, transport)
        await connection.fetchval("SELECT pg_sleep(0.5)")

    with pytest.raises(Unavailable):
        await carried_out(database, broken_off)
    await carried_out(database, asks)


async def test_a_pool_that_is_closed_gives_no_connection(server: Server) -> None:
    database = await Database.open(server.app)
    await database.close()
    with pytest.raises(Unavailable):
        await carried_out(database, asks)


async def test_a_wrong_value_is_no_outage(database: Database) -> None:
    with pytest.raises(asyncpg.DataError):
        await carried_out(database, lambda connection: connection.fetchval("SELECT $1::int", "not a number"))
