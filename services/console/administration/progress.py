"""How far an import has come, while somebody looks at its page: the part that says so is told anew as it moves."""

from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass, field

import anyio
from fastapi import APIRouter, Request
from sse_starlette import ServerSentEvent
from starlette.responses import Response

from activities.directory.imports import Import
from activities.ledger.protocol import Unavailable
from services.api import imports
from services.api.context import TheApi
from services.api.events import RETRY, Listening, Told
from services.console.administration.sections import IMPORTS
from services.console.frame.following import Onlooker
from services.console.frame.paged import Paged, later
from services.console.frame.rendering import part
from services.problems import Problem
from services.signin.viewer import TheListener

ENDED = "ended"
"""The event upon which a page listens no more."""

router = APIRouter(prefix=IMPORTS, route_class=Paged, include_in_schema=False)


@dataclass(slots=True, eq=False)
class Awaiting(Onlooker):
    """Somebody who waits for an import; imports are no streams of the ledger, so that it is looked at itself."""

    one: Import = field(kw_only=True)

    async def messages(self) -> AsyncIterator[ServerSentEvent]:
        """How far it has come, whenever that changes, until it has ended or the session is over."""
        yield ServerSentEvent(id=self.told, retry=RETRY)
        said = ""
        while True:
            text = part(self.request, "import_progress.html", one=self.one)
            if text != said:
                said = text
                yield ServerSentEvent(text)
            if self.one.ended_at is not None:
                yield ServerSentEvent(event=ENDED)
                return
            await self._rest()
            if self.stopping.is_set() or not await self._is_known():
                return
            with suppress(Unavailable):
                try:
                    self.one = await imports.seen(self.api, self.caller, self.one.id)
                except Problem:
                    return  # it is seen no more


@router.get("/{id}/live")
async def live(id: str, request: Request, api: TheApi, viewer: TheListener) -> Response:
    """Tells the page of an import how far it has come."""
    one = await imports.seen(api, viewer.caller, id)
    try:
        return Told(Awaiting(api, viewer.caller, None, viewer.caller.scope, Listening(), "", request=request, one=one))
    except anyio.WouldBlock:
        return later()
