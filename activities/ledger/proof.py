"""Whether one stream proves itself: its chain, and that its row is what its events tell. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from activities.ledger import projections
from activities.ledger.chain import Sealed, broken
from activities.ledger.folding import refolded
from activities.ledger.projections import Owner, Projections
from activities.ledger.protocol import Fault, Stream
from workflows.decider import Registry


@dataclass(frozen=True, slots=True)
class Kept:
    """A stream's row as it is kept: the stream, and what was derived from its state by the decider's `version`."""

    stream: Stream
    version: int
    status: str
    owner: Owner


def prove(registry: Registry, shown: Projections, kept: Kept, events: Sequence[Sealed]) -> list[Fault]:
    """What is wrong with a stream.

    The state is compared only where the chain holds, nothing was erased and the row is of the decider's present
    version: an older one is folded anew when it is next read.
    """
    stream = kept.stream
    faults = list(broken(stream.tenant, stream.name, events))
    last = events[-1].envelope.seq if events else 0
    if stream.seq != last:
        faults.append(_fault(stream, f"the row stands at event {stream.seq}, the last event is {last}"))
    elif events and stream.head != events[-1].hash:
        faults.append(_fault(stream, "the row's head is not the last event's hash"))
    if faults or not events or any(event.data is None for event in events):
        return faults
    if any(event.org != kept.owner.org for event in events):
        faults.append(_fault(stream, "an event is filed under another client"))
    if differs(registry, shown, kept, events):
        faults.append(_fault(stream, "the row is not what the events tell"))
    return faults


def differs(registry: Registry, shown: Projections, kept: Kept, events: Sequence[Sealed]) -> bool:
    """Whether a row of the decider's present version is not what its events tell."""
    decider = registry.of(kept.stream.name)
    if kept.version != decider.version:
        return False
    told = refolded(registry, kept.stream, events)
    owner = projections.of(shown, told.name).owner(told)
    return (told, decider.status(told.state), owner) != (kept.stream, kept.status, kept.owner)


def _fault(stream: Stream, what: str) -> Fault:
    return Fault(stream.tenant, stream.name, stream.seq, what)
