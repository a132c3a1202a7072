"""`start`: workflows started after issue (`Engine.start`) against a bare `start_workflow`, 50 at once.

Counted is what the engine has taken. The first tasks, which each side's worker does meanwhile, end before the next
turn.
"""

from collections.abc import Mapping
from uuid import uuid4

from bench import cases
from bench.baselines import client as bare
from bench.harness import Result, crowd, result
from bench.site import BARE, Site

AT_ONCE = 50


async def measure(site: Site) -> list[Result]:
    """Starts a second."""

    async def ours() -> Mapping[str, float]:
        streams = await cases.report(site.ledger, site.tenant, site.size.starts, grade="minor")
        return {"rate": (await crowd(len(streams), AT_ONCE, lambda i: site.engine.start(site.tenant, streams[i]))).rate}

    async def starts() -> Mapping[str, float]:
        ids = [f"bare/{site.tenant}/{uuid4().hex}" for _ in range(site.size.starts)]
        return {"rate": (await crowd(len(ids), AT_ONCE, lambda i: bare.start(site.client, "bare", ids[i], BARE))).rate}

    nudged, started = await site.rounds.turns(ours, starts)
    return [result("start", nudged["rate"], started["rate"])]
