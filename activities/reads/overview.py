"""What the overview shows: a certification body's cases, or a client's own, counted in one look at them."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

import asyncpg

from activities.ledger.database import Database
from activities.ledger.protocol import Scope
from activities.ledger.queries import query
from activities.reads.nonconformities import LONG

BANDS = (31, 61, 91, 181)
"""Whole days since the issue with which an age is in the next band."""

LINES = 200
"""How many lines a figure has at most; what is beyond is counted together."""

NAMED = 10
"""How many standards, and how many departments, the heat map names; the others are counted together."""


@dataclass(frozen=True, slots=True)
class Totals:
    """How many cases are open and overdue now, and were issued, closed, and issued as recurrences in the period."""

    open: int
    overdue: int
    issued: int
    closed: int
    again: int


@dataclass(frozen=True, slots=True)
class Aged:
    """Open cases of a grade whose age is in a band: 0 is that before the first of BANDS."""

    band: int
    grade: str
    cases: int


@dataclass(frozen=True, slots=True)
class Late:
    """Cases of a grade whose next deadline is past; `days` are those of the one that is late longest."""

    deadline: str
    grade: str
    cases: int
    days: int


@dataclass(frozen=True, slots=True)
class Closing:
    """Cases that were closed, with the days from issue to close-out; `grade` is None for all grades together."""

    grade: str | None
    cases: int
    median: float
    ninetieth: float


@dataclass(frozen=True, slots=True)
class Share:
    """Cases that have something in common, `again` the recurrences among them.

    `among` is the sum of what the figure counts over all its lines, those beyond LINES too: of a case with two
    requirements each counts.
    """

    name: str
    cases: int
    again: int
    among: int


@dataclass(frozen=True, slots=True)
class Crossed:
    """Cases on a standard found in a department, '' where none is named; None is all others together."""

    standard: str | None
    department: str | None
    cases: int


@dataclass(frozen=True, slots=True)
class Load:
    """What a client, or an audit of a client, has: `name` is the client's name, the audit's reference, '' for none."""

    client: str
    name: str
    open: int
    overdue: int
    issued: int
    closed: int
    again: int


@dataclass(frozen=True, slots=True)
class Overview:
    """Every figure, each with its largest lines first where that is its order."""

    totals: Totals
    ages: Sequence[Aged]
    overdue: Sequence[Late]
    closing: Sequence[Closing]
    requirements: Sequence[Share]
    causes: Sequence[Share]
    repeats: Sequence[Share]
    heat: Sequence[Crossed]
    clients: Sequence[Load]
    audits: Sequence[Load]


T = TypeVar("T")


async def overview(
    database: Database, scope: Scope, since: datetime, until: datetime, clients: Sequence[str], now: datetime
) -> Overview:
    """The figures as a scope sees them; the period ends before `until`, no clients are all. Raises Unavailable."""
    values = scope.tenant, now, since, until, list(clients) or None, LINES, list(BANDS), NAMED, scope.client
    async with database.entered(*scope.entry, seconds=LONG) as connection:
        await connection.execute(query("plan_anew"))
        row = await connection.fetchrow(query("read_overview"), *values)
    if row is None:
        raise LookupError("the overview answered no row")
    return Overview(
        totals=Totals(**json.loads(row["totals"])),
        ages=_lines(row, "ages", Aged),
        overdue=_lines(row, "overdue", Late),
        closing=_lines(row, "closing", Closing),
        requirements=_lines(row, "requirements", Share),
        causes=_lines(row, "causes", Share),
        repeats=_lines(row, "repeats", Share),
        heat=_lines(row, "heat", Crossed),
        clients=_lines(row, "clients", Load),
        audits=_lines(row, "audits", Load),
    )


def _lines(row: asyncpg.Record, figure: str, line: type[T]) -> list[T]:
    return [line(**one) for one in json.loads(row[figure])]
