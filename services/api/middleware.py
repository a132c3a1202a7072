"""Around every request: correlation id, access log, metrics, and an answer to what nobody foresaw."""

import re
import time

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uuid_utils.compat import uuid7

from services.api.metrics import Metrics
from services.api.problems import Problem

HEADER = "X-Request-Id"
UNMATCHED = "unmatched"
"""The route of requests that no route takes: their paths are anybody's invention."""

_FIT = re.compile(r"[A-Za-z0-9._:-]{1,128}", re.ASCII)
_QUIET = frozenset({"/livez", "/readyz", "/metrics"})

log = structlog.get_logger("access")


class Observed:
    """The outermost layer of the app."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        method = scope["method"]
        if method == "HEAD":
            scope, send = {**scope, "method": "GET"}, _headers_alone(send)
        given = Headers(scope=scope).get(HEADER, "")
        request_id = scope["request_id"] = given if _FIT.fullmatch(given) else str(uuid7())
        status = 0
        began = time.perf_counter()

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)[HEADER] = request_id
            await send(message)

        with structlog.contextvars.bound_contextvars(request_id=request_id):
            try:
                await self._app(scope, receive, answer)
            except Exception:
                log.exception("request failed", method=method, route=_route(scope))
                if status == 0:
                    problem = Problem(500, "internal", "Something went wrong here; the log knows what.")
                    await problem.response()(scope, receive, answer)
            finally:
                seconds = time.perf_counter() - began
                route = _route(scope)
                self._metrics.answered(method, route, status, seconds)
                say = log.debug if route in _QUIET else log.info
                say("request", method=method, route=route, status=status, ms=round(1000 * seconds, 1))


def _headers_alone(send: Send) -> Send:
    """The answer to HEAD is the one to GET, without its body (RFC 9110, 9.3.2)."""
    ended = False

    async def answer(message: Message) -> None:
        nonlocal ended
        if message["type"] != "http.response.body":
            await send(message)
        elif not ended:
            ended = True
            await send({"type": "http.response.body", "body": b""})

    return answer


def _route(scope: Scope) -> str:
    return getattr(scope.get("route"), "path", UNMATCHED)
