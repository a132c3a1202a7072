"""Events on their way, over the real database and engine."""

import asyncio
import base64
import hashlib
import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import pytest
from cloudevents.core.bindings.http import HTTPMessage, from_http
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent
from standardwebhooks import Webhook, WebhookVerificationError
from starlette.responses import Response
from temporalio.testing import WorkflowEnvironment

from activities.directory import deliveries, subscriptions
from activities.ledger.postgres import PostgresLedger
from activities.ledger.rows import FIRST, read_position
from activities.sweeping import sweep
from services.runs import FAR
from services.subscriptions.choosing import HELD
from tests.ledger.conftest import Connection, Server
from tests.subscriptions.conftest import Post, posting
from tests.subscriptions.receiver import Received, Receiver, accept, answering, hang, receiving, until

PAGE = Path(__file__).parents[2] / "docs" / "events.md"
A, B = "nonconformity/a", "nonconformity/b"


async def settled(post: Post, name: str, state: subscriptions.State) -> None:
    """Waits until a subscription is in a state."""
    async with asyncio.timeout(30):
        while (await post.find(name)).state != state:
            await asyncio.sleep(0.02)


async def test_an_event_arrives_signed_and_as_a_cloud_event(post: Post, receiver: Receiver) -> None:
    name = await post.subscribe(receiver)
    await post.record(A)
    await until(lambda: receiver.taken)
    [received] = receiver.taken
    one = await post.find(name)
    Webhook(one.secrets[0].secret).verify(received.body, dict(received.headers))
    told = from_http(HTTPMessage(dict(received.headers), received.body), JSONFormat(), CloudEvent)
    [event] = await post.ledger.history(post.scope, A)
    assert (told.get_id(), told.get_type(), told.get_subject()) == (str(event.event_id), "closeout.opened", A)
    assert (told.get_source(), told.get_time()) == (f"https://closeout.example/v1#{post.tenant}", event.at)
    assert told.get_extension("sequence") == event.position
    assert told.get_dataschema() == "urn:closeout:event:opened:1"
    assert received.headers["webhook-id"] == str(event.event_id)
    data = told.get_data()
    assert isinstance(data, dict) and data["hash"] == event.hash and data["data"] == event.data


async def test_the_page_s_receiver_takes_each_event_once_and_no_forgery(post: Post, receiver: Receiver) -> None:
    [snippet] = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)
    there: dict[str, Any] = {}
    exec(snippet, there)  # noqa: S102 - the page's own code
    name = await post.subscribe(receiver)
    await post.record(A)
    await until(lambda: receiver.taken)
    [one], seen = receiver.taken, set[str]()
    secret, headers = (await post.find(name)).secrets[0].secret, dict(one.headers)
    assert there["received"](secret, headers, one.body, seen)["subject"] == A
    assert there["received"](secret, headers, one.body, seen) is None
    with pytest.raises(WebhookVerificationError):
        there["received"](secret, headers, one.body + b" ", seen)


async def test_each_delivery_is_kept_with_request_and_answer(post: Post, receiver: Receiver) -> None:
    receiver.behaviour = answering(200)
    name = await post.subscribe(receiver)
    await post.record(A)
    await until(lambda: receiver.taken)
    async with asyncio.timeout(10):
        while [one.state for one in await post.deliveries(name)] != ["delivered"]:
            await asyncio.sleep(0.02)
    [kept] = await post.deliveries(name)
    [received] = receiver.taken
    assert kept.attempts == 1 and kept.request is not None and kept.answer is not None
    assert kept.request["sha256"] == hashlib.sha256(received.body).hexdigest()
    assert kept.request["headers"]["webhook-signature"] == received.headers["webhook-signature"]
    assert (kept.answer["status"], kept.answer["head"]) == (200, "said")
    assert (await post.find(name)).last_success_at is not None


async def test_only_what_is_wanted_is_sent(post: Post, receiver: Receiver) -> None:
    async with receiving() as other:
        await post.subscribe(receiver, types=("added",), kinds=("nonconformity",))
        await post.subscribe(other, client="acme")
        for stream, client in ((A, "acme"), (B, "globex"), ("audit/x", "acme")):
            await post.record(stream, client=client)
            await post.record(stream)
        await post.record("nonconformity/hidden", client="acme", shown=False)
        await post.record(A)
        await until(lambda: len(receiver.taken) >= 3 and len(other.taken) >= 5)
        assert sorted(receiver.events()) == [(A, 2), (A, 3), (B, 2)]
        assert sorted(other.events()) == [("audit/x", 1), ("audit/x", 2), (A, 1), (A, 2), (A, 3)]


async def test_a_failing_event_holds_back_its_own_stream_alone_and_order_is_kept(
    post: Post, receiver: Receiver
) -> None:
    refused: list[str] = []

    async def twice(received: Received) -> Response:
        if received.event["subject"] == A and refused.count(A) < 1:
            refused.append(A)
            return Response(status_code=503)
        return Response(status_code=204)

    receiver.behaviour = twice
    await post.subscribe(receiver)
    for _ in range(3):
        await post.record(A)
        await post.record(B)
    await until(lambda: len(receiver.events(B)) == 3)
    assert receiver.events(A) == []
    await until(lambda: len(receiver.events(A)) == 3)
    assert receiver.events(A) == [(A, 1), (A, 2), (A, 3)]
    assert receiver.events(B) == [(B, 1), (B, 2), (B, 3)]


async def test_a_receiver_that_fails_altogether_is_left_in_peace(post: Post, receiver: Receiver) -> None:
    tried, well = set[str](), asyncio.Event()

    async def down(received: Received) -> Response:
        """Refuses each stream once; who is tried again waits, for the pause after a second refusal is minutes."""
        stream = received.event["subject"]
        if stream in tried:
            await well.wait()
            return Response(status_code=204)
        tried.add(stream)
        return Response(status_code=503)

    receiver.behaviour = down
    streams = [f"nonconformity/{n}" for n in range(HELD + 10)]
    for stream in streams:
        await post.record(stream)
    await post.subscribe(receiver)
    await until(lambda: len(tried) == HELD)
    await asyncio.sleep(0.5)
    assert len(tried) == HELD
    well.set()
    receiver.behaviour = accept
    await until(lambda: len(receiver.taken) == len(streams))
    assert sorted(receiver.events()) == sorted((stream, 1) for stream in streams)


@pytest.mark.parametrize("status", [301, 307, 302])
async def test_a_redirect_is_a_failure(post: Post, receiver: Receiver, status: int) -> None:
    async with receiving() as elsewhere:
        receiver.behaviour = answering(status, location=elsewhere.url)
        name = await post.subscribe(receiver)
        await post.record(A)
        await until(lambda: receiver.got)
        async with asyncio.timeout(10):
            while (await post.find(name)).last_failure == "":
                await asyncio.sleep(0.02)
        assert (await post.find(name)).last_failure == f"The receiver answered {status}."
        assert elsewhere.got == []


async def test_a_receiver_that_is_gone_pauses_its_subscription(post: Post, receiver: Receiver) -> None:
    receiver.behaviour = answering(410)
    name = await post.subscribe(receiver)
    await post.record(A)
    await settled(post, name, "paused")
    assert "410" in (await post.find(name)).why
    assert post.metrics.registry.get_sample_value("closeout_subscriptions_halted_total", {"state": "paused"}) == 1
    receiver.behaviour = accept
    await post.record(A)
    await asyncio.sleep(0.3)
    assert len(receiver.got) == 1
    await post.turn(name, "active")
    await until(lambda: len(receiver.taken) == 2)
    assert receiver.events() == [(A, 1), (A, 2)]


async def test_what_cannot_be_sent_is_a_failed_attempt(post: Post, receiver: Receiver) -> None:
    name = await post.subscribe(receiver, url=f"{receiver.url.rpartition(':')[0]}:99999/")
    for stream in (A, B):
        await post.record(stream)
    async with asyncio.timeout(10):
        while [one.attempts for one in await post.deliveries(name)] != [1, 1]:
            await asyncio.sleep(0.02)
    assert (await post.find(name)).last_failure.startswith("It could not be sent: ")
    assert all(one.next_at is not None for one in await post.deliveries(name))


async def test_one_slow_receiver_delays_no_other(post: Post, receiver: Receiver) -> None:
    receiver.behaviour = hang
    async with receiving() as quick:
        slow = await post.subscribe(receiver)
        await post.subscribe(quick)
        for _ in range(5):
            await post.record(A)
        await until(lambda: len(quick.taken) == 5)
        assert receiver.taken == []
        async with asyncio.timeout(10):
            while not (await post.find(slow)).last_failure:
                await asyncio.sleep(0.02)
        assert (await post.find(slow)).last_failure == "The receiver did not answer within 1 seconds."


async def test_no_event_is_skipped_while_a_transaction_is_held_open(
    post: Post, receiver: Receiver, server: Server, owner: Connection
) -> None:
    """What a slow transaction commits late has an earlier position than what was committed before it."""
    await post.subscribe(receiver)
    slow = await asyncpg.connect(server.owner)
    try:
        transaction = slow.transaction()
        await transaction.start()
        await slow.execute("SELECT pg_current_xact_id()")
        for _ in range(3):
            await post.record(B)
        await asyncio.sleep(0.5)
        assert receiver.got == []  # they wait behind it, although they are committed
        digest = b"\0" * 32
        await slow.execute(
            """INSERT INTO closeout.events (
                tenant, stream, seq, event_id, type, v, command_id, command_index, request_sha256, actor, at,
                recorded_at, data_digest, prev, hash, salt, payload
            ) VALUES ($1, $2, 1, $3, 'opened', 1, 'c', 0, $4, 'anna', now(), now(), $4, $4, $4, $4, $5)""",
            post.tenant,
            A,
            uuid4(),
            digest,
            json.dumps({"data": {}, "received_at": None}).encode(),
        )
        await transaction.commit()
    finally:
        await slow.close()
    await until(lambda: len(receiver.taken) == 4)
    assert receiver.events(A) == [(A, 1)] and receiver.events(B) == [(B, 1), (B, 2), (B, 3)]


async def test_nothing_is_lost_under_many_writers(post: Post, receiver: Receiver) -> None:
    await post.subscribe(receiver)
    streams = [f"nonconformity/{n}" for n in range(12)]

    async def write(stream: str) -> None:
        for _ in range(5):
            await post.record(stream)

    await asyncio.gather(*(write(stream) for stream in streams))
    sent = [[(stream, seq) for seq in range(1, 6)] for stream in streams]
    # At least once: what a busy receiver answered too late comes another time, before what follows it.
    await until(lambda: [list(dict.fromkeys(receiver.events(stream))) for stream in streams] == sent)
    assert all(sorted(receiver.events(stream)) == receiver.events(stream) for stream in streams)


async def test_what_was_sent_comes_again_from_a_position_or_a_date(post: Post, receiver: Receiver) -> None:
    name = await post.subscribe(receiver)
    for _ in range(3):
        await post.record(A)
    await until(lambda: len(receiver.taken) == 3)
    database = post.ledger.database
    for place in (FIRST, await subscriptions.place_since(database, post.scope, datetime(2020, 1, 1, tzinfo=UTC))):
        receiver.taken.clear()
        await subscriptions.replayed(database, post.scope, name, place)
        await post.nudge(name)
        await until(lambda: len(receiver.taken) == 3)
        assert receiver.events() == [(A, 1), (A, 2), (A, 3)]
    receiver.taken.clear()
    [_, second, third] = await post.deliveries(name)
    await deliveries.again(database, post.scope, name, second.event_id)
    await post.nudge(name)
    await until(lambda: receiver.taken)
    assert receiver.events() == [(A, 2)]
    later = await subscriptions.place_since(database, post.scope, datetime.now(UTC) + timedelta(days=1))
    assert later > (await subscriptions.place_since(database, post.scope, third.recorded_at)) > FIRST


async def test_what_is_wanted_anew_while_it_is_under_way_comes_again(post: Post, receiver: Receiver) -> None:
    leave = asyncio.Event()

    async def late(_: Received) -> Response:
        await leave.wait()
        return Response(status_code=204)

    receiver.behaviour = late
    name = await post.subscribe(receiver)
    await post.record(A)
    await until(lambda: receiver.got)
    [one] = await post.deliveries(name)
    await deliveries.again(post.ledger.database, post.scope, name, one.event_id)
    leave.set()
    await until(lambda: len(receiver.taken) == 2)
    assert receiver.events() == [(A, 1), (A, 1)]


async def test_a_poisonous_event_can_be_left_behind(post: Post, receiver: Receiver) -> None:
    async def choosy(received: Received) -> Response:
        return Response(status_code=500 if received.event["data"]["seq"] == 1 else 204)

    receiver.behaviour = choosy
    name = await post.subscribe(receiver)
    await post.record(A)
    await post.record(A)
    await until(lambda: receiver.got)
    async with asyncio.timeout(10):
        while len(await post.deliveries(name)) < 2:
            await asyncio.sleep(0.02)
    [_, second] = await post.deliveries(name)
    await subscriptions.replayed(post.ledger.database, post.scope, name, read_position(second.position))
    await post.nudge(name)
    await post.record(A)
    await until(lambda: receiver.taken)
    assert receiver.events() == [(A, 3)]
    assert [one.state for one in await post.deliveries(name)][:2] == ["skipped", "skipped"]


async def test_both_secrets_sign_while_they_overlap(post: Post, receiver: Receiver) -> None:
    name = await post.subscribe(receiver)
    [old] = (await post.find(name)).secrets
    new = "whsec_" + base64.b64encode(b"n" * 32).decode()
    until_then = datetime.now(UTC) + timedelta(hours=1)
    await subscriptions.rotated(post.ledger.database, post.scope, name, new, until_then)
    await post.record(A)
    await until(lambda: receiver.taken)
    for secret in (old.secret, new):
        Webhook(secret).verify(receiver.taken[0].body, dict(receiver.taken[0].headers))
    # A minute ago: a delivery that is under way may have looked at the clock before this.
    ended = datetime.now(UTC) - timedelta(minutes=1)
    await subscriptions.rotated(post.ledger.database, post.scope, name, old.secret, ended)
    await post.record(A)
    await until(lambda: len(receiver.taken) == 2)
    assert len(receiver.taken[1].headers["webhook-signature"].split()) == 2  # `new` has ended, `old` twice


async def test_a_test_event_is_sent_once_even_while_paused(post: Post, receiver: Receiver) -> None:
    receiver.behaviour = answering(500)
    name = await post.subscribe(receiver)
    await post.turn(name, "paused")
    await post.record(A)
    at = await subscriptions.now_place(post.ledger.database, post.scope)
    entered = await deliveries.tried(post.ledger.database, post.scope, name, uuid4(), at)
    assert entered is not None
    await post.nudge(name)
    await until(lambda: receiver.got)
    assert receiver.got[0].event["type"] == "closeout.test"
    async with asyncio.timeout(10):
        while [one.state for one in await post.deliveries(name)] != ["failed"]:
            await asyncio.sleep(0.02)
    assert len(receiver.got) == 1


async def test_it_goes_on_in_a_new_run_before_its_history_grows_long(
    real: WorkflowEnvironment, postgres: PostgresLedger, tenant: str, receiver: Receiver
) -> None:
    async with posting(real, postgres, tenant, attention=timedelta()) as post:
        name = await post.subscribe(receiver)
        handle = post.env.client.get_workflow_handle(f"subscription/{tenant}/{name}")
        first = (await handle.describe()).run_id
        async with asyncio.timeout(30):
            while (await handle.describe()).run_id == first:
                await asyncio.sleep(0.05)
        await post.record(A)
        await until(lambda: receiver.taken)


async def test_the_sweep_finds_what_nobody_looks_after(post: Post, receiver: Receiver) -> None:
    lost = await post.subscribe(receiver, id=str(uuid4()), state="active")
    await post.turn(lost, "paused")
    await asyncio.sleep(0.3)
    streams = {stream for name, stream in await post.ledger.owing(FAR) if name == post.tenant}
    assert streams == set()
    await subscriptions.turned(post.ledger.database, post.scope, lost, "active")
    streams = {stream for name, stream in await post.ledger.owing(FAR) if name == post.tenant}
    assert streams == {f"subscription/{lost}"}
    assert (post.tenant, f"subscription/{lost}") not in await post.ledger.owing(datetime.now(UTC))
    await sweep(post.ledger, post.engine, FAR)
    await post.record(A)
    await until(lambda: receiver.taken)


async def test_one_who_was_relieved_changes_nothing_more(post: Post, receiver: Receiver) -> None:
    name = await post.subscribe(receiver)
    await post.turn(name, "paused")
    await asyncio.sleep(0.2)
    database = post.ledger.database
    first = await subscriptions.begin(database, post.tenant, name)
    assert first is not None
    old = deliveries.Turn(database, post.tenant, name, first.turn)
    assert (await old.look()).state == "paused"
    await subscriptions.begin(database, post.tenant, name)
    assert (await old.look()).state is None
    assert not await old.take(first.place, (1, 1, 1), [])
    assert not await old.halt("parked", "too late")
