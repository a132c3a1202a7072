"""The inbox: what waits on somebody, what is to be acted on first; and the other views of the same list."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import get_args

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response
from uuid_utils.compat import uuid7

from activities.ledger.protocol import Unavailable
from activities.reads import desk
from activities.reads.desk import Counts
from activities.reads.waiting import waiting
from services.api.admission import keeps
from services.api.context import Api, TheApi, now, of
from services.auth import Caller
from services.console.frame import following, words
from services.console.frame.asked import understood
from services.console.frame.following import Rows, followed
from services.console.frame.navigation import HOME
from services.console.frame.paged import Paged
from services.console.frame.rendering import page
from services.console.lists import docket, items, saved, triage, views
from services.console.lists.docket import Due
from services.console.lists.items import Found
from services.console.lists.views import Asked, View
from services.console.things import clients
from services.signin.viewer import TheViewer, Viewer
from workflows.grades import Grade
from workflows.nonconformity.case import Reached
from workflows.people import Role

router = APIRouter(prefix=HOME.rstrip("/"), route_class=Paged, include_in_schema=False)


@dataclass(frozen=True, slots=True)
class Tab:
    """A view that is offered, with how many cases it has; beyond a bound, that there are more."""

    view: View
    title: str
    count: str | None


@router.get("/")
async def inbox(request: Request, api: TheApi, viewer: TheViewer) -> Response:
    """The page of a view, as its address asks for it; without a word, what its reader begins with."""
    asked, faults = understood(Asked, request)
    if asked.q and "view" not in request.query_params:
        return RedirectResponse(asked.address(view="all"), 303)
    caller = viewer.caller
    filters = await saved.filters(api, caller)
    if not request.url.query and (first := saved.start(filters)):
        return RedirectResponse(first, 303)
    audits = await _audits(api, caller)
    counted = await desk.counts(api.database, caller.scope, audits, caller.actor.id, now())
    found, due = await _shown(api, caller, asked, audits)
    opened, broken = await saved.tabs(api, caller, filters, asked, audits)
    shown = _rows(found, due)
    return page(
        request,
        "inbox.html",
        viewer,
        asked=asked,
        faults=faults,
        statuses=get_args(Reached),
        grades=get_args(Grade),
        found=found,
        docket=due,
        clients=await clients.offered(api, caller, [*asked.client, *(row["client"] for row in shown)]),
        left_behind=await _left_behind(api, caller, asked),
        live=following.address("cases", request, shown),
        tabs=_tabs(caller, counted),
        saved=opened,
        broken=broken,
        reason=triage.note(""),
        may_triage=asked.view == "triage" and caller.holds(Role.AUDITOR),
        key=str(uuid7()),
        may_report=caller.holds(Role.AUDITOR),
        may_accept=asked.view == "mine" and caller.holds(Role.AUDITOR, Role.REVIEWER),
    )


@followed("cases", HOME, "nonconformity", "committee_review")
async def rows(request: Request, viewer: Viewer) -> Rows:
    """What the page of a view shows: its cases, and the docket over them."""
    api, caller = of(request), viewer.caller
    asked, _ = understood(Asked, request)
    return _rows(*await _shown(api, caller, asked, await _audits(api, caller)))


def _rows(found: Found, due: Sequence[Due]) -> Rows:
    return [*(one.row for one in due), *(one.row for one in found.items)]


async def _shown(api: Api, caller: Caller, asked: Asked, audits: Sequence[str]) -> tuple[Found, Sequence[Due]]:
    due = await docket.docket(api, caller) if asked.view == "mine" else ()
    return await items.found(api, caller, asked, audits), due


async def _left_behind(api: Api, caller: Caller, asked: Asked) -> int:
    """How much waits on people who left, for who administers the body; none where that takes too long to know."""
    if asked.view != "mine" or not keeps(caller):
        return 0
    with suppress(Unavailable):
        return len(await waiting(api.database, caller.tenant, seconds=saved.PATIENCE))
    return 0


async def _audits(api: Api, caller: Caller) -> Sequence[str]:
    return await desk.audits_of(api.database, caller.scope, caller.actor) if caller.holds(Role.AUDITOR) else ()


def _tabs(caller: Caller, counts: Counts) -> list[Tab]:
    """The views that make sense for somebody."""
    offered: list[tuple[View, int | None, bool]] = [
        ("mine", None, True),
        ("audits", counts.audited, caller.holds(Role.AUDITOR)),
        ("assigned", counts.assigned, counts.assigned > 0),
        ("overdue", counts.overdue, True),
        ("triage", counts.triage, caller.holds(Role.AUDITOR) or counts.triage > 0),
        ("living", counts.living, True),
        ("all", None, True),
    ]
    return [
        Tab(view, views.TITLES[view], None if count is None else words.counted(count, desk.MOST_COUNTED))
        for view, count, shown in offered
        if shown
    ]
