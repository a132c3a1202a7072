"""Filters that somebody saved: what an address of the inbox asks for, under a name of their own."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import asyncpg
from uuid_utils.compat import uuid7

from activities.ledger.database import Database
from activities.ledger.queries import query
from workflows.people import Frozen

MOST = 20
"""Filters of one person."""


LARGEST = 8000
"""Bytes of what one asks for, as JSON."""


class TooLarge(Exception):
    """A filter asks for more than is kept."""


class TooMany(Exception):
    """Somebody has as many filters as they may have."""


class NameTaken(Exception):
    """Another filter of the same person has the name."""


class Saved(Frozen):
    """A filter. `query` was valid when it was saved; `starts` says that its person begins with it."""

    id: str
    name: str
    query: Mapping[str, Any]
    starts: bool
    saved_at: datetime


async def save(database: Database, tenant: str, person: str, name: str, asked: Mapping[str, Any]) -> str:
    """Saves a filter in place of the one of that name; its id.

    Raises TooLarge, TooMany, and Unavailable as all of these do.
    """
    told = json.dumps(asked)
    if len(told) > LARGEST:
        raise TooLarge
    async with database.entered(tenant) as connection:
        kept: str | None = await connection.fetchval(
            query("filter_save"), tenant, person, str(uuid7()), name, told, MOST
        )
    if kept is None:
        raise TooMany
    return kept


async def listed(database: Database, tenant: str, person: str) -> Sequence[Saved]:
    """Somebody's filters by name."""
    async with database.entered(tenant) as connection:
        rows = await connection.fetch(query("filter_list"), tenant, person)
    return [Saved(**{**dict(row), "query": json.loads(row["query"])}) for row in rows]


async def rename(database: Database, tenant: str, person: str, id: str, name: str) -> bool:
    """Gives a filter another name; answers whether there was one. Raises NameTaken."""
    try:
        async with database.entered(tenant) as connection:
            return await connection.fetchval(query("filter_rename"), tenant, person, id, name) is not None
    except asyncpg.UniqueViolationError:
        raise NameTaken from None


async def drop(database: Database, tenant: str, person: str, id: str) -> bool:
    """Forgets a filter; answers whether there was one."""
    async with database.entered(tenant) as connection:
        return await connection.fetchval(query("filter_drop"), tenant, person, id) is not None


async def start(database: Database, tenant: str, person: str, id: str | None) -> bool:
    """Has somebody begin with a filter, or with none; answers whether there was one."""
    async with database.entered(tenant) as connection:
        await connection.execute(query("filter_unstart"), tenant, person, id)
        return id is None or await connection.fetchval(query("filter_start"), tenant, person, id) is not None
