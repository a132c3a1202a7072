"""The protocol of a decider, and what passes between deciders, ledger, workflows and API.

A decider is the law of one kind of thing. It does no I/O, reads no clock and knows nothing of Temporal or Postgres, so
it runs the same in the API's early check, in the transaction, in a rebuild, in the simulator and in a property test.
"""

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, ClassVar, Literal, Protocol, TypeVar, cast
from zoneinfo import ZoneInfo

from pydantic import BaseModel, Field, PrivateAttr

from workflows.canonical import digest
from workflows.entries import AuditEntry, CaseEntry, CaseQuery, CertificateEntry
from workflows.people import Actor, Frozen, Message, Person
from workflows.policy_book import PolicyBook
from workflows.sentences import Sentence, Told

S = TypeVar("S", bound=BaseModel)
B = TypeVar("B", bound=BaseModel)


class Event(Frozen):
    """A fact. Stored events never change: a new shape is a new `v` with an upcaster from the old one."""

    type: ClassVar[str]
    v: ClassVar[int] = 1


@dataclass(frozen=True, slots=True)
class Happened:
    """An event with what its envelope says of it (`stream` is the stream's name); what `evolve` folds."""

    event: Event
    seq: int
    at: datetime
    actor: str
    stream: str


class Command(Message):
    """One request to one stream, as it travels from the API or a reaction to the transaction.

    `id` is the caller's idempotency key, `name` the command in snake case, `body` its JSON body, `received_at` the
    instant at which the API took it, `if_match` the sequence number that the caller saw last.
    """

    id: str
    name: str
    body: dict[str, Any] = Field(default_factory=dict)
    actor: Actor
    received_at: datetime | None = None
    if_match: int | None = None
    correlation_id: str = ""
    _read: tuple[type, object, BaseModel] | None = PrivateAttr(default=None)

    @classmethod
    def saying(cls, body: BaseModel, **said: Any) -> "Command":
        """A command whose body is a model already: it is not checked again."""
        command = cls(body=body.model_dump(mode="json"), **said)
        command._read = type(body), command.body, body
        return command

    def shaped(self, shape: type[B]) -> B:
        """The body as a model, checked once however often it is asked for. Raises pydantic's ValidationError."""
        # Past pydantic's own way to private attributes, which takes longer than all else here.
        read = (self.__pydantic_private__ or {}).get("_read")
        # By identity: a copy with another body takes what was read of this one along.
        if read is None or read[0] is not shape or read[1] is not self.body:
            read = self._read = shape, self.body, shape.model_validate(self.body)
        return cast("B", read[2])

    def digest(self) -> str:
        """What tells a repeat from another request under the same key: who asks for what, not when or how."""
        return digest([self.name, self.actor.id, self.body])


@dataclass(frozen=True, slots=True)
class Client:
    """What a decider may know of a client: its zone, where it is, its sites, its settings.

    `merged_into` is the key of the client that a duplicate was merged into.
    """

    key: str
    zone: str = "UTC"
    country: str | None = None
    subdivision: str | None = None
    sites: tuple[str, ...] = ()
    four_eyes: bool = True
    internal_confirmation: bool = False
    merged_into: str | None = None


@dataclass(frozen=True, slots=True)
class Wants:
    """The facts outside the stream that a command needs: loaded by the transaction, before it decides.

    `client` is a key of the client registry, `into` that of another client, `series` a gapless series of numbers (one
    per tenant), `committee` asks for the tenant's committee members, `people`, `audits` and `certificates` for all of
    `client`, `audit` is the key of one, whosever it is, `cases` asks for other nonconformities.
    """

    client: str | None = None
    into: str | None = None
    series: str | None = None
    committee: bool = False
    people: bool = False
    audit: str | None = None
    audits: bool = False
    certificates: bool = False
    cases: CaseQuery | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """The answers to `Wants`, with the policies of the installation; `team` are whom that `audit` names by id."""

    policies: PolicyBook
    client: Client | None = None
    into: Client | None = None
    number: int | None = None
    committee: Sequence[Person] = ()
    people: Sequence[Person] = ()
    audit: AuditEntry | None = None
    team: Sequence[Person] = ()
    audits: Sequence[AuditEntry] = ()
    certificates: Sequence[CertificateEntry] = ()
    cases: Sequence[CaseEntry] = ()


@dataclass(frozen=True, slots=True)
class Context:
    """Where and when a command is decided: `now` is the deciding instant, never before the stream's last event.

    `fresh` is how recently a signer must have authenticated; None where the installation does not ask for it.
    """

    tenant: str
    stream: str
    seq: int
    now: datetime
    actor: Actor
    facts: Facts
    received_at: datetime | None = None
    fresh: timedelta | None = None

    @property
    def today(self) -> date:
        """The day that it is at the client; in UTC, where no client is known."""
        return self.now.astimezone(ZoneInfo(self.facts.client.zone if self.facts.client else "UTC")).date()


@dataclass(frozen=True, slots=True)
class Reaction:
    """A command that an event causes on another stream.

    `otherwise` is the command by which the event's own stream is told that the other one refused, if it has to know;
    its body is `told`.
    """

    stream: str
    name: str
    body: Mapping[str, Any] = field(default_factory=dict)
    otherwise: str | None = None

    def id(self, event_id: uuid.UUID, n: int) -> str:
        """The command id under which it is sent, the same at every try."""
        return f"r:{uuid.uuid5(event_id, f'{self.stream}#{n}')}"

    def told(self, refused: "Refused") -> dict[str, str]:
        """What `otherwise` says: which stream refused, and why."""
        return {"by": self.stream.partition("/")[2], "code": refused.code, "detail": refused.detail}


class Decider(Protocol[S]):
    """The law of one kind of thing."""

    kind: str
    state: type[S]
    version: int
    """Raised when the meaning or shape of `state` changes: stored states of another version are folded anew."""

    def initial(self) -> S:
        """The state before the first event."""
        ...

    def wants(self, state: S, command: Command, now: datetime) -> Wants:
        """Which facts from outside the stream `decide` needs."""
        ...

    def decide(self, state: S, command: Command, context: Context) -> Sequence[Event]:
        """The events that the command causes, at least one. Raises a `Refusal` that names the rule."""
        ...

    def evolve(self, state: S, happened: Happened) -> S:
        """The state after one more event."""
        ...

    def lives(self, state: S) -> bool:
        """Whether the stream needs a workflow: something can still happen to it by the clock."""
        ...

    def next_wakeup(self, state: S) -> datetime | None:
        """The next instant at which the clock alone changes something; one timer per stream."""
        ...

    def on_wakeup(self, state: S, now: datetime) -> Sequence[Event]:
        """What the clock causes at `now`; nothing when it is not yet time."""
        ...

    def react(self, state: S, happened: Happened) -> Sequence[Reaction]:
        """The commands that a recorded event causes on other streams."""
        ...

    def status(self, state: S) -> str:
        """The one word that answers say of the stream."""
        ...


RefusalKind = Literal["unknown", "invalid", "forbidden", "unauthenticated", "conflict", "stale"]


class Refused(Message):
    """A refusal as data: `code` is the rule's stable name, `detail` a sentence fit for the user."""

    kind: RefusalKind
    code: str
    detail: Told
    pointer: str | None = None


class Refusal(Exception):
    """A command that the rules do not allow: one subclass a rule, with a stable code and a sentence.

    `says` is a format string over the keyword arguments. `kind` decides the HTTP status (CONTRACT, statuses).
    """

    kind: ClassVar[RefusalKind] = "conflict"
    code: ClassVar[str]
    says: ClassVar[str]

    def __init__(self, pointer: str | None = None, **facts: object) -> None:
        self.pointer = pointer
        self.sentence = Sentence(self.says, **facts)
        super().__init__(self.sentence)

    def data(self) -> Refused:
        """This refusal as it travels."""
        return Refused(kind=self.kind, code=self.code, detail=self.sentence, pointer=self.pointer)


class Entry(Message):
    """One recorded event as a command's answer names it."""

    seq: int
    type: str
    v: int
    at: datetime
    actor: str
    hash: str


class Answer(Message):
    """What became of a command: recorded or refused, and what the stream's workflow needs to go on.

    `repeated` says that the ledger already held the command; the rest is then as it was recorded, except `stream_seq`
    (the stream's last sequence number), `next_wakeup`, `owes` and `lives`, which are always the present ones.
    """

    seq: int
    status: str
    events: tuple[Entry, ...] = ()
    head: str
    refusal: Refused | None = None
    repeated: bool = False
    stream_seq: int = 0
    next_wakeup: datetime | None = None
    owes: bool = False
    lives: bool = False


def stream_of(kind: str, id: str) -> str:
    """The name of a stream: its kind and its id."""
    return f"{kind}/{id}"


def kind_of(stream: str) -> str:
    """The kind in a stream's name."""
    return stream.partition("/")[0]


@dataclass(frozen=True, slots=True)
class Registry:
    """The deciders by kind, and how a stored event becomes one again: `decode(type, v, data)`."""

    deciders: Mapping[str, Decider[Any]]
    decode: Callable[[str, int, Mapping[str, Any]], Event]

    def of(self, stream: str) -> Decider[Any]:
        """The decider of a stream; KeyError for a kind that nobody decides."""
        return self.deciders[kind_of(stream)]
