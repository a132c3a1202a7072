"""The life of a tenant's mailing: one activity that reads the feed and writes to people, again and again."""

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from workflows import stubs
    from workflows.attention import Attentive


@workflow.defn(name="mailing")
class MailingWorkflow(Attentive):
    """Reads the feed for the people of one tenant."""

    @workflow.run
    async def run(self) -> None:
        """Until no mail server is set any more."""
        await self.attend(stubs.mail)
