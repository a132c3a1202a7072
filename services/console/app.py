"""The console's pages together, for the API's app."""

from fastapi import FastAPI, Request
from starlette.responses import RedirectResponse, Response

from services.api import problems
from services.console import mail
from services.console.acceptance import pages as acceptance
from services.console.administration import (
    api_keys,
    clients,
    grants,
    home,
    hooks,
    imports,
    people,
    policies,
    profiles,
    progress,
    reasons,
    sources,
    subscriptions,
)
from services.console.audits import audits, beginning, by_hand, certificates
from services.console.case import acting, drafts, evidence, live, record, reports
from services.console.case import page as case
from services.console.frame import following, paged, static_files
from services.console.frame.navigation import HOME
from services.console.lists import inbox, minutes, reviews, saved, triage
from services.console.overview import pages as overview
from services.ready import CONSOLE
from services.routing import take

PAGES = (
    static_files,
    inbox,
    saved,
    triage,
    acceptance,
    reviews,
    minutes,
    overview,
    case,
    audits,
    certificates,
    by_hand,
    beginning,
    record,
    reports,
    live,
    following,
    evidence,
    mail,
    home,
    people,
    grants,
    reasons,
    imports,
    progress,
    profiles,
    sources,
    api_keys,
    hooks,
    subscriptions,
    clients,
    policies,
    drafts,
    acting,
)
"""In the order in which paths are looked up: a command is what no other page of a case is."""


def is_ours(path: str) -> bool:
    """Whether a path is the console's."""
    return f"{path}/".startswith(f"{CONSOLE}/")


def broken(request: Request) -> Response | None:
    """The page of what nobody foresaw; None elsewhere than here."""
    return paged.broken(request) if is_ours(request.url.path) else None


def _answer(request: Request, fault: Exception) -> Response:
    """What no route of ours took, and what sign-in refuses, as pages; elsewhere as the API says it."""
    return paged.explained(request, fault) if is_ours(request.url.path) else problems.answer(request, fault)


async def _home(_: Request) -> RedirectResponse:
    return RedirectResponse(HOME, 308)


def install(app: FastAPI) -> None:
    """Adds the pages to an app that serves the API, and sign-in."""
    app.add_route(CONSOLE, _home, include_in_schema=False)
    for kind in paged.ERRORS:
        app.add_exception_handler(kind, _answer)
    for noun in PAGES:
        take(app, noun.router)
