"""A committee review's life, from its call to its decision."""

from temporalio import workflow

from workflows.entity import Entity


@workflow.defn(name="committee_review")
class CommitteeReviewWorkflow(Entity):
    """A committee review's life, from its call to its decision."""

    @workflow.run
    async def run(self) -> None:
        """Lives."""
        await self.live()
