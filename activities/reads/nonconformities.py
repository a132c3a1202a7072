"""Lists and look-ups of nonconformities."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from activities.ledger.database import Database
from activities.ledger.protocol import Scope
from activities.ledger.queries import query
from activities.reads.pages import Page, page
from workflows.nonconformity.case import LIVE
from workflows.nonconformity.commands import Side

LONG = 5.0
"""Seconds that a look-up of many cases may take."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a list is to show; None and empty mean any. `requirement` is a clause, alone or after its standard.

    `asks` is the side that has something to do or to answer.
    """

    status: Sequence[str] = ()
    grade: Sequence[str] = ()
    client: Sequence[str] = ()
    waiting_on: Sequence[str] = ()
    requirement: str | None = None
    source: str | None = None
    external_id: str | None = None
    audit: Sequence[str] = ()
    site: str | None = None
    assignee: str | None = None
    overdue: bool | None = None
    due_before: datetime | None = None
    updated_since: datetime | None = None
    q: str | None = None
    asks: Side | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """A case by its id."""

    number: str | None
    status: str
    recurred: bool


async def listed(
    database: Database,
    scope: Scope,
    wanted: Wanted,
    now: datetime,
    before: str | None,
    limit: int,
    *,
    by_act: bool = False,
    after_act: datetime | None = None,
) -> Page:
    """A page, the newest report first; `by_act` what is to be acted on first, of what is overdue what was due first.

    A page by act goes on after the case `before`, which is to be acted on, or was due, at `after_act`. Raises
    Unavailable.
    """
    values = _values(wanted, by_act=by_act)
    row = await database.page("read_nonconformities", *scope.entry, now, before, limit, *values, by_act, after_act)
    return page(row)


async def counted(
    database: Database, scope: Scope, wanted: Sequence[tuple[Wanted, bool]], now: datetime, most: int, seconds: float
) -> Sequence[int]:
    """How many cases each of these lists has, up to `most`, all within so many seconds.

    The flag of each says that all of it lives, so that it is found as a page by act is. Raises Unavailable.
    """
    async with database.transaction(seconds=seconds) as connection:
        statement, at = query("count_nonconformities"), (*scope.entry, now, None, most)
        return [
            await connection.fetchval(statement, *at, *_values(one, by_act=by_act), by_act, None)
            for one, by_act in wanted
        ]


async def passing(
    database: Database, scope: Scope, wanted: Wanted, now: datetime, ids: Sequence[str]
) -> frozenset[str]:
    """Of these cases, those that a list would show now. Raises Unavailable."""
    row = await database.page(
        "read_passing", *scope.entry, now, None, len(ids), *_values(wanted), False, None, list(ids)
    )
    return frozenset(row["ids"])


def _values(wanted: Wanted, *, by_act: bool = False) -> Sequence[object]:
    """The filters of a list as the database takes them.

    What lives is not asked for twice, as a page `by_act` shows nothing else: the planner would take it for rarer.
    """
    status = () if by_act and frozenset(wanted.status) >= LIVE else wanted.status
    return (
        list(status) or None,
        list(wanted.grade) or None,
        list(wanted.client) or None,
        list(wanted.waiting_on) or None,
        wanted.requirement,
        wanted.source,
        wanted.external_id,
        list(wanted.audit) or None,
        wanted.site,
        wanted.assignee,
        wanted.overdue,
        wanted.due_before,
        wanted.updated_since,
        wanted.q,
        wanted.asks,
    )


async def seen_among(database: Database, scope: Scope, streams: Sequence[str]) -> frozenset[str]:
    """Of these streams, those that the scope sees. Raises Unavailable."""
    async with database.entered(*scope.entry, seconds=LONG) as connection:
        rows = await connection.fetch(query("read_seen_among"), scope.tenant, streams)
    return frozenset(row["stream"] for row in rows)


async def known(database: Database, tenant: str, cases: Sequence[str]) -> dict[str, Known]:
    """Number and status of cases by id, and whether each is a recurrence. Raises Unavailable."""
    async with database.entered(tenant, seconds=LONG) as connection:
        rows = await connection.fetch(query("read_known"), tenant, cases)
    return {row["id"]: Known(row["number"], row["status"], row["recurred"]) for row in rows}
