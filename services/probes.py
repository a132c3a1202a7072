"""What a worker says of itself over HTTP: `/livez`, `/readyz`, `/metrics`.

On the event loop that runs the activities: an answer is the proof that it turns.
"""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager

import uvicorn
from prometheus_client import CONTENT_TYPE_LATEST
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from services.readiness import OK
from services.settings import BadSettings

Parts = Callable[[], Awaitable[dict[str, str]]]
Numbers = Callable[[], Awaitable[bytes]]


def probes(parts: Parts, numbers: Numbers) -> Starlette:
    """The app, over what tells the parts that must be ready, and the numbers."""

    async def livez(_: Request) -> Response:
        return JSONResponse({"status": OK})

    async def readyz(_: Request) -> Response:
        told = await parts()
        is_ready = all(said == OK for said in told.values())
        return JSONResponse({"status": OK if is_ready else "not_ready", **told}, 200 if is_ready else 503)

    async def metrics(_: Request) -> Response:
        return Response(await numbers(), media_type=CONTENT_TYPE_LATEST)

    return Starlette(routes=[Route("/livez", livez), Route("/readyz", readyz), Route("/metrics", metrics)])


@asynccontextmanager
async def served(app: Starlette, host: str, port: int) -> AsyncIterator[None]:
    """Serves an app beside what else this loop does; raises BadSettings where it cannot be done there."""
    with _listening(host, port) as listening:
        config = uvicorn.Config(
            app, log_config=None, access_log=False, server_header=False, lifespan="off", timeout_graceful_shutdown=1
        )
        server = _Guest(config)
        serving = asyncio.create_task(server.serve([listening]))
        try:
            yield
        finally:
            server.should_exit = True
            await serving


def _listening(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except OSError as error:
        raise BadSettings(f"worker_port: {host}:{port} cannot be had: {error.strerror}") from None


class _Guest(uvicorn.Server):
    """A server in somebody else's process, whose signals are not its own."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield
