"""HTTP/1.1 over one kept connection, with no more than a benchmark needs: the client must not be what is measured."""

import asyncio
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit


class Wire:
    """`async with Wire(url, token) as wire: await wire.post(path, body)`."""

    def __init__(self, url: str, token: str) -> None:
        self._host = urlsplit(url)
        self._head = f"Host: {self._host.netloc}\r\nAuthorization: Bearer {token}\r\n"

    async def __aenter__(self) -> Self:
        self._reader, self._writer = await asyncio.open_connection(self._host.hostname, self._host.port)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._writer.close()
        await self._writer.wait_closed()

    async def post(self, path: str, body: bytes) -> bytes:
        """The body of the answer; RuntimeError for another status than 200."""
        sized = f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        self._writer.write(f"POST {path} HTTP/1.1\r\n{self._head}{sized}".encode() + body)
        status, *lines = (await self._reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower().splitlines()
        length = next(int(line.partition(":")[2]) for line in lines if line.startswith("content-length:"))
        answer = await self._reader.readexactly(length)
        if status.split()[1] != "200":
            raise RuntimeError(f"{path}: {status}: {answer.decode()}")
        return answer
