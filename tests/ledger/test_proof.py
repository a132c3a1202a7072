"""What `verify` finds when somebody who may do anything to the database has been at it, and what `rebuild` mends."""

import asyncpg
import pytest

from activities.ledger.postgres import PostgresLedger
from activities.ledger.protocol import Fault, Report, Scope
from tests.ledger.conftest import NOW, Connection, Server, command
from tests.ledger.tally import PROJECTIONS, State, registry
from workflows.policy_book import PolicyBook

CASE = "nonconformity/1"
OF = "WHERE tenant = '{tenant}' AND stream = 'nonconformity/1'"
ERASE = "SELECT closeout.erase($1, $2, 1, 'dpo', 'Ann asked to')"
COPY = """
    INSERT INTO closeout.events (tenant, stream, seq, event_id, type, v, command_id, command_index, request_sha256,
        actor, at, recorded_at, data_digest, prev, hash, salt, payload)
    SELECT tenant, stream, 5, event_id, type, v, 'forged', 0, request_sha256,
        actor, at, recorded_at, data_digest, hash, hash, salt, payload
    FROM closeout.events {of} AND seq = 4
"""


@pytest.fixture
async def recorded(postgres: PostgresLedger, tenant: str) -> str:
    """A tenant with one case of four events, found clean."""
    report = Report("scanner", "F", CASE, command("open", client="acme", numbered=True, ref="F", note="Ann said so"))
    await postgres.report(tenant, [report], NOW)
    await postgres.transact(tenant, CASE, command("add", amounts=[1, 100]), NOW)
    await postgres.transact(tenant, CASE, command("close"), NOW)
    await postgres.transact(tenant, "client/acme", command("open", client="acme"), NOW)
    await postgres.transact(tenant, "audit/1", command("open", client="acme"), NOW)
    assert await faults(postgres, tenant) == []
    return tenant


async def faults(ledger: PostgresLedger, tenant: str) -> list[Fault]:
    return [fault async for each in ledger.verify(tenant) for fault in each.faults]


async def tamper(owner: Connection, statement: str) -> None:
    async with owner.transaction():
        await owner.execute("ALTER TABLE closeout.events DISABLE TRIGGER ALL")
        await owner.execute(statement)
        await owner.execute("ALTER TABLE closeout.events ENABLE ALWAYS TRIGGER append_only")
        await owner.execute("ALTER TABLE closeout.events ENABLE ALWAYS TRIGGER append_only_table")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE closeout.events SET actor = 'eve' {of} AND seq = 2",
        "UPDATE closeout.events SET at = at - interval '1 microsecond' {of} AND seq = 2",
        "UPDATE closeout.events SET recorded_at = recorded_at + interval '1 microsecond' {of} AND seq = 2",
        "UPDATE closeout.events SET type = 'closed' {of} AND seq = 2",
        "UPDATE closeout.events SET v = 2 {of} AND seq = 2",
        "UPDATE closeout.events SET command_id = 'other' {of} AND seq = 2",
        "UPDATE closeout.events SET command_index = 5 {of} AND seq = 2",
        "UPDATE closeout.events SET event_id = gen_random_uuid() {of} AND seq = 2",
        "UPDATE closeout.events SET data_digest = '\\x00' {of} AND seq = 2",
        "UPDATE closeout.events SET prev = '\\x00' {of} AND seq = 2",
        "UPDATE closeout.events SET hash = '\\x00' {of} AND seq = 2",
        "UPDATE closeout.events SET salt = '\\x00' {of} AND seq = 2",
        "UPDATE closeout.events SET payload = '\\x7b7d' {of} AND seq = 2",
        "UPDATE closeout.events SET payload = '\\xff' {of} AND seq = 2",
        "UPDATE closeout.events SET seq = 7 {of} AND seq = 2",
        "UPDATE closeout.events SET xid = '3' {of} AND seq = 2",
        "UPDATE closeout.events SET stream = 'nonconformity/2' {of} AND seq = 2",
        "UPDATE closeout.events SET tenant = 'other' {of} AND seq = 2",
        "DELETE FROM closeout.events {of} AND seq = 1",
        "DELETE FROM closeout.events {of} AND seq = 2",
        "DELETE FROM closeout.events {of} AND seq = 4",
        "DELETE FROM closeout.events {of}",
        COPY,
        "DELETE FROM closeout.streams {of}",
        "DELETE FROM closeout.streams {of}; DELETE FROM closeout.events {of}",
        """
        DELETE FROM closeout.streams {of}; DELETE FROM closeout.events {of}; DELETE FROM closeout.source_refs {of};
        DELETE FROM closeout.numbers {of}; DELETE FROM closeout.nonconformities WHERE tenant = '{tenant}'
        """,
        "UPDATE closeout.counters SET last = 0 WHERE tenant = '{tenant}'",
        "UPDATE closeout.events SET request_sha256 = '\\x00' {of} AND seq = 2",
        "UPDATE closeout.events SET salt = NULL, payload = NULL {of} AND seq = 2",
        "UPDATE closeout.source_refs SET external_id = 'other' WHERE tenant = '{tenant}'",
        "UPDATE closeout.source_refs SET source = 'other' WHERE tenant = '{tenant}'",
        "UPDATE closeout.source_refs SET stream = 'client/acme' WHERE tenant = '{tenant}'",
        "DELETE FROM closeout.source_refs WHERE tenant = '{tenant}'",
        "UPDATE closeout.numbers SET stream = 'client/acme' WHERE tenant = '{tenant}'",
        "UPDATE closeout.numbers SET number = 2 WHERE tenant = '{tenant}'",
        """
        UPDATE closeout.streams SET status = 'open' {of};
        UPDATE closeout.nonconformities SET status = 'open' WHERE tenant = '{tenant}'
        """,
        "UPDATE closeout.streams SET state = jsonb_set(state, '{{total}}', '0') {of}",
        "UPDATE closeout.streams SET state = '1' {of}",
        "UPDATE closeout.streams SET head = '\\x00' {of}",
        "UPDATE closeout.streams SET seq = 3 {of}",
        "UPDATE closeout.streams SET status = 'open' {of}",
        "UPDATE closeout.streams SET org = 'other' {of}",
        "UPDATE closeout.streams SET shown = false {of}",
        "UPDATE closeout.streams SET lives = true {of}",
        "UPDATE closeout.streams SET next_wakeup = now() {of}",
        "UPDATE closeout.nonconformities SET title = 'Nothing' WHERE tenant = '{tenant}'",
        "DELETE FROM closeout.nonconformities WHERE tenant = '{tenant}'",
        "UPDATE closeout.nonconformities SET id = '2' WHERE tenant = '{tenant}'",
        "UPDATE closeout.clients SET zone = 'UTC' WHERE tenant = '{tenant}'",
        "UPDATE closeout.clients SET sites = '{{}}' WHERE tenant = '{tenant}'",
        "UPDATE closeout.entries SET status = 'closed' WHERE tenant = '{tenant}'",
        "UPDATE closeout.entries SET view = view - 'client' WHERE tenant = '{tenant}'",
        "UPDATE closeout.entries SET kind = 'certificate' WHERE tenant = '{tenant}'",
        "UPDATE closeout.entries SET shown = false WHERE tenant = '{tenant}'",
        "DELETE FROM closeout.entries WHERE tenant = '{tenant}'",
    ],
)
async def test_tampering_is_found(postgres: PostgresLedger, owner: Connection, recorded: str, statement: str) -> None:
    await tamper(owner, statement.format(of=OF.format(tenant=recorded), tenant=recorded))
    assert await faults(postgres, recorded)


async def test_an_erased_payload_still_verifies_and_is_gone_after_a_rebuild(
    postgres: PostgresLedger, owner: Connection, recorded: str
) -> None:
    assert await owner.fetchval(ERASE, recorded, CASE)
    assert not await owner.fetchval(ERASE, recorded, CASE)
    [fault] = await faults(postgres, recorded)
    assert (fault.stream, fault.what) == (CASE, "state row differs from its events: run closeout ledger rebuild")
    history = await postgres.history(Scope(recorded), CASE)
    assert (history[0].data, history[0].salt, history[0].received_at) == (None, None, None)
    record = await owner.fetchrow("SELECT seq, actor, reason FROM closeout.erasures WHERE tenant = $1", recorded)
    assert record is not None
    assert tuple(record) == (1, "dpo", "Ann asked to")
    assert await postgres.rebuild(recorded) == 1
    stream = await postgres.load(Scope(recorded), CASE)
    assert stream is not None
    assert isinstance(stream.state, State)
    assert (stream.state.notes, stream.state.total, stream.state.status) == ((), 101, "closed")
    assert "Ann" not in await owner.fetchval("SELECT body FROM closeout.nonconformities WHERE tenant = $1", recorded)
    assert await faults(postgres, recorded) == []


async def test_no_erasure_hides_a_changed_row(postgres: PostgresLedger, owner: Connection, recorded: str) -> None:
    await owner.execute("SELECT closeout.erase($1, $2, 2, 'dpo', 'asked to')", recorded, CASE)
    await postgres.rebuild(recorded)
    assert await faults(postgres, recorded) == []
    await owner.execute("UPDATE closeout.streams SET status = 'open' WHERE tenant = $1 AND stream = $2", recorded, CASE)
    await owner.execute("UPDATE closeout.nonconformities SET status = 'open' WHERE tenant = $1", recorded)
    assert [fault.what for fault in await faults(postgres, recorded)] == [
        "state row differs from its events: run closeout ledger rebuild"
    ]


@pytest.mark.parametrize(("actor", "reason"), [("", "r"), ("a", ""), (None, "r"), ("a", None)])
async def test_nobody_erases_without_name_and_reason(
    owner: Connection, recorded: str, actor: str | None, reason: str | None
) -> None:
    with pytest.raises(asyncpg.IntegrityConstraintViolationError):
        await owner.execute("SELECT closeout.erase($1, $2, 1, $3, $4)", recorded, CASE, actor, reason)
    assert (
        await owner.fetchval("SELECT count(*) FROM closeout.events WHERE tenant = $1 AND salt IS NULL", recorded) == 0
    )


async def test_a_rebuild_mends_rows_and_lists(postgres: PostgresLedger, owner: Connection, recorded: str) -> None:
    before = await postgres.load(Scope(recorded), CASE)
    await owner.execute(
        "UPDATE closeout.streams SET state = '{\"total\": 7}' WHERE tenant = $1 AND stream = $2", recorded, CASE
    )
    await owner.execute("UPDATE closeout.nonconformities SET title = 'x', status = 'y' WHERE tenant = $1", recorded)
    assert await postgres.rebuild(recorded) == 1
    assert await faults(postgres, recorded) == []
    await owner.execute("DELETE FROM closeout.streams WHERE tenant = $1 AND stream = $2", recorded, CASE)
    assert await postgres.rebuild(recorded) == 1
    assert await faults(postgres, recorded) == []
    assert await postgres.load(Scope(recorded), CASE) == before


async def test_a_state_of_another_version_is_folded_anew(
    server: Server, postgres: PostgresLedger, owner: Connection, recorded: str
) -> None:
    await owner.execute("UPDATE closeout.streams SET state = '{\"old\": 1}' WHERE tenant = $1", recorded)
    newer = await PostgresLedger.open(server.app, registry(2), PolicyBook.load(), PROJECTIONS)
    stream = await newer.load(Scope(recorded), CASE)
    assert stream is not None
    assert isinstance(stream.state, State)
    assert stream.state.total == 101
    assert await faults(newer, recorded) == []
    assert await newer.rebuild(recorded) == 3
    assert await newer.rebuild(recorded) == 0
    await newer.close()


async def test_the_lists_are_written_with_the_events(owner: Connection, recorded: str) -> None:
    row = await owner.fetchrow("SELECT * FROM closeout.nonconformities WHERE tenant = $1", recorded)
    assert row is not None
    assert (row["id"], row["number"], row["org"], row["shown"]) == ("1", "NC-1", "acme", True)
    assert (row["assignees"], row["status"]) == (["anna"], "closed")
    found = "SELECT words @@ plainto_tsquery('simple', 'ann said') FROM closeout.nonconformities WHERE tenant = $1"
    assert await owner.fetchval(found, recorded) is True
