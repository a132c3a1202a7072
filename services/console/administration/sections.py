"""The pages of integrations and administration that somebody may see, as tabs over each of them."""

from typing import Any

from fastapi import Request
from starlette.responses import HTMLResponse, RedirectResponse

from services.api import imports, lists, profiles, subscribing
from services.api.admission import keeps
from services.api.lists import Filters
from services.auth import Caller
from services.console.frame.asked import address
from services.console.frame.catalogue import gettext, mark
from services.console.frame.navigation import ADMINISTRATION, HOME, PATHS, Place
from services.console.frame.rendering import page
from services.problems import Problem
from services.signin.viewer import Viewer

IMPORTS = f"{HOME}imports"
PROFILES = f"{HOME}profiles"
SOURCES = f"{HOME}sources"
API_KEYS = f"{HOME}api-keys"
HOOKS = f"{HOME}hooks"
SUBSCRIPTIONS = f"{HOME}subscriptions"
PEOPLE = f"{HOME}people"
GRANTS = f"{HOME}grants"
REASONS = f"{HOME}reasons"
CLIENTS = PATHS["client"]
POLICIES = f"{HOME}policies"

DONE = {
    "grant": mark("The grant has ended."),
    "key": mark("The key is revoked."),
    "hook": mark("The hook has ended."),
    "subscription": mark("The subscription has ended."),
    "profile": mark("The profile is forgotten."),
    "import": mark("The import ends before its next batch."),
    "back": mark("It is taken back: they can sign in again."),
}
"""What was just done by a button, by the word with which the address of the next page says so."""


def confirmed(path: str, what: str) -> RedirectResponse:
    """Leads to a page that says what was just done."""
    return RedirectResponse(address(path, {"done": what}), 303)


def shown(
    request: Request, template: str, viewer: Viewer, *, status: int = 200, place: str = ADMINISTRATION, **values: Any
) -> HTMLResponse:
    """A page with the tabs over it."""
    tabs = sections(viewer.caller, request.url.path)
    said = DONE.get(request.query_params.get("done", ""))
    return page(
        request,
        template,
        viewer,
        status=status,
        place=place,
        tabs=tabs,
        done=gettext(said) if said and request.method == "GET" else "",
        **values,
    )


def begins(request: Request, wanted: Filters, faults: list[str]) -> str | None:
    """Where a page of a list begins; a cursor that this list never told is added to the faults, and left out."""
    try:
        return lists.place(request, wanted.cursor) if wanted.cursor else None
    except Problem:
        faults.append("cursor")
        return None


def following(request: Request, last: str | None, **filters: Any) -> str:
    """The address of the next page of a list with the same filters; empty where there is none."""
    return address(request.url.path, {**filters, "cursor": lists.cursor(request, last)}) if last else ""


def sections(caller: Caller, here: str) -> tuple[Place, ...]:
    """The sections of a person by the rules of the API's routes, that of the present page marked."""
    offered = []
    if caller.holds(*imports.READERS):
        offered.append((mark("Imports"), IMPORTS))
    if profiles.may(caller, *profiles.READERS):
        offered.append((mark("Column profiles"), PROFILES))
    if keeps(caller):
        offered += [(mark("People"), PEOPLE), (mark("Grants"), GRANTS), (mark("Reasons"), REASONS)]
        offered += [(mark("Sources"), SOURCES), (mark("API keys"), API_KEYS), (mark("Hooks"), HOOKS)]
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
