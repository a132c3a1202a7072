"""A worker that dies while it delivers, in the stack as its users have it."""

import asyncio
import os
import signal
from pathlib import Path

from starlette.responses import Response

from tests.e2e.conftest import Site, events_of, finding, policies
from tests.subscriptions.receiver import Received, receiving, until

CASES = 15


async def test_every_event_arrives_in_order_though_the_worker_is_killed_while_it_delivers(tmp_path: Path) -> None:
    async def slow(_: Received) -> Response:
        await asyncio.sleep(0.05)
        return Response(status_code=204)

    site = Site(tmp_path / "data", policies(tmp_path / "policies"), {"CLOSEOUT_WEBHOOK_ALLOW": "127.0.0.0/8"})
    async with site.running() as (up, cast), receiving() as receiver:
        receiver.behaviour = slow
        manager = cast.one("scheme_manager")
        body = {"url": receiver.url, "kinds": ["nonconformity"]}
        made = (await manager.http.post("/v1/subscriptions", json=body)).raise_for_status().json()
        key = cast.one("integration")
        cases = [(await key.api.post("/v1/findings", finding(n, grade="major")))["id"] for n in range(CASES)]
        await until(lambda: len(receiver.taken) >= CASES // 2)
        os.kill(up.ready.pids["worker"], signal.SIGKILL)
        recorded = [(event["stream"], event["seq"]) for case in cases for event in await events_of(manager.http, case)]
        await until(lambda: set(receiver.events()) >= set(recorded), seconds=60)
        for case in cases:
            stream = f"nonconformity/{case}"
            firsts = list(dict.fromkeys(seq for _, seq in receiver.events(stream)))
            assert firsts == sorted(firsts)
        told = (await manager.http.get(f"/v1/subscriptions/{made['id']}")).raise_for_status().json()
        assert told["state"] == "active"
