"""The pages of integrations and administration that somebody may see, as tabs over each of them."""

from fastapi import Request
from starlette.responses import HTMLResponse

from services.api import api_keys, imports, subscribing
from services.auth import Caller
from services.console.catalogue import mark
from services.console.navigation import HOME, Place
from services.console.rendering import page
from services.problems import Problem
from services.signin.viewer import Viewer

IMPORTS = f"{HOME}imports"
API_KEYS = f"{HOME}api-keys"
SUBSCRIPTIONS = f"{HOME}subscriptions"
CLIENTS = f"{HOME}clients"
POLICIES = f"{HOME}policies"


def shown(request: Request, template: str, viewer: Viewer, *, status: int = 200, **values: object) -> HTMLResponse:
    """A page with the tabs over it."""
    tabs = sections(viewer.caller, request.url.path)
    return page(request, template, viewer, status=status, tabs=tabs, **values)


def sections(caller: Caller, here: str) -> tuple[Place, ...]:
    """The sections of a person by the rules of the API's routes, that of the present page marked."""
    offered = []
    if caller.holds(*imports.READERS):
        offered.append((mark("Imports"), IMPORTS))
    if _keeps_keys(caller):
        offered.append((mark("API keys"), API_KEYS))
    if _subscribes(caller):
        offered.append((mark("Subscriptions"), SUBSCRIPTIONS))
    offered += [(mark("Clients"), CLIENTS), (mark("Policies"), POLICIES)]
    return tuple(Place(title, path, f"{here}/".startswith(f"{path}/")) for title, path in offered)


def _keeps_keys(caller: Caller) -> bool:
    return caller.holds(*api_keys.KEEPERS) and caller.actor.client is None


def _subscribes(caller: Caller) -> bool:
    try:
        subscribing.admitted(caller)
    except Problem:
        return False
    return True
