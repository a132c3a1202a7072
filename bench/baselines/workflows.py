"""Bare Temporal workflows. They take and answer what the product's workflow does, and complete as it does."""

from datetime import datetime

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from datetime import timedelta

    from bench.baselines import rows
    from workflows.decider import Answer, Command, Entry

LAST = "confirm_withdrawal"
"""The command that ends a life."""


@workflow.defn(name="bare")
class Bare:
    """A workflow of updates that do nothing; ends after the last one."""

    def __init__(self) -> None:
        self.seq = 0
        self.over = False

    @workflow.run
    async def run(self) -> None:
        await workflow.wait_condition(lambda: self.over and workflow.all_handlers_finished())

    @workflow.update
    async def execute(self, command: Command) -> Answer:
        self.seq += 1
        self.over = command.name == LAST
        entry = Entry(seq=self.seq, type=command.name, v=1, at=workflow.now(), actor=command.actor.id, hash="0" * 64)
        return Answer(seq=self.seq, status="open", events=(entry,), head="0" * 64, stream_seq=self.seq)


@workflow.defn(name="bare_row")
class BareRow:
    """The same, with a local activity that inserts and upserts one row each in one transaction."""

    def __init__(self) -> None:
        self.seq = 0
        self.over = False

    @workflow.run
    async def run(self) -> None:
        await workflow.wait_condition(lambda: self.over and workflow.all_handlers_finished())

    @workflow.update
    async def execute(self, command: Command) -> Answer:
        self.seq += 1
        row = rows.Row(stream=workflow.info().workflow_id, seq=self.seq, command=command, at=workflow.now())
        answer = await workflow.execute_local_activity(rows.write, row, start_to_close_timeout=timedelta(seconds=2))
        self.over = command.name == LAST
        return answer


@workflow.defn(name="bare_timer")
class BareTimer:
    """One timer; ends when it goes off."""

    @workflow.run
    async def run(self, until: datetime) -> None:
        await workflow.sleep(until - workflow.now())


WORKFLOWS = [Bare, BareRow, BareTimer]
