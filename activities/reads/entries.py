"""Lists of what shares the read model of entries: audits, certificates."""

import json
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from activities.ledger.database import Database
from activities.ledger.protocol import Scope
from activities.reads.pages import Page, page


async def listed(
    database: Database,
    scope: Scope,
    kind: str,
    after: str | None,
    limit: int,
    *,
    clients: Collection[str] = (),
    statuses: Collection[str] = (),
    holding: Mapping[str, Any] | None = None,
    among: Mapping[str, Collection[str]] | None = None,
    due_before: datetime | None = None,
) -> Page:
    """A page of entries of a kind by id; empty and None mean any. Raises Unavailable.

    `holding` is what a view has to hold, as jsonb contains it: `{"standards": ["ISO 9001"]}`. `among` are values by
    field of the view, one of which has to be there: `{"stage": ["stage1", "stage2"]}`.
    """
    one_of = {field: list(values) for field, values in (among or {}).items() if values}
    row = await database.page(
        "read_entries",
        *scope.entry,
        kind,
        after,
        limit,
        list(clients) or None,
        list(statuses) or None,
        json.dumps(holding) if holding else None,
        json.dumps(one_of) if one_of else None,
        due_before,
    )
    return page(row)
