"""Errors as pages: a browser shows no problem document."""

from collections.abc import Callable, Coroutine, Mapping
from http import HTTPStatus
from typing import Any

import structlog
from fastapi import Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from activities.ledger.protocol import Unavailable
from services.api.context import of, request_id
from services.console.frame import keeping
from services.console.frame.catalogue import gettext
from services.console.frame.keeping import Kept
from services.console.frame.rendering import page
from services.problems import Problem, refused
from services.routing import Found
from services.signin.headers import security
from services.signin.viewer import SignInFirst
from workflows.decider import Refusal

STREAM = "text/event-stream"
AGAIN = 5
"""Seconds after which a page that could not listen asks again."""

ERRORS: tuple[type[Exception], ...] = (Problem, Refusal, HTTPException, RequestValidationError, Unavailable)
"""What a request can end in that has a page of its own."""

log = structlog.get_logger()


class Paged(Found):
    """A route of the console; who is not signed in is led there by the app, unless they sent what they typed."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """What answers a request, with a page for each error."""
        handle = super().get_route_handler()

        async def paged(request: Request) -> Response:
            try:
                try:
                    return await handle(request)
                except SignInFirst as nobody:
                    return await keeping.signed_out(request, nobody)
            except ERRORS as fault:
                return explained(request, fault, await keeping.kept(request, fault))

        return paged


def explained(request: Request, fault: Exception, kept: Kept | None = None) -> Response:
    """The page of one of ERRORS, with what was typed into the form that ended so; raises any other."""
    match fault:
        case Problem():
            return error(request, fault.status, fault.detail, fault.headers, kept)
        case Refusal():
            known = refused(fault.data())
            return error(request, known.status, known.detail, kept=kept)
        case HTTPException():
            return error(request, fault.status_code, _said(fault), fault.headers, kept)
        case RequestValidationError():
            return error(request, 422, gettext("The address says what cannot be meant."), kept=kept)
        case Unavailable():
            log.warning("page not shown", error=str(fault))
            if STREAM in request.headers.get("accept", ""):
                return later()
            detail = gettext("The record cannot be read at this moment. Nothing is lost: load the page again.")
            return error(request, 503, detail, {"Retry-After": "2"}, kept)
    raise fault


def broken(request: Request) -> Response:
    """The page of what nobody foresaw, with the headers that every page has: it is made outside of what adds them."""
    detail = gettext("Something went wrong here; the log knows what. What you sent may not have been recorded.")
    is_https = of(request).settings.url.startswith("https://")
    return error(request, 500, detail, security(is_https=is_https), keeping.known(request))


def later() -> Response:
    """A stream of events that ends at once: who listens comes again, and shows nothing of it.

    The event is for htmx, which takes no word of when to come again from a message without one.
    """
    return Response(f"event: later\nretry: {1000 * AGAIN}\n\n", media_type=STREAM)


def error(
    request: Request,
    status: int,
    detail: str,
    headers: Mapping[str, str] | None = None,
    kept: Kept | None = None,
) -> Response:
    """The page of an error, with the id that leads to the log, and with what was sent by a form that ended in it."""
    titles = {
        403: gettext("Not for you to do"),
        404: gettext("Not found"),
        405: gettext("Not possible here"),
        503: gettext("Away for a moment"),
    }
    title = titles.get(status, gettext("This did not work"))
    return page(
        request,
        "error.html",
        status=status,
        headers=headers,
        title=title,
        detail=detail,
        kept=kept,
        correlation_id=request_id(request),
    )


def _said(fault: HTTPException) -> str:
    """What an error of a route says, or why no route took a request."""
    if fault.detail != HTTPStatus(fault.status_code).phrase:
        return f"{fault.detail}."
    ways = {404: gettext("There is no such page."), 405: gettext("This page is not asked in this way.")}
    return ways.get(fault.status_code, f"{fault.detail}.")
