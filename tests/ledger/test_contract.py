"""What every ledger promises, in memory and on Postgres."""

import asyncio
from datetime import timedelta
from itertools import pairwise
from typing import Any

import asyncpg
import pytest

from activities.ledger.decide import Unlawful
from activities.ledger.histories import whole_history
from activities.ledger.memory import MemoryLedger
from activities.ledger.postgres import PostgresLedger
from activities.ledger.protocol import GENESIS, START, Head, Ledger, Met, Report, Scope
from tests.ledger.conftest import ACTOR, NOW, Enrol, Renew, command, faults, report, sleeping
from tests.ledger.tally import State, early
from workflows.canonical import instant
from workflows.decider import Command, Wants
from workflows.people import Actor, Person, Role
from workflows.stubs import Due

DAY = timedelta(days=1)


async def test_a_command_is_recorded_and_the_stream_moves(ledger: Ledger, tenant: str) -> None:
    answer = await ledger.transact(tenant, "tally/1", command("open", client="acme"), NOW)
    assert (answer.seq, answer.status, answer.refusal, answer.repeated) == (1, "open", None, False)
    assert [(e.seq, e.type, e.at, e.actor) for e in answer.events] == [(1, "opened", NOW, "anna")]
    answer = await ledger.transact(tenant, "tally/1", command("add", amounts=[2, 3]), NOW + DAY)
    assert (answer.seq, len(answer.events)) == (3, 2)
    stream = await ledger.load(Scope(tenant), "tally/1")
    assert stream is not None
    assert isinstance(stream.state, State)
    assert (stream.seq, stream.head, stream.state.total) == (3, answer.head, 5)
    history = await ledger.history(Scope(tenant), "tally/1")
    assert [e.seq for e in history] == [1, 2, 3]
    assert [e.prev for e in history] == [GENESIS, history[0].hash, history[1].hash]
    assert history[1].data == {"amount": 2}
    assert [e.seq for e in await ledger.history(Scope(tenant), "tally/1", after=1, limit=1)] == [2]
    assert await faults(ledger, tenant) == []


async def test_a_refusal_leaves_nothing(ledger: Ledger, tenant: str) -> None:
    answer = await ledger.transact(tenant, "tally/1", command("add", amount=1), NOW)
    assert answer.refusal is not None
    assert (answer.refusal.code, answer.seq, answer.status, answer.head) == ("not_open", 0, "new", GENESIS)
    assert await ledger.standing(tenant, "tally/1") is None
    assert await ledger.load(Scope(tenant), "tally/1") is None
    await ledger.transact(tenant, "tally/1", command("open"), NOW)
    answer = await ledger.transact(tenant, "tally/1", command("add", amount=-1), NOW)
    assert answer.refusal is not None
    assert (answer.refusal.code, answer.refusal.pointer, answer.seq) == ("negative", "/amount", 1)
    assert len(await ledger.history(Scope(tenant), "tally/1")) == 1


async def test_a_repeat_is_answered_with_what_was_recorded_then(ledger: Ledger, tenant: str) -> None:
    first = command("open")
    then = await ledger.transact(tenant, "tally/1", first, NOW)
    add = command("add", amounts=[100, 1])
    added = await ledger.transact(tenant, "tally/1", add, NOW)
    await ledger.transact(tenant, "tally/1", command("remind", at=instant(NOW + DAY)), NOW)
    await ledger.transact(tenant, "tally/1", command("close"), NOW)
    again = await ledger.transact(tenant, "tally/1", first, NOW + DAY)
    assert again == then.model_copy(update={"repeated": True, "owes": True, "stream_seq": 5})
    repeat = await ledger.transact(tenant, "tally/1", add.model_copy(update={"if_match": 1, "received_at": NOW}), NOW)
    assert (repeat.events, repeat.head, repeat.status, repeat.seq) == (added.events, added.head, "open", 3)
    stream = await ledger.load(Scope(tenant), "tally/1")
    assert stream is not None
    assert await ledger.meet(Scope(tenant), "tally/1", add) == Met(stream, repeat)
    assert await ledger.meet(Scope(tenant), "tally/1", command("add", amount=1)) == Met(stream)
    assert await ledger.meet(Scope(tenant), "tally/1", add.model_copy(update={"id": "k" * 256})) == Met(stream)
    assert await ledger.meet(Scope(tenant), "tally/2", add) is None
    assert await ledger.meet(Scope("another"), "tally/1", add) is None


@pytest.mark.parametrize("other", [{"body": {"amount": 2}}, {"name": "close"}, {"actor": Actor(id="bob")}])
async def test_a_key_of_another_request_is_refused(ledger: Ledger, tenant: str, other: dict[str, Any]) -> None:
    await ledger.transact(tenant, "tally/1", command("open"), NOW)
    add = command("add", amount=1)
    await ledger.transact(tenant, "tally/1", add, NOW)
    met = await ledger.meet(Scope(tenant), "tally/1", add.model_copy(update=other))
    assert met is not None
    for answer in (await ledger.transact(tenant, "tally/1", add.model_copy(update=other), NOW), met.recorded):
        assert answer is not None
        assert answer.refusal is not None
        assert (answer.refusal.code, answer.refusal.kind, answer.seq) == ("key_reused", "invalid", 2)


async def test_if_match_is_the_present_sequence_number(ledger: Ledger, tenant: str) -> None:
    await ledger.transact(tenant, "tally/1", command("open", if_match=0), NOW)
    answer = await ledger.transact(tenant, "tally/1", command("add", if_match=0, amount=1), NOW)
    assert answer.refusal is not None
    assert (answer.refusal.code, answer.refusal.kind) == ("stale_sequence", "stale")
    assert (await ledger.transact(tenant, "tally/1", command("add", if_match=1, amount=1), NOW)).seq == 2


@pytest.mark.parametrize(
    ("id", "note", "code"),
    [
        ("", "", "key_length"),
        ("k" * 256, "", "key_length"),
        ("k\x00", "", "not_storable"),
        ("k\ud800", "", "not_storable"),
        ("k1", "a\ud800", "not_storable"),
        ("k2", "a\x00", "not_storable"),
        ("k3", "a\\\x00", "not_storable"),
        ("k4", 2**53, "not_storable"),
        ("k5", "a\\u0000 \x1a0000", None),
    ],
)
async def test_what_cannot_be_stored_is_refused(
    ledger: Ledger, tenant: str, id: str, note: object, code: str | None
) -> None:
    asked = Command(id=id, name="open", body={"note": note}, actor=ACTOR)
    answer = await ledger.transact(tenant, "tally/1", asked, NOW)
    assert (answer.refusal and answer.refusal.code) == code


@pytest.mark.parametrize("id", ["w:1:2026-03-02T12:00:00.000000Z", "r:x"])
async def test_keys_of_wakeups_and_reactions_are_refused(ledger: Ledger, tenant: str, id: str) -> None:
    for kind, code in (("person", "key_reserved"), ("key", "key_reserved"), ("reaction", None)):
        asked = Command(id=id, name="open", actor=Actor.model_validate({"id": "anna", "kind": kind}))
        [outcome] = await ledger.report(tenant, [Report("scanner", "F", f"nonconformity/{id}", asked)], NOW)
        for answer in (outcome.answer, await ledger.transact(tenant, "tally/1", asked, NOW)):
            assert answer is not None
            assert (answer.refusal and answer.refusal.code) == code
    known = Report("scanner", "F", "nonconformity/2", Command(id=id, name="open", actor=ACTOR))
    [outcome] = await ledger.report(tenant, [known], NOW)
    assert outcome.result == "rejected"


async def test_no_command_id_stands_twice_in_a_stream(ledger: Ledger, tenant: str) -> None:
    """What a wake-up would be recorded under is held already: nothing is recorded."""
    await ledger.transact(tenant, "tally/1", command("open"), NOW)
    await ledger.transact(tenant, "tally/1", command("remind", at=instant(NOW + DAY)), NOW)
    taken = Command(
        id=f"w:3:{instant(NOW + DAY)}", name="add", body={"amount": 1}, actor=Actor(id="r", kind="reaction")
    )
    await ledger.transact(tenant, "tally/1", taken, NOW)
    with pytest.raises((ValueError, asyncpg.UniqueViolationError)):
        await ledger.wake(tenant, "tally/1", NOW + DAY, NOW + DAY)
    assert len(await ledger.history(Scope(tenant), "tally/1")) == 3
    assert await faults(ledger, tenant) == []


async def test_time_never_runs_backwards_in_a_stream(ledger: Ledger, tenant: str) -> None:
    await ledger.transact(tenant, "tally/1", command("open", client="acme"), NOW)
    await ledger.transact(tenant, "tally/1", command("add", amount=1), NOW - DAY)
    assert [e.at for e in await ledger.history(Scope(tenant), "tally/1")] == [NOW, NOW]
    for scope in (Scope(tenant), Scope(tenant, "acme")):
        stream = await ledger.load(scope, "tally/1")
        assert stream is not None
        assert (stream.last_at, stream.moment(NOW - DAY), stream.moment(NOW + DAY)) == (NOW, NOW, NOW + DAY)


async def test_a_wakeup_is_recorded_once_and_only_in_time(ledger: Ledger, tenant: str) -> None:
    due = NOW + DAY
    await ledger.transact(tenant, "tally/1", command("open"), NOW)
    await ledger.transact(tenant, "tally/1", command("remind", at=instant(due)), NOW)
    early = await ledger.wake(tenant, "tally/1", due, due - timedelta(microseconds=1))
    assert (early.events, early.next_wakeup, early.lives) == ((), due, True)
    woken = await ledger.wake(tenant, "tally/1", due, due)
    assert [(e.type, e.actor, e.at) for e in woken.events] == [("reminded", "clock", due)]
    assert (woken.next_wakeup, woken.lives) == (None, False)
    history = await ledger.history(Scope(tenant), "tally/1")
    assert history[-1].command_id == f"w:2:{instant(due)}"
    again = await ledger.wake(tenant, "tally/1", due, due + DAY)
    assert again == woken.model_copy(update={"repeated": True})
    assert (await ledger.wake(tenant, "tally/none", due, due)).seq == 0
    assert await faults(ledger, tenant) == []


async def test_the_same_instant_may_come_again(ledger: Ledger, tenant: str) -> None:
    await ledger.transact(tenant, "tally/1", command("open"), NOW)
    for _ in range(2):
        await ledger.transact(tenant, "tally/1", command("remind", at=instant(NOW)), NOW)
        assert [e.type for e in (await ledger.wake(tenant, "tally/1", NOW, NOW)).events] == ["reminded"]
    assert (await ledger.wake(tenant, "tally/1", NOW, NOW)).seq == 5


async def test_a_wakeup_that_never_ends_is_a_programming_error(ledger: Ledger, tenant: str) -> None:
    await ledger.transact(tenant, "tally/1", command("open"), NOW)
    await ledger.transact(tenant, "tally/1", command("add", amount=13), NOW)
    await ledger.transact(tenant, "tally/1", command("remind", at=instant(NOW)), NOW)
    with pytest.raises(Unlawful, match="asks to be woken"):
        await ledger.wake(tenant, "tally/1", NOW, NOW)
    with pytest.raises(Unlawful, match="without an event"):
        await ledger.transact(tenant, "tally/1", command("nothing"), NOW)
    assert len(await ledger.history(Scope(tenant), "tally/1")) == 3


async def test_a_report_that_lives_owes_its_start(ledger: Ledger, tenant: str) -> None:
    """What comes through a stream's workflow needs no start; a report comes past it."""
    [outcome] = await ledger.report(tenant, [report("F", at=instant(NOW + DAY))], NOW)
    assert outcome.answer is not None
    assert (outcome.answer.lives, outcome.answer.owes) == (True, False)
    assert outcome.stream is not None
    assert (tenant, outcome.stream) in await sleeping(ledger, NOW)
    started = await ledger.settle(tenant, outcome.stream, [START])
    assert started == await ledger.standing(tenant, outcome.stream)
    assert (tenant, outcome.stream) not in await sleeping(ledger, NOW)
    await ledger.transact(tenant, "tally/1", command("open", at=instant(NOW + DAY)), NOW)
    assert (tenant, "tally/1") not in await sleeping(ledger, NOW)
    [outcome] = await ledger.report(tenant, [report("G", at=instant(NOW + DAY))], NOW)
    assert outcome.stream is not None
    await ledger.transact(tenant, outcome.stream, command("add", amount=1), NOW)
    assert (tenant, outcome.stream) not in await sleeping(ledger, NOW)


async def test_reactions_are_owed_until_settled(ledger: Ledger, tenant: str) -> None:
    await ledger.transact(tenant, "tally/1", command("open"), NOW)
    answer = await ledger.transact(tenant, "tally/1", command("add", amounts=[1, 100, 2, 200]), NOW)
    assert (answer.owes, answer.lives) == (True, False)
    assert [e.seq for e in await ledger.owed(tenant, "tally/1")] == [3, 5]
    assert (tenant, "tally/1") in await sleeping(ledger, NOW)
    await ledger.transact(tenant, "tally/1", command("remind", at=instant(NOW + DAY)), NOW)
    assert [e.seq for e in await ledger.owed(tenant, "tally/1")] == [3, 5]
    settled = await ledger.settle(tenant, "tally/1", [3])
    assert (settled.owes, settled.seq, settled.next_wakeup) == (True, 6, NOW + DAY)
    assert (await ledger.settle(tenant, "tally/1", [5, 5, 99])).owes is False
    assert (tenant, "tally/1") not in await sleeping(ledger, NOW)
    assert (tenant, "tally/1") in await sleeping(ledger, NOW + DAY)
    assert await ledger.owed(tenant, "tally/none") == []
    with pytest.raises(KeyError):
        await ledger.settle(tenant, "tally/none", [1])
    assert await ledger.standing(tenant, "tally/1") == settled.model_copy(update={"owes": False})


async def test_numbers_are_gapless_under_refusals_and_concurrency(ledger: Ledger, tenant: str) -> None:
    async def open_one(n: int) -> int | None:
        asked = command("open", numbered=True, amount=-1 if n % 3 == 0 else 0)
        await ledger.transact(tenant, f"nonconformity/{n}", asked, NOW)
        stream = await ledger.load(Scope(tenant), f"nonconformity/{n}")
        return stream.state.number if stream and isinstance(stream.state, State) else None

    numbers = await asyncio.gather(*(open_one(n) for n in range(12)))
    assert sorted(number for number in numbers if number) == list(range(1, 9))
    assert (await ledger.facts(Scope(tenant), Wants(series="tally"))).number == 9
    assert await faults(ledger, tenant) == []


async def test_facts_come_from_clients_and_people(ledger: Ledger, tenant: str, enrol: Enrol) -> None:
    refused = await ledger.transact(tenant, "tally/1", command("open", wanted_client="acme"), NOW)
    assert refused.refusal is not None
    assert refused.refusal.code == "unknown_client"
    await ledger.transact(tenant, "client/acme", command("open", client="acme"), NOW)
    person = Person(id="p1", name="Petra", roles=frozenset({Role.COMMITTEE_MEMBER}))
    await enrol(tenant, person)
    await enrol(tenant, Person(id="p2", name="Paul", roles=frozenset({Role.AUDITOR})))
    theirs = [Person(id=f"p{n}", name="Olga", roles=frozenset({Role.CLIENT_OWNER}), client="acme") for n in (3, 4)]
    for one in (*reversed(theirs), theirs[0].model_copy(update={"id": "p5", "client": "other"})):
        await enrol(tenant, one)
    assert (await ledger.facts(Scope(tenant), Wants(client="acme", people=True))).people == theirs
    assert list((await ledger.facts(Scope(tenant), Wants(people=True))).people) == []
    facts = await ledger.facts(Scope(tenant), Wants(client="acme", committee=True))
    assert facts.client is not None
    assert (facts.client.key, facts.client.zone, facts.client.four_eyes) == ("acme", "Europe/Vienna", False)
    assert (facts.committee, facts.number) == ([person], None)
    asked = command("open", wanted_client="acme", committee=True, numbered=True)
    answer = await ledger.transact(tenant, "tally/1", asked, NOW)
    assert answer.refusal is None
    stream = await ledger.load(Scope(tenant), "tally/1")
    assert stream is not None
    assert isinstance(stream.state, State)
    assert (stream.state.notes, stream.state.number) == (("p1",), 1)
    assert (await ledger.facts(Scope(tenant, "other"), Wants(client="acme"))).client is None


async def test_a_client_sees_its_own_shown_streams_alone(ledger: Ledger, tenant: str) -> None:
    for name, client, shown in (("mine", "acme", True), ("triage", "acme", False), ("theirs", "other", True)):
        await ledger.transact(tenant, f"tally/{name}", command("open", client=client, shown=shown), NOW)
    scope = Scope(tenant, "acme")
    for name, seen in (("mine", True), ("triage", False), ("theirs", False)):
        assert (await ledger.load(scope, f"tally/{name}") is not None) is seen
        assert bool(await ledger.history(scope, f"tally/{name}")) is seen
    assert [e.stream for e in await ledger.feed(scope, None)] == ["tally/mine"]
    assert await ledger.load(Scope("elsewhere"), "tally/mine") is None


async def test_the_feed_pages_through_everything_once(ledger: Ledger, tenant: str) -> None:
    await asyncio.gather(*(ledger.transact(tenant, f"tally/{n}", command("open"), NOW) for n in range(7)))
    seen: list[str] = []
    position: str | None = None
    while page := await ledger.feed(Scope(tenant), position, limit=3):
        seen += [event.position for event in page]
        position = page[-1].position
    assert len(seen) == 7
    assert all(a < b for a, b in pairwise(seen))


async def test_twenty_commands_at_once_on_one_stream(ledger: Ledger, tenant: str) -> None:
    await ledger.transact(tenant, "tally/1", command("open"), NOW)
    adds = [command("add", amount=1) for _ in range(20)]
    answers = await asyncio.gather(*(ledger.transact(tenant, "tally/1", add, NOW) for add in adds + adds[:5]))
    assert sorted(a.seq for a in answers if not a.repeated) == list(range(2, 22))
    assert sum(a.repeated for a in answers) == 5
    assert await faults(ledger, tenant) == []


async def test_a_first_command_sent_twice_at_once_opens_one_stream(ledger: Ledger, tenant: str) -> None:
    first = command("open")
    answers = await asyncio.gather(*(ledger.transact(tenant, "tally/1", first, NOW) for _ in range(10)))
    assert sum(a.repeated for a in answers) == 9
    assert {a.head for a in answers} == {answers[0].head}


async def test_a_rebuild_of_a_sound_record_changes_nothing(ledger: Ledger, tenant: str) -> None:
    await ledger.transact(tenant, "nonconformity/1", command("open", client="acme"), NOW)
    await ledger.transact(tenant, "nonconformity/1", command("add", amounts=[100, 1]), NOW)
    before = await ledger.load(Scope(tenant), "nonconformity/1")
    assert await ledger.rebuild(tenant) == 0
    assert await ledger.load(Scope(tenant), "nonconformity/1") == before
    [verification] = [each async for each in ledger.verify(tenant)]
    assert (verification.tenant, verification.streams, verification.events) == (tenant, 1, 3)
    assert before is not None
    assert verification.heads == {"nonconformity/1": Head(before.seq, before.head)}


async def test_what_owes_something_is_read_page_by_page(ledger: Ledger, tenant: str) -> None:
    """In pages nothing starves, however long what comes first goes on owing."""
    names = [f"tally/{n}" for n in range(5)]
    for name in reversed(names):
        await ledger.transact(tenant, name, command("open"), NOW)
        await ledger.transact(tenant, name, command("add", amount=100), NOW)
    seen: list[tuple[str, str]] = []
    after: tuple[str, str] | None = (tenant, "")
    while page := [pair for pair in await ledger.owing(NOW, 2, after) if pair[0] == tenant]:
        assert len(page) <= 2
        seen += page
        after = page[-1]
    assert seen == [(tenant, name) for name in names]


async def test_what_is_late_is_read_page_by_page(ledger: Ledger, tenant: str) -> None:
    """The earliest first; each once, though others wake, or move, between the pages. Before all that others do here."""
    first = NOW - 999 * DAY
    places = [Due(at=first + DAY * (n > 5), tenant=tenant, stream=f"tally/{n}") for n in range(9)]
    for place in reversed(places):
        await ledger.transact(tenant, place.stream, command("open"), first)
        await ledger.transact(tenant, place.stream, command("remind", at=instant(place.at)), first)
    seen: list[Due] = []
    after: Due | None = None
    while page := await ledger.due(first + DAY, 2, after):
        assert len(page) <= 2
        seen += page
        after = page[-1]
        for moved in (*page, places[5]):
            await ledger.wake(tenant, moved.stream, moved.at, first + DAY)
        await ledger.transact(tenant, "tally/7", command("remind", at=instant(first + 2 * DAY)), first + DAY)
    assert seen == [*places[:5], places[6], places[8]]
    assert await ledger.due(first + DAY) == []
    assert await ledger.due(first + 2 * DAY) == [Due(at=first + 2 * DAY, tenant=tenant, stream="tally/7")]


async def test_a_new_rule_winds_the_clocks_of_open_cases(ledger: Ledger, tenant: str, renew: Renew) -> None:
    due = NOW + 3 * DAY
    for name in ("nonconformity/1", "tally/1"):
        await ledger.transact(tenant, name, command("open", client="acme"), NOW)
        remind = await ledger.transact(tenant, name, command("remind", at=instant(due)), NOW)
        await ledger.settle(tenant, name, [remind.seq])
    assert await ledger.refresh(tenant) == 0
    newer = await renew(early())
    assert (tenant, "tally/1") not in await sleeping(newer, due - DAY)
    assert await newer.refresh(tenant) == 2
    assert await newer.refresh(tenant) == 0
    for name in ("nonconformity/1", "tally/1"):
        assert (tenant, name) in await sleeping(newer, due - DAY)
        assert (tenant, name) not in await sleeping(newer, due - DAY - timedelta(seconds=1))
        standing = await newer.standing(tenant, name)
        assert standing is not None
        assert (standing.next_wakeup, standing.seq, standing.lives) == (due - DAY, 2, True)
    assert await faults(newer, tenant) == []
    await ledger.refresh(tenant)


async def test_a_history_is_read_whole(ledger: Ledger, tenant: str) -> None:
    await ledger.transact(tenant, "tally/1", command("open"), NOW)
    await ledger.transact(tenant, "tally/1", command("add", amounts=[1, 2, 3]), NOW)
    for page in (1, 2, 3, 4, 5):
        whole = await whole_history(ledger, Scope(tenant), "tally/1", page)
        assert [event.seq for event in whole] == [1, 2, 3, 4]
    assert await whole_history(ledger, Scope(tenant), "tally/none") == []


async def test_receipt_and_request_stand_beside_the_deciding_instant(ledger: Ledger, tenant: str) -> None:
    received = NOW - timedelta(microseconds=1)
    asked = command("open").model_copy(update={"received_at": received})
    await ledger.transact(tenant, "tally/1", asked, NOW)
    await ledger.transact(tenant, "tally/1", command("remind", at=instant(NOW)), NOW)
    await ledger.wake(tenant, "tally/1", NOW, NOW)
    opened, reminded, woken = await ledger.history(Scope(tenant), "tally/1")
    assert (opened.at, opened.received_at, opened.request_sha256) == (NOW, received, asked.digest())
    assert (reminded.received_at, woken.received_at) == (None, None)


def test_both_are_ledgers() -> None:
    ledgers: list[type[Ledger]] = [MemoryLedger, PostgresLedger]
    assert ledgers
