"""How a thing begins and changes whose key its maker chooses: a client, an audit, a certificate."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from fastapi import Request
from starlette.responses import Response

from activities.ledger.folding import blank
from activities.ledger.protocol import Met
from services.api import commands, links, streams
from services.api.answers import Json, etag
from services.api.context import Api
from services.auth import Caller
from workflows.decider import Answer, Command, stream_of
from workflows.registry import REGISTRY

Giving = Callable[[Api, Caller, Met, Command], Awaitable[Answer]]
"""What has a command recorded, as `commands.give` does."""


@dataclass(frozen=True, slots=True)
class Thing:
    """A kind of thing.

    `part` is the field of its events' data that holds it as a command leaves it: the answer tells it. Empty, it tells
    the key alone.
    """

    kind: str
    part: str = ""

    async def begin(
        self, command: str, request: Request, api: Api, caller: Caller, give: Giving = commands.give
    ) -> Response:
        """Has a command begin a thing under the key in its body: 201, or 200 where it was recorded before."""
        with commands.told(api, self.kind, command):
            given = await commands.read(request, caller, command)
            name, answer = await self.begun(api, caller, given, give)
            return await self._respond(api, caller, name, answer, 200 if answer.repeated else 201)

    async def begun(self, api: Api, caller: Caller, given: Command, give: Giving = commands.give) -> tuple[str, Answer]:
        """Has a command begin a thing under the key in its body: its stream and the answer. Raises Problem."""
        name = stream_of(self.kind, commands.key_of(self.kind, given))
        met = await api.ledger.meet(caller.scope, name, given) or Met(blank(REGISTRY, caller.tenant, name))
        return name, await give(api, caller, met, given)

    async def change(
        self, command: str, key: str, request: Request, api: Api, caller: Caller, give: Giving = commands.give
    ) -> Response:
        """Has a command change a thing that the caller sees."""
        with commands.told(api, self.kind, command):
            given = await commands.read(request, caller, command)
            met = await streams.met(api, caller, self.kind, key, given)
            return await self._respond(api, caller, met.stream.name, await give(api, caller, met, given), 200)

    async def _respond(self, api: Api, caller: Caller, name: str, answer: Answer, status: int) -> Response:
        """The thing as the command left it, with its answer and its place."""
        key = name.partition("/")[2]
        left: dict[str, Any] = {}
        if self.part:
            [event] = await api.ledger.history(caller.scope, name, after=answer.seq - 1, limit=1)
            left = (event.data or {}).get(self.part, {})
        told = answer.model_dump(mode="json", include=commands.TOLD)
        headers = etag(answer.seq) | {"Location": f"{links.path(self.kind)}/{key}"}
        return Json({"key": key, **left, **told}, status, headers)
