"""How a request finds its route among some two hundred."""

from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute
from starlette.routing import Match
from starlette.types import Scope


class Found(APIRoute):
    """A route that looks at how a path begins and ends before it takes it apart: nearly all are told apart so."""

    def __init__(self, path: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(path, *args, **kwargs)
        self._begins, _, rest = path.partition("{")
        self._ends = rest.rpartition("}")[2] if rest else path

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Whether it is the route of a request, and what it makes of its path."""
        path = scope.get("path", "")
        if path.endswith(self._ends) and (path.startswith(self._begins) or scope.get("root_path")):
            return super().matches(scope)
        return Match.NONE, {}


def take(app: FastAPI, router: APIRouter) -> None:
    """Has an app answer at a router's routes.

    As routes of its own: those that FastAPI includes by `include_router` are looked through twice for each request,
    with more work for each of them than it takes to compare a path.
    """
    app.router.routes.extend(router.routes)
