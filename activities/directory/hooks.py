"""Hooks at which other systems report findings of themselves: bound to a source, signed for by the sender's secret."""

import re
import secrets as random
import uuid
from collections.abc import Sequence
from datetime import datetime

import asyncpg

from activities.directory.asked import Asked, before, is_repeat, once, stored
from activities.directory.keys import NOTED
from activities.directory.secret import Secret, read, written
from activities.ledger.database import Database
from activities.ledger.protocol import Scope
from activities.ledger.queries import query
from workflows.people import Frozen

MOST_SECRETS = 3
"""How many secrets a hook has at a time."""

_FORM = re.compile(r"(?P<tenant>[a-z0-9][a-z0-9-]{0,62})_[0-9a-f]{32}", re.ASCII)


class Hook(Frozen):
    """A hook. Its id leads to its tenant, as its address is all that an unauthenticated request brings.

    `forged_at` is when something came last whose signature did not fit, `forged` why it did not.
    """

    id: str
    source: str
    kind: str
    name: str = ""
    client: str | None = None
    may_state_grades: bool = False
    secrets: tuple[Secret, ...] = ()
    created_at: datetime | None = None
    ended_at: datetime | None = None
    last_used_at: datetime | None = None
    forged_at: datetime | None = None
    forged: str | None = None


def new_id(tenant: str) -> str:
    """An id for a new hook of a tenant; nobody guesses it."""
    return f"{tenant}_{random.token_hex(16)}"


def tenant_of(id: str) -> str | None:
    """The tenant to which an id leads; None for what is no id of a hook."""
    form = _FORM.fullmatch(id)
    return form["tenant"] if form else None


def delivery_name(hook: Hook, delivery: str) -> str:
    """What all attempts at a delivery share: no other hook has it, whatever its sender calls its deliveries."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"{hook.id}|{delivery}"))


async def keep(database: Database, tenant: str, hook: Hook, asked: Asked | None = None) -> tuple[Hook, bool]:
    """Enters a hook, and whether it is new: not where this request made it before. Raises KeyReused, Unavailable."""

    async def enter() -> Hook:
        async with database.entered(tenant) as connection:
            row = await connection.fetchrow(
                query("hook_keep"),
                tenant,
                hook.id,
                hook.source,
                hook.kind,
                hook.name,
                hook.client,
                hook.may_state_grades,
                written(hook.secrets),
                *stored(asked),
            )
        if row is None:
            raise RuntimeError("hook_keep answered no row")
        return _hook(row)

    return await once(enter, lambda: made(database, tenant, asked))


async def made(database: Database, tenant: str, asked: Asked | None) -> Hook | None:
    """The hook that this request made before, None where it is new. Raises KeyReused, Unavailable."""
    return await before(database, Scope(tenant), asked, "hook_asked", _hook)


async def find(database: Database, tenant: str, id: str) -> Hook | None:
    """A hook, also one that has ended; None for an unknown one. Raises Unavailable."""
    async with database.entered(tenant) as connection:
        row = await connection.fetchrow(query("hook_find"), tenant, id)
    return None if row is None else _hook(row)


async def listed(database: Database, tenant: str, before: str | None, limit: int, source: str | None) -> Sequence[Hook]:
    """The hooks of a tenant, those too that have ended, by id, beyond `before`; of one source, where given.

    Raises Unavailable.
    """
    async with database.entered(tenant) as connection:
        return [_hook(row) for row in await connection.fetch(query("hook_list"), tenant, before, limit, source)]


async def end(database: Database, tenant: str, id: str) -> Hook | None:
    """Ends a hook for good; None for an unknown one. Raises Unavailable."""
    async with database.entered(tenant) as connection:
        row = await connection.fetchrow(query("hook_end"), tenant, id)
    return None if row is None else _hook(row)


async def rotate(
    database: Database, tenant: str, id: str, secret: str, now: datetime, until: datetime, asked: Asked | None = None
) -> tuple[Hook, bool] | None:
    """With a new secret; the one before proves deliveries beside it `until` then.

    The answer says whether it is new: not where the last rotation was by this very request.
    None for an unknown hook and one that has ended. Raises KeyReused, Unavailable.
    """
    async with database.entered(tenant) as connection:
        held = await connection.fetchrow(query("hook_hold"), tenant, id)
        if held is None or held["ended_at"] is not None:
            return None
        hook = _hook(held)
        if is_repeat(asked, held["rotated_key"], held["rotated_sha256"]):
            return hook, False
        present, *older = hook.secrets
        kept = [Secret(secret=present.secret, until=until), *(one for one in older if one.until and one.until > now)]
        row = await connection.fetchrow(
            query("hook_secrets"),
            tenant,
            id,
            written([Secret(secret=secret), *kept[: MOST_SECRETS - 1]]),
            *stored(asked),
        )
    return None if row is None else (_hook(row), True)


async def used(database: Database, tenant: str, hook: Hook, now: datetime) -> None:
    """Notes a delivery, once a minute at most. Raises Unavailable."""
    if hook.last_used_at is None or now - hook.last_used_at >= NOTED:
        async with database.entered(tenant) as connection:
            await connection.execute(query("hook_used"), tenant, hook.id, now, now - NOTED)


async def forged(database: Database, tenant: str, hook: Hook, why: str, now: datetime) -> None:
    """Notes that something came whose signature does not fit, once a minute at most. Raises Unavailable."""
    if hook.forged_at is None or now - hook.forged_at >= NOTED:
        async with database.entered(tenant) as connection:
            await connection.execute(query("hook_forged"), tenant, hook.id, now, now - NOTED, why)


def _hook(row: asyncpg.Record) -> Hook:
    values = {name: row[name] for name in Hook.model_fields if name != "secrets"}
    return Hook(**values, secrets=read(row["secrets"]))
