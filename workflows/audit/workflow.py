"""An audit's life, from its planning to the end of its windows."""

from temporalio import workflow

from workflows.entity import Entity


@workflow.defn(name="audit")
class AuditWorkflow(Entity):
    """An audit's life, from its planning to the end of its windows."""

    @workflow.run
    async def run(self) -> None:
        """Lives."""
        await self.live()
