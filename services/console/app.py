"""The console's pages together, for the API's app."""

from fastapi import FastAPI, Request
from starlette.responses import RedirectResponse

from services.console import acting, case, evidence, inbox, live, reviews, static_files, triage
from services.console.administration import api_keys, clients, home, imports, policies, subscriptions
from services.console.navigation import HOME
from services.console.overview import pages as overview
from services.ready import CONSOLE

PAGES = (
    static_files,
    inbox,
    triage,
    reviews,
    overview,
    case,
    live,
    evidence,
    home,
    imports,
    api_keys,
    subscriptions,
    clients,
    policies,
    acting,
)
"""In the order in which paths are looked up: a command is what no other page of a case is."""


async def _home(_: Request) -> RedirectResponse:
    return RedirectResponse(HOME, 308)


def install(app: FastAPI) -> None:
    """Adds the pages to an app that serves the API, and sign-in."""
    app.add_route(CONSOLE, _home, include_in_schema=False)
    for noun in PAGES:
        app.include_router(noun.router)
