"""The outbox of mail: what each person is to be told of each event, and what became of it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time
from typing import Literal
from uuid import UUID

from activities.directory.subscriptions import LAST, place_since
from activities.ledger.database import Database
from activities.ledger.protocol import Scope
from activities.ledger.queries import query
from activities.ledger.rows import Position
from workflows.people import Frozen, Person

Mode = Literal["immediate", "digest", "off"]
DIGEST_AT = time(7)
"""When a digest is sent, in its reader's zone."""

Kind = Literal["cases", "dates", "talk", "breach", "committee", "certificate"]
"""What a mail is about: what happens to a case, its dates, questions and remarks on it; a missed date, the committee,
a certificate."""

FIXED: frozenset[Kind] = frozenset({"breach", "committee", "certificate"})
"""What everybody whom it concerns is told at once: rights and the certificate hang on it."""

Became = Literal["pending", "sent", "parked", "unaddressed", "withdrawn"]


class Modes(Frozen):
    """How somebody is told of each kind of which they may choose."""

    cases: Mode = "immediate"
    dates: Mode = "immediate"
    talk: Mode = "immediate"

    def of(self, kind: Kind) -> Mode:
        """How they are told of a kind."""
        match kind:
            case "cases":
                return self.cases
            case "dates":
                return self.dates
            case "talk":
                return self.talk
            case "breach" | "committee" | "certificate":
                return "immediate"


@dataclass(frozen=True, slots=True)
class Contact:
    """A person who may be written to: how they want to be told, and in which zone they read dates.

    Who has left is known, and not written to.
    """

    person: Person
    modes: Modes = field(default_factory=Modes)
    zone: str | None = None
    left: bool = False


class Mail(Frozen):
    """What one person is told of one event; `notice` is the text of a Notice (`services.mail.notices`).

    `org` is the client as one of whose people they are told. Of what is pending, `next_at` None is at once.
    """

    event_id: UUID
    person: str
    org: str | None = None
    position: str = ""
    notice: str
    digest: bool = False
    state: Became = "pending"
    tries: int = 0
    next_at: datetime | None = None
    failure: str = ""


@dataclass(frozen=True, slots=True)
class Look:
    """Where a mailing is; whether the feed goes on, whether a mail waits for no instant, and when the next one is due.

    All up to `end` was committed or never will be. `failing_since` is since when the server takes no mail,
    and `probe_at` when it is asked again, both None while it does.
    """

    place: Position
    fresh: bool
    waiting: bool
    next_at: datetime | None
    end: Position
    failing_since: datetime | None
    probe_at: datetime | None


@dataclass(frozen=True, slots=True)
class Standing:
    """How a tenant's mail does: how many mails are in each state, and since when and why the server takes none."""

    mails: Mapping[str, int]
    failing_since: datetime | None = None
    failure: str = ""
    last_success_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class MailTurn:
    """A worker's hold on a tenant's mailing: what it does after another took over changes nothing."""

    database: Database
    tenant: str
    number: int

    async def look(self) -> Look | None:
        """Whether there is anything to do; None for who was relieved. Raises Unavailable, as all of these do."""
        async with self.database.entered(self.tenant) as connection:
            row = await connection.fetchrow(query("mailing_look"), self.tenant, self.number)
        if row is None:
            return None
        place, end = (row["epoch"], row["xid"], row["n"]), (row["present"], row["horizon"] - 1, LAST)
        server = row["failing_since"], row["probe_at"]
        return Look(place, row["fresh"], row["waiting"], row["next_at"], end, *server)

    async def take(self, was: Position, to: Position, mails: Sequence[Mail]) -> bool:
        """Moves on to a position and enters mails, each once; False where another worker moved it meanwhile."""
        async with self.database.entered(self.tenant) as connection:
            moved: bool = await connection.fetchval(
                query("mailing_take"),
                self.tenant,
                self.number,
                *to,
                *was,
                [one.event_id for one in mails],
                [one.person for one in mails],
                [one.org for one in mails],
                [one.position for one in mails],
                [one.notice for one in mails],
                [one.digest for one in mails],
                [one.state for one in mails],
                [one.next_at for one in mails],
            )
        return moved

    async def due(self, now: datetime, most: int) -> Sequence[Mail]:
        """What is to be sent by an instant, person by person."""
        async with self.database.entered(self.tenant) as connection:
            found = await connection.fetch(query("mail_next"), self.tenant, now, most)
        return [Mail(**dict(row)) for row in found]

    async def claim(self, mails: Sequence[Mail], now: datetime) -> bool:
        """Begins an attempt at mails of one person; False where somebody else looks after them now."""
        events = [one.event_id for one in mails]
        async with self.database.entered(self.tenant) as connection:
            found: int = await connection.fetchval(
                query("mail_claim"), self.tenant, self.number, mails[0].person, events, now
            )
        return found == len(mails)

    async def note(self, mails: Sequence[Mail]) -> None:
        """Notes what became of mails."""
        async with self.database.entered(self.tenant) as connection:
            await connection.execute(
                query("mail_note"),
                self.tenant,
                [one.event_id for one in mails],
                [one.person for one in mails],
                [one.state for one in mails],
                [one.tries for one in mails],
                [one.next_at for one in mails],
                [one.failure for one in mails],
            )

    async def took(self, at: datetime, failing_since: datetime | None) -> None:
        """Notes that the server takes mail; after it took none, what it put off before is due at once."""
        await self._server(at, failing_since, "", None)

    async def failed(self, since: datetime, why: str, probe_at: datetime) -> None:
        """Notes that the server takes none, and when it is asked again."""
        await self._server(None, since, why, probe_at)

    async def put_off(self) -> Sequence[tuple[str, str]]:
        """Of whom mails were put off since the server took the last one, each with what it said."""
        async with self.database.entered(self.tenant) as connection:
            return [
                (row["person"], row["failure"]) for row in await connection.fetch(query("mail_put_off"), self.tenant)
            ]

    async def rest(self, until: datetime) -> None:
        """Notes until when nobody has to look after it."""
        async with self.database.entered(self.tenant) as connection:
            await connection.execute(query("mailing_rest"), self.tenant, self.number, until)

    async def prune(self, before: datetime) -> None:
        """Forgets mails that ended and were entered before an instant."""
        async with self.database.entered(self.tenant) as connection:
            await connection.execute(query("mail_prune"), self.tenant, before)

    async def _server(self, at: datetime | None, since: datetime | None, why: str, probe_at: datetime | None) -> None:
        async with self.database.entered(self.tenant) as connection:
            await connection.execute(query("mailing_note"), self.tenant, at, since, why, probe_at)


async def begin(database: Database, tenant: str, since: datetime) -> MailTurn:
    """Takes over a tenant's mailing from whoever had it; a new one begins with what was recorded since an instant."""
    number = await _begun(database, tenant)
    if number is None:
        place = await place_since(database, Scope(tenant), since)
        async with database.entered(tenant) as connection:
            await connection.execute(query("mailing_open"), tenant, *place)
        number = await _begun(database, tenant)
    return MailTurn(database, tenant, number or 0)


async def _begun(database: Database, tenant: str) -> int | None:
    async with database.entered(tenant) as connection:
        number: int | None = await connection.fetchval(query("mailing_begin"), tenant)
    return number


async def unattended(database: Database, now: datetime) -> Sequence[str]:
    """The tenants whose mailing nobody looks after. Raises Unavailable."""
    async with database.transaction() as connection:
        return [row["tenant"] for row in await connection.fetch(query("mailing_due"), now)]


async def contacts(
    database: Database, tenant: str, clients: Collection[str] | None, ids: Collection[str] | None = None
) -> Sequence[Contact]:
    """The certification body's people and those of these clients, None for all; of them those with these ids."""
    async with database.entered(tenant) as connection:
        rows = await connection.fetch(
            query("mail_contacts"),
            tenant,
            None if clients is None else list(clients),
            None if ids is None else list(ids),
        )
    return [
        Contact(
            Person(**{name: row[name] for name in Person.model_fields}),
            modes=Modes(**{name: row[name] for name in Modes.model_fields}),
            zone=row["zone"],
            left=row["left_at"] is not None,
        )
        for row in rows
    ]


async def standing(database: Database, tenant: str) -> Standing:
    """How a tenant's mail does. Raises Unavailable."""
    async with database.entered(tenant) as connection:
        counted = await connection.fetch(query("mail_standing"), tenant)
        row = await connection.fetchrow(query("mailing_find"), tenant)
    mails = {one["state"]: one["mails"] for one in counted}
    return Standing(mails) if row is None else Standing(mails, **dict(row))


async def retry(database: Database, tenant: str) -> int:
    """Has mails that were given up sent after all; answers how many. Raises Unavailable."""
    async with database.entered(tenant) as connection:
        found: int = await connection.fetchval(query("mail_retry"), tenant)
    return found
