"""Where streams ended, kept in a file outside the database: what finds a tail that was cut off (ADR 7)."""

from collections.abc import AsyncIterator, Mapping
from pathlib import Path

from pydantic import RootModel, ValidationError

from activities.ledger.protocol import Fault, Head, Ledger, Scope
from workflows import shapes


class Heads(RootModel[dict[str, dict[str, Head]]]):
    """`{tenant: {stream: {seq, head}}}`."""


class BadHeads(Exception):
    """A file that does not say where streams ended."""


def read(file: Path) -> Heads:
    """What a file says; BadHeads for one that cannot be used."""
    try:
        return Heads.model_validate_json(file.read_bytes())
    except OSError as error:
        raise BadHeads(f"{file}: {error.strerror}") from None
    except ValidationError as error:
        first = shapes.faults(error)[0]
        raise BadHeads(f"{file}: not what --heads writes: {first.pointer or 'the file'}: {first.detail}") from None


def write(file: Path, heads: Mapping[str, Mapping[str, Head]]) -> None:
    """Writes where streams end, by tenant and stream."""
    whole = Heads({tenant: dict(streams) for tenant, streams in heads.items()})
    file.write_text(whole.model_dump_json(indent=1) + "\n", encoding="utf-8")


async def compare(
    ledger: Ledger, tenant: str, kept: Mapping[str, Head], present: Mapping[str, Head]
) -> AsyncIterator[Fault]:
    """What the present streams of a tenant lack of what was kept; their chains must have been verified."""
    for stream, head in kept.items():
        now = present.get(stream)
        if now is None:
            yield Fault(tenant, stream, head.seq, "the kept heads know this stream, the ledger does not")
        elif now.seq < head.seq:
            yield Fault(tenant, stream, head.seq, f"the kept heads know this event, the stream ends at {now.seq}")
        elif now != head and not await _holds(ledger, tenant, stream, head):
            yield Fault(tenant, stream, head.seq, "this event is not the one of the kept heads")


async def _holds(ledger: Ledger, tenant: str, stream: str, head: Head) -> bool:
    found = await ledger.history(Scope(tenant), stream, after=head.seq - 1, limit=1)
    return [(event.seq, event.hash) for event in found] == [(head.seq, head.head)]
