"""Sessions at the console: a secret in a cookie, kept as a digest; idle and absolute limits."""

import hmac
import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

import asyncpg

from activities.directory.secret import digest
from activities.ledger.database import Database
from activities.ledger.queries import query
from workflows.people import Actor, Authentication, Frozen, Person

NOTED = timedelta(minutes=1)
"""The use of a session is written down no more often than this."""

_FORM = re.compile(r"(?P<tenant>[a-z0-9][a-z0-9-]{0,62})\.(?P<name>[0-9a-f]{32})\.(?P<secret>[\w-]{43})", re.ASCII)


class Session(Frozen):
    """Somebody signed in. `authenticated` is None where the issuer did not say when they proved who they are.

    `client_name` is what their client is called, None for who has none, or one that is not registered.
    """

    tenant: str
    id: str
    person: Person
    client_name: str | None
    authenticated: Authentication | None
    csrf: str
    created_at: datetime
    used_at: datetime


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a session is good: since its last use, and since its sign-in."""

    idle: timedelta
    absolute: timedelta


async def begin(
    database: Database,
    tenant: str,
    person: Actor,
    hint: str,
    now: datetime,
    limits: Limits,
    *,
    csrf: str | None = None,
) -> str:
    """Begins a session; the text of its cookie. `hint` is the ID token.

    `csrf` is that of the session of the same person which this one replaces, so that forms that are open go on.
    Forgets sessions past their limits. Raises Unavailable.
    """
    name, secret = secrets.token_hex(16), secrets.token_urlsafe(32)
    proved = person.authenticated
    async with database.entered(tenant) as connection:
        await connection.execute(query("session_prune"), tenant, now - limits.absolute, now - limits.idle)
        await connection.execute(
            query("session_begin"),
            tenant,
            name,
            digest(secret),
            person.id,
            person.name,
            sorted(person.roles),
            person.client,
            csrf or secrets.token_urlsafe(32),
            proved.at if proved else None,
            proved.method.split() if proved else [],
            hint,
            now,
        )
    return f"{tenant}.{name}.{secret}"


async def recognise(
    database: Database, text: str, now: datetime, limits: Limits, *, used: bool = True
) -> Session | None:
    """The session of a cookie's text; None for one that is unknown, ended or past its limits.

    Notes the use, where it is one. Raises Unavailable.
    """
    form = _FORM.fullmatch(text)
    if form is None:
        return None
    tenant, name = form["tenant"], form["name"]
    async with database.entered(tenant) as connection:
        row = await connection.fetchrow(query("session_find"), tenant, name, now - limits.absolute, now - limits.idle)
        if row is None or not hmac.compare_digest(row["hash"], digest(form["secret"])):
            return None
        noted = min(NOTED, limits.idle / 4)
        if used and now - row["used_at"] >= noted:
            await connection.execute(query("session_used"), tenant, name, now, now - noted)
    return _session(tenant, row)


async def end(database: Database, tenant: str, id: str) -> str | None:
    """Ends a session; the ID token of its sign-in, None where it had ended already. Raises Unavailable."""
    async with database.entered(tenant) as connection:
        hint: str | None = await connection.fetchval(query("session_end"), tenant, id)
    return hint


def _session(tenant: str, row: asyncpg.Record) -> Session:
    auth_time: datetime | None = row["auth_time"]
    return Session(
        tenant=tenant,
        id=row["id"],
        person=Person(id=row["person"], name=row["name"], roles=row["roles"], client=row["client"]),
        client_name=row["client_name"],
        authenticated=Authentication(method=" ".join(row["amr"]), at=auth_time) if auth_time else None,
        csrf=row["csrf"],
        created_at=row["created_at"],
        used_at=row["used_at"],
    )
