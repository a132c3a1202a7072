"""What the clock and other streams were to cause, told anew from the events, against what they did cause."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import Any

from tests.chaos.book import BEYOND, Book, Event
from tests.chaos.journal import Account
from workflows.canonical import instant
from workflows.decider import Happened, kind_of
from workflows.registry import REGISTRY

MISSED, REMINDED = "nonconformity.deadline_missed", "nonconformity.deadline_reminded"
OFFSET = re.compile(r"(-?)P(?:0D|T(\d+)S)")


@dataclass(slots=True)
class Causes:
    """What a fold of every stream finds: faults of the clock, and the commands that were to be sent to others.

    `owing` maps the id of each such command to the event that caused it, its target, its name, and the name of the
    command that tells the event's own stream of a refusal, if one does; `late` is how many seconds after its time each
    wake-up was recorded.
    """

    clock: list[str] = field(default_factory=list)
    owing: dict[str, tuple[Event, str, str, str | None]] = field(default_factory=dict)
    late: list[float] = field(default_factory=list)

    def lags(self, book: Book) -> list[float]:
        """How many seconds after its cause each reaction was recorded."""
        firsts = {event.command_id: event for event in book.all() if event.command_index == 0}
        return [
            (firsts[command].recorded_at - cause.recorded_at).total_seconds()
            for command, (cause, _, _, _) in self.owing.items()
            if command in firsts
        ]


def told(book: Book) -> Causes:
    """Folds every stream by the present rules."""
    causes = Causes()
    for stream, events in book.events.items():
        _fold(book, stream, events, causes)
    return causes


def _fold(book: Book, stream: str, events: Sequence[Event], causes: Causes) -> None:
    decider = REGISTRY.of(stream)
    state = decider.initial()
    for command, group in groupby(events, key=lambda event: event.command_id):
        batch = list(group)
        happened = [Happened(REGISTRY.decode(e.type, e.v, e.data), e.seq, e.at, e.actor, stream) for e in batch]
        if command.startswith("w:"):
            causes.clock += _unlike_the_clock(stream, decider, state, batch)
            if (due := decider.next_wakeup(state)) is not None:
                causes.late.append((batch[0].recorded_at - due).total_seconds())
        for one in happened:
            state = decider.evolve(state, one)
        for event, one in zip(batch, happened, strict=True):
            for n, reaction in enumerate(decider.react(state, one)):
                owed = (event, reaction.stream, reaction.name, reaction.otherwise)
                causes.owing[reaction.id(event.event_id, n)] = owed
    due = decider.next_wakeup(state)
    if due is not None and decider.lives(state) and due < events[-1].at + BEYOND:
        causes.clock.append(f"{stream}: a wake-up due at {due} was never recorded")
    standing = book.streams.get(stream)
    if standing is not None and (standing.next_wakeup, standing.status) != (due, decider.status(state)):
        causes.clock.append(f"{stream}: its row is not where its events leave it")


def _unlike_the_clock(stream: str, decider: Any, state: Any, batch: Sequence[Event]) -> Iterator[str]:
    """What is wrong with one wake-up: its id, its instant, what it caused."""
    first = batch[0]
    due = decider.next_wakeup(state)
    if due is None or first.command_id != f"w:{first.seq - 1}:{instant(due)}":
        yield f"{stream} {first.seq}: the wake-up {first.command_id} was not due, {due} was"
        return
    if first.at < due:
        yield f"{stream} {first.seq}: woken at {first.at}, before {due}"
    wanted = [(event.type, event.model_dump(mode="json")) for event in decider.on_wakeup(state, first.at)]
    if [(event.type, event.data) for event in batch] != wanted:
        yield f"{stream} {first.seq}: the clock was to cause {wanted}"


def twice(book: Book) -> Iterator[str]:
    """Reminders and misses that were recorded more than once for the same date."""
    for stream, events in book.events.items():
        seen = Counter(
            (event.type, event.data["deadline"], event.data.get("offset"), event.data["due_at"])
            for event in events
            if event.type in (MISSED, REMINDED)
        )
        yield from (f"{stream}: {what} {n} times" for what, n in seen.items() if n > 1)


def lapses(book: Book, account: Account) -> Iterator[str]:
    """What cases whose clients let every date pass lack, by the dates and the policy that issuing fixed: no fold."""
    for stream, left in account.left.items():
        if not left.lapsed:
            continue
        events = book.events.get(stream, ())
        issued = next((event for event in events if event.type == "nonconformity.issued"), None)
        if issued is None:
            yield f"{stream}: it was never issued"
            continue
        seen = {
            (event.type, event.data["deadline"], event.data.get("offset"), _instant(event.data["due_at"]))
            for event in events
            if event.type in (MISSED, REMINDED)
        }
        yield from (f"{stream}: lacks {what}" for what in _expected(issued.data) if what not in seen)


def _expected(issued: Mapping[str, Any]) -> Iterator[tuple[str, str, str | None, datetime]]:
    """Every miss, and every reminder up to its date: the closure's last one may come after a decision stopped it."""
    for deadline in issued["deadlines"]:
        due = _instant(deadline["due_at"])
        yield MISSED, deadline["kind"], None, due
        for offset in issued["policy"]["reminders"]:
            after = _seconds(offset)
            early = deadline["set_at"] and due + after <= _instant(deadline["set_at"])
            if not early and (deadline["kind"] != "closure" or after <= timedelta()):
                yield REMINDED, deadline["kind"], offset, due


def reactions(book: Book, causes: Causes) -> Iterator[str]:
    """Reactions that lack, that nobody caused, or that came more than once."""
    found = Counter(
        (event.command_id, event.stream)
        for event in book.all()
        if event.command_id.startswith("r:") and event.command_index == 0
    )
    for command, stream in found:
        cause, target, _, otherwise = causes.owing.get(command, (None, None, None, None))
        if stream != target and (cause is None or otherwise is None or stream != cause.stream):
            yield f"{stream}: the reaction {command} has no cause"
    for command, (cause, target, name, otherwise) in causes.owing.items():
        # The same id tells the event's own stream where the target refused.
        times = found[command, target] + (found[command, cause.stream] if otherwise is not None else 0)
        # A review that decided just before its case ended refuses to be discontinued, for good.
        refused = name == "discontinue" and _ended(book, target)
        if times > 1 or (times == 0 and not refused):
            yield f"{cause.stream} {cause.seq}: {name} to {target} arrived {times} times"


def _ended(book: Book, review: str) -> bool:
    standing = book.streams.get(review)
    return kind_of(review) == "committee_review" and standing is not None and standing.status == "decided"


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def _seconds(offset: str) -> timedelta:
    found = OFFSET.fullmatch(offset)
    if found is None:
        raise ValueError(f"{offset} is not in seconds")
    return timedelta(seconds=int(found[2] or 0) * (-1 if found[1] else 1))
