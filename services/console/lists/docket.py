"""The docket of who sits on committees or seats them: the reviews that wait on them, and why, by the rules."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from activities.reads import desk, reviews
from services.api import streams
from services.api.context import Api, now
from services.auth import Caller
from services.console.things.sitting import task
from services.console.things.work import Task
from workflows.committee.review import Review
from workflows.committee.rules import PROCEDURE, CommitteeReview
from workflows.decider import Facts, stream_of
from workflows.people import MANAGERS, Role

MOST = 100
"""Reviews that are looked at, the latest."""

LAW = CommitteeReview()


@dataclass(frozen=True, slots=True)
class Due:
    """A review as lists show it, and what the reader has to do with it."""

    row: dict[str, Any]
    task: Task


async def docket(api: Api, caller: Caller) -> Sequence[Due]:
    """The reviews that wait on a committee member, or on who convenes them; none for others. Raises Unavailable."""
    seats = caller.holds(*MANAGERS)
    if not seats and not caller.holds(Role.COMMITTEE_MEMBER):
        return []
    member = None if seats else caller.actor.id
    found = await reviews.listed(api.database, caller.scope, "convened", None, member, None, MOST)
    rows: list[dict[str, Any]] = json.loads(found.items)
    named = [stream_of("committee_review", row["id"]) for row in rows]
    stood = await desk.named(api.database, caller.scope, named, LAW) if rows else {}
    due: list[Due] = []
    for row, name in zip(rows, named, strict=True):
        stream = stood.get(name)
        if stream is None or not isinstance(stream.state, Review):
            continue
        known = streams.context(api, stream, caller.actor, Facts(api.policies), now())
        found_task = task(stream.state, caller.actor, PROCEDURE.allowed(stream.state, known))
        if found_task is not None:
            due.append(Due(row, found_task))
    return due
