"""Words that say a part of what there is: news only where they change what their source says in all."""

from collections.abc import AsyncIterator
from dataclasses import replace
from uuid import uuid4

import pytest

from activities.ledger.memory import MemoryLedger
from activities.ledger.postgres import PostgresLedger
from activities.ledger.protocol import Ledger, Report, Scope, Stream
from tests.ledger.conftest import NOW, Server, command, faults, word
from tests.ledger.tally import PROJECTIONS, State, registry
from workflows.policy_book import PolicyBook


def _total(stream: Stream) -> str:
    assert isinstance(stream.state, State)
    return str(stream.state.total)


TOTALS = PROJECTIONS | {"nonconformity": replace(PROJECTIONS["nonconformity"], reference=None, said=_total)}


@pytest.fixture
async def summing(kind: str, server: Server) -> AsyncIterator[Ledger]:
    """A ledger in which what a source says in all is the sum."""
    if kind == "memory":
        yield MemoryLedger(registry(), PolicyBook.load(), TOTALS)
        return
    opened = await PostgresLedger.open(server.app, registry(), PolicyBook.load(), TOTALS)
    yield opened
    await opened.close()


def part(amount: int) -> Report:
    """A report of which an open case is told an amount more."""
    one = word("A", "0", amount=amount)
    return replace(one, word=replace(one.word, whole=False)) if one.word else one


async def told(ledger: Ledger, tenant: str, *reports: Report) -> list[str]:
    return [outcome.result for outcome in await ledger.report(tenant, reports, NOW)]


async def test_a_part_that_changes_nothing_is_a_duplicate_and_leaves_no_event(summing: Ledger, tenant: str) -> None:
    first = part(1)
    assert await told(summing, tenant, first) == ["created"]
    results = await told(summing, tenant, part(0), part(3), part(0), part(2), part(0))
    assert results == ["duplicate", "updated", "duplicate", "updated", "duplicate"]
    assert await told(summing, tenant, part(0), word("A", "5", amount=9)) == ["duplicate", "duplicate"]
    stream = await summing.load(Scope(tenant), first.stream)
    assert stream is not None
    assert (_total(stream), stream.seq) == ("5", 3)
    assert await faults(summing, tenant) == []


async def test_a_part_after_another_word_is_news_and_one_of_a_closed_case_recurs(summing: Ledger, tenant: str) -> None:
    first = part(1)
    await told(summing, tenant, first)
    assert await told(summing, tenant, word("A", f"passed {uuid4().hex}", opens=False)) == ["updated"]
    assert await told(summing, tenant, part(0), part(0)) == ["updated", "duplicate"]
    await summing.transact(tenant, first.stream, command("close"), NOW)
    assert await told(summing, tenant, part(0), part(0), part(4)) == ["recurred", "duplicate", "updated"]
    assert await faults(summing, tenant) == []


async def test_a_part_that_is_refused_changes_nothing(summing: Ledger, tenant: str) -> None:
    assert await told(summing, tenant, part(1), part(-1), part(0)) == ["created", "rejected", "duplicate"]
