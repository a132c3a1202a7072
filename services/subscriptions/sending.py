"""One request to a receiver, and what it said: bounded in time and in what is read, never redirected."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from time import perf_counter

import httpcore
import httpx

from services.subscriptions.addresses import Guard
from services.subscriptions.connecting import Forbidden, Guarded, Resolve, resolved

PATIENCE = 20.0
"""Seconds that a receiver has, from the look-up of its name to the end of its answer."""

HEAD = 2048
"""Bytes of an answer that are read and kept."""

GONE = 410
"""The receiver wants no more: the one answer that means more than success or failure."""


@dataclass(frozen=True, slots=True)
class Said:
    """What a receiver answered: its status, None where it did not answer, with `error` saying why."""

    status: int | None
    head: str = ""
    error: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    seconds: float = 0

    @property
    def is_success(self) -> bool:
        """Whether the event arrived. A redirect is none: what is sent goes where it was meant to, or nowhere."""
        return self.status is not None and 200 <= self.status < 300

    @property
    def failure(self) -> str:
        """Why it did not arrive; empty where it did."""
        if self.is_success:
            return ""
        return self.error or f"The receiver answered {self.status}."


class Sender:
    """Sends to whatever the guard lets pass. Takes no proxy, keeps no cookie, follows no redirect."""

    def __init__(self, guard: Guard, *, resolve: Resolve = resolved, patience: float = PATIENCE) -> None:
        self._patience = patience
        tls = httpx.create_ssl_context()
        self._pools = {
            scheme: httpcore.AsyncConnectionPool(
                ssl_context=tls,
                max_connections=None,
                max_keepalive_connections=100,
                keepalive_expiry=5,
                network_backend=Guarded(guard, resolve, is_plain=scheme == "http"),
            )
            for scheme in ("https", "http")
        }

    async def close(self) -> None:
        """Closes every connection."""
        for pool in self._pools.values():
            await pool.aclose()

    async def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Said:
        """What the receiver said. Raises nothing for what receivers do wrong: that is in the answer."""
        began = perf_counter()
        try:
            async with asyncio.timeout(self._patience):
                return await self._post(url, headers, body, began)
        except TimeoutError:
            error = f"The receiver did not answer within {self._patience:g} seconds."
        except Forbidden as forbidden:
            error = str(forbidden)
        except (httpcore.ConnectError, httpcore.ConnectTimeout) as failed:
            error = f"The receiver cannot be connected to: {failed}"
        except (httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError, OSError) as failed:
            error = f"The connection broke: {failed}"
        return Said(None, error=error, seconds=perf_counter() - began)

    async def _post(self, url: str, headers: Mapping[str, str], body: bytes, began: float) -> Said:
        pool = self._pools[url.partition(":")[0]]
        async with pool.stream("POST", url, headers=list(headers.items()), content=body) as answer:
            head = b""
            async for part in answer.aiter_stream():
                head = (head + part)[:HEAD]
                if len(head) == HEAD:
                    break
            told = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in answer.headers}
            # Postgres holds no NUL in JSON.
            text = head.decode("utf-8", "replace").replace("\x00", "\N{REPLACEMENT CHARACTER}")
            return Said(answer.status, text, "", told, perf_counter() - began)
