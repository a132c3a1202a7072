"""Bare rows: an INSERT and an upsert in one transaction, by asyncpg alone."""

from datetime import datetime
from typing import TYPE_CHECKING

import asyncpg
from temporalio import activity

from workflows.decider import Answer, Command, Entry
from workflows.people import Message

if TYPE_CHECKING:
    from asyncpg.pool import PoolConnectionProxy

TABLES = """
CREATE SCHEMA IF NOT EXISTS bench;
CREATE TABLE IF NOT EXISTS bench.events (
    stream text, seq int, at timestamptz NOT NULL, payload bytea NOT NULL, PRIMARY KEY (stream, seq)
);
CREATE TABLE IF NOT EXISTS bench.streams (stream text PRIMARY KEY, seq int NOT NULL, state jsonb NOT NULL);
"""
INSERT = "INSERT INTO bench.events (stream, seq, at, payload) VALUES ($1, $2, $3, $4)"
UPSERT = """
INSERT INTO bench.streams (stream, seq, state) VALUES ($1, $2, $3)
ON CONFLICT (stream) DO UPDATE SET seq = excluded.seq, state = excluded.state
"""


class Row(Message):
    """One event of a stream: the command that caused it is its payload."""

    stream: str
    seq: int
    command: Command
    at: datetime


async def open_pool(dsn: str, size: int = 10, role: str | None = None) -> "asyncpg.Pool[asyncpg.Record]":
    """As many connections as the product has; like there, nothing is reset between two uses."""
    settings = {"role": role} if role else None
    return await asyncpg.create_pool(dsn, min_size=1, max_size=size, reset=_nothing, server_settings=settings)


async def append(
    connection: "PoolConnectionProxy[asyncpg.Record]", stream: str, seq: int, at: datetime, payload: bytes, state: str
) -> None:
    """One row inserted, one row upserted, one transaction."""
    async with connection.transaction():
        await connection.execute(INSERT, stream, seq, at, payload)
        await connection.execute(UPSERT, stream, seq, state)


async def _nothing(connection: "asyncpg.Connection[asyncpg.Record]") -> None:
    pass


class Writer:
    """The local activity of `BareRow`."""

    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]", state: str) -> None:
        self.pool = pool
        self.state = state

    @activity.defn(name="write")
    async def write(self, row: Row) -> Answer:
        async with self.pool.acquire() as connection:
            payload = row.command.model_dump_json().encode()
            await append(connection, row.stream, row.seq, row.at, payload, self.state)
        entry = Entry(seq=row.seq, type=row.command.name, v=1, at=row.at, actor=row.command.actor.id, hash="0" * 64)
        return Answer(seq=row.seq, status="open", events=(entry,), head="0" * 64, stream_seq=row.seq)


@activity.defn(name="write")
async def write(row: Row) -> Answer:
    """The stub by which the workflow names `Writer.write`."""
    raise NotImplementedError
