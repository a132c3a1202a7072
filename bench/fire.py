"""`fire`: cases due at one instant until the last breach is recorded, against bare timers until the last has ended.

All cases are issued as of one instant by a policy made for the turn, so they are due at one instant, which is set from
what a small crowd took to start. One turn of each side, and no median: 10,000 take minutes to start, must all have
started before they are due, and one turn already is a mean over 10,000. `ROUNDS` can be raised to see the spread.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from activities.ledger.postgres import PostgresLedger
from activities.readmodels import READ_MODELS
from bench import cases
from bench.baselines import client as bare
from bench.harness import Result, crowd, result
from bench.site import BARE, Site
from workflows.nonconformity.events import DeadlineMissed
from workflows.policy import Policy
from workflows.policy_book import PACKAGED, PolicyBook, read
from workflows.registry import REGISTRY

AT_ONCE = 50
ROUNDS = 1

CROWD, MARGIN, LEAST = 400, 1.4, 2.0
"""How many are started to see what one takes; by how much longer each may take later; seconds of any preparation."""

FAR = timedelta(days=1)

PATIENCE = 300
"""Seconds in which all must have gone off."""

MISSED = "SELECT count(*), max(recorded_at) FROM closeout.events WHERE tenant = $1 AND type = $2 AND recorded_at > $3"


Prepare = Callable[[datetime, int], Awaitable[None]]
"""Starts so many lives that are due at an instant; returns when all wait for it."""


async def measure(site: Site) -> list[Result]:
    """Timers a second, from the instant at which they are due."""

    async def cases_due(due: datetime, n: int) -> None:
        streams = await issue(site, due, n)
        await crowd(n, AT_ONCE, lambda i: site.engine.start(site.tenant, streams[i]))
        await site.rounds.quiet()

    async def timers_due(due: datetime, n: int) -> None:
        run = f"bare_timer/{uuid4().hex}"
        await crowd(n, AT_ONCE, lambda i: bare.start_timer(site.client, f"{run}/{i}", BARE, due))
        await site.rounds.quiet()

    async def ours() -> Mapping[str, float]:
        due = await _prepared(site, cases_due)
        return {"rate": site.size.timers / (await _all_missed(site, due) - due).total_seconds()}

    async def timers() -> Mapping[str, float]:
        due = await _prepared(site, timers_due)
        return {"rate": site.size.timers / (await _all_ended(site, due) - due).total_seconds()}

    recorded, ended = await site.rounds.turns(ours, timers, rounds=ROUNDS, warm=False)
    return [result("fire", recorded["rate"], ended["rate"])]


async def _prepared(site: Site, prepare: Prepare) -> datetime:
    """Has all started; answers when they are due. RuntimeError when the last had not started by then."""
    few = min(site.size.timers, CROWD)
    began = time.perf_counter()
    await prepare(datetime.now(UTC) + FAR, few)
    seconds = LEAST + MARGIN * site.size.timers * (time.perf_counter() - began) / few
    due = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=1 + round(seconds))
    site.rounds.say(f"{site.size.timers} are due in {seconds:.0f} s")
    await prepare(due, site.size.timers)
    if datetime.now(UTC) > due:
        raise RuntimeError("starting took longer than the time until they were due: raise MARGIN")
    return due


async def issue(site: Site, due: datetime, n: int) -> list[str]:
    """Open cases whose plan is due at an instant and whose other dates are far away; their streams."""
    now = datetime.now(UTC).replace(microsecond=0)
    default = read(PACKAGED / "default.toml").model_dump(mode="json")
    far = {"within": "P90D"}
    policy = Policy.model_validate(
        default
        | {"end_of_day": False, "minimum_response": "PT1S", "reminders": []}
        | {"minor": {"plan": {"within": f"PT{int((due - now).total_seconds())}S"}, "evidence": far, "closure": far}}
    )
    ledger = await PostgresLedger.open(site.settings.dsn, REGISTRY, PolicyBook([policy]), READ_MODELS)
    try:
        return await cases.report(ledger, site.tenant, n, grade="minor", at=now)
    finally:
        await ledger.close()


async def _all_missed(site: Site, due: datetime) -> datetime:
    """When the last breach was recorded."""
    async with asyncio.timeout(PATIENCE + (due - datetime.now(UTC)).total_seconds()):
        while True:
            row = await site.owner.fetchrow(MISSED, site.tenant, DeadlineMissed.type, due)
            if row is not None and row["count"] >= site.size.timers:
                last: datetime = row["max"]
                return last
            await asyncio.sleep(0.5)


async def _all_ended(site: Site, due: datetime) -> datetime:
    """When the last bare workflow ended."""
    query = f'WorkflowType = "bare_timer" AND CloseTime > "{due.isoformat()}"'
    async with asyncio.timeout(PATIENCE + (due - datetime.now(UTC)).total_seconds()):
        while (await site.client.count_workflows(query)).count < site.size.timers:  # noqa: ASYNC110 - no event tells it
            await asyncio.sleep(0.5)
    ended = [life.close_time async for life in site.client.list_workflows(query, page_size=1000)]
    return max(at for at in ended if at is not None)
