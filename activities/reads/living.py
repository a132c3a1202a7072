"""The living cases of a client, whole."""

import asyncio
from collections.abc import Mapping

from activities.ledger import policies
from activities.ledger.database import Database
from activities.ledger.protocol import Scope
from activities.ledger.queries import query
from activities.reads.nonconformities import LONG
from workflows.nonconformity.case import Case


async def living(database: Database, scope: Scope, client: str, limit: int) -> Mapping[str, Case]:
    """A client's living cases by id, as far as the scope sees them: those due first. Raises Unavailable."""
    async with database.entered(*scope.entry, seconds=LONG) as connection:
        rows = await connection.fetch(query("read_living"), scope.tenant, client, limit)
    found = await policies.found(database, scope.tenant, rows)
    # In a thread: of ten thousand cases this is a second, in which a loop would answer nobody.
    return await asyncio.to_thread(lambda: {row["id"]: policies.read(Case, row, found) for row in rows})
