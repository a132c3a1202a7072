"""What every ledger promises of reports: each finding once, whatever comes at once, in memory and on Postgres."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from activities.ledger.protocol import START, Ledger, Outcome, Report, Scope
from tests.ledger.conftest import NOW, command, faults, report, word
from tests.ledger.tally import State
from workflows.decider import Wants

DAY = timedelta(days=1)


async def test_fifty_reports_of_one_finding_at_once_open_one_case(ledger: Ledger, tenant: str) -> None:
    one = report("F-1", numbered=True)
    reports = [report("F-1", numbered=True) for _ in range(40)] + [one] * 10
    outcomes = [each for [each] in await asyncio.gather(*(ledger.report(tenant, [r], NOW) for r in reports))]
    assert sorted(o.result for o in outcomes) == ["created"] + ["duplicate"] * 49
    assert len({o.stream for o in outcomes}) == 1
    assert {o.answer.status for o in outcomes if o.answer} == {"open"}
    assert (await ledger.facts(Scope(tenant), Wants(series="tally"))).number == 2
    assert await faults(ledger, tenant) == []


async def test_one_bad_report_loses_no_other(ledger: Ledger, tenant: str) -> None:
    reports = [
        report("A", numbered=True),
        report("B", numbered=True, amount=-1),
        report("A", numbered=True),
        report("C\x00", numbered=True),
        report("x" * 1025),
        report("B", numbered=True),
        report("D", note="\ud800"),
        report("E", numbered=True),
    ]
    reports.append(Report("scanner", "Z", reports[0].stream, command("open")))
    outcomes = await ledger.report(tenant, reports, NOW)
    assert [o.result for o in outcomes] == [
        "created", "rejected", "duplicate", "rejected", "rejected", "created", "rejected", "created", "rejected"
    ]  # fmt: skip
    codes = [o.answer.refusal.code for o in outcomes if o.answer and o.answer.refusal]
    assert codes == ["negative", "not_storable", "reference_length", "not_storable", "stream_taken"]
    assert outcomes[2].stream == reports[0].stream
    assert (await ledger.facts(Scope(tenant), Wants(series="tally"))).number == 4
    again = await ledger.report(tenant, reports[:2], NOW)
    assert [o.result for o in again] == ["duplicate", "duplicate"]
    assert await faults(ledger, tenant) == []


async def test_a_repeated_report_has_its_first_answer_and_a_reused_key_is_refused(ledger: Ledger, tenant: str) -> None:
    first = report("A", "key")
    [created] = await ledger.report(tenant, [first], NOW)
    assert created.answer is not None
    [again] = await ledger.report(tenant, [Report("scanner", "A", "nonconformity/other", first.command)], NOW)
    assert (again.result, again.stream) == ("duplicate", first.stream)
    assert again.answer == created.answer.model_copy(update={"repeated": True})
    [reused] = await ledger.report(tenant, [report("A", "key", amount=1)], NOW)
    assert reused.answer is not None
    assert reused.answer.refusal is not None
    assert (reused.result, reused.answer.refusal.code) == ("rejected", "key_reused")


async def test_a_finding_after_closure_is_a_linked_recurrence(ledger: Ledger, tenant: str) -> None:
    first, second = report("A"), report("A")
    await ledger.report(tenant, [first], NOW)
    await ledger.transact(tenant, first.stream, command("close"), NOW)
    outcomes = await ledger.report(tenant, [first, second, report("A")], NOW)
    assert [o.result for o in outcomes] == ["duplicate", "recurred", "duplicate"]
    assert [o.stream for o in outcomes] == [first.stream, second.stream, second.stream]
    stream = await ledger.load(Scope(tenant), second.stream)
    assert stream is not None
    assert isinstance(stream.state, State)
    assert stream.state.notes == (first.stream,)
    [again] = await ledger.report(tenant, [second], NOW)
    assert again.answer is not None
    assert (again.result, again.answer.repeated) == ("duplicate", True)


async def test_a_repeated_report_finds_the_case_that_it_opened(ledger: Ledger, tenant: str) -> None:
    """However many recurrences there were since, open or closed."""
    first, second = report("A", "K1"), report("A", "K2")
    [created] = await ledger.report(tenant, [first], NOW)
    await ledger.transact(tenant, first.stream, command("close"), NOW)
    [recurred] = await ledger.report(tenant, [second], NOW)
    assert recurred.result == "recurred"
    for again in range(2):
        [repeat] = await ledger.report(tenant, [report("A", "K1")], NOW)
        assert created.answer is not None
        assert repeat.answer is not None
        assert (repeat.result, repeat.stream, repeat.answer.repeated) == ("duplicate", first.stream, True)
        assert repeat.answer.head == created.answer.head
        if not again:
            await ledger.transact(tenant, second.stream, command("close"), NOW)
    both = await ledger.report(tenant, [report("A", "K2"), report("A", "K1", amount=1)], NOW)
    assert [(o.result, o.stream) for o in both] == [("duplicate", second.stream), ("rejected", first.stream)]
    assert (await ledger.report(tenant, [report("A", "K3")], NOW))[0].result == "recurred"


async def test_a_key_used_on_another_occurrence_hides_no_report(ledger: Ledger, tenant: str) -> None:
    first, second = report("A", "K1"), report("A", "K2")
    await ledger.report(tenant, [first], NOW)
    await ledger.transact(tenant, first.stream, command("close"), NOW)
    await ledger.report(tenant, [second], NOW)
    await ledger.transact(tenant, second.stream, command("add", "K1", amount=1), NOW)
    [repeat] = await ledger.report(tenant, [report("A", "K1")], NOW)
    assert (repeat.result, repeat.stream) == ("duplicate", first.stream)


async def test_large_batches_with_overlap_at_once(ledger: Ledger, tenant: str) -> None:
    names = [f"F{n:04}" for n in range(600)]
    batches = [[report(name, numbered=True) for name in order] for order in (names, names[::-1])]
    results = await asyncio.gather(*(ledger.report(tenant, batch, NOW) for batch in batches))
    assert sum(o.result == "created" for outcomes in results for o in outcomes) == 600
    assert (await ledger.facts(Scope(tenant), Wants(series="tally"))).number == 601


async def test_batches_at_once_that_are_decided_again_without_what_is_refused(ledger: Ledger, tenant: str) -> None:
    batches = [[report(f"{b} {n}", numbered=True, amount=-(n % 10 == 0)) for n in range(50)] for b in range(4)]
    results = await asyncio.gather(*(ledger.report(tenant, batch, NOW) for batch in batches))
    assert [Counter(o.result for o in outcomes) for outcomes in results] == [{"created": 45, "rejected": 5}] * 4
    assert (await ledger.facts(Scope(tenant), Wants(series="tally"))).number == 181
    assert await faults(ledger, tenant) == []


async def test_a_reference_is_of_one_client_or_of_whom_that_was_merged_into(ledger: Ledger, tenant: str) -> None:
    for key, into in (("acme", "globex"), ("globex", "initech"), ("initech", "")):
        await ledger.transact(tenant, f"client/{key}", command("open", client=key, ref=into), NOW)
    for status in ("open", "closed"):
        [first] = await ledger.report(tenant, [replace(word(status, "one", client="acme"), client="acme")], NOW)
        assert first.stream is not None
        if status == "closed":
            await ledger.transact(tenant, first.stream, command("close"), NOW)
        before = await ledger.standing(tenant, first.stream)
        for strange in ("globex", "hooli"):
            for opens in (True, False):
                one = replace(word(status, "two", opens=opens), client=strange)
                [outcome] = await ledger.report(tenant, [one], NOW)
                assert outcome.answer is not None
                assert outcome.answer.refusal is not None
                assert (outcome.result, outcome.stream) == ("rejected", None)
                assert (outcome.answer.refusal.code, outcome.answer.seq) == ("another_finding", 0)
        assert await ledger.standing(tenant, first.stream) == before
        survivors = replace(word(status, "one"), client="initech")
        expected = {"open": "duplicate", "closed": "recurred"}[status]
        assert results(await ledger.report(tenant, [survivors], NOW)) == [expected]
    assert await faults(ledger, tenant) == []


async def test_a_repeat_is_answered_though_its_case_moved_and_a_reused_key_tells_another_client_nothing(
    ledger: Ledger, tenant: str
) -> None:
    one = replace(report("A", "key", client="acme"), client="acme")
    other = replace(report("A", "key", client="globex"), client="globex")
    [created, refused, again] = await ledger.report(tenant, [one, other, one], NOW)
    assert refused.answer is not None
    assert refused.answer.refusal is not None
    assert (created.result, refused.result, refused.answer.refusal.code) == ("created", "rejected", "another_finding")
    assert (again.result, again.stream) == ("duplicate", created.stream)
    [repeat] = await ledger.report(tenant, [replace(one, client="globex")], NOW)
    assert (repeat.result, repeat.stream) == ("duplicate", created.stream)


async def total(ledger: Ledger, tenant: str, stream: str | None) -> int:
    """What a case was told so far."""
    found = await ledger.load(Scope(tenant), stream or "")
    assert found is not None
    assert isinstance(found.state, State)
    return found.state.total


def results(outcomes: Sequence[Outcome]) -> list[str]:
    return [outcome.result for outcome in outcomes]


async def test_news_of_an_open_case_is_an_event_on_it_and_the_same_again_is_none(ledger: Ledger, tenant: str) -> None:
    [created] = await ledger.report(tenant, [word("A", "one")], NOW)
    for said, amount, result in (("one", 1, "duplicate"), ("two", 2, "updated"), ("two", 2, "duplicate")):
        [outcome] = await ledger.report(tenant, [word("A", said, amount=amount)], NOW)
        assert (outcome.result, outcome.stream) == (result, created.stream)
    assert await total(ledger, tenant, created.stream) == 2
    [back] = await ledger.report(tenant, [word("A", "one", amount=4)], NOW)
    assert back.answer is not None
    assert (back.result, [one.type for one in back.answer.events]) == ("updated", ["added"])
    assert await total(ledger, tenant, created.stream) == 6
    assert results(await ledger.report(tenant, [report("A")], NOW)) == ["duplicate"], "it says nothing"
    assert await faults(ledger, tenant) == []


async def test_what_was_so_before_what_is_known_is_no_news(ledger: Ledger, tenant: str) -> None:
    reports = [
        word("A", "one", at=NOW),
        word("A", "old", at=NOW - DAY),
        word("A", "same instant", at=NOW),
        word("A", "undated"),
        word("A", "old", at=NOW - DAY),
        word("A", "new", at=NOW + DAY),
        word("A", "older than that", at=NOW),
    ]
    wanted = ["created", "duplicate", "updated", "updated", "duplicate", "updated", "duplicate"]
    assert results(await ledger.report(tenant, reports, NOW)) == wanted
    assert results([(await ledger.report(tenant, [one], NOW))[0] for one in reports]) == ["duplicate"] * 7


async def test_in_one_batch_what_is_doubled_counts_once_and_what_differs_in_its_order(
    ledger: Ledger, tenant: str
) -> None:
    said = ("one", "one", "two", "one", "one", "two")
    wanted = ["created", "duplicate", "updated", "updated", "duplicate", "updated"]
    reports = [word(name, one) for one in said for name in ("A", "B")]
    outcomes = await ledger.report(tenant, reports, NOW)
    assert results(outcomes[::2]) == results(outcomes[1::2]) == wanted
    assert await total(ledger, tenant, outcomes[0].stream) == 3
    # Known now, and last said "two": what comes after news is judged by them.
    again = await ledger.report(tenant, [word("A", one) for one in ("two", "one", "two", "two")], NOW)
    assert results(again) == ["duplicate", "updated", "updated", "duplicate"]
    assert await faults(ledger, tenant) == []


async def test_a_pass_is_told_to_an_open_case_alone(ledger: Ledger, tenant: str) -> None:
    reports = [
        word("A", "passed", opens=False),
        word("A", "one"),
        word("A", "passed", opens=False, amount=10),
        word("A", "passed", opens=False, amount=10),
        word("A", "one", amount=100),
    ]
    outcomes = await ledger.report(tenant, reports, NOW)
    assert results(outcomes) == ["skipped", "created", "updated", "duplicate", "updated"]
    assert (outcomes[0].stream, outcomes[0].answer) == (None, None)
    stream = outcomes[1].stream
    assert stream is not None
    assert await total(ledger, tenant, stream) == 110
    await ledger.transact(tenant, stream, command("close"), NOW)
    after = [word("A", "passed", opens=False), word("A", "one"), word("A", "passed", opens=False)]
    assert results(await ledger.report(tenant, after, NOW)) == ["skipped", "recurred", "updated"]
    assert await total(ledger, tenant, stream) == 110
    assert await faults(ledger, tenant) == []


async def test_what_both_passed_and_failed_at_an_instant_failed(ledger: Ledger, tenant: str) -> None:
    both = [word("A", "passed", at=NOW, opens=False), word("A", "one", at=NOW)]
    assert results(await ledger.report(tenant, both, NOW)) == ["skipped", "created"]
    assert results(await ledger.report(tenant, both, NOW)) == ["duplicate", "duplicate"]
    passed = word("A", "passed", at=NOW + DAY, opens=False)
    assert results(await ledger.report(tenant, [passed], NOW)) == ["updated"]


async def test_what_was_so_before_close_out_is_no_recurrence(ledger: Ledger, tenant: str) -> None:
    [created] = await ledger.report(tenant, [word("A", "one", at=NOW)], NOW)
    await ledger.transact(tenant, created.stream or "", command("close"), NOW)
    late = [word("A", "zero", at=NOW - DAY), word("A", "one", at=NOW), word("A", "zero", at=NOW - DAY)]
    assert results(await ledger.report(tenant, late, NOW)) == ["duplicate", "recurred", "duplicate"]


async def test_news_is_repeated_by_its_command_and_one_that_is_refused_is_not_known(
    ledger: Ledger, tenant: str
) -> None:
    [created] = await ledger.report(tenant, [word("A", "one")], NOW)
    news = word("A", "two", "K", amount=2)
    [first] = await ledger.report(tenant, [news], NOW)
    await ledger.report(tenant, [word("A", "three")], NOW)
    [again] = await ledger.report(tenant, [news], NOW)
    assert first.answer is not None
    assert again.answer is not None
    assert (again.result, again.answer.repeated, again.answer.events) == ("duplicate", True, first.answer.events)
    [reused] = await ledger.report(tenant, [word("A", "four", "K", amount=3)], NOW)
    assert reused.answer is not None
    assert reused.answer.refusal is not None
    assert reused.answer.refusal.code == "key_reused"
    twice = [word("A", "five", "T"), word("A", "six", "T", amount=5)]
    assert results(await ledger.report(tenant, twice, NOW)) == ["updated", "rejected"]
    bad = [word("A", "bad", amount=-1), word("B", "one"), word("A", "bad", amount=-1), word("A", "bad", amount=8)]
    assert results(await ledger.report(tenant, bad, NOW)) == ["rejected", "created", "rejected", "updated"]
    assert await total(ledger, tenant, created.stream) == 12
    assert await faults(ledger, tenant) == []


async def test_news_leaves_what_the_workflow_owes_and_no_start_behind(ledger: Ledger, tenant: str) -> None:
    opening = replace(word("A", "one"), command=command("open", at=(NOW + DAY).isoformat()))
    [created] = await ledger.report(tenant, [opening], NOW)
    stream = created.stream or ""

    async def owed() -> tuple[int, ...]:
        found = await ledger.load(Scope(tenant), stream)
        assert found is not None
        return found.owed

    await ledger.report(tenant, [word("A", "two")], NOW)
    assert await owed() == (START,), "it was never started"
    await ledger.settle(tenant, stream, [START])
    await ledger.report(tenant, [word("A", "three", amount=100)], NOW)
    assert await owed() == (4,), "it was started, and is not owed that again"


async def test_one_news_at_once_from_many_is_told_once(ledger: Ledger, tenant: str) -> None:
    names = [f"F{n}" for n in range(30)]
    created = await ledger.report(tenant, [word(name, "one") for name in names], NOW)
    batches = [[word(name, "two", amount=2) for name in order] for order in (names, names[::-1], names)]
    outcomes = await asyncio.gather(*(ledger.report(tenant, batch, NOW) for batch in batches))
    counted = Counter(result for batch in outcomes for result in results(batch))
    assert counted == {"updated": 30, "duplicate": 60}
    assert {await total(ledger, tenant, one.stream) for one in created} == {2}
    assert await faults(ledger, tenant) == []
