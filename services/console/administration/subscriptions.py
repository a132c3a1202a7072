"""Subscriptions at the console: how far behind each is, its deliveries, and what is done to it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from fastapi import APIRouter, Depends, Request
from starlette.responses import RedirectResponse, Response

from activities.directory.asked import Asked
from services.api import deliveries, subscriptions
from services.api.context import Api, TheApi
from services.api.deliveries import Deliveries
from services.api.lists import Filters
from services.api.subscribing import NOW, admitted, seen
from services.api.subscriptions import NewSubscription, Replay
from services.auth import Caller
from services.console.administration import secrets
from services.console.administration.asking import Form
from services.console.administration.sections import SUBSCRIPTIONS, begins, confirmed, following, shown
from services.console.forms.existing import clients_offered
from services.console.forms.fields import Advice
from services.console.frame.asked import understood
from services.console.frame.catalogue import gettext
from services.console.frame.paged import Paged
from services.console.frame.words import humanised
from services.console.things import clients
from services.signin.viewer import TheActor, TheSender, TheViewer
from workflows.registry import DECIDERS

MOMENTS = ("created_at", "last_success_at", "last_failure_at", "next_attempt_at")


async def _keeper(viewer: TheViewer) -> None:
    admitted(viewer.caller)


router = APIRouter(prefix=SUBSCRIPTIONS, route_class=Paged, include_in_schema=False, dependencies=[Depends(_keeper)])


async def _subscribing(api: Api, caller: Caller) -> Form[NewSubscription]:
    title, does = gettext("Subscribe to events"), gettext("Subscribe")
    lead = gettext("Its secret is shown once, after this form. No types and no kinds are all of them.")
    return Form(
        NewSubscription,
        title,
        does,
        SUBSCRIPTIONS,
        lead,
        {"kinds": [(one, humanised(one)) for one in sorted(DECIDERS)], **await clients_offered(api, caller)},
        advice={"from": Advice(gettext("now, beginning, a position of the feed, or a day such as 2026-03-01"))},
    )


def _replaying(id: str) -> Form[Replay]:
    title, does = gettext("Send events again"), gettext("Send them again")
    lead = gettext("From a position of the feed, or from a date: one of the two. What waits from before is given up.")
    advice = {
        "position": Advice(gettext("As deliveries and the feed name it")),
        "since": Advice(gettext("A day or an instant, such as 2026-03-01 or 2026-03-01T09:00:00Z")),
    }
    return Form(Replay, title, does, f"{SUBSCRIPTIONS}/{id}", lead, advice=advice)


@router.get("")
async def index(request: Request, api: TheApi, viewer: TheViewer) -> Response:
    """The subscriptions, the newest first, each with its state and how far behind it is."""
    wanted, faults = understood(Filters, request)
    before = begins(request, wanted, faults)
    found, last = await subscriptions.listed(api, admitted(viewer.caller), before, wanted.limit)
    more = following(request, last)
    items = [_timed(one) for one in found]
    called = await clients.named(api, viewer.caller, [one["client"] for one in items])
    return shown(request, "subscriptions.html", viewer, items=items, clients=called, faults=faults, more=more)


@router.get("/new")
async def begin(request: Request, api: TheApi, viewer: TheViewer) -> Response:
    """The form of a new subscription."""
    return (await _subscribing(api, viewer.caller)).page(request, viewer, {"from": [NOW]})


@router.post("/new")
async def subscribe(request: Request, api: TheApi, sender: TheSender) -> Response:
    """Subscribes, and shows the secret, this once."""

    async def subscribed(wanted: NewSubscription, asked: Asked | None) -> Response:
        one, secret = await subscriptions.subscribed(api, sender.viewer.caller, wanted, asked)
        return secrets.told(request, sender.viewer, one.url, secret, SUBSCRIPTIONS)

    return await (await _subscribing(api, sender.looks.caller)).done(request, sender, subscribed)


@router.get("/{id}")
async def detail(id: str, request: Request, api: TheApi, viewer: TheViewer) -> Response:
    """One subscription, and a page of its deliveries with request and answer."""
    scope = admitted(viewer.caller)
    one = await seen(api, scope, id)
    wanted, faults = understood(Deliveries, request)
    before = begins(request, wanted, faults)
    found, last = await deliveries.listed(api, scope, one.id, before, wanted.state, wanted.limit)
    path = f"{SUBSCRIPTIONS}/{one.id}"
    told = _timed(await subscriptions.told(api, scope, one))
    more = following(request, last, state=wanted.state)
    return shown(
        request,
        "subscription.html",
        viewer,
        one=told,
        clients=await clients.named(api, viewer.caller, [told["client"]]),
        deliveries=found,
        asked=wanted,
        faults=faults,
        path=path,
        more=more,
    )


@router.get("/{id}/replay")
async def choose(id: str, request: Request, api: TheApi, viewer: TheViewer) -> Response:
    """The form by which events are sent again."""
    one = await seen(api, admitted(viewer.caller), id)
    return _replaying(one.id).page(request, viewer, {})


@router.post("/{id}/replay")
async def replay(id: str, request: Request, api: TheApi, sender: TheSender) -> Response:
    """Sets a subscription to a position or a date."""
    one = await seen(api, admitted(sender.looks.caller), id)

    async def replayed(wanted: Replay, _: Asked | None) -> Response:
        await subscriptions.replayed(api, sender.viewer.caller, one.id, wanted)
        return RedirectResponse(f"{SUBSCRIPTIONS}/{one.id}", 303)

    return await _replaying(one.id).done(request, sender, replayed)


@router.post("/{id}/deliveries/{event}/redeliver")
async def redeliver(id: str, event: str, api: TheApi, viewer: TheActor) -> Response:
    """Sends one event again."""
    await deliveries.redeliver(id, event, api, viewer.caller)
    return RedirectResponse(f"{SUBSCRIPTIONS}/{id}", 303)


@router.post("/{id}/end")
async def end(id: str, api: TheApi, viewer: TheActor) -> Response:
    """Ends a subscription, and forgets its deliveries."""
    await subscriptions.end(id, api, viewer.caller)
    return confirmed(SUBSCRIPTIONS, "subscription")


@router.post("/{id}/pause")
async def pause(id: str, api: TheApi, viewer: TheActor) -> Response:
    """Sends nothing until it is resumed."""
    await subscriptions.pause(id, api, viewer.caller)
    return RedirectResponse(f"{SUBSCRIPTIONS}/{id}", 303)


@router.post("/{id}/resume")
async def resume(id: str, api: TheApi, viewer: TheActor) -> Response:
    """Goes on where it was paused or parked."""
    await subscriptions.resume(id, api, viewer.caller)
    return RedirectResponse(f"{SUBSCRIPTIONS}/{id}", 303)


@router.post("/{id}/test")
async def test(id: str, api: TheApi, viewer: TheActor) -> Response:
    """Sends an event that says nothing but that it is a test."""
    await deliveries.test(id, api, viewer.caller)
    return RedirectResponse(f"{SUBSCRIPTIONS}/{id}", 303)


def _timed(one: Mapping[str, Any]) -> dict[str, Any]:
    """A subscription as it is told, its instants as such."""
    return {**one, **{name: datetime.fromisoformat(one[name]) for name in MOMENTS if one[name]}}
