"""What happens to a case or a review while somebody looks at its page: told beside what they do there."""

from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass, field

import anyio
from fastapi import APIRouter, Request
from sse_starlette import ServerSentEvent
from starlette.responses import Response

from activities.ledger import rows
from activities.ledger.protocol import Recorded, Unavailable
from activities.reads import desk
from services.api import streams
from services.api.context import Api, TheApi
from services.api.events import PAGE, RETRY, Listening, Told
from services.api.subscribing import place
from services.console.frame.following import Onlooker
from services.console.frame.navigation import PATHS
from services.console.frame.paged import Paged, later
from services.console.frame.rendering import part
from services.signin.viewer import TheListener, Viewer

router = APIRouter(route_class=Paged, include_in_schema=False)


@dataclass(slots=True, eq=False)
class Watching(Onlooker):
    """Somebody who looks at a page; `seq` is the last event that it shows, `path` where its thing is shown."""

    path: str = field(kw_only=True)
    seq: int = field(kw_only=True)

    async def messages(self) -> AsyncIterator[ServerSentEvent]:
        """What came after the page was made, each time all of it, until the server stops or the session is over."""
        [stream] = self.wanted.stream
        since: list[Recorded] = []
        yield ServerSentEvent(id=self.told, retry=RETRY)
        with suppress(Unavailable):
            since += await self.api.ledger.history(self.scope, stream, after=self.seq, limit=PAGE)
        if since:
            yield await self._said(since)
        while not self.stopping.is_set() and await self._is_known():
            try:
                page = await self.api.ledger.feed(self.scope, self.told, PAGE)
            except Unavailable:
                await self._rest()
                continue
            last = since[-1].seq if since else self.seq
            found = [one for one in page if one.stream == stream and one.seq > last]
            since += found
            if found:
                yield await self._said(since)
            if page:
                self.told = page[-1].position
            if len(page) < PAGE:
                await self._rest()

    async def _said(self, since: list[Recorded]) -> ServerSentEvent:
        try:
            names = await desk.names(self.api.database, self.scope, {one.actor for one in since})
        except Unavailable:
            names = {}
        told = {"actor": self.caller.actor, "since": since, "names": names, "path": self.path}
        return ServerSentEvent(part(self.request, "live.html", **told))


async def watch(kind: str, id: str, request: Request, api: Api, viewer: Viewer, seq: int) -> Response:
    """Tells a page of what happens to its thing beyond `seq`. Raises UnknownThing and Unavailable."""
    stream = await streams.visible(api, viewer.caller, kind, id)
    wanted = Listening(stream=(stream.name,))
    scope = viewer.caller.scope
    begin = rows.position(*await place(api, scope, "/from", wanted.start))
    path = f"{PATHS[kind]}/{id}"
    listener = Watching(api, viewer.caller, None, scope, wanted, begin, request=request, path=path, seq=seq)
    try:
        return Told(listener)
    except anyio.WouldBlock:
        return later()


def _route(kind: str, path: str) -> None:
    async def live(id: str, request: Request, api: TheApi, viewer: TheListener, seq: int = 0) -> Response:
        return await watch(kind, id, request, api, viewer, max(seq, 0))

    router.add_api_route(f"{path}/{{id}}/live", live, methods=["GET"], name=f"{kind}_live")


for _kind, _path in PATHS.items():
    _route(_kind, _path)
