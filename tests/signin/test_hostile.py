"""An issuer is believed in what it signs, for us, in time, with the keys that it publishes, and in nothing else."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jwt
import pytest

from services.doctor.checks import Finding, Result, examine
from services.doctor.deployment import Deployment
from services.doctor.signin import SIGNIN
from services.settings import Sources
from tests.api.conftest import FINDING, Desk, Office
from tests.signin.conftest import Browser, Build, House
from tests.signin.hostile import CLIENT, SECRET, Claims, Hostile, key, unsigned

Forge = Callable[[Hostile, Claims], str]


def changed(**changes: Any) -> Forge:
    """Signed as it should be, and saying something else."""

    def forged(issuer: Hostile, claims: Claims) -> str:
        whole = {name: value for name, value in (claims | changes).items() if value is not None}
        return issuer.signed(whole)

    return forged


def shifted(name: str, seconds: int) -> Forge:
    """One claim is a time, so long from when it is forged: that may be much later than when the tests are collected."""

    def forged(issuer: Hostile, claims: Claims) -> str:
        return issuer.signed(claims | {name: int(time.time()) + seconds})

    return forged


def swapped(issuer: Hostile, claims: Claims) -> str:
    head, body, signature = issuer.signed(claims).split(".")
    other = issuer.signed(claims | {"roles": ["scheme_manager"]}).split(".")[1]
    assert body != other
    return f"{head}.{other}.{signature}"


FORGED: dict[str, Forge] = {
    "alg none": lambda _, claims: unsigned(claims),
    "alg none, named otherwise": lambda _, claims: unsigned(claims, alg="nOnE"),
    "no signature": lambda issuer, claims: issuer.signed(claims).rpartition(".")[0] + ".",
    "hmac with the public key": lambda issuer, claims: issuer.with_hmac(claims, issuer.pem()),
    "hmac with a key of the set": lambda issuer, claims: issuer.with_hmac(claims, b"shared secret of all"),
    "hmac with our own secret": lambda issuer, claims: issuer.with_hmac(claims, SECRET.encode()),
    "another key by a known name": lambda issuer, claims: jwt.encode(
        claims, key("another"), "RS256", headers={"kid": issuer.kid}
    ),
    "a key that it brings itself": lambda issuer, claims: issuer.signed(
        claims, jwk={"kty": "RSA"}, jku="https://evil.example", x5u="https://evil.example", kid="mine"
    ),
    "an unknown key": lambda issuer, claims: issuer.signed(claims, kid="unknown"),
    "an algorithm that is not pinned": lambda issuer, claims: issuer.signed(claims, "RS512"),
    "a critical extension": lambda issuer, claims: issuer.signed(claims, crit=["b64"], b64=True),
    "a token of another kind": lambda issuer, claims: issuer.signed(claims, typ="logout+jwt"),
    "another audience": changed(aud="elsewhere"),
    "no audience": changed(aud=None),
    "another issuer": changed(iss="https://evil.example"),
    "no issuer": changed(iss=None),
    "expired": shifted("exp", -60),
    "no expiry": changed(exp=None),
    "not yet": shifted("nbf", 600),
    "nobody": changed(sub=None),
    "authenticated in the future": shifted("auth_time", 600),
    "authenticated at no time": changed(auth_time="now"),
    "changed after it was signed": swapped,
}

OF_SIGN_IN: dict[str, Forge] = {
    "for another sign-in": changed(nonce="another"),
    "for no sign-in": changed(nonce=None),
    "for several, and not given to us": changed(aud=[CLIENT, "other"], azp="other"),
    "for several, given to nobody": changed(aud=[CLIENT, "other"]),
    "given to another": changed(azp="other"),
    "authenticated too long ago": shifted("auth_time", -13 * 3600),
    "an access token": lambda issuer, claims: issuer.signed(claims, typ="at+jwt"),
}


async def test_a_person_signs_in(visitor: Browser, issuer: Hostile) -> None:
    answer = await visitor.go("/console/sign-in?next=/console/probe")
    assert answer.status_code == 200
    seen = answer.json()
    assert (seen["id"], seen["name"], seen["roles"], seen["client"]) == ("u-1", "Ada Auditor", ["auditor"], None)
    assert seen["tenant"] == "demo"
    assert seen["authenticated"]["method"] == "pwd otp"
    [asked] = issuer.asked
    assert asked["scope"] == "openid profile email"
    assert asked["max_age"] == str(12 * 3600)
    assert f"form-action 'self' {issuer.url};" in answer.headers["content-security-policy"]


@pytest.mark.parametrize("forge", [*FORGED.values(), *OF_SIGN_IN.values()], ids=[*FORGED, *OF_SIGN_IN])
async def test_nobody_is_signed_in_by_a_token_that_proves_nothing(
    visitor: Browser, issuer: Hostile, forge: Forge
) -> None:
    issuer.sign = lambda claims: forge(issuer, claims)
    answer = await visitor.go("/console/sign-in?next=/console/probe")
    assert answer.status_code == 403, answer.text
    assert "You cannot be signed in" in answer.text
    assert visitor.secret == ""


@pytest.mark.parametrize("forge", FORGED.values(), ids=FORGED)
async def test_the_api_takes_no_such_token_either(relying: House, issuer: Hostile, forge: Forge) -> None:
    answer = await relying.ask("/v1/me", forge(issuer, issuer.claims()))
    assert (answer.status_code, answer.json()["code"]) == (401, "invalid_token")
    assert answer.headers["www-authenticate"].startswith("Bearer")


async def test_the_api_takes_access_tokens_for_its_audience_alone(
    build: Build, relying: House, issuer: Hostile, office: Office
) -> None:
    me = await relying.ask("/v1/me", issuer.signed(issuer.claims(), typ="at+jwt"))
    assert (me.status_code, me.json()["name"]) == (200, "Ada Auditor")
    refused = await relying.ask("/v1/me", issuer.signed(issuer.claims(nonce="n")))
    assert "ID token" in refused.json()["detail"]
    named = {"oidc_issuer": issuer.url, "oidc_client_id": CLIENT, "oidc_audience": "https://api.example"}
    apart = build(**named, sample_sign_in=False)
    assert (await apart.ask("/v1/me", issuer.signed(issuer.claims()))).status_code == 401
    assert (await apart.ask("/v1/me", issuer.signed(issuer.claims(aud="https://api.example")))).status_code == 200
    embedded = office.introduced.people[0].token
    assert (await relying.ask("/v1/me", embedded)).status_code == 401, "the given issuer wins over the embedded one"


async def test_who_has_no_role_is_told_so(visitor: Browser, issuer: Hostile, relying: House) -> None:
    for roles in (None, [], ["king"], ["integration"], "admins", 7):
        issuer.said = {"roles": roles}
        answer = await visitor.go("/console/sign-in")
        assert answer.status_code == 403
        assert "You have no role here" in answer.text
        assert "Ada Auditor" in answer.text
    assert visitor.secret == ""
    bearer = await relying.ask("/v1/me", issuer.signed(issuer.claims()))
    assert "no role" in bearer.json()["detail"]


@pytest.mark.parametrize(
    "said",
    [
        {"roles": ["client_owner"]},
        {"roles": ["auditor"], "client": "acme"},
        {"tenant": "No Tenant!"},
        {"sub": "clock"},
        {"sub": "key:1"},
        {"sub": "a\x00b"},
        {"client": ["acme", "globex"], "roles": ["client_owner"]},
        {"client": "*", "roles": ["client_owner"]},
    ],
)
async def test_who_can_be_nobody_here_is_told_so(visitor: Browser, issuer: Hostile, said: Claims) -> None:
    issuer.said = said
    answer = await visitor.go("/console/sign-in")
    assert (answer.status_code, "You cannot be signed in" in answer.text) == (403, True)
    assert visitor.secret == ""


async def test_what_the_issuer_says_is_shown_as_text(visitor: Browser, issuer: Hostile) -> None:
    issuer.said = {"name": "<script>alert(1)</script>", "roles": []}
    assert "&lt;script&gt;" in (await visitor.go("/console/sign-in")).text


async def test_what_an_issuer_tells_on_request_counts_for_the_same_person(visitor: Browser, issuer: Hostile) -> None:
    issuer.said = {"name": None, "roles": None}
    issuer.told = {"sub": "u-1", "name": "Ada Reviewer", "roles": ["reviewer"], "aud": "elsewhere"}
    seen = (await visitor.go("/console/sign-in?next=/console/probe")).json()
    assert (seen["name"], seen["roles"]) == ("Ada Reviewer", ["reviewer"])
    issuer.told = issuer.told | {"sub": "u-2"}
    answer = await visitor.go("/console/sign-in?fresh=1")
    assert (answer.status_code, "two people" in answer.text) == (403, True)


async def test_an_issuer_that_refuses_is_named_in_its_own_words_only(visitor: Browser, issuer: Hostile) -> None:
    for error, shown in (("access_denied", "access_denied"), ("<b>pay here</b>", "unknown")):
        await visitor.one("/console/sign-in")
        departed = (await visitor.one("/console/sign-in")).headers["location"]
        await visitor.http.get(departed)
        state = issuer.asked[-1]["state"]
        answer = await visitor.http.get(
            f"{visitor.url}/console/callback", params={"state": state, "error": error, "error_description": "pay"}
        )
        assert answer.status_code == 403
        assert f"({shown})" in answer.text
        assert "pay" not in answer.text


async def test_a_code_is_not_taken_twice(visitor: Browser, issuer: Hostile) -> None:
    await visitor.go("/console/sign-in?next=/console/probe")
    used = issuer.asked[-1]
    departed = (await visitor.one("/console/sign-in?fresh=1")).headers["location"]
    await visitor.http.get(departed)
    former = next(url for url in visitor.went if "/callback?" in url)
    code = former.partition("code=")[2].partition("&")[0]
    state = issuer.asked[-1]["state"]
    assert state != used["state"]
    answer = await visitor.one(f"/console/callback?code={code}&state={state}")
    assert (answer.status_code, "over" in answer.text) == (400, True)


async def test_an_answer_of_another_issuer_is_none(visitor: Browser, issuer: Hostile) -> None:
    departed = (await visitor.one("/console/sign-in")).headers["location"]
    answer = await visitor.http.get(departed)
    assert (await visitor.one(f"{answer.headers['location']}&iss=https://evil.example")).status_code == 400


async def test_signing_out_ends_the_issuers_session_too(visitor: Browser, issuer: Hostile) -> None:
    await visitor.go("/console/sign-in?next=/console/probe")
    csrf = (await visitor.who())["csrf"]
    answer = await visitor.send("/console/sign-out", {"csrf": csrf})
    there = answer.headers["location"]
    assert there.startswith(f"{issuer.url}/end_session?")
    assert f"post_logout_redirect_uri={visitor.url}/console/signed-out".replace(":", "%3A").replace("/", "%2F") in (
        there.replace(":", "%3A").replace("/", "%2F")
    )
    assert await visitor.who() == {}


async def test_who_authenticated_long_ago_cannot_sign_until_they_do_so_again(
    issuer: Hostile, relying: House, desk: Desk
) -> None:
    case = (await desk.reports("auditor", **FINDING))["id"]
    await desk.submitted(case)
    path = f"/v1/nonconformities/{case}"
    issuer.said = {"tenant": desk.tenant, "roles": ["reviewer"]}
    asked = {"method": "POST", "json": {"signature": {}}}
    for at, status in ((int(time.time()) - 3600, 401), (None, 401), (int(time.time()), 200)):
        token = issuer.signed(issuer.claims(auth_time=at))
        seen = (await relying.ask(path, token)).json()["signable"]["accept_plan"]
        asked["json"] = {"signature": {"content_sha256": seen["sha256"], "meaning": seen["meaning"]}}
        answer = await relying.ask(f"{path}/accept-plan", token, **asked)
        assert answer.status_code == status, answer.text
        assert status == 200 or answer.json()["code"] == "authenticate_afresh"


async def test_a_fresh_sign_in_asks_for_it_and_believes_the_time_alone(visitor: Browser, issuer: Hostile) -> None:
    issuer.said = {"auth_time": int(time.time()) - 7200}
    seen = (await visitor.go("/console/sign-in?next=/console/probe")).json()
    stale = visitor.secret
    answer = await visitor.go("/console/sign-in?fresh=1&next=/console/probe")
    assert (issuer.asked[-1]["prompt"], issuer.asked[-1]["max_age"]) == ("login", "0")
    assert (answer.status_code, "anew" in answer.text) == (403, True)
    issuer.said = {"auth_time": None}
    answer = await visitor.go("/console/sign-in?fresh=1&next=/console/probe")
    assert (answer.status_code, "auth_time" in answer.text) == (403, True)
    assert visitor.secret == stale, "who fails to prove it anew stays as they were"
    issuer.said = {}
    now = (await visitor.go("/console/sign-in?fresh=1&next=/console/probe")).json()
    assert now["authenticated"]["at"] > seen["authenticated"]["at"]
    assert visitor.secret != stale


async def test_without_a_time_one_is_signed_in_and_has_proved_nothing_lately(visitor: Browser, issuer: Hostile) -> None:
    issuer.said = {"auth_time": None}
    seen = (await visitor.go("/console/sign-in?next=/console/probe")).json()
    assert seen["authenticated"] is None


async def test_a_time_that_no_token_proves_is_none(visitor: Browser, issuer: Hostile) -> None:
    issuer.said = {"auth_time": None}
    issuer.told = {"sub": "u-1", "auth_time": int(time.time()) + 3600, "amr": ["hwk"]}
    seen = (await visitor.go("/console/sign-in?next=/console/probe")).json()
    assert seen["authenticated"] is None


async def test_sessions_hold_no_secret(visitor: Browser, office: Office) -> None:
    await visitor.go("/console/sign-in?next=/console/probe")
    secret = visitor.secret.rpartition(".")[2]
    async with office.ledger.database.entered("demo") as connection:
        rows = await connection.fetch("SELECT to_jsonb(s)::text AS row FROM closeout.sessions AS s")
    assert rows
    assert not any(secret in row["row"] for row in rows)


async def test_the_doctor_says_whether_the_issuer_can_be_relied_on(
    relying: House, issuer: Hostile, tmp_path: Path
) -> None:
    async def finding(**changes: Any) -> Finding:
        settings = relying.settings.model_copy(update=changes)
        sources = Sources.read(changes, {}, None)
        [found] = await examine(SIGNIN, Deployment(settings, sources, settings.url, {}))
        return found

    well = await finding()
    assert (well.result, f"{relying.settings.url}/console/callback" in well.found) == (Result.OK, True)
    nowhere = await finding(oidc_claims=tmp_path / "nowhere.toml")
    assert (nowhere.result, "nowhere.toml" in nowhere.found) == (Result.FAIL, True)
    other = await finding(oidc_algorithms="ES256")
    assert (other.result, "no key for ES256" in other.found) == (Result.FAIL, True)
    issuer.is_away = True
    assert (await finding()).result is Result.FAIL
    assert (await finding(oidc_issuer="")).result is Result.OK
