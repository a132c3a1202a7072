"""Deliveries of a subscription: each event with its attempts, the last request and what was answered to it."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import Field
from starlette.responses import Response
from uuid_utils.compat import uuid7

from activities.directory import deliveries, subscriptions
from activities.directory.deliveries import Became, Delivery
from activities.ledger.protocol import Scope
from services.api import lists
from services.api.answers import Json
from services.api.context import Api, TheApi, TheCaller
from services.api.direct import Direct
from services.api.lists import Filters
from services.api.openapi import PAGE, answers, parameters
from services.api.subscribing import admitted, nudge, seen
from services.problems import UnknownThing

router = APIRouter(prefix="/v1/subscriptions/{id}", tags=["subscriptions"], route_class=Direct, responses={403: {}})

DELIVERY = {
    "type": "object",
    "required": ["event_id", "type", "stream", "seq", "position", "state", "attempts", "next_at", "request", "answer"],
    "properties": {
        "event_id": {"type": "string"},
        "state": {"enum": ["pending", "delivered", "failed", "skipped"]},
        "attempts": {"type": "integer"},
        "next_at": {"type": ["string", "null"], "description": "of what is pending: null is as soon as it can be"},
        "request": {"type": ["object", "null"], "description": "headers, size and SHA-256 of the last attempt's body"},
        "answer": {"type": ["object", "null"], "description": "status, first 2 kB, error and time of the last attempt"},
    },
}


class Deliveries(Filters):
    """Which deliveries."""

    state: Became | None = Field(default=None, description="what became of the event")


@router.post(
    "/test",
    summary="Send a test event",
    status_code=202,
    operation_id="test_subscription",
    openapi_extra=answers(DELIVERY, status="202", says="Sent soon, once; `Location` says what was answered."),
)
async def test(id: str, api: TheApi, caller: TheCaller) -> Response:
    """An event of type `closeout.test`, sent even while the subscription is paused or parked."""
    scope = admitted(caller)
    one = await seen(api, scope, id)
    at = await subscriptions.now_place(api.database, scope)
    entered = await deliveries.tried(api.database, scope, one.id, uuid7(), at)
    if entered is None:
        raise UnknownThing(thing="subscription", id=id[:128])
    nudge(api, caller, id)
    return Json(_view(entered), 202, {"Location": f"/v1/subscriptions/{one.id}/deliveries/{entered.event_id}"})


@router.get(
    "/deliveries",
    summary="List deliveries",
    operation_id="list_deliveries",
    openapi_extra=parameters(Deliveries) | answers(PAGE),
)
async def index(id: str, request: Request, api: TheApi, caller: TheCaller) -> Response:
    """A page of deliveries, the last event first; those that ended are kept for 30 days."""
    scope = admitted(caller)
    one = await seen(api, scope, id)
    wanted = lists.query(Deliveries, request)
    shown, following = await listed(api, scope, one.id, wanted.cursor, wanted.state, wanted.limit)
    return Json(lists.body(request, [_view(each) for each in shown], following))


async def listed(
    api: Api, scope: Scope, id: str, cursor: str | None, state: Became | None, limit: int
) -> tuple[Sequence[Delivery], str | None]:
    """Deliveries of a subscription, the last event first, and where the next page begins. Raises Unavailable."""
    position, _, event = (cursor or "").partition(" ")
    before = (position, UUID(event)) if event else None
    found = await deliveries.listed(api.database, scope, id, before, None if state is None else [state], limit + 1)
    return lists.cut(found, limit, lambda one: f"{one.position} {one.event_id}")


@router.get(
    "/deliveries/{event}", summary="Read a delivery", operation_id="get_delivery", openapi_extra=answers(DELIVERY)
)
async def detail(id: str, event: str, api: TheApi, caller: TheCaller) -> Response:
    """What became of one event."""
    scope = admitted(caller)
    one = await seen(api, scope, id)
    return Json(_view(_found(await deliveries.find(api.database, scope, one.id, _event(event)), event)))


@router.post(
    "/deliveries/{event}/redeliver",
    summary="Deliver an event again",
    status_code=202,
    operation_id="redeliver",
    openapi_extra=answers(DELIVERY, status="202", says="Sent soon, if the subscription is active."),
)
async def redeliver(id: str, event: str, api: TheApi, caller: TheCaller) -> Response:
    """Sends one event again, whatever became of it."""
    scope = admitted(caller)
    one = await seen(api, scope, id)
    again = _found(await deliveries.again(api.database, scope, one.id, _event(event)), event)
    nudge(api, caller, id)
    return Json(_view(again), 202, {"Location": f"/v1/subscriptions/{one.id}/deliveries/{again.event_id}"})


def _event(given: str) -> UUID:
    try:
        return UUID(given)
    except ValueError:
        raise UnknownThing(thing="delivery", id=given[:128]) from None


def _found(delivery: Delivery | None, event: str) -> Delivery:
    if delivery is None:
        raise UnknownThing(thing="delivery", id=event[:128])
    return delivery


def _view(delivery: Delivery) -> dict[str, Any]:
    return delivery.model_dump(mode="json", exclude={"asked", "tries"})
