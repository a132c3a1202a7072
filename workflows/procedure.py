"""A procedure as a table, a row a transition: from it come checks, routes, `allowed`, `signable`, diagram, docs."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Annotated, Any, ClassVar, Generic, TypeVar

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    Field,
    StringConstraints,
    ValidationError,
)

from workflows.canonical import digest
from workflows.decider import Command, Context, Event, Refusal
from workflows.people import CLIENT_SIDE, Actor, Authentication, Frozen, Role, named
from workflows.sentences import Fact, Sentence, Told
from workflows.shapes import faults


def _written(value: object) -> object:
    """Numbers are no dates, although a parser could take them for seconds since 1970."""
    if isinstance(value, int | float):
        raise ValueError(Sentence("a date is written as text"))  # noqa: TRY004 - pydantic wants a ValueError
    return value


FIRST, LAST = date(1970, 1, 1), date(2199, 12, 31)
"""The days between which audits lie: at the ends of the calendar there is no other zone and no later day."""


def _in_our_time(at: datetime) -> datetime:
    if not datetime(FIRST.year, 1, 1, tzinfo=UTC) <= at < datetime(LAST.year + 1, 1, 1, tzinfo=UTC):
        says = "A time between the years {first} and {last}, in UTC, is expected here."
        raise ValueError(Sentence(says, first=FIRST.year, last=LAST.year))
    return at


Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=20_000)]
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Key = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
Day = Annotated[date, Field(ge=FIRST, le=LAST), BeforeValidator(_written)]
"""A date as JSON writes it, YYYY-MM-DD, in years that audits are about."""

Instant = Annotated[AwareDatetime, BeforeValidator(_written), AfterValidator(_in_our_time)]
"""An instant as JSON writes it (RFC 3339), with its zone, in the same years."""

Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class Signature(Frozen):
    """What a signer sends: the digest of exactly what was seen (`signable`), and what the signature means."""

    content_sha256: Sha256
    meaning: Text


class Signed(Frozen):
    """A signature as recorded: who, over what, with which meaning, authenticated how and when."""

    by: str
    content_sha256: Sha256
    meaning: str
    authenticated: Authentication | None = None


class Body(Frozen):
    """The body of a command; its subclass names the command."""

    command: ClassVar[str]


class SignedBody(Body):
    """The body of a command that is signed."""

    signature: Signature


class WrongState(Refusal):
    """The command has no row for the present state."""

    code = "wrong_state"
    says = "{command} is possible while the {thing} is {states}; it is {status}."


class RoleMissing(Refusal):
    """The caller holds no role that the row names."""

    kind = "forbidden"
    code = "role"
    says = "{command} belongs to: {roles}."


class AnotherClient(Refusal):
    """A client's person acts on another client's case."""

    kind = "forbidden"
    code = "another_client"
    says = "This case belongs to another client."


class UnknownCommand(Refusal):
    """No row has this command."""

    kind = "unknown"
    code = "unknown_command"
    says = "There is no command {command}."


class BadShape(Refusal):
    """The body does not have the command's shape; the first field at fault is named."""

    kind = "invalid"
    code = "shape"
    says = "{field}: {problem}"


class MachineMaySign(Refusal):
    """A signature is a person's act (DESIGN section 6)."""

    kind = "forbidden"
    code = "machine_may_not_sign"
    says = "Only a person can sign {command}."


class StaleSignature(Refusal):
    """What is signed is no longer what the signer saw."""

    kind = "stale"
    code = "stale_signature"
    says = "The signature covers another content than the present one: read it again, then sign what you read."


class AnotherMeaning(Refusal):
    """What a signature means is said by the act, not by the signer: several acts sign the same content."""

    kind = "invalid"
    code = "another_meaning"
    says = "A signature on {command} means: {meaning}"


class AuthenticateAfresh(Refusal):
    """The signer's authentication is older than the installation allows."""

    kind = "unauthenticated"
    code = "authenticate_afresh"
    says = "Signing asks for an authentication within the last {seconds} seconds."


COMMON: tuple[type[Refusal], ...] = (UnknownCommand, WrongState, RoleMissing, BadShape)
"""What any command can be refused for, before its row's own guards."""

SIGNING: tuple[type[Refusal], ...] = (MachineMaySign, AuthenticateAfresh, StaleSignature, AnotherMeaning)
"""What any signing command can be refused for."""

UNKNOWN = "unknown"
"""What a thing is said to be before its first event."""

S = TypeVar("S", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Guard:
    """A named condition of a row: `test(state, body, context)` raises one of `refusals`.

    A guard with `needs_body` is left out when `allowed` is computed, where there is no body yet.
    """

    refusals: tuple[type[Refusal], ...]
    test: Callable[[Any, Any, Context], None]
    needs_body: bool


def guard(*refusals: type[Refusal], needs_body: bool = False) -> Callable[[Callable[[Any, Any, Context], None]], Guard]:
    """Makes a function a guard that raises one of `refusals`."""
    return lambda test: Guard(refusals, test, needs_body)


@dataclass(frozen=True, slots=True)
class Row:
    """One transition.

    `states` are those it starts from, `to` those it may end in (empty: it stays), `who` the roles that may, `signs`
    what a signature on it covers and `meaning` what it says, `source` the rule's origin. `internal` rows are reached
    by reactions and the clock only or, where they name roles, by what these report. In the states that it `keeps`, it
    is recorded and changes nothing.
    """

    body: type[Body]
    states: frozenset[str]
    to: tuple[str, ...]
    who: frozenset[Role]
    record: Callable[[Any, Any, Context], Sequence[Event]]
    guards: tuple[Guard, ...] = ()
    signs: Callable[[Any], Any] | None = None
    meaning: str = ""
    source: str = ""
    internal: bool = False
    keeps: frozenset[str] = frozenset()

    @property
    def command(self) -> str:
        """The command's name."""
        return self.body.command


class Allowed(Frozen):
    """A command that the caller's role may give, and why not now if so."""

    command: str
    why_not: Told | None = None


class Signable(Frozen):
    """What a signature on a command must cover now."""

    sha256: str
    meaning: str


@dataclass(frozen=True, slots=True)
class Offer:
    """A row that an actor's roles have: `bound` to the actor's own client, `closed` in this status, which says why."""

    row: Row
    bound: bool
    closed: Allowed | None


@dataclass(frozen=True, slots=True)
class Procedure(Generic[S]):
    """The table of one kind of thing: `thing` is its name in sentences, `states` all of its states in their order."""

    thing: str
    states: tuple[str, ...]
    rows: tuple[Row, ...]
    status: Callable[[S], str]
    client: Callable[[S], str | None]
    by_command: Mapping[str, Row] = field(init=False, repr=False)
    offers: dict[tuple[str, frozenset[Role], bool, str], Sequence[Offer]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )
    """What `allowed` found out about kinds of actors, by status."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_command", {row.command: row for row in self.rows})

    def in_order(self, states: Collection[str]) -> list[str]:
        """Some states, in the order of the procedure."""
        return [state for state in self.states if state in states]

    def row(self, command: str) -> Row:
        """The row of a command; refuses an unknown one."""
        row = self.by_command.get(command)
        if row is None:
            raise UnknownCommand(command=command)
        return row

    def decide(self, state: S, command: Command, context: Context) -> Sequence[Event]:
        """Checks a command against its row and records it."""
        row = self.row(command.name)
        self._permit(row, state, context.actor)
        if refusal := self._misplaced(row, self.status(state)):
            raise refusal
        body = parse(row.body, command)
        if row.signs is not None:
            _check_signer(row, context)
        for condition in row.guards:
            condition.test(state, body, context)
        if row.signs is not None:
            _check_signature(row, state, body)
        return row.record(state, body, context)

    def allowed(self, state: S, context: Context) -> list[Allowed]:
        """The commands of the caller's roles, each with the first rule that stands against it now."""
        foreign = self.client(state) not in (None, context.actor.client)
        return [
            offer.closed or Allowed(command=offer.row.command, why_not=self._why_not(offer.row, state, context))
            for offer in self._offers(context.actor, self.status(state))
            if not (offer.bound and foreign)
        ]

    def _offers(self, actor: Actor, status: str) -> Sequence[Offer]:
        """What a status offers to such an actor, worked out once: there are few kinds of actors."""
        key = actor.kind, actor.roles, actor.client is None, status
        offers = self.offers.get(key)
        if offers is None:
            may = [row for row in self.rows if self._refused(row, actor) is None]
            offers = self.offers[key] = [Offer(row, _bound(row, actor), self._closed(row, status)) for row in may]
        return offers

    def _closed(self, row: Row, status: str) -> Allowed | None:
        refusal = self._misplaced(row, status)
        return None if refusal is None else Allowed(command=row.command, why_not=refusal.sentence)

    def signable(self, state: S, allowed: Sequence[Allowed]) -> dict[str, Signable]:
        """What the caller would sign now, for each signing command among what is allowed."""
        open_now = {item.command for item in allowed if item.why_not is None}
        return {
            row.command: Signable(sha256=digest(row.signs(state)), meaning=row.meaning)
            for row in self.rows
            if row.signs is not None and row.command in open_now
        }

    def _why_not(self, row: Row, state: S, context: Context) -> str | None:
        try:
            if row.signs is not None and context.actor.kind != "person":
                raise MachineMaySign(command=row.command)
            for condition in row.guards:
                if not condition.needs_body:
                    condition.test(state, None, context)
        except Refusal as refusal:
            return refusal.sentence
        return None

    def _permit(self, row: Row, state: S, actor: Actor) -> None:
        if refusal := self._refused(row, actor):
            raise refusal
        if _bound(row, actor) and self.client(state) not in (None, actor.client):
            raise AnotherClient

    def _refused(self, row: Row, actor: Actor) -> Refusal | None:
        if row.internal:
            return UnknownCommand(command=row.command) if actor.kind in ("person", "key") else None
        if not row.who & actor.roles:
            return RoleMissing(command=row.command, roles=named(row.who))
        return None

    def _misplaced(self, row: Row, status: str) -> Refusal | None:
        if status in row.states:
            return None
        names = tuple(state or UNKNOWN for state in self.in_order(row.states))
        states = Fact(" or ".join(names), names)
        return WrongState(command=row.command, thing=self.thing, states=states, status=status or UNKNOWN)


def _bound(row: Row, actor: Actor) -> bool:
    """Whether an actor gives a command on its own client's things only."""
    if row.internal:
        return False
    return row.who & actor.roles <= CLIENT_SIDE or (actor.kind == "key" and actor.client is not None)


B = TypeVar("B", bound=Body)


def parse(shape: type[B], command: Command) -> B:
    """A command's body in its shape; refuses with the JSON pointer of the first field at fault."""
    try:
        return command.shaped(shape)
    except ValidationError as error:
        first = faults(error)[0]
        raise BadShape(first.pointer, field=first.pointer or Sentence("the body"), problem=first.detail) from None


def signed(body: SignedBody, context: Context) -> Signed:
    """The signature on a body as it is recorded."""
    return Signed(
        by=context.actor.id,
        content_sha256=body.signature.content_sha256,
        meaning=body.signature.meaning,
        authenticated=context.actor.authenticated,
    )


def _check_signer(row: Row, context: Context) -> None:
    if context.actor.kind != "person":
        raise MachineMaySign(command=row.command)
    if context.fresh is not None and not _is_fresh(context.actor, context):
        raise AuthenticateAfresh(seconds=int(context.fresh.total_seconds()))


def _check_signature(row: Row, state: BaseModel, body: Body) -> None:
    """After the guards: a signer is told the rule first. And without the digest, which has to come from reading."""
    if row.signs is None or not isinstance(body, SignedBody):
        raise TypeError(f"{row.command}: a signed row needs a signed body")
    if body.signature.content_sha256 != digest(row.signs(state)):
        raise StaleSignature("/signature/content_sha256")
    if body.signature.meaning != row.meaning:
        raise AnotherMeaning("/signature/meaning", command=row.command, meaning=row.meaning)


def _is_fresh(actor: Actor, context: Context) -> bool:
    asked: datetime = context.received_at or context.now
    return (
        actor.authenticated is not None
        and context.fresh is not None
        and asked - actor.authenticated.at <= context.fresh
    )
