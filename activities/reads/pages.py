"""Pages: JSON as Postgres built it, and where the next page begins."""

from dataclasses import dataclass

import asyncpg


@dataclass(frozen=True, slots=True)
class Page:
    """`items` is a JSON array; `last` is the id after which the next page begins, None when this is the last one."""

    items: str
    last: str | None


def page(row: asyncpg.Record) -> Page:
    """The page that a query answers in one row: `items`, `last`, `more`."""
    return Page(row["items"], row["last"] if row["more"] else None)
