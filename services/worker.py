"""The worker: gives life to cases and reviews. `python -m services.worker` runs one with the settings in force."""

import asyncio
import os
import signal
from datetime import timedelta

import structlog
import uvloop
from temporalio.client import (
    Client,
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleAlreadyRunningError,
    ScheduleIntervalSpec,
    ScheduleOverlapPolicy,
    SchedulePolicy,
    ScheduleSpec,
    ScheduleUpdate,
)
from temporalio.worker import UnsandboxedWorkflowRunner, Worker, WorkflowRunner

from activities.engine import Engine
from activities.ledger.protocol import Ledger
from activities.lives import Lives
from services.connections import open_engine, open_ledger
from services.logs import configure
from services.settings import Settings
from workflows.committee.workflow import CommitteeReviewWorkflow
from workflows.nonconformity.workflow import NonconformityWorkflow
from workflows.registry import REGISTRY
from workflows.sweep import SweepWorkflow

WORKFLOWS = [NonconformityWorkflow, CommitteeReviewWorkflow, SweepWorkflow]
SWEEP = "sweep"
"""The id of the schedule, and of the workflows that it starts."""

log = structlog.get_logger()


def build(client: Client, ledger: Ledger, engine: Engine, runner: WorkflowRunner) -> Worker:
    """A worker over a ledger. Few workflow slots a process: more only take turns on the one interpreter."""
    return Worker(
        client,
        task_queue=engine.task_queue,
        workflows=WORKFLOWS,
        activities=Lives(ledger, engine, REGISTRY).activities(),
        workflow_runner=runner,
        max_concurrent_workflow_tasks=8 * (os.cpu_count() or 1),
        max_concurrent_activities=20,
        max_concurrent_local_activities=50,
        # With the default of 10 s, the first task after a worker's death waits as long for the dead one.
        sticky_queue_schedule_to_start_timeout=timedelta(seconds=1),
        graceful_shutdown_timeout=timedelta(seconds=20),
    )


async def keep_sweeping(engine: Engine, every: timedelta) -> None:
    """Has the engine start the sweep at this interval; changes the schedule that is there already."""
    schedule = Schedule(
        action=ScheduleActionStartWorkflow(SWEEP, id=SWEEP, task_queue=engine.task_queue),
        spec=ScheduleSpec(intervals=[ScheduleIntervalSpec(every=every)]),
        policy=SchedulePolicy(overlap=ScheduleOverlapPolicy.SKIP, catchup_window=timedelta(seconds=10)),
    )
    try:
        await engine.client.create_schedule(SWEEP, schedule, trigger_immediately=True)
    except ScheduleAlreadyRunningError:
        handle = engine.client.get_schedule_handle(SWEEP)
        await handle.update(lambda _: ScheduleUpdate(schedule))
        await handle.trigger(overlap=ScheduleOverlapPolicy.SKIP)


async def serve(settings: Settings) -> None:
    """Works until SIGINT or SIGTERM; what is under way then has 20 seconds to end."""
    ledger = await open_ledger(settings)
    try:
        await ledger.refresh()
        engine = await open_engine(settings)
        stop = asyncio.Event()
        for sign in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(sign, stop.set)
        # Deciders never run in workflow code, so the sandbox guards nothing here and costs a sixth of the speed.
        async with build(engine.client, ledger, engine, UnsandboxedWorkflowRunner()):
            await keep_sweeping(engine, settings.sweep_every)
            log.info("worker ready", task_queue=engine.task_queue, pid=os.getpid())
            await stop.wait()
    finally:
        await ledger.close()


def main(settings: Settings) -> None:
    """Runs one worker."""
    configure(settings)
    uvloop.run(serve(settings))


if __name__ == "__main__":
    main(Settings.load())
