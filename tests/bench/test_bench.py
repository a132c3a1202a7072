"""Each benchmark runs at a tiny size, and its sides do what they claim. What the figures are is no test's business."""

from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import replace
from uuid import uuid4

import pytest

from activities.ledger.protocol import Scope
from bench import append, cases, fire, http, lifecycle, memory, million, reads, start
from bench.__main__ import MEASURES
from bench.baselines import client as bare
from bench.goals import GOALS
from bench.harness import Rounds, crowd, result
from bench.site import BARE, QUICK, Site, open_site

TINY = replace(QUICK, lives=2, commands=50, appends=10, rows=60, reads=10, cached=8, starts=4, timers=4)


@pytest.fixture(scope="module")
async def site(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Site]:
    async with open_site(tmp_path_factory.mktemp("bench"), TINY) as site:
        yield replace(site, rounds=replace(site.rounds, rounds=1))


def test_every_goal_is_measured_once() -> None:
    assert Counter(name for names in MEASURES.values() for name in names) == Counter(list(GOALS))


async def test_sides_take_turns_and_the_first_round_is_not_counted() -> None:
    turns: list[str] = []

    async def quiet() -> None:
        turns.append("-")

    async def a() -> dict[str, float]:
        turns.append("a")
        return {"rate": float(len(turns))}

    async def b() -> dict[str, float]:
        turns.append("b")
        return {"rate": 1.0}

    medians = await Rounds(3, quiet).turns(a, b)
    assert "".join(turns) == "-a-b" * 4
    assert medians == [{"rate": 10.0}, {"rate": 1.0}]


async def test_a_lane_of_a_crowd_is_in_order() -> None:
    done: list[int] = []

    async def work(i: int) -> None:
        done.append(i)

    took = await crowd(7, 3, work)
    assert sorted(done) == list(range(7)) and len(took.each) == 7
    assert [i for i in done if i % 3 == 1] == [1, 4]


def test_a_goal_is_a_floor_or_a_ceiling() -> None:
    assert result("append", 60, 100).holds is True
    assert result("append", 59, 100).holds is False
    assert result("memory", 130, 100).holds is True
    assert result("memory", 131, 100).holds is False
    assert result("http_bare", 1, 100).holds is None


@pytest.mark.parametrize("module", [lifecycle, http, append, start, memory, fire], ids=lambda module: module.__name__)
async def test_it_measures(site: Site, module: object) -> None:
    lines = await module.measure(site)  # type: ignore[attr-defined]
    assert tuple(line.name for line in lines) == MEASURES[module]  # type: ignore[index]
    assert all(line.value > 0 and line.baseline > 0 for line in lines)


async def test_a_life_is_five_recorded_commands(site: Site) -> None:
    [stream] = await cases.report(site.ledger, site.tenant, 1)
    await lifecycle.live(site, stream)
    history = await site.ledger.history(Scope(site.tenant), stream)
    assert len({event.command_id for event in history}) == 1 + len(cases.LIFE)
    assert (await site.ledger.standing(site.tenant, stream)).status == "withdrawn"  # type: ignore[union-attr]


async def test_a_bare_life_with_rows_writes_five_events_and_one_state(site: Site) -> None:
    life = f"bare_row/{uuid4().hex}"
    first, *others = cases.life()
    await bare.start_with_update(site.client, "bare_row", life, BARE, first)
    for command in others:
        answer = await bare.update(site.client, life, command)
        assert answer.seq
    await site.client.get_workflow_handle(life).result()
    assert await site.owner.fetchval("SELECT count(*) FROM bench.events WHERE stream = $1", life) == 5
    assert await site.owner.fetchval("SELECT seq FROM bench.streams WHERE stream = $1", life) == 5


async def test_reads_find_the_copies(site: Site) -> None:
    lines = await reads.measure(site)
    assert [line.name for line in lines] == ["list", "one"]
    for table in million.COPIES:
        assert await site.owner.fetchval(f"SELECT count(*) FROM closeout.{table}") >= TINY.rows  # noqa: S608
