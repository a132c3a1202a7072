"""The rules alone: streams in memory, an instant that is set by hand, reactions carried out at once.

What is folded is the stored form of each event (canonical JSON, read back), as the ledger does it.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from workflows.canonical import canonical, digest
from workflows.client.rules import ClientState
from workflows.committee.review import Review
from workflows.decider import Client, Command, Context, Event, Facts, Happened, Reaction, Refusal, kind_of
from workflows.durations import Duration
from workflows.nonconformity.case import Case
from workflows.people import CLOCK, Actor, Authentication, Person, Role
from workflows.policy import PACKAGED, Policy, PolicyBook, read
from workflows.registry import DECIDERS, PROCEDURES, decode

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
CASE, CLIENT = "nonconformity/0190-case", "client/acme"
ROLES: Mapping[str, tuple[str | None, tuple[Role, ...]]] = {
    "owner": ("acme", (Role.CLIENT_OWNER,)),
    "approver": ("acme", (Role.CLIENT_APPROVER,)),
    "all_in_one": ("acme", (Role.CLIENT_OWNER, Role.CLIENT_APPROVER, Role.INTERNAL_AUDITOR)),
    "internal_auditor": ("acme", (Role.INTERNAL_AUDITOR,)),
    "stranger": ("globex", (Role.CLIENT_OWNER, Role.CLIENT_APPROVER, Role.INTERNAL_AUDITOR)),
    "auditor": (None, (Role.AUDITOR,)),
    "auditor2": (None, (Role.AUDITOR,)),
    "reviewer": (None, (Role.REVIEWER,)),
    "reviewer2": (None, (Role.REVIEWER,)),
    "member1": (None, (Role.COMMITTEE_MEMBER,)),
    "member2": (None, (Role.COMMITTEE_MEMBER,)),
    "member3": (None, (Role.COMMITTEE_MEMBER,)),
    "member4": (None, (Role.COMMITTEE_MEMBER, Role.REVIEWER)),
    "scheme_manager": (None, (Role.SCHEME_MANAGER,)),
    "observer": (None, (Role.OBSERVER,)),
}
KEYS: Mapping[str, Actor] = {
    "key_grades": Actor(id="key_grades", kind="key", roles=frozenset({Role.INTEGRATION}), may_state_grades=True),
    "key_plain": Actor(id="key_plain", kind="key", roles=frozenset({Role.INTEGRATION})),
    "key_globex": Actor(id="key_globex", kind="key", roles=frozenset({Role.INTEGRATION}), client="globex"),
}
COMMITTEE = tuple(
    Person(id=name, name=name.title(), roles=frozenset(ROLES[name][1])) for name in ROLES if "member" in name
)


@dataclass(frozen=True, slots=True)
class In:
    """An instant relative to the present one, as an ISO 8601 duration."""

    duration: str


@dataclass(frozen=True, slots=True)
class Day:
    """A date so many days from today."""

    days: int


@dataclass(frozen=True, slots=True)
class Sign:
    """A signature over what is signable now, as it is meant; or over something else, or meant otherwise."""

    sha256: str | None = None
    meaning: str | None = None


SIGN = Sign()


@dataclass(frozen=True, slots=True)
class Step:
    """One command of a story: who, what, with which body (markers In, Day and Sign are filled in), on what."""

    actor: str
    command: str
    body: Mapping[str, Any] = field(default_factory=dict)
    kind: str = "nonconformity"


@dataclass(frozen=True, slots=True)
class Wait:
    """Time passes; `asleep` as in an outage: no wake-up is carried out before its end."""

    duration: str
    asleep: bool = False


Steps = tuple[Step | Wait, ...]


@dataclass(slots=True)
class Stream:
    """A stream: its state and all that happened."""

    state: Any
    history: list[Happened] = field(default_factory=list)


def policy(**changes: Any) -> Policy:
    """The packaged default with changes, as a policy file would state them."""
    default = read(PACKAGED / "default.toml").model_dump(mode="json")
    limits = {}
    if "limit" in changes:
        limit = changes.pop("limit")
        limits = {"limits": [{"anchor": "issue", "within": limit}] if limit else []}
    return Policy.model_validate(default | changes | limits)


def stored(event: Event) -> Event:
    """The event as it is read back from its canonical bytes."""
    return decode(event.type, event.v, json.loads(canonical(event.model_dump(mode="json"))))


def signature(command: str, kind: str, state: Any) -> dict[str, str]:
    """What a signer of the command would sign in a state, whether or not the command is possible."""
    row = PROCEDURES[kind].row(command)
    assert row.signs is not None
    return {"content_sha256": digest(row.signs(state)), "meaning": row.meaning}


def fill(body: Any, now: datetime, signed: Callable[[], Mapping[str, str]]) -> Any:
    """A body with its markers filled in: at an instant, and with what is signable then."""
    match body:
        case In(duration):
            return Duration.parse(duration).after(now, ZoneInfo("UTC")).isoformat()
        case Day(days):
            return (now + timedelta(days=days)).date().isoformat()
        case Sign(sha256, meaning):
            seen = signed()
            return {"content_sha256": sha256 or seen["content_sha256"], "meaning": meaning or seen["meaning"]}
        case Mapping():
            return {name: fill(value, now, signed) for name, value in body.items()}
        case list() | tuple():
            return [fill(value, now, signed) for value in body]
        case _:
            return body


class World:
    """A certification body with one client, and at most one case under hand."""

    def __init__(
        self, policy: Policy, *, fresh: timedelta | None = None, now: datetime = START, zone: str = "UTC"
    ) -> None:
        self.now = now
        self.policies = PolicyBook([policy])
        self.fresh = fresh
        self.authenticated = now
        self.streams: dict[str, Stream] = {}
        self.numbers = 0
        self.refused: list[str] = []
        self.committee: Sequence[Person] = COMMITTEE
        self.do("scheme_manager", "register", {"key": "acme", "name": "Acme", "zone": zone}, kind="client")

    @property
    def case(self) -> Case:
        """The case as it stands."""
        state = self.stream(CASE).state
        assert isinstance(state, Case)
        return state

    @property
    def review(self) -> Review:
        """The latest review as it stands."""
        state = self.stream(self.address("committee_review")).state
        assert isinstance(state, Review)
        return state

    def stream(self, name: str) -> Stream:
        """A stream, empty if nothing happened to it."""
        return self.streams.setdefault(name, Stream(DECIDERS[kind_of(name)].initial()))

    def address(self, kind: str) -> str:
        """The stream of a kind that a story means: the client, the case, its latest review."""
        if kind == "committee_review":
            reviews = self.stream(CASE).state.reviews
            return f"committee_review/{reviews[-1] if reviews else 'none'}"
        return {"client": CLIENT, "nonconformity": CASE}[kind]

    def actor(self, name: str) -> Actor:
        """A person, a key, the same person as a machine (`machine:name`), or another stream's reaction."""
        if name in KEYS:
            return KEYS[name]
        if name.startswith("reaction:"):
            return Actor(id=name, kind="reaction")
        client, roles = ROLES[name.removeprefix("machine:")]
        kind = "key" if name.startswith("machine:") else "person"
        proof = Authentication(method="test", at=self.authenticated)
        person = Actor(id=name, name=name.title(), roles=frozenset(roles), client=client, authenticated=proof)
        return person if kind == "person" else person.model_copy(update={"kind": "key"})

    def context(self, stream: str, actor: Actor, command: Command | None = None) -> Context:
        """Where and when a command is decided."""
        decider, state = DECIDERS[kind_of(stream)], self.stream(stream).state
        wants = (
            decider.wants(state, command, self.now)
            if command
            else decider.wants(state, Command(id="-", name="-", actor=actor), self.now)
        )
        facts = Facts(
            policies=self.policies,
            client=self._client(wants.client),
            number=self.numbers + 1 if wants.series else None,
            committee=self.committee if wants.committee else (),
        )
        return Context("cb", stream, len(self.stream(stream).history), self.now, actor, facts, fresh=self.fresh)

    def do(
        self, actor: str, command: str, body: Mapping[str, Any] | None = None, kind: str = "nonconformity"
    ) -> list[Event]:
        """One command by one actor; raises its Refusal."""
        name = self.address(kind)
        given = fill(body or {}, self.now, lambda: signature(command, kind, self.stream(name).state))
        return self.send(name, Command(id="-", name=command, body=given, actor=self.actor(actor)))

    def send(self, name: str, command: Command) -> list[Event]:
        """A command to a stream, and what it causes on others."""
        stream = self.stream(name)
        context = self.context(name, command.actor, command)
        events = DECIDERS[kind_of(name)].decide(stream.state, command, context)
        assert events, "an accepted command has an event"
        self._append(name, events, command.actor)
        return list(events)

    def walk(self, steps: Steps) -> "World":
        """Steps that must be accepted."""
        for step in steps:
            match step:
                case Step():
                    self.do(step.actor, step.command, step.body, step.kind)
                case Wait():
                    self.wait(step.duration, asleep=step.asleep)
        return self

    def wait(self, duration: str, *, asleep: bool = False) -> None:
        """Time passes; wake-ups are carried out when they are due, or all at its end."""
        until = Duration.parse(duration).after(self.now, ZoneInfo("UTC"))
        if asleep:
            self.now = until
        while (due := self.next_wakeup()) is not None and due[0] <= until:
            at, name = due
            self.now = max(self.now, at)
            decider, stream = DECIDERS[kind_of(name)], self.stream(name)
            events = decider.on_wakeup(stream.state, self.now)
            assert events, f"{name}: nothing happened at its wake-up"
            self._append(name, events, CLOCK)
            again = decider.next_wakeup(stream.state)
            assert again is None or again > self.now, f"{name}: woken at {self.now}, it asks to be woken at {again}"
        self.now = until
        if self.fresh is None:
            self.authenticated = until

    def next_wakeup(self) -> tuple[datetime, str] | None:
        """The earliest wake-up of all streams."""
        due = [(DECIDERS[kind_of(name)].next_wakeup(stream.state), name) for name, stream in self.streams.items()]
        return min(((at, name) for at, name in due if at is not None), default=None)

    def types(self, kind: str = "nonconformity") -> list[str]:
        """The types of all that happened to a stream, without their prefix."""
        return [happened.event.type.partition(".")[2] for happened in self.stream(self.address(kind)).history]

    def _client(self, key: str | None) -> Client | None:
        state = self.stream(f"client/{key}").state if key == "acme" else None
        if not isinstance(state, ClientState) or state.entry is None:
            return None
        entry = state.entry
        return Client(entry.key, zone=entry.zone, four_eyes=entry.settings.four_eyes, internal_confirmation=entry.settings.internal_confirmation)

    def _append(self, name: str, events: Sequence[Event], actor: Actor) -> None:
        stream, decider = self.stream(name), DECIDERS[kind_of(name)]
        fresh: list[Happened] = []
        for event in events:
            fresh.append(Happened(stored(event), len(stream.history) + 1, self.now, actor.id, name))
            stream.history.append(fresh[-1])
            stream.state = decider.evolve(stream.state, fresh[-1])
            self.numbers += event.type == "nonconformity.issued"
        for happened in fresh:
            for reaction in decider.react(stream.state, happened):
                self._react(name, reaction)

    def _react(self, source: str, reaction: Reaction) -> None:
        actor = Actor(id=f"reaction:{source}", kind="reaction")
        body = json.loads(json.dumps(reaction.body))  # as it travels
        try:
            self.send(reaction.stream, Command(id="-", name=reaction.name, body=body, actor=actor))
        except Refusal as refusal:
            self.refused.append(refusal.code)
