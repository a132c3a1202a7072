"""The activity that looks after a subscription: takes events from the feed, sends them, and waits a while for more.

What is to be sent is entered before it is sent, and noted after: a crash in between sends it again, and loses nothing.
"""

import asyncio
import hashlib
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Any
from uuid import UUID

import structlog
from temporalio import activity

from activities.beats import beating
from activities.directory import deliveries, subscriptions
from activities.directory.deliveries import TEST, Attempt, Delivery, Lane, Look, Turn
from activities.directory.secret import good
from activities.directory.subscriptions import Subscription
from activities.ledger import rows
from activities.ledger.database import Database
from activities.ledger.protocol import Ledger, Recorded, Scope
from activities.metrics import Metrics
from services.subscriptions import backoff, envelopes, signing
from services.subscriptions.choosing import LENGTH, is_wanted, planned
from services.subscriptions.pace import Pace
from services.subscriptions.sending import GONE, Said, Sender
from workflows.stubs import Address, Attended

PAGE = 500
"""Events that are read from the feed at a time."""

WINDOW = 500
"""No more is taken while so many wait: a receiver that is away fills no table."""

LANE = 5.0
"""Seconds after which no further event of a stream is begun before it is noted what became of the others."""

KEPT = timedelta(days=30)
"""How long it is kept what became of a delivery."""

log = structlog.get_logger()


class Clock:
    """The present instant by the engine's clock, which in tests is a virtual one."""

    def __init__(self) -> None:
        self._began = activity.info().started_time
        self._mark = monotonic()

    def now(self) -> datetime:
        """The instant at which the activity was started, and what has passed since."""
        return self._began + timedelta(seconds=monotonic() - self._mark)


@dataclass(frozen=True, slots=True)
class Delivering:
    """Delivers from a ledger by a sender. `source` says whose events they are, by tenant.

    `pace` is that of all its subscriptions together. Each looks at the feed every `poll`, for as long as `attention`,
    and is content to be looked at again after `rest`.
    """

    database: Database
    ledger: Ledger
    sender: Sender
    metrics: Metrics
    source: Callable[[str], str]
    pace: Pace = field(default_factory=Pace)
    agent: str = "closeout"
    poll: timedelta = timedelta(seconds=1)
    attention: timedelta = timedelta(seconds=20)
    rest: timedelta = timedelta()
    chance: Callable[[], float] = random.random

    def activities(self) -> list[Callable[..., Any]]:
        """What a worker registers."""
        return [self.deliver]

    @activity.defn(name="deliver")
    async def deliver(self, address: Address) -> Attended:
        """Looks after a subscription for a while. Raises Unavailable, to be tried again, while the ledger is away."""
        async with beating():
            one = await subscriptions.begin(self.database, address.tenant, address.stream.partition("/")[2])
            if one is None:
                return Attended(lives=False)
            turn = Turn(self.database, address.tenant, one.id, one.turn)
            await turn.prune(datetime.now(UTC) - KEPT)
            return await _Attendance(self, turn, Clock()).attend()


@dataclass(slots=True)
class _Attendance:
    """One run of the activity. `next_at` is when the next of what failed is due, `pending` how much waits in all."""

    by: Delivering
    turn: Turn
    clock: Clock
    next_at: datetime | None = None
    is_full: bool = False
    pending: int = 0
    changed: bool = True

    async def attend(self) -> Attended:
        """Until there is nothing to do for longer than its attention lasts, or the subscription is no longer active."""
        until = self.clock.now() + self.by.attention
        while True:
            look = await self.turn.look()
            if look.state is None:
                return Attended(lives=False)
            acted = await self._send(look) or await self._take(look)
            if look.state != "active" and not acted:
                return Attended(lives=False)
            now = self.clock.now()
            if activity.is_worker_shutdown() or (now >= until and acted):
                return Attended(lives=True)
            if not acted and (now >= until or self.is_full):
                return await self._leave(now)
            if not acted:
                wait = self.by.poll if self.next_at is None else min(self.by.poll, self.next_at - now)
                await asyncio.sleep(max(wait.total_seconds(), 0.01))

    async def _leave(self, now: datetime) -> Attended:
        """To be called again when something is due; where others may come meanwhile, after the usual rest."""
        wait = self.by.rest
        if self.next_at is not None:
            wait = max(self.next_at - now, timedelta()) if self.is_full else min(wait, self.next_at - now)
        if wait > timedelta():
            await self.turn.rest(now + wait)
        return Attended(lives=True, wait=max(wait.total_seconds(), 0))

    async def _take(self, look: Look) -> bool:
        """Enters what the feed holds beyond the position; whether there was anything."""
        if look.state != "active" or not look.fresh or self.is_full or self.pending >= WINDOW:
            return False
        one = await self._subscription()
        if one is None:
            return False
        page = await self.by.ledger.feed(self._scope(one), rows.position(*look.place), PAGE)
        wanted = [event for event in page if is_wanted(one.types, one.kinds, event.type, event.stream)]
        await self.turn.take(look.place, rows.reached(page, PAGE, look.end), wanted)
        self.changed = True
        return True

    async def _send(self, look: Look) -> bool:
        """Sends what is due; whether there was anything."""
        now = self.clock.now()
        is_due = self.next_at is not None and self.next_at <= now
        if not (self.changed or look.waiting or is_due):
            return False
        lanes, self.pending = await self.turn.lanes(LENGTH)
        plan = planned([lane for lane in lanes if look.state == "active" or lane[0].type == TEST], now)
        self.next_at, self.is_full, self.changed = plan.next_at, plan.is_full, bool(plan.send)
        one = await self._subscription() if plan.send else None
        if one is None:
            return False
        recorded = await self._recorded(one, [each for lane in plan.send for each in lane])
        # Each lane is followed to its end, whatever becomes of the others: what was sent has to be noted.
        lanes_ended = await asyncio.gather(
            *(self._follow(one, lane, recorded) for lane in plan.send), return_exceptions=True
        )
        for ended in lanes_ended:
            if ended is not None:
                raise ended
        return True

    async def _recorded(self, one: Subscription, wanted: Lane) -> dict[UUID, Recorded]:
        """The events to send; those that the subscription's client no longer sees are given up."""
        recorded = await deliveries.events(self.by.database, self._scope(one), wanted)
        unseen = [each.event_id for each in wanted if each.type != TEST and each.event_id not in recorded]
        if unseen:
            await self.turn.skip(unseen)
        return recorded

    async def _follow(self, one: Subscription, lane: Lane, recorded: dict[UUID, Recorded]) -> None:
        """Sends the events of a stream in order, as far as they arrive, for a while."""
        until = monotonic() + LANE
        made: list[Attempt] = []
        for each in lane:
            if each.type == TEST or each.event_id in recorded:
                await self.by.pace.turn()
                made.append(await self._attempt(one, each, recorded))
            if made and (made[-1].failure or monotonic() > until):
                break
        if not made:
            return
        await self.turn.note(made)
        for attempt in made:
            self.by.metrics.delivered("failed" if attempt.failure else "delivered")
        if made[-1].failure:
            await self._failed(made[-1])

    async def _attempt(self, one: Subscription, delivery: Delivery, recorded: dict[UUID, Recorded]) -> Attempt:
        """Sends one event, and says what became of it.

        A boundary: whatever goes wrong here is a failed attempt at this event. Raised, it would fail the activity each
        time it comes to the event, and the subscription would neither go on nor be parked.
        """
        try:
            request, said = await self._post(one, delivery, recorded)
        except Exception as failed:
            log.exception("event not sendable", tenant=self.turn.tenant, subscription=one.id)
            request, said = {}, Said(None, error=f"It could not be sent: {type(failed).__name__}.")
        return self._became(delivery, request, said)

    async def _post(
        self, one: Subscription, delivery: Delivery, recorded: dict[UUID, Recorded]
    ) -> tuple[dict[str, Any], Said]:
        """What was sent, and what was said to it."""
        at, source = datetime.now(UTC), self.by.source(self.turn.tenant)
        if delivery.type == TEST:
            body = envelopes.trial(source, delivery.event_id, delivery.recorded_at, one.id)
        else:
            body = envelopes.event(source, recorded[delivery.event_id])
        headers = {
            "content-type": envelopes.MEDIA_TYPE,
            "user-agent": self.by.agent,
            **signing.signed(str(delivery.event_id), at, body, good(one.secrets, self.clock.now())),
        }
        said = await self.by.sender.post(one.url, headers, body)
        return {"headers": headers, "bytes": len(body), "sha256": hashlib.sha256(body).hexdigest()}, said

    def _became(self, delivery: Delivery, request: dict[str, Any], said: Said) -> Attempt:
        now = self.clock.now()
        answer = {"status": said.status, "head": said.head, "error": said.error, "ms": round(said.seconds * 1000)}
        if said.is_success:
            return Attempt(delivery, "delivered", 0, now, None, request, answer)
        tries = delivery.tries + 1
        if delivery.type == TEST:
            return Attempt(delivery, "failed", tries, now, None, request, answer, said.failure)
        wait = backoff.wait(tries, self.by.chance(), backoff.retry_after(said.headers, datetime.now(UTC)))
        next_at = None if wait is None else now + wait
        return Attempt(delivery, "pending", tries, now, next_at, request, answer, said.failure)

    async def _failed(self, attempt: Attempt) -> None:
        """Tells of a failure, and halts the subscription where it was the last, or its receiver is gone."""
        delivery = attempt.delivery
        log.warning(
            "event not delivered",
            tenant=self.turn.tenant,
            subscription=self.turn.id,
            event_id=str(delivery.event_id),
            attempt=delivery.attempts + 1,
            error=attempt.failure,
        )
        if attempt.state == "failed":
            return
        if attempt.answer["status"] == GONE:
            await self._halt("paused", "The receiver answered 410: it wants no more.")
        elif attempt.next_at is None:
            why = f"{attempt.tries} attempts at event {delivery.event_id} failed. {attempt.failure}"
            await self._halt("parked", why)

    async def _halt(self, state: subscriptions.State, why: str) -> None:
        if await self.turn.halt(state, why):
            self.by.metrics.halted(state)
            log.error("subscription halted", tenant=self.turn.tenant, subscription=self.turn.id, state=state, why=why)

    async def _subscription(self) -> Subscription | None:
        return await subscriptions.find(self.by.database, Scope(self.turn.tenant), self.turn.id)

    def _scope(self, one: Subscription) -> Scope:
        return Scope(self.turn.tenant, one.client)


def sources(url: str) -> Callable[[str], str]:
    """Whose events they are, by tenant, within the API that `url` reaches."""
    return lambda tenant: envelopes.source(url, tenant)
