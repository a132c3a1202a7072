"""Files of evidence as the database knows them; their bytes are in the object store (`services.evidence`)."""

import json
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Literal

import asyncpg

from activities.ledger.database import Database
from activities.ledger.protocol import Scope
from activities.ledger.queries import query
from workflows.people import Frozen

MOST_CASES = 50
"""How many of the cases that name a content are looked at, the newest first."""

Kind = Literal["kept", "read", "damaged"]


class File(Frozen):
    """One file of evidence; it never changes.

    `object` is its key in the store, `size` in bytes, `media_type` what it is taken for: `declared_type`, where the
    bytes do not say otherwise (`sniffed_type`). `produced_on` is the day of the evidence itself, `revises` the id of
    the file that it takes the place of, `key` the Idempotency-Key of its upload.
    """

    id: str
    client: str
    object: str
    sha256: str
    size: int
    media_type: str
    declared_type: str | None
    sniffed_type: str | None
    name: str
    produced_on: date | None
    revises: str | None
    uploaded_by: str
    uploaded_at: datetime
    key: str | None


class Noted(Frozen):
    """One event of a file: who wrote or read it, and when."""

    n: int
    type: Kind
    actor: str
    at: datetime
    data: dict[str, Any]


class Overtaken(Exception):
    """The upload was given up as one that never ends, or its uploader used its key for another one."""


async def begin(database: Database, tenant: str, id: str, object: str) -> None:
    """Notes that an upload begins, so that what a crash leaves in the store is found. Raises Unavailable."""
    async with database.entered(tenant) as connection:
        await connection.execute(query("file_begin"), tenant, id, object)


async def keep(database: Database, tenant: str, file: File, since: datetime) -> None:
    """Enters a file whose bytes are in the store, with the event of it.

    Raises Overtaken, also for an upload that began before `since`; and Unavailable.
    """
    async with database.entered(tenant) as connection:
        row = await connection.fetchrow(
            query("file_keep"),
            tenant,
            file.id,
            file.client,
            file.sha256,
            file.size,
            file.media_type,
            file.declared_type,
            file.sniffed_type,
            file.name,
            file.produced_on,
            file.revises,
            file.uploaded_by,
            file.uploaded_at,
            file.key,
            since,
        )
        if row is None:
            raise Overtaken(file.id)
        await connection.execute(query("file_arrived"), tenant, file.id)
        told = json.dumps({"sha256": file.sha256, "size": file.size, "client": file.client})
        await connection.execute(query("file_note"), tenant, file.id, "kept", file.uploaded_by, told)


async def give_up(database: Database, tenant: str, id: str) -> None:
    """An upload came to nothing, and nothing of it is in the store any more. Raises Unavailable."""
    async with database.entered(tenant) as connection:
        await connection.execute(query("file_arrived"), tenant, id)


async def stale(database: Database, tenant: str, before: datetime, most: int) -> Sequence[tuple[str, str]]:
    """Uploads that began before an instant and never ended, by id and object. Raises Unavailable."""
    async with database.entered(tenant) as connection:
        rows = await connection.fetch(query("file_stale"), tenant, before, most)
    return [(row["id"], row["object"]) for row in rows]


async def find(database: Database, scope: Scope, id: str) -> File | None:
    """A file that the scope sees. Raises Unavailable."""
    async with database.entered(*scope.entry) as connection:
        row = await connection.fetchrow(query("file_find"), scope.tenant, id)
    return None if row is None else _file(row)


async def asked(database: Database, tenant: str, uploader: str, key: str) -> File | None:
    """The file that somebody uploaded under an Idempotency-Key. Raises Unavailable."""
    async with database.entered(tenant) as connection:
        row = await connection.fetchrow(query("file_asked"), tenant, uploader, key)
    return None if row is None else _file(row)


async def listed(
    database: Database,
    scope: Scope,
    before: str | None,
    limit: int,
    *,
    uploader: str | None = None,
    client: str | None = None,
    contents: Sequence[str] | None = None,
) -> Sequence[File]:
    """Files, the newest first, beyond `before`; of one uploader, one client, these SHA-256, where given.

    Raises Unavailable.
    """
    sought = None if contents is None else list(contents)
    async with database.entered(*scope.entry) as connection:
        rows = await connection.fetch(query("file_list"), scope.tenant, before, uploader, client, sought, limit)
    return [_file(row) for row in rows]


async def cases(database: Database, tenant: str, file: File) -> Sequence[str]:
    """The ids of cases of the file's client that name its content, whoever may see them. Raises Unavailable."""
    async with database.entered(tenant) as connection:
        rows = await connection.fetch(query("file_cases"), tenant, file.sha256, file.client, MOST_CASES)
    return [row["case_id"] for row in rows]


async def note(database: Database, tenant: str, id: str, kind: Kind, actor: str, data: dict[str, Any]) -> None:
    """Notes that a file was read, or found damaged. Raises Unavailable."""
    async with database.entered(tenant) as connection:
        await connection.execute(query("file_note"), tenant, id, kind, actor, json.dumps(data))


async def note_preview(database: Database, tenant: str, id: str, actor: str) -> None:
    """Notes that a file was shown beside its case, unless that was noted within a day. Raises Unavailable."""
    async with database.entered(tenant) as connection:
        await connection.execute(query("file_show"), tenant, id, actor)


async def events(database: Database, scope: Scope, id: str, after: int, limit: int) -> Sequence[Noted]:
    """The events of a file in order, beyond the number `after`. Raises Unavailable."""
    async with database.entered(*scope.entry) as connection:
        rows = await connection.fetch(query("file_events"), scope.tenant, id, after, limit)
    return [Noted(**{**row, "data": json.loads(row["data"])}) for row in rows]


def _file(row: asyncpg.Record) -> File:
    return File(**dict(row))
