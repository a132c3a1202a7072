"""`list`, `one`: reads over a million cases by the API's routes, called as an ASGI app in this process, no network.

Ten at once, ten connections on both sides; one of the newest pages, or a random case, each time. The product's side has
the whole way of a request but the sockets: authentication, row-level security, what the caller may do, JSON.
"""

import json
import random
from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI

from bench import cases
from bench.baselines import reads as bare
from bench.harness import Result, crowd, result
from bench.million import TENANT, fill, id_of
from bench.site import Site
from services.api.app import create_app
from services.bootstrap import mint
from workflows.people import Role
from workflows.policy_book import PolicyBook

AT_ONCE = 10
LIST = "/v1/nonconformities"
PAGES = 100


async def measure(site: Site) -> list[Result]:
    """Pages and cases a second."""
    await cases.register(site.ledger, TENANT)
    await fill(site)
    app = create_app(site.ledger, site.engine, site.ledger.database, site.settings, PolicyBook.load())
    token = mint(site.settings, Role.AUDITOR, "Auditor", tenant=TENANT)
    n = site.size.reads
    places = await _places(app, token)

    async def pages() -> Mapping[str, float]:
        async def page(_: int) -> None:
            await get(app, token, LIST, f"cursor={random.choice(places)[0]}")  # noqa: S311 - no secret

        return {"rate": (await crowd(n, AT_ONCE, page)).rate}

    async def bare_pages() -> Mapping[str, float]:
        async def page(_: int) -> None:
            async with site.owner.acquire() as connection:
                await bare.fifty(connection, TENANT, random.choice(places)[1])  # noqa: S311 - no secret

        return {"rate": (await crowd(n, AT_ONCE, page)).rate}

    async def ones() -> Mapping[str, float]:
        return {"rate": (await crowd(n, AT_ONCE, lambda _: get(app, token, f"{LIST}/{_any(site)}"))).rate}

    async def bare_ones() -> Mapping[str, float]:
        async def one(_: int) -> None:
            async with site.owner.acquire() as connection:
                await bare.one(connection, TENANT, _any(site))

        return {"rate": (await crowd(n, AT_ONCE, one)).rate}

    listed, bare_listed, shown, bare_shown = await site.rounds.turns(pages, bare_pages, ones, bare_ones)
    return [
        result("list", listed["rate"], bare_listed["rate"]),
        result("one", shown["rate"], bare_shown["rate"]),
    ]


async def get(app: FastAPI, token: str, path: str, query: str = "") -> bytes:
    """The body of the answer of an app; RuntimeError for another status than 200."""
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
        "headers": [(b"host", b"bench"), (b"authorization", f"Bearer {token}".encode())],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80),
    }

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    await app(scope, receive, send)
    body = b"".join(message.get("body", b"") for message in sent)
    if sent[0]["status"] != 200:
        raise RuntimeError(f"{path}: {sent[0]['status']}: {body.decode()}")
    return body


async def _places(app: FastAPI, token: str) -> list[tuple[str, str]]:
    """Where full pages begin: the API's cursor, and the id before them."""
    places: list[tuple[str, str]] = []
    query = ""
    while len(places) < PAGES:
        page = json.loads(await get(app, token, LIST, query))
        if page["next"] is None:
            break
        places.append((page["next"], page["items"][-1]["id"]))
        query = f"cursor={page['next']}"
    return places


def _any(site: Site) -> str:
    return id_of(random.randint(1, site.size.rows))  # noqa: S311 - no secret
