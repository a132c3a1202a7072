"""What a ledger does. `postgres.py` and `memory.py` do it under the same contract tests."""

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Protocol
from uuid import UUID

from pydantic import BaseModel

from workflows.decider import Answer, Client, Command, Facts, Wants
from workflows.findings import Part
from workflows.people import Frozen
from workflows.stubs import Due

GENESIS = "0" * 64
"""The `prev` of a stream's first event."""

START = 0
"""What a stream owes, beside events, that was born alive by a report: the start of its workflow."""


@dataclass(frozen=True, slots=True)
class Viewer:
    """Somebody who sees less than all of a body: what names one of their badges (`activities.badges`).

    To `badges` come, each time they look, those of the audits that one of `team` is on, of the cases in whose reviews
    the person `member` sits or is recused, and of what is granted to the person `grantee` then.
    """

    badges: frozenset[str] = frozenset()
    team: frozenset[str] = frozenset()
    member: str | None = None
    grantee: str | None = None

    @property
    def told(self) -> str:
        """As `closeout.narrow` takes it: JSON."""
        sets = {"badges": sorted(self.badges), "team": sorted(self.team)}
        return json.dumps({**sets, "member": self.member, "grantee": self.grantee})


@dataclass(frozen=True, slots=True)
class Scope:
    """Who reads: a tenant, and for client people their client; or, on the body's side, a viewer.

    With neither, it sees all of the tenant.
    """

    tenant: str
    client: str | None = None
    viewer: Viewer | None = None

    @property
    def entry(self) -> tuple[str, str | None, str | None]:
        """What `closeout.enter` takes."""
        return self.tenant, self.client, None if self.viewer is None else self.viewer.told

    @property
    def whole(self) -> "Scope":
        """The same on which no viewer looks: a client, or all of the body."""
        return Scope(self.tenant, self.client)


class Recorded(Frozen):
    """One event as stored: the envelope that is hashed, `hash` itself, and the payload.

    `hash` is the SHA-256 of the canonical JSON (RFC 8785) of the envelope without `hash`; `data_digest` is the SHA-256
    of salt and canonical payload bytes, so that an erased payload leaves the chain verifiable. The payload is `data`,
    `received_at` (when the API took the request; None for what came otherwise) and `request_sha256` (the digest of the
    request); `salt` is hexadecimal. Once erased, `data`, `received_at` and `salt` are None. `position` is opaque and
    ordered; it is no part of the envelope.
    """

    tenant: str
    stream: str
    seq: int
    event_id: UUID
    type: str
    v: int
    command_id: str
    actor: str
    at: datetime
    recorded_at: datetime
    data_digest: str
    prev: str
    hash: str
    data: dict[str, Any] | None
    received_at: datetime | None
    request_sha256: str
    salt: str | None
    position: str


@dataclass(frozen=True, slots=True)
class Stream:
    """A stream as it stands: `owed` holds the sequence numbers of events whose reactions are not done, and START.

    `last_at` is the instant of the last event, None before the first. `client` is the one whose it is, as the registry
    knew it when this was read; it is no part of the stream, and compares with nothing.
    """

    tenant: str
    name: str
    seq: int
    head: str
    state: BaseModel
    last_at: datetime | None
    next_wakeup: datetime | None
    owed: tuple[int, ...]
    lives: bool
    client: Client | None = field(default=None, compare=False)

    def moment(self, now: datetime) -> datetime:
        """The deciding instant at the present one: never before the last event."""
        return now if self.last_at is None else max(now, self.last_at)


@dataclass(frozen=True, slots=True)
class Met:
    """What a command meets: its stream, and what was `recorded` of it, where the stream holds it already."""

    stream: Stream
    recorded: Answer | None = None


@dataclass(frozen=True, slots=True)
class Word:
    """What a report says to a case that is open already: by which `command`, with the report's own body.

    `said` is the digest of what is said, the same for the same; `at` is when the source says that it was so, None
    where it states no instant. What is not `whole` says nothing of the rest: what its source says in all is known only
    once the case was told.
    """

    command: str
    said: str
    at: datetime | None = None
    whole: bool = True


@dataclass(frozen=True, slots=True)
class Report:
    """One finding from a source, to be recorded once: `(source, external_id)` is its identity within a tenant.

    `stream` is the name under which a new case would be opened, `command` the report itself. A case that is open is
    told the `word`, unless its source said that last, or said something newer; without one it is told nothing. What
    does not `opens` a case, because the source finds it no more, is told to an open one or to none. `client` is the key
    of the one whose finding it is, None where nobody says: a case of another client hears nothing and is not named.
    """

    source: str
    external_id: str
    stream: str
    command: Command
    word: Word | None = None
    opens: bool = True
    client: str | None = None


@dataclass(frozen=True, slots=True)
class Mention:
    """A report that is not made: what of it tells what would become of it, each as a Report has it.

    `part` is what of a finding the word is about, where it is not whole.
    """

    source: str
    external_id: str
    word: Word
    opens: bool
    client: str | None
    part: Part | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a report, and where its case is; none where it was `skipped`, which is no answer either."""

    result: Literal["created", "duplicate", "updated", "recurred", "skipped", "rejected"]
    stream: str | None
    answer: Answer | None


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that `verify` found wrong."""

    tenant: str
    stream: str
    seq: int
    what: str


@dataclass(frozen=True, slots=True)
class Head:
    """Where a stream ends: the sequence number and the hash of its last event."""

    seq: int
    head: str


@dataclass(frozen=True, slots=True)
class Verification:
    """What was verified of a tenant and what was wrong: an empty `faults` means that the record proves itself.

    A tail that was cut off leaves no trace in what is left: `heads` are for whoever keeps them elsewhere (ADR 7).
    """

    tenant: str
    streams: int
    events: int
    faults: Sequence[Fault] = ()
    heads: Mapping[str, Head] = field(default_factory=dict)


class Unavailable(Exception):
    """The ledger cannot answer now (connection lost, pool exhausted, lock not had in time): safe to repeat."""


class Ledger(Protocol):
    """The truth. All times are aware and UTC; `tenant` and `stream` name a stream (`kind/id`)."""

    async def transact(self, tenant: str, stream: str, command: Command, now: datetime) -> Answer:
        """Locks the stream, answers a repeat, else decides, appends and projects in one transaction.

        The deciding instant is `now`, moved up to the stream's last event. A refusal is an answer and leaves no event.
        """
        ...

    async def wake(self, tenant: str, stream: str, due: datetime, now: datetime) -> Answer:
        """Records what the clock causes at `now`, under the command id `w:{seq}:{due}`; nothing if it is not yet time.

        `seq` in that id is the stream's sequence number before the wake-up.
        """
        ...

    async def standing(self, tenant: str, stream: str) -> Answer | None:
        """Where a stream is, without events; None for a stream that the ledger does not know."""
        ...

    async def load(self, scope: Scope, stream: str) -> Stream | None:
        """A stream with its state, if the scope sees it."""
        ...

    async def history(self, scope: Scope, stream: str, after: int = 0, limit: int = 10_000) -> Sequence[Recorded]:
        """The events of a stream in order, with `seq` beyond `after`."""
        ...

    async def meet(self, scope: Scope, stream: str, command: Command) -> Met | None:
        """A stream with its state, if the scope sees it, and the answer to a command id that it holds already.

        That is `key_reused` when the request differs.
        """
        ...

    async def facts(self, scope: Scope, wants: Wants) -> Facts:
        """The facts outside a stream, for the early check; a number is the one that would come next."""
        ...

    async def owed(self, tenant: str, stream: str) -> Sequence[Recorded]:
        """The events whose reactions are not done, in order."""
        ...

    async def settle(self, tenant: str, stream: str, seqs: Sequence[int]) -> Answer:
        """Takes events out of `owed`; answers the stream's standing."""
        ...

    async def report(self, tenant: str, reports: Sequence[Report], now: datetime) -> Sequence[Outcome]:
        """Records findings, each once; an unknown reference opens a case, one whose case is closed a linked recurrence.

        A case that is open learns what its source says otherwise than before.
        One refused report loses no other. Outcomes come in the order of the reports.
        """
        ...

    async def feed(self, scope: Scope, after: str | None, limit: int = 500) -> Sequence[Recorded]:
        """Events of the tenant by position, beyond `after`; skips none that a running transaction may still commit."""
        ...

    async def due(self, now: datetime, limit: int = 1000, after: Due | None = None) -> Sequence[Due]:
        """The living streams whose wake-up is past, of all tenants: the earliest first, beyond `after`.

        The last of a page asks for the next one. A stream whose wake-up moves meanwhile is told as it then stands; no
        other is told twice or left out.
        """
        ...

    async def owing(
        self, now: datetime, limit: int = 1000, after: tuple[str, str] | None = None
    ) -> Sequence[tuple[str, str]]:
        """`(tenant, stream)` of each stream that owes reactions or its start, by name, beyond `after`.

        Of what is kept beside the streams, too, what nobody looked after since `now`.
        """
        ...

    def verify(self, tenant: str | None = None) -> AsyncIterator[Verification]:
        """Checks chains, digests, heads, references, numbers and read models, tenant by tenant."""
        ...

    async def rebuild(self, tenant: str | None = None) -> int:
        """Folds every stream anew and projects it again; answers how many states differed from their fold."""
        ...

    async def refresh(self, tenant: str | None = None) -> int:
        """Folds and projects anew every stream whose state another version of its decider left; answers how many.

        A worker does it before it begins, so that the clocks of a new rule run in open cases too.
        """
        ...
