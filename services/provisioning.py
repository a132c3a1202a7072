"""What the servers must hold before worker and API run on them: the schema, and a namespace with its retention.

Safe to repeat, and to run from several places at once: what is there is kept, what differs from the settings is set.
"""

import asyncio
from collections.abc import Callable
from datetime import timedelta

from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import (
    DescribeNamespaceRequest,
    DescribeTaskQueueRequest,
    RegisterNamespaceRequest,
    UpdateNamespaceRequest,
)
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from activities.ledger.database import Database
from activities.ledger.migrations import MigrationDrift, migrate
from services import reaching
from services.connections import open_engine
from services.reaching import Unreachable
from services.settings import Settings

PATIENCE = timedelta(seconds=10)
"""How long one answer of the engine may take."""

SPREAD = 60.0
"""Seconds within which every frontend of the engine knows a new namespace; they ask every few seconds."""

Say = Callable[[str], None]


class Unprovisioned(Exception):
    """A server does not hold what it must, for a reason that the operator can mend."""


async def provision(settings: Settings, say: Say) -> None:
    """Makes sure of schema and namespace, and says what it did, a line each; raises Unprovisioned."""
    await _ledger(settings, say)
    await _engine(settings, say)


async def _ledger(settings: Settings, say: Say) -> None:
    try:
        with reaching.the_ledger(settings, as_owner=True):
            applied = await migrate(settings.owner)
        say(f"ledger: applied {', '.join(applied)}" if applied else "ledger: up to date")
        with reaching.the_ledger(settings):
            database = await Database.open(settings.dsn)
        await database.close()
    except (Unreachable, MigrationDrift) as error:
        raise Unprovisioned(f"ledger: {error}") from None


async def _engine(settings: Settings, say: Say) -> None:
    try:
        engine = await open_engine(settings)
        say(f"namespace {engine.client.namespace}: {await _namespace(engine.client, settings.temporal_retention)}")
        await _known(engine.client, settings.task_queue)
    except Unreachable as error:
        raise Unprovisioned(str(error)) from None
    except RPCError as error:
        raise Unprovisioned(f"the engine refused: {error.message} ({error.status.name})") from None


async def _namespace(client: Client, wanted: timedelta | None) -> str:
    """Makes sure of the namespace; answers what became of it. None wants it as it is."""
    kept = await _retention(client)
    if kept is None and wanted is None:
        raise Unprovisioned(
            f"namespace {client.namespace} is not there, and CLOSEOUT_TEMPORAL_RETENTION=none has others make it"
        )
    if kept is None and wanted is not None and await _made(client, wanted):
        return f"made, retention {wanted}"
    kept = await _retention(client) if kept is None else kept
    if wanted is None or wanted == kept:
        return f"there, retention {kept}"
    change = UpdateNamespaceRequest(namespace=client.namespace)
    change.config.workflow_execution_retention_ttl.FromTimedelta(wanted)
    await client.workflow_service.update_namespace(change, timeout=PATIENCE)
    return f"retention changed from {kept} to {wanted}"


async def _retention(client: Client) -> timedelta | None:
    """The retention of the client's namespace; None where there is no such namespace."""
    try:
        found = await client.workflow_service.describe_namespace(
            DescribeNamespaceRequest(namespace=client.namespace), timeout=PATIENCE
        )
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise
        return None
    return found.config.workflow_execution_retention_ttl.ToTimedelta()


async def _made(client: Client, retention: timedelta) -> bool:
    """Makes the namespace; False where somebody else just did."""
    request = RegisterNamespaceRequest(
        namespace=client.namespace, description="Nonconformities, from finding to close-out"
    )
    request.workflow_execution_retention_period.FromTimedelta(retention)
    try:
        await client.workflow_service.register_namespace(request, timeout=PATIENCE)
    except RPCError as error:
        if error.status is not RPCStatusCode.ALREADY_EXISTS:
            raise
        return False
    return True


async def _known(client: Client, task_queue: str) -> None:
    """Waits until a frontend serves the namespace: it may be described before it can be worked in."""
    request = DescribeTaskQueueRequest(
        namespace=client.namespace,
        task_queue=TaskQueue(name=task_queue),
        task_queue_type=TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
    )
    try:
        async with asyncio.timeout(SPREAD):
            while True:
                try:
                    await client.workflow_service.describe_task_queue(request, timeout=PATIENCE)
                except RPCError as error:
                    if error.status is not RPCStatusCode.NOT_FOUND:
                        raise
                    await asyncio.sleep(0.5)
                else:
                    return
    except TimeoutError:
        raise Unprovisioned(f"namespace {client.namespace}: still unknown to the engine's frontend") from None
