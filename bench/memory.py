"""`memory`: what one open case in the cache adds to a worker's resident memory, against a bare open workflow.

A fresh worker for each turn; both sides have taken one command. An eighth as many cases come before the first look, so
that what a worker loads once is not counted; all fit in the cache of 1,000.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from uuid import uuid4

from bench import cases
from bench.baselines import client as bare
from bench.harness import Result, crowd, quiet, resident, result
from bench.site import Site

AT_ONCE = 20


async def measure(site: Site) -> list[Result]:
    """KiB of each case."""
    n = site.size.cached

    async def ours() -> Mapping[str, float]:
        queue = f"memory-{uuid4().hex}"
        engine = replace(site.engine, task_queue=queue)
        streams = iter(await cases.report(site.ledger, site.tenant, n + n // 8, grade="minor"))
        return await _each(site, "ours", queue, lambda: engine.send(site.tenant, next(streams), cases.comment()))

    async def open_bare() -> Mapping[str, float]:
        queue = f"memory-{uuid4().hex}"
        return await _each(
            site,
            "bare",
            queue,
            lambda: bare.start_with_update(
                site.client, "bare", f"bare/{site.tenant}/{uuid4().hex}", queue, cases.comment()
            ),
        )

    cached, empty = await site.rounds.turns(ours, open_bare, warm=False)
    return [result("memory", cached["kib"], empty["kib"])]


async def _each(site: Site, side: str, queue: str, opened: Callable[[], Awaitable[object]]) -> Mapping[str, float]:
    n = site.size.cached
    async with site.worker(side, queue) as pid:
        await crowd(n // 8, AT_ONCE, lambda _: opened())
        before = await _rested(pid)
        await crowd(n, AT_ONCE, lambda _: opened())
        return {"kib": (await _rested(pid) - before) / n}


async def _rested(pid: int) -> float:
    await quiet([pid])
    await asyncio.sleep(1)
    return resident(pid)
