"""What every ledger promises of reports: each finding once, whatever comes at once, in memory and on Postgres."""

import asyncio
from datetime import timedelta

from activities.ledger.protocol import Ledger, Report, Scope
from tests.ledger.conftest import NOW, command, faults, report
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
