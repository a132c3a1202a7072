"""The console over the real stack: people with sessions of their own, by httpx and in a real browser."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import httpx
import pytest
import uvicorn
from playwright.async_api import Browser, BrowserContext, async_playwright

from activities.directory import sessions
from activities.directory.sessions import Limits
from services.api.context import Api
from services.signin import cookies
from services.tokens import Issuer
from tests.api.conftest import PEOPLE, Desk, Office, desk, http, office
from workflows.people import Actor, Authentication

__all__ = ["desk", "http", "office"]

LIMITS = Limits(timedelta(hours=1), timedelta(hours=8))
KINDS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
"""Programs to test in; the one without windows renders the same pages for half of the work."""

CHROMIUM = next(filter(None, map(shutil.which, KINDS)), None)


@dataclass(frozen=True)
class Console:
    """The pages of one certification body, as its people see them."""

    desk: Desk

    async def cookie(self, who: str, ago: timedelta = timedelta()) -> tuple[str, str, str]:
        """Signs somebody in, a while ago: name and text of the cookie, and what their forms carry."""
        settings, database = self.desk.office.settings, self.desk.office.ledger.database
        role, client = PEOPLE[who]
        issuer = Issuer.of(settings)
        assert issuer is not None
        now = datetime.now(UTC)
        actor = Actor(
            id=issuer.subject(self.desk.tenant, client, who.title()),
            name=who.title(),
            roles=frozenset({role}),
            client=client,
            authenticated=Authentication(method="pwd", at=now - ago),
        )
        await self.desk.get(who, "/v1/me")  # enters them into the registry, as signing in does
        csrf = f"csrf-of-{who}"
        text = await sessions.begin(database, self.desk.tenant, actor, "", now, LIMITS, csrf=csrf)
        return cookies.session(settings).name, text, csrf

    async def get(self, who: str, path: str, **headers: str) -> httpx.Response:
        """A page as somebody sees it."""
        name, text, _ = await self.cookie(who)
        return await self.desk.http.get(f"/console{path}", headers={"Cookie": f"{name}={text}", **headers})

    async def post(
        self, who: str, path: str, form: Mapping[str, str | list[str]], ago: timedelta = timedelta()
    ) -> httpx.Response:
        """A form as somebody sends it who signed in a while ago."""
        name, text, csrf = await self.cookie(who, ago)
        return await self.desk.http.post(
            f"/console{path}", data={"csrf": csrf, **form}, headers={"Cookie": f"{name}={text}"}
        )


@contextmanager
def settled(console: Console, **settings: object) -> Iterator[None]:
    """The app under other settings."""
    state = console.desk.office.app.state
    before: Api = state.api
    state.api = replace(before, settings=before.settings.model_copy(update=settings))
    try:
        yield
    finally:
        state.api = before


@pytest.fixture
async def console(desk: Desk) -> Console:
    return Console(desk)


@pytest.fixture(scope="package")
async def address(office: Office) -> AsyncIterator[str]:
    """The console over a real socket, for browsers."""
    server = uvicorn.Server(uvicorn.Config(office.app, port=0, log_level="error", lifespan="off"))
    running = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.02)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    await running


@pytest.fixture(scope="package")
async def browser() -> AsyncIterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("there is no chromium on this machine (.ci/chromium installs it)")
    async with async_playwright() as playwright:
        launched = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield launched
        await launched.close()


async def signed_in(browser: Browser, console: Console, address: str, who: str, **given: object) -> BrowserContext:
    """A browser of somebody who is signed in."""
    context = await browser.new_context(base_url=address, **given)  # type: ignore[arg-type]  # as Playwright takes them
    context.set_default_timeout(20_000)
    name, text, _ = await console.cookie(who)
    await context.add_cookies([{"name": name, "value": text, "url": address}])
    return context
