"""What the console reads for somebody's desk: how many cases each view has, cases with their states, names, audits."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import asyncpg
from pydantic import BaseModel

from activities.ledger import policies
from activities.ledger.database import Database
from activities.ledger.known import client_of
from activities.ledger.protocol import Scope, Stream
from activities.ledger.queries import query
from activities.reads.nonconformities import LONG
from workflows.decider import Client, Decider
from workflows.nonconformity.case import Case

MOST_COUNTED = 1000
"""Beyond so many, a count says that there are more."""

MOST_AUDITS = 500
"""How many audits of a person are looked at: the latest."""


@dataclass(frozen=True, slots=True)
class Counts:
    """How many cases each view has, at most MOST_COUNTED."""

    overdue: int
    triage: int
    assigned: int
    audited: int
    living: int


async def counts(database: Database, scope: Scope, audits: Sequence[str], me: str, now: datetime) -> Counts:
    """How many cases each view of a person has. Raises Unavailable."""
    values = now, list(audits), me, MOST_COUNTED
    return Counts(**await database.page("read_desk_counts", *scope.entry, *values))


async def cases(database: Database, scope: Scope, ids: Collection[str], law: Decider[Case]) -> Mapping[str, Stream]:
    """Cases by id as they stand, each with its client, as far as the scope sees them. Raises Unavailable.

    One whose state another version of the law left is missing, until the worker has folded it anew.
    """
    async with database.entered(*scope.entry, seconds=LONG) as connection:
        rows = await connection.fetch(query("read_cases_standing"), scope.tenant, list(ids))
    rows = [row for row in rows if row["state_version"] == law.version]
    found = await policies.found(database, scope.tenant, rows)
    return {
        row["id"]: _stream(
            scope.tenant,
            row,
            policies.read(law.state, row, found),
            None if row["client"] is None else client_of(row["client"], row),
        )
        for row in rows
    }


async def named(database: Database, scope: Scope, names: Collection[str], law: Decider[Any]) -> Mapping[str, Stream]:
    """Streams of one kind by name as they stand, without their clients; as `cases` otherwise. Raises Unavailable."""
    async with database.entered(*scope.entry, seconds=LONG) as connection:
        rows = await connection.fetch(query("streams_named"), scope.tenant, list(names))
    rows = [row for row in rows if row["state_version"] == law.version]
    found = await policies.found(database, scope.tenant, rows)
    return {row["stream"]: _stream(scope.tenant, row, policies.read(law.state, row, found)) for row in rows}


def _stream(tenant: str, row: asyncpg.Record, state: BaseModel, client: Client | None = None) -> Stream:
    return Stream(
        tenant=tenant,
        name=row["stream"],
        seq=row["seq"],
        head=row["head"].hex(),
        state=state,
        last_at=row["last_at"],
        next_wakeup=row["next_wakeup"],
        owed=tuple(row["owed"]),
        lives=row["lives"],
        client=client,
    )


async def names(database: Database, scope: Scope, ids: Collection[str], client: str | None = None) -> Mapping[str, str]:
    """The names of people by id, as far as the scope sees them; of clients' people those of `client`, if one is given.

    Raises Unavailable.
    """
    async with database.entered(*scope.entry) as connection:
        rows = await connection.fetch(query("read_people_named"), scope.tenant, list(ids), client)
    return {row["id"]: row["name"] for row in rows}


async def audits_of(database: Database, scope: Scope, called: Collection[str]) -> Sequence[str]:
    """The keys of the audits on whose team somebody is who is called so, by id or name. Raises Unavailable."""
    async with database.entered(*scope.entry) as connection:
        rows = await connection.fetch(query("read_audits_of"), scope.tenant, list(called), MOST_AUDITS)
    return [row["id"] for row in rows]
