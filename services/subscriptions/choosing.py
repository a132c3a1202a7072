"""What a subscription is sent, and what of it now: pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from activities.directory.deliveries import TEST, Delivery
from workflows.decider import kind_of

HELD = 20
"""So many streams may wait for their next try while others go on. Beyond it all wait: the receiver itself fails."""

AT_ONCE = 16
"""So many events are on their way at once, each of another stream."""


def is_wanted(types: Sequence[str], kinds: Sequence[str], type: str, stream: str) -> bool:
    """Whether an event is one of these types, on a stream of one of these kinds; none named are all."""
    return (not types or type in types) and (not kinds or kind_of(stream) in kinds)


@dataclass(frozen=True, slots=True)
class Plan:
    """What to send now, in the order of the feed; when the next of what waits is due; whether all has to wait."""

    send: Sequence[Delivery]
    next_at: datetime | None
    is_full: bool


def planned(heads: Sequence[Delivery], now: datetime, held_at_most: int = HELD, at_once: int = AT_ONCE) -> Plan:
    """What to do with the first pending event of each stream.

    One that failed holds its stream alone. Where `held_at_most` streams are held, nothing else is tried.
    """
    held = [one for one in heads if one.tries]
    free = max(held_at_most - len(held), 0)
    fresh = [one for one in heads if not one.tries]
    tests = [one for one in fresh if one.type == TEST]
    others = sorted((one for one in fresh if one.type != TEST), key=lambda one: one.position)
    due = [one for one in held if one.next_at is None or one.next_at <= now]
    chosen = [*tests, *due, *others[:free]][:at_once]
    return Plan(
        send=sorted(chosen, key=lambda one: one.position),
        next_at=min((one.next_at for one in held if one.next_at is not None and one.next_at > now), default=None),
        is_full=not free,
    )
