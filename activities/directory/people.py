"""The registry of people: names, roles and mail addresses by id. Events carry ids alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

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

    `has_address` is whether mail can be sent to them, `modes` how they wish to be told.
    """

    id: str
    name: str
    roles: Sequence[Role]
    client: str | None
    seen_at: datetime
    has_address: bool
    modes: Modes


async def remember(database: Database, tenant: str, person: Person, since: datetime) -> None:
    """Enters a person as they are known since an instant; what is known since later stays. Raises Unavailable."""
    async with database.entered(tenant) as connection:
        await connection.execute(
            query("person_remember"),
            tenant,
            person.id,
            person.name,
            sorted(person.roles),
            person.client,
            since,
            person.email,
        )


async def listed(
    database: Database, tenant: str, after: Place, limit: int, role: Role | None = None, client: str | None = None
) -> Sequence[Known]:
    """People by name, beyond a place; with a role and of a client, where they are given. Raises Unavailable."""
    values = after.name, after.id, limit, role, client
    async with database.entered(tenant) as connection:
        rows = await connection.fetch(query("people_list"), tenant, *values)
    return [
        Known(
            id=row["id"],
            name=row["name"],
            roles=sorted(map(Role, row["roles"])),
            client=row["client"],
            seen_at=row["seen_at"],
            has_address=row["has_address"],
            modes=Modes(**{name: row[name] for name in Modes.model_fields}),
        )
        for row in rows
    ]
