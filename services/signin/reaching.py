"""Requests to the issuer: bounded in time and size, answered in JSON, and nowhere but where they were sent."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from activities.ledger.protocol import Unavailable

PATIENCE = 5.0
"""Seconds that one answer may take."""

LARGEST = 1_000_000
"""The most bytes of one answer."""


class IssuerAway(Unavailable):
    """The issuer does not answer, or nothing of use."""


@dataclass(frozen=True, slots=True)
class Wire:
    """The way to the issuer; `transport` is another one than the network's."""

    transport: httpx.AsyncBaseTransport | None = None

    async def get(self, url: str, bearer: str = "") -> Mapping[str, Any]:
        """What is at an address. Raises IssuerAway."""
        headers = {"Authorization": f"Bearer {bearer}"} if bearer else {}
        status, answer = await self._asked(httpx.Request("GET", url, headers=headers))
        if status != 200:
            raise IssuerAway(f"{url} answers {status}")
        return answer

    async def post(
        self, url: str, form: Mapping[str, str], basic: tuple[str, str] | None = None
    ) -> tuple[int, Mapping[str, Any]]:
        """Status and body of the answer to a form. Raises IssuerAway."""
        request = httpx.Request("POST", url, data=dict(form))
        if basic is not None:
            request = next(httpx.BasicAuth(*basic).auth_flow(request))
        return await self._asked(request)

    async def _asked(self, request: httpx.Request) -> tuple[int, Mapping[str, Any]]:
        url = request.url
        request.headers["Accept"] = "application/json"
        try:
            async with httpx.AsyncClient(transport=self.transport, timeout=PATIENCE) as client:
                answer = await client.send(request, stream=True)
                try:
                    body = await _bounded(answer)
                finally:
                    await answer.aclose()
        except httpx.HTTPError as error:
            raise IssuerAway(f"{url} does not answer: {type(error).__name__}: {error}") from None
        try:
            said = json.loads(body)
        except ValueError:
            raise IssuerAway(f"{url} answers {answer.status_code}, and no JSON") from None
        if not isinstance(said, dict):
            raise IssuerAway(f"{url} answers {answer.status_code}, and no JSON object")
        return answer.status_code, said


async def _bounded(answer: httpx.Response) -> bytes:
    body = b""
    async for part in answer.aiter_bytes():
        body += part
        if len(body) > LARGEST:
            raise IssuerAway(f"{answer.url} answers more than {LARGEST} bytes")
    return body
