"""Pages: JSON as Postgres built it, and where the next page begins."""

from dataclasses import dataclass

import asyncpg

from activities.ledger.database import Connection
from activities.ledger.queries import query


@dataclass(frozen=True, slots=True)
class Page:
    """`items` is a JSON array; `last` is the id after which the next page begins, None when this is the last one."""

    items: str
    last: str | None


async def page(connection: Connection, name: str, *values: object) -> Page:
    """The page that a query answers in one row: `items`, `last`, `more`."""
    row: asyncpg.Record | None = await connection.fetchrow(query(name), *values)
    if row is None:
        raise RuntimeError(f"{name} answered no row")
    return Page(row["items"], row["last"] if row["more"] else None)
