"""The whole of signing in by a certified provider in a process of its own."""

import base64
import hashlib
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from html import unescape

import httpx
import pytest

from services.signin import discovery
from tests.signin.certified import AUDIENCE, TOOL, certified
from tests.signin.conftest import Browser, Build, House
from tests.signin.hostile import CLIENT, SECRET

VERIFIER = "v" * 43


@pytest.fixture
async def provider(house: House) -> AsyncIterator[str]:
    async with certified(house.settings.url) as issuer:
        yield issuer


@pytest.fixture
def relying(build: Build, provider: str) -> House:
    named = {"oidc_issuer": provider, "oidc_client_id": CLIENT, "oidc_client_secret": SECRET}
    return build(**named, oidc_audience=AUDIENCE, sample_sign_in=False, fresh=timedelta(minutes=5))


async def login(browser: Browser, page: httpx.Response, who: str) -> httpx.Response:
    """Fills in the provider's own form, and follows where it leads."""
    action = re.search(r'<form[^>]* action="([^"]+)"', page.text)
    assert action is not None, page.text
    form = {"prompt": "login", "login": who, "password": "any"}
    there = str(page.url.join(unescape(action[1])))
    answer = await browser.http.post(there, data=form)
    assert answer.is_redirect, answer.text
    return await browser.go(str(page.url.join(answer.headers["location"])))


async def test_in_afresh_and_out_again(relying: House, provider: str) -> None:
    async with relying.browser() as browser:
        page = await browser.go("/console/sign-in?next=/console/probe")
        assert page.url.host == "127.0.0.1"
        assert str(page.url).startswith(provider)
        seen = (await login(browser, page, "olga")).json()
        assert (seen["id"], seen["name"], seen["roles"], seen["client"]) == (
            "olga",
            "Olga Owner",
            ["client_owner"],
            "acme",
        )
        first = browser.secret

        page = await browser.go("/console/sign-in?fresh=1&next=/console/probe")
        assert str(page.url).startswith(provider), "who is signed in there has to prove it again"
        again = (await login(browser, page, "olga")).json()
        assert browser.secret != first
        assert again["authenticated"]["at"] >= seen["authenticated"]["at"]
        assert again["csrf"] == seen["csrf"]

        answer = await browser.send("/console/sign-out", {"csrf": again["csrf"]})
        page = await browser.go(answer.headers["location"])
        action = re.search(r'<form[^>]* action="([^"]+)"', page.text)
        xsrf = re.search(r'name="xsrf" value="([^"]+)"', page.text)
        assert action is not None, page.text
        assert xsrf is not None
        answer = await browser.http.post(
            str(page.url.join(unescape(action[1]))), data={"xsrf": xsrf[1], "logout": "yes"}
        )
        assert answer.headers["location"] == f"{relying.settings.url}/console/signed-out"
        assert await browser.who() == {}
        page = await browser.go("/console/sign-in")
        assert str(page.url).startswith(provider), "the provider forgot them, too"


async def test_who_has_no_role_is_told_so(relying: House) -> None:
    async with relying.browser() as browser:
        page = await login(browser, await browser.go("/console/sign-in"), "nemo")
        assert (page.status_code, "Nemo Nobody" in page.text, browser.secret) == (403, True, "")


async def test_its_access_tokens_open_the_api(relying: House, provider: str) -> None:
    challenge = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
    asked = {"client_id": TOOL, "response_type": "code", "redirect_uri": "http://127.0.0.1/tool", "scope": "openid"}
    asked |= {"code_challenge": challenge, "code_challenge_method": "S256"}
    async with relying.browser() as browser:
        page = await browser.go(str(httpx.URL(f"{provider}/auth", params=asked)))
        form = {"prompt": "login", "login": "ada", "password": "any"}
        there = re.search(r'<form[^>]* action="([^"]+)"', page.text)
        assert there is not None
        answer = await browser.http.post(str(page.url.join(unescape(there[1]))), data=form)
        answer = await browser.http.get(str(page.url.join(answer.headers["location"])))
        code = httpx.URL(answer.headers["location"]).params["code"]
        told = {"grant_type": "authorization_code", "client_id": TOOL, "code": code, "code_verifier": VERIFIER}
        answer = await browser.http.post(f"{provider}/token", data=told | {"redirect_uri": asked["redirect_uri"]})
        tokens = answer.json()
    me = await relying.ask("/v1/me", tokens["access_token"])
    assert (me.status_code, me.json()["name"], me.json()["roles"]) == (200, "Ada Auditor", ["auditor"])
    assert (await relying.ask("/v1/me", tokens["id_token"])).status_code == 401


async def test_a_provider_that_came_back_with_other_keys(build: Build, house: House) -> None:
    async with certified(house.settings.url) as issuer:
        relying = build(oidc_issuer=issuer, oidc_client_id=CLIENT, oidc_client_secret=SECRET, sample_sign_in=False)
        present = [1000.0]
        relying.app.state.party.discovery.clock = lambda: present[0]
        async with relying.browser() as browser:
            page = await browser.go("/console/sign-in?next=/console/probe")
            assert (await login(browser, page, "ada")).status_code == 200
    port = int(issuer.rpartition(":")[2])
    present[0] += discovery.PAUSE.total_seconds()
    async with certified(house.settings.url, port, "k2"), relying.browser() as browser:
        page = await browser.go("/console/sign-in?next=/console/probe")
        assert (await login(browser, page, "ada")).json()["name"] == "Ada Auditor"
