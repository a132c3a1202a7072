"""Departures: who left the certification body or a client, when, by whose word and why; and who took that back."""

from collections.abc import Sequence
from datetime import datetime

from uuid_utils.compat import uuid7

from activities.ledger.database import Database
from activities.ledger.queries import query
from workflows.people import Frozen

MOST = 100
"""So many departures of one person are told, the latest."""


class Departure(Frozen):
    """That somebody left at an instant; whoever is back has `returned_at`."""

    left_at: datetime
    left_by: str
    reason: str
    returned_at: datetime | None
    returned_by: str | None


async def begin(database: Database, tenant: str, person: str, by: str, reason: str) -> bool:
    """Notes that a person left: their sessions, calendar and grants end with it, and nobody writes to them.

    False for one who is unknown, or away already. Raises Unavailable.
    """
    async with database.entered(tenant) as connection:
        values = person, str(uuid7()), by, reason
        return await connection.fetchval(query("departure_begin"), tenant, *values) is not None


async def end(database: Database, tenant: str, person: str, by: str) -> bool:
    """Takes back that a person left; what ended with it stays ended.

    False for one who is unknown, or here. Raises Unavailable.
    """
    async with database.entered(tenant) as connection:
        return await connection.fetchval(query("departure_end"), tenant, person, by) is not None


async def listed(database: Database, tenant: str, person: str) -> Sequence[Departure]:
    """The departures of a person, the latest first. Raises Unavailable."""
    async with database.entered(tenant) as connection:
        rows = await connection.fetch(query("departure_list"), tenant, person, MOST)
    return [Departure(**dict(row)) for row in rows]
