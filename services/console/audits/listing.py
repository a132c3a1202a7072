"""The lists of audits and of certificates, as their addresses ask for them, and as they are followed."""

import json
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar

from fastapi import Request
from starlette.responses import Response

from activities.reads.pages import Page
from services.api.context import of
from services.api.lists import Filters
from services.console.administration.sections import begins
from services.console.administration.sections import following as next_page
from services.console.frame import following
from services.console.frame.asked import understood
from services.console.frame.following import Rows
from services.console.frame.rendering import page
from services.console.things import clients
from services.signin.viewer import Viewer

F = TypeVar("F", bound=Filters)


async def listed(
    name: str,
    request: Request,
    viewer: Viewer,
    shape: type[F],
    read: Callable[[F], Awaitable[Page]],
    **offered: Any,
) -> Response:
    """A page of a list by its filters; `offered` are the values of the filters, and what can be begun there.

    The list is followed by its name, as its template is called.
    """
    wanted, faults, found = await _read(request, shape, read)
    items = json.loads(found.items)
    filters = wanted.model_dump(mode="json", exclude=set(Filters.model_fields), exclude_defaults=True)
    keys = [*filters.get("client", ()), *(one.get("client") for one in items)]
    return page(
        request,
        f"{name}.html",
        viewer,
        items=items,
        clients=await clients.offered(of(request), viewer.caller, keys),
        live=following.address(name, request, items),
        asked=wanted,
        filtered=bool(filters),
        faults=faults,
        more=next_page(request, found.last, **filters),
        **offered,
    )


async def rows(request: Request, shape: type[F], read: Callable[[F], Awaitable[Page]]) -> Rows:
    """What such a page shows."""
    shown: Rows = json.loads((await _read(request, shape, read))[2].items)
    return shown


async def _read(
    request: Request, shape: type[F], read: Callable[[F], Awaitable[Page]]
) -> tuple[F, Sequence[str], Page]:
    wanted, faults = understood(shape, request)
    place = begins(request, wanted, faults)
    return wanted, faults, await read(wanted.model_copy(update={"cursor": place}))
