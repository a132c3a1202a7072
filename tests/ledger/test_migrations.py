import asyncio
from collections.abc import AsyncIterator
from uuid import uuid4

import asyncpg
import pytest

from activities.ledger.migrations import MigrationDrift, apply, migrate, packaged, runner
from activities.ledger.postgres import PostgresLedger
from activities.ledger.protocol import Scope
from tests.ledger.conftest import NOW, Connection, Server, command
from tests.ledger.tally import PROJECTIONS, registry
from workflows.canonical import instant
from workflows.policy_book import PolicyBook
from workflows.stubs import Due


@pytest.fixture
async def empty(server: Server, owner: Connection) -> AsyncIterator[str]:
    """An empty database of its own."""
    name = f"empty_{uuid4().hex[:8]}"
    await owner.execute(f"CREATE DATABASE {name}")
    yield server.owner.rpartition("/")[0] + f"/{name}"
    await owner.execute(f"DROP DATABASE {name} WITH (FORCE)")


async def test_three_runners_at_once_apply_each_file_once(empty: str) -> None:
    applied = await asyncio.gather(*(migrate(empty) for _ in range(3)))
    assert sorted(name for names in applied for name in names) == list(packaged())
    assert await migrate(empty) == []


async def test_drift_is_refused_by_name_before_anything_changes(empty: str) -> None:
    files = packaged()
    first = next(iter(files))
    async with runner(empty) as connection:
        await apply(connection, {first: files[first]})
        with pytest.raises(MigrationDrift, match=f"{first}: the file is not what was applied on"):
            await apply(connection, files | {first: files[first] + " "})
        with pytest.raises(MigrationDrift, match=f"{first}: applied on .* unknown to this version"):
            await apply(connection, {"0002_other.sql": "SELECT 1"})
    assert await migrate(empty) == list(files)[1:]


async def test_a_failing_file_leaves_nothing_of_itself(empty: str) -> None:
    broken = {
        "0001_a.sql": "CREATE TABLE closeout.a (n int)",
        "0002_b.sql": "CREATE TABLE closeout.b (n int); SELECT 1/0",
    }
    mended = broken | {"0002_b.sql": "CREATE TABLE closeout.b (n int)"}
    async with runner(empty) as connection:
        with pytest.raises(asyncpg.DivisionByZeroError):
            await apply(connection, broken)
        assert await apply(connection, mended) == ["0002_b.sql"]


async def test_an_owner_without_privileges_keeps_all_promises(empty: str, owner: Connection, tenant: str) -> None:
    """Forced row-level security binds the owner too: sweep, tenants, erasure and searches must work all the same."""
    role = f"keeper_{uuid4().hex[:8]}"
    await owner.execute(f"CREATE ROLE {role} LOGIN PASSWORD 'secret' NOSUPERUSER CREATEROLE")
    await owner.execute(f"GRANT closeout_app TO {role} WITH ADMIN OPTION")
    name = empty.rpartition("/")[2]
    await owner.execute(f"ALTER DATABASE {name} OWNER TO {role}")
    dsn = f"postgresql://{role}:secret@{empty.rpartition('@')[2]}"
    assert await migrate(dsn) == list(packaged())
    ledger = await PostgresLedger.open(dsn, registry(), PolicyBook.load(), PROJECTIONS)
    await ledger.transact(tenant, "tally/1", command("open"), NOW)
    await ledger.transact(tenant, "tally/1", command("add", amount=100), NOW)
    assert await ledger.owing(NOW) == [(tenant, "tally/1")]
    await ledger.transact(tenant, "tally/1", command("remind", at=instant(NOW)), NOW)
    assert await ledger.due(NOW) == [Due(at=NOW, tenant=tenant, stream="tally/1")]
    assert [v.events async for v in ledger.verify()] == [3]
    await ledger.transact(tenant, "nonconformity/1", command("open", client="acme"), NOW)
    async with ledger.database.entered(tenant) as connection:
        assert await connection.fetchval("SELECT closeout.ids_holding('sum', NULL, NULL, NULL, 9)") == ["1"]
    keeper = await asyncpg.connect(dsn)
    assert await keeper.fetchval("SELECT count(*) FROM closeout.events") == 0
    assert await keeper.fetchval("SELECT closeout.erase($1, 'tally/1', 2, 'dpo', 'asked to')", tenant)
    assert (await ledger.history(Scope(tenant), "tally/1"))[1].data is None
    await keeper.close()
    await ledger.close()
    await owner.execute(f"ALTER DATABASE {name} OWNER TO closeout_owner")
    database_owner = await asyncpg.connect(empty)
    await database_owner.execute(f"REASSIGN OWNED BY {role} TO closeout_owner; DROP OWNED BY {role}; DROP ROLE {role}")
    await database_owner.close()


async def test_a_restored_database_begins_a_new_epoch(empty: str, tenant: str) -> None:
    """Positions of a restored ledger stand after all that anyone has read, though its transaction ids begin anew."""
    await migrate(empty)
    ledger = await PostgresLedger.open(empty, registry(), PolicyBook.load(), PROJECTIONS)
    await ledger.transact(tenant, "tally/1", command("open"), NOW)
    [before] = await ledger.feed(Scope(tenant), None)
    restored = await asyncpg.connect(empty)
    await restored.execute("ALTER TABLE closeout.events DISABLE TRIGGER ALL")
    await restored.execute("UPDATE closeout.events SET xid = '4000000000'")
    await restored.execute("ALTER TABLE closeout.events ENABLE ALWAYS TRIGGER append_only")
    await restored.execute("UPDATE closeout.ledger_epoch SET cluster = 'the one that was lost'")
    assert await ledger.feed(Scope(tenant), None) == []
    assert await migrate(empty) == []
    assert await migrate(empty) == []
    assert await restored.fetchval("SELECT closeout.current_epoch()") == 2
    await ledger.transact(tenant, "tally/1", command("add", amount=1), NOW)
    old, new = await ledger.feed(Scope(tenant), None)
    assert (old.seq, new.seq) == (1, 2)
    assert before.position < old.position < new.position
    assert await ledger.feed(Scope(tenant), old.position) == [new]
    assert await restored.fetchval("SELECT closeout.raise_epoch()") == 3
    assert [v.faults async for v in ledger.verify()] == [()]
    await restored.close()
    await ledger.close()
