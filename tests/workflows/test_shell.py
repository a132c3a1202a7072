"""The shell where it could go wrong: continue-as-new under commands, streams without a timer, targets out of reach."""

from datetime import datetime, timedelta

import pytest
from temporalio.client import WorkflowExecutionStatus

from activities.engine import Engine
from activities.ledger.memory import MemoryLedger
from activities.ledger.protocol import Scope, Unavailable
from tests.workflows.conftest import MANAGER, OWNER, REVIEWER, Town
from workflows.decider import Answer, Command
from workflows.nonconformity.case import Case
from workflows.stubs import Address


async def _status(town: Town, stream: str) -> WorkflowExecutionStatus | None:
    address = Address(tenant=town.tenant, stream=stream)
    return (await town.env.client.get_workflow_handle(address.workflow_id).describe()).status


async def test_a_stream_without_a_timer_ends_when_it_is_closed(town: Town) -> None:
    stream = await town.report(grade="ofi")
    await town.does(stream, OWNER, "comment", text="Thank you.")
    await town.env.sleep(timedelta(days=1))
    assert await _status(town, stream) is WorkflowExecutionStatus.RUNNING
    await town.signs(stream, REVIEWER, "close", statement="Noted.")
    await town.env.sleep(timedelta(days=1))
    assert await _status(town, stream) is WorkflowExecutionStatus.COMPLETED


async def test_a_review_out_of_reach_holds_up_no_date(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    reached = False
    send = Engine.send

    async def away(self: Engine, tenant: str, stream: str, command: Command) -> Answer:
        if stream.startswith("committee_review/") and not reached:
            raise Unavailable("nobody there")
        return await send(self, tenant, stream, command)

    monkeypatch.setattr(Engine, "send", away)
    stream = await town.report()
    known = await town.ledger.load(Scope(town.tenant), stream)
    assert known is not None
    assert isinstance(known.state, Case)
    await town.env.sleep(known.state.deadlines[0].due_at - await town.now() - timedelta(seconds=30))
    await town.does(stream, MANAGER, "escalate", reason="Now.")
    await town.env.sleep(timedelta(minutes=1))
    types = await town.types(stream)
    assert types.count("deadline_missed") == 1  # the plan's date, while the review still cannot be opened
    known = await town.ledger.load(Scope(town.tenant), stream)
    assert known is not None
    assert len(known.owed) == 1
    reached = True
    await town.env.sleep(timedelta(minutes=1))
    known = await town.ledger.load(Scope(town.tenant), stream)
    assert known is not None
    assert known.owed == ()
    [escalated] = [event for event in await town.history(stream) if event.type == "nonconformity.escalated"]
    assert escalated.data is not None
    assert await town.types(f"committee_review/{escalated.data['review']}") == ["opened", "convened"]


async def test_it_continues_as_new_under_a_stream_of_commands(crowded: Town) -> None:
    """A server that suggests it after 40 events: every command is answered, none waits for another."""
    stream = await crowded.report()
    for n in range(15):
        answer = await crowded.does(stream, OWNER, "comment", text=f"Remark {n}.")
        assert answer.seq == 3 + n
    address = Address(tenant=crowded.tenant, stream=stream)
    described = await crowded.env.client.get_workflow_handle(address.workflow_id).describe()
    assert described.status is WorkflowExecutionStatus.RUNNING
    runs = [run async for run in crowded.env.client.list_workflows(f"WorkflowId = '{address.workflow_id}'")]
    assert len(runs) > 1
    for run in runs:  # each asked itself: what is listed may be a moment old
        asked = crowded.env.client.get_workflow_handle(address.workflow_id, run_id=run.run_id)
        was = (await asked.describe()).status
        assert was is WorkflowExecutionStatus.CONTINUED_AS_NEW or run.run_id == described.run_id


async def test_a_command_whose_answer_was_lost_is_asked_after(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """It was recorded, and what it causes elsewhere must not wait for the next command."""
    stream = await town.report()
    await town.does(stream, MANAGER, "comment", text="Seen.")
    transact = MemoryLedger.transact

    async def lost(self: MemoryLedger, tenant: str, name: str, command: Command, now: datetime) -> Answer:
        answer = await transact(self, tenant, name, command, now)
        if command.name == "escalate":
            raise Unavailable("the answer was lost")
        return answer

    monkeypatch.setattr(MemoryLedger, "transact", lost)
    with pytest.raises(Unavailable):
        await town.send(stream, MANAGER, "escalate", reason="Now.")
    await town.env.sleep(timedelta(seconds=10))
    [escalated] = [event for event in await town.history(stream) if event.type == "nonconformity.escalated"]
    assert escalated.data is not None
    assert await town.types(f"committee_review/{escalated.data['review']}") == ["opened", "convened"]
