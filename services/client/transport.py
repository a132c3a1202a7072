"""Requests that may be repeated: each write has a key, under which the server records it once."""

import asyncio
import json
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

TOO_MANY = 429
"""The one of them by which a server says that it did nothing, and why."""

FIRST, LONGEST = 0.2, 20.0
"""Seconds before the second try, and the most between two."""


class Failed(Exception):
    """The server refused a request; `trouble` says by which rule, and of a rate how long it lasts (`wait`)."""

    def __init__(self, trouble: Trouble) -> None:
        self.trouble = trouble
        again = "" if trouble.wait is None else f", again in {trouble.wait:.0f} s"
        super().__init__(f"{trouble.detail} ({trouble.code}{again})")

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

        Where patience ends while the server takes no more for now, that is Failed, unless an earlier try was lost.
        `content` is called for each try, where it is called at all. `key` is the Idempotency-Key of a write; a new one
        where none is given.
        """
        sent = dict(headers or {})
        if method != "GET":
            sent["Idempotency-Key"] = key or str(uuid4())
        if body is not None:
            sent["Content-Type"] = "application/json"
        given = {name: value for name, value in (query or {}).items() if value is not None}
        loop = asyncio.get_running_loop()
        until, pause, why = loop.time() + self.patience, FIRST, ""
        refused: httpx.Response | None
        known = True
        while True:
            wait = pause * random.uniform(0.5, 1.5)  # noqa: S311 - no secret
            try:
                more = _body(body, content)
                answer = await self.client.request(method, path, params=given, headers=sent, **more)
            except httpx.TransportError as error:
                known, why, refused = False, f"{type(error).__name__}: {error}", None
            else:
                if answer.status_code not in AGAIN:
                    return decided(answer)
                refused = answer if answer.status_code == TOO_MANY else None
                known, why = known and refused is not None, f"{answer.status_code}"
                wait = max(wait, asked(answer))
            if loop.time() + wait > until:
                if known and refused is not None:
                    return decided(refused)
                raise Unreached(f"{method} {path}: nobody answered within {self.patience:.0f} s ({why})")
            await asyncio.sleep(wait)
            pause = min(2 * pause, LONGEST)


def _body(body: Any, content: bytes | Callable[[], AsyncIterator[bytes]] | None) -> dict[str, Any]:
    """A request's body as httpx takes it."""
    if content is not None:
        return {"content": content() if callable(content) else content}
    return {} if body is None else {"content": written(body)}


def written(body: Any) -> bytes:
    """A value as JSON; half a character, which UTF-8 cannot hold, as JSON escapes it. Raises ValueError."""
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.encode("utf-8", "backslashreplace")


def asked(answer: httpx.Response) -> float:
    """For how many seconds the server asks to wait; none where it says none, or says a date."""
    said = answer.headers.get("retry-after", "")
    return float(said) if said.isascii() and said.isdigit() else 0.0


def decided(answer: httpx.Response) -> httpx.Response:
    """An answer that is not to be asked for again; raises Failed for a refusal."""
    if not answer.is_error:
        return answer
    try:
        trouble = Trouble.model_validate(answer.json())
    except (ValueError, ValidationError):
        # Not ours: a proxy on the way.
        trouble = Trouble(status=answer.status_code, code=f"http_{answer.status_code}", detail=answer.text[:500])
    if answer.status_code == TOO_MANY:
        trouble = trouble.model_copy(update={"wait": asked(answer)})
    raise Failed(trouble)
