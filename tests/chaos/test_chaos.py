"""A small storm, and whether the checker finds what somebody changes by hand."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path

import pytest
from rich.console import Console

from tests.chaos.book import Book, Event, entered
from tests.chaos.checker import Findings, check, check_product
from tests.chaos.faults import Scale
from tests.chaos.journal import Account
from tests.chaos.run import judged, storm
from tests.chaos.site import Site, running

# The storm alone takes most of a minute on a calm machine, and three times as long on one that does much else.
pytestmark = pytest.mark.timeout(540)

SMALL = Scale(
    kills=1,
    stops=0,
    cuts=1,
    slows=0,
    deafs=0,
    crashes=1,
    clients=5,
    choices=("suspend", "dismiss"),
    tick=1,
    between=(0.1, 0.4),
)


@dataclass(frozen=True, slots=True)
class Aftermath:
    """What a storm left: the system, still up, what the clients know, what the ledger holds, and what was found."""

    site: Site
    account: Account
    book: Book
    findings: Findings


@pytest.fixture(scope="module")
async def aftermath(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Aftermath]:
    folder: Path = tmp_path_factory.mktemp("chaos")
    journal = folder / "journal.jsonl"
    async with running(folder, SMALL.tick) as site:
        await storm(site, journal, seed=3, scale=SMALL, console=Console(soft_wrap=True))
        findings = await judged(site, journal, SMALL)
        book = await Book.read(site.settings.dsn, site.settings.tenant)
        yield Aftermath(site, Account.read(journal), book, findings)


async def test_every_invariant_holds_after_a_storm(aftermath: Aftermath) -> None:
    assert {name: found for name, found in aftermath.findings.items() if found} == {}
    assert len(aftermath.account.left) > 5
    assert any(event.command_id.startswith("r:") for event in aftermath.book.all())
    assert {struck.kind for struck in aftermath.account.struck if struck.hit} == {"kill", "cut", "crash"}


def altered(book: Book) -> Book:
    """Another word in the payload of an event in the middle of a stream."""
    event = next(event for event in acknowledged(book) if event.type == "nonconformity.correction_recorded")
    return with_events(
        book, event.stream, lambda e: replace(e, payload=e.payload.replace(b"removed", b"revoked")), event
    )


def deleted(book: Book) -> Book:
    """An event in the middle of a stream is gone, whose hash its client was told: a report's answer names none."""
    told = (event for event in acknowledged(book) if event.type == "nonconformity.correction_recorded")
    event = next(event for event in told if 1 < event.seq < len(book.events[event.stream]))
    left = [other for other in book.events[event.stream] if other != event]
    return replace(book, events={**book.events, event.stream: left})


def cut_short(book: Book) -> Book:
    """The last event that a client was told of is gone, and the stream's row stands where the rest ends."""
    stream = next(e.stream for e in book.all() if e.type == "nonconformity.closed")
    closed = next(e for e in book.events[stream] if e.type == "nonconformity.closed")
    return shortened(book, stream, closed.seq - 1)


def forged(book: Book) -> Book:
    """A payload is altered, and every hash from there on is made anew: the chain holds, the acknowledgements do not."""
    book = altered(book)
    stream = next(name for name, events in book.events.items() if any(b"revoked" in e.payload for e in events))
    events: list[Event] = []
    for event in book.events[stream]:
        digest = book.digest(event)
        linked = replace(event, data_digest=digest, prev=events[-1].hash if events else event.prev)
        events.append(replace(linked, hash=book.hashed(linked)))
    standing = replace(book.streams[stream], head=events[-1].hash)
    return replace(book, events={**book.events, stream: events}, streams={**book.streams, stream: standing})


def unwoken(book: Book) -> Book:
    """The last wake-up of a stream is gone, and its row stands where the rest ends."""
    for stream, events in book.events.items():
        *_, (command, last) = [(command, list(group)) for command, group in groupby(events, lambda e: e.command_id)]
        if command.startswith("w:") and len(last) < len(events):
            return shortened(book, stream, last[0].seq - 1)
    raise AssertionError("no stream ends with a wake-up")


def unanswered(book: Book) -> Book:
    """A review that a reaction opened is gone, with all its events."""
    review = next(name for name in book.events if name.startswith("committee_review/"))
    events = {name: events for name, events in book.events.items() if name != review}
    return replace(book, events=events, streams={name: row for name, row in book.streams.items() if name != review})


def doubled(book: Book) -> Book:
    """The last command of a stream is there once more, well chained."""
    stream, events = next((name, events) for name, events in book.events.items() if len(events) > 3)
    last = events[-1]
    again = replace(last, seq=last.seq + 1, prev=last.hash)
    again = replace(again, hash=book.hashed(again))
    standing = replace(book.streams[stream], seq=again.seq, head=again.hash)
    return replace(book, events={**book.events, stream: [*events, again]}, streams={**book.streams, stream: standing})


CHAIN = "every chain holds"
TOLD = "every acknowledged command is in the ledger once, as acknowledged"
CLOCK = "every wake-up once, none early, none lacking"


@pytest.mark.parametrize(
    ("tamper", "broken"),
    [
        (altered, {CHAIN}),
        (deleted, {CHAIN, TOLD}),
        (cut_short, {TOLD}),
        (forged, {TOLD}),
        (unwoken, {CLOCK}),
        (unanswered, {"every reaction once, none lacking"}),
        (doubled, {"no command is in the ledger twice"}),
    ],
)
async def test_the_checker_finds_what_was_tampered_with(
    aftermath: Aftermath, tamper: Callable[[Book], Book], broken: set[str]
) -> None:
    findings = check(aftermath.account, tamper(aftermath.book))
    assert broken <= {name for name, found in findings.items() if found}


@pytest.mark.parametrize(
    "by_hand",
    [
        "UPDATE closeout.events SET payload = payload || ' '::bytea WHERE tenant = $1 AND stream = $2 AND seq = $3",
        "DELETE FROM closeout.events WHERE tenant = $1 AND stream = $2 AND seq = $3",
    ],
)
async def test_one_event_changed_by_hand_in_the_database_is_found(aftermath: Aftermath, by_hand: str) -> None:
    site, tenant = aftermath.site, aftermath.book.tenant
    event = next(event for event in acknowledged(aftermath.book) if event.seq > 1)
    at = (tenant, event.stream, event.seq)
    here = "WHERE tenant = $1 AND stream = $2 AND seq = $3"
    async with entered(site.ready.dsn, tenant) as owner:
        await owner.execute("CREATE TEMP TABLE kept (LIKE closeout.events)")
        await owner.execute(f"INSERT INTO kept SELECT * FROM closeout.events {here}", *at)  # noqa: S608
        await owner.execute("ALTER TABLE closeout.events DISABLE TRIGGER append_only")
        try:
            await owner.execute(by_hand, *at)
            book = await Book.read(site.ready.dsn, tenant)
            found = check(aftermath.account, book) | await check_product(site.settings, tenant)
        finally:
            await owner.execute(f"DELETE FROM closeout.events {here}", *at)  # noqa: S608
            await owner.execute("INSERT INTO closeout.events OVERRIDING SYSTEM VALUE SELECT * FROM kept")
            await owner.execute("ALTER TABLE closeout.events ENABLE ALWAYS TRIGGER append_only")
    assert found[CHAIN]
    assert found["the ledger verifies"]
    assert await Book.read(site.ready.dsn, tenant) == aftermath.book


def acknowledged(book: Book) -> list[Event]:
    """The events of cases that clients caused, in order."""
    return [e for e in book.all() if e.stream.startswith("nonconformity/") and e.command_id[:2] not in ("w:", "r:")]


def with_events(book: Book, stream: str, change: Callable[[Event], Event], event: Event) -> Book:
    changed = [change(other) if other == event else other for other in book.events[stream]]
    return replace(book, events={**book.events, stream: changed})


def shortened(book: Book, stream: str, seq: int) -> Book:
    events = book.events[stream][:seq]
    standing = replace(book.streams[stream], seq=seq, head=events[-1].hash)
    return replace(book, events={**book.events, stream: events}, streams={**book.streams, stream: standing})
