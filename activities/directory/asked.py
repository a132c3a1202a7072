"""What was asked for under an Idempotency-Key: a thing with a secret is made once, and changed once, for each key."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

import asyncpg

from activities.ledger.database import Database
from activities.ledger.protocol import Scope, Unavailable
from activities.ledger.queries import query
from activities.ledger.refusals import KeyReused

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that its caller may repeat: the `key` it came under, and the digest of its body in hexadecimal."""

    key: str
    sha256: str


def stored(asked: Asked | None) -> tuple[str | None, str | None]:
    """Key and digest as rows hold them."""
    return (None, None) if asked is None else (asked.key, asked.sha256)


def is_repeat(asked: Asked | None, key: str | None, sha256: str | None) -> bool:
    """Whether this was asked for before, under the key and digest of a row. Raises KeyReused for another request.

    A row without a digest has forgotten it with its secrets, and is what the key stands for in any case.
    """
    if asked is None or asked.key != key:
        return False
    if sha256 not in (None, asked.sha256):
        raise KeyReused
    return True


async def once(enter: Callable[[], Awaitable[T]], find: Callable[[], Awaitable[T | None]]) -> tuple[T, bool]:
    """What is entered, and whether this did it: who loses a race to enter the same finds what the other entered.

    Raises what both raise, and Unavailable where it is gone again.
    """
    try:
        return await enter(), True
    except asyncpg.UniqueViolationError as error:
        found = await find()
        if found is None:
            raise Unavailable("the same was made by another request just now") from error
        return found, False


async def before(
    database: Database,
    scope: Scope,
    asked: Asked | None,
    named: str,
    read: Callable[[asyncpg.Record], T],
    *owner: object,
) -> T | None:
    """What this request made before, found by the query of that name (tenant, owner, key); None where it is new.

    Raises KeyReused, Unavailable.
    """
    if asked is None:
        return None
    async with database.entered(*scope.entry) as connection:
        row = await connection.fetchrow(query(named), scope.tenant, *owner, asked.key)
    return read(row) if row and is_repeat(asked, row["asked_key"], row["asked_sha256"]) else None
