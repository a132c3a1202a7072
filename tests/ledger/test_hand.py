"""Connections at hand: which are kept, and that nobody waits for one that is."""

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import pytest

from activities.ledger.hand import MOST, Hand, Pool
from tests.ledger.conftest import Connection, Server

SIZE = MOST + 2


@pytest.fixture
async def pool(server: Server) -> AsyncIterator[Pool]:
    async with asyncpg.create_pool(server.app, min_size=0, max_size=SIZE) as pool:
        yield pool


async def test_some_are_kept_and_all_are_closed(pool: Pool) -> None:
    hand = Hand(pool)
    taken = [await hand.take() for _ in range(SIZE)]
    for connection in taken:
        await hand.give(connection)
    assert pool.get_idle_size() == SIZE - MOST
    assert await hand.take() is taken[MOST - 1]
    await hand.give(taken[MOST - 1])
    await hand.close()
    assert pool.get_size() == 0


async def test_who_waits_gets_what_is_given_back(pool: Pool) -> None:
    hand = Hand(pool)
    taken = [await hand.take() for _ in range(SIZE)]
    waiting = asyncio.create_task(hand.take())
    await asyncio.sleep(0)
    await hand.give(taken.pop())
    taken.append(await asyncio.wait_for(waiting, 5))
    for connection in taken:
        await hand.give(connection)
    await hand.close()


async def test_one_that_is_left_in_a_transaction_or_ended_is_not_kept(pool: Pool, owner: Connection) -> None:
    hand = Hand(pool)
    left = await hand.take()
    await left.execute("BEGIN")
    await hand.give(left)
    fresh = await hand.take()
    assert not fresh.is_in_transaction()
    pid = await fresh.fetchval("SELECT pg_backend_pid()")
    await hand.give(fresh)
    await owner.execute("SELECT pg_terminate_backend($1, 1000)", pid)
    await asyncio.sleep(0.1)
    another = await hand.take()
    assert await another.fetchval("SELECT pg_backend_pid()") != pid
    await hand.give(another)
    await hand.close()
