"""Grants: what an observer may see, of a client, an audit or a case, and until when."""

from collections.abc import Sequence
from datetime import datetime

import asyncpg
from uuid_utils.compat import uuid7

from activities.directory.asked import Asked, before, once, stored
from activities.ledger.database import Database
from activities.ledger.protocol import Scope
from activities.ledger.queries import query
from workflows.people import Frozen


class Grant(Frozen):
    """A grant to a person, of one thing: `client`, `audit` or `case`, by key or id. It shows nothing from `until` on.

    That is told by the database's clock, as is `granted_at`. One that is revoked stays known.
    """

    id: str
    person: str
    client: str | None
    audit: str | None
    case: str | None
    until: datetime
    reason: str
    granted_by: str
    granted_at: datetime
    revoked_by: str | None
    revoked_at: datetime | None


async def keep(
    database: Database,
    tenant: str,
    person: str,
    of: tuple[str | None, str | None, str | None],
    until: datetime,
    reason: str,
    by: str,
    asked: Asked | None = None,
) -> tuple[Grant, bool]:
    """Enters a grant `of` a client, an audit or a case, and whether it is new: not where this request made it before.

    Raises KeyReused, Unavailable.
    """

    async def enter() -> Grant:
        async with database.entered(tenant) as connection:
            values = str(uuid7()), person, *of, until, reason, by
            row = await connection.fetchrow(query("grant_keep"), tenant, *values, *stored(asked))
        if row is None:
            raise RuntimeError("grant_keep answered no row")
        return _grant(row)

    return await once(enter, lambda: made(database, tenant, asked))


async def made(database: Database, tenant: str, asked: Asked | None) -> Grant | None:
    """The grant that this request made before, None where it is new. Raises KeyReused, Unavailable."""
    return await before(database, Scope(tenant), asked, "grant_asked", _grant)


async def listed(
    database: Database, tenant: str, last: str | None, limit: int, person: str | None = None
) -> Sequence[Grant]:
    """The grants of a tenant, those that ended too, the newest first, beyond `last`; to one person, where given.

    Raises Unavailable.
    """
    async with database.entered(tenant) as connection:
        return [_grant(row) for row in await connection.fetch(query("grant_list"), tenant, last, person, limit)]


async def revoke(database: Database, tenant: str, id: str, by: str) -> Grant | None:
    """Ends a grant at once; None for an unknown one. A revoked one stays revoked since then. Raises Unavailable."""
    async with database.entered(tenant) as connection:
        row = await connection.fetchrow(query("grant_revoke"), tenant, id, by)
        row = row or await connection.fetchrow(query("grant_find"), tenant, id)
    return None if row is None else _grant(row)


def _grant(row: asyncpg.Record) -> Grant:
    return Grant(**{name: row[name] for name in Grant.model_fields})
