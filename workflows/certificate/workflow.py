"""A certificate's life, from the decision that grants it to its end."""

from temporalio import workflow

from workflows.entity import Entity


@workflow.defn(name="certificate")
class CertificateWorkflow(Entity):
    """A certificate's life, from the decision that grants it to its end."""

    @workflow.run
    async def run(self) -> None:
        """Lives."""
        await self.live()
