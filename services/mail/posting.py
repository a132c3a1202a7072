"""The activity that looks after a tenant's mailing: reads the feed, enters whom it concerns, and writes to them.

What is to be written is entered before it is sent, once for each person and event, and noted after. A crash between
sending and noting sends again, under the same Message-ID.
"""

import asyncio
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog
from temporalio import activity

from activities.beats import beating
from activities.directory import mail
from activities.directory.mail import Look, Mail, MailTurn
from activities.ledger import rows
from activities.ledger.database import Database
from activities.ledger.protocol import Ledger, Recorded, Scope
from activities.metrics import Metrics
from services.mail.concerns import CONCERNS
from services.mail.deciding import told
from services.mail.gathering import Gathering
from services.mail.outages import Probes
from services.mail.relay import Relay
from services.mail.sending import Sending
from services.subscriptions.delivering import Clock
from workflows.policy_book import PolicyBook
from workflows.stubs import Address, Attended

STREAM = "mailing/mail"
"""The stream whose life the workflow of a tenant's mailing is."""

PAGE = 200
"""Events that are read from the feed, and mails that are sent, at a time."""

BACK = timedelta(hours=1)
"""A new mailing begins with what was recorded since then: it tells of nothing old."""

KEPT = timedelta(days=90)
"""How long it is kept what became of a mail."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Mailing:
    """Writes to people by a mail server; without one, nobody is looked after.

    It looks at the feed every `poll`, for as long as `attention`, and is content to be looked at again after `rest`.
    """

    database: Database
    ledger: Ledger
    policies: PolicyBook
    metrics: Metrics
    relay: Relay | None
    url: str
    poll: timedelta = timedelta(seconds=2)
    attention: timedelta = timedelta(seconds=20)
    rest: timedelta = timedelta()
    probes: Probes = field(default_factory=Probes)
    chance: Callable[[], float] = random.random

    def activities(self) -> list[Callable[..., Any]]:
        """What a worker registers."""
        return [self.mail]

    @activity.defn(name="mail")
    async def mail(self, address: Address) -> Attended:
        """Looks after a mailing for a while. Raises Unavailable, to be tried again, while the ledger is away."""
        if self.relay is None:
            return Attended(lives=False)
        async with beating():
            turn = await mail.begin(self.database, address.tenant, datetime.now(UTC) - BACK)
            await turn.prune(datetime.now(UTC) - KEPT)
            return await _Attendance(self, self.relay, turn).attend()


@dataclass(slots=True)
class _Attendance:
    """One run of the activity."""

    by: Mailing
    relay: Relay
    turn: MailTurn
    clock: Clock = field(default_factory=Clock)

    async def attend(self) -> Attended:
        """Until there is nothing to do for longer than its attention lasts, or another worker took over."""
        until = self.clock.now() + self.by.attention
        while (look := await self.turn.look()) is not None:
            took = await self._take(look)
            acted = await self._send(look) or took  # a feed that never rests holds up no mail
            now = self.clock.now()
            if activity.is_worker_shutdown() or (now >= until and acted):
                return Attended(lives=True)
            if not acted and now >= until:
                return await self._leave(look, now)
            if not acted:
                await asyncio.sleep(self.by.poll.total_seconds())
        return Attended(lives=True)

    async def _leave(self, look: Look, now: datetime) -> Attended:
        wait = self.by.rest
        due_at = now if look.waiting else look.next_at
        if due_at is not None:
            wait = min(wait, max(max(due_at, look.probe_at or due_at) - now, timedelta()))
        if wait > timedelta():
            await self.turn.rest(now + wait)
        return Attended(lives=True, wait=wait.total_seconds())

    async def _take(self, look: Look) -> bool:
        """Enters what is to be written because of what the feed holds beyond the position; whether it held any."""
        if not look.fresh:
            return False
        page = await self.by.ledger.feed(Scope(self.turn.tenant), rows.position(*look.place), PAGE)
        mails = await self._decided([event for event in page if event.type in CONCERNS])
        if await self.turn.take(look.place, rows.reached(page, PAGE, look.end), mails):
            for one in mails:
                if one.state == "unaddressed":
                    self._unaddressed(one)
        return True

    async def _decided(self, events: Sequence[Recorded]) -> list[Mail]:
        if not events:
            return []
        gathering = Gathering(self.by.database, self.by.ledger, self.by.policies, self.turn.tenant, self.clock.now())
        found: list[Mail] = []
        for happening in await gathering.happenings(events):
            try:
                found += told(happening)
            except Exception:
                # A boundary: raised, it would fail the activity each time it comes to the event, and nobody would be
                # told of anything any more.
                self.by.metrics.mailed("failed")
                event = happening.event
                log.exception(
                    "event not told", tenant=self.turn.tenant, stream=event.stream, event_id=str(event.event_id)
                )
        return found

    async def _send(self, look: Look) -> bool:
        """Sends what is due; whether there was anything. A server that takes nothing is left alone until its time."""
        now = self.clock.now()
        if look.probe_at is not None and look.probe_at > now:
            return False
        if not look.waiting and (look.next_at is None or look.next_at > now):
            return False
        due = await self.turn.due(now, PAGE)
        if not due:
            return False
        sendable = await self._addressed(due)
        if not sendable:
            return True
        by = self.by
        sending = Sending(
            self.relay, self.turn, by.metrics, by.url, by.probes, by.chance, self.clock, look.failing_since
        )
        await sending.send(sendable)
        return True

    async def _addressed(self, due: Sequence[Mail]) -> list[tuple[Mail, mail.Contact]]:
        """Mails with whom they go to as they are known now; what no longer is theirs, or reaches nobody, is noted."""
        found = await mail.contacts(self.by.database, self.turn.tenant, None, {one.person for one in due})
        known = {one.person.id: one for one in found}
        sendable, others = [], []
        for one in due:
            contact = known.get(one.person)
            if contact is None or contact.left or contact.person.client != one.org:
                others.append(one.model_copy(update={"state": "withdrawn", "failure": "No longer theirs to know."}))
            elif contact.person.email is None:
                others.append(one.model_copy(update={"state": "unaddressed"}))
            else:
                sendable.append((one, contact))
        if others:
            await self.turn.note(others)
        return sendable

    def _unaddressed(self, one: Mail) -> None:
        self.by.metrics.mailed("unaddressed")
        log.warning(
            "nobody to write to",
            tenant=self.turn.tenant,
            person=one.person,
            event_id=str(one.event_id),
            why=one.failure or "They have no mail address.",
        )
