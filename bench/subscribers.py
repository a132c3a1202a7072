"""`subscribers`: appends while ten subscribers are told of every event, against the same with none.

The receiver is a process of its own that takes everything at once. What it costs to deliver is no part of an append,
but takes place on the same two cores.
"""

import asyncio
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from uuid_utils.compat import uuid7

from activities.directory import subscriptions
from activities.directory.secret import Secret
from activities.directory.subscriptions import Subscription
from activities.ledger.protocol import Scope
from bench import cases
from bench.append import AT_ONCE, transact
from bench.harness import Result, crowd, result
from bench.site import Site
from services.subscriptions.signing import new_secret

SUBSCRIBERS = 10


async def measure(site: Site) -> list[Result]:
    """Commands a second."""

    async def appends() -> Mapping[str, float]:
        streams = await cases.report(site.ledger, site.tenant, AT_ONCE, grade="minor")

        async def comment(i: int) -> None:
            await transact(site, streams[i % AT_ONCE], cases.comment())

        return {"rate": (await crowd(site.size.appends, AT_ONCE, comment)).rate}

    async with receiving() as url:
        made = [await _subscribe(site, url) for _ in range(SUBSCRIBERS)]
        await _turn(site, made, "paused")

        async def told() -> Mapping[str, float]:
            await _turn(site, made, "active")
            await asyncio.sleep(2 * site.settings.webhook_poll.total_seconds())
            try:
                return await appends()
            finally:
                await _turn(site, made, "paused")

        with_them, without = await site.rounds.turns(told, appends)
    return [result("subscribers", with_them["rate"], without["rate"])]


@asynccontextmanager
async def receiving() -> AsyncIterator[str]:
    """The address of a receiver."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bench.receiver", cwd=Path(__file__).parents[1], stdout=asyncio.subprocess.PIPE
    )
    try:
        if process.stdout is None:
            raise RuntimeError("a pipe was asked for")
        yield f"http://127.0.0.1:{int(await process.stdout.readline())}/"
    finally:
        process.kill()
        await process.wait()


async def _subscribe(site: Site, url: str) -> str:
    scope = Scope(site.tenant)
    one = Subscription(
        id=str(uuid7()),
        url=url,
        secrets=(Secret(secret=new_secret()),),
        place=await subscriptions.now_place(site.ledger.database, scope),
        created_by="bench",
    )
    kept, _ = await subscriptions.keep(site.ledger.database, scope, one)
    return kept.id


async def _turn(site: Site, ids: list[str], state: subscriptions.State) -> None:
    scope = Scope(site.tenant)
    for each in ids:
        await subscriptions.turned(site.ledger.database, scope, each, state)
        if state == "active":
            place = await subscriptions.now_place(site.ledger.database, scope)
            await subscriptions.replayed(site.ledger.database, scope, each, place)
        await site.engine.nudge(site.tenant, f"subscription/{each}")
