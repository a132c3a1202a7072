"""Signing in by the embedded issuer, and what holds of a session however it began."""

from collections.abc import Callable
from datetime import timedelta

import httpx
import pytest

from services.bootstrap import PEOPLE, NoIssuer, mint
from services.issuer.provider import IssuerGiven, Provider
from tests.api.conftest import Office
from tests.signin.conftest import Browser, Build, House, choose, hidden, person, signs
from workflows.people import Role


async def test_everybody_of_the_sample_signs_in_as_whom_the_api_knows(house: House, office: Office) -> None:
    cards = {card.name: card for card in office.introduced.people}
    assert cards.keys() == {name for name, _ in PEOPLE}
    for name in ("Mara Lindqvist", "Ines Okafor", "Grace Mbeki", "Amy Chen"):
        async with house.browser() as browser:
            page = await choose(browser, name)
            assert page.status_code == 200
            seen, me = page.json(), (await house.ask("/v1/me", cards[name].token)).json()
            assert {key: seen[key] for key in ("id", "name", "roles", "client")} == {
                key: me[key] for key in ("id", "name", "roles", "client")
            }
            assert seen["authenticated"]["method"] == "sample"


async def test_who_is_not_signed_in_is_led_to_it_and_back(browser: Browser) -> None:
    answer = await browser.one("/console/probe?q=a%20b&of=1")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/console/sign-in?next=%2Fconsole%2Fprobe%3Fq%3Da%2520b%26of%3D1"
    await choose(browser, "Jan Verhoeven", "/console/probe?q=a%20b&of=1")
    assert browser.went[-1].endswith("/console/probe?q=a%20b&of=1")


async def test_a_script_is_told_where_its_page_goes(browser: Browser) -> None:
    here = f"{browser.url}/console/probe?page=2"
    answer = await browser.one("/console/probe", hx_request="true", hx_current_url=here)
    assert answer.headers["hx-redirect"] == "/console/sign-in?next=%2Fconsole%2Fprobe%3Fpage%3D2"
    assert (await browser.one("/console/probe", accept="text/event-stream")).status_code == 401


ELSEWHERE = [
    "https://evil.example/console",
    "//evil.example/console",
    "/\\evil.example",
    "/console/\\evil.example",
    "/consoles",
    "/v1/me",
    "javascript:alert(1)",
    "/console/\r\nSet-Cookie: a=b",
    "/console/sign-out",
    "/console/callback?code=1",
    "console",
    "/console@evil.example",
    "/console/" + "a" * 3000,
    "/console/../v1/me",
    "/console/%2e%2E/v1/me",
    "/console/.%2e%2fv1/me",
    "/console/../..//evil.example",
]


@pytest.mark.parametrize("next", ELSEWHERE)
async def test_sign_in_leads_nowhere_else(browser: Browser, next: str) -> None:
    await choose(browser, "Jan Verhoeven", next)
    there = [url for url in browser.went if "/callback" not in url and "/sign-in" not in url and "/issuer" not in url]
    assert there[0] == f"{browser.url}/console"
    assert "evil.example" not in there[0]
    again = await browser.one("/console/sign-in?next=//evil.example")
    assert (again.status_code, again.headers["location"]) == (303, "/console")


async def test_signing_in_ends_the_session_before_and_takes_no_secret_from_it(house: House, browser: Browser) -> None:
    async with house.browser() as attacker:
        await choose(attacker, "Tomas Herrera")
        planted = attacker.secret
        page = await browser.go("/console/sign-in?next=/console/probe")
        browser.carry(planted)
        await signs(browser, page, "Priya Raman")
        assert browser.secret not in ("", planted)
        assert (await browser.who())["name"] == "Priya Raman"
        assert await attacker.who() == {}
    first, csrf = browser.secret, (await browser.who())["csrf"]
    await choose(browser, "Priya Raman", fresh=True)
    assert browser.secret != first
    assert (await browser.who())["csrf"] == csrf, "a form that was open before must still be good"
    async with house.browser() as other:
        page = await other.go("/console/sign-in?next=/console/probe")
        other.carry(browser.secret)
        await signs(other, page, "Lukas Steiner")
        assert (await other.who())["csrf"] != csrf
    for gone in (first, browser.secret):
        browser.carry(gone)
        assert await browser.who() == {}


async def test_who_is_to_prove_who_they_are_is_not_replaced_by_somebody_else(browser: Browser) -> None:
    await choose(browser, "Priya Raman")
    secret = browser.secret
    told = await choose(browser, "Lukas Steiner", "/console/probe?q=1", fresh=True)
    assert told.status_code == 403
    assert "You are still Priya Raman" in told.text
    assert "Lukas Steiner signed in at the issuer, and Priya Raman is signed in here" in told.text
    assert '"/console/sign-in?next=%2Fconsole%2Fprobe%3Fq%3D1&amp;fresh=1"' in told.text
    assert browser.secret == secret
    assert (await browser.who())["name"] == "Priya Raman"


async def test_an_answer_of_the_issuer_is_good_once_and_in_its_browser(house: House, browser: Browser) -> None:
    await choose(browser, "Ines Okafor")
    [callback] = [url for url in browser.went if "/callback?" in url]
    async with house.browser() as thief:
        for one in (browser, thief):
            answer = await one.one(callback)
            assert answer.status_code == 400
            assert "over" in answer.text
        assert thief.secret == ""


async def test_an_answer_that_another_browser_asked_for_signs_nobody_in(house: House, browser: Browser) -> None:
    """Else a stranger has somebody work in the stranger's name."""
    async with house.browser() as stranger:
        page = await stranger.go("/console/sign-in")
        form = hidden(page.text) | {"person": person(page.text, "Ines Okafor")}
        callback = (await stranger.send("/issuer/authorize", form)).headers["location"]
        await browser.go("/console/sign-in")
        assert (await browser.one(callback)).status_code == 400
        assert browser.secret == ""
        assert (await stranger.one(callback)).status_code == 400, "whoever brought it first, it is used"


async def test_a_sign_in_that_takes_too_long_is_over(browser: Browser, later: Callable[[timedelta], None]) -> None:
    page = await browser.go("/console/sign-in")
    form = hidden(page.text) | {"person": person(page.text, "Ines Okafor")}
    callback = (await browser.send("/issuer/authorize", form)).headers["location"]
    later(timedelta(minutes=10))
    assert (await browser.one(callback)).status_code == 400


@pytest.mark.parametrize("query", ["", "?code=1", "?state=1&code=1", "?state=%00&code=%F0%28"])
async def test_an_answer_that_nobody_asked_for(browser: Browser, query: str) -> None:
    assert (await browser.one(f"/console/callback{query}")).status_code == 400


async def test_a_session_ends_when_it_is_not_used_and_at_last_in_any_case(
    build: Build, later: Callable[[timedelta], None]
) -> None:
    house = build(session_idle=timedelta(hours=1), session_absolute=timedelta(hours=3))
    async with house.browser() as browser:
        await choose(browser, "Sofia Marchetti")
        for minutes in (50, 100, 150):
            later(timedelta(minutes=minutes))
            assert await browser.who()
        later(timedelta(minutes=180))
        assert await browser.who() == {}
        later(timedelta())
        await choose(browser, "Sofia Marchetti", fresh=True)
        later(timedelta(minutes=60))
        assert await browser.who() == {}


async def test_signing_out_ends_the_session_at_the_server(browser: Browser) -> None:
    await choose(browser, "Elif Aydin")
    secret, csrf = browser.secret, (await browser.who())["csrf"]
    answer = await browser.send("/console/sign-out", {"csrf": csrf})
    assert (answer.status_code, answer.headers["location"]) == (303, "/console/signed-out")
    assert browser.secret == ""
    assert (await browser.go("/console/signed-out")).status_code == 200
    browser.carry(secret)
    assert await browser.who() == {}


@pytest.mark.parametrize(
    "text",
    ["x", "demo.x.y", "demo.{id}.{other}", "other.{id}.{secret}", "demo.{id}.{secret}a", "'; DROP TABLE x", "\u00fc"],
)
async def test_no_other_cookie_is_a_session(browser: Browser, text: str) -> None:
    await choose(browser, "Elif Aydin")
    _, name, secret = browser.secret.split(".")
    answer = await browser.http.get(
        f"{browser.url}/console/probe",
        headers=[
            (
                b"cookie",
                b"closeout-%d=%s"
                % (
                    int(browser.url.rpartition(":")[2]),
                    text.format(id=name, secret=secret, other=secret[::-1]).encode("utf-8"),
                ),
            )
        ],
    )
    assert answer.status_code == 303


FOREIGN = [
    {"sec_fetch_site": "cross-site"},
    {"sec_fetch_site": "same-site"},
    {"origin": "https://evil.example"},
    {"origin": "null"},
]


@pytest.mark.parametrize("headers", FOREIGN)
async def test_a_form_of_another_site_does_nothing(browser: Browser, headers: dict[str, str]) -> None:
    await choose(browser, "Elif Aydin")
    csrf = (await browser.who())["csrf"]
    answer = await browser.send("/console/probe", {"csrf": csrf}, **headers)
    assert answer.status_code == 403
    assert "The form was sent from another site." in answer.text
    assert (await browser.send("/console/sign-out", {"csrf": csrf}, **headers)).status_code == 403
    assert await browser.who()


async def test_a_form_without_the_word_of_its_session_does_nothing(house: House, browser: Browser) -> None:
    await choose(browser, "Elif Aydin")
    mine = await browser.who()
    async with house.browser() as other:
        await choose(other, "Elif Aydin")
        foreign = (await other.who())["csrf"]
    for form in ({}, {"csrf": ""}, {"csrf": foreign}, {"csrf": "\u00fc"}):
        assert (await browser.send("/console/probe", form)).status_code == 403
    assert (await browser.send("/console/probe", {"csrf": mine["csrf"]})).json() == {"by": mine["id"]}
    assert (await browser.send("/console/probe", {}, x_csrf=mine["csrf"])).status_code == 200
    assert (await browser.send("/console/probe", {"csrf": mine["csrf"]}, x_csrf=foreign)).status_code == 403


async def test_the_cookie_of_the_console_opens_nothing_in_the_api(browser: Browser) -> None:
    await choose(browser, "Elif Aydin")
    assert (await browser.one("/v1/me")).status_code == 401


async def test_pages_run_nothing_of_others_and_are_not_kept(browser: Browser) -> None:
    await choose(browser, "Elif Aydin")
    for path in ("/console/probe", "/console/signed-out", "/console/callback", "/issuer/jwks"):
        headers = (await browser.one(path)).headers
        policy = headers["content-security-policy"]
        assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self';")
        assert "unsafe" not in policy
        assert f"form-action 'self' {browser.url};" in policy
        assert "frame-ancestors 'none'" in policy
        assert (headers["x-content-type-options"], headers["referrer-policy"]) == ("nosniff", "same-origin")
        assert headers["cache-control"] == "no-store"
        assert "strict-transport-security" not in headers
    assert "content-security-policy" not in (await browser.one("/livez")).headers


async def test_cookies_are_secure_where_the_public_url_is(build: Build, browser: Browser) -> None:
    await browser.one("/console/sign-in")
    await choose(browser, "Elif Aydin")
    for cookie in browser.http.cookies.jar:
        assert (cookie.secure, cookie.path, cookie.has_nonstandard_attr("HttpOnly")) == (False, "/", True)
        assert cookie.get_nonstandard_attr("SameSite") == "lax"
    house = build(public_url="https://closeout.example")
    async with house.browser() as secure:
        page = await choose(secure, "Elif Aydin")
        assert page.status_code == 200
        cookies = {cookie.name: cookie for cookie in secure.http.cookies.jar}
        assert cookies.keys() == {"__Host-closeout", "__Host-closeout-signing-in"}
        for cookie in cookies.values():
            assert (cookie.secure, cookie.path, cookie.domain_specified) == (True, "/", False)
            assert cookie.has_nonstandard_attr("HttpOnly")
            assert cookie.get_nonstandard_attr("SameSite") == "lax"
        assert page.headers["strict-transport-security"] == "max-age=31536000"


async def test_another_name_of_this_machine_leads_to_the_one_that_is_known(house: House, browser: Browser) -> None:
    port = house.settings.listen_port
    answer = await browser.http.get(f"http://127.0.0.1:{port}/console/sign-in", headers={"host": f"localhost:{port}"})
    assert answer.headers["location"].startswith(f"{house.settings.url}/console/sign-in?")


async def test_the_embedded_issuer_sends_people_to_the_console_alone(browser: Browser) -> None:
    page = await browser.one("/console/sign-in")
    url = page.headers["location"]
    asked = dict(asked_of(url))
    assert asked["code_challenge_method"] == "S256"
    for change in ({"redirect_uri": "https://evil.example/"}, {"client_id": "other"}):
        answer = await browser.http.get(url.partition("?")[0], params=asked | change)
        assert answer.status_code == 400
    for change in ({"code_challenge_method": "plain"}, {"code_challenge": ""}, {"response_type": "token"}):
        answer = await browser.http.get(url.partition("?")[0], params=asked | change)
        assert answer.status_code == 303
        assert "error=" in answer.headers["location"]
        assert "code=" not in answer.headers["location"]
    form = asked | {"person": "nobody"}
    assert (await browser.send("/issuer/authorize", form)).status_code == 400
    assert (await browser.send("/issuer/authorize", form, origin="https://evil.example")).status_code == 403
    answer = await browser.http.get(url, headers={"host": "evil.example"})
    assert answer.status_code == 421


async def test_a_code_is_good_once_for_who_asked_for_it(browser: Browser) -> None:
    page = await browser.go("/console/sign-in")
    form = hidden(page.text) | {"person": person(page.text, "Ines Okafor")}
    redirect = form["redirect_uri"]
    for proof in ({"code_verifier": "guessed"}, {"redirect_uri": "https://evil.example"}, {"client_id": "other"}):
        code = asked_of((await browser.send("/issuer/authorize", form)).headers["location"])["code"]
        asked = {"grant_type": "authorization_code", "client_id": "console", "code": code, "redirect_uri": redirect}
        answer = await browser.http.post(f"{browser.url}/issuer/token", data=asked | proof)
        assert answer.status_code in (400, 401)
        assert "id_token" not in answer.text


def test_the_embedded_issuer_never_stands_beside_another(office: Office) -> None:
    given = office.settings.model_copy(update={"oidc_issuer": "https://issuer.example"})
    with pytest.raises(IssuerGiven):
        Provider.of(given)
    assert Provider.of(office.settings.model_copy(update={"sample_sign_in": False})) is None


def test_where_an_issuer_is_given_nobody_else_makes_tokens(office: Office) -> None:
    given = office.settings.model_copy(update={"oidc_issuer": "https://issuer.example"})
    with pytest.raises(NoIssuer, match=r"https://issuer\.example makes the tokens"):
        mint(given, Role.AUDITOR, "Ada")


async def test_a_form_of_nobody_leads_to_sign_in_and_back_to_its_page(browser: Browser) -> None:
    answer = await browser.send("/console/probe", {"csrf": "x"}, referer=f"{browser.url}/console/cases/1?tab=plan")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/console/sign-in?next=%2Fconsole%2Fcases%2F1%3Ftab%3Dplan"
    answer = await browser.send("/console/probe", {"csrf": "x"}, referer="https://evil.example/take?this=1")
    assert answer.headers["location"] == "/console/sign-in?next=%2Fconsole"


async def test_without_an_issuer_one_is_told_so(build: Build) -> None:
    house = build(sample_sign_in=False)
    async with house.browser() as browser:
        answer = await browser.go("/console/sign-in")
        assert answer.status_code == 503
        assert "CLOSEOUT_OIDC_ISSUER" in answer.text
        assert (await browser.one("/issuer/jwks")).status_code == 404


def asked_of(url: str) -> httpx.QueryParams:
    return httpx.URL(url).params
