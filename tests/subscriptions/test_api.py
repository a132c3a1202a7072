"""Subscriptions over HTTP: who may keep which, and what is told of them."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest
from standardwebhooks import Webhook

from activities.metrics import Metrics
from services.api.app import create_app
from services.subscriptions.delivering import Delivering, sources
from services.subscriptions.sending import Sender
from services.worker import build_delivering
from tests.api.conftest import Desk, Office
from tests.subscriptions.conftest import LOCAL
from tests.subscriptions.receiver import Receiver, accept, answering, until
from workflows.policy_book import PolicyBook

PATH = "/v1/subscriptions"


@pytest.fixture(scope="session")
async def outward(office: Office) -> AsyncIterator[httpx.AsyncClient]:
    """The API where receivers may stand on this machine, with a worker that delivers."""
    settings = office.settings.model_copy(update={"webhook_allow": "127.0.0.0/8"})
    ledger, engine = office.ledger, office.app.state.api.engine
    app = create_app(ledger, engine, ledger.database, settings, PolicyBook.load(settings.policies))
    sender = Sender(LOCAL)
    poll = timedelta(milliseconds=50)
    delivering = Delivering(
        ledger.database, ledger, sender, Metrics("worker"), sources("http://api"), poll=poll, attention=5 * poll
    )
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with build_delivering(engine, delivering):
        async with httpx.AsyncClient(transport=transport, base_url="http://api", timeout=30) as client:
            yield client
        await app.state.api.nudges.close()
    await sender.close()


@dataclass(frozen=True)
class Outbox(Desk):
    """A tenant's way to its subscriptions."""

    async def does_ask(self, who: str, method: str, path: str, body: Any = None, status: int = 200) -> Any:
        answer = await self.ask(who, method, f"{PATH}{path}", body)
        assert answer.status_code == status, answer.text
        return answer.json() if answer.content else None

    async def subscribes(self, who: str, url: str, **body: Any) -> Any:
        return await self.does_ask(who, "POST", "", {"url": url, **body}, 201)


@pytest.fixture
async def box(office: Office, outward: httpx.AsyncClient) -> Outbox:
    """A new certification body with the clients acme and globex."""
    box = Outbox(f"t{uuid4().hex[:12]}", office, outward)
    for key, name in (("acme", "Acme Ltd"), ("globex", "Globex Inc")):
        answer = await box.ask("manager", "POST", "/v1/clients", {"key": key, "name": name})
        assert answer.status_code == 201, answer.text
    return box


async def test_a_subscriber_is_told_what_happens_from_then_on(box: Outbox, receiver: Receiver) -> None:
    made = await box.subscribes("manager", receiver.url, types=["nonconformity.issued"])
    await box.reports("auditor")
    await until(lambda: receiver.taken)
    [received] = receiver.taken
    assert received.event["type"] == "closeout.nonconformity.issued"
    Webhook(made["secret"]).verify(received.body, dict(received.headers))
    told = await box.does_ask("manager", "GET", f"/{made['id']}")
    assert "secret" not in str(told) and told["state"] == "active"
    [kept] = (await box.does_ask("manager", "GET", f"/{made['id']}/deliveries"))["items"]
    assert kept["event_id"] == received.event["id"] and kept["type"] == "nonconformity.issued"
    [listed] = (await box.does_ask("manager", "GET", ""))["items"]
    assert listed["id"] == made["id"] and listed["lag"].keys() == {"events", "seconds"}


async def test_a_client_s_people_keep_their_own_and_are_told_of_their_own_cases(
    box: Outbox, receiver: Receiver
) -> None:
    body_s = await box.subscribes("manager", receiver.url, **{"from": "beginning"}, kinds=["audit"])
    made = await box.subscribes("approver", receiver.url, **{"from": "beginning"}, kinds=["nonconformity"])
    assert made["client"] == "acme"
    await box.reports("auditor", "F-1", client="globex")
    await box.reports("auditor", "F-2", client="acme")
    await box.reports("auditor", "F-3", client="acme", grade=None)
    await until(lambda: len(receiver.taken) >= 2)
    await asyncio.sleep(0.3)
    streams = {one.event["subject"] for one in receiver.taken}
    [case] = (await box.get("owner", "/v1/nonconformities"))["items"]
    assert streams == {f"nonconformity/{case['id']}"}
    assert [one["id"] for one in (await box.does_ask("owner", "GET", ""))["items"]] == [made["id"]]
    assert (await box.does_ask("stranger", "GET", ""))["items"] == []
    assert {one["id"] for one in (await box.does_ask("manager", "GET", ""))["items"]} == {made["id"], body_s["id"]}
    for path in ("", "/deliveries"):
        await box.does_ask("stranger", "GET", f"/{made['id']}{path}", status=404)
        await box.does_ask("owner", "GET", f"/{body_s['id']}{path}", status=404)
    await box.does_ask("stranger", "DELETE", f"/{made['id']}", status=404)
    await box.does_ask("stranger", "POST", f"/{made['id']}/pause", status=404)


async def test_who_may_subscribe(box: Outbox, receiver: Receiver) -> None:
    for who in ("auditor", "reviewer", "observer", await box.key("scanner")):
        refused = await box.does_ask(who, "POST", "", {"url": receiver.url}, 403)
        assert refused["code"] == "role"
        await box.does_ask(who, "GET", "", status=403)
    refused = await box.does_ask("owner", "POST", "", {"url": receiver.url, "client": "globex"}, 403)
    assert refused["code"] == "another_client"


@pytest.mark.parametrize(
    ("wrong", "pointer"),
    [
        ({"url": "https://10.0.0.1/"}, "/url"),
        ({"url": "https://169.254.169.254/latest"}, "/url"),
        ({"url": "https://[::1]/"}, "/url"),
        ({"url": "ftp://example.com"}, "/url"),
        ({"url": "https://nobody.invalid/"}, "/url"),
        ({"url": ""}, "/url"),
        ({"url": "https://127.0.0.1:99999/"}, "/url"),
        ({"url": "https://127.0.0.1:65536/"}, "/url"),
        ({"url": "https://127.0.0.1:0/"}, "/url"),
        ({"url": "https://127.0.0.1:-1/"}, "/url"),
        ({"types": ["nonconformity.isued"]}, "/types/0"),
        ({"kinds": ["nonconformity", "case"]}, "/kinds/1"),
        ({"client": "nobody"}, "/client"),
        ({"from": "yesterday"}, "/from"),
        ({"from": "9999-12-31T23:59:59-23:59"}, "/from"),
        ({"from": "1.99999999999999999999999.1"}, "/from"),
        ({"form": "now"}, "/form"),
    ],
)
async def test_what_cannot_be_meant_is_refused_by_field(
    box: Outbox, receiver: Receiver, wrong: dict[str, Any], pointer: str
) -> None:
    refused = await box.does_ask("manager", "POST", "", {"url": receiver.url, **wrong}, 422)
    assert [one["pointer"] for one in refused["errors"]] == [pointer]


async def test_where_a_subscription_may_begin_is_told_to_who_says_something_else(
    box: Outbox, receiver: Receiver
) -> None:
    refused = await box.does_ask("manager", "POST", "", {"url": receiver.url, "from": "yesterday"}, 422)
    [said] = [one["detail"] for one in refused["errors"]]
    assert "'yesterday' is not a time such as 2026-03-01T09:30:00Z" in said
    assert "now, beginning or a position of the feed" in said


async def test_pause_replay_redeliver_test_rotate_and_end(box: Outbox, receiver: Receiver) -> None:
    made = await box.subscribes("manager", receiver.url, types=["nonconformity.issued"])
    at = f"/{made['id']}"
    assert (await box.does_ask("manager", "POST", f"{at}/pause"))["state"] == "paused"
    await box.reports("auditor")
    sent = await box.does_ask("manager", "POST", f"{at}/test", status=202)
    await until(lambda: receiver.taken)
    assert receiver.taken[0].event["id"] == sent["event_id"]
    assert receiver.taken[0].event["data"] == {"subscription": made["id"]}
    assert (await box.does_ask("manager", "POST", f"{at}/resume"))["state"] == "active"
    await until(lambda: len(receiver.taken) == 2)
    event = receiver.taken[1].event

    again = await box.does_ask("manager", "POST", f"{at}/deliveries/{event['id']}/redeliver", status=202)
    assert again["state"] == "pending"
    await until(lambda: len(receiver.taken) == 3)
    assert receiver.taken[2].event == event
    await box.does_ask(
        "manager", "POST", f"{at}/replay", {"position": "000001.00000000000000000000.0000000000000000000"}
    )
    await until(lambda: len(receiver.taken) == 4)
    await box.does_ask("manager", "POST", f"{at}/replay", {"since": "2020-01-01"})
    await until(lambda: len(receiver.taken) == 5)
    assert {one.headers["webhook-id"] for one in receiver.taken[1:]} == {event["id"]}
    beyond = f"999999.{'9' * 19}0.{'9' * 18}0"
    both = {"position": event["sequence"], "since": "2020-01-01"}
    for since in ("2199-12-31", "1970-01-01"):
        await box.does_ask("manager", "POST", f"{at}/replay", {"since": since})
    await until(lambda: len(receiver.taken) == 6)
    for wrong in ({}, both, {"position": "x"}, {"position": beyond}):
        await box.does_ask("manager", "POST", f"{at}/replay", wrong, 422)

    turned = await box.does_ask("manager", "POST", f"{at}/rotate-secret", {"overlap": "PT1H"})
    await box.does_ask("manager", "POST", f"{at}/deliveries/{event['id']}/redeliver", status=202)
    await until(lambda: len(receiver.taken) == 7)
    for secret in (made["secret"], turned["secret"]):
        Webhook(secret).verify(receiver.taken[6].body, dict(receiver.taken[6].headers))

    await box.does_ask("manager", "DELETE", at, status=204)
    await box.does_ask("manager", "GET", at, status=404)
    await box.does_ask("manager", "POST", f"{at}/test", status=404)
    await box.does_ask("manager", "GET", "/not-an-id", status=404)


async def test_a_repeated_request_makes_one_subscription_for_each_side(box: Outbox, receiver: Receiver) -> None:
    named, body = {"Idempotency-Key": "once"}, {"url": receiver.url}
    ids = set()
    for who in ("manager", "owner"):
        made = (await box.ask(who, "POST", PATH, body, named)).json()
        again = await box.ask(who, "POST", PATH, body, named)
        assert (again.status_code, again.json()["id"], again.json()["secret_shown"]) == (200, made["id"], True)
        assert "secret" in made and "secret" not in again.json()
        reused = await box.ask(who, "POST", PATH, body | {"kinds": ["audit"]}, named)
        assert (reused.status_code, reused.json()["code"]) == (422, "key_reused")
        path = f"{PATH}/{made['id']}/rotate-secret"
        turned = [(await box.ask(who, "POST", path, {}, named)).json() for _ in range(2)]
        assert [("secret" in one, one.get("secret_shown")) for one in turned] == [(True, None), (False, True)]
        ids.add(made["id"])
    assert {one["id"] for one in (await box.does_ask("manager", "GET", ""))["items"]} == ids


async def test_one_subscription_is_made_of_several_requests_at_once(box: Outbox, receiver: Receiver) -> None:
    named, body = {"Idempotency-Key": "once"}, {"url": receiver.url}
    made = await asyncio.gather(*(box.ask("manager", "POST", PATH, body, named) for _ in range(6)))
    assert sorted(answer.status_code for answer in made) == [200] * 5 + [201]
    assert sum("secret" in answer.json() for answer in made) == 1
    assert len({answer.json()["id"] for answer in made}) == 1
    path = f"{PATH}/{made[0].json()['id']}/rotate-secret"
    turned = await asyncio.gather(*(box.ask("manager", "POST", path, {}, named) for _ in range(6)))
    assert {answer.status_code for answer in turned} == {200}
    assert sum("secret" in answer.json() for answer in turned) == 1


async def test_there_is_a_bound(box: Outbox, receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.api.subscriptions.MOST", 1)
    for who in ("owner", "manager"):
        await box.subscribes(who, receiver.url)
        refused = await box.does_ask(who, "POST", "", {"url": receiver.url}, 409)
        assert refused["code"] == "too_many_subscriptions"


async def test_deliveries_come_in_pages_and_by_state(box: Outbox, receiver: Receiver) -> None:
    receiver.behaviour = answering(500)
    made = await box.subscribes("manager", receiver.url, kinds=["nonconformity"])
    for n in range(4):
        await box.reports("auditor", f"F-{n}")
    await until(lambda: len(receiver.got) >= 4)
    receiver.behaviour = accept
    seen: list[str] = []
    cursor = None
    while True:
        params = {"limit": 3} | ({"cursor": cursor} if cursor else {})
        page = await box.get("manager", f"{PATH}/{made['id']}/deliveries", **params)
        seen += [one["event_id"] for one in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert len(seen) == len(set(seen)) >= 4
    told = await box.does_ask("manager", "GET", f"/{made['id']}")
    assert told["next_attempt_at"] is not None and told["last_failure"] == "The receiver answered 500."
    assert told["lag"]["events"] >= 4
    delivered = await box.get("manager", f"{PATH}/{made['id']}/deliveries", state="delivered")
    assert delivered["items"] == []
    await until(lambda: len(receiver.taken) == len(seen))
