"""Subscriptions: who is sent the events of the record. docs/events.md says how to receive them."""

from collections.abc import Awaitable, Callable, Container
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Request
from pydantic import Field, StringConstraints, model_validator
from starlette.responses import Response
from uuid_utils.compat import uuid7

from activities.directory import subscriptions
from activities.directory.asked import Asked
from activities.directory.secret import Secret
from activities.directory.subscriptions import Lag, Subscription
from activities.ledger import rows
from activities.ledger.protocol import Scope
from services.api import bodies, lists, streams
from services.api.answers import Json
from services.api.context import Api, TheApi, TheCaller, now
from services.api.direct import Direct
from services.api.lists import Filters
from services.api.openapi import PAGE, answers, body, parameters, secretive
from services.api.secrets import Rotation, shown
from services.api.subscribing import NOW, admitted, date, known, nudge, place, position, seen
from services.auth import Caller
from services.problems import Problem, UnknownThing, fault
from services.subscriptions import signing
from services.subscriptions.addresses import Guard, networks
from services.subscriptions.targets import BadTarget, checked
from services.telling import when
from workflows.people import Frozen
from workflows.procedure import Key
from workflows.registry import DECIDERS, EVENTS
from workflows.sentences import Sentence

MOST = 100
"""So many the certification body may keep, and so many each client."""

SUBSCRIPTION = {
    "type": "object",
    "required": ["id", "url", "client", "types", "kinds", "state", "why", "position", "lag", "next_attempt_at"],
    "properties": {
        "id": {"type": "string"},
        "state": {"enum": ["active", "paused", "parked"]},
        "position": {"type": "string", "description": "what is up to here was taken from the feed"},
        "lag": {
            "type": "object",
            "required": ["events", "seconds"],
            "properties": {
                "events": {"type": "integer", "description": "not delivered; of the feed at most 1,000 are counted"},
                "seconds": {"type": "number", "description": "since the first of them was recorded"},
            },
        },
        "secret": {"type": "string", "description": "of a new one, this once"},
    },
}

router = APIRouter(prefix="/v1/subscriptions", tags=["subscriptions"], route_class=Direct, responses={403: {}})


class NewSubscription(Frozen):
    """Where events are to be sent, which, and from where on."""

    url: Annotated[str, StringConstraints(min_length=1)]
    types: Annotated[tuple[str, ...], Field(max_length=200, description="of events; none are all")] = ()
    kinds: Annotated[tuple[str, ...], Field(max_length=20, description="of streams; none are all")] = ()
    client: Key | None = Field(default=None, description="whose events alone, as that client's people see them")
    start: str = Field(default=NOW, alias="from", description="now, beginning, a position of the feed, or a date")


class Replay(Frozen):
    """From where on events are to be sent again: one of the two."""

    position: str | None = None
    since: str | None = None

    @model_validator(mode="after")
    def _one(self) -> "Replay":
        if (self.position is None) == (self.since is None):
            raise ValueError("Say from where: a position of the feed, or an instant (since), one of the two.")
        return self


@router.post(
    "",
    summary="Subscribe to events",
    status_code=201,
    operation_id="subscribe",
    openapi_extra=secretive(NewSubscription, created=True, schema=SUBSCRIPTION),
)
async def subscribe(request: Request, api: TheApi, caller: TheCaller) -> Response:
    """A new subscription, active at once; `secret` is shown this once: a repeat of the request shows no secret."""
    scope = admitted(caller)
    wanted = await bodies.read(NewSubscription, request)
    kept, secret = await subscribed(api, caller, wanted, bodies.asked(request, wanted))
    return shown(await told(api, scope, kept), "secret", secret, made=f"/v1/subscriptions/{kept.id}")


async def subscribed(
    api: Api, caller: Caller, wanted: NewSubscription, asked: Asked | None
) -> tuple[Subscription, str | None]:
    """A new subscription and its secret, this once: None where this request made it before. Raises Problem, Refusal."""
    scope = admitted(caller)
    if before := await subscriptions.made(api.database, scope, asked):
        return before, None
    _known("types", wanted.types, EVENTS)
    _known("kinds", wanted.kinds, DECIDERS)
    if scope.client is not None and wanted.client not in (None, scope.client):
        raise Problem(403, "another_client", Sentence("The events of another client are not for you."))
    client = scope.client or wanted.client
    if client is not None:
        await streams.registered(api, scope, client)
    try:
        url = await checked(wanted.url, Guard(networks(api.settings.webhook_allow)))
    except BadTarget as bad:
        raise fault("/url", str(bad)) from None
    if await subscriptions.count(api.database, scope) >= MOST:
        says = "There are {most} subscriptions already: end one first."
        raise Problem(409, "too_many_subscriptions", Sentence(says, most=MOST))
    secret = signing.new_secret()
    one = Subscription(
        id=str(uuid7()),
        org=scope.client,
        client=client,
        url=url,
        types=wanted.types,
        kinds=wanted.kinds,
        secrets=(Secret(secret=secret),),
        place=await place(api, scope, "/from", wanted.start),
        created_by=caller.actor.id,
    )
    kept, is_new = await subscriptions.keep(api.database, scope, one, asked)
    nudge(api, caller, kept.id)
    return kept, secret if is_new else None


@router.get(
    "",
    summary="List subscriptions",
    operation_id="list_subscriptions",
    openapi_extra=parameters(Filters) | answers(PAGE),
)
async def index(request: Request, api: TheApi, caller: TheCaller) -> Response:
    """A page of subscriptions, the newest first."""
    scope = admitted(caller)
    wanted = lists.query(Filters, request)
    return Json(lists.body(request, *await listed(api, scope, wanted.cursor, wanted.limit)))


async def listed(api: Api, scope: Scope, before: str | None, limit: int) -> tuple[list[dict[str, Any]], str | None]:
    """Subscriptions as they are told, the newest first, and after which the next page begins."""
    found = await subscriptions.listed(api.database, scope, before, limit + 1)
    page, following = lists.cut(found, limit, lambda one: one.id)
    lags = await subscriptions.lags(api.database, scope, [one.id for one in page])
    at = now()
    return [_view(one, lags[one.id], at) for one in page if one.id in lags], following


@router.get(
    "/{id}", summary="Read a subscription", operation_id="read_subscription", openapi_extra=answers(SUBSCRIPTION)
)
async def detail(id: str, api: TheApi, caller: TheCaller) -> Response:
    """Where it is, and how far behind."""
    scope = admitted(caller)
    return Json(await told(api, scope, await seen(api, scope, id)))


@router.delete("/{id}", summary="End a subscription", operation_id="end_subscription", status_code=204)
async def end(id: str, api: TheApi, caller: TheCaller) -> Response:
    """Ends it, and forgets its deliveries."""
    scope = admitted(caller)
    if not await subscriptions.delete(api.database, scope, known(id)):
        raise UnknownThing(thing="subscription", id=id[:128])
    nudge(api, caller, id)
    return Response(status_code=204)


@router.post(
    "/{id}/pause",
    summary="Pause a subscription",
    operation_id="pause_subscription",
    openapi_extra=answers(SUBSCRIPTION),
)
async def pause(id: str, api: TheApi, caller: TheCaller) -> Response:
    """Nothing is sent until it is resumed; nothing is lost."""
    return await _changed(api, caller, id, lambda scope: subscriptions.turned(api.database, scope, id, "paused"))


@router.post(
    "/{id}/resume",
    summary="Resume a subscription",
    operation_id="resume_subscription",
    openapi_extra=answers(SUBSCRIPTION),
)
async def resume(id: str, api: TheApi, caller: TheCaller) -> Response:
    """Goes on where it was paused or parked: what failed is tried at once, as if for the first time."""
    return await _changed(api, caller, id, lambda scope: subscriptions.turned(api.database, scope, id, "active"))


@router.post(
    "/{id}/replay",
    summary="Send events again",
    operation_id="replay_subscription",
    openapi_extra=body(Replay) | answers(SUBSCRIPTION),
)
async def replay(id: str, request: Request, api: TheApi, caller: TheCaller) -> Response:
    """Sets it to a position, or to a date; what waits from before is given up."""
    admitted(caller)
    return await replayed(api, caller, id, await bodies.read(Replay, request))


async def replayed(api: Api, caller: Caller, id: str, wanted: Replay) -> Response:
    """The subscription, set to where is wanted. Raises Problem and UnknownThing."""
    scope = admitted(caller)
    if wanted.since is not None:
        place = await subscriptions.place_since(api.database, scope, date("/since", wanted.since))
    else:
        place = await position(api, scope, "/position", wanted.position or "")
    return await _changed(api, caller, id, lambda scope: subscriptions.replayed(api.database, scope, id, place))


@router.post(
    "/{id}/rotate-secret",
    summary="Change a subscription's secret",
    operation_id="rotate_subscription_secret",
    openapi_extra=secretive(Rotation, schema=SUBSCRIPTION),
)
async def rotate(id: str, request: Request, api: TheApi, caller: TheCaller) -> Response:
    """A new secret, shown this once; the one before signs beside it for a while."""
    scope = admitted(caller)
    wanted, secret = await bodies.read(Rotation, request), signing.new_secret()
    until = now() + wanted.overlap
    rotated = await subscriptions.rotated(api.database, scope, known(id), secret, until, bodies.asked(request, wanted))
    if rotated is None:
        raise UnknownThing(thing="subscription", id=id[:128])
    one, is_new = rotated
    return shown(await told(api, scope, one), "secret", secret if is_new else None)


async def _changed(
    api: Api, caller: Caller, id: str, change: Callable[[Scope], Awaitable[Subscription | None]]
) -> Response:
    scope = admitted(caller)
    known(id)
    one = await change(scope)
    if one is None:
        raise UnknownThing(thing="subscription", id=id[:128])
    nudge(api, caller, id)
    return Json(await told(api, scope, one))


def _known(name: str, given: tuple[str, ...], there: Container[str]) -> None:
    for n, one in enumerate(given):
        if one not in there:
            raise fault(f"/{name}/{n}", f"there are no such {name}: {one[:80]}")


async def told(api: Api, scope: Scope, one: Subscription) -> dict[str, Any]:
    """A subscription as it is told, with how far behind it is."""
    lags = await subscriptions.lags(api.database, scope, [one.id])
    return _view(one, lags.get(one.id, Lag(0, 0, None, None)), now())


def _view(one: Subscription, lag: Lag, at: datetime) -> dict[str, Any]:
    told = one.model_dump(mode="json", exclude={"secrets", "place", "turn", "org", "next_at"})
    behind = max((at - lag.since).total_seconds(), 0.0) if lag.since else 0.0
    return {
        **told,
        "position": rows.position(*one.place),
        "lag": {"events": lag.pending + lag.beyond, "seconds": round(behind, 3)},
        "next_attempt_at": when(lag.next_at) if one.state == "active" else None,
    }
