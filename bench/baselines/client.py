"""The bare client: a workflow started, a workflow started with its first update, an update. Nothing is repeated."""

from datetime import datetime, timedelta

from temporalio.client import Client, WithStartWorkflowOperation, WorkflowHandle
from temporalio.common import WorkflowIDConflictPolicy

from workflows.decider import Answer, Command

TASK_TIMEOUT = timedelta(seconds=2)
"""As the product sets it."""


async def start(client: Client, workflow: str, id: str, queue: str) -> None:
    """Starts a workflow without arguments."""
    await client.start_workflow(workflow, id=id, task_queue=queue, task_timeout=TASK_TIMEOUT)


async def start_timer(client: Client, id: str, queue: str, until: datetime) -> None:
    """Starts a workflow that waits until an instant."""
    await client.start_workflow("bare_timer", until, id=id, task_queue=queue, task_timeout=TASK_TIMEOUT)


async def start_with_update(client: Client, workflow: str, id: str, queue: str, command: Command) -> Answer:
    """Starts a workflow with its first update in one call."""
    start: WithStartWorkflowOperation[object, None] = WithStartWorkflowOperation(
        workflow,
        id=id,
        task_queue=queue,
        task_timeout=TASK_TIMEOUT,
        id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
    )
    answer: Answer = await client.execute_update_with_start_workflow(
        "execute", command, start_workflow_operation=start, result_type=Answer
    )
    return answer


async def update(client: Client, id: str, command: Command) -> Answer:
    """One update."""
    handle: WorkflowHandle[object, None] = client.get_workflow_handle(id)
    answer: Answer = await handle.execute_update("execute", command, result_type=Answer)
    return answer
