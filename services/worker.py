"""The worker: gives life to cases and all around them. `python -m services.worker` runs one by the settings."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
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
from activities.ledger.postgres import PostgresLedger
from activities.ledger.protocol import Ledger
from activities.lives import Lives
from activities.metrics import Metrics
from activities.recording import Recording
from activities.tracing import UNTRACED, Tracing
from services import entry, readiness, sdk
from services.about import own_version
from services.connections import open_engine, open_ledger
from services.imports.importing import Importing
from services.logs import logged
from services.mail.keeping import keep_mailing
from services.mail.posting import Mailing
from services.mail.relay import Relay
from services.probes import probes, served
from services.reaching import Unreachable
from services.readiness import OK
from services.sdk import Sdk
from services.settings import BadSettings, Settings
from services.subscriptions.addresses import Guard, networks
from services.subscriptions.delivering import Delivering, sources
from services.subscriptions.sending import Sender
from workflows.audit.workflow import AuditWorkflow
from workflows.certificate.workflow import CertificateWorkflow
from workflows.client.workflow import ClientWorkflow
from workflows.committee.workflow import CommitteeReviewWorkflow
from workflows.imports import ImportWorkflow
from workflows.mailing import MailingWorkflow
from workflows.nonconformity.workflow import NonconformityWorkflow
from workflows.policy_book import PolicyBook, PolicyError
from workflows.registry import REGISTRY
from workflows.stubs import deliveries, imports
from workflows.subscription import SubscriptionWorkflow
from workflows.sweep import SweepWorkflow

WORKFLOWS = [
    NonconformityWorkflow,
    CommitteeReviewWorkflow,
    AuditWorkflow,
    CertificateWorkflow,
    ClientWorkflow,
    ImportWorkflow,
    SubscriptionWorkflow,
    MailingWorkflow,
    SweepWorkflow,
]
SWEEP = "sweep"
"""The id of the schedule, and of the workflows that it starts."""

SUBSCRIPTIONS = 500
"""How many subscriptions one worker looks after at a time; of more, each waits for its turn."""

UNSTARTABLE = (BadSettings, PolicyError, Unreachable)
"""What keeps a worker from starting, and an operator can mend."""

log = structlog.get_logger()


def build(
    client: Client,
    ledger: Ledger,
    engine: Engine,
    runner: WorkflowRunner,
    metrics: Metrics | None = None,
    tracing: Tracing = UNTRACED,
    grace: timedelta = timedelta(),
) -> Worker:
    """A worker over a ledger.

    Few workflow slots a process: more only take turns on the one interpreter.
    """
    recording = Recording(ledger, metrics or Metrics("worker"), tracing)
    return Worker(
        client,
        task_queue=engine.task_queue,
        workflows=WORKFLOWS,
        activities=Lives(recording, engine, REGISTRY, grace).activities(),
        workflow_runner=runner,
        max_concurrent_workflow_tasks=8 * (os.cpu_count() or 1),
        max_concurrent_activities=20,
        max_concurrent_local_activities=50,
        # With the default of 10 s, the first task after a worker's death waits as long for the dead one.
        sticky_queue_schedule_to_start_timeout=timedelta(seconds=1),
        graceful_shutdown_timeout=timedelta(seconds=20),
    )


def build_importing(engine: Engine, importing: Importing, readers: int) -> Worker:
    """A worker that reads so many documents at a time; further imports stay queued."""
    return Worker(
        engine.client,
        task_queue=imports(engine.task_queue),
        activities=importing.activities(),
        max_concurrent_activities=readers,
        graceful_shutdown_timeout=timedelta(seconds=20),
    )


def build_delivering(engine: Engine, *readers: Delivering | Mailing) -> Worker:
    """A worker that looks after subscriptions and mail: each takes a slot for as long as it waits for events."""
    return Worker(
        engine.client,
        task_queue=deliveries(engine.task_queue),
        activities=[each for reader in readers for each in reader.activities()],
        max_concurrent_activities=SUBSCRIPTIONS,
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


async def serve(settings: Settings, tracing: Tracing = UNTRACED) -> None:
    """Works until SIGINT or SIGTERM; what is under way then has 20 seconds to end. Raises Unreachable at start."""
    ledger = await open_ledger(settings)
    try:
        counted = sdk.start() if settings.worker_port else None
        engine = await open_engine(
            settings, runtime=counted.runtime if counted else None, interceptors=tracing.interceptors
        )
        stop = asyncio.Event()
        for sign in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(sign, stop.set)
        metrics = Metrics("worker", own_version())
        # Deciders never run in workflow code, so the sandbox guards nothing here and costs a sixth of the speed.
        importing = Importing(Recording(ledger, metrics, tracing), ledger.database, engine, settings.bounds)
        worker = build(
            engine.client,
            ledger,
            engine,
            UnsandboxedWorkflowRunner(),
            metrics,
            tracing,
            settings.sweep_grace,
        )
        async with _told(settings, ledger, worker, metrics, counted), _delivering(settings, ledger, metrics) as what:
            await ledger.refresh()
            reading = build_importing(engine, importing, settings.readers)
            mailing = _mailing(settings, ledger, metrics)
            async with (
                importing.spare,
                worker,
                reading,
                build_delivering(engine, what, mailing),
                _kept(mailing, engine),
            ):
                await keep_sweeping(engine, settings.sweep_every)
                log.info("worker ready", task_queue=engine.task_queue, pid=os.getpid())
                await stop.wait()
    finally:
        await ledger.close()


@asynccontextmanager
async def _delivering(settings: Settings, ledger: PostgresLedger, metrics: Metrics) -> AsyncIterator[Delivering]:
    """What looks after subscriptions, as the settings have it."""
    sender = Sender(Guard(networks(settings.webhook_allow)))
    try:
        yield Delivering(
            ledger.database,
            ledger,
            sender,
            metrics,
            sources(settings.url),
            agent=f"closeout/{own_version()}",
            poll=settings.webhook_poll,
        )
    finally:
        await sender.close()


def _mailing(settings: Settings, ledger: PostgresLedger, metrics: Metrics) -> Mailing:
    """What writes to people, as the settings have it."""
    policies = PolicyBook.load(settings.policies)
    relay = Relay.of(settings)
    return Mailing(ledger.database, ledger, policies, metrics, relay, settings.url, poll=settings.mail_poll)


@asynccontextmanager
async def _kept(mailing: Mailing, engine: Engine) -> AsyncIterator[None]:
    """Has every tenant's mailing looked after, where there is a mail server."""
    if mailing.relay is None:
        yield
        return
    keeper = asyncio.create_task(keep_mailing(mailing.database, engine))
    try:
        yield
    finally:
        keeper.cancel()
        await asyncio.gather(keeper, return_exceptions=True)


@asynccontextmanager
async def _told(
    settings: Settings, ledger: PostgresLedger, worker: Worker, metrics: Metrics, counted: Sdk | None
) -> AsyncIterator[None]:
    """Has the worker say how it is, where a port is set for that."""
    if settings.worker_port is None:
        yield
        return

    async def parts() -> dict[str, str]:
        works = OK if worker.is_running else "starting or stopping"
        return {"worker": works} | await readiness.parts(ledger.database, worker.client)

    async def numbers() -> bytes:
        return metrics.text() + (await counted.text() if counted else b"")

    async with served(probes(parts, numbers), settings.listen_host, settings.worker_port):
        yield


def main(settings: Settings) -> None:
    """Runs one worker."""
    with logged(settings, "worker") as tracing:
        uvloop.run(serve(settings, tracing))


if __name__ == "__main__":
    entry.run(lambda: main(Settings.load()), *UNSTARTABLE)
