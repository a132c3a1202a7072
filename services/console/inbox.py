"""The inbox: what waits on somebody, what is to be acted on first; and the other views of the same list."""

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated, Any, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from pydantic import field_validator
from starlette.responses import Response

from activities.ledger.protocol import Stream
from activities.reads import desk, reviews
from activities.reads import nonconformities as reads
from activities.reads.desk import Counts
from services.api import streams
from services.api.context import Api, TheApi, now
from services.api.lists import Several, Word
from services.api.nonconformities import requirement
from services.auth import Caller
from services.console.asked import understood
from services.console.catalogue import mark
from services.console.navigation import HOME
from services.console.paged import Paged
from services.console.rendering import page
from services.console.work import Task, side_of, task
from services.signin.viewer import TheViewer
from workflows.decider import Command
from workflows.nonconformity.case import LIVE, Case, Reached
from workflows.nonconformity.rules import PROCEDURE, Nonconformity
from workflows.people import Frozen, Role
from workflows.policy import Grade

PAGE = 25
"""Cases on a page."""

LOOKS = 4
"""How many pages of candidates are looked through for a page of what is somebody's own to do."""

View = Literal["mine", "audits", "assigned", "overdue", "triage", "living", "all"]

router = APIRouter(prefix=HOME.rstrip("/"), route_class=Paged, include_in_schema=False)
LAW = Nonconformity()
LIVING: tuple[str, ...] = tuple(sorted(LIVE))


class Asked(Frozen):
    """What the address of the inbox says: a view, filters as the API has them, and after which case a page begins."""

    view: View = "mine"
    q: Word | None = None
    status: Annotated[tuple[Reached, ...], Several] = ()
    grade: Annotated[tuple[Grade, ...], Several] = ()
    client: Annotated[tuple[Word, ...], Several] = ()
    requirement: Word | None = None
    audit: Annotated[tuple[Word, ...], Several] = ()
    site: Word | None = None
    after: Word | None = None

    @field_validator("requirement")
    @classmethod
    def _named(cls, given: str | None) -> str | None:
        return given and requirement(given)

    @property
    def filtered(self) -> bool:
        """Whether anything but the view narrows the list."""
        return bool(self.q or self.status or self.grade or self.client or self.requirement or self.audit or self.site)

    def address(self, **other: Any) -> str:
        """The inbox as asked for, with these values otherwise; None and empty are left out."""
        values = self.model_dump(exclude_defaults=True) | other
        told = {name: ",".join(one) if isinstance(one, tuple) else one for name, one in values.items() if one}
        return f"{HOME}?{urlencode(told)}" if told else HOME


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
    """The page of a view, as its address asks for it."""
    asked, faults = understood(Asked, request)
    caller = viewer.caller
    called = [name for name in (caller.actor.id, caller.actor.name) if name]
    audits = await desk.audits_of(api.database, caller.scope, called) if caller.holds(Role.AUDITOR) else ()
    counted = await desk.counts(api.database, caller.scope, side_of(caller.actor), audits, caller.actor.id, now())
    found = await _found(api, caller, asked, audits)
    return page(
        request,
        "inbox.html",
        viewer,
        asked=asked,
        faults=faults,
        found=found,
        docket=await _docket(api, caller, asked),
        tabs=_tabs(caller, counted),
        may_triage=asked.view == "triage" and caller.holds(Role.AUDITOR),
    )


async def _found(api: Api, caller: Caller, asked: Asked, audits: Sequence[str]) -> Found:
    """The page that is asked for; for what is one's own to do, several pages of candidates are looked through."""
    wanted = _wanted(caller, asked, audits)
    if wanted is None:
        return Found((), None)
    mine = asked.view == "mine" and not asked.status
    by_act = bool(wanted.status) and LIVE.issuperset(wanted.status)
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


async def _docket(api: Api, caller: Caller, asked: Asked) -> list[dict[str, Any]]:
    """The reviews to decide on which somebody sits, the latest; in the view of what is their own to do."""
    if asked.view != "mine" or not caller.holds(Role.COMMITTEE_MEMBER):
        return []
    found = await reviews.listed(api.database, caller.scope, "convened", None, caller.actor.id, None, PAGE)
    items: list[dict[str, Any]] = json.loads(found.items)
    return items


def _wanted(caller: Caller, asked: Asked, audits: Sequence[str]) -> reads.Wanted | None:
    """What the database is asked for a view; None where it can have nothing."""
    wanted = reads.Wanted(
        status=asked.status,
        grade=asked.grade,
        client=asked.client,
        requirement=asked.requirement,
        audit=asked.audit,
        site=asked.site,
        q=asked.q,
    )
    living: Sequence[str] = asked.status or LIVING
    match asked.view:
        case "mine":
            return replace(wanted, status=living, asks=side_of(caller.actor))
        case "audits":
            among = [key for key in audits if not asked.audit or key in asked.audit]
            return replace(wanted, status=living, audit=among) if among else None
        case "assigned":
            return replace(wanted, status=living, assignee=caller.actor.id)
        case "overdue":
            return replace(wanted, status=living, overdue=True)
        case "triage":
            return replace(wanted, status=("reported",))
        case "living":
            return replace(wanted, status=living)
        case "all":
            return wanted


def _tabs(caller: Caller, counts: Counts) -> list[Tab]:
    """The views that make sense for somebody."""
    ours = caller.actor.client is None
    offered: list[tuple[View, str, int | None, bool]] = [
        ("mine", mark("Waiting on me"), None, True),
        ("audits", mark("My audits"), counts.audited, caller.holds(Role.AUDITOR)),
        ("assigned", mark("Assigned to me"), counts.assigned, counts.assigned > 0),
        ("overdue", mark("Overdue"), counts.overdue, True),
        ("triage", mark("Triage"), counts.triage, ours),
        ("living", mark("All open"), counts.living, True),
        ("all", mark("All"), None, True),
    ]
    return [Tab(view, title, _counted(count)) for view, title, count, shown in offered if shown]


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
