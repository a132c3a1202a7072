"""The inbox: what waits on somebody, what is to be acted on first; and the other views of the same list."""

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from activities.ledger.protocol import Stream
from activities.reads import desk
from activities.reads import nonconformities as reads
from activities.reads.desk import Counts
from services.api import streams
from services.api.context import Api, TheApi, now
from services.auth import Caller
from services.console.frame.asked import understood
from services.console.frame.navigation import HOME
from services.console.frame.paged import Paged
from services.console.frame.rendering import page
from services.console.lists import docket, saved, views
from services.console.lists.views import Asked, View
from services.console.things.work import Task, task
from services.signin.viewer import TheViewer
from workflows.decider import Command
from workflows.nonconformity.case import Case
from workflows.nonconformity.rules import PROCEDURE, Nonconformity
from workflows.people import Role

PAGE = 25
"""Cases on a page."""

LOOKS = 4
"""How many pages of candidates are looked through for a page of what is somebody's own to do."""

router = APIRouter(prefix=HOME.rstrip("/"), route_class=Paged, include_in_schema=False)
LAW = Nonconformity()


@dataclass(frozen=True, slots=True)
class Item:
    """A case of the list: as lists show it, and what the reader has to do with it, if anything."""

    row: dict[str, Any]
    act_at: datetime | None
    task: Task | None


@dataclass(frozen=True, slots=True)
class Found:
    """A page of the list, and the address of the next one."""

    items: Sequence[Item]
    following: str | None


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
    caller = viewer.caller
    filters = await saved.filters(api, caller)
    if not request.url.query and (first := saved.start(filters)):
        return RedirectResponse(first, 303)
    called = [name for name in (caller.actor.id, caller.actor.name) if name]
    audits = await desk.audits_of(api.database, caller.scope, called) if caller.holds(Role.AUDITOR) else ()
    counted = await desk.counts(api.database, caller.scope, audits, caller.actor.id, now())
    found = await _found(api, caller, asked, audits)
    opened, broken = await saved.tabs(api, caller, filters, asked, audits)
    return page(
        request,
        "inbox.html",
        viewer,
        asked=asked,
        faults=faults,
        found=found,
        docket=await docket.docket(api, caller) if asked.view == "mine" else (),
        tabs=_tabs(caller, counted),
        saved=opened,
        broken=broken,
        may_triage=asked.view == "triage" and caller.holds(Role.AUDITOR),
        may_accept=asked.view == "mine" and caller.holds(Role.AUDITOR, Role.REVIEWER),
    )


async def _found(api: Api, caller: Caller, asked: Asked, audits: Sequence[str]) -> Found:
    """The page that is asked for; for what is one's own to do, several pages of candidates are looked through."""
    wanted = views.wanted(caller, asked, audits)
    if wanted is None:
        return Found((), None)
    mine = asked.view == "mine" and not asked.status
    by_act = views.lives(wanted)
    last = _place(asked.after)
    items: list[Item] = []
    for _ in range(LOOKS if mine else 1):
        at = now()
        rows = await reads.listed(
            api.database, caller.scope, wanted, at, last[1], PAGE, by_act=by_act, after_act=last[0]
        )
        told: list[dict[str, Any]] = json.loads(rows.items)
        found = await _tasked(api, caller, told, at)
        for item in found:
            last = item.act_at, item.row["id"]
            if item.task or not mine:
                items.append(item)
            if len(items) == PAGE:
                break
        more = rows.last is not None or (found and last[1] != found[-1].row["id"])
        if len(items) == PAGE or not more:
            return Found(items, asked.address(after=_marked(last)) if more else None)
    return Found(items, asked.address(after=_marked(last)))


async def _tasked(api: Api, caller: Caller, rows: Sequence[dict[str, Any]], at: datetime) -> list[Item]:
    """Rows of a list with what the reader has to do, in one read of their states."""
    stood = await desk.cases(api.database, caller.scope, [row["id"] for row in rows], LAW)
    items = []
    for row in rows:
        stream = stood.get(row["id"])
        act_at = datetime.fromisoformat(row["act_at"]) if row["act_at"] else None
        items.append(Item(row, act_at, await _task(api, caller, stream, at) if stream else None))
    return items


async def _task(api: Api, caller: Caller, stream: Stream, at: datetime) -> Task | None:
    """What somebody has to do on a case, by the rules that would decide it."""
    known = await streams.facts(api, caller.scope, stream, Command(id="", name="", actor=caller.actor), at)
    state = stream.state
    if not isinstance(state, Case):
        return None
    return task(state, caller.actor, PROCEDURE.allowed(state, streams.context(api, stream, caller.actor, known, at)))


def _tabs(caller: Caller, counts: Counts) -> list[Tab]:
    """The views that make sense for somebody."""
    ours = caller.actor.client is None
    offered: list[tuple[View, int | None, bool]] = [
        ("mine", None, True),
        ("audits", counts.audited, caller.holds(Role.AUDITOR)),
        ("assigned", counts.assigned, counts.assigned > 0),
        ("overdue", counts.overdue, True),
        ("triage", counts.triage, ours),
        ("living", counts.living, True),
        ("all", None, True),
    ]
    return [Tab(view, views.TITLES[view], _counted(count)) for view, count, shown in offered if shown]


def _counted(count: int | None) -> str | None:
    if count is None:
        return None
    return f"{desk.MOST_COUNTED - 1}+" if count >= desk.MOST_COUNTED else str(count)


def _marked(last: tuple[datetime | None, str | None]) -> str:
    """Where a page ends, for the address of the next one."""
    text = f"{last[0].isoformat() if last[0] else ''} {last[1]}"
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _place(given: str | None) -> tuple[datetime | None, str | None]:
    """What a mark says; the beginning for anything else."""
    if not given:
        return None, None
    try:
        text = base64.urlsafe_b64decode(given.encode("ascii") + b"=" * (-len(given) % 4)).decode()
        at, _, case = text.partition(" ")
        return (datetime.fromisoformat(at).astimezone() if at else None), case or None
    except ValueError:
        return None, None
