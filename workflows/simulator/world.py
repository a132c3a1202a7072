"""A certification body in memory on virtual time: any streams, reactions carried out at once, wake-ups in order.

What is folded is the stored form of each event (canonical JSON, read back), as the ledger does it.
"""

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from workflows.canonical import canonical, digest
from workflows.decider import Command, Context, Event, Facts, Happened, Reaction, Refusal, Refused, Wants
from workflows.people import CLOCK, Actor, Person
from workflows.policy_book import PolicyBook
from workflows.registry import PROCEDURES, REGISTRY
from workflows.simulator import facts

MOST_WAKEUPS = 100_000
"""After so many wake-ups in one wait, something asks to be woken for ever."""


@dataclass(slots=True)
class Stream:
    """A stream: its state, all that happened, and when the clock is next to wake it."""

    name: str
    state: Any
    history: list[Happened] = field(default_factory=list)
    due: datetime | None = None


@dataclass(frozen=True, slots=True)
class Turn:
    """What one command or one wake-up recorded on a stream, whose state it took from `before` to `after`.

    `command` is None for a wake-up; that was `due` at an instant which may lie before `at`.
    """

    at: datetime
    stream: str
    actor: Actor
    happened: tuple[Happened, ...]
    before: Any
    after: Any
    command: str | None = None
    due: datetime | None = None


@dataclass(frozen=True, slots=True)
class Unheard:
    """A reaction that its target refused."""

    at: datetime
    source: str
    reaction: Reaction
    refused: Refused


class Unfaithful(RuntimeError):
    """An event that its stored form does not say: a later fold would give another state. A mistake in the rules."""


class Sleepless(Exception):
    """A decider that breaks its protocol: its wake-up changes nothing, or comes again at once."""


class World:
    """A tenant with its streams by name, its people, and an instant that passes only by `wait_until`.

    `turns` are all that was recorded, in order; `unheard` the reactions that were refused. `fresh` is how recently
    signers must have authenticated.
    """

    def __init__(
        self,
        policies: PolicyBook,
        *,
        now: datetime,
        tenant: str = "cb",
        people: Iterable[Person] = (),
        fresh: timedelta | None = None,
    ) -> None:
        self.policies = policies
        self.now = now
        self.tenant = tenant
        self.people: Sequence[Person] = tuple(people)
        self.fresh = fresh
        self.streams: dict[str, Stream] = {}
        self.turns: list[Turn] = []
        self.unheard: list[Unheard] = []
        self._numbers: Counter[str] = Counter()

    def stream(self, name: str) -> Stream:
        """A stream, empty if nothing happened to it; KeyError for a kind that nobody decides."""
        return self.streams.setdefault(name, Stream(name, REGISTRY.of(name).initial()))

    def state(self, name: str) -> Any:
        """The state of a stream."""
        return self.stream(name).state

    def due(self, name: str) -> datetime | None:
        """When the clock is next to wake a stream."""
        return self.stream(name).due

    def status(self, name: str) -> str:
        """The one word on a stream."""
        return REGISTRY.of(name).status(self.stream(name).state)

    def context(self, name: str, actor: Actor, command: Command | None = None) -> Context:
        """Where and when a command is decided, with the facts that it wants."""
        stream = self.stream(name)
        asked = command or Command(id="-", name="-", actor=actor)
        wants = REGISTRY.of(name).wants(stream.state, asked, self.now)
        return Context(
            self.tenant, name, len(stream.history), self.now, actor, self.facts(wants), asked.received_at, self.fresh
        )

    def facts(self, wants: Wants) -> Facts:
        """What the streams tell of each other."""
        states = {name: stream.state for name, stream in self.streams.items() if stream.history}
        number = self._numbers[wants.series] + 1 if wants.series else None
        return facts.told(states, wants, self.policies, number, self.people)

    def send(self, name: str, command: Command) -> list[Event]:
        """A command to a stream, and at once what it causes on others. Raises its Refusal."""
        stream = self.stream(name)
        series = REGISTRY.of(name).wants(stream.state, command, self.now).series
        context = self.context(name, command.actor, command)
        events = REGISTRY.of(name).decide(stream.state, command, context)
        if not events:
            raise Sleepless(f"{name}: {command.name} was accepted without an event")
        if series is not None:
            self._numbers[series] += 1
        self._record(stream, events, command.actor, command=command.name)
        return list(events)

    def wait_until(self, until: datetime, *, asleep: bool = False) -> None:
        """Time passes; wake-ups are carried out when they are due, or all at its end, as after an outage."""
        if asleep:
            self.now = until
        for _ in range(MOST_WAKEUPS):
            due = self.next_wakeup()
            if due is None or due[0] > until:
                self.now = max(self.now, until)
                return
            self.now = max(self.now, due[0])
            self._wake(self.stream(due[1]))
        raise Sleepless(f"more than {MOST_WAKEUPS} wake-ups until {until}")

    def next_wakeup(self) -> tuple[datetime, str] | None:
        """The earliest wake-up of all streams, with the stream's name."""
        due = ((stream.due, name) for name, stream in self.streams.items())
        return min(((at, name) for at, name in due if at is not None), default=None)

    def _wake(self, stream: Stream) -> None:
        due = stream.due
        events = REGISTRY.of(stream.name).on_wakeup(stream.state, self.now)
        if not events:
            raise Sleepless(f"{stream.name}: nothing happened at its wake-up due at {due}")
        self._record(stream, events, CLOCK, due=due)
        if stream.due is not None and stream.due <= self.now:
            raise Sleepless(f"{stream.name}: woken at {self.now}, it asks to be woken at {stream.due}")

    def _record(
        self,
        stream: Stream,
        events: Iterable[Event],
        actor: Actor,
        command: str | None = None,
        due: datetime | None = None,
    ) -> None:
        decider, before = REGISTRY.of(stream.name), stream.state
        recorded: list[Happened] = []
        for event in events:
            seq = len(stream.history) + 1
            recorded.append(Happened(stored(event), seq, self.now, actor.id, stream.name))
            stream.history.append(recorded[-1])
            stream.state = decider.evolve(stream.state, recorded[-1])
        stream.due = decider.next_wakeup(stream.state)
        self.turns.append(Turn(self.now, stream.name, actor, tuple(recorded), before, stream.state, command, due))
        # By the state in which the command left the stream, as the ledger's: what they cause must not change the rest.
        for reaction in [one for happened in recorded for one in decider.react(stream.state, happened)]:
            self._react(stream.name, reaction)

    def _react(self, source: str, reaction: Reaction) -> None:
        body = json.loads(canonical(dict(reaction.body)))
        actor = Actor(id=f"reaction:{source}", kind="reaction")
        try:
            self.send(reaction.stream, Command(id="-", name=reaction.name, body=body, actor=actor))
        except Refusal as refusal:
            self.unheard.append(Unheard(self.now, source, reaction, refusal.data()))
            if reaction.otherwise is not None:
                by = Actor(id=f"reaction:{reaction.stream}", kind="reaction")
                told = reaction.told(refusal.data())
                self.send(source, Command(id="-", name=reaction.otherwise, body=told, actor=by))


def signature(command: str, kind: str, state: Any) -> dict[str, str]:
    """What a signer of the command would sign in a state, whether or not the command is possible there."""
    row = PROCEDURES[kind].row(command)
    if row.signs is None:
        raise ValueError(f"{command} is not signed")
    return {"content_sha256": digest(row.signs(state)), "meaning": row.meaning}


def stored(event: Event) -> Event:
    """The event as it is read back from its canonical bytes; raises Unfaithful where that is not what was recorded."""
    read = REGISTRY.decode(event.type, event.v, json.loads(canonical(event.model_dump(mode="json"))))
    if read != event:
        raise Unfaithful(f"{event!r} is read back as {read!r}")
    return read
