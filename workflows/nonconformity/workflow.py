"""A nonconformity's life, from issue to close-out."""

from temporalio import workflow

from workflows.entity import Entity


@workflow.defn(name="nonconformity")
class NonconformityWorkflow(Entity):
    """A nonconformity's life, from issue to close-out."""

    @workflow.run
    async def run(self) -> None:
        """Lives."""
        await self.live()
