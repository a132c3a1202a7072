"""What was seen may be so no longer: processes that write one record, each remembering what it wrote last."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest

from activities.ledger.postgres import PostgresLedger
from activities.ledger.protocol import Scope
from activities.ledger.sights import DatabaseClock, Sight, Sights
from tests.ledger.conftest import NOW, Connection, Server, command, report
from tests.ledger.tally import PROJECTIONS, State, registry
from workflows.policy_book import PolicyBook

STREAM = "nonconformity/1"


@pytest.fixture
async def other(server: Server) -> AsyncIterator[PostgresLedger]:
    """The ledger as another process has it."""
    ledger = await PostgresLedger.open(server.app, registry(), PolicyBook.load(), PROJECTIONS)
    yield ledger
    await ledger.close()


async def total(ledger: PostgresLedger, tenant: str) -> int:
    stream = await ledger.load(Scope(tenant), STREAM)
    assert stream is not None
    assert isinstance(stream.state, State)
    return stream.state.total


async def is_whole(ledger: PostgresLedger, tenant: str) -> bool:
    return [each.faults async for each in ledger.verify(tenant)] == [()]


async def test_two_processes_take_turns(postgres: PostgresLedger, other: PostgresLedger, tenant: str) -> None:
    await postgres.transact(tenant, STREAM, command("open"), NOW)
    for amount in (1, 2, 3, 4):
        ledger = other if amount % 2 else postgres
        assert (await ledger.transact(tenant, STREAM, command("add", amount=amount), NOW)).refusal is None
    assert await total(postgres, tenant) == 10
    assert await is_whole(postgres, tenant)


async def test_both_at_once_lose_nothing(postgres: PostgresLedger, other: PostgresLedger, tenant: str) -> None:
    await postgres.transact(tenant, STREAM, command("open"), NOW)
    adds = [command("add", amount=1) for _ in range(20)]
    asked = [ledger.transact(tenant, STREAM, add, NOW) for add in adds for ledger in (postgres, other)]
    answers = await asyncio.gather(*asked)
    assert all(answer.refusal is None for answer in answers)
    assert sorted(answer.repeated for answer in answers) == [False] * 20 + [True] * 20
    assert await total(other, tenant) == 20
    assert await is_whole(postgres, tenant)


async def test_numbers_of_two_processes_leave_no_hole(
    postgres: PostgresLedger, other: PostgresLedger, tenant: str
) -> None:
    ledgers = (postgres, other)
    await asyncio.gather(
        *(ledgers[n % 2].transact(tenant, f"nonconformity/{n}", command("open", numbered=True), NOW) for n in range(12))
    )
    assert await is_whole(postgres, tenant)
    numbered = [await postgres.load(Scope(tenant), f"nonconformity/{n}") for n in range(12)]
    assert sorted(s.state.number for s in numbered if s and isinstance(s.state, State) and s.state.number) == [
        *range(1, 13)
    ]


async def test_reports_without_end_keep_nobody_from_a_number(
    postgres: PostgresLedger, other: PostgresLedger, tenant: str
) -> None:
    async def deliver() -> None:
        while True:
            await other.report(tenant, [report(uuid4().hex, numbered=True) for _ in range(20)], NOW)

    delivering = asyncio.create_task(deliver())
    for n in range(8):
        assert (
            await postgres.transact(tenant, f"nonconformity/{n}", command("open", numbered=True), NOW)
        ).refusal is None
    assert not delivering.done()
    delivering.cancel()
    await asyncio.gather(delivering, return_exceptions=True)
    assert await is_whole(postgres, tenant)


async def test_a_row_under_the_same_transaction_number_is_not_taken_for_the_one_that_was_seen(
    postgres: PostgresLedger, other: PostgresLedger, tenant: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A database that was restored gives the numbers of lost transactions out again."""
    await postgres.transact(tenant, STREAM, command("open"), NOW)
    await other.transact(tenant, STREAM, command("add", amount=1), NOW)
    xmin = (await other.database.ask("look", tenant, None, None, STREAM, ""))["xmin"]
    take = Sights.take
    monkeypatch.setattr(Sights, "take", lambda *key: (found := take(*key)) and replace(found, xmin=xmin))
    assert (await postgres.transact(tenant, STREAM, command("add", amount=2), NOW)).seq == 3
    assert await is_whole(postgres, tenant)


async def test_a_refusal_is_by_what_is_there_now(postgres: PostgresLedger, other: PostgresLedger, tenant: str) -> None:
    await postgres.transact(tenant, STREAM, command("open"), NOW)
    await postgres.transact(tenant, STREAM, command("close"), NOW)
    assert (await other.transact(tenant, STREAM, command("open"), NOW)).refusal is None
    answer = await postgres.transact(tenant, STREAM, command("add", amount=1), NOW)
    assert (answer.refusal, answer.seq) == (None, 4)


async def test_a_repeat_is_known_though_it_would_be_accepted_anew(
    postgres: PostgresLedger, other: PostgresLedger, tenant: str
) -> None:
    await postgres.transact(tenant, STREAM, command("open"), NOW)
    add = command("add", amount=1)
    first = await other.transact(tenant, STREAM, add, NOW)
    for ledger in (other, postgres):
        assert (await ledger.transact(tenant, STREAM, add, NOW)).events == first.events
    assert await total(postgres, tenant) == 1


async def test_a_changed_client_is_seen(postgres: PostgresLedger, other: PostgresLedger, tenant: str) -> None:
    await other.transact(tenant, "client/acme", command("open", client="acme"), NOW)
    await postgres.transact(tenant, STREAM, command("open", client="acme", wanted_client="acme"), NOW)
    await other.transact(tenant, "client/acme", command("add", amount=1), NOW)
    answer = await postgres.transact(tenant, STREAM, command("add", amount=1, wanted_client="acme"), NOW)
    assert (answer.refusal, answer.seq) == (None, 2)


async def test_what_was_erased_is_not_written_back(
    postgres: PostgresLedger, other: PostgresLedger, owner: Connection, tenant: str
) -> None:
    await postgres.transact(tenant, STREAM, command("open", note="Ann said so"), NOW)
    assert await owner.fetchval("SELECT closeout.erase($1, $2, 1, 'dpo', 'asked to')", tenant, STREAM)
    await other.rebuild(tenant)
    await postgres.transact(tenant, STREAM, command("open"), NOW)
    statement = "SELECT state::text FROM closeout.streams WHERE tenant = $1 AND stream = $2"
    assert "Ann" not in await owner.fetchval(statement, tenant, STREAM)


async def test_what_is_settled_elsewhere_stays_settled(
    postgres: PostgresLedger, other: PostgresLedger, tenant: str
) -> None:
    await postgres.transact(tenant, STREAM, command("open"), NOW)
    assert (await postgres.transact(tenant, STREAM, command("add", amount=100), NOW)).owes
    await other.settle(tenant, STREAM, [2])
    assert not (await postgres.transact(tenant, STREAM, command("add", amount=1), NOW)).owes


async def test_a_clock_that_stood_still_is_read_anew(
    postgres: PostgresLedger, tenant: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As when a machine slept: its steady clock did not go on."""
    await postgres.transact(tenant, STREAM, command("open"), NOW)
    now = DatabaseClock.now
    slow = iter([timedelta(hours=1)])
    monkeypatch.setattr(DatabaseClock, "now", lambda clock: now(clock) - next(slow, timedelta()))
    await postgres.transact(tenant, STREAM, command("add", amount=1), NOW)
    first, second = await postgres.history(Scope(tenant), STREAM)
    assert timedelta() <= second.recorded_at - first.recorded_at < timedelta(minutes=1)


async def test_the_least_used_is_forgotten(postgres: PostgresLedger, tenant: str) -> None:
    sights = Sights(most=2)
    for n in (1, 2, 3):
        await postgres.transact(tenant, f"nonconformity/{n}", command("open"), NOW)
        stream = await postgres.load(Scope(tenant), f"nonconformity/{n}")
        assert stream is not None
        sights.keep(Sight(stream, 1, True, None))
    assert [sights.take(tenant, f"nonconformity/{n}") is None for n in (1, 2, 3)] == [True, False, False]
    assert sights.take(tenant, "nonconformity/2") is None  # taken is forgotten
