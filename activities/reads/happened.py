"""Whether anything happened meanwhile: what is asked again and again, so that nothing else need be read."""

from collections.abc import Sequence

from activities.directory.subscriptions import LAST
from activities.ledger.database import Database
from activities.ledger.protocol import Scope
from activities.ledger.queries import query
from activities.ledger.rows import Position
from activities.reads.nonconformities import LONG


async def beyond(database: Database, scope: Scope, after: Position, kinds: Sequence[str]) -> tuple[Position, bool]:
    """Where the feed ends, and whether the scope sees anything between there and `after` of things of these kinds.

    Raises Unavailable.
    """
    async with database.entered(*scope.entry, seconds=LONG) as connection:
        row = await connection.fetchrow(query("happened_beyond"), scope.tenant, *after, list(kinds))
    if row is None:
        raise RuntimeError("happened_beyond answered no row")
    return (row["epoch"], row["horizon"] - 1, LAST), row["has_moved"]
