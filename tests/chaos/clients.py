"""Clients over HTTP: each repeats a command under its key until its final answer, and journals what it was told."""

import asyncio
import random
from contextlib import suppress
from typing import Any
from uuid import uuid4

import httpx

from services.ready import Ready
from tests.chaos.journal import Journal

PATIENCE = 15.0
"""Seconds for which a client waits for an answer: longer than the API takes to say that it has none."""

AGAIN, TWICE = 0.12, 0.05
"""How often an answered command is sent once more, and how often a command is sent twice at once."""

Answer = dict[str, Any]


class Refused(Exception):
    """A final no."""

    def __init__(self, answer: Answer) -> None:
        self.code = str(answer.get("code"))
        super().__init__(f"{self.code}: {answer.get('detail')}")


class Desk:
    """Where everybody's requests go out from. `rng` decides when a client repeats what was answered already."""

    def __init__(self, ready: Ready, api: str, journal: Journal, rng: random.Random) -> None:
        self._ready = ready
        self._journal = journal
        self._rng = rng
        self._http = httpx.AsyncClient(base_url=api, timeout=PATIENCE, trust_env=False)

    async def close(self) -> None:
        """Closes the connections."""
        await self._http.aclose()

    def token(self, role: str, n: int = 0) -> str:
        """The token of the n-th person of a role, or the key of a source."""
        tokens = [key.key for key in self._ready.keys if key.source == role]
        return (tokens + [person.token for person in self._ready.people if person.role == role])[n]

    async def get(self, path: str, token: str) -> Answer:
        """What somebody sees; asked until answered."""
        while True:
            response = await self._sent("GET", path, token)
            if response is not None and response.is_success:
                found: Answer = response.json()
                return found
            if response is not None and response.is_client_error:
                raise Refused(response.json())

    async def report(self, token: str, finding: Answer) -> str:
        """Reports a finding; answers the id of its case."""
        answer = await self._settled("report", None, "/v1/findings", token, finding)
        return str(answer["id"])

    async def give(self, stream: str, command: str, token: str, **body: Any) -> Answer:
        """Has a command recorded on a stream."""
        return await self._settled(command, stream, f"{path_of(stream)}/{command}", token, body)

    async def sign(self, stream: str, command: str, token: str, **body: Any) -> Answer:
        """Signs what is seen, and has it recorded."""
        seen = (await self.get(path_of(stream), token))["signable"].get(command.replace("-", "_"))
        if seen is None:
            raise Refused({"code": "not_signable", "detail": f"{command} on {stream} is not to be signed now"})
        signature = {"content_sha256": seen["sha256"], "meaning": seen["meaning"]}
        return await self.give(stream, command, token, **body, signature=signature)

    async def _settled(self, command: str, stream: str | None, path: str, token: str, body: Answer) -> Answer:
        """The final answer to a command under a new key; a repeat, now or at once, has to be answered the same."""
        key = str(uuid4())
        self._journal.ask(key, command, stream)
        times = 2 if self._rng.random() < TWICE else 1
        answers = await asyncio.gather(*(self._until_final(key, path, token, body) for _ in range(times)))
        (response, tries), *others = answers
        answer: Answer = response.json()
        if response.is_client_error:
            self._journal.settle("refused", key, code=answer.get("code"), tries=tries)
            raise Refused(answer)
        where = stream or f"nonconformity/{answer['id']}"
        self._journal.settle("told", key, stream=where, answer=answer, tries=tries)
        if self._rng.random() < AGAIN:
            others.append(await self._until_final(key, path, token, body))
        for other, _ in others:
            self._journal.note("repeated", key=key, same=other.content == response.content, status=other.status_code)
        return answer

    async def _until_final(self, key: str, path: str, token: str, body: Answer) -> tuple[httpx.Response, int]:
        tries = 0
        while True:
            tries += 1
            response = await self._sent("POST", path, token, key, body)
            if response is not None and not response.is_server_error:
                return response, tries

    async def _sent(
        self, method: str, path: str, token: str, key: str | None = None, body: Answer | None = None
    ) -> httpx.Response | None:
        """One try; None, after a moment, where nobody answered. After a 503 it waits as long as it was told to."""
        headers = {"Authorization": f"Bearer {token}"} | ({"Idempotency-Key": key} if key else {})
        response = None
        with suppress(httpx.TransportError), self._journal.on_wire(key):
            response = await self._http.request(method, path, headers=headers, json=body)
        if response is None:
            await asyncio.sleep(self._rng.uniform(0.05, 0.2))
        elif response.is_server_error:
            if response.status_code != httpx.codes.SERVICE_UNAVAILABLE:
                self._journal.note("odd", path=path, status=response.status_code, text=response.text[:500])
            await asyncio.sleep(float(response.headers.get("Retry-After", "1")))
        return response


def path_of(stream: str) -> str:
    """Where the API has a stream."""
    kind, _, name = stream.partition("/")
    return f"/v1/{'nonconformities' if kind == 'nonconformity' else 'committee-reviews'}/{name}"
