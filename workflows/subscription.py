"""The life of a subscription: one activity that delivers, again and again, and a timer while nothing can be tried."""

from datetime import timedelta

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from workflows import stubs
    from workflows.entity import PATIENT


@workflow.defn(name="subscription")
class SubscriptionWorkflow:
    """A cache with a timer: where the subscription is, and what it waits for, is in its row."""

    def __init__(self) -> None:
        self._nudged = False

    @workflow.signal
    async def nudge(self) -> None:
        """Something was changed: look at it now."""
        self._nudged = True

    @workflow.run
    async def run(self) -> None:
        """Until the subscription is paused, parked or gone."""
        info = workflow.info()
        address = stubs.Address.of_workflow(info.workflow_id)
        while True:
            self._nudged = False
            turn = await workflow.execute_activity(
                stubs.deliver,
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
