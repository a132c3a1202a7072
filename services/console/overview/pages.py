"""The page of the overview, and its tables as CSV. Who sees what is as in lists: by row-level security."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Request
from pydantic import Field, ValidationInfo, field_validator
from starlette.responses import Response

from activities.ledger.database import Database
from activities.reads import overview as reads
from activities.reads.clients import Names
from services.api.context import Api, TheApi, now
from services.api.lists import Several, Word
from services.auth import Caller
from services.console.frame.asked import address, understood
from services.console.frame.catalogue import mark
from services.console.frame.navigation import HOME
from services.console.frame.paged import Paged
from services.console.frame.reader import reader
from services.console.frame.rendering import page
from services.console.overview import clocks, kinds, loads
from services.console.overview.figure import Figure, csv
from services.console.things import clients
from services.problems import UnknownThing
from services.signin.viewer import TheViewer, Viewer
from workflows.people import Frozen

PATH = f"{HOME}overview"
USUAL = 365
"""Days of the period where the address names none; it ends today."""

PERIODS = ((30, mark("30 days")), (91, mark("3 months")), (USUAL, mark("12 months")), (5 * USUAL, mark("5 years")))
"""The periods that are offered, in days up to today."""

Day = Annotated[date, Field(ge=date(1970, 1, 1), le=date(2199, 12, 31))]

router = APIRouter(prefix=PATH, route_class=Paged, include_in_schema=False)


class Asked(Frozen):
    """What the address says: the first and the last day of the period, in the reader's zone, and clients by key."""

    since: Day | None = None
    until: Day | None = None
    client: Annotated[tuple[Word, ...], Several] = ()

    @field_validator("until")
    @classmethod
    def _after(cls, until: date | None, told: ValidationInfo) -> date | None:
        since = told.data.get("since")
        if since and until and until < since:
            raise ValueError("a period ends after it begins")
        return until

    def days(self, today: date) -> tuple[date, date]:
        """The first and the last day that are meant."""
        last = self.until or max(today, self.since or today)
        return self.since or last - timedelta(days=USUAL - 1), last

    def address(self, path: str = PATH, **other: Any) -> str:
        """This address, or one below it, with these values otherwise; None and empty are left out."""
        return address(path, self.model_dump(exclude_defaults=True) | other)


@router.get("")
async def overview(request: Request, api: TheApi, viewer: TheViewer) -> Response:
    """The page."""
    asked, faults = understood(Asked, request)
    at = now()
    today = at.astimezone(reader(request, at).zone).date()
    found = await _found(request, api.database, viewer.caller, asked, at)
    since, until = asked.days(today)
    known = await _clients(api, viewer, [*asked.client, *(one.client for one in found.audits)])
    return page(
        request,
        "overview.html",
        viewer,
        asked=asked,
        clients=known,
        faults=faults,
        since=since,
        until=until,
        periods=[_offered(asked, words, days, today) for days, words in PERIODS],
        totals=found.totals,
        figures=_figures(found, asked, viewer.caller, known),
        path=PATH,
    )


@router.get("/{key}.csv")
async def table(key: str, request: Request, api: TheApi, viewer: TheViewer) -> Response:
    """The table of one figure. Raises UnknownThing."""
    asked, _ = understood(Asked, request)
    found = await _found(request, api.database, viewer.caller, asked, now())
    known = await _clients(api, viewer, [one.client for one in found.audits])
    figure = next((one for one in _figures(found, asked, viewer.caller, known) if one.key == key), None)
    if figure is None:
        raise UnknownThing(thing="figure", id=key[:80])
    headers = {"Content-Disposition": f'attachment; filename="{figure.key}.csv"'}
    return Response(csv(figure), media_type="text/csv; charset=utf-8", headers=headers)


def _offered(asked: Asked, words: str, days: int, today: date) -> tuple[str, str, bool]:
    """A period up to today: its words, its address, and whether it is the one that is shown."""
    since = today - timedelta(days=days - 1)
    return words, asked.address(since=since, until=None), asked.days(today) == (since, today)


async def _found(request: Request, database: Database, caller: Caller, asked: Asked, at: datetime) -> reads.Overview:
    zone = reader(request, at).zone
    since, until = asked.days(at.astimezone(zone).date())
    begins = datetime.combine(since, time(), zone)
    ends = datetime.combine(until + timedelta(days=1), time(), zone)
    return await reads.overview(database, caller.scope, begins, ends, asked.client, at)


async def _clients(api: Api, viewer: Viewer, keys: Sequence[str]) -> Names:
    """What clients are called: a client's people know their own."""
    ours = viewer.caller.actor.client
    return await clients.offered(api, viewer.caller, keys) if ours is None else Names({ours: viewer.client or ours})


def _figures(found: reads.Overview, asked: Asked, caller: Caller, known: Names) -> list[Figure]:
    """The figures that make sense for somebody: a client's people have one client."""
    ours = caller.actor.client is None
    return [
        clocks.ages(found),
        clocks.overdue(found),
        clocks.closing(found),
        kinds.causes(found),
        kinds.requirements(found, asked.client),
        kinds.repeats(found, asked.client),
        kinds.heat(found),
        *([loads.clients(found, lambda key: asked.address(client=key))] if ours else []),
        loads.audits(found, known),
    ]
