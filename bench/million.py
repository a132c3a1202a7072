"""A million open cases in the real tables: one that was truly issued, copied with other ids and numbers."""

import time
from collections.abc import Mapping, Sequence
from functools import partial

import asyncpg

from bench import cases
from bench.harness import crowd
from bench.site import Site

CHUNK = 50_000
"""Rows in one statement. One after the other: reports come in the order of their ids, and plans depend on that."""

INDEXES_AT_ONCE = 2
"""How many indexes are made at once: no more than there are cores here."""

TENANT = "million"
"""Whose the copies are: no events lead to most of them, so nobody else's record must hold them."""

COPIES = {
    "nonconformities": {"id": "copy.id", "number": "'NC-0000-' || copy.n"},
    "streams": {"stream": "'nonconformity/' || copy.id", "owed": "'{}'::int[]"},  # else the sweep starts them all
    "events": {"stream": "'nonconformity/' || copy.id"},
}
"""The columns in which the copies in a table differ."""

COPIED = {
    "nonconformities": "t.id = $2",
    "streams": "t.stream = 'nonconformity/' || $2",
    "events": "t.stream = 'nonconformity/' || $2 ORDER BY t.seq DESC LIMIT 1",
    "clients": "t.key = $2",
}
"""The row that is copied: of the events the last one, which says when the case last changed."""

COLUMNS = """
SELECT column_name FROM information_schema.columns
WHERE table_schema = 'closeout' AND table_name = $1 AND is_generated = 'NEVER' AND is_identity = 'NO'
"""
INDEXES = """
SELECT i.indexrelid::regclass::text AS name, pg_get_indexdef(i.indexrelid) AS made
FROM pg_index AS i WHERE i.indrelid = $1::text::regclass AND NOT i.indisprimary
    AND NOT EXISTS (SELECT FROM pg_constraint AS c WHERE c.conindid = i.indexrelid)
"""


def id_of(n: int) -> str:
    """The id of the n-th copy; their order is that of n."""
    return f"{n:032d}"


async def fill(site: Site) -> None:
    """Makes the copies 1 to `rows` on the server. Indexes are made anew after each table: a third of the time."""
    [stream] = await cases.report(site.ledger, site.tenant, 1, grade="minor")
    for table in COPIES:
        began = time.perf_counter()
        async with site.owner.acquire() as connection:
            indexes = await connection.fetch(INDEXES, f"closeout.{table}")
            for index in indexes:
                await connection.execute(f"DROP INDEX {index['name']}")
        await crowd(-(-site.size.rows // CHUNK), 1, partial(_copy, site, table, stream.partition("/")[2]))
        await crowd(len(indexes), INDEXES_AT_ONCE, partial(_execute, site, [index["made"] for index in indexes]))
        await site.owner.execute(f"VACUUM ANALYZE closeout.{table}")
        site.rounds.say(f"{site.size.rows} rows in {table} after {time.perf_counter() - began:.0f} s")
    await site.owner.execute("CHECKPOINT")


async def _execute(site: Site, statements: Sequence[str], n: int) -> None:
    await site.owner.execute(statements[n])


async def _copy(site: Site, table: str, id: str, chunk: int) -> None:
    numbers = range(chunk * CHUNK + 1, min((chunk + 1) * CHUNK, site.size.rows) + 1)
    await copy(site.owner, table, site.tenant, id, TENANT, COPIES[table], numbers)


async def copy(
    owner: "asyncpg.Pool[asyncpg.Record]",
    table: str,
    tenant: str,
    id: str,
    into: str,
    differing: Mapping[str, str],
    numbers: range,
) -> None:
    """Copies a row into a tenant, once for each number: `differing` has SQL of `t`, the row, and `copy`, by column."""
    columns = [row["column_name"] for row in await owner.fetch(COLUMNS, table)]
    changed = {"tenant": "$6", **differing}
    values = ", ".join(changed.get(column, f"t.{column}") for column in columns)
    await owner.execute(
        f"""
        INSERT INTO closeout.{table} ({", ".join(columns)})
        SELECT {values}
        FROM (SELECT * FROM closeout.{table} AS t WHERE t.tenant = $1 AND {COPIED[table]}) AS t,
            (SELECT n, lpad(n::text, 32, '0') AS id FROM generate_series($3::int, $4::int, $5::int) AS n) AS copy
        """,  # noqa: S608 - the names are the caller's module's
        tenant,
        id,
        numbers.start,
        numbers.stop - 1,
        numbers.step,
        into,
    )
