"""How the ledger answers: where a stream stands, what was recorded, what was recorded already."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from activities.ledger.chain import Sealed
from activities.ledger.folding import blank, fold
from activities.ledger.protocol import START, Outcome, Report, Stream
from activities.ledger.refusals import KeyReused
from workflows.decider import Answer, Entry, Refused, Registry


def entries(events: Iterable[Sealed]) -> tuple[Entry, ...]:
    """Events as an answer names them."""
    named = ((event.envelope, event.hash) for event in events)
    return tuple(Entry(seq=e.seq, type=e.type, v=e.v, at=e.at, actor=e.actor, hash=own) for e, own in named)


def standing(
    registry: Registry, stream: Stream, refusal: Refused | None = None, events: Iterable[Sealed] = ()
) -> Answer:
    """Where a stream is, what a command caused, or why it was refused."""
    return Answer(
        seq=stream.seq,
        status=registry.of(stream.name).status(stream.state),
        events=entries(events),
        head=stream.head,
        refusal=refusal,
        next_wakeup=stream.next_wakeup,
        owes=any(seq != START for seq in stream.owed),
        lives=stream.lives,
        stream_seq=stream.seq,
    )


def repeated(registry: Registry, stream: Stream, upto: Sequence[Sealed], command_id: str) -> Answer:
    """What was recorded under a command id: `upto` holds the stream's events up to the last one of that command."""
    own = [event for event in upto if event.envelope.command_id == command_id]
    then = replace(stream, seq=own[-1].envelope.seq, head=own[-1].hash, state=fold(registry, stream.name, upto))
    return standing(registry, then, events=own).model_copy(update={"repeated": True, "stream_seq": stream.seq})


def reused(registry: Registry, stream: Stream) -> Answer:
    """The answer to a command id that the stream holds under another request."""
    return standing(registry, stream, KeyReused().data())


def rejected(registry: Registry, tenant: str, report: Report, refused: Refused) -> Outcome:
    """The outcome of a report that is refused."""
    return Outcome("rejected", None, standing(registry, blank(registry, tenant, report.stream), refused))
