"""How people want to be told, and the secret addresses of their calendars."""

import re
import secrets
from datetime import datetime

from activities.directory.mail import Modes
from activities.directory.secret import digest
from activities.ledger.database import Database
from activities.ledger.queries import query
from workflows.people import Person

_FORM = re.compile(r"(?P<tenant>[a-z0-9][a-z0-9-]{0,62})\.(?P<secret>[\w-]{43})", re.ASCII)


class Wishes(Modes):
    """How somebody wants to be told; `zone` None is their client's. `calendar_at` is when their calendar was made."""

    zone: str | None = None
    calendar_at: datetime | None = None


async def find(database: Database, tenant: str, person: str) -> Wishes:
    """What somebody wishes. Raises Unavailable, as all of these do."""
    async with database.entered(tenant) as connection:
        row = await connection.fetchrow(query("mail_wishes_find"), tenant, person)
    return Wishes() if row is None else Wishes(**dict(row))


async def keep(database: Database, tenant: str, person: str, modes: Modes, zone: str | None) -> None:
    """Keeps what somebody wishes."""
    async with database.entered(tenant) as connection:
        await connection.execute(query("mail_wishes_keep"), tenant, person, modes.cases, modes.dates, modes.talk, zone)


async def publish(database: Database, tenant: str, person: str, now: datetime) -> str:
    """A new secret address for somebody's calendar, shown this once; the one before is good no more."""
    secret = secrets.token_urlsafe(32)
    async with database.entered(tenant) as connection:
        await connection.execute(query("calendar_keep"), tenant, person, digest(secret), now)
    return f"{tenant}.{secret}"


async def withdraw(database: Database, tenant: str, person: str) -> None:
    """Ends the address of somebody's calendar."""
    async with database.entered(tenant) as connection:
        await connection.execute(query("calendar_keep"), tenant, person, None, None)


async def reader(database: Database, text: str) -> tuple[str, Person] | None:
    """Whose calendar it is, with their tenant, as they are known now; None for an unknown or withdrawn address."""
    form = _FORM.fullmatch(text)
    if form is None:
        return None
    async with database.entered(form["tenant"]) as connection:
        row = await connection.fetchrow(query("calendar_find"), form["tenant"], digest(form["secret"]))
    return None if row is None else (form["tenant"], Person(**dict(row)))
