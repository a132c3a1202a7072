"""Clients at the console: who is registered, and one with its sites, people and settings, and what may be done."""

import json
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from activities.reads import desk
from services.api import clients, streams
from services.api.clients import KIND
from services.api.context import TheApi, now
from services.api.lists import Filters
from services.console.administration.sections import CLIENTS, begins, following, shown
from services.console.frame.asked import understood
from services.console.frame.paged import Paged
from services.problems import UnknownThing
from services.signin.viewer import TheViewer
from workflows.client.state import ClientState

router = APIRouter(prefix=CLIENTS, route_class=Paged, include_in_schema=False)


@router.get("")
async def index(request: Request, api: TheApi, viewer: TheViewer) -> Response:
    """The clients by key; a client's people see their own."""
    wanted, faults = understood(Filters, request)
    after = begins(request, wanted, faults)
    found = await clients.listed(api, viewer.caller, after, wanted.limit)
    items: list[dict[str, Any]] = json.loads(found.items)
    return shown(request, "clients.html", viewer, items=items, faults=faults, more=following(request, found.last))


@router.get("/{key}")
async def detail(key: str, request: Request, api: TheApi, viewer: TheViewer) -> Response:
    """One client, and what the viewer may do with it."""
    stream = await streams.visible(api, viewer.caller, KIND, key)
    if not isinstance(stream.state, ClientState) or stream.state.entry is None:
        raise UnknownThing(thing="client", id=key[:128])
    entry, at = stream.state.entry, now()
    return shown(
        request,
        "client.html",
        viewer,
        entry=entry,
        registered=stream.state.status,
        standing=await streams.standing(api, viewer.caller, stream, at),
        names=await desk.names(api.database, viewer.caller.scope, entry.people),
    )
