"""Routes that call their endpoints themselves: FastAPI describes them, and solves nothing at each request."""

import inspect
from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request
from starlette.responses import Response

from services.api.context import caller, of
from services.routing import Found


class Direct(Found):
    """A route whose endpoint takes what is in its path and, by these names, `request`, `api` and `caller`.

    For routes without further dependencies. Solving these few at each request costs more than reading a case.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """What answers a request; raises Unauthenticated where the endpoint takes a caller."""
        endpoint = self.endpoint
        taken = inspect.signature(endpoint).parameters
        takes_request, takes_api, takes_caller = (name in taken for name in ("request", "api", "caller"))

        async def handle(request: Request) -> Response:
            values: dict[str, Any] = dict(request.path_params)
            if takes_request:
                values["request"] = request
            if takes_api:
                values["api"] = of(request)
            if takes_caller:
                values["caller"] = await caller(request)
            response: Response = await endpoint(**values)
            return response

        return handle
