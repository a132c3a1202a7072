"""The way to a stream's workflow: commands as updates, nudges as signals. Start or attach is one call."""

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from uuid import uuid4

from temporalio.client import (
    Client,
    WithStartWorkflowOperation,
    WorkflowUpdateFailedError,
    WorkflowUpdateRPCTimeoutOrCancelledError,
)
from temporalio.common import WorkflowIDConflictPolicy
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError, RPCStatusCode

from activities.ledger.protocol import Unavailable
from workflows.decider import Answer, Command, kind_of
from workflows.stubs import Address

TASK_TIMEOUT = timedelta(seconds=2)
"""With the default of 10 s, a killed worker stalls the commands of its cases for as long."""

_PASSING = frozenset(
    {
        RPCStatusCode.ABORTED,
        RPCStatusCode.CANCELLED,
        RPCStatusCode.DEADLINE_EXCEEDED,
        RPCStatusCode.INTERNAL,
        RPCStatusCode.NOT_FOUND,
        RPCStatusCode.RESOURCE_EXHAUSTED,
        RPCStatusCode.UNAVAILABLE,
        RPCStatusCode.UNKNOWN,
    }
)


@dataclass(frozen=True, slots=True)
class Engine:
    """Commands, starts and nudges by a Temporal client. `patience` bounds a command with all its tries."""

    client: Client
    task_queue: str
    patience: timedelta = timedelta(seconds=10)
    rpc_timeout: timedelta = timedelta(seconds=4)

    async def send(self, tenant: str, stream: str, command: Command, *, alive: bool = True) -> Answer:
        """What became of the command; Unavailable when nobody could say in time, and the same key is safe to repeat.

        Each try is an update of its own: only the ledger knows what was recorded, and answers a repeat with it. `alive`
        says whether the stream probably has a workflow; where it has not, one call starts it with the update.
        """
        address = Address(tenant=tenant, stream=stream)
        attempt = self._update if alive else self._start
        try:
            async with asyncio.timeout(self.patience.total_seconds()):
                while True:
                    try:
                        return await attempt(address, command)
                    except (RPCError, WorkflowUpdateFailedError, WorkflowUpdateRPCTimeoutOrCancelledError) as error:
                        if (task := asyncio.current_task()) and task.cancelling():
                            # The client library turns a cancellation into such an error: without this, the time that
                            # is up would be swallowed, and the tries would go on for ever.
                            raise asyncio.CancelledError from error
                        await _pause(error, attach=attempt == self._update)
                    attempt = self._start
        except TimeoutError as error:
            raise Unavailable("the engine did not answer in time") from error

    async def start(self, tenant: str, stream: str) -> None:
        """Gives a stream that has just begun its workflow, which first of all asks the ledger.

        One that runs already has asked since, or will: it is not told, which a nudge would cost a signal.
        """
        await self._attach(tenant, stream, None)

    async def nudge(self, tenant: str, stream: str) -> None:
        """Has the stream's workflow ask the ledger, and starts it where there is none."""
        await self._attach(tenant, stream, "nudge")

    async def _attach(self, tenant: str, stream: str, signal: str | None) -> None:
        address = Address(tenant=tenant, stream=stream)
        try:
            await self.client.start_workflow(
                kind_of(stream),
                id=address.workflow_id,
                task_queue=self.task_queue,
                task_timeout=TASK_TIMEOUT,
                start_signal=signal,
                id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
                rpc_timeout=self.rpc_timeout,
            )
        except RPCError as error:
            raise Unavailable(f"the engine did not take {stream}: {error}") from error

    async def _update(self, address: Address, command: Command) -> Answer:
        handle = self.client.get_workflow_handle(address.workflow_id)
        answer: Answer = await handle.execute_update(
            "execute", command, id=str(uuid4()), result_type=Answer, rpc_timeout=self.rpc_timeout
        )
        return answer

    async def _start(self, address: Address, command: Command) -> Answer:
        start: WithStartWorkflowOperation[object, None] = WithStartWorkflowOperation(
            kind_of(address.stream),
            id=address.workflow_id,
            task_queue=self.task_queue,
            task_timeout=TASK_TIMEOUT,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
        )
        try:
            answer: Answer = await self.client.execute_update_with_start_workflow(
                "execute",
                command,
                start_workflow_operation=start,
                id=str(uuid4()),
                result_type=Answer,
                rpc_timeout=self.rpc_timeout,
            )
        except (RPCError, WorkflowUpdateRPCTimeoutOrCancelledError):
            # The library keeps the error for the handle's reader too; asyncio would report that there was none.
            await asyncio.gather(start.workflow_handle(), return_exceptions=True)
            raise
        return answer


async def _pause(error: Exception, attach: bool) -> None:
    """Returns, after a moment, for an error that passes; raises Unavailable for what another try cannot mend."""
    if isinstance(error, RPCError):
        if attach and error.status is RPCStatusCode.NOT_FOUND:
            return
        if error.status not in _PASSING:
            raise Unavailable(f"the engine refuses: {error}") from error
    if isinstance(error, WorkflowUpdateFailedError):
        cause = error.cause
        # A workflow that ended before it took the update left it undone; any other failure is the ledger's.
        if not (isinstance(cause, ApplicationError) and cause.type == "AcceptedUpdateCompletedWorkflow"):
            raise Unavailable(f"not recorded, or not known to be: {cause}") from error
    await asyncio.sleep(0.1)
