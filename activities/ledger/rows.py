"""Between rows of Postgres and the ledger's values."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import asyncpg
from pydantic import BaseModel, TypeAdapter
from pydantic_core import to_json

from activities.ledger import policies, projections
from activities.ledger.chain import Envelope, Sealed
from activities.ledger.decide import Decided
from activities.ledger.known import client_of
from activities.ledger.projections import Owner, Projections
from activities.ledger.protocol import START, Recorded, Stream
from activities.ledger.words import Heard
from workflows.canonical import instant
from workflows.decider import Answer, Client, Facts, Registry, Wants, kind_of
from workflows.entries import MOST_CASES, AuditEntry, CaseEntry, CertificateEntry
from workflows.people import Person
from workflows.policy_book import PolicyBook

Position = tuple[int, int, int]
FIRST: Position = (0, 0, 0)

_PEOPLE = TypeAdapter(list[Person])
_AUDITS = TypeAdapter(list[AuditEntry])
_CERTIFICATES = TypeAdapter(list[CertificateEntry])
_CASES = TypeAdapter(list[CaseEntry])


@dataclass(frozen=True, slots=True)
class Taken:
    """A number taken from a series."""

    series: str
    number: int


def position(epoch: int, xid: int, n: int) -> str:
    """A position as readers hold it: opaque, and ordered as text is."""
    return f"{epoch:06d}.{xid:020d}.{n:019d}"


def read_position(text: str | None) -> Position:
    """What a position stands for; ValueError for what was never one."""
    if text is None:
        return FIRST
    parts = text.split(".")
    if len(parts) != 3 or not all(part.isascii() and part.isdigit() for part in parts):
        raise ValueError(f"{text!r} is not a position in the ledger")
    epoch, xid, n = map(int, parts)
    if epoch >= 2**31 or xid >= 2**64 or n >= 2**63:
        raise ValueError(f"{text!r} is not a position in the ledger")
    return epoch, xid, n


def reached(page: Sequence[Recorded], most: int, end: Position) -> Position:
    """Where a reader of the feed is after a page of at most so many events, the feed having gone up to `end` before.

    A page that is not full was the last: beyond it are only events that its reader does not see.
    """
    last = read_position(page[-1].position) if page else end
    return last if len(page) == most else max(last, end)


def sealed(row: asyncpg.Record) -> Sealed:
    """A row of `events`."""
    payload: bytes | None = row["payload"]
    data, received_at = (None, None) if payload is None else _read(payload)
    return Sealed(
        envelope=Envelope(
            tenant=row["tenant"],
            stream=row["stream"],
            seq=row["seq"],
            event_id=row["event_id"],
            type=row["type"],
            v=row["v"],
            command_id=row["command_id"],
            actor=row["actor"],
            at=row["at"],
            recorded_at=row["recorded_at"],
            data_digest=row["data_digest"].hex(),
            prev=row["prev"].hex(),
        ),
        hash=row["hash"].hex(),
        salt=row["salt"],
        payload=payload,
        data=data,
        received_at=received_at,
        request=row["request_sha256"].hex(),
        index=row["command_index"],
        position=position(row["epoch"], row["xid"], row["n"]),
    )


def _read(payload: bytes) -> tuple[dict[str, Any], datetime | None]:
    """The payload's data and receipt time; bytes that somebody made unreadable say nothing, and fail their digest."""
    try:
        content = json.loads(payload)
        received = content["received_at"]
        return dict(content["data"]), None if received is None else datetime.fromisoformat(received)
    except (ValueError, TypeError, KeyError):
        return {}, None


def stream(tenant: str, name: str, row: asyncpg.Record, state: BaseModel) -> Stream:
    """A row of `streams`, with the state that was read of it or is meant to be in it."""
    return Stream(
        tenant=tenant,
        name=name,
        seq=row["seq"],
        head=row["head"].hex(),
        state=state,
        last_at=row["last_at"],
        next_wakeup=row["next_wakeup"],
        owed=tuple(row["owed"]),
        lives=row["lives"],
        client=client(row) if "client" in row else None,
    )


def client(row: Mapping[str, Any] | asyncpg.Record) -> Client | None:
    """The client in a row of `look.sql` or `facts.sql`, or in the `survivor` of the latter."""
    return None if row["client"] is None else client_of(row["client"], row)


def standing(row: asyncpg.Record) -> Answer:
    """Where a stream is, by its row alone."""
    return Answer(
        seq=row["seq"],
        status=row["status"],
        head=row["head"].hex(),
        stream_seq=row["seq"],
        next_wakeup=row["next_wakeup"],
        owes=any(seq != START for seq in row["owed"]),
        lives=row["lives"],
    )


def wanted(wants: Wants) -> tuple[object, ...]:
    """What `facts.sql` takes after tenant and client of who reads."""
    cases = wants.cases.model_dump_json(exclude_defaults=True) if wants.cases else None
    beside = wants.committee, wants.people, wants.audit, wants.audits, wants.certificates
    return wants.client, wants.into, wants.series, *beside, cases, MOST_CASES


def facts(policies: PolicyBook, row: asyncpg.Record, number: int | None) -> Facts:
    """The row of `facts.sql`, with the number that is offered."""
    return Facts(
        policies=policies,
        client=client(row),
        into=client(json.loads(row["survivor"])) if row["survivor"] else None,
        number=number,
        committee=_PEOPLE.validate_json(row["committee"] or "[]"),
        people=_PEOPLE.validate_json(row["people"] or "[]"),
        audit=AuditEntry.model_validate_json(row["audit"]) if row["audit"] else None,
        team=_PEOPLE.validate_json(row["team"] or "[]"),
        audits=_AUDITS.validate_json(row["audits"] or "[]"),
        certificates=_CERTIFICATES.validate_json(row["certificates"] or "[]"),
        cases=_CASES.validate_json(row["cases"] or "[]"),
    )


def append_document(
    registry: Registry,
    shown: Projections,
    decided: Sequence[Decided],
    taken: Sequence[tuple[Stream, Taken]] = (),
    kept: Stream | None = None,
    heard: Sequence[tuple[Stream, Heard]] = (),
) -> str:
    """What `closeout.append` takes: decisions, the numbers that they took, and what sources said last of cases.

    What stays as the row of the `kept` stream says, its state or how it appears in lists, is not written again.
    """
    document: dict[str, Any] = {"events": [_event(event) for one in decided for event in one.events]}
    born = [one.stream.name for one in decided if one.events[0].envelope.seq == 1]
    if born:
        document["born"] = born
    if taken:
        document["numbers"] = [
            {"tenant": stream.tenant, "series": each.series, "number": each.number, "stream": stream.name}
            for stream, each in taken
        ]
    if heard:
        document["heard"] = [
            {
                "tenant": stream.tenant,
                "stream": stream.name,
                "said": each.said,
                "said_at": instant(each.at) if each.at else None,
            }
            for stream, each in heard
        ]
    return _with_streams(registry, shown, document, [one.stream for one in decided], kept)


def payloads(decided: Sequence[Decided]) -> list[bytes | None]:
    """What `closeout.append` takes beside the document of these decisions: JSON already, each would be quoted in it."""
    return [event.payload for one in decided for event in one.events]


def move_document(registry: Registry, shown: Projections, streams: Sequence[Stream]) -> str:
    """What `closeout.append` takes to write rows anew without an event."""
    return _with_streams(registry, shown, {"events": []}, streams)


def rows_document(rows: Sequence[projections.Row]) -> str:
    """What `compare_{model}.sql` takes."""
    return to_json({"rows": rows}).decode()


def _with_streams(
    registry: Registry,
    shown: Projections,
    document: dict[str, Any],
    streams: Sequence[Stream],
    kept: Stream | None = None,
) -> str:
    """A document with the rows of streams, and with those of the lists that show them, by read model."""
    moved: list[str] = []
    named: dict[tuple[str, bytes], str] = {}
    for stream in streams:
        was = kept if kept is not None and kept.name == stream.name else None
        owner = projections.of(shown, stream.name).owner(stream)
        if was is not None and was.state is stream.state:
            document["grown"] = _end(stream)
        else:
            moved.append(_stream(registry, owner, stream))
        policy = policies.policy_of(stream.state)
        if policy is not None and (was is None or policy is not policies.policy_of(was.state)):
            one = policies.kept(policy)
            named[stream.tenant, one.sha256] = one.body
        row = projections.row_of(shown, stream, owner) if was is None else projections.moved(shown, was, stream, owner)
        if row is not None:
            document.setdefault(projections.model_of(shown, kind_of(stream.name)), []).append(row)
    if named:
        # In one order for everybody: who inserts what another inserts waits for that one.
        document["policies"] = [
            {"tenant": tenant, "sha256": sha256.hex(), "body": body} for (tenant, sha256), body in sorted(named.items())
        ]
    text = to_json(document).decode()
    return f'{text[:-1]},"streams":[{",".join(moved)}]}}' if moved else text


def _end(stream: Stream) -> dict[str, Any]:
    """The part of a stream's row that does not follow from its state."""
    if stream.last_at is None:
        raise ValueError(f"{stream.name}: a stream without an event has no row")
    return {
        "tenant": stream.tenant,
        "stream": stream.name,
        "seq": stream.seq,
        "head": stream.head,
        "last_at": instant(stream.last_at),
        "owed": stream.owed,
    }


def _stream(registry: Registry, owner: Owner, stream: Stream) -> str:
    decider = registry.of(stream.name)
    state, policy = policies.stored(stream.state)
    row = {
        **_end(stream),
        "kind": kind_of(stream.name),
        "org": owner.org,
        "status": decider.status(stream.state),
        "state_version": decider.version,
        "next_wakeup": instant(stream.next_wakeup) if stream.next_wakeup else None,
        "lives": stream.lives,
        "shown": owner.shown,
        "seen_by": owner.seen_by,
        "policy": None if policy is None else policy.hex(),
    }
    # A state is large, and JSON already.
    return f'{to_json(row).decode()[:-1]},"state":{state}}}'


def _event(event: Sealed) -> dict[str, Any]:
    e = event.envelope
    if event.salt is None:
        raise ValueError(f"{e.stream} {e.seq}: only a whole event is appended")
    return {
        "tenant": e.tenant,
        "stream": e.stream,
        "seq": e.seq,
        "event_id": str(e.event_id),
        "type": e.type,
        "v": e.v,
        "command_id": e.command_id,
        "command_index": event.index,
        "request_sha256": event.request,
        "actor": e.actor,
        "at": instant(e.at),
        "recorded_at": instant(e.recorded_at),
        "data_digest": e.data_digest,
        "prev": e.prev,
        "hash": event.hash,
        "salt": event.salt.hex(),
    }
