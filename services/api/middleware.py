"""Around every request: correlation id, access log, metrics, and an answer to what nobody foresaw."""

import asyncio
import re
import time
from collections.abc import Callable

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uuid_utils.compat import uuid7

from activities.metrics import METHODS, OTHER, Metrics
from activities.tracing import UNTRACED, Tracing
from services.api.problems import respond
from services.problems import Problem
from workflows.sentences import Sentence

HEADER = "X-Request-Id"
TRACE = "traceparent"
UNMATCHED = "unmatched"
"""The route of requests that no route takes: their paths are anybody's invention."""

_FIT = re.compile(r"[A-Za-z0-9._:-]{1,128}", re.ASCII)
_TRACE = re.compile(r"[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}", re.ASCII)
"""What W3C's Trace Context says of the caller's trace."""

BODILESS = "bodiless"
"""What a scope has whose answer goes out without its body: whoever has a large one need not fetch it."""

LEFT = 499
"""The status noted of a request whose client left before its answer began: nobody is sent it."""

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
"""Methods whose requests change nothing (RFC 9110, 9.2.1): nothing is lost where one is not carried out."""

_QUIET = frozenset({"/livez", "/readyz", "/metrics"})

log = structlog.get_logger("access")


class Observed:
    """The outermost layer of the app."""

    def __init__(
        self, app: ASGIApp, metrics: Metrics, tracing: Tracing, broken: Callable[[Request], Response | None]
    ) -> None:
        """`broken` makes the page of what nobody foresaw, where people look at pages."""
        self._app = app
        self._metrics = metrics
        self._tracing = tracing
        self._broken = broken

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        method = scope["method"]
        if method == "HEAD":
            scope, send = {**scope, "method": "GET", BODILESS: True}, _headers_alone(send)
        headers = Headers(scope=scope)
        given = _given(headers)
        request_id = scope["request_id"] = given or str(uuid7())
        scope["request_id_is_ours"] = given is None
        tracing = UNTRACED if scope["path"] in _QUIET else self._tracing
        status = 0
        is_heard_out = False
        began = time.perf_counter()

        async def hear() -> Message:
            nonlocal is_heard_out
            message = await receive()
            is_heard_out = not message.get("more_body", False)
            return message

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                # Asked before it was heard out, a client that waits to be asked (RFC 9110, 10.1.1) would go on sending.
                has_left = is_heard_out and await Request(scope, receive).is_disconnected()
                status = LEFT if has_left else message["status"]
                MutableHeaders(scope=message)[HEADER] = request_id
            await send(message)

        with (
            structlog.contextvars.bound_contextvars(correlation_id=request_id),
            tracing.request(method if method in METHODS else OTHER, headers) as told,
        ):
            try:
                if method in SAFE:
                    await _while_awaited(self._app, scope, receive, answer)
                else:
                    await self._app(scope, hear, answer)
            except ClientDisconnect:
                status = status or LEFT
            except Exception:
                log.exception("request failed", method=method, route=_route(scope))
                if status == 0:
                    problem = Problem(500, "internal", Sentence("Something went wrong here; the log knows what."))
                    sorry = self._broken(Request(scope)) or respond(problem, request_id)
                    await sorry(scope, receive, answer)
            finally:
                seconds = time.perf_counter() - began
                route = _route(scope)
                self._metrics.answered(method, route, status, seconds)
                told(route, status)
                say = log.debug if route in _QUIET else log.info
                say("request", method=method, route=route, status=status, ms=round(1000 * seconds, 1))


async def _while_awaited(app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    """Serves a safe request while its client is there. Raises ClientDisconnect once it has left.

    What is done for nobody would keep connections to the ledger from those who wait for them. The body of such a
    request means nothing (RFC 9110, 9.3.1), and the app hears none.
    """
    awaited = asyncio.timeout(None)

    async def watch() -> None:
        while (await receive())["type"] != "http.disconnect":
            pass
        awaited.reschedule(0)

    async def silence() -> Message:
        said: asyncio.Future[Message] = asyncio.get_running_loop().create_future()
        return await said

    async def answer(message: Message) -> None:
        if message["type"] == "http.response.body" and not message.get("more_body", False):
            watching.cancel()  # whoever has all of the answer counts as gone, too
        await send(message)

    try:
        async with awaited:
            watching = asyncio.create_task(watch())
            try:
                await app(scope, silence, answer)
            finally:
                watching.cancel()
    except TimeoutError:
        if awaited.expired():
            raise ClientDisconnect from None
        raise


def _given(headers: Headers) -> str | None:
    """The correlation id that a caller gives: its own, else its trace's; None where neither fits."""
    own = headers.get(HEADER, "")
    if _FIT.fullmatch(own):
        return own
    trace = _TRACE.fullmatch(headers.get(TRACE, ""))
    return trace[1] if trace else None


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
