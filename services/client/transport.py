"""Requests that may be repeated: each write has a key, under which the server records it once."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Mapping
from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx
from pydantic import ValidationError

from services.client.models import Trouble

AGAIN = frozenset({408, 425, 429, 502, 503, 504})
"""Answers after which the same request is sent again: nobody decided it."""

FIRST, LONGEST = 0.2, 20.0
"""Seconds before the second try, and the most between two."""


class Failed(Exception):
    """The server refused a request; `trouble` says by which rule."""

    def __init__(self, trouble: Trouble) -> None:
        self.trouble = trouble
        super().__init__(f"{trouble.detail} ({trouble.code})")

    @property
    def code(self) -> str:
        """The rule's stable name."""
        return self.trouble.code


class Unreached(Exception):
    """Nobody answered in time. A write may have been recorded: the same key finds out."""


class Transport:
    """Requests to one server with one bearer, tried again for `patience` while it is away or asks to wait."""

    def __init__(self, client: httpx.AsyncClient, patience: timedelta) -> None:
        self.client = client
        self.patience = patience.total_seconds()

    async def ask(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        body: Any = None,
        content: bytes | Callable[[], AsyncIterator[bytes]] | None = None,
        headers: Mapping[str, str] | None = None,
        key: str | None = None,
    ) -> httpx.Response:
        """The answer to a request that was decided. Raises Failed and Unreached.

        `content` is called for each try, where it is called at all. `key` is the Idempotency-Key of a write; a new one
        where none is given.
        """
        sent = dict(headers or {})
        if method != "GET":
            sent["Idempotency-Key"] = key or str(uuid4())
        given = {name: value for name, value in (query or {}).items() if value is not None}
        loop = asyncio.get_running_loop()
        until, pause, why = loop.time() + self.patience, FIRST, ""
        while True:
            wait = pause * random.uniform(0.5, 1.5)  # noqa: S311 - no secret
            try:
                more = _body(body, content)
                answer = await self.client.request(method, path, params=given, headers=sent, **more)
            except httpx.TransportError as error:
                why = f"{type(error).__name__}: {error}"
            else:
                if answer.status_code not in AGAIN:
                    return decided(answer)
                why = f"{answer.status_code}"
                wait = max(wait, asked(answer))
            if loop.time() + wait > until:
                raise Unreached(f"{method} {path}: nobody answered within {self.patience:.0f} s ({why})")
            await asyncio.sleep(wait)
            pause = min(2 * pause, LONGEST)


def _body(body: Any, content: bytes | Callable[[], AsyncIterator[bytes]] | None) -> dict[str, Any]:
    """A request's body as httpx takes it."""
    if content is not None:
        return {"content": content() if callable(content) else content}
    return {} if body is None else {"json": body}


def asked(answer: httpx.Response) -> float:
    """For how many seconds the server asks to wait; none where it says none, or says a date."""
    said = answer.headers.get("retry-after", "")
    return float(said) if said.isascii() and said.isdigit() else 0.0


def decided(answer: httpx.Response) -> httpx.Response:
    """An answer that is none of AGAIN; raises Failed for a refusal."""
    if not answer.is_error:
        return answer
    try:
        trouble = Trouble.model_validate(answer.json())
    except (ValueError, ValidationError):
        # Not ours: a proxy on the way.
        trouble = Trouble(status=answer.status_code, code=f"http_{answer.status_code}", detail=answer.text[:500])
    raise Failed(trouble)
