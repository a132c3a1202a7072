"""Imports: documents that are read in the background, how far each has come, and what became of its items."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal

import asyncpg

from activities.ledger.database import Database
from activities.ledger.protocol import Scope, Unavailable
from activities.ledger.queries import query
from activities.reads.pages import Page, page
from workflows.people import Actor, Frozen

LONG = 5.0
"""Seconds that a batch of receipts may take."""

State = Literal["queued", "reading", "done", "failed", "cancelled"]
Result = Literal["created", "duplicate", "updated", "recurred", "skipped", "rejected"]
RESULTS: Sequence[Result] = ("created", "duplicate", "updated", "recurred", "skipped", "rejected")


class Import(Frozen):
    """One import. `next` is how many items have their receipts, `total` how many there are, None while nobody knows.

    `format` is the one that its sender stated, `read_as` the one that it turned out to have, `notes` how it was read.
    `actor` and `may_create_clients` are what its sender was and might do when the document was taken, `document` is the
    SHA-256 of its bytes, `profile` the column profile as it was then, `problem` (RFC 9457) why it failed.
    """

    id: str
    source: str
    key: str | None
    request: str
    actor: Actor
    may_create_clients: bool
    document: str
    media_type: str
    name: str
    format: str | None
    read_as: str | None = None
    notes: tuple[str, ...] = ()
    client: str | None
    profile: dict[str, Any] | None
    state: State = "queued"
    cancelling: bool = False
    total: int | None = None
    next: int = 0
    created: int = 0
    duplicate: int = 0
    updated: int = 0
    recurred: int = 0
    skipped: int = 0
    rejected: int = 0
    problem: dict[str, Any] | None = None
    received_at: datetime
    started_at: datetime | None = None
    ended_at: datetime | None = None


class Overtaken(Exception):
    """Another reader of the same import was faster: this one has to stop."""


async def enter(database: Database, tenant: str, one: Import) -> Import:
    """Enters an import; answers the one that its source entered under the same key before. Raises Unavailable."""
    async with database.entered(tenant) as connection:
        row = await connection.fetchrow(
            query("import_enter"),
            tenant,
            one.id,
            one.source,
            one.key,
            bytes.fromhex(one.request),
            one.actor.model_dump_json(),
            one.may_create_clients,
            bytes.fromhex(one.document),
            one.media_type,
            one.name,
            one.format,
            one.client,
            None if one.profile is None else json.dumps(one.profile),
            one.received_at,
        )
    if row is None:
        raise Unavailable("the import was entered by another request just now")
    return _import(row)


async def find(database: Database, scope: Scope, id: str) -> Import | None:
    """An import that the scope sees; None for any other. Raises Unavailable."""
    async with database.entered(*scope.entry) as connection:
        row = await connection.fetchrow(query("import_find"), scope.tenant, id)
    return None if row is None else _import(row)


async def listed(
    database: Database, scope: Scope, before: str | None, limit: int, source: str | None, state: State | None
) -> Sequence[Import]:
    """Imports that the scope sees, the newest first, beyond `before`; of one source and in one state, where given.

    Raises Unavailable.
    """
    async with database.entered(*scope.entry) as connection:
        rows = await connection.fetch(query("import_list"), scope.tenant, before, source, state, limit)
    return [_import(row) for row in rows]


async def begin(database: Database, tenant: str, id: str) -> Import | None:
    """Takes up an import, for the first time or again; None for one that has ended. Raises Unavailable."""
    async with database.entered(tenant) as connection:
        row = await connection.fetchrow(query("import_begin"), tenant, id)
    return None if row is None else _import(row)


async def advance(
    database: Database,
    tenant: str,
    id: str,
    place: int,
    receipts: Sequence[tuple[Result, str]],
    read_as: str,
    notes: Sequence[str],
    total: int | None,
) -> bool:
    """Keeps the receipts (result, JSON) of the items from `place` on; answers whether the import is to be cancelled.

    `read_as` is the format as which they were read, `notes` say how, `total` how many there are in all,
    None while nobody knows.

    Raises Overtaken where another reader kept some of them before, or the import has ended; Unavailable.
    """
    async with database.entered(tenant, seconds=LONG) as connection:
        row = await connection.fetchrow(
            query("import_advance"),
            tenant,
            id,
            place,
            [result for result, _ in receipts],
            [told for _, told in receipts],
            read_as,
            json.dumps(notes),
            total,
        )
    if row is None:
        raise Overtaken(f"import {id} went on without this reader at item {place}")
    return bool(row["cancelling"])


async def end(
    database: Database, tenant: str, id: str, state: State, total: int | None, problem: dict[str, Any] | None = None
) -> None:
    """An import has ended so. Raises Unavailable."""
    async with database.entered(tenant) as connection:
        said = None if problem is None else json.dumps(problem)
        await connection.execute(query("import_end"), tenant, id, state, said, total)


async def cancel(database: Database, tenant: str, id: str) -> Import | None:
    """Has an import end before its next batch; None for an unknown one. Raises Unavailable."""
    async with database.entered(tenant) as connection:
        row = await connection.fetchrow(query("import_cancel"), tenant, id)
    return None if row is None else _import(row)


async def items(database: Database, scope: Scope, id: str, after: int, result: Result | None, limit: int) -> Page:
    """A page of receipts beyond a place, in the document's order. Raises Unavailable."""
    async with database.entered(*scope.entry, seconds=LONG) as connection:
        row = await connection.fetchrow(query("import_items"), scope.tenant, id, after, result, limit)
    if row is None:
        raise LookupError("import_items answered no row")
    return page(row)


def _import(row: asyncpg.Record) -> Import:
    values = dict(row)
    values["request"] = values.pop("request_sha256").hex()
    values["document"] = values["document"].hex()
    values["actor"] = Actor.model_validate_json(values["actor"])
    for name in ("profile", "problem", "notes"):
        values[name] = None if values[name] is None else json.loads(values[name])
    return Import(**values)
