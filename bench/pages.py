"""`inbox_page`, `list_page`, `search_page`, `case_page`: pages of the console over 100,000 cases.

Each by itself, from what its queries answered to its bytes, one after the other: a page's view model and template,
against the same bytes written by a bare template. And each as `..._route`, ten at once: the whole way of a request but
the sockets, as an ASGI app in this process, against the statements that it sends, sent by asyncpg alone.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from html import unescape
from urllib.parse import urlencode

import asyncpg
from fastapi import FastAPI, Request
from starlette.responses import Response

from activities.directory import sessions
from activities.directory.sessions import Limits
from activities.ledger.database import APP_ROLE
from activities.ledger.postgres import PostgresLedger
from activities.ledger.rulebook import Rules
from activities.readmodels import READ_MODELS
from bench import caseload, cases
from bench.baselines import rows
from bench.baselines.template import bare
from bench.harness import Result, Side, crowd, result
from bench.reads import get
from bench.site import Site
from bench.tape import Errand, Tape, ask
from services.api.app import create_app
from services.api.context import Api, now
from services.auth import Caller
from services.console.case import page as case
from services.console.lists import inbox
from services.signin import cookies
from services.signin.viewer import Viewer
from workflows.people import Actor, Role
from workflows.policy_book import PolicyBook
from workflows.registry import REGISTRY

AT_ONCE = 10
TENANT = "caseload"
REVIEWER = Actor(id="bench-reviewer", name="Reviewer", roles=frozenset({Role.REVIEWER}))
LIMITS = Limits(timedelta(days=1), timedelta(days=1))
VIEWS: Mapping[str, str] = {
    "inbox_page": urlencode({"view": "mine"}),
    "list_page": urlencode({"view": "all"}),
    "search_page": urlencode({"view": "all", "q": caseload.WORDS}),
}
"""What each view of the inbox is asked by."""


@dataclass(frozen=True, slots=True)
class Page:
    """A page by its name here: where it is, and its handler, to be called with what its route would."""

    name: str
    path: str
    query: str
    handler: Callable[[Request, Api, Viewer], Awaitable[Response]]

    async def alone(self, app: FastAPI) -> bytes:
        """The page, from an app whose database answers at once."""
        scope = {"type": "http", "method": "GET", "path": self.path, "query_string": self.query.encode(), "headers": []}
        request = Request(scope | {"app": app, "request_id": "bench"})
        answer = await self.handler(request, app.state.api, Viewer(Caller(TENANT, REVIEWER), "bench", "bench"))
        return bytes(answer.body)


async def measure(site: Site) -> list[Result]:
    """Pages a second."""
    await cases.register(site.ledger, TENANT)
    await caseload.fill(site.ledger, site.owner, TENANT, site.size.caseload)
    busy = await caseload.busy(site.ledger, TENANT)
    site.rounds.say(f"{site.size.caseload} cases")
    cookie = await _cookie(site)
    app = _app(site, site.ledger)
    pages = [Page(name, "/console/", query, inbox.inbox) for name, query in VIEWS.items()]
    pages.append(Page("case_page", f"/console/cases/{busy}", "", partial(case.detail, busy)))
    pool = await rows.open_pool(site.settings.dsn, AT_ONCE, APP_ROLE)
    try:
        return [line for page in pages for line in await _measured(site, page, app, cookie, pool)]
    finally:
        await pool.close()


async def _measured(
    site: Site, page: Page, app: FastAPI, cookie: tuple[bytes, bytes], pool: "asyncpg.Pool[asyncpg.Record]"
) -> list[Result]:
    errands = await _errands(site, page, cookie)
    tape = await Tape.open(site.settings.dsn)
    rehearsed = _app(site, _ledger(tape))
    await page.alone(rehearsed)
    tape.errands.clear()  # what the process keeps from now on, it asked once
    html = (await page.alone(rehearsed)).decode()
    again = bare(html)
    if unescape(again().decode()) != unescape(html):
        raise RuntimeError(f"{page.path}: the bare template does not write the same page")
    n = site.size.reads

    async def rendered() -> None:
        tape.rewind()
        await page.alone(rehearsed)

    async def written() -> None:
        again()

    def many(n: int, at_once: int, work: Callable[[], Awaitable[object]]) -> Side:
        async def turn() -> Mapping[str, float]:
            return {"rate": (await crowd(n, at_once, lambda _: work())).rate}

        return turn

    turns = await site.rounds.turns(
        many(max(n // 5, 1), 1, rendered),
        many(n, 1, written),
        many(max(n // 5, 1), AT_ONCE, lambda: get(app, page.path, page.query, cookie)),
        many(max(n // 5, 1), AT_ONCE, lambda: ask(pool, errands)),
    )
    await tape.close()
    ours, template, routed, queries = (turn["rate"] for turn in turns)
    return [result(page.name, ours, template), result(f"{page.name}_route", routed, queries)]


async def _errands(site: Site, page: Page, cookie: tuple[bytes, bytes]) -> list[Errand]:
    """What a request sends to the database, once the process knows what it keeps."""
    tape = await Tape.open(site.settings.dsn)
    app = _app(site, _ledger(tape))
    await get(app, page.path, page.query, cookie)
    tape.errands.clear()
    await get(app, page.path, page.query, cookie)
    await tape.close()
    return tape.errands


def _ledger(tape: Tape) -> PostgresLedger:
    return PostgresLedger(tape, Rules(REGISTRY, PolicyBook.load(), READ_MODELS))


def _app(site: Site, ledger: PostgresLedger) -> FastAPI:
    return create_app(ledger, site.engine, ledger.database, site.settings, PolicyBook.load())


async def _cookie(site: Site) -> tuple[bytes, bytes]:
    """The header of somebody who is signed in."""
    text = await sessions.begin(site.ledger.database, TENANT, REVIEWER, "", now(), LIMITS)
    return b"cookie", f"{cookies.session(site.settings).name}={text}".encode()
