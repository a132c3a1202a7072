"""What a life is that reads the feed: one activity, again and again, and a timer while nothing can be done."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from workflows import stubs
    from workflows.entity import PATIENT


class Attentive:
    """A cache with a timer: where the reader is, and what it waits for, is in its row."""

    def __init__(self) -> None:
        self._nudged = False

    @workflow.signal
    async def nudge(self) -> None:
        """Something was changed: look at it now."""
        self._nudged = True

    async def attend(self, activity: Callable[[stubs.Address], Awaitable[stubs.Attended]]) -> None:
        """Has the activity look after the stream until that is no longer needed."""
        info = workflow.info()
        address = stubs.Address.of_workflow(info.workflow_id)
        while True:
            self._nudged = False
            turn = await workflow.execute_activity(
                activity,
                address,
                # A queue of its own: it waits for events and for slow receivers, and cases must not wait for it.
                task_queue=stubs.deliveries(info.task_queue),
                start_to_close_timeout=timedelta(minutes=5),
                heartbeat_timeout=timedelta(seconds=10),
                retry_policy=PATIENT,
            )
            if not turn.lives and not self._nudged:
                return
            if workflow.info().is_continue_as_new_suggested():
                workflow.continue_as_new()
            if turn.wait > 0:
                try:
                    await workflow.wait_condition(lambda: self._nudged, timeout=timedelta(seconds=turn.wait))
                except TimeoutError:
                    continue
