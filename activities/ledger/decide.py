"""From a command to what is recorded: the part of a transaction that both ledgers share. Pure but for salts and ids."""

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from uuid_utils.compat import uuid7

from activities.ledger.answers import standing
from activities.ledger.chain import SALT_BYTES, Envelope, Sealed, data_digest, payload
from activities.ledger.protocol import START, Report, Stream
from activities.ledger.refusals import Unstorable
from workflows.canonical import digest, instant
from workflows.decider import (
    Answer,
    Command,
    Context,
    Event,
    Facts,
    Happened,
    Refusal,
    Refused,
    Registry,
)
from workflows.people import CLOCK, Actor

_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")


class Salts:
    """Random salts, drawn from the system a hundred at a time: each draw is a call of the kernel."""

    def __init__(self) -> None:
        self._drawn: list[bytes] = []

    def next(self) -> bytes:
        """A salt that was never used."""
        if not self._drawn:
            drawn = secrets.token_bytes(100 * SALT_BYTES)
            self._drawn = [drawn[start : start + SALT_BYTES] for start in range(0, len(drawn), SALT_BYTES)]
        return self._drawn.pop()


SALTS = Salts()


class Unlawful(RuntimeError):
    """A decider that breaks its protocol: a mistake in the program, never in a request."""


@dataclass(frozen=True, slots=True)
class Origin:
    """What caused events, as each of them records it: `request` is the digest under which repeats are known."""

    command_id: str
    actor: Actor
    request: str
    received_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Decided:
    """What a command or wake-up causes: the sealed events, the stream after them, and the answer."""

    events: tuple[Sealed, ...]
    stream: Stream
    answer: Answer

    @property
    def at(self) -> datetime:
        """The instant of the last event."""
        return self.events[-1].envelope.at


def recurring(report: Report, ancestor: str | None) -> Command:
    """The report's command; for a recurrence it names the stream of the closed case."""
    if ancestor is None:
        return report.command
    return report.command.model_copy(update={"body": {**report.command.body, "recurrence_of": ancestor}})


def telling(report: Report) -> Command:
    """What an open case is told by a report; ValueError for one that says nothing to it."""
    if report.word is None:
        raise ValueError(f"{report.external_id}: nothing is said of a case that is open")
    told = report.command
    body = {name: value for name, value in told.body.items() if name != "recurrence_of"}
    actor = told.actor.model_copy(update={"kind": "source"})
    return told.model_copy(update={"name": report.word.command, "body": body, "actor": actor})


def decide(
    registry: Registry,
    stream: Stream,
    command: Command,
    facts: Facts,
    *,
    now: datetime,
    clock: datetime,
    request: str,
    fresh: timedelta | None = None,
    reported: bool = False,
) -> Decided | Refused:
    """What a command causes at the deciding instant `now`, or its refusal.

    `reported` is for a command that comes past the stream's workflow: a stream that lives by it owes a start.

    `clock` is the ledger's own time, `request` the digest under which repeats are known. Raises Unlawful where the
    decider answers with no event.
    """
    decider = registry.of(stream.name)
    context = Context(
        tenant=stream.tenant,
        stream=stream.name,
        seq=stream.seq,
        now=now,
        actor=command.actor,
        facts=facts,
        received_at=command.received_at,
        fresh=fresh,
    )
    try:
        events = decider.decide(stream.state, command, context)
        if not events:
            raise Unlawful(f"{stream.name}: {command.name} was accepted without an event")
        origin = Origin(command.id, command.actor, request, command.received_at)
        return _apply(registry, stream, events, origin, now, clock, reported)
    except Refusal as refusal:
        return refusal.data()


def wakeup_id(stream: Stream) -> str:
    """The command id under which a stream's next wake-up is recorded."""
    if stream.next_wakeup is None:
        raise ValueError(f"{stream.name} has no wake-up")
    return wakeup_command(stream.seq, stream.next_wakeup)


def wakeup_command(seq: int, due: datetime) -> str:
    """The command id of the wake-up due at an instant, on a stream of `seq` events."""
    return f"w:{seq}:{instant(due)}"


def wake(registry: Registry, stream: Stream, *, now: datetime, clock: datetime) -> Decided | None:
    """What the clock causes at the deciding instant `now`; None when it is not yet time.

    Raises Unlawful where the next wake-up would be due at once again: that loop would never end.
    """
    if stream.next_wakeup is None or stream.next_wakeup > now:
        return None
    events = registry.of(stream.name).on_wakeup(stream.state, now)
    if not events:
        raise Unlawful(f"{stream.name}: nothing happened at the wake-up due at {stream.next_wakeup}")
    command_id = wakeup_id(stream)
    decided = _apply(registry, stream, events, Origin(command_id, CLOCK, digest([command_id])), now, clock)
    after = decided.stream.next_wakeup
    if after is not None and after <= now:
        raise Unlawful(f"{stream.name}: woken at {now}, it asks to be woken at {after}")
    return decided


def _apply(
    registry: Registry,
    stream: Stream,
    events: Sequence[Event],
    origin: Origin,
    now: datetime,
    clock: datetime,
    reported: bool = False,
) -> Decided:
    decider = registry.of(stream.name)
    state, prev = stream.state, stream.head
    sealed: list[Sealed] = []
    happened: list[Happened] = []
    for index, event in enumerate(events):
        seq = stream.seq + 1 + index
        data = event.model_dump(mode="json")
        stored = _payload(data, origin)
        salt = SALTS.next()
        envelope = Envelope(
            tenant=stream.tenant,
            stream=stream.name,
            seq=seq,
            event_id=uuid7(),
            type=event.type,
            v=event.v,
            command_id=origin.command_id,
            actor=origin.actor.id,
            at=now,
            recorded_at=clock,
            data_digest=data_digest(salt, stored),
            prev=prev,
        )
        prev = envelope.hash()
        sealed.append(Sealed(envelope, prev, salt, stored, data, origin.received_at, origin.request, index))
        # As it was made, not as it is read back: the simulator, by which every rule is tested, holds the two to be one.
        happened.append(Happened(event, seq, now, origin.actor.id, stream.name))
        state = decider.evolve(state, happened[-1])
    lives = decider.lives(state)
    # What comes through the workflow says that it was started; what comes past it says nothing of that.
    starting = START in stream.owed or not stream.lives
    owed = [START] if reported and lives and starting else []
    owed += [seq for seq in stream.owed if seq != START]
    owed += [h.seq for h in happened if decider.react(state, h)]
    after = replace(
        stream,
        seq=happened[-1].seq,
        head=prev,
        state=state,
        last_at=now,
        next_wakeup=decider.next_wakeup(state),
        owed=tuple(owed),
        lives=lives,
    )
    return Decided(tuple(sealed), after, standing(registry, after, events=sealed))


def _payload(data: dict[str, Any], origin: Origin) -> bytes:
    try:
        stored = payload(data, origin.received_at, origin.request)
    except (ValueError, UnicodeEncodeError) as error:
        raise Unstorable(why=str(error)) from error
    if b"\\u0000" in stored and _NUL.search(stored):
        raise Unstorable(why="a NUL character")
    return stored
