"""Hooks: senders that sign, and what becomes of their findings."""

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import asyncpg
import httpx
import pytest

from activities.directory import hook_deliveries
from activities.directory.hook_deliveries import MOST, Received
from services.subscriptions import signing
from tests.api.conftest import FINDING, Desk
from tests.api.test_problems import problem
from tests.intake.test_github import CODE, body
from tests.intake.test_jira import hook as jira_body
from tests.intake.test_servicenow import RECORD

SECRET = "sixteen letters and more"


async def made(desk: Desk, kind: str, **more: Any) -> dict[str, Any]:
    """A new hook, with its secret."""
    wanted = {"source": kind, "kind": kind, "client": "acme", **more}
    answer = await desk.ask("manager", "POST", "/v1/hooks", wanted)
    assert answer.status_code == 201, answer.text
    told: dict[str, Any] = answer.json()
    assert (answer.headers["cache-control"], answer.headers["location"]) == ("no-store", f"/v1/hooks/{told['id']}")
    assert told["address"] == f"{desk.office.settings.url}/v1/hooks/{told['id']}"
    return told


async def sent(desk: Desk, hook: dict[str, Any], content: bytes, headers: dict[str, str]) -> httpx.Response:
    """A delivery, without any credentials but its signature."""
    return await desk.http.post(hook["address"], content=content, headers=headers)


def github(content: bytes, secret: str, delivery: str | None = None) -> dict[str, str]:
    """The headers of a delivery of GitHub's."""
    signature = hmac.digest(secret.encode(), content, hashlib.sha256).hex()
    return {
        "X-GitHub-Delivery": delivery or str(uuid4()),
        "X-Hub-Signature-256": f"sha256={signature}",
        "Content-Type": "application/json",
    }


def alert(**changes: Any) -> bytes:
    return json.dumps(body({**CODE, **changes})).encode()


async def test_a_signed_alert_becomes_a_finding_of_the_hook_s_source(desk: Desk) -> None:
    hook = await made(desk, "github")
    answer = await sent(desk, hook, alert(), github(alert(), hook["secret"]))
    assert answer.status_code == 201, answer.text
    case = await desk.get("auditor", f"/v1/nonconformities/{answer.json()['items'][0]['id']}")
    assert (case["status"], case["client"], case["source"]["system"]) == ("reported", "acme", "github")
    [listed] = (await desk.get("manager", "/v1/hooks"))["items"]
    assert listed["last_used_at"]
    event = (await desk.get("auditor", f"/v1/nonconformities/{case['id']}/events"))[0]
    assert event["actor"] == f"hook:{hook['id']}"


async def test_each_kind_is_proven_its_own_way(desk: Desk) -> None:
    issue, record, finding = (json.dumps(one).encode() for one in (jira_body(), RECORD, FINDING))
    hooks = {kind: await made(desk, kind) for kind in ("jira", "servicenow", "standard_webhooks")}
    digest = {kind: hmac.digest(hook["secret"].encode(), issue, hashlib.sha256) for kind, hook in hooks.items()}
    record_digest = hmac.digest(hooks["servicenow"]["secret"].encode(), record, hashlib.sha256)
    deliveries = {
        "jira": (issue, {"X-Hub-Signature": f"sha256={digest['jira'].hex()}"}),
        "servicenow": (record, {"x-sn-hmac-signature-256": base64.b64encode(record_digest).decode()}),
        "standard_webhooks": (
            finding,
            signing.signed("msg_1", datetime.now(UTC), finding, [hooks["standard_webhooks"]["secret"]]),
        ),
    }
    for kind, (content, headers) in deliveries.items():
        answer = await sent(desk, hooks[kind], content, headers)
        assert answer.status_code == 201, (kind, answer.text)
        problem(await sent(desk, hooks[kind], content + b" ", headers), 401, "bad_signature")


@pytest.mark.parametrize("kind", ["github", "jira", "servicenow", "standard_webhooks"])
async def test_what_nobody_signed_is_not_read(desk: Desk, kind: str) -> None:
    hook = await made(desk, kind)
    answer = await sent(desk, hook, b"{", {})
    problem(answer, 401, "bad_signature")
    assert answer.headers["www-authenticate"]
    problem(await desk.ask("manager", "POST", hook["address"], {}), 401, "bad_signature")
    assert (await desk.get("auditor", "/v1/nonconformities"))["items"] == []


async def test_a_form_of_github_s_is_told_what_to_set_there(desk: Desk) -> None:
    hook = await made(desk, "github")
    form = urlencode({"payload": alert().decode()}).encode()
    headers = github(form, hook["secret"]) | {"Content-Type": "application/x-www-form-urlencoded"}
    answer = await sent(desk, hook, form, headers)
    problem(answer, 415, "unsupported_media_type")
    assert "content type there to application/json" in answer.json()["detail"]
    [noted] = (await desk.get("manager", f"/v1/hooks/{hook['id']}/deliveries"))["items"]
    assert noted["refusal"] == answer.json()["detail"]


async def test_a_delivery_that_comes_again_is_a_repeat(desk: Desk) -> None:
    hook = await made(desk, "github", may_state_grades=True)
    headers = github(alert(), hook["secret"], "delivery-1")
    first = await sent(desk, hook, alert(), headers)
    again = await sent(desk, hook, alert(), headers)
    assert again.json()["items"][0]["id"] == first.json()["items"][0]["id"]
    assert again.json()["accepted"] == 0
    assert len((await desk.get("auditor", "/v1/nonconformities"))["items"]) == 1
    other = await made(desk, "github", source="another")
    answer = await sent(desk, other, alert(), github(alert(), other["secret"], "delivery-1"))
    assert answer.json()["items"][0]["result"] == "created"


async def test_an_old_delivery_reopens_nothing_and_a_new_one_recurs(desk: Desk) -> None:
    hook = await made(desk, "github")
    headers = github(alert(), hook["secret"], "delivery-1")
    case = (await sent(desk, hook, alert(), headers)).json()["items"][0]["id"]
    await desk.does("auditor", case, "issue", grade="minor")
    await desk.closed(case)
    for again in (headers, headers | {"X-GitHub-Delivery": "delivery-2"}):
        replayed = (await sent(desk, hook, alert(), again)).json()["items"][0]
        assert (replayed["id"], replayed["result"]) == (case, "duplicate")
    reopened = json.dumps(body(CODE, "reopened")).encode()
    headers = github(reopened, hook["secret"])
    first, again = [(await sent(desk, hook, reopened, headers)).json()["items"][0] for _ in range(2)]
    assert first["result"] == "recurred"
    assert again["id"] == first["id"] != case


async def test_a_message_that_comes_again_is_answered_as_it_was(desk: Desk) -> None:
    hook = await made(desk, "standard_webhooks")
    content = json.dumps([FINDING]).encode()
    headers = signing.signed("msg_1", datetime.now(UTC), content, [hook["secret"]])
    first, again = [await sent(desk, hook, content, headers) for _ in range(2)]
    assert first.json()["items"][0]["result"] == "created"
    assert again.json() == first.json()


async def test_what_is_fixed_or_about_something_else_is_skipped(desk: Desk) -> None:
    hook = await made(desk, "github")
    ping = b'{"zen": "Design for failure.", "hook_id": 1}'
    for content, reason in ((alert(state="fixed"), "resolved"), (ping, "unrelated"), (b'{"ref": "x"}', "unrelated")):
        answer = await sent(desk, hook, content, github(content, hook["secret"]))
        assert answer.json()["items"][0]["reason"] == reason


async def test_a_hook_is_bound_to_its_client(desk: Desk) -> None:
    hook = await made(desk, "standard_webhooks")
    content = json.dumps(FINDING | {"client": "globex"}).encode()
    headers = signing.signed("msg_1", datetime.now(UTC), content, [hook["secret"]])
    problem(await sent(desk, hook, content, headers), 403, "another_client")


async def test_grades_are_for_hooks_that_may_state_them(desk: Desk) -> None:
    content = json.dumps(FINDING).encode()
    for may, status in ((False, "reported"), (True, "open")):
        hook = await made(desk, "standard_webhooks", source=f"grades-{may}", may_state_grades=may)
        headers = signing.signed("msg_1", datetime.now(UTC), content, [hook["secret"]])
        assert (await sent(desk, hook, content, headers)).json()["status"] == status


async def test_events_come_in_envelopes(desk: Desk) -> None:
    hook = await made(desk, "standard_webhooks")
    event = {"specversion": "1.0", "id": "e-1", "source": "/s", "type": "t", "data": body(CODE)}
    content = json.dumps(event).encode()
    headers = signing.signed("msg_1", datetime.now(UTC), content, [hook["secret"]])
    answer = await sent(desk, hook, content, headers)
    assert answer.json()["items"][0]["result"] == "created"
    inner = json.dumps(FINDING).encode()
    headers = signing.signed("msg_2", datetime.now(UTC), inner, [hook["secret"]])
    binary = {"ce-specversion": "1.0", "ce-id": "e-2", "ce-source": "/s", "ce-type": "t"}
    assert (await sent(desk, hook, inner, headers | binary)).json()["result"] == "created"


async def test_an_event_names_its_repeats_for_callers_with_keys_too(desk: Desk) -> None:
    key = await desk.key("scanner")
    named = {"specversion": "1.0", "id": "e-1", "source": "/s", "type": "t"}
    headers = {f"ce-{name}": value for name, value in named.items()}
    for content, more in ((FINDING, headers), ({**named, "data": [FINDING]}, {})):
        ids = {FINDING["source"]["external_id"]: None}
        for _ in range(2):
            answer = await desk.ask(key, "POST", "/v1/findings", content, more)
            told = answer.json()
            ids[told["id"] if "id" in told else told["items"][0]["id"]] = None
        assert len(ids) == 2
    broken = await desk.ask(key, "POST", "/v1/findings", FINDING, {**headers, "ce-id": " "})
    problem(broken, 400, "missing")


async def test_a_rotated_secret_is_good_for_the_overlap(desk: Desk) -> None:
    hook = await made(desk, "github", secret=SECRET)
    path = f"{hook['address']}/rotate"
    rotated = (await desk.ask("manager", "POST", path, {})).json()
    assert len(rotated["former_secrets_until"]) == 1
    for secret in (SECRET, rotated["secret"]):
        assert (await sent(desk, hook, alert(), github(alert(), secret))).status_code in (200, 201, 207)
    at_once = (await desk.ask("manager", "POST", path, {"overlap": "PT0S"})).json()
    problem(await sent(desk, hook, alert(), github(alert(), rotated["secret"])), 401, "bad_signature")
    for secret in (SECRET, at_once["secret"]):
        assert (await sent(desk, hook, alert(), github(alert(), secret))).status_code in (200, 201, 207)


async def test_a_repeated_request_makes_one_hook_and_shows_its_secret_once(desk: Desk) -> None:
    named, body = {"Idempotency-Key": "once"}, {"source": "github", "kind": "github", "secret": SECRET}
    hook = (await desk.ask("manager", "POST", "/v1/hooks", body, named)).json()
    again = await desk.ask("manager", "POST", "/v1/hooks", body, named)
    assert again.status_code == 200
    assert again.json() == {name: value for name, value in hook.items() if name != "secret"} | {"secret_shown": True}
    for other in ({"name": "n"}, {"secret": f"{SECRET}x"}):
        problem(await desk.ask("manager", "POST", "/v1/hooks", body | other, named), 422, "key_reused")
    path = f"/v1/hooks/{hook['id']}/rotate"
    new = (await desk.ask("manager", "POST", path, {}, named)).json()["secret"]
    repeated = (await desk.ask("manager", "POST", path, {}, named)).json()
    assert (repeated["secret_shown"], "secret" in repeated) == (True, False)
    assert len(repeated["former_secrets_until"]) == 1
    for secret in (SECRET, new):
        assert (await sent(desk, hook, alert(), github(alert(), secret))).status_code in (200, 201, 207)
    problem(await desk.ask("manager", "POST", path, {"secret": SECRET}, named), 422, "key_reused")
    await desk.ask("manager", "DELETE", f"/v1/hooks/{hook['id']}")
    assert (await desk.ask("manager", "POST", "/v1/hooks", body, named)).json()["state"] == "ended"
    assert len((await desk.get("manager", "/v1/hooks"))["items"]) == 1


async def test_a_secret_is_shown_once_and_forgotten_at_the_end(desk: Desk) -> None:
    hook = await made(desk, "github", secret=SECRET)
    assert SECRET not in (await desk.ask("manager", "GET", "/v1/hooks")).text
    ended = await desk.ask("manager", "DELETE", hook["address"])
    assert (ended.json()["state"], SECRET in ended.text) == ("ended", False)
    problem(await sent(desk, hook, alert(), github(alert(), SECRET)), 404, "not_found")
    problem(await desk.ask("manager", "POST", f"{hook['address']}/rotate", {}), 409, "hook_ended")
    connection = await asyncpg.connect(desk.office.settings.dsn)
    try:
        kept = await connection.fetchval(
            "SELECT count(*) FROM closeout.hooks WHERE secrets::text LIKE $1", f"%{SECRET}%"
        )
    finally:
        await connection.close()
    assert kept == 0


async def test_hooks_belong_to_those_who_administer(desk: Desk) -> None:
    hook = await made(desk, "github")
    for who in ("auditor", "owner", await desk.key("scanner")):
        for method, path, content in (
            ("GET", "/v1/hooks", None),
            ("POST", "/v1/hooks", {}),
            ("DELETE", hook["address"], None),
            ("POST", f"{hook['address']}/rotate", {}),
            ("GET", f"{hook['address']}/deliveries", None),
        ):
            problem(await desk.ask(who, method, path, content), 403, "role")
    other = Desk(f"{desk.tenant}x", desk.office, desk.http)
    assert (await other.get("manager", "/v1/hooks"))["items"] == []
    problem(await other.ask("manager", "DELETE", hook["address"]), 404, "not_found")
    problem(await other.ask("manager", "GET", f"{hook['address']}/deliveries"), 404, "not_found")
    problem(await other.ask("manager", "POST", f"{hook['address']}/rotate", {}), 404, "not_found")


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"kind": "smoke"}, "/kind"),
        ({"source": "manual"}, "/source"),
        ({"secret": "short"}, "/secret"),
        ({"client": "nobody"}, "/client"),
        ({"kind": "standard_webhooks", "secret": SECRET}, "/secret"),
    ],
)
async def test_what_is_no_hook_says_why(desk: Desk, changes: dict[str, Any], pointer: str) -> None:
    wanted = {"source": "alerts", "kind": "github"} | changes
    told = problem(await desk.ask("manager", "POST", "/v1/hooks", wanted), 422, "shape")
    assert [fault["pointer"] for fault in told["errors"]] == [pointer]


async def test_a_delivery_too_large_is_refused_before_it_is_read(desk: Desk) -> None:
    hook = await made(desk, "github")
    read: list[bytes] = []

    async def endless() -> Any:
        read.append(b"x" * 1000)
        yield read[-1]

    headers = {"Content-Length": str(9 * 2**20)}
    problem(await desk.http.post(hook["address"], content=endless(), headers=headers), 413, "too_many_bytes")
    assert read == []
    problem(await sent(desk, hook, b"x" * (9 * 2**20), {}), 413, "too_many_bytes")


async def test_pages_of_hooks(desk: Desk) -> None:
    ids = {(await made(desk, "github", source=f"s{number}"))["id"] for number in range(3)}
    first = await desk.get("manager", "/v1/hooks", limit=2)
    rest = await desk.get("manager", "/v1/hooks", limit=2, cursor=first["next"])
    assert {one["id"] for one in (*first["items"], *rest["items"])} == ids
    assert rest["next"] is None


async def test_what_came_in_is_told_with_what_became_of_it(desk: Desk) -> None:
    hook = await made(desk, "github")
    path = f"/v1/hooks/{hook['id']}/deliveries"
    assert (await desk.get("manager", path))["items"] == []
    for delivery in ("d-1", "d-2"):
        await sent(desk, hook, alert(), github(alert(), hook["secret"], delivery))
    problem(await sent(desk, hook, b"{", github(b"{", hook["secret"], "d-3")), 400, "not_json")
    problem(await sent(desk, hook, alert(), github(alert(), SECRET, "d-4")), 401, "bad_signature")
    unread, again, first = (await desk.get("manager", path))["items"]
    assert [one["named"] for one in (first, again, unread)] == ["d-1", "d-2", "d-3"]
    assert (first["created"], again["created"], again["duplicate"]) == (1, 0, 1)
    [receipt] = first["receipts"]
    assert (await desk.get("auditor", f"/v1/nonconformities/{receipt['id']}"))["source"]["system"] == "github"
    assert (unread["created"], unread["receipts"]) == (0, [])
    assert unread["refusal"]
    [listed] = (await desk.get("manager", "/v1/hooks"))["items"]
    assert listed["forged"] == "x-hub-signature-256 is of another body or secret."
    assert listed["forged_at"] > listed["created_at"]
    page = await desk.get("manager", path, limit=2)
    rest = await desk.get("manager", path, limit=2, cursor=page["next"])
    assert [*page["items"], *rest["items"]] == [unread, again, first]


async def test_a_delivery_says_why_the_first_of_its_items_was_rejected(desk: Desk) -> None:
    hook = await made(desk, "standard_webhooks")
    content = json.dumps([FINDING, FINDING | {"client": "globex"}]).encode()
    await sent(desk, hook, content, signing.signed("msg_1", datetime.now(UTC), content, [hook["secret"]]))
    [told] = (await desk.get("manager", f"/v1/hooks/{hook['id']}/deliveries"))["items"]
    assert (told["named"], told["created"], told["rejected"]) == ("msg_1", 1, 1)
    assert [receipt["result"] for receipt in told["receipts"]] == ["rejected", "created"]
    assert told["refusal"] == told["receipts"][0]["problem"]["detail"]


async def test_the_last_deliveries_of_each_hook_are_kept(desk: Desk) -> None:
    database, at = desk.office.ledger.database, datetime.now(UTC)
    kept = [Received(id=f"{number:04}", received_at=at) for number in range(MOST + 2)]
    for hook in ("one", "other"):
        for one in kept[: None if hook == "one" else 2]:
            await hook_deliveries.keep(database, desk.tenant, hook, one)
    assert await hook_deliveries.listed(database, desk.tenant, "one", None, 2 * MOST) == kept[:1:-1]
    assert await hook_deliveries.listed(database, desk.tenant, "other", None, 2 * MOST) == kept[1::-1]


async def test_keys_and_hooks_of_one_source(desk: Desk) -> None:
    for source in ("scanner", "github"):
        await made(desk, "github", source=source)
        await desk.key(source)
    for path in ("/v1/hooks", "/v1/api-keys"):
        [one] = (await desk.get("manager", path, source="scanner"))["items"]
        assert one["source"] == "scanner"
        assert (await desk.get("manager", path, source="nothing"))["items"] == []


@pytest.mark.parametrize("id", ["nothing", "%00", "x" * 500, "a%2Fb", f"nobody_{'0' * 32}"])
async def test_a_hook_that_is_not_there_is_not_found(desk: Desk, id: str) -> None:
    for method, path in (("POST", id), ("POST", f"{id}/rotate"), ("DELETE", id)):
        problem(await desk.ask("manager", method, f"/v1/hooks/{path}", {}), 404, "not_found")
