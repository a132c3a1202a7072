"""Routes whose errors are pages: a browser shows no problem document."""

from collections.abc import Callable, Coroutine
from typing import Any

import structlog
from fastapi import Request
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.responses import Response

from activities.ledger.protocol import Unavailable
from services.api.context import request_id
from services.console.catalogue import gettext
from services.console.rendering import page
from services.problems import Problem, refused
from workflows.decider import Refusal

STREAM = "text/event-stream"
AGAIN = 5
"""Seconds after which a page that could not listen asks again."""

log = structlog.get_logger()


class Paged(APIRoute):
    """A route of the console; who is not signed in is led there by the app."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """What answers a request, with a page for each error."""
        handle = super().get_route_handler()

        async def paged(request: Request) -> Response:
            try:
                return await handle(request)
            except Problem as problem:
                return error(request, problem.status, problem.detail, dict(problem.headers))
            except Refusal as refusal:
                known = refused(refusal.data())
                return error(request, known.status, known.detail)
            except HTTPException as missing:
                return error(request, missing.status_code, f"{missing.detail}.")
            except Unavailable as away:
                log.warning("page not shown", error=str(away))
                if STREAM in request.headers.get("accept", ""):
                    return later()
                detail = gettext("The record cannot be read at this moment. Nothing is lost: load the page again.")
                return error(request, 503, detail, {"Retry-After": "2"})

        return paged


def later() -> Response:
    """A stream of events that ends at once: who listens comes again, and shows nothing of it."""
    return Response(f"retry: {1000 * AGAIN}\n\n", media_type=STREAM)


def error(request: Request, status: int, detail: str, headers: dict[str, str] | None = None) -> Response:
    """The page of an error, with the id that leads to the log."""
    titles = {
        403: gettext("Not for you to do"),
        404: gettext("Not found"),
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
        correlation_id=request_id(request),
    )
