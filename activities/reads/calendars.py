"""Which cases and reviews are in somebody's calendar."""

from collections.abc import Collection, Sequence
from datetime import datetime

from activities.ledger.database import Database
from activities.ledger.protocol import Scope
from activities.ledger.queries import query
from activities.reads.nonconformities import LONG


async def dated(
    database: Database, scope: Scope, person: str, audits: Collection[str], since: datetime, most: int
) -> Sequence[str]:
    """The ids of a client's cases, or of those that a person is assigned to or audits; the next dates first.

    Those that live, and those that ended since an instant. Raises Unavailable.
    """
    async with database.entered(*scope.entry, seconds=LONG) as connection:
        if scope.client is not None:
            rows = await connection.fetch(query("read_dated_of_client"), scope.tenant, scope.client, since, most)
        else:
            rows = await connection.fetch(query("read_dated"), scope.tenant, person, list(audits), since, most)
    return [row["id"] for row in rows]


async def docketed(database: Database, scope: Scope, member: str, since: datetime, most: int) -> Sequence[str]:
    """The ids of the reviews to which a committee member is convened; the next dates first.

    Those that are to be decided, and those that changed last since an instant. Raises Unavailable.
    """
    async with database.entered(*scope.entry, seconds=LONG) as connection:
        rows = await connection.fetch(query("read_docketed"), scope.tenant, member, since, most)
    return [row["id"] for row in rows]
