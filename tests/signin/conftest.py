"""Sign-in over the real database: an app for each way of signing in, and browsers that keep cookies."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from html import unescape
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpx
import pytest
from fastapi import APIRouter, FastAPI
from starlette.responses import JSONResponse, Response

from services.api import context
from services.api.app import create_app
from services.settings import Settings
from services.signin.viewer import TheActor, TheViewer
from tests.api.conftest import Office, desk, http, office
from tests.signin.hostile import CLIENT, SECRET, Hostile, hostile
from workflows.policy_book import PolicyBook

__all__ = ["desk", "http", "office"]

router = APIRouter()


@router.get("/console/probe")
async def looks(viewer: TheViewer) -> Response:
    actor = viewer.caller.actor.model_dump(mode="json")
    return JSONResponse(actor | {"tenant": viewer.caller.tenant, "csrf": viewer.csrf, "session": viewer.session})


@router.post("/console/probe")
async def acts(actor: TheActor) -> Response:
    return JSONResponse({"by": actor.caller.actor.id})


@dataclass
class Browser:
    """Follows redirects, keeps cookies, and sends what a browser sends with a form."""

    http: httpx.AsyncClient
    url: str
    went: list[str] = field(default_factory=list)

    async def go(self, path: str, **headers: str) -> httpx.Response:
        """What is there, through every redirect, to the app and to the issuer."""
        answer = await self.one(path, **headers)
        while answer.is_redirect:
            answer = await self.one(urljoin(str(answer.url), answer.headers["location"]))
        return answer

    async def one(self, path: str, **headers: str) -> httpx.Response:
        """The first answer."""
        there = urljoin(self.url, path)
        self.went.append(there)
        return await self.http.get(there, headers={name.replace("_", "-"): text for name, text in headers.items()})

    async def send(self, path: str, form: dict[str, str], **headers: str) -> httpx.Response:
        told = {"origin": self.url, "sec-fetch-site": "same-origin"}
        told |= {name.replace("_", "-"): text for name, text in headers.items()}
        return await self.http.post(urljoin(self.url, path), data=form, headers=told)

    async def who(self) -> dict[str, Any]:
        """Who is signed in; nobody is an empty answer."""
        answer = await self.one("/console/probe")
        return dict(answer.json()) if answer.status_code == 200 else {}

    @property
    def secret(self) -> str:
        """The text of the session's cookie; empty for none."""
        return next((c.value or "" for c in self.http.cookies.jar if is_session(c.name)), "")

    def carry(self, text: str) -> None:
        """Puts a text into the session's cookie, as who has it might."""
        [name] = [c.name for c in self.http.cookies.jar if is_session(c.name)] or [session_cookie(self.url)]
        for cookie in list(self.http.cookies.jar):
            if cookie.name == name:
                self.http.cookies.jar.clear(cookie.domain, cookie.path, cookie.name)
        self.http.cookies.set(name, text, domain=urlsplit(self.url).hostname or "")


def is_session(name: str) -> bool:
    return name == "__Host-closeout" or (name.startswith("closeout-") and "signing" not in name)


def session_cookie(url: str) -> str:
    return f"closeout-{urlsplit(url).port}"


@dataclass
class House:
    """An app, and browsers at it; what is not the app's is on the network."""

    app: FastAPI
    settings: Settings

    @asynccontextmanager
    async def browser(self) -> AsyncIterator[Browser]:
        inside = httpx.ASGITransport(self.app)
        mounts = {self.settings.url: inside}
        async with httpx.AsyncClient(mounts=mounts, timeout=30) as http:
            yield Browser(http, self.settings.url)

    async def ask(self, path: str, token: str, **more: Any) -> httpx.Response:
        """A request to the API with a bearer."""
        transport = httpx.ASGITransport(self.app)
        async with httpx.AsyncClient(transport=transport, base_url=self.settings.url, timeout=30) as http:
            return await http.request(
                more.pop("method", "GET"), path, headers={"Authorization": f"Bearer {token}"}, **more
            )


Build = Callable[..., House]


@pytest.fixture
def build(office: Office) -> Build:
    """Builds a house by the session's settings and these."""

    def built(**changes: Any) -> House:
        settings = office.settings.model_copy(update=changes)
        engine = office.app.state.api.engine
        app = create_app(
            office.ledger, engine, office.ledger.database, settings, PolicyBook.load(office.settings.policies)
        )
        app.include_router(router)
        app.router.routes.insert(0, app.router.routes.pop())
        return House(app, settings)

    return built


@pytest.fixture
def house(build: Build) -> House:
    """As `closeout up` builds it: people sign in by the embedded issuer."""
    return build()


@pytest.fixture
async def issuer() -> AsyncIterator[Hostile]:
    async with hostile() as found:
        yield found


@pytest.fixture
def relying(build: Build, issuer: Hostile) -> House:
    """One whose people sign in by the hostile issuer."""
    named = {"oidc_issuer": issuer.url, "oidc_client_id": CLIENT, "oidc_client_secret": SECRET}
    return build(**named, sample_sign_in=False, fresh=timedelta(minutes=5))


@pytest.fixture
async def browser(house: House) -> AsyncIterator[Browser]:
    async with house.browser() as found:
        yield found


@pytest.fixture
async def visitor(relying: House) -> AsyncIterator[Browser]:
    """A browser at the house of the hostile issuer."""
    async with relying.browser() as found:
        yield found


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Callable[[timedelta], None]:
    """Has the clock of sign-in go ahead by so much."""
    true: Callable[[], datetime] = context.now

    def ahead(by: timedelta) -> None:
        monkeypatch.setattr(context, "now", lambda: true() + by)

    return ahead


async def choose(browser: Browser, name: str, next: str = "/console/probe", *, fresh: bool = False) -> httpx.Response:
    """Signs in as a sample person, as somebody does who presses a button of the page."""
    query = httpx.QueryParams({"next": next} | ({"fresh": "1"} if fresh else {}))
    page = await browser.go(f"/console/sign-in?{query}")
    return await signs(browser, page, name)


async def signs(browser: Browser, page: httpx.Response, name: str) -> httpx.Response:
    """Somebody's button on the page of sample people."""
    assert page.status_code == 200, page.text
    form = hidden(page.text) | {"person": person(page.text, name)}
    answer = await browser.send("/issuer/authorize", form)
    assert answer.status_code == 303, answer.text
    return await browser.go(answer.headers["location"])


def hidden(page: str) -> dict[str, str]:
    """The hidden fields of a page's first form."""
    found: dict[str, str] = {}
    for line in page.partition("</form>")[0].splitlines():
        if 'type="hidden"' in line:
            name, value = (line.partition(f'{word}="')[2].partition('"')[0] for word in ("name", "value"))
            found[name] = unescape(value)
    return found


def person(page: str, name: str) -> str:
    """The value of the button with somebody's name."""
    before = page[: page.index(f"<b>{name}</b>")]
    return before.rpartition('value="')[2].partition('"')[0]
