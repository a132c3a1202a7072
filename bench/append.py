"""`append`: `transact` (lock, decide, chain, append, project) against an INSERT and an upsert in one transaction.

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

AT_ONCE = 10


async def measure(site: Site) -> list[Result]:
    """Commands a second."""
    state = await site.owner.fetchval("SELECT state::text FROM bench.sample")

    async def ours() -> Mapping[str, float]:
        streams = await cases.report(site.ledger, site.tenant, AT_ONCE, grade="minor")
        return {"rate": (await crowd(site.size.appends, AT_ONCE, lambda i: transact(site, streams[i % AT_ONCE]))).rate}

    async def bare() -> Mapping[str, float]:
        streams = [f"bare/{uuid4().hex}" for _ in range(AT_ONCE)]
        return {
            "rate": (
                await crowd(site.size.appends, AT_ONCE, lambda i: insert(site, streams[i % AT_ONCE], i + 1, state))
            ).rate
        }

    transacted, inserted = await site.rounds.turns(ours, bare)
    return [result("append", transacted["rate"], inserted["rate"])]


async def transact(site: Site, stream: str) -> None:
    """One command past the engine."""
    answer = await site.ledger.transact(site.tenant, stream, cases.comment(), datetime.now(UTC))
    if answer.refusal is not None:
        raise RuntimeError(answer.refusal.detail)


async def insert(site: Site, stream: str, seq: int, state: str) -> None:
    """One row inserted, one upserted."""
    payload = cases.comment().model_dump_json().encode()
    async with site.owner.acquire() as connection:
        await rows.append(connection, stream, seq, datetime.now(UTC), payload, state)
