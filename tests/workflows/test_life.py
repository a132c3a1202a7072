"""Whole lives on the time-skipping server: ninety days pass in milliseconds, and nothing but the clock is different."""

import hashlib
from datetime import timedelta
from typing import Any

from temporalio.client import WorkflowExecutionStatus

from activities.ledger.protocol import Scope
from tests.workflows.conftest import APPROVER, CLOSER, COMMITTEE, OWNER, REVIEWER, Town
from workflows.nonconformity.case import Case
from workflows.stubs import Address


async def test_a_major_that_nobody_answers_ends_before_the_committee(town: Town) -> None:
    stream = await town.report()
    start = await town.now()
    await town.env.sleep(timedelta(days=92))

    types = await town.types(stream)
    assert types[:2] == ["reported", "issued"]
    assert types.count("deadline_reminded") == 15  # five reminders for each of three dates
    assert types.count("deadline_missed") == 3
    assert types.count("escalated") == 1
    events = await town.history(stream)
    [escalated] = [event for event in events if event.type == "nonconformity.escalated"]
    assert timedelta(days=90) <= escalated.at - start <= timedelta(days=91)
    missed = [e for e in events if e.type == "nonconformity.deadline_missed"]
    for event in missed:
        assert event.data is not None
        assert event.at.isoformat()[:19] >= event.data["due_at"][:19]

    assert escalated.data is not None
    review = f"committee_review/{escalated.data['review']}"
    assert await town.types(review) == ["opened", "convened"]
    for member in COMMITTEE:
        await town.signs(review, member, "vote", choice="suspend", reason="No answer in ninety days.")
    answer = await town.signs(review, COMMITTEE[0], "decide", reason="Unanimous.")
    assert answer.status == "decided"
    await town.env.sleep(timedelta(seconds=1))

    assert (await town.types(stream))[-1] == "review_decided"
    known = await town.ledger.load(Scope(town.tenant), stream)
    assert known is not None and isinstance(known.state, Case)
    assert known.state.escalation is not None and known.state.escalation.choice == "suspend"
    assert known.owed == ()
    assert known.state.status == "open"


async def test_a_review_that_does_not_decide_is_overdue_once(town: Town) -> None:
    stream = await town.report()
    await town.env.sleep(timedelta(days=120))
    [escalated] = [event for event in await town.history(stream) if event.type == "nonconformity.escalated"]
    assert escalated.data is not None
    assert await town.types(f"committee_review/{escalated.data['review']}") == ["opened", "convened", "overdue"]


async def test_a_case_is_carried_to_its_close_out(town: Town) -> None:
    stream = await town.report()
    today = (await town.now()).date().isoformat()
    digest = hashlib.sha256(b"list").hexdigest()
    cause = {"key": "c1", "text": "Leavers are not told to IT."}
    action: dict[str, Any] = {"key": "a1", "text": "Tell IT.", "causes": ["c1"], "owner": "Owner", "due_on": today}
    evidence: dict[str, Any] = {"shows": ["a1"], "name": "list.csv", "sha256": digest, "media_type": "text/csv"}
    correction = {"text": "Accounts removed.", "done_on": today}
    first = await town.does(stream, OWNER, "record_correction", command_id="k1", **correction)
    await town.does(stream, OWNER, "record_cause", method="five_whys", steps=["Why?"], causes=[cause])
    await town.does(stream, OWNER, "plan_action", **action)
    await town.signs(stream, APPROVER, "submit_plan")
    await town.signs(stream, REVIEWER, "accept_plan")
    await town.does(stream, OWNER, "attach_evidence", **evidence)
    await town.signs(stream, APPROVER, "submit_evidence")
    await town.signs(stream, REVIEWER, "verify", statement="Sampled; effective.")
    last = await town.signs(stream, CLOSER, "close", statement="Closed.")
    assert last.status == "closed"
    handle = town.env.client.get_workflow_handle(Address(tenant=town.tenant, stream=stream).workflow_id)
    await handle.result()
    assert (await handle.describe()).status is WorkflowExecutionStatus.COMPLETED

    # A command to a closed case starts its workflow again, which asks the ledger, answers and ends.
    refused = await town.send(stream, OWNER, "propose_plan")
    assert refused.refusal is not None and refused.refusal.code == "wrong_state"
    again = await town.send(stream, OWNER, "record_correction", command_id="k1", **correction)
    assert again.repeated and again.status == "open"
    assert (again.seq, again.head, again.events) == (first.seq, first.head, first.events)
    await handle.result()
    assert len(await town.history(stream)) == last.seq


async def test_a_repeat_is_answered_with_what_was_recorded_then(town: Town) -> None:
    stream = await town.report()
    first = await town.does(stream, OWNER, "comment", command_id="k1", text="Seen.")
    await town.does(stream, OWNER, "comment", text="Something else.")
    again = await town.send(stream, OWNER, "comment", command_id="k1", text="Seen.")
    assert again.repeated
    assert (again.seq, again.head, again.events) == (first.seq, first.head, first.events)
    reused = await town.send(stream, OWNER, "comment", command_id="k1", text="Another text.")
    assert reused.refusal is not None and reused.refusal.code == "key_reused"


async def test_an_id_that_the_ledger_does_not_know_ends_at_once(town: Town) -> None:
    await town.engine.nudge(town.tenant, "nonconformity/unknown")
    address = Address(tenant=town.tenant, stream="nonconformity/unknown")
    await town.env.client.get_workflow_handle(address.workflow_id).result()


async def test_a_closed_reference_opens_a_linked_recurrence(town: Town) -> None:
    stream = await town.report(grade="ofi")
    closed = await town.signs(stream, REVIEWER, "close", statement="Noted.")
    assert closed.status == "closed"
    again = await town.report(grade="ofi")
    assert again != stream
    known = await town.ledger.load(Scope(town.tenant), again)
    assert known is not None and isinstance(known.state, Case)
    assert known.state.recurrence_of == stream
