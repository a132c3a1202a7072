"""The feed as its listener has it: server-sent events (HTML standard, 9.2), gone on with where they were cut off."""

import asyncio
import json
import random
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from services.client.models import Event
from services.client.transport import AGAIN, FIRST, LONGEST, asked, decided

SILENCE = 60.0
"""Seconds without a sign of life after which a connection is given up; the server gives one every fifteen."""


@dataclass(frozen=True, slots=True)
class Message:
    """One message: where it is in the feed, and what it tells; a sign of life tells nothing."""

    id: str
    data: str


async def follow(http: httpx.AsyncClient, query: Mapping[str, Any]) -> AsyncIterator[Event]:
    """What happens, for as long as one listens, each event once. Raises Failed where the server refuses."""
    last, pause = "", FIRST
    while True:
        headers, wait = {"Last-Event-ID": last} if last else {}, 0.0
        try:
            async with http.stream("GET", "/v1/events", params=query, headers=headers, timeout=SILENCE) as answer:
                if answer.status_code in AGAIN:
                    wait = asked(answer)
                else:
                    if answer.is_error:
                        await answer.aread()
                    async for message in _messages(decided(answer)):
                        last, pause = message.id or last, FIRST
                        if message.data:
                            yield Event.of(json.loads(message.data))
        except httpx.TransportError:
            # Away, or cut off: as long as one listens, that is no reason to stop.
            pass
        await asyncio.sleep(max(wait, pause * random.uniform(0.5, 1.5)))  # noqa: S311 - no secret
        pause = min(2 * pause, LONGEST)


async def _messages(answer: httpx.Response) -> AsyncIterator[Message]:
    """The messages that came whole."""
    place, data = "", list[str]()
    async for line in _lines(answer):
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if not line:
            yield Message(place, "\n".join(data))
            place, data = "", []
        elif name == "id":
            place = value
        elif name == "data":
            data.append(value)


async def _lines(answer: httpx.Response) -> AsyncIterator[str]:
    """Lines by their line feeds alone: texts may hold what Unicode also calls the end of a line."""
    rest = b""
    async for chunk in answer.aiter_bytes():
        *whole, rest = (rest + chunk).split(b"\n")
        for line in whole:
            yield line.removesuffix(b"\r").decode()
