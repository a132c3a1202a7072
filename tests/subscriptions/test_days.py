"""Receivers that stay away for days, on a clock that jumps."""

from datetime import timedelta

from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.worker import Replayer

from services.subscriptions.backoff import SCHEDULE
from tests.subscriptions.conftest import Post
from tests.subscriptions.receiver import Receiver, accept, answering
from tests.workflows.conftest import SANDBOX
from workflows.subscription import SubscriptionWorkflow

A, B = "nonconformity/a", "nonconformity/b"
ALL = sum(SCHEDULE, timedelta())
"""From the first attempt to the last."""


async def test_it_is_tried_for_days_and_then_parked_with_an_alarm(timeless: Post, receiver: Receiver) -> None:
    receiver.behaviour = answering(500)
    await timeless.record(A)
    name = await timeless.subscribe(receiver)
    await timeless.env.sleep(ALL - timedelta(minutes=10))
    assert ((await timeless.find(name)).state, len(receiver.got)) == ("active", len(SCHEDULE))
    await timeless.env.sleep(timedelta(minutes=20))
    parked = await timeless.find(name)
    assert (parked.state, len(receiver.got)) == ("parked", len(SCHEDULE) + 1)
    assert parked.why.endswith("The receiver answered 500.")
    assert timeless.metrics.registry.get_sample_value("closeout_subscriptions_halted_total", {"state": "parked"}) == 1
    assert len({one.headers["webhook-id"] for one in receiver.got}) == 1

    receiver.behaviour = accept
    await timeless.record(A)
    await timeless.env.sleep(timedelta(days=2))
    assert receiver.taken == []
    workflow = timeless.env.client.get_workflow_handle(f"subscription/{timeless.tenant}/{name}")
    replayer = Replayer(
        workflows=[SubscriptionWorkflow], workflow_runner=SANDBOX, data_converter=pydantic_data_converter
    )
    await replayer.replay_workflow(await workflow.fetch_history())
    await timeless.turn(name, "active")
    await timeless.env.sleep(timedelta(days=1))
    assert receiver.events() == [(A, 1), (A, 2)]


async def test_what_happened_while_it_was_away_arrives_in_order(timeless: Post, receiver: Receiver) -> None:
    receiver.behaviour = answering(503)
    name = await timeless.subscribe(receiver)
    for day in range(3):
        for stream in (A, B):
            await timeless.record(stream)
        await timeless.env.sleep(timedelta(hours=20))
        assert receiver.taken == [], day
    receiver.behaviour = accept
    await timeless.env.sleep(timedelta(days=2))
    assert receiver.events(A) == [(A, 1), (A, 2), (A, 3)]
    assert receiver.events(B) == [(B, 1), (B, 2), (B, 3)]
    assert (await timeless.find(name)).state == "active"


async def test_a_rest_that_the_receiver_asks_for_is_given_within_a_day(timeless: Post, receiver: Receiver) -> None:
    receiver.behaviour = answering(429, **{"retry-after": "7200"})
    await timeless.record(A)
    await timeless.subscribe(receiver)
    await timeless.env.sleep(timedelta(hours=1, minutes=50))
    assert len(receiver.got) == 1
    await timeless.env.sleep(timedelta(minutes=20))
    assert len(receiver.got) == 2
