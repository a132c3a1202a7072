"""The routes of every procedure: one for each command, and one for the events that these left."""

import inspect
from collections.abc import Awaitable, Callable

from fastapi import APIRouter, Request
from starlette.responses import Response

from activities.ledger.histories import whole_history
from services.api import commands, links, streams
from services.api.answers import Json
from services.api.context import Api, TheApi, TheCaller
from services.api.openapi import EVENTS, answers, command_body
from services.auth import Caller
from services.telling import event_view
from workflows.procedure import Body
from workflows.registry import PROCEDURES

Endpoint = Callable[[str, Request, Api, Caller], Awaitable[Response]]
"""What answers a request about the thing with an id."""


def route_events(router: APIRouter, kind: str) -> None:
    """Adds the route that reads the events of a thing of a kind."""

    async def events(id: str, _: Request, api: Api, caller: Caller) -> Response:
        stream = await streams.visible(api, caller, kind, id)
        history = await whole_history(api.ledger, caller.scope, stream.name)
        return Json([event_view(event) for event in history if event.seq <= stream.seq])

    thing = PROCEDURES[kind].thing
    router.add_api_route(
        f"/{{{links.called(kind)}}}/events",
        _called(kind, events),
        name=f"{kind}_events",
        operation_id=links.events(kind),
        summary=f"Read the events of {'an' if thing[0] in 'aeiou' else 'a'} {thing}",
        description="Every event, with its envelope whole, so that the chain of hashes can be checked by anyone.",
        openapi_extra=answers(EVENTS),
    )


def route_commands(router: APIRouter, kind: str, but: frozenset[str] = frozenset()) -> None:
    """Adds a route for each command of a kind's procedure that people or machines may give."""
    for row in PROCEDURES[kind].rows:
        if row.internal or row.command in but:
            continue
        shape: type[Body] = row.body
        router.add_api_route(
            f"/{{{links.called(kind)}}}/{row.command.replace('_', '-')}",
            _called(kind, _giving(kind, row.command)),
            methods=["POST"],
            name=f"{kind}_{row.command}",
            operation_id=links.give(kind, row.command),
            summary=f"{row.command.replace('_', ' ').capitalize()}",
            description=f"{inspect.getdoc(shape)} Roles: {', '.join(sorted(row.who))}. Source: {row.source}.",
            openapi_extra=command_body(shape),
        )


def _giving(kind: str, command: str) -> Endpoint:
    """The endpoint of one command on streams of a kind."""

    async def give(id: str, request: Request, api: Api, caller: Caller) -> Response:
        with commands.told(api, kind, command):
            given = await commands.read(request, caller, command)
            met = await streams.met(api, caller, kind, id, given)
            return commands.respond(await commands.give(api, caller, met, given))

    return give


def _called(kind: str, endpoint: Endpoint) -> Callable[..., Awaitable[Response]]:
    """The endpoint with its id named as in the paths of the kind: by that name FastAPI and `Direct` hand it over."""

    async def by_id(id: str, request: Request, api: TheApi, caller: TheCaller) -> Response:
        return await endpoint(id, request, api, caller)

    async def by_key(key: str, request: Request, api: TheApi, caller: TheCaller) -> Response:
        return await endpoint(key, request, api, caller)

    return by_key if links.called(kind) == "key" else by_id
