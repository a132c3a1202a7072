"""Lists that follow what happens: how much of one changed since it was read, said above it while it stays as it is.

The address at which a page listens carries a mark of each row that it shows; the server keeps nothing of it. Where
something happened that its reader sees, the list is read again as its page would be, and what differs is counted.
"""

import base64
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from hashlib import blake2b
from typing import Any
from urllib.parse import parse_qsl, urlencode

import anyio
from fastapi import APIRouter, Request
from sse_starlette import ServerSentEvent
from starlette.responses import Response

from activities.ledger import rows
from activities.ledger.protocol import Unavailable
from activities.reads import happened
from services.api.context import TheApi
from services.api.events import RETRY, TRUST, Listener, Listening, Told
from services.api.subscribing import NOW, place
from services.console.frame.navigation import HOME
from services.console.frame.paged import Paged, later
from services.console.frame.rendering import part
from services.problems import Problem
from services.signin.viewer import TheListener, Viewer, recognised

PACE = 5.0
"""Seconds between two looks: what is said of a list changes no oftener, whatever happens."""

SHOWN = "shown"
"""What an address says of the rows that its page shows."""

_MARK = 6
"""Bytes of a mark; a multiple of three, so that each is of as many characters."""

Rows = Sequence[Mapping[str, Any]]
Read = Callable[[Request, Viewer], Awaitable[Rows]]
"""What a page shows of its list, by the request for the page. Raises Problem and Unavailable."""

router = APIRouter(prefix=f"{HOME}lists", route_class=Paged, include_in_schema=False)


@dataclass(slots=True, eq=False)
class Onlooker(Listener):
    """Somebody who looks at a page; what they hear ends with their session."""

    request: Request = field(kw_only=True)

    async def _is_known(self) -> bool:
        """Whether the session still stands, asked now and then; where nobody can say, as before."""
        if time.monotonic() - self._trusted >= TRUST:
            try:
                if await recognised(self.request, used=False) is None:
                    return False
            except Unavailable:
                pass
            self._trusted = time.monotonic()
        return True


@dataclass(slots=True, eq=False)
class Following(Onlooker):
    """Somebody who looks at a list at `path`: the marks of what they are shown, and of what they would be `now`."""

    path: str = field(kw_only=True)
    shown: frozenset[str] = field(kw_only=True)
    now: frozenset[str] = field(kw_only=True)
    read: Callable[[], Awaitable[Rows]] = field(kw_only=True)

    async def messages(self) -> AsyncIterator[ServerSentEvent]:
        """How many rows differ from what is shown, whenever that changes, until the session is over."""
        yield ServerSentEvent(id=self.told, retry=RETRY)
        said = 0
        while True:
            # A row that comes pushes another off the page, and one that changes has another mark: each is one change.
            count = max(len(self.now - self.shown), len(self.shown - self.now))
            if count != said:
                yield ServerSentEvent(part(self.request, "following.html", count=count, path=self.path))
                said = count
            await self._rest()
            if self.stopping.is_set() or not await self._is_known():
                return
            with suppress(Unavailable):
                try:
                    await self._look()
                except Problem:
                    return  # the thing whose page it is is seen no more

    async def _look(self) -> None:
        after = rows.read_position(self.told)
        end, has_moved = await happened.beyond(self.api.database, self.scope, after, self.wanted.kind)
        if has_moved:
            self.now = frozenset(_marks(await self.read()))
        self.told = rows.position(*end)

    async def _rest(self) -> None:
        with anyio.move_on_after(PACE):
            await self.stopping.wait()


def followed(name: str, path: str, *kinds: str) -> Callable[[Read], Read]:
    """Has a list be followed as `name`: its page is at `path`, shows what a function reads, of these kinds of things.

    What is a parameter in the path is one in the name.
    """

    def added(read: Read) -> Read:
        async def live(request: Request, api: TheApi, viewer: TheListener) -> Response:
            if not api.listeners.available_tokens:
                return later()  # before anything is read, as every page without a place asks again and again
            page = _page(request, path.format(**request.path_params))
            scope = viewer.caller.scope
            begin = rows.position(*await place(api, scope, "/from", NOW))
            now = frozenset(_marks(await read(page, viewer)))
            following = Following(
                api,
                viewer.caller,
                None,
                scope,
                Listening(kind=kinds),
                begin,
                request=request,
                path=f"{page.url.path}?{page.url.query}" if page.url.query else page.url.path,
                shown=_split(request.query_params.get(SHOWN, "")),
                now=now,
                read=partial(read, page, viewer),
            )
            try:
                return Told(following)
            except anyio.WouldBlock:
                return later()

        router.add_api_route(f"/{name}/live", live, methods=["GET"])
        return read

    return added


def address(name: str, request: Request, shown: Rows) -> str:
    """Where a page listens that shows these rows of a list."""
    query = [*parse_qsl(request.url.query), (SHOWN, "".join(_marks(shown)))]
    return f"{router.prefix}/{name}/live?{urlencode(query)}"


def _page(request: Request, path: str) -> Request:
    """The request for the page that listens, whose cursors are good for its own path alone."""
    query = [(name, value) for name, value in parse_qsl(request.url.query) if name != SHOWN]
    return Request({**request.scope, "path": path, "query_string": urlencode(query).encode()}, request.receive)


def _marks(shown: Rows) -> list[str]:
    return [_mark(json.dumps(row, sort_keys=True)) for row in shown]


def _mark(text: str) -> str:
    return base64.urlsafe_b64encode(blake2b(text.encode(), digest_size=_MARK).digest()).decode()


def _split(marks: str) -> frozenset[str]:
    size = _MARK * 4 // 3
    return frozenset(marks[at : at + size] for at in range(0, len(marks), size))
