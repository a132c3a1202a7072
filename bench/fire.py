"""`fire`: cases due at one instant until the last breach is recorded, against bare timers until the last has ended.

All cases are issued as of one instant by a policy made for the turn, so they are due at one instant. One turn of each
side: starting so many takes minutes, and must be over before they are due.
"""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from activities.ledger.postgres import PostgresLedger
from activities.readmodels import READ_MODELS
from bench import cases
from bench.baselines import client as bare
from bench.harness import Result, crowd, result
from bench.site import BARE, Site
from workflows.nonconformity.events import DeadlineMissed
from workflows.policy import PACKAGED, Policy, PolicyBook, read
from workflows.registry import REGISTRY

AT_ONCE = 50
STARTS = 60
"""Lives that are surely started in a second."""

PATIENCE = 300
"""Seconds in which all must have gone off."""

MISSED = "SELECT count(*), max(recorded_at) FROM closeout.events WHERE tenant = $1 AND type = $2 AND recorded_at > $3"


async def measure(site: Site) -> list[Result]:
    """Timers a second, from the instant at which they are due."""

    async def ours() -> Mapping[str, float]:
        due = _due(site.size.timers)
        streams = await _issue(site, due)
        await crowd(len(streams), AT_ONCE, lambda i: site.engine.nudge(site.tenant, streams[i]))
        await _started(site, due)
        return {"rate": site.size.timers / (await _all_missed(site, due) - due).total_seconds()}

    async def timers() -> Mapping[str, float]:
        due = _due(site.size.timers)
        run = f"bare_timer/{uuid4().hex}"
        await crowd(site.size.timers, AT_ONCE, lambda i: bare.start_timer(site.client, f"{run}/{i}", BARE, due))
        await _started(site, due)
        return {"rate": site.size.timers / (await _all_ended(site, due) - due).total_seconds()}

    recorded, ended = await site.rounds.turns(ours, timers, rounds=1, warm=False)
    return [result("fire", recorded["rate"], ended["rate"])]


def _due(n: int) -> datetime:
    """When n lives are surely started."""
    return datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=10 + n // STARTS)


async def _issue(site: Site, due: datetime) -> list[str]:
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
        return await cases.report(ledger, site.tenant, site.size.timers, grade="minor", at=now)
    finally:
        await ledger.close()


async def _started(site: Site, due: datetime) -> None:
    await site.rounds.quiet()
    if datetime.now(UTC) > due:
        raise RuntimeError("starting took longer than the time until they were due: lower STARTS")


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
