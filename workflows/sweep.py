"""The sweep: nothing sleeps for ever."""

from datetime import timedelta

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from workflows import stubs
    from workflows.entity import PATIENT


@workflow.defn(name="sweep")
class SweepWorkflow:
    """Started by a schedule; nudges any stream that never started, whose wake-up is past, or that owes reactions.

    Its result tells the next one where to go on: the schedule hands it over.
    """

    @workflow.run
    async def run(self) -> stubs.Swept:
        """What was nudged."""
        last = workflow.get_last_completion_result(stubs.Swept)
        return await workflow.execute_activity(
            stubs.sweep,
            last.rest if last else None,
            start_to_close_timeout=timedelta(hours=1),
            # Without it, a killed worker would keep the next sweep waiting for the hour.
            heartbeat_timeout=timedelta(seconds=15),
            retry_policy=PATIENT,
        )
