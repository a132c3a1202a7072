"""An issuer turns its keys, is away, or is another than it should be; it is asked for no more than is needed."""

import asyncio
from dataclasses import dataclass
from typing import Any

import httpx
import jwt
import pytest

from services.signin import discovery
from services.signin.reaching import Wire
from tests.signin.conftest import Browser, House
from tests.signin.hostile import Hostile


async def test_keys_rotate_and_unknown_ones_cost_few_requests(
    relying: House, issuer: Hostile, monkeypatch: pytest.MonkeyPatch
) -> None:
    party = relying.app.state.party
    present = [1000.0]
    party.discovery.clock = lambda: present[0]
    former = issuer.signed(issuer.claims())
    assert (await relying.ask("/v1/me", former)).status_code == 200
    assert issuer.asked_for_keys == 1

    former_key = issuer.keys["k1"]
    issuer.rotate("k2")
    fresh = issuer.signed(issuer.claims())
    assert (await relying.ask("/v1/me", fresh)).status_code == 401, "it was asked just now"
    present[0] += discovery.PAUSE.total_seconds()
    assert (await relying.ask("/v1/me", fresh)).status_code == 200
    assert issuer.asked_for_keys == 2

    for number in range(50):
        assert (await relying.ask("/v1/me", issuer.signed(issuer.claims(), kid=f"x{number}"))).status_code == 401
    assert issuer.asked_for_keys == 2
    retired = jwt.encode(issuer.claims(sub="u-2"), former_key, "RS256", headers={"kid": "k1"})
    assert (await relying.ask("/v1/me", retired)).status_code == 401


@dataclass
class Hanging(httpx.AsyncBaseTransport):
    """The first request is never answered."""

    inner: httpx.AsyncBaseTransport
    times: int = 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.times += 1
        if self.times == 1:
            await asyncio.Event().wait()
        return await self.inner.handle_async_request(request)


async def test_who_leaves_while_the_issuer_is_asked_spoils_it_for_nobody(issuer: Hostile) -> None:
    async with httpx.AsyncHTTPTransport() as inner:
        hanging = Hanging(inner)
        known = discovery.Discovery(issuer.url, Wire(hanging))
        leaving, staying = (asyncio.create_task(known.metadata()) for _ in range(2))
        while not hanging.times:
            await asyncio.sleep(0)
        leaving.cancel()
        assert (await staying).issuer == issuer.url


async def test_a_key_that_the_issuer_gave_up_proves_nothing_after_a_while(relying: House, issuer: Hostile) -> None:
    party = relying.app.state.party
    present = [1000.0]
    party.discovery.clock = lambda: present[0]
    old, kid = issuer.keys["k1"], "k1"
    assert (await relying.ask("/v1/me", issuer.signed(issuer.claims()))).status_code == 200
    issuer.rotate("k2")
    present[0] += discovery.KEPT.total_seconds()
    late = jwt.encode(issuer.claims(sub="u-2"), old, "RS256", headers={"kid": kid})
    assert (await relying.ask("/v1/me", late)).status_code == 401


async def test_an_issuer_that_is_away_is_waited_for(relying: House, issuer: Hostile) -> None:
    issuer.is_away = True
    token = issuer.signed(issuer.claims())
    answer = await relying.ask("/v1/me", token)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
    async with relying.browser() as browser:
        page = await browser.go("/console/sign-in")
        assert (page.status_code, "does not answer" in page.text) == (503, True)
        issuer.is_away = False
        relying.app.state.party.discovery._tried_at = float("-inf")
        assert (await browser.go("/console/sign-in?next=/console/probe")).status_code == 200
    issuer.is_away = True
    party = relying.app.state.party
    party.discovery._read_at = float("-inf")
    assert (await relying.ask("/v1/me", token)).status_code == 200, "what is known stays known"


@pytest.mark.parametrize(
    "more",
    [
        {"issuer": "https://evil.example"},
        {"token_endpoint": "ftp://evil.example"},
        {"jwks_uri": None},
        {"authorization_endpoint": 7},
    ],
)
async def test_metadata_of_another_or_of_none_are_not_believed(
    visitor: Browser, issuer: Hostile, more: dict[str, Any]
) -> None:
    issuer.more = more
    assert (await visitor.go("/console/sign-in")).status_code == 503
    assert issuer.asked == []
