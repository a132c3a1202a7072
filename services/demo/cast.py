"""The people of the demonstration: each acts over HTTP with an own token, as anybody would."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import httpx

from services.client import Closeout
from services.ready import Ready


@dataclass(frozen=True, slots=True)
class Player:
    """One person or integration, by name and role."""

    id: str
    name: str
    role: str
    api: Closeout

    @property
    def http(self) -> httpx.AsyncClient:
        """The connections, for requests that are sent once and answered as they are."""
        return self.api.http

    async def sign(self, case: str, command: str, **body: Any) -> None:
        """A signed command on a case: reads what is to be signed, and signs exactly that."""
        await self.api.sign(await self.api.nonconformity(case), command, **body)


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
            api = Closeout(ready.api, token)
            players.append(Player((await api.get("/v1/me"))["id"], name, role, api))
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
            await player.api.close()
