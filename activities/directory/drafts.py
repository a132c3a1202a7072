"""Drafts: what somebody typed into the form of a command and did not send yet, kept for them alone."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from activities.ledger.database import Database
from activities.ledger.queries import query
from workflows.people import Frozen

LARGEST = 200_000
"""Bytes of what was typed into one form, as JSON."""

MOST = 100
"""Drafts of one person."""

LONGEST = 1000
"""Characters of what a form was opened for."""


class TooLarge(Exception):
    """More was typed than a draft holds."""


class TooMany(Exception):
    """Somebody has as many drafts as they may have."""


@dataclass(frozen=True, slots=True)
class Form:
    """Whose form it is: a person's, of a command about a stream.

    `about` is what it was opened for beyond that, as its address says it (`key=a1`); empty for nothing.
    """

    person: str
    stream: str
    command: str
    about: str = ""


class Draft(Frozen):
    """Texts by the name of their field, and the last event that their form knew of the stream that it is about."""

    seq: int
    typed: Mapping[str, tuple[str, ...]]
    kept_at: datetime


class Listed(Frozen):
    """Of which form there is a draft, and since when."""

    command: str
    about: str
    kept_at: datetime


async def keep(
    database: Database,
    tenant: str,
    form: Form,
    typed: Mapping[str, Sequence[str]],
    seq: int,
    key: str,
    now: datetime,
    since: datetime,
) -> Draft | None:
    """Keeps what was typed, in place of what was; None where the form was sent meanwhile, as the command `key`.

    Forgets drafts that were kept by `since`. Raises TooLarge, TooMany, and Unavailable as all of these do.
    """
    told = json.dumps(typed)
    if len(told) > LARGEST or len(form.about) > LONGEST:
        raise TooLarge
    async with database.entered(tenant) as connection:
        await connection.execute(query("draft_prune"), tenant, since)
        row = await connection.fetchrow(query("draft_keep"), tenant, *_of(form), seq, told, key, MOST, now)
    if row is None:
        raise RuntimeError("draft_keep answered no row")
    if row["is_sent"]:
        return None
    if row["is_full"]:
        raise TooMany
    return Draft(seq=seq, typed={name: tuple(texts) for name, texts in typed.items()}, kept_at=now)


async def find(database: Database, tenant: str, form: Form, since: datetime) -> Draft | None:
    """The draft of a form that was kept since an instant; None where there is none."""
    async with database.entered(tenant) as connection:
        row = await connection.fetchrow(query("draft_find"), tenant, *_of(form), since)
    return None if row is None else Draft(**{**dict(row), "typed": json.loads(row["typed"])})


async def listed(database: Database, tenant: str, person: str, stream: str, since: datetime) -> Sequence[Listed]:
    """The forms about a stream of which somebody has drafts, the latest first."""
    async with database.entered(tenant) as connection:
        rows = await connection.fetch(query("draft_list"), tenant, person, stream, since)
    return [Listed(**dict(row)) for row in rows]


async def discard(database: Database, tenant: str, form: Form) -> None:
    """Forgets the draft of a form."""
    async with database.entered(tenant) as connection:
        await connection.execute(query("draft_discard"), tenant, *_of(form))


def _of(form: Form) -> tuple[str, str, str, str]:
    return form.person, form.stream, form.command, form.about
