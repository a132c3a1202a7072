"""Column profiles that were saved: how somebody's tables are read."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import asyncpg

from activities.ledger.database import Database
from activities.ledger.queries import query
from workflows.people import Frozen


class Saved(Frozen):
    """A profile, who saved it and when; imports that were taken before keep the one that they were taken with."""

    name: str
    profile: dict[str, Any]
    saved_by: str
    saved_at: datetime


async def save(database: Database, tenant: str, name: str, profile: dict[str, Any], by: str) -> Saved:
    """Saves a profile in place of the one of that name. Raises Unavailable."""
    async with database.entered(tenant) as connection:
        row = await connection.fetchrow(query("profile_save"), tenant, name, json.dumps(profile), by)
    if row is None:
        raise RuntimeError("profile_save answered no row")
    return _saved(row)


async def find(database: Database, tenant: str, name: str) -> Saved | None:
    """A profile; None for an unknown one. Raises Unavailable."""
    async with database.entered(tenant) as connection:
        row = await connection.fetchrow(query("profile_find"), tenant, name)
    return None if row is None else _saved(row)


async def listed(database: Database, tenant: str, after: str | None, limit: int) -> Sequence[Saved]:
    """Profiles by name, beyond `after`. Raises Unavailable."""
    async with database.entered(tenant) as connection:
        return [_saved(row) for row in await connection.fetch(query("profile_list"), tenant, after, limit)]


async def drop(database: Database, tenant: str, name: str) -> bool:
    """Forgets a profile; answers whether there was one. Raises Unavailable."""
    async with database.entered(tenant) as connection:
        return await connection.fetchval(query("profile_drop"), tenant, name) is not None


def _saved(row: asyncpg.Record) -> Saved:
    return Saved(**{**dict(row), "profile": json.loads(row["profile"])})
