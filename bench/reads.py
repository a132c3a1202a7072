"""`list`, `one`, `list_route`, `one_route`: reads over a million cases against bare asyncpg.

Ten at once, ten connections on both sides; one of the newest pages, or a random case, each time. `list` and `one` are
the reads alone, to the JSON that is answered: row-level security, the page or the case, its text. The routes have the
whole way of a request but the sockets, as an ASGI app in this process: authentication, query, what the caller may do.
"""

import asyncio
import json
import random
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import FastAPI

from activities.reads import nonconformities
from activities.reads.nonconformities import Wanted
from bench import cases
from bench.baselines import reads as bare
from bench.harness import Result, crowd, result
from bench.million import TENANT, fill, id_of
from bench.site import Site
from services.api import streams, views
from services.api.app import create_app
from services.api.context import Api, now
from services.api.views import Standing
from services.auth import Caller
from services.bootstrap import mint
from workflows.nonconformity.case import Case
from workflows.people import Role
from workflows.policy_book import PolicyBook

AT_ONCE = 10
AWAY = 503
TRIES = 5
LIST = "/v1/nonconformities"
PAGES = 100
PAGE = 50


@dataclass(frozen=True, slots=True)
class Place:
    """Where a full page begins: the API's cursor, and the id before it."""

    cursor: str
    before: str


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads as the product does, and as asyncpg alone does; each function reads once."""

    site: Site
    app: FastAPI
    token: str
    caller: Caller
    places: list[Place]

    @property
    def api(self) -> Api:
        """What the app's routes work with."""
        api: Api = self.app.state.api
        return api

    async def page(self) -> None:
        """A page, as JSON."""
        await nonconformities.listed(self.api.database, self.caller.scope, Wanted(), now(), self._place().before, PAGE)

    async def routed_page(self) -> None:
        """A page over the API."""
        await get(self.app, LIST, f"cursor={self._place().cursor}", bearer(self.token))

    async def bare_page(self) -> None:
        """The rows of a page."""
        async with self.site.owner.acquire() as connection:
            await bare.fifty(connection, TENANT, self._place().before)

    async def case(self) -> None:
        """A case, as JSON."""
        case_id = self._any()
        stream = await streams.visible(self.api, self.caller, "nonconformity", case_id)
        assert isinstance(stream.state, Case)
        views.case_text(stream.state, Standing(case_id, stream.seq, stream.head, now()))

    async def routed_case(self) -> None:
        """A case over the API."""
        await get(self.app, f"{LIST}/{self._any()}", "", bearer(self.token))

    async def bare_case(self) -> None:
        """The row of a case."""
        async with self.site.owner.acquire() as connection:
            await bare.one(connection, TENANT, self._any())

    def _place(self) -> Place:
        return random.choice(self.places)  # noqa: S311 - no secret

    def _any(self) -> str:
        return id_of(random.randint(1, self.site.size.rows))  # noqa: S311 - no secret


async def measure(site: Site) -> list[Result]:
    """Pages and cases a second."""
    await cases.register(site.ledger, TENANT)
    await fill(site)
    app = create_app(site.ledger, site.engine, site.ledger.database, site.settings, PolicyBook.load())
    token = mint(site.settings, Role.REVIEWER, "Reviewer", tenant=TENANT)
    api: Api = app.state.api
    caller = await api.authenticator.caller(f"Bearer {token}", now())
    reader = Reader(site, app, token, caller, await _places(app, token))

    def many(read: Callable[[], Awaitable[None]]) -> Callable[[], Awaitable[Mapping[str, float]]]:
        async def turn() -> Mapping[str, float]:
            return {"rate": (await crowd(site.size.reads, AT_ONCE, lambda _: read())).rate}

        return turn

    sides = (reader.page, reader.routed_page, reader.bare_page, reader.case, reader.routed_case, reader.bare_case)
    turns = await site.rounds.turns(*(many(side) for side in sides))
    page, routed_page, bare_page, case, routed_case, bare_case = (turn["rate"] for turn in turns)
    return [
        result("list", page, bare_page),
        result("list_route", routed_page, bare_page),
        result("one", case, bare_case),
        result("one_route", routed_case, bare_case),
    ]


def bearer(token: str) -> tuple[bytes, bytes]:
    """The header of who has a token."""
    return b"authorization", f"Bearer {token}".encode()


async def get(app: FastAPI, path: str, query: str, header: tuple[bytes, bytes]) -> bytes:
    """The body of the answer of an app to who sends such a header; RuntimeError for another status than 200.

    What answers that it is away for a moment, as on a machine that does much else, is asked again.
    """
    status, body = await _answer(app, path, query, header)
    for _ in range(TRIES - 1):
        if status != AWAY:
            break
        status, body = await _answer(app, path, query, header)
    if status != 200:
        raise RuntimeError(f"{path}: {status}: {body.decode()}")
    return body


async def _answer(app: FastAPI, path: str, query: str, header: tuple[bytes, bytes]) -> tuple[int, bytes]:
    sent: list[Any] = []
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": [(b"host", b"bench"), header],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80),
    }

    told: list[dict[str, Any]] = [{"type": "http.request", "body": b"", "more_body": False}]
    leaves: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()

    async def receive() -> dict[str, Any]:
        return told.pop() if told else await leaves

    async def send(message: Any) -> None:
        sent.append(message)

    await app(scope, receive, send)
    return sent[0]["status"], b"".join(message.get("body", b"") for message in sent)


async def _places(app: FastAPI, token: str) -> list[Place]:
    """Where the newest full pages begin."""
    places: list[Place] = []
    query = ""
    while len(places) < PAGES:
        page = json.loads(await get(app, LIST, query, bearer(token)))
        if page["next"] is None:
            break
        places.append(Place(page["next"], page["items"][-1]["id"]))
        query = f"cursor={page['next']}"
    return places
