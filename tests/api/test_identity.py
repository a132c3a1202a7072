import asyncio
import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from activities.directory import keys
from activities.ledger.protocol import Scope
from services.api.app import create_app
from services.bootstrap import introduce, mint
from services.settings import Settings
from services.tokens import Issuer
from tests.api.conftest import FINDING, Desk, Office
from workflows.decider import Wants
from workflows.people import Role
from workflows.policy_book import PolicyBook


def issuer(office: Office) -> Issuer:
    found = Issuer.of(office.settings)
    assert found is not None
    return found


def claims(office: Office, **changes: Any) -> dict[str, Any]:
    whole = {
        "iss": office.settings.token_issuer,
        "aud": office.settings.token_audience,
        "sub": "7f2c",
        "name": "Auditor",
        "tenant": "demo",
        "roles": ["auditor"],
        "auth_time": 1_700_000_000,
        "amr": ["pwd"],
        "exp": datetime.now(UTC) + timedelta(hours=1),
    } | changes
    return {name: value for name, value in whole.items() if value is not None}


def signed(office: Office, **changes: Any) -> str:
    return jwt.encode(claims(office, **changes), issuer(office).key.private, "EdDSA")


def unsigned(office: Office) -> str:
    whole = claims(office, exp=4_000_000_000)
    parts = (base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=") for part in ({"alg": "none"}, whole))
    return b".".join([*parts, b""]).decode()


BAD = {
    "no header": lambda office: None,
    "another scheme": lambda office: "Basic YTpi",
    "nothing": lambda office: "Bearer ",
    "garbage": lambda office: "Bearer garbage",
    "no signature": lambda office: f"Bearer {unsigned(office)}",
    "hmac with the public key": lambda office: (
        "Bearer " + jwt.encode(claims(office), issuer(office).key.private.public_key().public_bytes_raw(), "HS256")
    ),
    "another key": lambda office: "Bearer " + jwt.encode(claims(office), Ed25519PrivateKey.generate(), "EdDSA"),
    "another issuer": lambda office: f"Bearer {signed(office, iss='elsewhere')}",
    "another audience": lambda office: f"Bearer {signed(office, aud='elsewhere')}",
    "expired": lambda office: f"Bearer {signed(office, exp=1_700_000_000)}",
    "no expiry": lambda office: f"Bearer {signed(office, exp=None)}",
    "no authentication time": lambda office: f"Bearer {signed(office, auth_time=None)}",
    "unknown role": lambda office: f"Bearer {signed(office, roles=['king'])}",
    "no role": lambda office: f"Bearer {signed(office, roles=[])}",
    "client's role without client": lambda office: f"Bearer {signed(office, roles=['client_owner'])}",
    "every client": lambda office: f"Bearer {signed(office, roles=['client_owner'], client='*')}",
    "a tenant that is none": lambda office: f"Bearer {signed(office, tenant='a/b')}",
    "the clock": lambda office: f"Bearer {signed(office, sub='clock')}",
    "a key's id": lambda office: f"Bearer {signed(office, sub='key:1')}",
    "an unknown key": lambda office: f"Bearer ck_demo_{'0' * 16}_{'0' * 64}",
    "a broken key": lambda office: "Bearer ck_\x7f",
}


@pytest.mark.parametrize("header", BAD.values(), ids=BAD.keys())
async def test_nobody_is_told_so(office: Office, http: httpx.AsyncClient, header: Any) -> None:
    given = header(office)
    answer = await http.get("/v1/me", headers={} if given is None else {"Authorization": given})
    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert answer.json()["code"] in ("unauthenticated", "invalid_token", "invalid_key")


async def test_a_person_is_known_by_an_opaque_id_and_entered_with_name_and_roles(desk: Desk) -> None:
    me = await desk.get("member1", "/v1/me")
    assert (me["kind"], me["name"], me["roles"], me["client"]) == ("person", "Member1", ["committee_member"], None)
    assert "Member1" not in me["id"]
    facts = await desk.office.ledger.facts(Scope(desk.tenant), Wants(committee=True))
    assert [(person.id, person.name) for person in facts.committee] == [(me["id"], "Member1")]


async def test_the_key_file_is_private_and_its_people_are_the_same_after_a_restart(office: Office) -> None:
    file = office.settings.token_key
    assert file is not None
    assert file.stat().st_mode & 0o777 == 0o600
    again = await introduce(office.settings)
    assert again == office.introduced


async def test_the_bootstrap_introduces_everyone_who_is_needed(office: Office, http: httpx.AsyncClient) -> None:
    roles = [person.role for person in office.introduced.people]
    needed = {
        "client_owner": 1,
        "client_approver": 1,
        "internal_auditor": 1,
        "auditor": 2,
        "reviewer": 2,
        "committee_member": 3,
        "scheme_manager": 1,
        "observer": 1,
    }
    assert all(roles.count(role) >= count for role, count in needed.items())
    for person in office.introduced.people:
        me = (await http.get("/v1/me", headers={"Authorization": f"Bearer {person.token}"})).json()
        assert (me["name"], me["roles"], me["client"]) == (person.name, [person.role], person.client)
    for number, (key, status) in enumerate(zip(office.introduced.keys, ("open", "reported"), strict=True)):
        source = {"system": "audit", "external_id": f"bootstrap-{number}"}
        answer = await http.post(
            "/v1/findings", json=FINDING | {"source": source}, headers={"Authorization": f"Bearer {key.key}"}
        )
        assert (answer.status_code, answer.json()["status"]) == (201, status)


def test_a_role_on_the_client_s_side_is_minted_for_a_client_only(office: Office) -> None:
    with pytest.raises(ValueError, match="name it"):
        mint(office.settings, Role.CLIENT_OWNER, "Nobody")


def test_without_a_key_there_is_no_issuer() -> None:
    assert Issuer.of(Settings.load({}, {})) is None


async def test_keys_are_shown_once_bound_listed_and_revoked(desk: Desk) -> None:
    made = await desk.ask("manager", "POST", "/v1/api-keys", {"source": "scanner", "name": "nightly"})
    assert made.status_code == 201
    assert made.headers["cache-control"] == "no-store"
    key = made.json()
    me = await desk.get(key["key"], "/v1/me")
    assert (me["id"], me["kind"], me["source"], me["roles"]) == (f"key:{key['id']}", "key", "scanner", ["integration"])
    [listed] = (await desk.get("manager", "/v1/api-keys"))["items"]
    assert "key" not in listed
    assert listed["state"] == "active"
    assert listed["last_used_at"] is not None
    assert (await desk.ask("auditor", "GET", "/v1/api-keys")).json()["code"] == "role"
    other = Desk(f"{desk.tenant}x", desk.office, desk.http)
    assert (await other.ask("manager", "DELETE", f"/v1/api-keys/{key['id']}")).status_code == 404
    assert (await desk.ask("manager", "DELETE", f"/v1/api-keys/{key['id']}")).json()["state"] == "revoked"
    assert (await desk.ask(key["key"], "GET", "/v1/me")).status_code == 401


async def test_an_expired_key_is_refused(desk: Desk) -> None:
    soon = datetime.now(UTC) + timedelta(seconds=0.5)
    key = await desk.key("scanner", expires_at=soon.isoformat())
    while datetime.now(UTC) < soon:
        assert (await desk.ask(key, "GET", "/v1/me")).status_code in (200, 401)
    assert (await desk.ask(key, "GET", "/v1/me")).status_code == 401
    late = {"source": "scanner", "expires_at": "2020-01-01T00:00:00Z", "client": "nobody"}
    for at in (late["expires_at"], "9999-12-31T23:59:59-23:59", "0001-01-01T00:00:00+23:59", 4_000_000_000):
        answer = await desk.ask("manager", "POST", "/v1/api-keys", late | {"expires_at": at})
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/expires_at")


async def test_signing_asks_for_a_recent_authentication_where_the_installation_does(desk: Desk) -> None:
    office = desk.office
    key = issuer(office)
    settings = office.settings.model_copy(update={"fresh": timedelta(minutes=5)})
    app = create_app(office.ledger, office.app.state.api.engine, office.ledger.database, settings, PolicyBook.load())
    case = (await desk.reports("auditor", grade="ofi"))["id"]
    path = f"/v1/nonconformities/{case}"
    seen = (await desk.get("reviewer", path))["signable"]["close"]
    body = {"statement": "Seen.", "signature": {"content_sha256": seen["sha256"], "meaning": seen["meaning"]}}
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://api") as http:
        for age, status in ((timedelta(hours=1), 401), (timedelta(), 200)):
            since = datetime.now(UTC) - age
            token = key.sign(desk.tenant, "Reviewer", (Role.REVIEWER,), None, since, timedelta(days=1))
            answer = await http.post(f"{path}/close", json=body, headers={"Authorization": f"Bearer {token}"})
            assert answer.status_code == status, answer.text
            if status == 401:
                assert answer.json()["code"] == "authenticate_afresh"
                assert answer.headers["www-authenticate"] == "Bearer"


async def test_a_rotated_key_has_two_secrets_for_a_while(desk: Desk) -> None:
    made = (await desk.ask("manager", "POST", "/v1/api-keys", {"source": "scanner"})).json()
    path = f"/v1/api-keys/{made['id']}/rotate"
    rotated = await desk.ask("manager", "POST", path, {"overlap": "PT1H"})
    assert rotated.status_code == 200, rotated.text
    new = rotated.json()["key"]
    assert new != made["key"]
    assert rotated.json()["former_until"] > rotated.json()["created_at"]
    for key in (made["key"], new):
        assert (await desk.ask(key, "GET", "/v1/me")).status_code == 200
    again = (await desk.ask("manager", "POST", path, {"overlap": "PT0S"})).json()["key"]
    assert [(await desk.ask(key, "GET", "/v1/me")).status_code for key in (made["key"], new, again)] == [401, 401, 200]
    await desk.ask("manager", "DELETE", f"/v1/api-keys/{made['id']}")
    assert (await desk.ask("manager", "POST", path)).status_code == 404
    assert (await desk.ask("manager", "POST", path, {"overlap": "P1Y"})).status_code == 422


async def test_a_repeated_request_makes_one_key_and_shows_it_once(desk: Desk) -> None:
    named, other = {"Idempotency-Key": "once"}, {"Idempotency-Key": "twice"}
    body = {"source": "scanner", "name": "nightly"}
    first = (await desk.ask("manager", "POST", "/v1/api-keys", body, named)).json()
    again = await desk.ask("manager", "POST", "/v1/api-keys", body, named)
    assert again.status_code == 200
    assert again.json() == {name: value for name, value in first.items() if name != "key"} | {"secret_shown": True}
    reused = await desk.ask("manager", "POST", "/v1/api-keys", body | {"name": "daily"}, named)
    assert (reused.status_code, reused.json()["code"]) == (422, "key_reused")
    assert (await desk.ask("manager", "POST", "/v1/api-keys", body, other)).status_code == 201
    assert len((await desk.get("manager", "/v1/api-keys"))["items"]) == 2
    elsewhere = Desk(f"{desk.tenant}x", desk.office, desk.http)
    assert (await elsewhere.ask("manager", "POST", "/v1/api-keys", body, named)).status_code == 201

    path = f"/v1/api-keys/{first['id']}/rotate"
    new = (await desk.ask("manager", "POST", path, {}, named)).json()["key"]
    repeated = (await desk.ask("manager", "POST", path, {}, named)).json()
    assert (repeated["secret_shown"], "key" in repeated) == (True, False)
    assert [(await desk.ask(key, "GET", "/v1/me")).status_code for key in (first["key"], new)] == [200, 200]
    reused = await desk.ask("manager", "POST", path, {"overlap": "PT0S"}, named)
    assert (reused.status_code, reused.json()["code"]) == (422, "key_reused")
    assert "key" in (await desk.ask("manager", "POST", path, {}, other)).json()


async def test_one_thing_is_made_of_several_requests_at_once(desk: Desk) -> None:
    for path, secret, body in (
        ("/v1/api-keys", "key", {"source": "s"}),
        ("/v1/hooks", "secret", {"source": "s", "kind": "github"}),
    ):
        made = await at_once(desk, path, body, secret)
        assert len((await desk.get("manager", path))["items"]) == 1
        await at_once(desk, f"{path}/{made['id']}/rotate", {}, secret, new=200)


async def test_what_was_made_is_read_where_its_location_says(desk: Desk) -> None:
    abroad = Desk(f"{desk.tenant}x", desk.office, desk.http)
    for path, secret, body in (
        ("/v1/api-keys", "key", {"source": "s"}),
        ("/v1/hooks", "secret", {"source": "s", "kind": "github"}),
    ):
        made = await desk.ask("manager", "POST", path, body)
        at, told = made.headers["location"], made.json()
        assert await desk.get("manager", at) == {name: value for name, value in told.items() if name != secret}
        assert told[secret] not in (await desk.ask("manager", "GET", at)).text
        for who, asker, status in (("owner", desk, 403), ("auditor", desk, 403), ("manager", abroad, 404)):
            assert (await asker.ask(who, "GET", at)).status_code == status
        assert (await desk.ask("manager", "GET", f"{path}/none")).status_code == 404
        ended = (await desk.ask("manager", "DELETE", at)).json()
        assert (await desk.get("manager", at))["state"] == ended["state"] != told["state"]


async def at_once(desk: Desk, path: str, body: dict[str, str], secret: str, new: int = 201) -> Any:
    """What several requests under one key made, asked at once: one is told the secret, the others that it was told."""
    key = {"Idempotency-Key": "k"}
    answers = await asyncio.gather(*(desk.ask("manager", "POST", path, body, key) for _ in range(6)))
    assert sorted(one.status_code for one in answers) == [200] * 5 + [new], [one.text for one in answers]
    told = [one.json() for one in answers]
    [made] = [one for one in told if secret in one]
    again = {name: value for name, value in made.items() if name != secret} | {"secret_shown": True}
    assert [one for one in told if one != made] == [again] * 5
    return made


async def test_an_expired_key_is_not_rotated(desk: Desk) -> None:
    soon = datetime.now(UTC) + timedelta(seconds=0.5)
    body = {"source": "scanner", "expires_at": soon.isoformat()}
    key = (await desk.ask("manager", "POST", "/v1/api-keys", body)).json()
    await asyncio.sleep((soon - datetime.now(UTC)).total_seconds() + 0.01)
    refused = await desk.ask("manager", "POST", f"/v1/api-keys/{key['id']}/rotate", {})
    assert (refused.status_code, refused.json()["code"]) == (409, "expired")


async def test_a_key_asks_no_more_often_than_it_may(desk: Desk) -> None:
    key = await desk.key("scanner", rate=3)
    answers = [await desk.ask(key, "GET", "/v1/me") for _ in range(5)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429, 429]
    assert answers[-1].json()["code"] == "too_many_requests"
    assert 0 < int(answers[-1].headers["retry-after"]) <= 20
    free = await desk.key("crawler")
    assert {(await desk.ask(free, "GET", "/v1/me")).status_code for _ in range(5)} == {200}


async def test_requests_come_back_evenly(desk: Desk) -> None:
    text = await desk.key("scanner", rate=60)
    database, at = desk.office.ledger.database, datetime.now(UTC) + timedelta(hours=1)
    for _ in range(60):
        assert await keys.recognise(database, text, at)
    with pytest.raises(keys.Spent) as spent:
        await keys.recognise(database, text, at)
    assert spent.value.wait == timedelta(seconds=1)
    assert await keys.recognise(database, text, at + timedelta(seconds=1))
    with pytest.raises(keys.Spent):
        await keys.recognise(database, text, at + timedelta(seconds=1))
    for _ in range(60):
        assert await keys.recognise(database, text, at + timedelta(days=1))
    with pytest.raises(keys.Spent):
        await keys.recognise(database, text, at + timedelta(days=1))
