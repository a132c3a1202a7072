"""Sources: the systems that findings come from, with their ways in and what became of what they sent last."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Literal

import asyncpg

from activities.ledger.database import Database
from activities.ledger.queries import query
from workflows.people import Frozen

LAST = 20
"""So many imports and deliveries of a source, the last ones, are counted together."""


MOST_COUNTED = 1000
"""The findings of a source are counted up to so many."""


class Refusal(Frozen):
    """Something that was not taken, or not all of it, and why, where that is known at once; at an import or a hook."""

    at: datetime
    why: str | None
    kind: Literal["import", "hook"]
    id: str


class Source(Frozen):
    """A source. `keys` and `hooks` are how many of them let it in; `ending` of these keys end soon.

    `ends_at` is when the first of them ends, `imports` whether there is any. `findings` is how many of it are known,
    whichever way they came, counted up to MOST_COUNTED. `came` is how many imports and deliveries
    the counts are of; `refused` the last of them of which something was rejected, `forged` the last that came to a hook
    without a signature that fits.
    """

    name: str
    keys: int
    ending: int
    ends_at: datetime | None
    hooks: int
    imports: bool
    heard_at: datetime | None
    findings: int
    came: int
    created: int
    duplicate: int
    updated: int
    recurred: int
    skipped: int
    rejected: int
    refused: Refusal | None
    forged: Refusal | None

    @property
    def refusal(self) -> Refusal | None:
        """What was refused last; None for nothing that is known of."""
        return max((one for one in (self.refused, self.forged) if one), key=lambda one: one.at, default=None)


async def listed(
    database: Database, tenant: str, after: str | None, limit: int, now: datetime, soon: datetime
) -> Sequence[Source]:
    """The sources of a tenant by name, beyond `after`; keys that end until `soon` end soon. Raises Unavailable."""
    async with database.entered(tenant) as connection:
        rows = await connection.fetch(query("source_list"), tenant, after, limit, now, soon, LAST, MOST_COUNTED)
    return [_source(row) for row in rows]


def _source(row: asyncpg.Record) -> Source:
    told = {name: json.loads(row[name]) for name in ("refused", "forged") if row[name] is not None}
    return Source(**{**dict(row), **told})
