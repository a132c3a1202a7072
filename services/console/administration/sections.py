"""The pages of integrations and administration that somebody may see, as tabs over each of them."""

from typing import Any
from urllib.parse import urlencode

from fastapi import Request
from starlette.responses import HTMLResponse

from services.api import imports, lists, subscribing
from services.api.admission import keeps
from services.api.lists import Filters
from services.auth import Caller
from services.console.frame.catalogue import mark
from services.console.frame.navigation import ADMINISTRATION, HOME, Place
from services.console.frame.rendering import page
from services.problems import Problem
from services.signin.viewer import Viewer

IMPORTS = f"{HOME}imports"
API_KEYS = f"{HOME}api-keys"
SUBSCRIPTIONS = f"{HOME}subscriptions"
PEOPLE = f"{HOME}people"
CLIENTS = f"{HOME}clients"
POLICIES = f"{HOME}policies"


def shown(
    request: Request, template: str, viewer: Viewer, *, status: int = 200, place: str = ADMINISTRATION, **values: Any
) -> HTMLResponse:
    """A page with the tabs over it."""
    tabs = sections(viewer.caller, request.url.path)
    return page(request, template, viewer, status=status, place=place, tabs=tabs, **values)


def begins(request: Request, wanted: Filters, faults: list[str]) -> str | None:
    """Where a page of a list begins; a cursor that this list never told is added to the faults, and left out."""
    try:
        return lists.place(request, wanted.cursor) if wanted.cursor else None
    except Problem:
        faults.append("cursor")
        return None


def following(request: Request, last: str | None, **filters: str | None) -> str:
    """The address of the next page of a list with the same filters; empty where there is none."""
    query = {name: one for name, one in {**filters, "cursor": lists.cursor(request, last)}.items() if one}
    return f"{request.url.path}?{urlencode(query)}" if last else ""


def sections(caller: Caller, here: str) -> tuple[Place, ...]:
    """The sections of a person by the rules of the API's routes, that of the present page marked."""
    offered = []
    if caller.holds(*imports.READERS):
        offered.append((mark("Imports"), IMPORTS))
    if keeps(caller):
        offered += [(mark("People"), PEOPLE), (mark("API keys"), API_KEYS)]
    if _subscribes(caller):
        offered.append((mark("Subscriptions"), SUBSCRIPTIONS))
    offered += [(mark("Clients"), CLIENTS), (mark("Policies"), POLICIES)]
    return tuple(Place(title, path, f"{here}/".startswith(f"{path}/")) for title, path in offered)


def _subscribes(caller: Caller) -> bool:
    try:
        subscribing.admitted(caller)
    except Problem:
        return False
    return True
