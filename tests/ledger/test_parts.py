"""`events` in parts, as docs/scale.md has it: what the ledger promises holds through the parent, and in each part."""

from collections.abc import AsyncIterator

import asyncpg
import pytest

from activities.ledger.migrations import apply, packaged, runner
from activities.ledger.postgres import PostgresLedger
from activities.ledger.protocol import Scope
from activities.ledger.queries import query
from tests.ledger.conftest import NOW, Connection, Server, command, faults
from tests.ledger.tally import PROJECTIONS, registry
from workflows.policy_book import PolicyBook

PARTS = [f"closeout.events_{n}" for n in range(4)]
WHOLE = "CHECK ((salt IS NULL) = (payload IS NULL))\n);"
"""How the table of events ends in its migration."""

COUNT = "SELECT count(*) FROM {}"
CHANGES = (
    "UPDATE {} SET actor = 'eve'",
    "UPDATE {} SET payload = NULL, salt = NULL",
    "DELETE FROM {}",
    "TRUNCATE {}",
)


@pytest.fixture
async def parted(server: Server, owner: Connection, tenant: str) -> AsyncIterator[str]:
    """A database of its own with four parts of events, as its superuser has it."""
    await owner.execute(f"CREATE DATABASE {tenant}")
    dsn = server.owner.rpartition("/")[0] + f"/{tenant}"
    files = packaged()
    first = next(iter(files))
    assert WHOLE in files[first]
    async with runner(dsn) as connection:
        await apply(
            connection, files | {first: files[first].replace(WHOLE, f"{WHOLE[:-1]} PARTITION BY HASH (tenant);")}
        )
        for n, part in enumerate(PARTS):
            bounds = f"FOR VALUES WITH (MODULUS {len(PARTS)}, REMAINDER {n})"
            await connection.execute(f"CREATE TABLE {part} PARTITION OF closeout.events {bounds}")
            await connection.execute("SELECT closeout.guard_part($1::text::regclass)", part)
    yield dsn
    await owner.execute(f"DROP DATABASE {tenant} WITH (FORCE)")


@pytest.fixture
async def keeper(parted: str) -> AsyncIterator[Connection]:
    connection = await asyncpg.connect(parted)
    yield connection
    await connection.close()


@pytest.fixture
async def ledger(parted: str) -> AsyncIterator[PostgresLedger]:
    ledger = await PostgresLedger.open(parted, registry(), PolicyBook.load(), PROJECTIONS)
    yield ledger
    await ledger.close()


async def recorded(ledger: PostgresLedger) -> None:
    """A stream of two events in each of forty tenants: some in each part."""
    for n in range(40):
        await ledger.transact(f"t{n}", "tally/1", command("open", note="It was Ann."), NOW)
        await ledger.transact(f"t{n}", "tally/1", command("add", id="once", amount=1), NOW)


async def test_what_is_recorded_is_never_changed_in_any_part(ledger: PostgresLedger, keeper: Connection) -> None:
    await recorded(ledger)
    for table in ("closeout.events", *PARTS):
        assert await keeper.fetchval(COUNT.format(table)) > 0
        for change in CHANGES:
            for role in ("origin", "replica"):
                with pytest.raises(asyncpg.InsufficientPrivilegeError, match="append-only"):
                    await keeper.execute(f"SET LOCAL session_replication_role = {role}; {change.format(table)}")
    assert await keeper.fetchval(COUNT.format("closeout.events")) == 80
    assert [v.faults async for v in ledger.verify()] == [()] * 40


async def test_an_erasure_reaches_its_part_and_changes_nothing_else(ledger: PostgresLedger, keeper: Connection) -> None:
    await recorded(ledger)
    for n in range(40):
        assert await keeper.fetchval("SELECT closeout.erase($1, 'tally/1', 1, 'dpo', 'asked to')", f"t{n}")
        assert [event.data is None for event in await ledger.history(Scope(f"t{n}"), "tally/1")] == [True, False]
        await ledger.rebuild(f"t{n}")
        assert await faults(ledger, f"t{n}") == []
    with pytest.raises(asyncpg.InsufficientPrivilegeError, match="append-only"):
        await keeper.execute("SET LOCAL closeout.erasing = 'on'; UPDATE closeout.events SET salt = NULL, actor = ''")


async def test_a_repeat_is_answered_and_the_feed_reads_on_across_parts(ledger: PostgresLedger) -> None:
    await recorded(ledger)
    for n in range(40):
        answer = await ledger.transact(f"t{n}", "tally/1", command("add", id="once", amount=1), NOW)
        assert (answer.repeated, answer.seq) == (True, 2)
        assert [event.seq for event in await ledger.feed(Scope(f"t{n}"), None)] == [1, 2]


async def test_nobody_reads_past_the_policies_of_the_parent(ledger: PostgresLedger, keeper: Connection) -> None:
    await recorded(ledger)
    await keeper.execute("CREATE ROLE reader NOLOGIN IN ROLE closeout_app; SET ROLE reader")
    try:
        assert await keeper.fetchval(COUNT.format("closeout.events")) == 0
        for part in PARTS:
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await keeper.execute(f"SELECT FROM {part}")
        await keeper.execute("RESET ROLE; GRANT SELECT ON ALL TABLES IN SCHEMA closeout TO reader; SET ROLE reader")
        for part in PARTS:
            assert await keeper.fetchval(COUNT.format(part)) == 0
    finally:
        await keeper.execute("RESET ROLE; DROP OWNED BY reader; DROP ROLE reader")


async def test_the_doctor_sees_a_part_that_is_not_guarded(parted: str, keeper: Connection) -> None:
    async def unguarded() -> tuple[list[str], list[str]]:
        row = await keeper.fetchrow(query("role_standing"))
        assert row is not None
        return row["open_tables"], row["slack_triggers"]

    assert await unguarded() == ([], [])
    await keeper.execute("DROP TRIGGER append_only_table ON closeout.events_1")
    await keeper.execute("ALTER TABLE closeout.events_2 DISABLE ROW LEVEL SECURITY")
    assert await unguarded() == (["events_2"], ["events_1.append_only_table"])
