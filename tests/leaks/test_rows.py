"""The same with the application's own filters off: what row-level security alone shows to who entered as a client.

Tables are read without any condition; functions and named queries are asked for whatever is another's. What a
transaction sees counts for as long as it is entered as it was: what a call enters for itself is its caller's word.
"""

import json
import re
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from importlib.resources import files
from random import Random
from typing import Any

import asyncpg
import pytest

from activities.ledger.hand import Connection
from activities.ledger.protocol import Scope
from activities.ledger.queries import query
from tests.api.conftest import Office
from tests.leaks.estates import Estate, tokens
from tests.leaks.test_routes import STAFF

Three = tuple[Estate, Estate, Estate]

TABLES = """
    SELECT c.relname FROM pg_class AS c
    WHERE c.relnamespace = 'closeout'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
        AND has_table_privilege(current_user, c.oid, 'SELECT')
    ORDER BY c.relname
"""
FUNCTIONS = """
    SELECT p.proname AS name, p.prosecdef AS is_keeper, p.pronargs AS takes FROM pg_proc AS p
    WHERE p.pronamespace = 'closeout'::regnamespace AND p.prorettype <> 'trigger'::regtype
        AND has_function_privilege(current_user, p.oid, 'EXECUTE')
    ORDER BY p.proname
"""
STANDING = """
    SELECT
        current_setting('closeout.tenant', true), current_setting('closeout.client', true),
        current_setting('closeout.badges', true)
"""
BYTES = re.compile(r"\\x((?:[0-9a-f]{2})+)")

KEEPERS = frozenset({"due_streams", "owing_streams", "due_imports", "due_subscriptions", "due_mailings", "tenants"})
"""What workers ask of all tenants at once: which streams are to be woken. They tell names alone, and no route asks."""

SEARCHES = frozenset({"ids_holding", "audits_of"})
"""These ask past row-level security for ids of what their caller sees; here they are asked like any other function."""

NAMED = ("case", "review", "client", "audit", "certificate", "file", "import", "subscription")

TRIES, SOME = 60, 15
"""How often each function and each query is asked, every time about something else; and how often for each viewer."""


@asynccontextmanager
async def entered(
    office: Office, tenant: str, client: str | None = None, viewer: str | None = None
) -> AsyncIterator[Connection]:
    """A transaction of the application's role that entered so, and of which nothing stays."""
    async with office.ledger.database.entered(tenant, client, viewer, seconds=110) as connection:
        yield connection


def said(value: Any) -> set[str]:
    """The tokens in what the database answered, in its bytes too."""
    text = value if isinstance(value, str) else json.dumps(value, default=_plain)
    return tokens("\n".join([text, *(bytes.fromhex(one).decode("latin-1") for one in BYTES.findall(text))]))


def _plain(value: Any) -> str:
    return f"\\x{value.hex()}" if isinstance(value, bytes) else str(value)


async def rows(connection: Connection, table: str) -> set[str]:
    """The tokens in all rows of a table that a transaction sees."""
    found = await connection.fetch(f"SELECT to_jsonb(t) FROM closeout.{table} AS t")  # noqa: S608 - of pg_class
    return said("\n".join(row[0] for row in found))


async def called(connection: Connection, statement: str, values: Sequence[Any]) -> set[str]:
    """The tokens in what a statement answers, or in why it does not; none where it entered as somebody else."""
    before = await connection.fetchrow(STANDING)
    tried = connection.transaction()
    await tried.start()
    try:
        found = await connection.fetch(statement, *values)
        still = await connection.fetchrow(STANDING) == before
        return said([dict(row) for row in found]) if still else set()
    except asyncpg.PostgresError as error:
        return said(f"{error} {error.as_dict()}")
    except (asyncpg.DataError, asyncpg.InterfaceError):
        return set()  # no value of the type that is asked for
    finally:
        await tried.rollback()


def values(types: Sequence[str], seeker: Estate, other: Estate, random: Random) -> list[Any]:
    """Arguments: first who asks, as every function and query has it; then anything of the other's."""
    return [_value(n, of, seeker, other, random) for n, of in enumerate(types)]


def _value(n: int, of: str, seeker: Estate, other: Estate, random: Random) -> Any:
    things = other.things
    streams = [f"nonconformity/{one}" for one in things["case"]] + [f"client/{other.client}"]
    names = [name for kind in NAMED for name in things[kind]]
    if of == "text" and n == 0:
        return seeker.desk.tenant
    if of == "text" and n == 1 and random.random() < 0.5:
        return seeker.client
    if of == "text" and n == 2 and random.random() < 0.5:
        return None
    numbers, lists = [1, 100, 1_000_000], [None, names, streams, things["word"], [other.client]]
    told = [json.dumps(one) for one in ({}, {"client": other.client}, {"ids": things["case"]})]
    some: Mapping[str, Sequence[Any]] = {
        "text": [None, random.choice(names), random.choice(streams), random.choice(things["word"])],
        "text[]": lists,
        "int4": numbers,
        "int8": numbers,
        "int4[]": [numbers],
        "bool": [True, False, None],
        "timestamptz": [datetime(2020, 1, 1, tzinfo=UTC), datetime(2040, 1, 1, tzinfo=UTC)],
        "json": told,
        "jsonb": told,
        "bytea": [bytes.fromhex(one) for one in things["hash"]],
    }
    return random.choice(some.get(of, [None]))


@pytest.mark.parametrize("mark", ["b", "c"])
async def test_no_table_shows_a_row_of_another(office: Office, three: Three, mark: str) -> None:
    one, other = three[0], three["abc".index(mark)]
    async with entered(office, one.desk.tenant, one.client) as connection:
        tables = [row[0] for row in await connection.fetch(TABLES)]
        told = {table: await rows(connection, table) for table in tables}
    assert {table: found & other.kept for table, found in told.items() if found & other.kept} == {}
    assert {"events", "nonconformities", "evidence"} <= {name for name, found in told.items() if found & one.secrets}
    async with entered(office, other.desk.tenant, None) as connection:
        there = {table: await rows(connection, table) for table in tables}
    assert len({name for name, found in there.items() if found & other.secrets}) > len(tables) / 2


async def scope_of(office: Office, estate: Estate, who: str) -> Scope:
    """What somebody of the body sees, by bearer."""
    bearer = estate.keys.get(who) or estate.desk.token(who)
    found: Scope = (await office.app.state.api.authenticator.caller(f"Bearer {bearer}", datetime.now(UTC))).scope
    return found


@pytest.mark.parametrize("who", [*STAFF, "bound", "source"])
async def test_no_table_shows_a_viewer_a_row_of_another(office: Office, three: Three, who: str) -> None:
    """What an auditor of other audits, a member of another docket, an observer and a key do not see."""
    one, other, abroad = three
    scope = await scope_of(office, one, who)
    sees = set().union(*(other.parts[part] for part in STAFF.get(who, ("client",) if who == "source" else ())))
    async with entered(office, *scope.entry) as connection:
        tables = [row[0] for row in await connection.fetch(TABLES)]
        told = {table: await rows(connection, table) for table in tables}
    assert {name: found & (other.kept | abroad.kept) - sees for name, found in told.items()} == {
        name: set() for name in tables
    }
    own = {name for name, found in told.items() if found & one.secrets}
    empty = who in ("former", "revoked", "observer")
    if who != "late":  # who sits in what a search of test_routes escalated
        assert ("nonconformities" in own) == (not empty), own
    assert ("clients" in own) == (not empty), own


@pytest.mark.parametrize("who", ["auditor", "late", "guest", "bound"])
async def test_no_function_or_query_tells_a_viewer_anything_of_another(office: Office, three: Three, who: str) -> None:
    one, other, abroad = three
    scope = await scope_of(office, one, who)
    sees = set().union(*(other.parts[part] for part in STAFF.get(who, ())))
    async with entered(office, *scope.entry) as connection:
        statements = calls(await connection.fetch(FUNCTIONS)) | named_queries()
        told = await _asked(connection, statements, one, [other, abroad], SOME)
    assert {name: found - sees for name, found in told.items() if found - sees} == {}


async def test_a_body_sees_no_row_of_another_body(office: Office, three: Three) -> None:
    abroad = three[2]
    async with entered(office, abroad.desk.tenant, None) as connection:
        for table in [row[0] for row in await connection.fetch(TABLES)]:
            told = await rows(connection, table)
            for other in three[:2]:
                assert told & other.strange_to(abroad, other.kept) == set(), table


async def test_no_function_tells_anything_of_another(office: Office, three: Three) -> None:
    one, other, abroad = three
    async with entered(office, one.desk.tenant, one.client) as connection:
        functions = await connection.fetch(FUNCTIONS)
        assert {row["name"] for row in functions if row["is_keeper"]} == KEEPERS | SEARCHES
        statements = calls(functions)
        assert await _asked(connection, statements, one, [other, abroad]) == {}
    async with entered(office, one.desk.tenant, None) as connection:
        assert await _asked(connection, statements, one, [other])


async def test_no_query_tells_anything_of_another(office: Office, three: Three) -> None:
    one, other, abroad = three
    statements = named_queries()
    async with entered(office, one.desk.tenant, one.client) as connection:
        assert await _asked(connection, statements, one, [other, abroad]) == {}
    async with entered(office, one.desk.tenant, None) as connection:
        assert len(await _asked(connection, statements, one, [other])) > 10


def calls(functions: Sequence[asyncpg.Record]) -> dict[str, str]:
    """A statement that calls each function but those of keepers."""
    return {
        row["name"]: f"SELECT * FROM closeout.{row['name']}({_places(row['takes'])})"  # noqa: S608 - of pg_proc
        for row in functions
        if row["name"] not in KEEPERS
    }


def named_queries() -> dict[str, str]:
    """Every named query but those of keepers and migrations."""
    keepers = re.compile("|".join(KEEPERS))
    named = [file.name.removesuffix(".sql") for file in (files("activities") / "sql" / "queries").iterdir()]
    return {
        name: query(name)
        for name in sorted(named)
        if not keepers.search(query(name)) and not name.startswith("migrations_")
    }


async def _asked(
    connection: Connection,
    statements: Mapping[str, str],
    seeker: Estate,
    others: Sequence[Estate],
    tries: int = TRIES,
) -> dict[str, set[str]]:
    """By statement what of the others' was told, beyond what was asked with."""
    random = Random(1)  # noqa: S311 - the same each time
    told: dict[str, set[str]] = {}
    for name, statement in statements.items():
        types = [one.name for one in (await connection.prepare(statement)).get_parameters()]
        for _ in range(tries if types else 1):
            other = random.choice(others)
            given = values(types, seeker, other, random)
            found = (await called(connection, statement, given) & other.kept) - said(given)
            if found:
                told.setdefault(name, set()).update(found)
    return told


def _places(many: int) -> str:
    return ", ".join(f"${n + 1}" for n in range(many))
