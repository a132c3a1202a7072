"""What came in at hooks, signed: the last deliveries of each with what became of them, for who looks after a hook.

They are no part of the record: what a delivery reported is, by itself.
"""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import asyncpg

from activities.directory.imports import RESULTS
from activities.ledger.database import Database
from activities.ledger.queries import query
from workflows.people import Frozen

MOST = 100
"""Deliveries of a hook that are kept, the last ones."""


class Received(Frozen):
    """A delivery. `named` is what its sender calls it; the counts are of its items, by what became of them.

    `refusal` is why it, or the first of its items that was rejected, was not taken. `receipts` are those of some items.
    """

    id: str
    named: str | None = None
    received_at: datetime
    created: int = 0
    duplicate: int = 0
    updated: int = 0
    recurred: int = 0
    skipped: int = 0
    rejected: int = 0
    refusal: str | None = None
    receipts: tuple[dict[str, Any], ...] = ()


async def keep(database: Database, tenant: str, hook: str, one: Received) -> None:
    """Notes a delivery, and forgets those before the last. Raises Unavailable."""
    async with database.entered(tenant) as connection:
        await connection.execute(
            query("hook_delivery_keep"),
            tenant,
            hook,
            one.id,
            one.named,
            one.received_at,
            *(getattr(one, name) for name in RESULTS),
            one.refusal,
            [json.dumps(receipt) for receipt in one.receipts],
            MOST,
        )


async def listed(database: Database, tenant: str, hook: str, before: str | None, limit: int) -> Sequence[Received]:
    """Deliveries of a hook, the newest first, beyond `before`. Raises Unavailable."""
    async with database.entered(tenant) as connection:
        return [_received(row) for row in await connection.fetch(query("hook_deliveries"), tenant, hook, before, limit)]


def _received(row: asyncpg.Record) -> Received:
    return Received(**{**dict(row), "receipts": tuple(json.loads(one) for one in row["receipts"])})
