"""A turn at the mail server: sends what is due, and tells what befalls one mail from an outage of the server.

A mail that is refused or put off alone uses a try. A server that takes nothing uses none: all that is due waits as it
is, and nothing more is sent until the server is asked again (`services.mail.outages`). It takes nothing where it cannot
be reached or says that it goes (421), and where it puts off or loses the mails of several people, and takes none.
"""

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from email.message import EmailMessage

import structlog

from activities.directory.mail import Contact, Mail, MailTurn
from activities.metrics import Metrics
from services.mail.bundling import bundles, name_of
from services.mail.composing import Composer, Letter
from services.mail.notices import Notice
from services.mail.outages import Probes
from services.mail.relay import Away, Later, Lost, Refused, Relay, Session, is_of_mailbox
from services.subscriptions import backoff
from services.subscriptions.delivering import Clock

SAMPLE = 3
"""Where a server puts off or loses so many mails one after the other, the turn ends: the rest is not tried."""

log = structlog.get_logger()


@dataclass(slots=True)
class Sending:
    """One turn; `failing_since` is since when the server took nothing before it. Links in mails begin with `url`."""

    relay: Relay
    turn: MailTurn
    metrics: Metrics
    url: str
    probes: Probes
    chance: Callable[[], float]
    clock: Clock
    failing_since: datetime | None
    _took: bool = False
    _doubtful: list[tuple[Sequence[Mail], str]] = field(default_factory=list)
    """What the server put off or lost since it took a mail, each with why: it may be the mail, or the server."""

    async def send(self, sendable: Sequence[tuple[Mail, Contact]]) -> None:
        """Sends mails in their order, and notes what became of them."""
        left = deque(bundles([one for one, _ in sendable]))
        people = {one.person: contact for one, contact in sendable}
        try:
            while left and not self._is_over:
                async with self.relay.session() as session:
                    await self._over(session, left, people)
            await self._judge()
        except Away as away:
            await self._away(str(away))

    async def _over(self, session: Session, left: deque[Sequence[Mail]], people: Mapping[str, Contact]) -> None:
        """Sends over one connection, until it is lost: what comes behind that mail has another one. Raises Away."""
        while left and not self._is_over:
            if not await self.turn.claim(left[0], self.clock.now()):
                left.clear()  # somebody else looks after them now
                return
            mails = left.popleft()
            try:
                await self._write(session, mails, people[mails[0].person])
            except Lost as lost:
                self._doubt(mails, str(lost))
                return

    async def _write(self, session: Session, mails: Sequence[Mail], to: Contact) -> None:
        """Sends one mail and notes what became of it. Raises Away, Lost."""
        try:
            message = self._composed(mails, to)
        except Exception as failed:
            # A boundary: raised, it would fail the activity each time it comes to these mails, and nobody would be told
            # of anything any more.
            log.exception("mail not composed", tenant=self.turn.tenant, event_id=str(mails[0].event_id))
            await self._failed(mails, f"It could not be written: {type(failed).__name__}.", final=True)
            return
        try:
            await session.send(message, to.person.email or "")
        except Later as later:
            if is_of_mailbox(str(later)):
                await self._failed(mails, str(later), final=False)
            else:
                self._doubt(mails, str(later))
        except Refused as refused:
            await self._failed(mails, str(refused), final=True)
        else:
            await self._sent(mails)

    def _composed(self, mails: Sequence[Mail], to: Contact) -> EmailMessage:
        composer = Composer(self.relay.sender, self.url)
        letter = Letter(name_of(mails), [Notice.model_validate_json(one.notice) for one in mails])
        return composer.compose(self.turn.tenant, letter, to.person, self.clock.now())

    async def _sent(self, mails: Sequence[Mail]) -> None:
        done = {"state": "sent", "tries": 0, "next_at": None, "failure": ""}
        await self.turn.note([one.model_copy(update=done) for one in mails])
        self.metrics.mailed("sent", len(mails))
        if not self._took:
            await self.turn.took(self.clock.now(), self.failing_since)
            self.metrics.mail_server("took")
            self._took = True
        await self._blame()

    def _doubt(self, mails: Sequence[Mail], why: str) -> None:
        self._doubtful.append((mails, why))

    @property
    def _is_over(self) -> bool:
        return len(self._doubtful) >= SAMPLE

    async def _judge(self) -> None:
        """What came of a turn whose last mails were put off. Raises Away where it is the server."""
        if self._doubtful and not self._took:
            others = () if self.failing_since else await self.turn.put_off()
            unserved = {mails[0].person for mails, _ in self._doubtful}
            unserved |= {person for person, why in others if not is_of_mailbox(why)}
            if self.failing_since or len(unserved) > 1:
                raise Away(self._doubtful[-1][1])
        await self._blame()

    async def _blame(self) -> None:
        """It was these mails, and not the server, which took others: each uses a try."""
        for mails, why in self._doubtful:
            await self._failed(mails, why, final=False)
        self._doubtful.clear()

    async def _away(self, why: str) -> None:
        """Notes that the server takes no mail, and when it is asked again."""
        now = self.clock.now()
        since = now if self._took or self.failing_since is None else self.failing_since
        log.warning("mail server away", tenant=self.turn.tenant, server=self.relay.name, since=since, error=why)
        self.metrics.mail_server("away")
        await self.turn.failed(since, why, self.probes.next_at(since, now, self.chance()))

    async def _failed(self, mails: Sequence[Mail], why: str, *, final: bool) -> None:
        now, noted = self.clock.now(), []
        for one in mails:
            wait = None if final else backoff.wait(one.tries + 1, self.chance())
            became = {"tries": one.tries + 1, "failure": why, "next_at": None if wait is None else now + wait}
            noted.append(one.model_copy(update={**became, "state": "parked" if wait is None else "pending"}))
        await self.turn.note(noted)
        for one in noted:
            told_of = {"tenant": self.turn.tenant, "person": one.person, "event_id": str(one.event_id), "error": why}
            self.metrics.mailed("failed")
            if one.state == "parked":
                self.metrics.mailed("parked")
                log.error("mail parked", tries=one.tries, **told_of)
            else:
                log.warning("mail not sent", tries=one.tries, **told_of)
