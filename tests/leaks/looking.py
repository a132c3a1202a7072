"""What an answer says, whatever it is made of; and whether two answers say the same."""

import asyncio
import base64
import io
import re
import zipfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import httpx
from fastapi import FastAPI
from pypdf import PdfReader

from tests.leaks.estates import UUID

PLACES = re.compile(r"(?:\"next\": ?\"|(?:after|before|cursor)=)([A-Za-z0-9_-]{8,})")
"""Where an answer says at which place a list goes on: the place names a thing, in base64."""

BLANKS = (
    (re.compile(r"\bwhsec_[\w+/=]+"), "SECRET"),
    (re.compile(r"\b[0-9a-f]{64}\b"), "HASH"),
    (re.compile(UUID), "ID"),
    (re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+(?:Z|\+\d\d:\d\d)?"), "TIME"),
    (PLACES, "PLACE"),
    (re.compile(r"(?<![\w-])(?=[a-z_-]*[\dA-Z])[\w-]{16,}"), "RANDOM"),
    (re.compile(r"\d+"), "#"),
)
TOLD = ("content-type", "location", "hx-redirect", "www-authenticate", "allow")
"""The headers that could tell one answer from another; others are the same for all, or count."""

IDLE = 0.1
"""Seconds without a word after which who listens has heard all."""


Gist = tuple[int, dict[str, str], str]
"""A status, headers and a text by which answers are told apart."""


@dataclass(frozen=True)
class Answer:
    """A status, headers and a body, as read."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        """All that it says, headers too; documents unpacked, and places of lists read."""
        said = "\n".join(f"{name}: {value}" for name, value in self.headers.items())
        said = f"{said}\n{unpacked(self.body)}"
        return "\n".join([said, *(decoded(place) for place in PLACES.findall(said))])

    def gist(self, never: Callable[[str], str]) -> Gist:
        """What somebody could tell it from another answer by; `never` gives what is named other names.

        What who listens was told meanwhile is no part of it: that hangs on when they listened.
        """
        headers = {name: _blank(never(self.headers[name])) for name in TOLD if name in self.headers}
        is_stream = self.headers.get("content-type", "").startswith("text/event-stream")
        is_text = not is_stream and not self.body.startswith((b"%PDF", b"PK"))
        return self.status, headers, _blank(never(self.body.decode("utf-8", "replace"))) if is_text else ""


def unpacked(body: bytes) -> str:
    """The text of a document: a PDF's pages, the parts of what is zipped, else the body as it is."""
    if body.startswith(b"%PDF") and len(body) > 1000:
        reader = PdfReader(io.BytesIO(body))
        return "\n".join([*(page.extract_text() for page in reader.pages), str(reader.metadata)])
    if body.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(body)) as packed:
            return "\n".join(packed.read(name).decode("utf-8", "replace") for name in packed.namelist())
    return body.decode("utf-8", "replace")


def decoded(place: str) -> str:
    """What a place of a list says."""
    with suppress(ValueError):
        return base64.urlsafe_b64decode(place + "=" * (-len(place) % 4)).decode("latin-1")
    return ""


def _blank(text: str) -> str:
    for pattern, blank in BLANKS:
        text = pattern.sub(blank, text)
    return text


async def asked(client: httpx.AsyncClient, request: httpx.Request) -> Answer:
    """The whole answer to a request."""
    answer = await client.send(request)
    return Answer(answer.status_code, dict(answer.headers), answer.content)


async def heard(app: FastAPI, request: httpx.Request) -> Answer:
    """The answer to a request that may never end, as far as it goes on without a pause."""
    messages: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    gone = asyncio.Event()

    async def receive() -> dict[str, Any]:
        if not gone.is_set() and not started:
            started.append(True)
            return {"type": "http.request", "body": b"", "more_body": False}
        await gone.wait()
        return {"type": "http.disconnect"}

    started: list[bool] = []
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": request.method,
        "headers": [(name.lower(), value) for name, value in request.headers.raw], "scheme": "http",
        "path": request.url.path, "raw_path": request.url.raw_path.partition(b"?")[0],
        "query_string": request.url.query, "server": ("api", 80), "client": ("127.0.0.1", 1), "root_path": "",
    }  # fmt: skip
    serving = asyncio.create_task(app(scope, receive, messages.put))  # type: ignore[arg-type]  # as ASGI has it
    status, headers, body = 0, {}, b""
    with suppress(TimeoutError):
        while not (serving.done() and messages.empty()):
            message = await asyncio.wait_for(messages.get(), 10 if status == 0 else IDLE)
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = {name.decode().lower(): value.decode() for name, value in message["headers"]}
            else:
                body += message.get("body", b"")
                if not message.get("more_body", False):
                    break
    gone.set()
    await serving
    return Answer(status, headers, body)
