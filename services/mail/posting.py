"""The activity that looks after a tenant's mailing: reads the feed, enters whom it concerns, and writes to them.

What is to be written is entered before it is sent, once for each person and event, and noted after. A crash between
sending and noting sends again, under the same Message-ID.
"""

import asyncio
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
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
from services.mail.bundling import bundles, name_of
from services.mail.composing import Composer, Letter
from services.mail.concerns import CONCERNS
from services.mail.deciding import told
from services.mail.gathering import Gathering
from services.mail.notices import Notice
from services.mail.relay import Away, Later, Refused, Relay, Session
from services.subscriptions import backoff
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
        if look.next_at is not None:
            wait = min(wait, max(look.next_at - now, timedelta()))
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
        """Sends what is due; whether there was anything."""
        now = self.clock.now()
        if not look.waiting and (look.next_at is None or look.next_at > now):
            return False
        due = await self.turn.due(now, PAGE)
        if not due:
            return False
        sendable = await self._addressed(due)
        if not sendable:
            return True
        left = list(bundles([one for one, _ in sendable]))
        people = {one.person: contact for one, contact in sendable}
        begun = took = False
        try:
            async with self.relay.session() as session:
                while left and await self.turn.claim(left[0], self.clock.now()):
                    begun = True
                    if await self._write(session, left[0], people[left[0][0].person]) and not took:
                        await self.turn.took(self.clock.now(), look.failing_since)
                        took = True
                    left.pop(0)
        except Away as away:
            # Lost over one mail, it is that mail that waits: what comes behind it has another connection.
            failed = left[:1] if begun else left
            await self._away([one for bundle in failed for one in bundle], str(away))
        return True

    async def _addressed(self, due: Sequence[Mail]) -> list[tuple[Mail, mail.Contact]]:
        """Mails with whom they go to as they are known now; what no longer is theirs, or reaches nobody, is noted."""
        found = await mail.contacts(self.by.database, self.turn.tenant, None, {one.person for one in due})
        known = {one.person.id: one for one in found}
        sendable, others = [], []
        for one in due:
            contact = known.get(one.person)
            if contact is None or contact.person.client != one.org:
                others.append(one.model_copy(update={"state": "withdrawn", "failure": "No longer theirs to know."}))
            elif contact.person.email is None:
                others.append(one.model_copy(update={"state": "unaddressed"}))
            else:
                sendable.append((one, contact))
        if others:
            await self.turn.note(others)
        return sendable

    async def _write(self, session: Session, mails: Sequence[Mail], to: mail.Contact) -> bool:
        """Sends one mail and notes what became of it; whether the server took it. Raises Away."""
        try:
            message = self._composed(mails, to)
        except Exception as failed:
            # A boundary, for the same reason.
            log.exception("mail not composed", tenant=self.turn.tenant, event_id=str(mails[0].event_id))
            await self._failed(mails, f"It could not be written: {type(failed).__name__}.", final=True)
            return False
        try:
            await session.send(message, to.person.email or "")
        except Later as later:
            await self._failed(mails, str(later), final=False)
            return False
        except Refused as refused:
            await self._failed(mails, str(refused), final=True)
            return False
        done = {"state": "sent", "tries": 0, "next_at": None, "failure": ""}
        await self.turn.note([one.model_copy(update=done) for one in mails])
        self.by.metrics.mailed("sent", len(mails))
        return True

    def _composed(self, mails: Sequence[Mail], to: mail.Contact) -> EmailMessage:
        composer = Composer(self.relay.sender, self.by.url)
        letter = Letter(name_of(mails), [Notice.model_validate_json(one.notice) for one in mails])
        return composer.compose(self.turn.tenant, letter, to.person, self.clock.now())

    async def _away(self, mails: Sequence[Mail], why: str) -> None:
        """Notes that the server takes no mail, and when each of these is tried again."""
        log.warning("mail server away", tenant=self.turn.tenant, server=self.relay.name, error=why)
        await self.turn.failed(self.clock.now(), why)
        await self._failed(mails, why, final=False)

    async def _failed(self, mails: Sequence[Mail], why: str, *, final: bool) -> None:
        now, noted = self.clock.now(), []
        for one in mails:
            wait = None if final else backoff.wait(one.tries + 1, self.by.chance())
            became = {"tries": one.tries + 1, "failure": why, "next_at": None if wait is None else now + wait}
            noted.append(one.model_copy(update={**became, "state": "parked" if wait is None else "pending"}))
        await self.turn.note(noted)
        for one in noted:
            told_of = {"tenant": self.turn.tenant, "person": one.person, "event_id": str(one.event_id), "error": why}
            self.by.metrics.mailed("failed")
            if one.state == "parked":
                self.by.metrics.mailed("parked")
                log.error("mail parked", tries=one.tries, **told_of)
            else:
                log.warning("mail not sent", tries=one.tries, **told_of)

    def _unaddressed(self, one: Mail) -> None:
        self.by.metrics.mailed("unaddressed")
        log.warning(
            "nobody to write to",
            tenant=self.turn.tenant,
            person=one.person,
            event_id=str(one.event_id),
            why=one.failure or "They have no mail address.",
        )
