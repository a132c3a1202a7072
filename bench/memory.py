"""`memory`: what one open case in the cache adds to a worker's resident memory, against a bare open workflow.

A fresh worker for each side, in whose cache of 1,000 all cases fit; each round adds as many to both, and both have
taken one command. A hundred come before the first look, so that what a worker loads once is not counted.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from uuid import uuid4

from bench import cases
from bench.baselines import client as bare
from bench.harness import Result, crowd, quiet, resident, result
from bench.site import Site
from workflows.stubs import Address

AT_ONCE = 20
WARM = 100
"""Cases before the first look, fewer where few are measured."""


async def measure(site: Site) -> list[Result]:
    """KiB of each case."""
    queues = {side: f"memory-{uuid4().hex}" for side in ("ours", "bare")}
    async with site.worker("ours", queues["ours"]) as ours, site.worker("bare", queues["bare"]) as bare_worker:
        pids = {"ours": ours, "bare": bare_worker}
        for side, queue in queues.items():
            await _open(opening(site, side, queue), min(WARM, site.size.cached))

        async def turn(side: str) -> Mapping[str, float]:
            before = await _rested(site, pids[side])
            await _open(opening(site, side, queues[side]), site.size.cached)
            return {"kib": (await _rested(site, pids[side]) - before) / site.size.cached}

        cached, empty = await site.rounds.turns(lambda: turn("ours"), lambda: turn("bare"), warm=False)
    return [result("memory", cached["kib"], empty["kib"])]


def opening(site: Site, side: str, queue: str) -> Callable[[], Awaitable[str]]:
    """What opens a case of a side on a queue, with one command; it answers the workflow's id."""
    engine = replace(site.engine, task_queue=queue)

    async def bare_case() -> str:
        life = f"bare/{site.tenant}/{uuid4().hex}"
        await bare.start_with_update(site.client, "bare", life, queue, cases.comment())
        return life

    async def case() -> str:
        # Not reported before: the sweep would start it on the queue of the product's own worker.
        [stream] = await cases.report(site.ledger, site.tenant, 1, grade="minor")
        await engine.send(site.tenant, stream, cases.comment())
        return Address(tenant=site.tenant, stream=stream).workflow_id

    return case if side == "ours" else bare_case


async def _open(opened: Callable[[], Awaitable[str]], n: int) -> None:
    await crowd(n, AT_ONCE, lambda _: opened())


async def _rested(site: Site, pid: int) -> float:
    await quiet([pid], site.size.step)
    await asyncio.sleep(2 * site.size.step)
    return resident(pid)
