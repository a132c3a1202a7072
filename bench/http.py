"""`http`, `http_p99`: one command over HTTP, 50 connections, against the same command as a bare client's update.

Both sides reach the same workflows of the same open cases: what is measured is the API. `http_bare` sets the same
requests against updates of bare workflows, which record nothing: API, ledger and workflow shell together.
"""

import json
from collections.abc import Mapping
from contextlib import AsyncExitStack
from uuid import uuid4

from bench import cases
from bench.baselines import client as bare
from bench.harness import Crowd, Result, crowd, result
from bench.site import BARE, Site
from bench.wire import Wire
from workflows.stubs import Address

AT_ONCE = 50


async def measure(site: Site) -> list[Result]:
    """Commands a second, and the milliseconds of the slowest percent."""
    n = site.size.commands
    lanes = min(AT_ONCE, n)
    streams = await cases.report(site.ledger, site.tenant, lanes, grade="minor")
    paths = [f"/v1/nonconformities/{stream.partition('/')[2]}/comment" for stream in streams]
    lives = [Address(tenant=site.tenant, stream=stream).workflow_id for stream in streams]
    others = [f"bare/{site.tenant}/{uuid4().hex}" for _ in streams]
    await crowd(lanes, lanes, lambda i: site.engine.send(site.tenant, streams[i], cases.comment()))
    await crowd(lanes, lanes, lambda i: bare.start_with_update(site.client, "bare", others[i], BARE, cases.comment()))

    token = site.token("client_owner")
    body = json.dumps(cases.COMMENT).encode()

    async def ours() -> Mapping[str, float]:
        # Connections of this turn's own: the server closes one that was idle for the length of the others' turns.
        async with AsyncExitStack() as exits:
            wires = [await exits.enter_async_context(Wire(site.ready.api, token)) for _ in streams]
            return _figures(await crowd(n, lanes, lambda i: wires[i % lanes].post(paths[i % lanes], body)))

    async def updates() -> Mapping[str, float]:
        return _figures(await crowd(n, lanes, lambda i: _update(site, lives[i % lanes])))

    async def empty() -> Mapping[str, float]:
        return _figures(await crowd(n, lanes, lambda i: _update(site, others[i % lanes])))

    over_http, same, nothing = await site.rounds.turns(ours, updates, empty)
    return [
        result("http", over_http["rate"], same["rate"]),
        result("http_p99", over_http["p99"], same["p99"]),
        result("http_bare", over_http["rate"], nothing["rate"]),
    ]


async def _update(site: Site, workflow: str) -> None:
    answer = await bare.update(site.client, workflow, cases.comment())
    if answer.refusal is not None:
        raise RuntimeError(answer.refusal.detail)


def _figures(crowd: Crowd) -> Mapping[str, float]:
    return {"rate": crowd.rate, "p99": crowd.p99}
