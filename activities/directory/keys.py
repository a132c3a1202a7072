"""API keys of machines: shown once, kept as digests, bound to a source, expiring, revocable."""

import hashlib
import hmac
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import asyncpg

from activities.directory.asked import Asked, before, is_repeat, once, stored
from activities.directory.secret import digest
from activities.ledger.database import Database
from activities.ledger.protocol import Scope
from activities.ledger.queries import query
from workflows.decider import Refusal
from workflows.people import Frozen

PREFIX = "ck_"
NOTED = timedelta(minutes=1)
"""The use of a key is written down no more often than this."""

_FORM = re.compile(r"ck_(?P<tenant>[a-z0-9][a-z0-9-]{0,62})_(?P<id>[0-9a-f]{16})_[0-9A-Za-z_-]{20,100}", re.ASCII)


class ApiKey(Frozen):
    """What is known of a key; the key itself is not.

    `rate` is how many requests a minute it may make, None for any number; `former_until` is how long the secret that it
    had before is good for, too.
    """

    id: str
    source: str
    name: str = ""
    client: str | None = None
    may_state_grades: bool = False
    may_create_clients: bool = False
    rate: int | None = None
    created_at: datetime | None = None
    expires_at: datetime | None = None
    former_until: datetime | None = None
    revoked_at: datetime | None = None
    last_used_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Made:
    """A new key: `text` is what its holder gets, this once."""

    id: str
    text: str


def make(tenant: str, seed: bytes | None = None) -> Made:
    """A new key of a tenant; from a secret `seed` of 32 bytes, always the same one."""
    material = secrets.token_bytes(32) if seed is None else seed
    name = hashlib.sha256(b"id\x00" + material).hexdigest()[:16]
    return Made(name, _text(tenant, name, material))


def _text(tenant: str, id: str, material: bytes) -> str:
    return f"{PREFIX}{tenant}_{id}_{hashlib.sha256(b'secret' + bytes(1) + material).hexdigest()}"


async def keep(
    database: Database, tenant: str, key: ApiKey, text: str, asked: Asked | None = None
) -> tuple[ApiKey, bool]:
    """Enters a key by its digest, and whether it is new for this request; one that is there already stays as it is.

    Raises KeyReused, Unavailable.
    """

    async def enter() -> ApiKey:
        async with database.entered(tenant) as connection:
            row = await connection.fetchrow(
                query("key_keep"),
                tenant,
                key.id,
                key.source,
                key.name,
                digest(text),
                key.client,
                key.may_state_grades,
                key.may_create_clients,
                key.expires_at,
                key.rate,
                *stored(asked),
            )
        if row is None:
            raise RuntimeError("key_keep answered no row")
        return _key(row)

    return await once(enter, lambda: made(database, tenant, asked))


async def made(database: Database, tenant: str, asked: Asked | None) -> ApiKey | None:
    """The key that this request made before, None where it is new. Raises KeyReused, Unavailable."""
    return await before(database, Scope(tenant), asked, "key_asked", _key)


class Spent(Exception):
    """A key that has made all the requests it may for now; `wait` is when it may make the next."""

    def __init__(self, key: ApiKey, wait: timedelta) -> None:
        self.key, self.wait = key, wait
        super().__init__(f"key {key.id} may make {key.rate} requests a minute")


class KeyExpired(Refusal):
    """A key past its end, which another secret would not bring back."""

    kind = "conflict"
    code = "expired"
    says = "The API key {id} has expired: make another."


async def recognise(database: Database, text: str, now: datetime) -> tuple[str, ApiKey] | None:
    """The tenant and the key of a text; None for one that is unknown, revoked or expired. Notes the use.

    Raises Spent for a key that asks more often than it may, whichever process it asked before.
    """
    form = _FORM.fullmatch(text)
    if form is None:
        return None
    tenant, name = form["tenant"], form["id"]
    async with database.entered(tenant) as connection:
        row = await connection.fetchrow(query("key_find"), tenant, name)
        if row is None or not _fits(row, digest(text), now):
            return None
        key = _key(row)
        if key.revoked_at is not None or (key.expires_at is not None and key.expires_at <= now):
            return None
        remaining = 0.0
        if key.rate is not None:
            remaining = await connection.fetchval(query("key_spend"), tenant, name, now)
        if key.last_used_at is None or now - key.last_used_at >= NOTED:
            await connection.execute(query("key_used"), tenant, name, now, now - NOTED)
    if key.rate is not None and remaining < 0:
        raise Spent(key, timedelta(minutes=1) * (-remaining / key.rate))
    return tenant, key


def _fits(row: asyncpg.Record, given: bytes, now: datetime) -> bool:
    """Whether it is the digest of the key's secret, or of the one before that, while that is good."""
    if hmac.compare_digest(row["hash"], given):
        return True
    former, until = row["former_hash"], row["former_until"]
    return former is not None and now < until and hmac.compare_digest(former, given)


async def rotate(
    database: Database, tenant: str, id: str, now: datetime, until: datetime, asked: Asked | None = None
) -> tuple[ApiKey, str | None] | None:
    """Gives a key another secret, and the text that its holder gets, this once; the one before is good until then.

    The text is None where its last rotation was by this very request. None for a key that is unknown or revoked.
    Raises KeyExpired, KeyReused, Unavailable.
    """
    text = _text(tenant, id, secrets.token_bytes(32))
    async with database.entered(tenant) as connection:
        held = await connection.fetchrow(query("key_hold"), tenant, id)
        if held is None or held["revoked_at"] is not None:
            return None
        if is_repeat(asked, held["rotated_key"], held["rotated_sha256"]):
            return _key(held), None
        if held["expires_at"] is not None and held["expires_at"] <= now:
            raise KeyExpired(id=id)
        row = await connection.fetchrow(query("key_rotate"), tenant, id, digest(text), until, *stored(asked))
    return None if row is None else (_key(row), text)


async def find(database: Database, tenant: str, id: str) -> ApiKey | None:
    """A key, also one that is revoked; None for an unknown one. Raises Unavailable."""
    async with database.entered(tenant) as connection:
        row = await connection.fetchrow(query("key_find"), tenant, id)
    return None if row is None else _key(row)


async def listed(
    database: Database, tenant: str, before: str | None, limit: int, source: str | None
) -> Sequence[ApiKey]:
    """The keys of a tenant, revoked ones too, by id, beyond `before`; of one source, where given."""
    async with database.entered(tenant) as connection:
        return [_key(row) for row in await connection.fetch(query("key_list"), tenant, before, limit, source)]


async def revoke(database: Database, tenant: str, id: str) -> ApiKey | None:
    """Ends a key for good; None for an unknown one. A revoked one stays revoked since then."""
    async with database.entered(tenant) as connection:
        row = await connection.fetchrow(query("key_revoke"), tenant, id)
    return None if row is None else _key(row)


def _key(row: asyncpg.Record) -> ApiKey:
    return ApiKey(**{name: row[name] for name in ApiKey.model_fields})
