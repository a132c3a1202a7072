"""Committee reviews: what there is to decide, and one review as it stands."""

import json
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from activities.reads import reviews as reads
from services.api.context import TheApi
from services.console.forms.subject import PATHS, seen
from services.console.frame.paged import Paged
from services.console.frame.rendering import page
from services.console.lists import docket
from services.console.lists.inbox import PAGE
from services.console.things import history
from services.signin.viewer import TheViewer
from workflows.committee.review import Review
from workflows.committee.standing import standing as votes_standing
from workflows.people import Role

KIND = "committee_review"
FIRST = ("vote", "decide", "convene", "recuse")
"""The commands that people give on a review, in the order in which they are offered."""

router = APIRouter(prefix=PATHS[KIND], route_class=Paged, include_in_schema=False)


@router.get("")
async def index(request: Request, api: TheApi, viewer: TheViewer, before: str = "") -> Response:
    """The reviews, those that a committee member sits on where they are one, the latest first."""
    caller = viewer.caller
    member = caller.actor.id if caller.holds(Role.COMMITTEE_MEMBER) else None
    found = await reads.listed(api.database, caller.scope, None, None, member, before[:128] or None, PAGE)
    items: list[dict[str, Any]] = json.loads(found.items)
    return page(request, "reviews.html", viewer, items=items, following=found.last, member=member)


@router.get("/{id}")
async def detail(id: str, request: Request, api: TheApi, viewer: TheViewer, recorded: str = "") -> Response:
    """One review: its papers, who sits on it, the votes, and what they came to."""
    found = await seen(api, viewer.caller, KIND, id)
    review: Review = found.state
    first = docket.task(review, viewer.caller.actor, found.standing.allowed)
    order = [first.command, *FIRST] if first else FIRST
    return page(
        request,
        "review.html",
        viewer,
        id=id,
        found=found,
        seq=found.standing.seq,
        review=review,
        papers=review.papers,
        votes=votes_standing(review),
        can=sorted((one.command for one in found.standing.allowed if one.why_not is None), key=order.index),
        cannot=[one for one in found.standing.allowed if one.why_not is not None],
        names=found.names,
        signings=history.signings(found.history),
        recorded=next((event for event in found.history if recorded == str(event.seq)), None),
    )
