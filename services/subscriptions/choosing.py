"""What a subscription is sent, and what of it now: pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from activities.directory.deliveries import TEST, Lane
from workflows.decider import kind_of

HELD = 20
"""So many streams may wait for their next try while others go on. Beyond it all wait: the receiver itself fails."""

AT_ONCE = 16
"""So many events are on their way at once, each of another stream."""

LENGTH = 10
"""So many events of a stream are sent one after the other before it is looked again at what else there is."""


def is_wanted(types: Sequence[str], kinds: Sequence[str], type: str, stream: str) -> bool:
    """Whether an event is one of these types, on a stream of one of these kinds; none named are all."""
    return (not types or type in types) and (not kinds or kind_of(stream) in kinds)


@dataclass(frozen=True, slots=True)
class Plan:
    """What to send now, streams in the order of the feed; when the next that waits is due; whether all has to wait."""

    send: Sequence[Lane]
    next_at: datetime | None
    is_full: bool


def planned(lanes: Sequence[Lane], now: datetime, held_at_most: int = HELD, at_once: int = AT_ONCE) -> Plan:
    """What to do with the first pending events of each stream.

    One that failed holds its stream alone. Where `held_at_most` streams are held, nothing else is tried.
    """
    held = [lane for lane in lanes if lane[0].tries]
    free = max(held_at_most - len(held), 0)
    fresh = sorted((lane for lane in lanes if not lane[0].tries), key=_place)
    tests = [lane for lane in fresh if lane[0].type == TEST]
    others = [lane for lane in fresh if lane[0].type != TEST]
    due = [lane for lane in held if lane[0].next_at is None or lane[0].next_at <= now]
    waiting = (lane[0].next_at for lane in held)
    return Plan(
        send=sorted([*tests, *due, *others[:free]][:at_once], key=_place),
        next_at=min((at for at in waiting if at is not None and at > now), default=None),
        is_full=not free,
    )


def _place(lane: Lane) -> str:
    return lane[0].position
