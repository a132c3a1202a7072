"""Sign-ins that wait for the issuer's answer: kept here and not in the browser, good once, and for minutes."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from activities.directory.secret import digest
from activities.ledger.database import Database
from activities.ledger.queries import query
from workflows.people import Frozen

PATIENCE = timedelta(minutes=10)
"""How long somebody may take at the issuer."""


class Pending(Frozen):
    """What we need to know when the issuer answers; `next` is where the person wants to go."""

    nonce: str
    verifier: str
    next: str
    fresh: bool
    begun_at: datetime


@dataclass(frozen=True, slots=True)
class Begun:
    """A sign-in that was begun, and the state by which its answer is known."""

    state: str
    pending: Pending


async def begin(database: Database, tenant: str, browser: str, next: str, fresh: bool, now: datetime) -> Begun:
    """Enters a sign-in of the browser with this secret in its cookie; forgets those past. Raises Unavailable."""
    state = secrets.token_urlsafe(32)
    nonce, verifier = secrets.token_urlsafe(32), secrets.token_urlsafe(64)
    async with database.entered(tenant) as connection:
        await connection.execute(query("sign_in_prune"), tenant, now - PATIENCE)
        await connection.execute(
            query("sign_in_begin"), tenant, digest(state), digest(browser), nonce, verifier, next, fresh, now
        )
    return Begun(state, Pending(nonce=nonce, verifier=verifier, next=next, fresh=fresh, begun_at=now))


async def take(database: Database, tenant: str, browser: str, state: str, now: datetime) -> Pending | None:
    """The sign-in of a state, this once; None for one that is unknown, used, too old or another browser's.

    Raises Unavailable.
    """
    async with database.entered(tenant) as connection:
        row = await connection.fetchrow(query("sign_in_take"), tenant, digest(state))
    if row is None or row["browser"] != digest(browser) or now - row["begun_at"] >= PATIENCE:
        return None
    return Pending(**{name: row[name] for name in Pending.model_fields})
