"""The chain against an implementation of its own, as an assessor would write it from the documentation."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from uuid import UUID

import pytest

from activities.ledger.chain import Envelope, Sealed, broken, data_digest, payload
from activities.ledger.protocol import GENESIS

AT = datetime(2026, 3, 1, 12, 30, 0, 1000, tzinfo=UTC)


def sealed(seq: int, prev: str, text: str = "Befund: »Schlüssel«") -> Sealed:
    written = f'{{"data":{{"text":"{text}"}},"received_at":"2026-03-01T12:30:00.000000Z","request_sha256":"ab"}}'
    stored = written.encode()
    salt = bytes(16)
    envelope = Envelope(
        tenant="t",
        stream="tally/1",
        seq=seq,
        event_id=UUID(int=seq),
        type="noted",
        v=1,
        command_id=f"c{seq}",
        actor="anna",
        at=AT,
        recorded_at=AT.astimezone(timezone(timedelta(hours=2))),
        data_digest=data_digest(salt, stored),
        prev=prev,
    )
    return Sealed(
        envelope,
        envelope.hash(),
        salt,
        stored,
        {"text": text},
        AT.replace(microsecond=0),
        "ab",
        0,
        position=f"{seq:03d}",
    )


def chain() -> list[Sealed]:
    events: list[Sealed] = []
    for seq in (1, 2, 3):
        events.append(sealed(seq, events[-1].hash if events else GENESIS))
    return events


def test_the_hash_is_that_of_the_canonical_envelope() -> None:
    event = sealed(1, GENESIS)
    received = AT.replace(microsecond=0)
    assert event.payload == payload({"text": "Befund: »Schlüssel«"}, received, "ab")
    assert event.payload is not None
    envelope = {
        "actor": "anna",
        "at": "2026-03-01T12:30:00.001000Z",
        "command_id": "c1",
        "data_digest": hashlib.sha256(bytes(16) + event.payload).hexdigest(),
        "event_id": "00000000-0000-0000-0000-000000000001",
        "prev": "0" * 64,
        "recorded_at": "2026-03-01T12:30:00.001000Z",
        "seq": 1,
        "stream": "tally/1",
        "tenant": "t",
        "type": "noted",
        "v": 1,
    }
    written = json.dumps(envelope, sort_keys=True, separators=(",", ":")).encode()
    assert event.hash == hashlib.sha256(written).hexdigest()
    assert event.hash == "dc2bf51393c0c186823c9c89a5442a195e01cf1ef08601f9e535e750b21e04b2"


def test_a_whole_chain_has_no_fault_even_where_payloads_are_erased() -> None:
    events = chain()
    assert list(broken("t", "tally/1", events)) == []
    erased = [events[0], replace(events[1], salt=None, payload=None, data=None), events[2]]
    assert list(broken("t", "tally/1", erased, {2})) == []
    [fault] = broken("t", "tally/1", erased)
    assert (fault.seq, fault.what) == (2, "its payload is gone without a record of an erasure")


@pytest.mark.parametrize(
    ("changes", "seqs"),
    [
        ({"salt": None}, {2}),
        ({"payload": b"{}"}, {2}),
        ({"request": "cd"}, {2}),
        ({"hash": GENESIS}, {2, 3}),
        ({"index": 1}, {2}),
        ({"position": "000"}, {2}),
    ],
)
def test_each_change_is_found_where_it_is(changes: dict[str, Any], seqs: set[int]) -> None:
    events = chain()
    events[1] = replace(events[1], **changes)
    assert {fault.seq for fault in broken("t", "tally/1", events)} == seqs


@pytest.mark.parametrize("missing", [0, 1])
def test_a_gap_is_found(missing: int) -> None:
    events: Sequence[Sealed] = [event for n, event in enumerate(chain()) if n != missing]
    assert [fault.what for fault in broken("t", "tally/1", events)] == [
        f"follows event {missing}: a gap",
        "does not name the hash before it",
    ]
