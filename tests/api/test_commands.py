import asyncio
import gc
from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest

from activities.engine import Engine
from activities.ledger.protocol import Unavailable
from services.api.app import create_app
from tests.api.conftest import Desk
from workflows.decider import Command
from workflows.people import Actor
from workflows.policy_book import PolicyBook

SOON = timedelta(seconds=0.5)


async def test_a_repeat_is_answered_byte_for_byte(desk: Desk) -> None:
    case = (await desk.reports("auditor"))["id"]
    path, key = f"/v1/nonconformities/{case}/comment", {"Idempotency-Key": str(uuid4())}
    first = await desk.ask("auditor", "POST", path, {"text": "Once."}, key)
    await desk.does("owner", case, "acknowledge")
    again = await desk.ask("auditor", "POST", path, {"text": "Once."}, key)
    assert (again.status_code, again.content) == (200, first.content)
    assert set(first.json()) == {"seq", "status", "events", "head"}
    assert first.json()["events"][0]["type"] == "nonconformity.commented"
    other = await desk.ask("auditor", "POST", path, {"text": "Twice."}, key)
    assert (other.status_code, other.json()["code"]) == (422, "key_reused")


async def test_many_repeats_at_once_record_one_event(desk: Desk) -> None:
    case = (await desk.reports("auditor"))["id"]
    path, key = f"/v1/nonconformities/{case}/comment", {"Idempotency-Key": str(uuid4())}
    answers = await asyncio.gather(*(desk.ask("auditor", "POST", path, {"text": "Once."}, key) for _ in range(8)))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.content for answer in answers}) == 1
    events = await desk.get("auditor", f"/v1/nonconformities/{case}/events")
    assert [event["type"] for event in events].count("nonconformity.commented") == 1


async def test_whoever_saw_an_older_version_is_told(desk: Desk) -> None:
    case = (await desk.reports("auditor"))["id"]
    path = f"/v1/nonconformities/{case}"
    seen = await desk.ask("auditor", "GET", path)
    match = {"If-Match": seen.headers["etag"]}
    assert seen.headers["etag"] == f'"{seen.json()["seq"]}"'
    first = await desk.ask("auditor", "POST", f"{path}/comment", {"text": "x"}, match)
    assert first.status_code == 200
    late = await desk.ask("auditor", "POST", f"{path}/comment", {"text": "y"}, match)
    assert (late.status_code, late.json()["code"]) == (412, "stale_sequence")


async def test_clients_are_registered_revised_and_set(desk: Desk) -> None:
    body, key = {"key": "initech", "name": "Initech", "zone": "Europe/Vienna"}, {"Idempotency-Key": "r1"}
    first = await desk.ask("manager", "POST", "/v1/clients", body, key)
    assert (first.status_code, first.json()["status"]) == (201, "registered")
    assert first.headers["location"] == "/v1/clients/initech"
    revised = await desk.ask("manager", "PATCH", "/v1/clients/initech", {"aliases": ["INI"]})
    assert (revised.json()["aliases"], revised.json()["seq"]) == (["INI"], 2)
    again = await desk.ask("manager", "POST", "/v1/clients", body, key)
    assert again.content == first.content
    twice = await desk.ask("manager", "POST", "/v1/clients", body)
    assert (twice.status_code, twice.json()["code"]) == (409, "wrong_state")
    zone = await desk.ask("manager", "POST", "/v1/clients", {"key": "x y", "name": "X", "zone": "Mars"})
    assert {fault["pointer"] for fault in zone.json()["errors"]} == {"/key", "/zone"}
    assert (await desk.ask("auditor", "POST", "/v1/clients", {"key": "z", "name": "Z"})).json()["code"] == "role"
    own = await desk.ask("approver", "POST", "/v1/clients/acme/change-settings", {"four_eyes": False})
    assert own.json()["settings"] == {"four_eyes": False, "internal_confirmation": False}
    assert (await desk.ask("owner", "PATCH", "/v1/clients/acme", {"name": "Mine"})).json()["code"] == "role"


async def test_without_a_worker_findings_are_received_and_commands_wait(desk: Desk) -> None:
    office = desk.office
    gone = Engine(office.app.state.api.engine.client, f"nobody-{uuid4().hex[:8]}", rpc_timeout=SOON, patience=SOON)
    app = create_app(office.ledger, gone, office.ledger.database, office.settings, PolicyBook.load())
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://api", timeout=30) as http:
        cut = Desk(desk.tenant, office, http)
        case = (await cut.reports("auditor"))["id"]
        path, key = f"/v1/nonconformities/{case}/comment", {"Idempotency-Key": "c1"}
        away = await cut.ask("auditor", "POST", path, {"text": "x"}, key)
        assert (away.status_code, away.headers["retry-after"]) == (503, "1")
        refused = await cut.ask("owner", "POST", f"/v1/nonconformities/{case}/reopen", {"reason": "x"})
        assert refused.status_code == 403
        numbers = (await http.get("/metrics")).text
        counted = 'closeout_commands_total{{command="{}",kind="nonconformity",result="{}",rule="{}"}} 1.0'
        assert counted.format("comment", "unavailable", "") in numbers
        assert counted.format("reopen", "refused", refused.json()["code"]) in numbers
    await app.state.api.nudges.close()


async def test_what_nobody_takes_leaves_nothing_behind_that_asyncio_reports(desk: Desk) -> None:
    case = (await desk.reports("auditor"))["id"]
    gone = Engine(desk.office.app.state.api.engine.client, f"nobody-{uuid4().hex[:8]}", rpc_timeout=SOON, patience=SOON)
    told: list[dict[str, Any]] = []
    loop = asyncio.get_running_loop()
    former = loop.get_exception_handler()
    loop.set_exception_handler(lambda _, said: told.append(said))
    try:
        command = Command(id="c1", name="comment", body={"text": "x"}, actor=Actor(id="Auditor"))
        with pytest.raises(Unavailable):
            await gone.send(desk.tenant, f"nonconformity/{case}x", command, alive=False)
        gc.collect()
        await asyncio.sleep(0)
    finally:
        loop.set_exception_handler(former)
    assert told == []
