"""What the stack does at a given number of open cases: commands, sweep, due dates, proof, rebuild."""

import random
import statistics
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from activities.sweeping import sweep
from bench import cases
from bench.harness import crowd
from bench.scaling import gauges
from bench.site import Site
from workflows.decider import Command, stream_of
from workflows.people import Actor, Role
from workflows.stubs import Due

AT_ONCE = 50
TIMES = 5
"""How often a query is asked; the median counts."""

SAMPLE = "scale-sample"
"""A tenant of a few cases among the many: what is read stream by stream is measured on it."""

FAR = timedelta(days=3650)
PAGE = 1000


async def furnish(site: Site, n: int) -> None:
    """Makes the sample tenant with n open cases."""
    registrar = Actor(id="bench", roles=frozenset({Role.ADMIN}))
    body = {"key": cases.CLIENT, "name": "Acme", "zone": "Europe/Amsterdam"}
    command = Command(id="register", name="register", body=body, actor=registrar)
    await site.ledger.transact(SAMPLE, stream_of("client", cases.CLIENT), command, datetime.now(UTC))
    await cases.report(site.ledger, SAMPLE, n, grade="minor")
    await sweep(site.ledger, site.engine, datetime.now(UTC))


async def commands(site: Site, streams: Sequence[str], n: int, chance: random.Random) -> dict[str, Any]:
    """A command to each of n cases by chance (cold: hardly one is in the worker's cache), then n to 50 that are."""
    cold = [chance.choice(streams) for _ in range(n)]
    few = chance.sample(streams, min(AT_ONCE, len(streams)))
    warm = [few[i % len(few)] for i in range(n)]
    figures: dict[str, Any] = {"cold": await _sent(site, cold)}
    await _sent(site, few)
    return figures | {"warm": await _sent(site, warm)}


async def _sent(site: Site, streams: Sequence[str]) -> dict[str, Any]:
    async def one(i: int) -> None:
        answer = await site.engine.send(site.tenant, streams[i], cases.comment())
        if answer.refusal is not None:
            raise RuntimeError(answer.refusal.detail)

    before = gauges.spent(site)
    took = await crowd(len(streams), AT_ONCE, one)
    return {
        "per_s": round(took.rate, 1),
        "p50_ms": round(statistics.median(took.each), 1),
        "p99_ms": round(took.p99, 1),
        "cpu_ms": gauges.each(before, gauges.spent(site), len(streams)),
    }


async def sweeping(site: Site, sleeping: int) -> dict[str, Any]:
    """A sweep that finds nothing, one that finds cases that never started, and the pages of a sweep of all cases."""
    idle = await _median(lambda: sweep(site.ledger, site.engine, datetime.now(UTC) - FAR))
    page = await _median(lambda: site.ledger.due(datetime.now(UTC), PAGE))
    await cases.report(site.ledger, site.tenant, sleeping, grade="minor")
    began = time.perf_counter()
    found = await sweep(site.ledger, site.engine, datetime.now(UTC))
    nudged = time.perf_counter() - began
    began = time.perf_counter()
    pages = await _pages(site)
    return {
        "idle_ms": idle,
        "due_ms": page,
        "nudged_per_s": round(found.nudged / nudged, 1),
        "all_pages": pages,
        "all_ms_per_page": round(1000 * (time.perf_counter() - began) / pages, 1),
    }


async def keeping(site: Site) -> dict[str, Any]:
    """The sample tenant proven and rebuilt, in tables that hold all the others."""
    proven = await proof(site, SAMPLE)
    began = time.perf_counter()
    differing = await site.ledger.rebuild(SAMPLE)
    if differing:
        raise RuntimeError(f"{differing} rows differed from their events")
    return {
        "verified_events_per_s": proven["events_per_s"],
        "rebuilt_streams_per_s": round(proven["streams"] / (time.perf_counter() - began), 1),
    }


async def proof(site: Site, tenant: str) -> dict[str, Any]:
    """A tenant proven; RuntimeError where anything is at fault."""
    began = time.perf_counter()
    [proven] = [each async for each in site.ledger.verify(tenant)]
    if proven.faults:
        raise RuntimeError(f"{len(proven.faults)} faults: {proven.faults[0]}")
    seconds = time.perf_counter() - began
    return {
        "streams": proven.streams,
        "events": proven.events,
        "seconds": round(seconds, 1),
        "events_per_s": round(proven.events / seconds, 1),
    }


async def _pages(site: Site) -> int:
    """Reads every open case page by page as `closeout recover` does, and nudges none; how many pages."""
    pages = 0
    after: Due | None = None
    while page := await site.ledger.due(datetime.now(UTC) + FAR, PAGE, after):
        pages, after = pages + 1, page[-1]
    return pages


async def _median(asked: Callable[[], Awaitable[object]]) -> float:
    """Milliseconds."""
    took = []
    for _ in range(TIMES):
        began = time.perf_counter()
        await asked()
        took.append(1000 * (time.perf_counter() - began))
    return round(statistics.median(took), 2)
