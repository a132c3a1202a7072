"""Who listens to the feed of a server on 127.0.0.1: what comes as messages, and what is refused."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx

PATIENCE = 20


@dataclass(frozen=True)
class Message:
    """One message: its fields, and the event in it, if any."""

    id: str
    event: str
    data: dict[str, Any] | None

    @property
    def what(self) -> tuple[str, str]:
        assert self.data is not None
        return self.data["subject"], self.event


class Listener:
    """Somebody who listens; `began` is the message by which the server says where that is."""

    def __init__(self, answer: httpx.Response) -> None:
        self._messages = _messages(answer)
        self.began = Message("", "", None)

    async def message(self) -> Message:
        async with asyncio.timeout(PATIENCE):
            return await anext(self._messages)

    async def take(self, number: int) -> list[Message]:
        """So many events."""
        taken: list[Message] = []
        while len(taken) < number:
            if (message := await self.message()).data is not None:
                taken.append(message)
        return taken

    async def rest(self) -> list[Message]:
        """What comes until the server ends the answer."""
        async with asyncio.timeout(PATIENCE):
            return [message async for message in self._messages if message.data is not None]


async def _messages(answer: httpx.Response) -> AsyncIterator[Message]:
    fields: dict[str, str] = {}
    async for line in answer.aiter_lines():
        name, _, value = line.partition(":")
        if name:
            fields[name] = value.removeprefix(" ")
        elif not line and fields:
            data = json.loads(fields["data"]) if "data" in fields else None
            yield Message(fields.get("id", ""), fields.get("event", ""), data)
            fields = {}


@asynccontextmanager
async def listening(address: str, bearer: str, last: str | None = None, **query: str) -> AsyncIterator[Listener]:
    headers = {"Authorization": f"Bearer {bearer}"} | ({} if last is None else {"Last-Event-ID": last})
    async with (
        httpx.AsyncClient(base_url=address, headers=headers, timeout=PATIENCE, trust_env=False) as http,
        http.stream("GET", "/v1/events", params=query) as answer,
    ):
        assert answer.status_code == 200, await answer.aread()
        assert answer.headers["content-type"].startswith("text/event-stream")
        listener = Listener(answer)
        listener.began = await listener.message()
        yield listener


async def refusal(address: str, bearer: str, last: str | None = None, **query: str) -> tuple[int, Any]:
    """Status and problem of a request that must not be listened to."""
    async with httpx.AsyncClient(base_url=address, timeout=PATIENCE, trust_env=False) as http:
        headers = {"Authorization": f"Bearer {bearer}"} | ({} if last is None else {"Last-Event-ID": last})
        answer = await http.get("/v1/events", params=query, headers=headers)
    return answer.status_code, answer.json()


def case_of(told: Any) -> str:
    return f"nonconformity/{told['id']}"
