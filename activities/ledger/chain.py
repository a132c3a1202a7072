"""The chain: how an event is hashed, and what a broken chain looks like. Pure."""

import hashlib
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from activities.ledger.protocol import GENESIS, Fault, Recorded
from workflows.canonical import canonical, instant, text

SALT_BYTES = 16


@dataclass(frozen=True, slots=True)
class Envelope:
    """What is said of an event beside its payload, as it is hashed; digests are lower-case hexadecimal."""

    tenant: str
    stream: str
    seq: int
    event_id: UUID
    type: str
    v: int
    command_id: str
    actor: str
    at: datetime
    recorded_at: datetime
    data_digest: str
    prev: str

    def hash(self) -> str:
        """SHA-256 of the canonical JSON (RFC 8785) of this envelope; raises ValueError for what JSON cannot express."""
        written = (
            f'{{"actor":{text(self.actor)},"at":"{instant(self.at)}","command_id":{text(self.command_id)},'
            f'"data_digest":{text(self.data_digest)},"event_id":"{self.event_id}","prev":{text(self.prev)},'
            f'"recorded_at":"{instant(self.recorded_at)}","seq":{self.seq},"stream":{text(self.stream)},'
            f'"tenant":{text(self.tenant)},"type":{text(self.type)},"v":{self.v}}}'
        )
        return hashlib.sha256(written.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Sealed:
    """An event with everything that is stored of it.

    `salt` and `payload` (canonical JSON bytes) are None once erased, `data` and `received_at` are what the payload
    says. `request` is the digest of the command that caused it, `index` its place among that command's events,
    `position` its place among all events of the tenant, empty before it is stored.
    """

    envelope: Envelope
    hash: str
    salt: bytes | None
    payload: bytes | None
    data: dict[str, Any] | None
    received_at: datetime | None
    request: str
    index: int
    position: str = ""

    def recorded(self) -> Recorded:
        """This event as readers see it."""
        e = self.envelope
        return Recorded.model_construct(
            tenant=e.tenant,
            stream=e.stream,
            seq=e.seq,
            event_id=e.event_id,
            type=e.type,
            v=e.v,
            command_id=e.command_id,
            actor=e.actor,
            at=e.at,
            recorded_at=e.recorded_at,
            data_digest=e.data_digest,
            prev=e.prev,
            hash=self.hash,
            data=self.data,
            received_at=self.received_at,
            request_sha256=self.request,
            salt=None if self.salt is None else self.salt.hex(),
            position=self.position,
        )


def payload(data: dict[str, Any], received_at: datetime | None, request: str) -> bytes:
    """The canonical bytes that are salted and digested; raises ValueError for what JSON cannot express.

    The API's receipt time and the request's digest are in them, so that the chain covers both.
    """
    received = None if received_at is None else instant(received_at)
    return canonical({"data": data, "received_at": received, "request_sha256": request})


def data_digest(salt: bytes, payload: bytes) -> str:
    """What stands for a payload in its envelope: SHA-256 of salt and canonical bytes."""
    return hashlib.sha256(salt + payload).hexdigest()


def broken(tenant: str, stream: str, events: Sequence[Sealed], erased: Collection[int] = ()) -> Iterator[Fault]:
    """What is wrong with the chain of one stream, given all its events in order, and which of them were erased."""
    prev, last, index, command, position = GENESIS, 0, 0, "", ""
    for event in events:
        e = event.envelope
        index = index + 1 if e.command_id == command else 0
        for holds, what in (
            (e.tenant == tenant and e.stream == stream, "belongs to another stream"),
            (e.seq == last + 1, f"follows event {last}: a gap"),
            (e.prev == prev, "does not name the hash before it"),
            (e.hash() == event.hash, "the envelope is not what was hashed"),
            (event.index == index, "its place among the command's events is wrong"),
            (event.position > position, "its position is not after the one before it"),
            (event.payload is not None or e.seq in erased, "its payload is gone without a record of an erasure"),
            (_intact(event), "the payload is not what was digested"),
            (_requested(event), "its request is not the one in the payload"),
        ):
            if not holds:
                yield Fault(tenant, stream, e.seq, what)
        prev, last, command, position = event.hash, e.seq, e.command_id, event.position


def _intact(event: Sealed) -> bool:
    if event.salt is None or event.payload is None:
        return event.salt is None and event.payload is None
    return data_digest(event.salt, event.payload) == event.envelope.data_digest


def _requested(event: Sealed) -> bool:
    """Whether the request's digest beside the payload, by which repeats are known, is the one that the chain covers.

    Canonical JSON sorts names, so that it stands at the payload's end.
    """
    return event.payload is None or event.payload.endswith(f'"request_sha256":"{event.request}"}}'.encode())
