"""Whether one stream proves itself: its chain, and that its row is what its events tell. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from activities.ledger import projections
from activities.ledger.chain import Sealed, broken
from activities.ledger.folding import refolded
from activities.ledger.projections import Owner, Projections
from activities.ledger.protocol import Fault, Stream
from workflows.decider import Registry


@dataclass(frozen=True, slots=True)
class Beside:
    """What is kept beside a stream: its erasures, the references that point to it, and its numbers by series.

    With each reference, the digest of what its source said last, None where that is not known.
    """

    erased: set[int] = field(default_factory=set)
    references: dict[tuple[str, str], str | None] = field(default_factory=dict)
    numbers: set[tuple[str, int]] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Kept:
    """A stream's row as it is kept: the stream, and what was derived from its state by the decider's `version`."""

    stream: Stream
    version: int
    status: str
    owner: Owner


def prove(registry: Registry, shown: Projections, kept: Kept, events: Sequence[Sealed], beside: Beside) -> list[Fault]:
    """What is wrong with a stream.

    The state is compared only where the chain holds and the row is of the decider's present version: an older one is
    folded anew when it is next read.
    """
    stream = kept.stream
    faults = list(broken(stream.tenant, stream.name, events, beside.erased))
    last = events[-1].envelope.seq if events else 0
    if stream.seq != last:
        faults.append(_fault(stream, f"the row stands at event {stream.seq}, the last event is {last}"))
    elif events and stream.head != events[-1].hash:
        faults.append(_fault(stream, "the row's head is not the last event's hash"))
    if faults or not events:
        return faults
    told = refolded(registry, stream, events)
    if kept.version == registry.of(stream.name).version and differs(registry, shown, kept, told):
        faults.append(_fault(stream, "state row differs from its events: run closeout ledger rebuild"))
    return faults + _unkept(shown, told, beside)


def differs(registry: Registry, shown: Projections, kept: Kept, told: Stream) -> bool:
    """Whether a row is not what its events tell by the present rules."""
    decider = registry.of(told.name)
    owner = projections.of(shown, told.name).owner(told)
    return (told, decider.version, decider.status(told.state), owner) != (
        kept.stream,
        kept.version,
        kept.status,
        kept.owner,
    )


def _unkept(shown: Projections, told: Stream, beside: Beside) -> list[Fault]:
    """Where references and numbers are not what the events tell; what an erased event said cannot be compared."""
    projection = projections.of(shown, told.name)
    faults: list[Fault] = []
    reference = projection.reference(told) if projection.reference else None
    if reference is not None and reference not in beside.references:
        faults.append(_fault(told, f"no reference {' '.join(reference)} points to it"))
    elif reference is not None and projection.said is not None:
        # Wrong, it would have news taken for known, or what is known for news.
        kept = beside.references[reference]
        if not beside.erased and kept not in (None, projection.said(told)):
            faults.append(_fault(told, "what is kept as said of it last is not what its events tell"))
    if projection.number is not None:
        number = projection.number(told)
        unsaid = number is None and beside.erased
        if not unsaid and beside.numbers != ({number} if number else set()):
            faults.append(_fault(told, "the number that is kept for it is not the one that its events tell"))
    return faults


def _fault(stream: Stream, what: str) -> Fault:
    return Fault(stream.tenant, stream.name, stream.seq, what)
