"""Sources at the console: the systems that findings come from, and what became of what they sent last."""

from collections.abc import Mapping
from datetime import timedelta

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from activities.directory import sources
from activities.directory.sources import Source
from services.api import lists
from services.api.admission import admit_keeper
from services.api.context import TheApi, now
from services.api.lists import Filters
from services.console.administration.sections import (
    API_KEYS,
    HOOKS,
    IMPORTS,
    SOURCES,
    begins,
    following,
    shown,
)
from services.console.frame.asked import address, understood
from services.console.frame.navigation import HOME
from services.console.frame.paged import Paged
from services.console.frame.words import counted
from services.signin.viewer import TheViewer
from workflows.sentences import mark

SOON = timedelta(days=30)
"""A key that ends within this is said to end soon."""

COUNTED = ("created", "updated", "recurred", "duplicate", "skipped", "rejected")
"""Results in the order in which they are told."""


async def _keeper(viewer: TheViewer) -> None:
    admit_keeper(viewer.caller, mark("Sources belong to: {roles}."))


router = APIRouter(prefix=SOURCES, route_class=Paged, include_in_schema=False, dependencies=[Depends(_keeper)])


@router.get("")
async def index(request: Request, api: TheApi, viewer: TheViewer) -> Response:
    """The sources by name."""
    wanted, faults = understood(Filters, request)
    after, at = begins(request, wanted, faults), now()
    found = await sources.listed(api.database, viewer.caller.tenant, after, wanted.limit + 1, at, at + SOON)
    items, last = lists.cut(found, wanted.limit, lambda one: one.name)
    return shown(
        request,
        "sources.html",
        viewer,
        items=[(one, _ways(one), _counts(one), counted(one.findings, sources.MOST_COUNTED)) for one in items],
        faults=faults,
        more=following(request, last),
    )


def _ways(one: Source) -> Mapping[str, str]:
    """Where keys, hooks, imports and cases of a source are listed."""
    pages = {"keys": API_KEYS, "hooks": HOOKS, "imports": IMPORTS}
    ways = {name: address(path, {"source": one.name}) for name, path in pages.items()}
    return {**ways, "cases": address(HOME, {"view": "all", "source": one.name})}


def _counts(one: Source) -> Mapping[str, int]:
    """How many items became what; what none became is left out."""
    return {name: count for name in COUNTED if (count := getattr(one, name))}
