"""The cases on a page of the inbox: looked up by its view, each with what its reader has to do with it."""

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from activities.ledger.protocol import Stream
from activities.reads import desk
from activities.reads import nonconformities as reads
from services.api import streams
from services.api.context import Api, now
from services.auth import Caller
from services.console.lists import views
from services.console.lists.views import Asked
from services.console.things.work import Task, task
from workflows.decider import Command
from workflows.findings import missing_for_issue
from workflows.nonconformity import doubts
from workflows.nonconformity.case import Case
from workflows.nonconformity.rules import PROCEDURE, Nonconformity

PAGE = 25
"""Cases on a page."""

LOOKS = 4
"""How many pages of candidates are looked through for a page of what is somebody's own to do."""

LAW = Nonconformity()


@dataclass(frozen=True, slots=True)
class Item:
    """A case of the list: as lists show it, what the reader has to do with it, if anything, and as it stands."""

    row: dict[str, Any]
    act_at: datetime | None
    due_at: datetime | None
    task: Task | None
    case: Case | None

    @property
    def lacking(self) -> Sequence[str]:
        """What a finding in triage needs before it can be issued, a sentence each."""
        finding = self.case.finding if self.case else None
        return [one.words for one in missing_for_issue(finding)] if finding else ()

    @property
    def restated(self) -> Sequence[str]:
        """What its source states otherwise since it was completed, a sentence each."""
        return doubts.restated(self.case) if self.case else ()


@dataclass(frozen=True, slots=True)
class Found:
    """A page of the list, and the address of the next one."""

    items: Sequence[Item]
    following: str | None


async def found(api: Api, caller: Caller, asked: Asked, audits: Sequence[str]) -> Found:
    """The cases that are asked for; for what is one's own to do, several pages of candidates are looked through."""
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
        candidates = await _tasked(api, caller, told, at)
        for item in candidates:
            last = item.due_at if wanted.overdue else item.act_at, item.row["id"]
            if item.task or not mine:
                items.append(item)
            if len(items) == PAGE:
                break
        more = rows.last is not None or (candidates and last[1] != candidates[-1].row["id"])
        if len(items) == PAGE or not more:
            return Found(items, asked.address(after=_marked(last)) if more else None)
    return Found(items, asked.address(after=_marked(last)))


async def _tasked(api: Api, caller: Caller, rows: Sequence[dict[str, Any]], at: datetime) -> list[Item]:
    """Rows of a list with what the reader has to do, in one read of their states."""
    stood = await desk.cases(api.database, caller.scope, [row["id"] for row in rows], LAW)
    items = []
    for row in rows:
        stream = stood.get(row["id"])
        act_at, due_at = (datetime.fromisoformat(row[on]) if row[on] else None for on in ("act_at", "due_at"))
        case = stream.state if stream is not None and isinstance(stream.state, Case) else None
        items.append(Item(row, act_at, due_at, await _task(api, caller, stream, at) if stream else None, case))
    return items


async def _task(api: Api, caller: Caller, stream: Stream, at: datetime) -> Task | None:
    """What somebody has to do on a case, by the rules that would decide it."""
    known = await streams.facts(api, caller.scope, stream, Command(id="", name="", actor=caller.actor), at)
    state = stream.state
    if not isinstance(state, Case):
        return None
    allowed = PROCEDURE.allowed(state, streams.context(api, stream, caller.actor, known, at))
    return task(state, caller.actor, allowed, stream.client)


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
