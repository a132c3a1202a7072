"""The registry of people: names, roles and mail addresses by id. Events carry ids alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import asyncpg

from activities.directory.mail import Modes
from activities.ledger.database import Database
from activities.ledger.queries import query
from workflows.people import Person, Role


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page of people begins: beyond this name and id."""

    name: str = ""
    id: str = ""


@dataclass(frozen=True, slots=True)
class Known:
    """A person of the registry. `seen_at` is when they came last with newer proof of who they are.

    `has_address` is whether mail can be sent to them, `modes` how they wish to be told; `left_at` since when they are
    noted as having left (`activities.directory.departures`).
    """

    id: str
    name: str
    roles: Sequence[Role]
    client: str | None
    seen_at: datetime
    has_address: bool
    modes: Modes
    left_at: datetime | None


async def remember(database: Database, tenant: str, person: Person, since: datetime) -> datetime | None:
    """Enters a person as they are known since an instant; what is known since later stays.

    Of who left nothing is entered: answers since when they have. Raises Unavailable.
    """
    async with database.entered(tenant) as connection:
        left_at: datetime | None = await connection.fetchval(
            query("person_remember"),
            tenant,
            person.id,
            person.name,
            sorted(person.roles),
            person.client,
            since,
            person.email,
        )
    return left_at


async def find(database: Database, tenant: str, id: str) -> Known | None:
    """A person by their id; None for one who is unknown. Raises Unavailable."""
    async with database.entered(tenant) as connection:
        row = await connection.fetchrow(query("person_find"), tenant, id)
    return None if row is None else _known(row)


async def listed(
    database: Database,
    tenant: str,
    after: Place,
    limit: int,
    role: Role | None = None,
    client: str | None = None,
    left: bool | None = None,
) -> Sequence[Known]:
    """People by name, beyond a place; with a role, of a client, gone or here, where it is given. Raises Unavailable."""
    values = after.name, after.id, limit, role, client, left
    async with database.entered(tenant) as connection:
        return [_known(row) for row in await connection.fetch(query("people_list"), tenant, *values)]


def _known(row: asyncpg.Record) -> Known:
    return Known(
        id=row["id"],
        name=row["name"],
        roles=sorted(map(Role, row["roles"])),
        client=row["client"],
        seen_at=row["seen_at"],
        has_address=row["has_address"],
        modes=Modes(**{name: row[name] for name in Modes.model_fields}),
        left_at=row["left_at"],
    )
