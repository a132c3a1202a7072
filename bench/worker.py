"""A worker of either side: `python -m bench.worker ours|bare QUEUE`. The settings come from the environment.

The bare worker has the product's configuration (runner, slots, pollers, cache, the SDK's own numbers), and other
workflows and activities; its process begins as the product's does.
"""

import asyncio
import signal
import sys
from dataclasses import replace

import uvloop
from temporalio.runtime import Runtime
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from activities.ledger.postgres import PostgresLedger
from bench.baselines import rows
from bench.baselines.workflows import WORKFLOWS
from services import entry, sdk
from services.connections import open_engine, open_ledger
from services.settings import Settings
from services.worker import build


async def bare(settings: Settings, runtime: Runtime, product: Worker) -> Worker:
    """The bare worker, configured as the product's, on the queue for which that was built."""
    pool = await rows.open_pool(settings.owner)
    state = await pool.fetchval("SELECT state::text FROM bench.sample")
    config = product.config()
    # Not the product's client: two workers of one client on one queue are an error, though one of them never runs.
    config["client"] = (await open_engine(settings, runtime=runtime)).client
    config["workflows"] = WORKFLOWS
    config["activities"] = [rows.Writer(pool, state).write]
    return Worker(**config)


async def ours(settings: Settings, runtime: Runtime, ledger: PostgresLedger, queue: str) -> Worker:
    """The product's worker on a queue."""
    engine = replace(await open_engine(settings, runtime=runtime), task_queue=queue)
    return build(engine.client, ledger, engine, UnsandboxedWorkflowRunner())


async def serve(side: str, queue: str) -> None:
    """Works until SIGTERM."""
    settings = Settings.load()
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    ledger = await open_ledger(settings)
    try:
        runtime = sdk.start().runtime
        worker = await ours(settings, runtime, ledger, queue)
        async with worker if side == "ours" else await bare(settings, runtime, worker):
            await stop.wait()
    finally:
        await ledger.close()


if __name__ == "__main__":
    entry.run(lambda: uvloop.run(serve(sys.argv[1], sys.argv[2])))
