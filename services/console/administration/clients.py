"""Clients at the console: who is registered, and one with its sites, people and settings, and what may be done."""

import json
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.api import clients
from services.api.clients import KIND
from services.api.context import TheApi
from services.api.lists import Filters
from services.console.administration.sections import CLIENTS, begins, following, shown
from services.console.forms.acts import acts
from services.console.forms.subject import seen
from services.console.frame.asked import understood
from services.console.frame.paged import Paged
from services.console.things.clients import named
from services.problems import UnknownThing
from services.signin.viewer import TheViewer
from workflows.client.state import ClientState
from workflows.registry import PROCEDURES

router = APIRouter(prefix=CLIENTS, route_class=Paged, include_in_schema=False)


@router.get("")
async def index(request: Request, api: TheApi, viewer: TheViewer) -> Response:
    """The clients by key; a client's people see their own."""
    wanted, faults = understood(Filters, request)
    after = begins(request, wanted, faults)
    found = await clients.listed(api, viewer.caller, after, wanted.limit)
    items: list[dict[str, Any]] = json.loads(found.items)
    return shown(
        request,
        "clients.html",
        viewer,
        items=items,
        clients=await named(api, viewer.caller, [one.get("merged_into") for one in items]),
        faults=faults,
        may_register=viewer.caller.holds(*PROCEDURES[KIND].row("register").who),
        more=following(request, found.last),
    )


@router.get("/{key}")
async def detail(key: str, request: Request, api: TheApi, viewer: TheViewer, recorded: str = "") -> Response:
    """One client, what the viewer may do with it, and its record."""
    found = await seen(api, viewer.caller, KIND, key)
    client: ClientState = found.state
    if client.entry is None:
        raise UnknownThing(thing="client", id=key[:128])
    return shown(
        request,
        "client.html",
        viewer,
        found=found,
        entry=client.entry,
        names=found.names,
        acts=acts(found),
        signings=(),
        recorded=found.recorded(recorded),
    )
