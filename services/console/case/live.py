"""What happens to a case or a review while somebody looks at its page: told beside what they do there."""

from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

import anyio
from fastapi import APIRouter, Request
from sse_starlette import ServerSentEvent
from starlette.responses import Response

from activities.ledger.protocol import Recorded, Unavailable
from activities.reads import desk
from services.api import streams
from services.api.context import Api, TheApi
from services.api.events import PAGE, RETRY, Listening, Told
from services.console.frame.following import Onlooker
from services.console.frame.navigation import PATHS
from services.console.frame.paged import Paged, later
from services.console.frame.rendering import part
from services.console.things import elsewhere
from services.signin.viewer import TheListener, Viewer

LAST = 2**31 - 1
"""No event of a stream comes after this one."""

router = APIRouter(route_class=Paged, include_in_schema=False)


@dataclass(slots=True, eq=False)
class Watching(Onlooker):
    """Somebody who looks at a page; `told` is the last event that they know of, `path` where its thing is shown."""

    path: str = field(kw_only=True)

    async def messages(self) -> AsyncIterator[ServerSentEvent]:
        """What came after the page was made, each time all of it, until the server stops or the session is over."""
        [stream] = self.wanted.stream
        since: list[Recorded] = []
        yield ServerSentEvent(id=self.told, retry=RETRY)
        while not self.stopping.is_set() and await self._is_known():
            found: Sequence[Recorded] = ()
            with suppress(Unavailable):
                found = await self.api.ledger.history(self.scope, stream, after=int(self.told), limit=PAGE)
            if found:
                since += found
                self.told = str(found[-1].seq)
                yield await self._said(since)
            if len(found) < PAGE:
                await self._rest()

    async def _said(self, since: list[Recorded]) -> ServerSentEvent:
        try:
            actors = {one.actor for one in since}
            names = {
                **await desk.names(self.api.database, self.scope, actors),
                **await elsewhere.named(self.api, self.caller, actors),
            }
        except Unavailable:
            names = {}
        told = {"actor": self.caller.actor, "since": since, "names": names, "path": self.path}
        return ServerSentEvent(part(self.request, "live.html", **told))


async def watch(kind: str, id: str, request: Request, api: Api, viewer: Viewer, seq: int) -> Response:
    """Tells a page of what happens to its thing beyond `seq`. Raises UnknownThing and Unavailable."""
    stream = await streams.visible(api, viewer.caller, kind, id)
    wanted = Listening(stream=(stream.name,))
    caller, path = viewer.caller, f"{PATHS[kind]}/{id}"
    listener = Watching(api, caller, None, caller.scope, wanted, str(seq), request=request, path=path)
    try:
        return Told(listener)
    except anyio.WouldBlock:
        return later()


def _route(kind: str, path: str) -> None:
    async def live(id: str, request: Request, api: TheApi, viewer: TheListener, seq: int = 0) -> Response:
        return await watch(kind, id, request, api, viewer, min(max(seq, 0), LAST))

    router.add_api_route(f"{path}/{{id}}/live", live, methods=["GET"], name=f"{kind}_live")


for _kind, _path in PATHS.items():
    _route(_kind, _path)
