"""A nonconformity's life, from issue to close-out."""

from temporalio import workflow
from temporalio.common import VersioningBehavior

from workflows.entity import Entity


@workflow.defn(name="nonconformity", versioning_behavior=VersioningBehavior.AUTO_UPGRADE)
class NonconformityWorkflow(Entity):
    """A nonconformity's life, from issue to close-out."""

    @workflow.run
    async def run(self) -> None:
        """Lives."""
        await self.live()
