"""The programs that run on the servers, the worker and the API, and how to tell that they do their work."""

import os
import sys
import uuid
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from pathlib import Path

import httpx
from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest
from temporalio.client import Client
from temporalio.service import RPCError

from services.embedded.children import Service
from services.settings import Settings

API = "api"
INSTANCE = "Closeout-Instance"
"""The header in which an API names itself."""


def own_services(settings: Settings, logs: Path) -> Sequence[Service]:
    """The worker and the API, as `python -m` programs with the settings in their environment.

    They get the login of `dsn` and not the owner's, which neither needs.
    """
    instance = uuid.uuid4().hex
    theirs = settings.model_copy(update={"owner_dsn": "", "instance": instance})
    env = {**os.environ, **theirs.environment()}

    async def works() -> bool:
        return await polled(settings)

    async def answers() -> bool:
        return await answered(f"{settings.local_url}/readyz", instance)

    worker, api = (_turning(url) for url in (settings.worker_url, settings.local_url))
    # -P: a folder named `services` where the user happens to stand is not ours.
    worker_argv, api_argv = ([sys.executable, "-P", "-m", f"services.{name}"] for name in ("worker", "api"))
    return [
        Service("worker", worker_argv, env, works, logs / "worker.log", alive=worker, grace=22.0),
        Service(API, api_argv, env, answers, logs / "api.log", alive=api),
    ]


def _turning(url: str | None) -> Callable[[], Awaitable[bool]] | None:
    """Who asks a process at an address whether its loop turns; None for one that serves none."""
    if url is None:
        return None

    async def turns() -> bool:
        return await answered(f"{url}/livez")

    return turns


async def answered(url: str, instance: str | None = None) -> bool:
    """Whether a GET is answered with 200; with an `instance`, by the API of that name: others take ports too."""
    try:
        async with httpx.AsyncClient(trust_env=False, timeout=5.0) as client:
            answer = await client.get(url)
    except httpx.TransportError:
        return False
    return answer.status_code == httpx.codes.OK and (instance is None or answer.headers.get(INSTANCE) == instance)


async def polled(settings: Settings) -> bool:
    """Whether a worker polls the task queue."""
    try:
        client = await Client.connect(**settings.engine())
        queue = await client.workflow_service.describe_task_queue(
            DescribeTaskQueueRequest(
                namespace=client.namespace,
                task_queue=TaskQueue(name=settings.task_queue),
                task_queue_type=TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
            ),
            timeout=timedelta(seconds=5),
        )
    except (RPCError, RuntimeError):
        return False
    return len(queue.pollers) > 0
