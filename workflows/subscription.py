"""The life of a subscription: one activity that delivers, again and again, and a timer while nothing can be tried."""

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from workflows import stubs
    from workflows.attention import Attentive


@workflow.defn(name="subscription")
class SubscriptionWorkflow(Attentive):
    """Reads the feed for one receiver."""

    @workflow.run
    async def run(self) -> None:
        """Until the subscription is paused, parked or gone."""
        await self.attend(stubs.deliver)
