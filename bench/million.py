"""A million open cases in the real tables: one that was truly issued, copied with other ids and numbers."""

from typing import TYPE_CHECKING

import asyncpg

from bench import cases
from bench.site import Site

if TYPE_CHECKING:
    from asyncpg.pool import PoolConnectionProxy

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
    """Makes the copies 1 to `rows`. Indexes are made anew after each table, which takes a third of the time."""
    [stream] = await cases.report(site.ledger, site.tenant, 1, grade="minor")
    async with site.owner.acquire() as connection:
        for table in COPIES:
            indexes = await connection.fetch(INDEXES, f"closeout.{table}")
            for index in indexes:
                await connection.execute(f"DROP INDEX {index['name']}")
            await _copy(connection, table, site.tenant, stream.partition("/")[2], site.size.rows)
            for index in indexes:
                await connection.execute(index["made"])
            await connection.execute(f"VACUUM ANALYZE closeout.{table}")
        await connection.execute("CHECKPOINT")


async def _copy(connection: "PoolConnectionProxy[asyncpg.Record]", table: str, tenant: str, id: str, rows: int) -> None:
    columns = [row["column_name"] for row in await connection.fetch(COLUMNS, table)]
    values = ", ".join(COPIES[table].get(column, f"t.{column}") for column in columns)
    await connection.execute(
        f"""
        INSERT INTO closeout.{table} ({", ".join(columns)})
        SELECT {values}
        FROM (SELECT * FROM closeout.{table} AS t WHERE t.tenant = $1 AND {COPIED[table]}) AS t,
            (SELECT n, lpad(n::text, 32, '0') AS id FROM generate_series(1, $3::int) AS n) AS copy
        """,  # noqa: S608 - the names are this module's
        tenant,
        id,
        rows,
    )
