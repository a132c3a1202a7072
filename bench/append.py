"""`append`: `transact` (decide, lock, chain, append, project) against an INSERT and an upsert in one transaction.

The command of `append` is a comment, which leaves state and list as they are; that of `append_moving` changes both.

Ten at once, each on a stream of its own, ten connections on both sides. The baseline writes the command as its payload
and a state as large as that of an open case.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from uuid import uuid4

from bench import cases
from bench.baselines import rows
from bench.harness import Result, crowd, result
from bench.site import Site
from workflows.decider import Command

AT_ONCE = 10


async def measure(site: Site) -> list[Result]:
    """Commands a second."""
    state = await site.owner.fetchval("SELECT state::text FROM bench.sample")

    async def ours() -> Mapping[str, float]:
        streams = await cases.report(site.ledger, site.tenant, AT_ONCE, grade="minor")

        async def comment(i: int) -> None:
            await transact(site, streams[i % AT_ONCE], cases.comment())

        return {"rate": (await crowd(site.size.appends, AT_ONCE, comment)).rate}

    async def moving() -> Mapping[str, float]:
        streams = await cases.report(site.ledger, site.tenant, AT_ONCE, grade="minor")

        async def assign(i: int) -> None:
            await transact(site, streams[i % AT_ONCE], cases.assign(i // AT_ONCE))

        return {"rate": (await crowd(site.size.appends, AT_ONCE, assign)).rate}

    async def bare() -> Mapping[str, float]:
        streams = [f"bare/{uuid4().hex}" for _ in range(AT_ONCE)]
        return {
            "rate": (
                await crowd(site.size.appends, AT_ONCE, lambda i: insert(site, streams[i % AT_ONCE], i + 1, state))
            ).rate
        }

    transacted, inserted, moved = await site.rounds.turns(ours, bare, moving)
    return [
        result("append", transacted["rate"], inserted["rate"]),
        result("append_moving", moved["rate"], inserted["rate"]),
    ]


async def transact(site: Site, stream: str, command: Command) -> None:
    """One command past the engine."""
    answer = await site.ledger.transact(site.tenant, stream, command, datetime.now(UTC))
    if answer.refusal is not None:
        raise RuntimeError(answer.refusal.detail)


async def insert(site: Site, stream: str, seq: int, state: str) -> None:
    """One row inserted, one upserted."""
    payload = cases.comment().model_dump_json().encode()
    async with site.owner.acquire() as connection:
        await rows.append(connection, stream, seq, datetime.now(UTC), payload, state)
