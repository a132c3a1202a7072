"""The lists of audits and of certificates, as their addresses ask for them."""

import json
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from fastapi import Request
from starlette.responses import Response

from activities.reads.pages import Page
from services.api.lists import Filters
from services.console.administration.sections import begins, following
from services.console.frame.asked import understood
from services.console.frame.rendering import page
from services.signin.viewer import Viewer

F = TypeVar("F", bound=Filters)


async def listed(
    request: Request,
    viewer: Viewer,
    template: str,
    shape: type[F],
    read: Callable[[F], Awaitable[Page]],
    **offered: Any,
) -> Response:
    """A page of a list by its filters; `offered` are the values of the filters, and what can be begun there."""
    wanted, faults = understood(shape, request)
    found = await read(wanted.model_copy(update={"cursor": begins(request, wanted, faults)}))
    filters = wanted.model_dump(mode="json", exclude=set(Filters.model_fields), exclude_defaults=True)
    return page(
        request,
        template,
        viewer,
        items=json.loads(found.items),
        asked=wanted,
        filtered=bool(filters),
        faults=faults,
        more=following(request, found.last, **filters),
        **offered,
    )
