"""Committee reviews: what there is to decide, and one review as it stands."""

import json
from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from activities.reads import desk
from activities.reads import reviews as reads
from activities.reads.pages import Page
from services.api.context import Api, TheApi, of
from services.auth import Caller
from services.console.forms.subject import seen
from services.console.frame import following
from services.console.frame.following import Rows, followed
from services.console.frame.navigation import PATHS
from services.console.frame.paged import Paged
from services.console.frame.rendering import page
from services.console.lists.items import PAGE
from services.console.things import clients, history, sitting, votes
from services.signin.viewer import TheViewer, Viewer
from workflows.committee.review import Review
from workflows.committee.rules import CommitteeReview
from workflows.committee.standing import standing as votes_standing
from workflows.decider import stream_of
from workflows.people import Role

KIND = "committee_review"
LAW = CommitteeReview()
FIRST = ("vote", "decide", "convene", "recuse")
"""The commands that people give on a review, in the order in which they are offered."""
SHOWN = {"cast", "sitting", "tie", "winner"}
"""What lists show of how the votes stand."""

router = APIRouter(prefix=PATHS[KIND], route_class=Paged, include_in_schema=False)


@router.get("")
async def index(request: Request, api: TheApi, viewer: TheViewer, before: str = "") -> Response:
    """The reviews, those that a committee member sits on where they are one, the latest first."""
    member = _member(viewer.caller)
    found = await _listed(api, viewer.caller, before)
    items = await stood(api, viewer.caller, json.loads(found.items))
    live = following.address("reviews", request, items)
    return page(
        request,
        "reviews.html",
        viewer,
        items=items,
        clients=await clients.named(api, viewer.caller, [row["client"] for row in items]),
        following=found.last,
        member=member,
        live=live,
    )


@followed("reviews", PATHS[KIND], KIND)
async def rows(request: Request, viewer: Viewer) -> Rows:
    """What a page of reviews shows."""
    found = await _listed(of(request), viewer.caller, request.query_params.get("before", ""))
    return await stood(of(request), viewer.caller, json.loads(found.items))


async def stood(api: Api, caller: Caller, items: Sequence[dict[str, Any]]) -> Sequence[dict[str, Any]]:
    """Rows of a list with how the votes of each stand, and whether the reader is recused. Raises Unavailable."""
    named = [stream_of(KIND, row["id"]) for row in items]
    states = await desk.named(api.database, caller.scope, named, LAW) if items else {}
    told = {name: _stood(one.state, caller) for name, one in states.items() if isinstance(one.state, Review)}
    return [{**row, **told.get(name, {})} for row, name in zip(items, named, strict=True)]


def _stood(review: Review, caller: Caller) -> dict[str, Any]:
    is_out = caller.actor.id in (one.person for one in review.recused)
    return {**votes_standing(review).model_dump(include=SHOWN), "recused": is_out}


async def _listed(api: Api, caller: Caller, before: str) -> Page:
    return await reads.listed(api.database, caller.scope, None, None, _member(caller), before[:128] or None, PAGE)


def _member(caller: Caller) -> str | None:
    """Whose reviews are listed; None for all."""
    return caller.actor.id if caller.holds(Role.COMMITTEE_MEMBER) else None


@router.get("/{id}")
async def detail(id: str, request: Request, api: TheApi, viewer: TheViewer, recorded: str = "") -> Response:
    """One review: its papers, who sits on it, the votes, and what they came to."""
    found = await seen(api, viewer.caller, KIND, id)
    review: Review = found.state
    first = sitting.task(review, viewer.caller.actor, found.standing.allowed)
    order = [first.command, *FIRST] if first else FIRST
    can = sitting.offered(review, viewer.caller.actor, found.standing.allowed)
    case = found.digest.case if found.digest else None
    decision = case.decision if case else None
    return page(
        request,
        "review.html",
        viewer,
        id=id,
        found=found,
        seq=found.standing.seq,
        review=review,
        papers=review.papers,
        lacks=votes_standing(review).lacking,
        recused=votes.recused,
        missing=votes.KNOWN,
        carried=decision.effect if decision and decision.review == id else "",
        touched=[one.certificate for one in case.touched if one.review == id] if case else [],
        digest=found.digest,
        task=first,
        too_few=sitting.too_few(review),
        can=sorted(can, key=order.index),
        cannot=[one for one in found.standing.allowed if one.why_not is not None],
        names=found.names,
        signings=history.signings(found.history),
        recorded=found.recorded(recorded),
    )
