"""Row-level security alone, by raw SQL in the application's role."""

import json
from typing import Any

import asyncpg
import pytest

from activities.ledger.postgres import PostgresLedger
from activities.ledger.protocol import Report
from tests.ledger.conftest import NOW, Connection, command

BODY_ALONE = {"erasures", "source_refs", "counters", "numbers", "documents", "api_keys", "hooks"}
BODY_ALONE |= {
    "departures",
    "drafts",
    "evidence_arrivals",
    "evidence_cases",
    "grants",
    "hook_deliveries",
    "policies",
    "imports",
    "import_items",
    "mail_wishes",
    "mailings",
    "mails",
    "profiles",
    "reasons",
    "saved_filters",
    "sessions",
    "sign_ins",
}
TABLES = BODY_ALONE | {"events", "streams", "nonconformities", "committee_reviews", "clients", "entries", "people"}
TABLES |= {"subscriptions", "deliveries", "evidence", "evidence_events"}


PERSON = "INSERT INTO closeout.people (tenant, id, name, client) VALUES ($1, $2, 'P', $2)"
KEY = """
    INSERT INTO closeout.api_keys (tenant, id, source, name, hash, client) VALUES ($1, 'k', 's', 'n', '\\x00', 'acme')
"""
HOOK = """
    INSERT INTO closeout.hooks (tenant, id, source, kind, name, client, secrets)
    VALUES ($1, 'h', 's', 'github', 'n', 'acme', '[]')
"""
HOOK_DELIVERY = """
    INSERT INTO closeout.hook_deliveries (tenant, hook, id, received_at) VALUES ($1, 'h', 'd', now())
"""
DOCUMENT = """
    INSERT INTO closeout.documents (tenant, sha256, source, media_type, size, bytes)
    VALUES ($1, '\\x00', 's', 'm', 0, '')
"""
SUBSCRIPTION = """
    INSERT INTO closeout.subscriptions (tenant, id, org, client, url, secrets, epoch, xid, n, created_by)
    VALUES ($1, $2, $2, $2, 'u', '[]', 0, '0', 0, 'p')
"""
DELIVERY = """
    INSERT INTO closeout.deliveries (tenant, subscription, event_id, org, position, stream, seq, type, recorded_at)
    VALUES ($1, $2, gen_random_uuid(), $2, 'p', 's', 1, 't', now())
"""
IMPORT = """
    INSERT INTO closeout.imports (
        tenant, id, source, request_sha256, actor, may_create_clients, document, media_type, client, received_at
    )
    VALUES ($1, 'i', 's', '\\x00', '{}', false, '\\x00', 'm', 'acme', now())
"""
ITEM = """
    INSERT INTO closeout.import_items (tenant, import, place, last, results, told)
    VALUES ($1, 'i', 0, 0, '{created}', '{"{}"}')
"""
PROFILE = "INSERT INTO closeout.profiles (tenant, name, profile, saved_by) VALUES ($1, 'p', '{}', 'p')"
POLICY = "INSERT INTO closeout.policies (tenant, sha256, body) VALUES ($1, sha256('{}'), '{}')"
SESSION = """
    INSERT INTO closeout.sessions (tenant, id, hash, person, name, roles, client, csrf, hint, created_at, used_at)
    VALUES ($1, 's', '\\x00', 'p', 'P', '{}', 'acme', 'c', 'h', now(), now())
"""
SIGN_IN = """
    INSERT INTO closeout.sign_ins (tenant, state, browser, nonce, verifier, next, fresh, begun_at)
    VALUES ($1, '\\x00', '\\x00', 'n', 'v', '/console', false, now())
"""
FILE = """
    INSERT INTO closeout.evidence (tenant, id, client, object, sha256, size, media_type, name, uploaded_by, uploaded_at)
    VALUES ($1, $2, $2, $2, repeat('0', 64), 1, 'm', 'n', 'p', now())
"""
FILE_EVENT = "INSERT INTO closeout.evidence_events (tenant, file, type, actor) VALUES ($1, $2, 'read', 'p')"
ARRIVAL = "INSERT INTO closeout.evidence_arrivals (tenant, id, object) VALUES ($1, 'a', 'o')"
FILE_CASE = "INSERT INTO closeout.evidence_cases (tenant, sha256, case_id) VALUES ($1, 's', 'acme')"
GRANT = """
    INSERT INTO closeout.grants (tenant, id, person, client, until, reason, granted_by)
    VALUES ($1, 'g', 'p', 'acme', now() + interval '1 day', 'r', 'm')
"""
MAILING = "INSERT INTO closeout.mailings (tenant, epoch, xid, n) VALUES ($1, 0, '0', 0)"
MAIL = """
    INSERT INTO closeout.mails (tenant, event_id, person, position, notice, digest, state)
    VALUES ($1, gen_random_uuid(), 'acme', 'p', '{}', false, 'pending')
"""
WISH = "INSERT INTO closeout.mail_wishes (tenant, person) VALUES ($1, 'acme')"
DRAFT = """
    INSERT INTO closeout.drafts (tenant, person, stream, command, seq, typed, kept_at)
    VALUES ($1, 'acme', 'nonconformity/acme', 'comment', 1, '{}', now())
"""
FILTER = "INSERT INTO closeout.saved_filters (tenant, person, id, name, query) VALUES ($1, 'acme', 'f', 'n', '{}')"
REASON = """
    INSERT INTO closeout.reasons (tenant, section, texts, replaces, changed_by) VALUES ($1, 'cause', '{}', false, 'p')
"""
DEPARTURE = """
    INSERT INTO closeout.departures (tenant, id, person, left_at, left_by, reason)
    VALUES ($1, 'd', 'acme', now(), 'm', 'r')
"""
ROWS = "SELECT to_jsonb(t) FROM closeout.{table} AS t"


@pytest.fixture
async def filled(postgres: PostgresLedger, owner: Connection, tenant: str) -> str:
    """A tenant with one row or more of each client, `acme` and `other`, in every table."""
    for client in ("acme", "other"):
        for kind in ("committee_review", "client", "audit"):
            await postgres.transact(tenant, f"{kind}/{client}", command("open", client=client), NOW)
        opening = command("open", client=client, numbered=True)
        await postgres.report(tenant, [Report("scanner", client, f"nonconformity/{client}", opening)], NOW)
        for one in (PERSON, SUBSCRIPTION, DELIVERY, FILE, FILE_EVENT):
            await owner.execute(one, tenant, client)
    for kind in ("nonconformity", "audit"):
        await postgres.transact(tenant, f"{kind}/triage", command("open", client="acme", shown=False), NOW)
    kept = (KEY, HOOK, DOCUMENT, IMPORT, ITEM, PROFILE, POLICY, SESSION, SIGN_IN, ARRIVAL, FILE_CASE, GRANT)
    for one in (*kept, HOOK_DELIVERY, MAILING, MAIL, WISH, DRAFT, FILTER, REASON, DEPARTURE):
        await owner.execute(one, tenant)
    await owner.execute("SELECT closeout.erase($1, 'client/other', 1, 'p', 'asked to')", tenant)
    return tenant


async def seen(app: Connection, table: str) -> list[dict[str, Any]]:
    """Every row of a table that this connection sees, as JSON."""
    return [json.loads(row[0]) for row in await app.fetch(ROWS.format(table=table))]


async def tenants_seen(app: Connection, table: str) -> set[str]:
    return {row["tenant"] for row in await seen(app, table)}


async def test_every_table_of_a_tenant_is_under_forced_security(app: Connection) -> None:
    rows = await app.fetch(
        "SELECT c.relname, c.relrowsecurity AND c.relforcerowsecurity AS forced FROM pg_class AS c "
        "WHERE c.relnamespace = 'closeout'::regnamespace AND c.relkind = 'r'"
    )
    assert {row["relname"] for row in rows if not row["forced"]} == {"migrations", "ledger_epoch"}
    assert {row["relname"] for row in rows if row["forced"]} == TABLES


@pytest.mark.parametrize("table", sorted(TABLES))
async def test_who_has_not_entered_sees_no_row(app: Connection, filled: str, table: str) -> None:
    assert await tenants_seen(app, table) == set()
    async with app.transaction():
        await app.execute("SELECT closeout.enter($1, NULL)", filled)
        assert await tenants_seen(app, table) == {filled}
    assert await tenants_seen(app, table) == set()


@pytest.mark.parametrize("table", sorted(TABLES))
async def test_a_tenant_sees_no_row_of_another(app: Connection, filled: str, table: str) -> None:
    async with app.transaction():
        await app.execute("SELECT closeout.enter('another', NULL)")
        assert filled not in await tenants_seen(app, table)


@pytest.mark.parametrize("table", sorted(TABLES))
async def test_a_client_sees_its_own_rows_alone(app: Connection, filled: str, table: str) -> None:
    async with app.transaction():
        await app.execute("SELECT closeout.enter($1, 'acme')", filled)
        rows = await seen(app, table)
    if table in BODY_ALONE:
        assert rows == []
        return
    column = {"people": "client", "events": "stream", "evidence": "client", "evidence_events": "file"}.get(table, "org")
    assert {row[column].rpartition("/")[2] for row in rows} == {"acme"}
    assert not any("triage" in str(row) for row in rows)


async def test_a_client_writes_nothing(app: Connection, filled: str) -> None:
    transaction = app.transaction()
    await transaction.start()
    await app.execute("SELECT closeout.enter($1, 'acme')", filled)
    assert await app.execute("UPDATE closeout.nonconformities SET title = 'mine now'") == "UPDATE 0"
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await app.execute("INSERT INTO closeout.counters (tenant, series, last) VALUES ($1, 's', 0)", filled)
    await transaction.rollback()


async def test_what_cases_hold_is_told_to_their_certification_body_alone(app: Connection, filled: str) -> None:
    holding = "SELECT closeout.ids_holding($1, $2, $3, $4, $5)"
    asked: list[tuple[str | None, ...]] = [("sum", None, None, None), (None, "6.1.2", None, None)]
    asked += [(None, None, "Vienna", None), (None, None, None, "anna"), ("sum", "6.1.2", "Vienna", "anna")]
    for values in asked:
        assert await app.fetchval(holding, *values, 10) is None
        for client, found in ((None, {"acme", "other", "triage"}), ("acme", None)):
            async with app.transaction():
                await app.execute("SELECT closeout.enter($1, $2)", filled, client)
                ids = await app.fetchval(holding, *values, 10)
                assert (ids and set(ids)) == found
                assert await app.fetchval(holding, *values, 2) is None
        async with app.transaction():
            await app.execute("SELECT closeout.enter('another', NULL)")
            assert await app.fetchval(holding, *values, 10) == []


@pytest.mark.parametrize("tenant_and_client", [("", None), (None, None), ("t", "*"), ("t", "")])
async def test_nobody_enters_as_everybody(app: Connection, tenant_and_client: tuple[str | None, str | None]) -> None:
    with pytest.raises(asyncpg.InvalidParameterValueError):
        await app.execute("SELECT closeout.enter($1, $2)", *tenant_and_client)


async def test_settings_of_the_keepers_open_nothing_to_others(app: Connection, filled: str) -> None:
    async with app.transaction():
        await app.execute("SET LOCAL closeout.sweeping = 'on'; SET LOCAL closeout.erasing = 'on'")
        assert await tenants_seen(app, "events") | await tenants_seen(app, "streams") == set()
    for call in ("closeout.erase('t', 's', 1, 'p', 'r')", "closeout.raise_epoch()"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await app.execute(f"SELECT {call}")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE closeout.events SET actor = 'eve'",
        "UPDATE closeout.events SET payload = NULL, salt = NULL",
        "DELETE FROM closeout.events",
        "TRUNCATE closeout.events",
        "UPDATE closeout.erasures SET actor = 'eve'",
        "DELETE FROM closeout.erasures",
        "TRUNCATE closeout.erasures",
    ],
)
async def test_events_are_never_changed_by_anyone(
    app: Connection, owner: Connection, filled: str, statement: str
) -> None:
    for connection in (app, owner):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute(statement)
    with pytest.raises(asyncpg.InsufficientPrivilegeError, match="append-only"):
        await owner.execute(f"SET LOCAL session_replication_role = replica; {statement}")


async def test_even_an_eraser_changes_nothing_but_the_payload(owner: Connection, filled: str) -> None:
    await owner.execute("SET closeout.erasing = 'on'")
    with pytest.raises(asyncpg.InsufficientPrivilegeError, match="append-only"):
        await owner.execute("UPDATE closeout.events SET salt = NULL, payload = NULL, actor = ''")
