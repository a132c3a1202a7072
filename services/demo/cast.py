"""The people of the demonstration: each acts over HTTP with an own token, as anybody would."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx

from services.ready import Ready


class Refused(Exception):
    """A request that the API refused; the problem document says why."""

    def __init__(self, problem: dict[str, Any]) -> None:
        self.code = str(problem.get("code"))
        super().__init__(f"{self.code}: {problem.get('detail')}")


@dataclass(frozen=True, slots=True)
class Player:
    """One person or integration, by name and role."""

    id: str
    name: str
    role: str
    http: httpx.AsyncClient

    async def get(self, path: str) -> dict[str, Any]:
        """What the API shows this person."""
        return await self._ask("GET", path)

    async def post(self, path: str, body: object) -> dict[str, Any]:
        """A write; tried again under the same key while engine or database are away."""
        return await self._ask("POST", path, json=body, headers={"Idempotency-Key": str(uuid4())})

    async def upload(self, path: str, document: bytes) -> dict[str, Any]:
        """A document as it is."""
        return await self._ask("POST", path, content=document, headers={"Content-Type": "application/json"})

    async def act(self, thing: str, command: str, **body: object) -> dict[str, Any]:
        """A command on a case or review (`nonconformities/{id}`)."""
        return await self.post(f"/v1/{thing}/{command}", body)

    async def sign(self, thing: str, command: str, **body: object) -> dict[str, Any]:
        """A signed command: reads what is to be signed, and signs exactly that."""
        seen = (await self.get(f"/v1/{thing}"))["signable"][command.replace("-", "_")]
        signature = {"content_sha256": seen["sha256"], "meaning": seen["meaning"]}
        return await self.act(thing, command, **body, signature=signature)

    async def _ask(self, method: str, path: str, **request: Any) -> dict[str, Any]:
        response = await self.http.request(method, path, **request)
        for _ in range(20):
            if response.status_code != httpx.codes.SERVICE_UNAVAILABLE:
                break
            await asyncio.sleep(float(response.headers.get("Retry-After", "1")))
            response = await self.http.request(method, path, **request)
        answer: dict[str, Any] = response.json()
        if response.is_error:
            raise Refused(answer)
        return answer


class Cast:
    """Everybody of a running stack."""

    def __init__(self, players: Sequence[Player]) -> None:
        self.players = players

    @classmethod
    async def of(cls, ready: Ready) -> "Cast":
        """Signs everybody in."""
        tokens = [(card.name, card.role, card.token) for card in ready.people]
        tokens += [(key.source, "integration", key.key) for key in ready.keys]
        players = []
        for name, role, token in tokens:
            http = httpx.AsyncClient(
                base_url=ready.api, headers={"Authorization": f"Bearer {token}"}, timeout=30, trust_env=False
            )
            me = (await http.get("/v1/me")).raise_for_status().json()
            players.append(Player(me["id"], name, role, http))
        return cls(players)

    def all(self, role: str) -> list[Player]:
        """Everybody with a role."""
        return [player for player in self.players if player.role == role]

    def one(self, role: str, n: int = 0) -> Player:
        """The n-th person with a role."""
        return self.all(role)[n]

    def names(self) -> dict[str, str]:
        """Names by id."""
        return {player.id: player.name for player in self.players}

    async def leave(self) -> None:
        """Closes the connections."""
        for player in self.players:
            await player.http.aclose()
