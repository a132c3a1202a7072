"""Reasons of a certification body's own, which its reviewers give at a click when a plan or evidence goes back."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from activities.ledger.database import Database
from activities.ledger.queries import query
from workflows.people import Frozen


class Own(Frozen):
    """A body's own reasons for a section, in the order in which they are offered.

    `replaces` says that they stand instead of the packaged ones, and not after them.
    """

    section: str
    texts: tuple[str, ...]
    replaces: bool
    changed_by: str
    changed_at: datetime


async def listed(database: Database, tenant: str) -> Mapping[str, Own]:
    """What a body has of its own, by section. Raises Unavailable."""
    async with database.entered(tenant) as connection:
        return {row["section"]: Own(**dict(row)) for row in await connection.fetch(query("reason_list"), tenant)}


async def keep(database: Database, tenant: str, section: str, texts: Sequence[str], by: str, *, replaces: bool) -> None:
    """Keeps a body's own reasons for a section in place of those that it had. Raises Unavailable."""
    async with database.entered(tenant) as connection:
        await connection.execute(query("reason_keep"), tenant, section, list(texts), replaces, by)
