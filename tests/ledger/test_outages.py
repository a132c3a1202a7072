"""Postgres away, slow or busy: an answer in time, safe to repeat, and nothing skipped."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator

import pytest

from activities.ledger.postgres import PostgresLedger
from activities.ledger.protocol import Scope, Unavailable
from activities.reads import clients
from tests.ledger.conftest import NOW, Connection, Server, command
from tests.ledger.tally import PROJECTIONS, registry
from workflows.decider import Answer
from workflows.policy_book import PolicyBook


@pytest.fixture
async def hasty(server: Server) -> AsyncIterator[PostgresLedger]:
    """A ledger of two connections that waits for 0.3 s."""
    ledger = await PostgresLedger.open(server.app, registry(), PolicyBook.load(), PROJECTIONS, size=2, bound=0.3)
    yield ledger
    await ledger.close()


async def _repeated(ledger: PostgresLedger, tenant: str, stream: str) -> Answer:
    """Opens a stream, with one key until there is an answer: on a busy machine 0.3 s may be too short for anything."""
    opening = command("open")
    while True:
        try:
            return await ledger.transact(tenant, stream, opening, NOW)
        except Unavailable:
            await asyncio.sleep(0.1)


async def test_a_feed_waits_for_a_slow_transaction_and_skips_nothing(
    postgres: PostgresLedger, app: Connection, tenant: str
) -> None:
    await postgres.transact(tenant, "tally/1", command("open"), NOW)
    slow = app.transaction()
    await slow.start()
    await app.execute("SELECT closeout.enter($1, NULL)", tenant)
    await app.execute(
        """
        INSERT INTO closeout.events (tenant, stream, seq, event_id, type, v, command_id, command_index, request_sha256,
            actor, at, recorded_at, data_digest, prev, hash)
        VALUES ($1, 'tally/slow', 1, gen_random_uuid(), 'opened', 1, 'c', 0, '', 'a', now(), now(), '', '', '')
        """,
        tenant,
    )
    await postgres.transact(tenant, "tally/2", command("open"), NOW)
    [first] = await postgres.feed(Scope(tenant), None)
    await slow.commit()
    later = await postgres.feed(Scope(tenant), first.position)
    assert [e.stream for e in (first, *later)] == ["tally/1", "tally/slow", "tally/2"]


@pytest.mark.parametrize("position", ["", "1.2", "1.2.x", "1.2.99999999999999999999", "٣.1.1"])
async def test_what_was_never_a_position_is_refused(postgres: PostgresLedger, tenant: str, position: str) -> None:
    with pytest.raises(ValueError, match="not a position"):
        await postgres.feed(Scope(tenant), position)


async def test_a_lock_that_another_process_holds_is_not_waited_for_long(
    hasty: PostgresLedger, app: Connection, tenant: str
) -> None:
    async with app.transaction():
        await app.fetch("SELECT closeout.hold($1, 'tally/1')", tenant)
        answers = await asyncio.gather(
            *(hasty.transact(tenant, "tally/1", command("open"), NOW) for _ in range(3)), return_exceptions=True
        )
        assert [type(answer) for answer in answers] == [Unavailable] * 3
        assert (await _repeated(hasty, tenant, "tally/2")).seq == 1
    assert (await _repeated(hasty, tenant, "tally/1")).seq == 1


async def test_a_full_pool_is_said_in_time(hasty: PostgresLedger, tenant: str) -> None:
    async with hasty.database.entered(tenant), hasty.database.entered(tenant):
        with pytest.raises(Unavailable):
            await hasty.transact(tenant, "tally/1", command("open"), NOW)
    assert (await _repeated(hasty, tenant, "tally/1")).seq == 1


async def test_a_page_may_take_longer_than_a_command(hasty: PostgresLedger, owner: Connection, tenant: str) -> None:
    async with owner.transaction():
        await owner.execute("LOCK TABLE closeout.clients")
        reading = asyncio.create_task(clients.listed(hasty.database, Scope(tenant), None, 10))
        await asyncio.sleep(2 * hasty.database.bound)
        assert not reading.done()
    assert (await reading).items == "[]"


async def test_a_broken_connection_is_replaced(hasty: PostgresLedger, owner: Connection, tenant: str) -> None:
    async with hasty.database.entered(tenant) as connection:
        pid = await connection.fetchval("SELECT pg_backend_pid()")
    await owner.execute("SELECT pg_terminate_backend($1, 1000)", pid)
    assert (await _repeated(hasty, tenant, "tally/1")).seq == 1


async def test_a_server_that_hangs_is_left_in_time(hasty: PostgresLedger, tenant: str) -> None:
    async with hasty.database.entered(tenant) as connection:
        pid: int = await connection.fetchval("SELECT pg_backend_pid()")
    os.kill(pid, signal.SIGSTOP)
    try:
        async with asyncio.timeout(30):
            with pytest.raises(Unavailable):
                await hasty.transact(tenant, "tally/1", command("open"), NOW)
    finally:
        os.kill(pid, signal.SIGCONT)
    assert (await _repeated(hasty, tenant, "tally/1")).seq == 1


async def test_whoever_gives_up_on_a_server_that_hangs_leaves_nothing_held(hasty: PostgresLedger, tenant: str) -> None:
    """As an activity that its engine cancels: the stream's turn, and the connection, must not wait for the server."""
    async with hasty.database.entered(tenant) as connection:
        pid: int = await connection.fetchval("SELECT pg_backend_pid()")
    os.kill(pid, signal.SIGSTOP)
    try:
        given_up = asyncio.create_task(hasty.transact(tenant, "tally/1", command("open"), NOW))
        await asyncio.sleep(0.1)
        given_up.cancel()
        done, _ = await asyncio.wait([given_up], timeout=30)
        assert done
        assert given_up.cancelled()
        assert (await _repeated(hasty, tenant, "tally/1")).seq == 1
    finally:
        os.kill(pid, signal.SIGCONT)


async def test_what_nobody_waits_for_any_more_is_ended_by_the_server(
    server: Server, owner: Connection, tenant: str
) -> None:
    waiting = "SELECT count(*) FROM pg_locks WHERE relation = 'closeout.streams'::regclass AND NOT granted"
    patient = await PostgresLedger.open(server.app, registry(), PolicyBook.load(), PROJECTIONS, size=3, bound=100)
    try:
        async with asyncio.timeout(60), owner.transaction():
            await owner.execute("LOCK TABLE closeout.streams")
            reading = [asyncio.create_task(patient.load(Scope(tenant), "tally/1")) for _ in range(9)]
            while await owner.fetchval(waiting) < 3:
                await asyncio.sleep(0.02)
            for one in reading:
                one.cancel()
            await asyncio.wait(reading)
            while await owner.fetchval(waiting):
                await asyncio.sleep(0.02)
        assert all(one.cancelled() for one in reading)
        assert await asyncio.gather(*(patient.load(Scope(tenant), "tally/1") for _ in range(9))) == [None] * 9
    finally:
        await patient.close()


async def test_nobody_there_is_unavailable() -> None:
    with pytest.raises(Unavailable):
        await PostgresLedger.open("postgresql://nobody@127.0.0.1:1/none", registry(), PolicyBook.load())
