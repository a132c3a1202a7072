"""The life of an import: one activity, tried until the import has ended."""

from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy

with workflow.unsafe.imports_passed_through():
    from workflows import stubs

SOON = RetryPolicy(initial_interval=timedelta(milliseconds=200), maximum_interval=timedelta(seconds=1))


@workflow.defn(name="import")
class ImportWorkflow:
    """Has a document read and recorded; where it stands is in its row, so that a new try goes on and begins nothing."""

    @workflow.run
    async def run(self) -> None:
        """From the first item to the last receipt."""
        info = workflow.info()
        await workflow.execute_activity(
            stubs.import_document,
            stubs.Address.of_workflow(info.workflow_id),
            # A queue of its own: it takes its time, and its reader takes memory; cases must not wait for it.
            task_queue=stubs.imports(info.task_queue),
            start_to_close_timeout=timedelta(hours=12),
            # Without it, what a killed worker had in hand would wait for the twelve hours.
            heartbeat_timeout=timedelta(seconds=5),
            # However often it was broken off, somebody may be looking at how far it has come.
            retry_policy=SOON,
        )

    @workflow.signal
    async def nudge(self) -> None:
        """Whoever nudges wants it to run, which it does."""
