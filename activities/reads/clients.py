"""Lists and look-ups of clients."""

from collections.abc import Collection

from activities.ledger.database import Database
from activities.ledger.protocol import Scope
from activities.ledger.queries import query
from activities.reads.pages import Page, page


async def listed(database: Database, scope: Scope, after: str | None, limit: int) -> Page:
    """A page of clients by key. Raises Unavailable."""
    async with database.entered(scope.tenant, scope.client) as connection:
        return await page(connection, "read_clients", scope.tenant, after, limit)


async def keys_of(database: Database, tenant: str, names: Collection[str]) -> dict[str, str]:
    """The keys of the clients that are called so: by key, else by alias or name where these fit one client alone."""
    async with database.entered(tenant) as connection:
        rows = await connection.fetch(query("read_clients_named"), tenant, list(names))
    return {row["called"]: row["key"] for row in rows if row["key"] is not None}
