"""The docket of a committee member: the reviews on which they have something to do, and why, by the rules."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from activities.reads import desk, reviews
from services.api import streams
from services.api.context import Api, now
from services.auth import Caller
from services.console.frame.catalogue import mark
from services.console.things.work import Task
from workflows.committee.review import Review
from workflows.committee.rules import PROCEDURE, CommitteeReview
from workflows.decider import Facts, stream_of
from workflows.people import Actor, Role
from workflows.procedure import Allowed

MOST = 25
"""Reviews that are looked at, the latest."""

VOTE = Task("vote", mark("You sit on it, and have not voted yet."))
DECIDE = Task("decide", mark("The votes carry a decision: record it."))
AGAIN = Task("vote", mark("All have voted, and no choice has the majority: a vote can be changed."))

LAW = CommitteeReview()


@dataclass(frozen=True, slots=True)
class Due:
    """A review as lists show it, and what the reader has to do with it."""

    row: dict[str, Any]
    task: Task


async def docket(api: Api, caller: Caller) -> Sequence[Due]:
    """The reviews that wait on a committee member; none for others. Raises Unavailable."""
    if not caller.holds(Role.COMMITTEE_MEMBER):
        return []
    found = await reviews.listed(api.database, caller.scope, "convened", None, caller.actor.id, None, MOST)
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


def task(review: Review, actor: Actor, allowed: Sequence[Allowed]) -> Task | None:
    """What a member has to do on a review: vote, record what the votes carry, or nothing while others have to vote."""
    open_now = {one.command for one in allowed if one.why_not is None}
    voted = {vote.person for vote in review.votes}
    if "vote" in open_now and actor.id not in voted:
        return VOTE
    if "decide" in open_now:
        return DECIDE
    return AGAIN if "vote" in open_now and voted.issuperset(review.sitting) else None
