"""The client against the real API on 127.0.0.1, and against a server that does what a test wants of it."""

import asyncio
import json
from asyncio import StreamReader, StreamWriter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from services.client import Closeout
from tests.api.conftest import Desk, Office, desk, http, office
from tests.api.ground import served

__all__ = ["desk", "http", "office"]


@pytest.fixture(scope="session")
async def address(office: Office) -> AsyncIterator[str]:
    """The API behind the server of production."""
    async with served(office.app) as address:
        yield address


@dataclass(frozen=True)
class Clients:
    """Clients of one tenant, by who asks; each is closed at the end."""

    desk: Desk
    address: str
    made: list[Closeout] = field(default_factory=list)

    def of(self, who: str, address: str | None = None) -> Closeout:
        """The client of a person, or of an API key."""
        bearer = who if who.startswith("ck_") else self.desk.token(who)
        self.made.append(Closeout(address or self.address, bearer, patience=timedelta(seconds=20)))
        return self.made[-1]


@pytest.fixture
async def clients(desk: Desk, address: str) -> AsyncIterator[Clients]:
    clients = Clients(desk, address)
    yield clients
    for one in clients.made:
        await one.close()


@dataclass
class Moody:
    """Records each write once under its key, and answers by its moods, one a request, then well.

    `503` and `429` ask to come again, `503 after 1` to wait for so many seconds; `lost` records and hangs up, `torn`
    hangs up in the middle of its answer.
    """

    moods: list[str]
    url: str = ""
    recorded: dict[str, Any] = field(default_factory=dict)
    asked: list[tuple[float, str]] = field(default_factory=list)

    async def serve(self, reader: StreamReader, writer: StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError, OSError):
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
                headers = dict(line.lower().split(": ", 1) for line in head[1:] if line)
                body = await reader.readexactly(int(headers.get("content-length", "0")))
                key = headers.get("idempotency-key", "")
                self.asked.append((asyncio.get_running_loop().time(), key))
                mood, _, after = (self.moods.pop(0) if self.moods else "200").partition(" after ")
                if mood in ("200", "lost"):
                    self.recorded.setdefault(key, json.loads(body or b"null"))
                if mood == "lost":
                    break
                if mood == "torn":
                    writer.write(b"HTTP/1.1 200 x\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n")
                    await writer.drain()
                    break
                answer = json.dumps({"tries": len(self.asked), "recorded": len(self.recorded)})
                wait = f"Retry-After: {after}\r\n" if after else ""
                writer.write(f"HTTP/1.1 {mood} x\r\n{wait}Content-Length: {len(answer)}\r\n\r\n{answer}".encode())
                await writer.drain()
        writer.close()


@asynccontextmanager
async def moody(moods: Sequence[str]) -> AsyncIterator[Moody]:
    """Such a server on a port of its own."""
    one = Moody(list(moods))
    server = await asyncio.start_server(one.serve, "127.0.0.1", 0)
    one.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with server:
        yield one
