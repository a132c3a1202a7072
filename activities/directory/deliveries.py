"""Deliveries: each event that a subscription is to be sent, its attempts, and what the receiver said."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any, Literal, TypeAlias
from uuid import UUID

import asyncpg

from activities.directory.subscriptions import LAST, State
from activities.ledger import rows
from activities.ledger.database import Database
from activities.ledger.protocol import Recorded, Scope
from activities.ledger.queries import query
from activities.ledger.rows import Position
from workflows.people import Frozen

TEST = "test"
"""The type of an event that is none: it tries a receiver."""

Became = Literal["pending", "delivered", "failed", "skipped"]


class Delivery(Frozen):
    """An event on its way. `tries` are those that failed since it was taken or its subscription resumed.

    `asked` counts how often it was wanted anew. `request` and `answer` tell the last of all `attempts`. Of what is
    pending, `next_at` None is at once.
    """

    event_id: UUID
    position: str
    stream: str
    seq: int
    type: str
    recorded_at: datetime
    state: Became = "pending"
    asked: int = 0
    attempts: int = 0
    tries: int = 0
    next_at: datetime | None = None
    last_at: datetime | None = None
    request: dict[str, Any] | None = None
    answer: dict[str, Any] | None = None


Lane: TypeAlias = Sequence[Delivery]
"""Pending events of one stream, in order: one is sent once those before it have arrived."""


@dataclass(frozen=True, slots=True)
class Look:
    """Where a subscription is; `state` None where it is gone, or another worker has it.

    `fresh` says whether the feed goes on beyond `place`, `waiting` whether an event is pending that waits for no
    instant; all up to `end` has been committed or never will be.
    """

    state: State | None
    place: Position
    fresh: bool
    waiting: bool
    end: Position


@dataclass(frozen=True, slots=True)
class Attempt:
    """What became of one attempt at a delivery, at `at`; `failure` says why it failed, empty where it did not."""

    delivery: Delivery
    state: Became
    tries: int
    at: datetime
    next_at: datetime | None
    request: Mapping[str, Any]
    answer: Mapping[str, Any]
    failure: str = ""


@dataclass(frozen=True, slots=True)
class Turn:
    """A worker's hold on a subscription: what it writes after another took over changes nothing."""

    database: Database
    tenant: str
    id: str
    number: int

    async def look(self) -> Look:
        """Whether there is anything to do. Raises Unavailable, as all of these do."""
        row = await self.database.ask("subscription_look", self.tenant, self.id, self.number)
        return Look(
            row["state"],
            (row["epoch"] or 0, row["xid"] or 0, row["n"] or 0),
            bool(row["fresh"]),
            bool(row["waiting"]),
            (row["present"], row["horizon"] - 1, LAST),
        )

    async def lanes(self, most: int) -> tuple[Sequence[Lane], int]:
        """The first pending events of each stream, at most so many of each, and how many are pending in all."""
        async with self.database.entered(self.tenant) as connection:
            found = await connection.fetch(query("delivery_next"), self.tenant, self.id, self.number, most)
        lanes = groupby(map(_delivery, found), key=lambda one: one.stream)
        return [list(lane) for _, lane in lanes], found[0]["pending"] if found else 0

    async def take(self, was: Position, to: Position, events: Sequence[Recorded]) -> bool:
        """Moves on to a position and enters events to send; False where the subscription was moved meanwhile."""
        async with self.database.entered(self.tenant) as connection:
            moved: bool = await connection.fetchval(
                query("subscription_take"),
                self.tenant,
                self.id,
                self.number,
                *to,
                *was,
                [event.event_id for event in events],
                [event.position for event in events],
                [event.stream for event in events],
                [event.seq for event in events],
                [event.type for event in events],
                [event.recorded_at for event in events],
            )
        return moved

    async def note(self, attempts: Sequence[Attempt]) -> None:
        """Notes what became of attempts, in the order in which they were made."""
        failed = [one for one in attempts if one.failure]
        async with self.database.entered(self.tenant) as connection:
            await connection.execute(
                query("delivery_note"),
                self.tenant,
                self.id,
                [one.delivery.event_id for one in attempts],
                [one.delivery.attempts for one in attempts],
                [one.state for one in attempts],
                [one.tries for one in attempts],
                [one.next_at for one in attempts],
                [one.at for one in attempts],
                [json.dumps(dict(one.request)) for one in attempts],
                [json.dumps(dict(one.answer)) for one in attempts],
                max((one.at for one in attempts if not one.failure), default=None),
                failed[-1].at if failed else None,
                failed[-1].failure if failed else None,
                [one.delivery.asked for one in attempts],
            )

    async def skip(self, events: Sequence[UUID]) -> None:
        """Gives up events that the subscription's client no longer sees."""
        async with self.database.entered(self.tenant) as connection:
            await connection.execute(query("delivery_skip"), self.tenant, self.id, list(events))

    async def halt(self, state: State, why: str) -> bool:
        """Ends delivery until somebody resumes it; False where it had ended already."""
        async with self.database.entered(self.tenant) as connection:
            halted = await connection.fetchval(
                query("subscription_halt"), self.tenant, self.id, self.number, state, why
            )
        return halted is not None

    async def rest(self, until: datetime | None) -> None:
        """Notes until when nobody has to look after the subscription."""
        async with self.database.entered(self.tenant) as connection:
            await connection.execute(query("subscription_rest"), self.tenant, self.id, self.number, until)

    async def prune(self, before: datetime) -> None:
        """Forgets some of the deliveries that ended before an instant."""
        async with self.database.entered(self.tenant) as connection:
            await connection.execute(query("delivery_prune"), self.tenant, self.id, before)


async def events(database: Database, scope: Scope, deliveries: Sequence[Delivery]) -> dict[UUID, Recorded]:
    """The events of deliveries, those that the scope sees. Raises Unavailable."""
    async with database.entered(*scope.entry) as connection:
        found = await connection.fetch(
            query("delivery_events"), scope.tenant, [one.stream for one in deliveries], [one.seq for one in deliveries]
        )
    recorded = [rows.sealed(row).recorded() for row in found]
    return {one.event_id: one for one in recorded}


async def tried(database: Database, scope: Scope, id: str, event: UUID, at: Position) -> Delivery | None:
    """Enters an event that tries the receiver; None for an unknown subscription."""
    return await _one(database, scope, "delivery_test", id, event, rows.position(*at))


async def again(database: Database, scope: Scope, id: str, event: UUID) -> Delivery | None:
    """Has an event delivered again; None for one that this subscription was never sent."""
    return await _one(database, scope, "delivery_again", id, event)


async def find(database: Database, scope: Scope, id: str, event: UUID) -> Delivery | None:
    """One delivery; None for one that the scope does not see."""
    return await _one(database, scope, "delivery_find", id, event)


async def listed(
    database: Database,
    scope: Scope,
    id: str,
    before: tuple[str, UUID] | None,
    states: Sequence[str] | None,
    limit: int,
) -> Sequence[Delivery]:
    """Deliveries, the last event first, beyond a position and event id; of these states, where given."""
    position, event = before or (None, None)
    async with database.entered(*scope.entry) as connection:
        found = await connection.fetch(
            query("delivery_list"), scope.tenant, id, position, event, None if states is None else list(states), limit
        )
    return [_delivery(row) for row in found]


async def _one(database: Database, scope: Scope, statement: str, *values: object) -> Delivery | None:
    async with database.entered(*scope.entry) as connection:
        row = await connection.fetchrow(query(statement), scope.tenant, *values)
    return None if row is None else _delivery(row)


def _delivery(row: asyncpg.Record) -> Delivery:
    values = {name: row[name] for name in Delivery.model_fields if name not in ("request", "answer")}
    return Delivery(**values, request=_read(row["request"]), answer=_read(row["answer"]))


def _read(told: str | None) -> dict[str, Any] | None:
    return None if told is None else json.loads(told)
