"""A client's life while it is merged: the engine carries out what a merge causes."""

from temporalio import workflow

from workflows.entity import Entity


@workflow.defn(name="client")
class ClientWorkflow(Entity):
    """A client's life while it is merged; no other command on a client needs the engine."""

    @workflow.run
    async def run(self) -> None:
        """Lives."""
        await self.live()
