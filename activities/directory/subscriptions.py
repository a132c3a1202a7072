"""Subscriptions: who is told of events, from where on, and signed by which secrets."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import asyncpg

from activities.directory.asked import Asked, before, is_repeat, once, stored
from activities.directory.secret import Secret, read, written
from activities.ledger import rows
from activities.ledger.database import Database
from activities.ledger.hand import Connection
from activities.ledger.protocol import Scope
from activities.ledger.queries import query
from activities.ledger.rows import Position
from workflows.people import Frozen

LONG = 10.0
"""Seconds that looking for a date in the feed may take."""

AHEAD = 1000
"""Events beyond a subscription's position are counted up to so many."""

LAST = 2**63 - 1
"""Comes after every event of its transaction."""

State = Literal["active", "paused", "parked"]


class Subscription(Frozen):
    """A subscription as it stands.

    `org` is the client whose people keep it, None for the certification body's; `client` the one whose events alone it
    is told, as that client's people see them. Empty `types` and `kinds` are all. `why` says why it is not active.
    """

    id: str
    org: str | None = None
    client: str | None = None
    url: str
    types: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    secrets: tuple[Secret, ...]
    state: State = "active"
    why: str = ""
    place: Position
    turn: int = 0
    created_by: str
    created_at: datetime | None = None
    next_at: datetime | None = None
    last_success_at: datetime | None = None
    last_failure_at: datetime | None = None
    last_failure: str = ""


@dataclass(frozen=True, slots=True)
class Lag:
    """How far a subscription is behind: events, of which those in the feed are counted up to AHEAD, and since when.

    `next_at` is the first next try of an event that failed.
    """

    pending: int
    beyond: int
    since: datetime | None
    next_at: datetime | None


async def keep(
    database: Database, scope: Scope, one: Subscription, asked: Asked | None = None
) -> tuple[Subscription, bool]:
    """Enters a subscription, and whether it is new: not where this request made it before.

    Raises KeyReused, Unavailable.
    """

    async def enter() -> Subscription:
        async with database.entered(*scope.entry) as connection:
            row = await connection.fetchrow(
                query("subscription_keep"),
                scope.tenant,
                one.id,
                one.org,
                one.client,
                one.url,
                list(one.types),
                list(one.kinds),
                written(one.secrets),
                *one.place,
                one.created_by,
                *stored(asked),
            )
        if row is None:
            raise RuntimeError("subscription_keep answered no row")
        return _subscription(row)

    return await once(enter, lambda: made(database, scope, asked))


async def made(database: Database, scope: Scope, asked: Asked | None) -> Subscription | None:
    """The subscription that this request made before, None where it is new. Raises KeyReused, Unavailable."""
    return await before(database, scope, asked, "subscription_asked", _subscription, scope.client)


async def find(database: Database, scope: Scope, id: str) -> Subscription | None:
    """A subscription that the scope sees. Raises Unavailable."""
    return await _changed(database, scope, "subscription_find", id)


async def count(database: Database, scope: Scope) -> int:
    """How many the scope's client keeps, or the certification body. Raises Unavailable."""
    async with database.entered(*scope.entry) as connection:
        found: int = await connection.fetchval(query("subscription_count"), scope.tenant, scope.client)
    return found


async def listed(database: Database, scope: Scope, before: str | None, limit: int) -> Sequence[Subscription]:
    """The subscriptions that the scope sees, by id, beyond `before`. Raises Unavailable."""
    async with database.entered(*scope.entry) as connection:
        return [
            _subscription(row)
            for row in await connection.fetch(query("subscription_list"), scope.tenant, before, limit)
        ]


async def lags(database: Database, scope: Scope, ids: Sequence[str]) -> dict[str, Lag]:
    """How far each of these is behind. Raises Unavailable."""
    async with database.entered(*scope.entry, seconds=LONG) as connection:
        found = await connection.fetch(query("subscription_lag"), scope.tenant, list(ids), AHEAD)
    return {
        row["id"]: Lag(
            row["pending"],
            row["beyond"],
            min((at for at in (row["pending_since"], row["since"]) if at is not None), default=None),
            row["next_at"],
        )
        for row in found
    }


async def turned(database: Database, scope: Scope, id: str, state: State, why: str = "") -> Subscription | None:
    """Paused or resumed; None for an unknown one. A resumed one forgets the tries of what is pending."""
    return await _changed(database, scope, "subscription_state", id, state, why)


async def replayed(database: Database, scope: Scope, id: str, place: Position) -> Subscription | None:
    """Set to a position; None for an unknown one. What is pending up to it is given up, what follows comes again."""
    return await _changed(database, scope, "subscription_replay", id, *place, rows.position(*place))


async def rotated(
    database: Database, scope: Scope, id: str, secret: str, until: datetime, asked: Asked | None = None
) -> tuple[Subscription, bool] | None:
    """With a new secret; the one before signs beside it `until` then. None for an unknown subscription.

    The answer says whether it is new: not where the last rotation was by this very request. Raises KeyReused.
    """
    async with database.entered(*scope.entry) as connection:
        held = await connection.fetchrow(query("subscription_lock"), scope.tenant, id)
        if held is None:
            return None
        if is_repeat(asked, held["rotated_key"], held["rotated_sha256"]):
            return _subscription(held), False
        before = read(held["secrets"])
        kept = [Secret(secret=before[0].secret, until=until), *before[1:]]
        secrets = written([Secret(secret=secret), *kept[:MOST_SECRETS]])
        row = await connection.fetchrow(query("subscription_secrets"), scope.tenant, id, secrets, *stored(asked))
    return None if row is None else (_subscription(row), True)


MOST_SECRETS = 4
"""How many former secrets are kept: a header has to hold a signature by each."""


async def delete(database: Database, scope: Scope, id: str) -> bool:
    """Ends a subscription with all that is known of its deliveries; False for an unknown one."""
    async with database.entered(*scope.entry) as connection:
        return await connection.fetchval(query("subscription_delete"), scope.tenant, id) is not None


async def now_place(database: Database, scope: Scope) -> Position:
    """Where the feed ends: whatever is recorded from now on comes after it."""
    async with database.entered(*scope.entry) as connection:
        return await _end(connection)


async def place_since(database: Database, scope: Scope, at: datetime) -> Position:
    """Just before the first event that was recorded at an instant or later."""
    async with database.entered(*scope.entry, seconds=LONG) as connection:
        # First the end: what is recorded between the two statements must not be missed.
        end = await _end(connection)
        row = await connection.fetchrow(query("subscription_since"), scope.tenant, at)
    return end if row is None else (row["epoch"], row["xid"], row["n"] - 1)


async def _end(connection: Connection) -> Position:
    row = await connection.fetchrow(query("subscription_now"))
    if row is None:
        raise RuntimeError("subscription_now answered no row")
    return row["epoch"], row["horizon"] - 1, LAST


async def _changed(database: Database, scope: Scope, statement: str, id: str, *values: object) -> Subscription | None:
    async with database.entered(*scope.entry) as connection:
        row = await connection.fetchrow(query(statement), scope.tenant, id, *values)
    return None if row is None else _subscription(row)


async def begin(database: Database, tenant: str, id: str) -> Subscription | None:
    """Takes over a subscription for delivery, from whoever had it; None where it is gone. Raises Unavailable."""
    return await _changed(database, Scope(tenant), "subscription_begin", id)


def _subscription(row: asyncpg.Record) -> Subscription:
    values = {name: row[name] for name in Subscription.model_fields if name not in ("place", "secrets")}
    return Subscription(**values, place=(row["epoch"], row["xid"], row["n"]), secrets=read(row["secrets"]))
