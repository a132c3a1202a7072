"""The registry of people: names and roles by id. Events carry ids alone."""

from activities.ledger.database import Database
from activities.ledger.queries import query
from workflows.people import Person


async def remember(database: Database, tenant: str, person: Person) -> None:
    """Enters a person, or what has changed of them. Raises Unavailable."""
    async with database.entered(tenant) as connection:
        await connection.execute(
            query("person_remember"), tenant, person.id, person.name, sorted(person.roles), person.client
        )
