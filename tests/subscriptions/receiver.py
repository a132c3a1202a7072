"""A receiver of events on 127.0.0.1 that does what a test wants of it."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route


@dataclass(frozen=True)
class Received:
    """One request, as it came."""

    headers: Mapping[str, str]
    body: bytes

    @property
    def event(self) -> dict[str, Any]:
        told: dict[str, Any] = json.loads(self.body)
        return told


Behaviour = Callable[[Received], Awaitable[Response]]


async def accept(_: Received) -> Response:
    return Response(status_code=204)


def answering(status: int, **headers: str) -> Behaviour:
    """Always this."""

    async def answer(_: Received) -> Response:
        return Response(b"said", status, headers)

    return answer


async def hang(_: Received) -> Response:
    await asyncio.sleep(30)
    return Response(status_code=204)


@dataclass
class Receiver:
    """`got` is every request, `taken` those that it answered with success, both in order."""

    url: str = ""
    behaviour: Behaviour = accept
    got: list[Received] = field(default_factory=list)
    taken: list[Received] = field(default_factory=list)

    async def receive(self, request: Request) -> Response:
        received = Received(dict(request.headers), await request.body())
        self.got.append(received)
        answer = await self.behaviour(received)
        if answer.status_code < 300:
            self.taken.append(received)
        return answer

    def events(self, stream: str | None = None) -> list[tuple[str, int]]:
        """What it took: stream and sequence number."""
        told = [one.event for one in self.taken]
        return [(one["subject"], one["data"]["seq"]) for one in told if stream in (None, one["subject"])]


async def until(holds: Callable[[], object], seconds: float = 30) -> None:
    """Waits until something holds; fails after so long."""
    async with asyncio.timeout(seconds):
        while not holds():
            await asyncio.sleep(0.02)


@asynccontextmanager
async def receiving() -> AsyncIterator[Receiver]:
    """A receiver on a port of its own."""
    receiver = Receiver()
    app = Starlette(routes=[Route("/{path:path}", receiver.receive, methods=["GET", "POST"])])
    config = uvicorn.Config(app, port=0, lifespan="off", log_config=None, access_log=False, timeout_graceful_shutdown=0)
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve())
    await until(lambda: server.started)
    receiver.url = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}/hook"
    try:
        yield receiver
    finally:
        server.should_exit = server.force_exit = True
        await serving
