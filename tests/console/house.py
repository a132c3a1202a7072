"""A certification body whose people sit at browsers of their own, signed in by a certified provider."""

import json
import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from playwright.async_api import Browser, Locator

from tests.api.conftest import FINDING, PEOPLE, Desk
from tests.console.hands import Mouse
from tests.signin.certified import certified
from tests.signin.conftest import Build
from tests.signin.hostile import CLIENT, SECRET
from tests.signin.serving import free, serving

PATIENCE = 60_000
"""Milliseconds for a page of a machine that has much to do."""

INBOX = re.compile(r"/console/(\?view=mine)?(#main)?$")


@dataclass(frozen=True)
class Person:
    """Somebody at a browser of their own."""

    hands: Mouse

    def link(self, name: str) -> Locator:
        return self.hands.named("link", name)

    async def opens_the_inbox(self) -> None:
        """As it is now."""
        if INBOX.search(self.hands.page.url):
            await self.hands.page.reload()
        else:
            await self.hands.presses(self.link("Inbox").or_(self.link("Waiting on me")).first)
        await self.hands.page.wait_for_url(INBOX)

    async def takes_up(self, command: str, number: str) -> None:
        """What the inbox offers on a case."""
        await self.opens_the_inbox()
        await self.hands.presses(self.link(f"{command}: {number}"))
        await self.sees("heading", command)

    async def gives(self, button: str, recorded: str) -> None:
        """What was filled in; it is recorded."""
        await self.hands.presses(self.hands.named("button", button))
        await self.told("status").filter(has_text=f"Recorded: {recorded} (").wait_for()

    async def sees(self, role: str, name: str) -> None:
        await self.hands.named(role, name).wait_for()

    def told(self, role: Any) -> Locator:
        return self.hands.page.get_by_role(role)

    async def text(self) -> str:
        """What the page says."""
        return await self.hands.page.locator("main").inner_text()


@dataclass
class House:
    """The console and the provider of one certification body, and who is there."""

    desk: Desk
    browser: Browser
    url: str
    issuer: str
    stack: AsyncExitStack
    inside: dict[str, Person] = field(default_factory=dict)

    async def comes(self, who: str, hands: type[Mouse] = Mouse, **given: Any) -> Person:
        """Somebody, signed in by the provider when they come at first."""
        if who in self.inside:
            return self.inside[who]
        context = await self.browser.new_context(base_url=self.url, locale="en-US", **given)
        self.stack.push_async_callback(context.close)
        context.set_default_timeout(PATIENCE)
        page = await context.new_page()
        await page.goto("/console/")
        assert page.url.startswith(self.issuer)
        await page.get_by_placeholder("Enter any login").fill(who)
        await page.get_by_placeholder("and password").fill("any")
        await page.keyboard.press("Enter")
        await page.wait_for_url(f"{self.url}/console/")
        self.inside[who] = Person(hands(page))
        return self.inside[who]

    async def imports(self) -> None:
        """A document with one finding, sent by a scanner that may state no grades."""
        key = await self.desk.key("scanner")
        content = json.dumps([FINDING | {"grade": "major"}]).encode()
        headers = {"Content-Type": "application/json"}
        answer = await self.desk.ask(key, "POST", "/v1/imports", content=content, headers=headers)
        assert answer.status_code == 202, answer.text
        path = f"/v1/imports/{answer.json()['id']}"
        ended = await self.desk.once(key, path, lambda seen: seen["ended_at"] is not None)
        assert ended["created"] == 1, ended


@pytest.fixture
async def house(build: Build, desk: Desk, browser: Browser) -> AsyncIterator[House]:
    people = {
        who: {"name": who.title(), "tenant": desk.tenant, "roles": [role], **({"client": client} if client else {})}
        for who, (role, client) in PEOPLE.items()
    }
    port = free()
    async with AsyncExitStack() as stack:
        issuer = await stack.enter_async_context(certified(f"http://127.0.0.1:{port}", people=people))
        named = {"oidc_issuer": issuer, "oidc_client_id": CLIENT, "oidc_client_secret": SECRET}
        app = build(listen_port=port, sample_sign_in=False, fresh=timedelta(hours=1), **named).app
        stack.push_async_callback(app.state.api.nudges.close)
        url = await stack.enter_async_context(serving(app, port))
        yield House(desk, browser, url, issuer, await stack.enter_async_context(AsyncExitStack()))
