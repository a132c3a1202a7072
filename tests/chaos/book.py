"""The ledger as its tables hold it, read past the product's own readers; its chains by the recipe of docs/ledger.md."""

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, TypeAlias
from uuid import UUID

import asyncpg
import rfc8785

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"

EVENTS = """
SELECT stream, seq, event_id, type, v, command_id, command_index, actor, at, recorded_at, encode(data_digest, 'hex'),
    encode(prev, 'hex'), encode(hash, 'hex'), salt, payload
FROM closeout.events WHERE tenant = $1 ORDER BY stream, seq
"""
STREAMS = """
SELECT stream, status, seq, encode(head, 'hex') AS head, lives, next_wakeup, owed
FROM closeout.streams WHERE tenant = $1 ORDER BY stream
"""
ASLEEP = """
SELECT count(*) FROM closeout.streams
WHERE tenant = $1 AND (owed <> '{}' OR (lives AND next_wakeup < now() + $2))
"""
BEYOND = timedelta(hours=1)
"""Dates so far ahead are of no concern to a run: a suspended certificate's case waits to its hard limit, a day."""
DERIVED = ("streams", "policies", "nonconformities", "committee_reviews", "clients", "entries")


@dataclass(frozen=True, slots=True)
class Event:
    """One row of the events, digests in hexadecimal."""

    stream: str
    seq: int
    event_id: UUID
    type: str
    v: int
    command_id: str
    command_index: int
    actor: str
    at: datetime
    recorded_at: datetime
    data_digest: str
    prev: str
    hash: str
    salt: bytes
    payload: bytes

    @property
    def data(self) -> dict[str, Any]:
        """What it says."""
        said: dict[str, Any] = json.loads(self.payload)["data"]
        return said


@dataclass(frozen=True, slots=True)
class Standing:
    """One row of the streams."""

    status: str
    seq: int
    head: str
    lives: bool
    next_wakeup: datetime | None
    owed: Sequence[int]


@dataclass(frozen=True, slots=True)
class Book:
    """Everything of one tenant: events by stream in order, and where each stream stands."""

    tenant: str
    events: Mapping[str, Sequence[Event]]
    streams: Mapping[str, Standing]

    @classmethod
    async def read(cls, dsn: str, tenant: str) -> "Book":
        """The book as of now."""
        async with entered(dsn, tenant) as connection, connection.transaction(isolation="repeatable_read"):
            events = [Event(*row) for row in await connection.fetch(EVENTS, tenant)]
            rows = await connection.fetch(STREAMS, tenant)
        by_stream: dict[str, list[Event]] = {}
        for event in events:
            by_stream.setdefault(event.stream, []).append(event)
        standings = {row["stream"]: Standing(**{name: row[name] for name in Standing.__slots__}) for row in rows}
        return cls(tenant, by_stream, standings)

    def all(self) -> Iterator[Event]:
        """Every event."""
        for events in self.events.values():
            yield from events

    def broken(self) -> Iterator[str]:
        """What is wrong with the chains, and with where they end."""
        for stream, events in self.events.items():
            prev = "0" * 64
            for seq, event in enumerate(events, start=1):
                if (event.seq, event.prev) != (seq, prev):
                    yield f"{stream} {event.seq}: does not follow event {seq - 1}"
                if self.hashed(event) != event.hash:
                    yield f"{stream} {event.seq}: the envelope is not what was hashed"
                if self.digest(event) != event.data_digest:
                    yield f"{stream} {event.seq}: the payload is not what was digested"
                prev = event.hash
        for stream in self.events.keys() | self.streams.keys():
            standing, told = self.streams.get(stream), self.events.get(stream)
            if standing is None or not told or (standing.seq, standing.head) != (told[-1].seq, told[-1].hash):
                yield f"{stream}: its row does not end where its events do"

    def digest(self, event: Event) -> str:
        """The digest that an event's payload has."""
        return hashlib.sha256(event.salt + event.payload).hexdigest()

    def hashed(self, event: Event) -> str:
        """The hash that an event's envelope has (docs/ledger.md)."""
        names = ("stream", "seq", "type", "v", "command_id", "actor", "data_digest", "prev")
        envelope = {name: getattr(event, name) for name in names}
        envelope |= {"tenant": self.tenant, "event_id": str(event.event_id)}
        envelope |= {"at": _instant(event.at), "recorded_at": _instant(event.recorded_at)}
        return hashlib.sha256(rfc8785.dumps(envelope)).hexdigest()


@asynccontextmanager
async def entered(dsn: str, tenant: str) -> AsyncIterator[Connection]:
    """A connection that sees one tenant, for the length of a block."""
    connection = await asyncpg.connect(dsn)
    try:
        settings = "SELECT set_config('closeout.tenant', $1, false), set_config('closeout.client', '*', false)"
        await connection.fetchrow(settings, tenant)
        yield connection
    finally:
        await connection.close()


async def quiet(dsn: str, tenant: str, patience: float) -> int:
    """Waits until no stream owes anything or will soon wake again; answers how many still do when patience ends."""
    until = asyncio.get_running_loop().time() + patience
    async with entered(dsn, tenant) as connection:
        while (left := await connection.fetchval(ASLEEP, tenant, BEYOND)) and asyncio.get_running_loop().time() < until:
            await asyncio.sleep(0.2)
    return int(left)


async def derived(dsn: str, tenant: str) -> dict[str, list[str]]:
    """Every row that is derived from events, as JSON text, by table."""
    async with entered(dsn, tenant) as connection:
        rows = {
            table: await connection.fetch(
                f"SELECT to_jsonb(t)::text FROM closeout.{table} AS t WHERE tenant = $1 ORDER BY 1",  # noqa: S608 - ours
                tenant,
            )
            for table in DERIVED
        }
    return {table: [row[0] for row in found] for table, found in rows.items()}


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
