"""What the console reads for somebody's desk: how many cases each view has, cases with their states, names, audits."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from activities import badges
from activities.ledger import policies, rows
from activities.ledger.database import Database
from activities.ledger.protocol import Scope, Stream
from activities.ledger.queries import query
from activities.reads.nonconformities import LONG
from workflows.decider import Decider
from workflows.nonconformity.case import Case
from workflows.people import Actor, folded

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
    found = await _standing(database, scope, "read_cases_standing", ids, law)
    return {stream.name.partition("/")[2]: stream for stream in found}


async def named(database: Database, scope: Scope, names: Collection[str], law: Decider[Any]) -> Mapping[str, Stream]:
    """Streams of one kind by name as they stand, without their clients; as `cases` otherwise. Raises Unavailable."""
    return {stream.name: stream for stream in await _standing(database, scope, "streams_named", names, law)}


async def _standing(
    database: Database, scope: Scope, statement: str, wanted: Collection[str], law: Decider[Any]
) -> Sequence[Stream]:
    async with database.entered(*scope.entry, seconds=LONG) as connection:
        fetched = await connection.fetch(query(statement), scope.tenant, list(wanted))
    stood = [row for row in fetched if row["state_version"] == law.version]
    found = await policies.found(database, scope.tenant, stood)
    return [rows.stream(scope.tenant, row["stream"], row, policies.read(law.state, row, found)) for row in stood]


async def names(database: Database, scope: Scope, ids: Collection[str], client: str | None = None) -> Mapping[str, str]:
    """The names of people by id, as far as the scope sees them; of clients' people those of `client`, if one is given.

    Raises Unavailable.
    """
    async with database.entered(*scope.entry) as connection:
        found = await connection.fetch(query("read_people_named"), scope.tenant, list(ids), client)
    return {row["id"]: row["name"] for row in found}


async def left(
    database: Database, scope: Scope, named: Collection[str], client: str | None = None
) -> Mapping[str, datetime]:
    """Since when those have left whom these ids and names name, as far as the scope sees them; `client` as in `names`.

    A name that somebody bears who is here is theirs. Raises Unavailable.
    """
    if not named:
        return {}
    words = sorted({word for one in named for word in (one.lower(), folded(one))})
    async with database.entered(*scope.entry) as connection:
        found = await connection.fetch(query("read_people_called"), scope.tenant, list(named), words, client)
    gone: dict[str, datetime] = {}
    for one in named:
        since = [row["left_at"] for row in found if Actor(id=row["id"], name=row["name"]).is_called(one)]
        if since and None not in since:
            gone[one] = max(since)
    return gone


async def audits_of(database: Database, scope: Scope, actor: Actor) -> Sequence[str]:
    """The keys of the audits on whose team somebody is, by id or name. Raises Unavailable."""
    team = sorted(badges.called(actor.id, actor.name))
    async with database.entered(*scope.entry) as connection:
        found = await connection.fetch(query("read_audits_of"), scope.tenant, team, MOST_AUDITS)
    return [row["id"] for row in found]
