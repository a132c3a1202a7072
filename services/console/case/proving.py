"""The proof of one case's record: its chain computed anew from what is stored, by the ledger's own functions."""

from collections.abc import Sequence
from dataclasses import dataclass

from activities.ledger.chain import Envelope, Sealed, broken, payload
from activities.ledger.protocol import Fault, Recorded, Stream


@dataclass(frozen=True, slots=True)
class Proof:
    """What was checked: how many events, which of them are erased, the head, and what is wrong; nothing is a proof."""

    events: int
    erased: tuple[int, ...]
    head: str
    faults: tuple[Fault, ...]


def proof(stream: Stream, history: Sequence[Recorded]) -> Proof:
    """Checks every hash, digest and link of a stream's history, and that it ends where its row says."""
    sealed = _sealed([event for event in history if event.seq <= stream.seq])
    erased = tuple(event.envelope.seq for event in sealed if event.payload is None)
    faults = list(broken(stream.tenant, stream.name, sealed, erased))
    head = sealed[-1].hash if sealed else stream.head
    if head != stream.head or len(sealed) != stream.seq:
        faults.append(Fault(stream.tenant, stream.name, stream.seq, "the record does not end where its row says"))
    return Proof(len(sealed), erased, head, tuple(faults))


def _sealed(history: Sequence[Recorded]) -> list[Sealed]:
    """Events with their canonical bytes, made anew of what the record tells."""
    found: list[Sealed] = []
    index, command = 0, ""
    for event in history:
        index = index + 1 if event.command_id == command else 0
        command = event.command_id
        content = None if event.data is None else payload(event.data, event.received_at, event.request_sha256)
        envelope = Envelope(**{name: getattr(event, name) for name in Envelope.__slots__})
        salt = None if event.salt is None else bytes.fromhex(event.salt)
        found.append(
            Sealed(
                envelope,
                event.hash,
                salt,
                content,
                event.data,
                event.received_at,
                event.request_sha256,
                index,
                event.position,
            )
        )
    return found
