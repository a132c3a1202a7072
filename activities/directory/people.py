"""The registry of people: names, roles and mail addresses by id. Events carry ids alone."""

from datetime import datetime

from activities.ledger.database import Database
from activities.ledger.queries import query
from workflows.people import Person


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
