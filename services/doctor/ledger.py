"""The record itself: what waits in it, and whether it proves itself."""

import random
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import groupby

import asyncpg

from activities.ledger import rows
from activities.ledger.chain import broken
from activities.ledger.postgres import PostgresLedger
from activities.ledger.queries import query
from services.connections import open_ledger
from services.doctor.checks import Answer, Check, fail, ok, span
from services.settings import Settings

SEEN = 1000
"""Streams of the backlog that are counted, over all tenants."""

TENANTS, STREAMS = 5, 20
"""How many tenants, and how many streams of each, a sample verifies."""

SLACK = timedelta(seconds=60)
"""How long anything may wait beyond two sweeps."""


@dataclass(frozen=True, slots=True)
class Record:
    """The ledger, and how long something may wait in it before nobody seems to move it."""

    ledger: PostgresLedger
    grace: timedelta


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[Record]:
    """The ledger; raises Unreachable and PolicyError."""
    ledger = await open_ledger(settings)
    try:
        yield Record(ledger, settings.sweep_grace + 2 * settings.sweep_every + SLACK)
    finally:
        await ledger.close()


async def _overdue(record: Record) -> Answer:
    mend = "mend worker and sweep; then `closeout recover` moves all of them"
    return await _judged_backlog(record, "overdue", "oldest_wakeup", "wake-ups past", mend)


async def _owed(record: Record) -> Answer:
    mend = "see the worker's log for what they do not reach; then `closeout recover`"
    return await _judged_backlog(record, "owed", "oldest_owed", "reactions owed", mend)


async def _judged_backlog(record: Record, count: str, oldest: str, what: str, mend: str) -> Answer:
    """Well while nothing waits longer than the grace; `count` and `oldest` are columns of the backlog."""
    now = datetime.now(UTC)
    found, more = await _backlog(record, now)
    waiting = [row for row in found if row[count]]
    if not waiting:
        return ok(f"no {what}")
    age = timedelta(seconds=round((now - min(row[oldest] for row in waiting)).total_seconds()))
    said = f"{'at least ' if more else ''}{sum(row[count] for row in waiting)} {what}, the oldest for {span(age)}"
    return ok(said) if age <= record.grace else fail(said, mend)


async def _backlog(record: Record, now: datetime) -> tuple[list[asyncpg.Record], bool]:
    """What waits, a row a tenant, and whether there is more than was counted."""
    owing, late = await record.ledger.owing(now, SEEN), await record.ledger.due(now, SEEN)
    found = []
    for tenant in sorted({tenant for tenant, _ in owing} | {one.tenant for one in late}):
        async with record.ledger.database.entered(tenant) as connection:
            found += await connection.fetch(query("backlog"), tenant, now)
    return found, SEEN in (len(owing), len(late))


async def _sample(record: Record) -> Answer:
    database = record.ledger.database
    async with database.transaction() as connection:
        tenants = [row["tenant"] for row in await connection.fetch(query("tenants"))]
    faults: list[str] = []
    streams = 0
    for tenant in random.sample(tenants, min(TENANTS, len(tenants))):
        async with database.entered(tenant, seconds=PAGE_SECONDS, isolation="repeatable_read") as connection:
            standing = await connection.fetch(query("streams_sample"), tenant, STREAMS)
            names = [row["stream"] for row in standing]
            histories = {
                name: [rows.sealed(row) for row in of]
                for name, of in groupby(
                    await connection.fetch(query("histories"), tenant, names), key=lambda row: row["stream"]
                )
            }
            erased = {(row["stream"], row["erased"]) for row in await connection.fetch(query("beside"), tenant, names)}
        for row in standing:
            name, events = row["stream"], histories.get(row["stream"], [])
            seqs = [seq for stream, seq in erased if stream == name and seq is not None]
            faults += [f"{name} {fault.seq}: {fault.what}" for fault in broken(tenant, name, events, seqs)]
            if not events or (events[-1].envelope.seq, events[-1].hash) != (row["seq"], row["head"].hex()):
                faults.append(f"{name}: the row is not at its last event")
            streams += 1
    return _judged(f"{streams} streams sampled", faults)


async def _whole(record: Record) -> Answer:
    faults: list[str] = []
    streams = events = 0
    async for found in record.ledger.verify():
        faults += [f"{fault.tenant} {fault.stream} {fault.seq}: {fault.what}" for fault in found.faults]
        streams, events = streams + found.streams, events + found.events
    return _judged(f"{events} events in {streams} streams verified", faults)


def _judged(what: str, faults: Sequence[str]) -> Answer:
    if faults:
        mend = "keep the database as it is, run `closeout ledger verify`, and compare with a backup"
        return fail(f"{what}, {len(faults)} faults: {faults[0]}", mend)
    return ok(f"{what}, no fault")


PAGE_SECONDS = 4.0
SLOW = "look for long transactions and a missing ANALYZE: the ledger answers slowly"
LEDGER = (Check("wake-ups", _overdue, SLOW), Check("reactions", _owed, SLOW), Check("chains", _sample, SLOW))
WHOLE_LEDGER = (*LEDGER[:2], Check("chains", _whole, SLOW, patience=None))
