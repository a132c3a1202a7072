"""Sweeps over streams that nothing moves but nudges: which of them each one nudges."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from temporalio.client import Client, ScheduleHandle
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.testing import WorkflowEnvironment

from activities import sweeping
from activities.engine import Engine
from activities.ledger.memory import MemoryLedger
from activities.ledger.protocol import Unavailable
from activities.sweeping import sweep
from services.embedded.wheels import temporal_program
from services.worker import SWEEP, build, keep_sweeping
from tests.ledger.conftest import command
from tests.ledger.tally import PROJECTIONS, registry
from tests.workflows.conftest import SANDBOX
from workflows.canonical import instant
from workflows.policy_book import PolicyBook

NOW = datetime.now(UTC)
LATE = [f"tally/{n}" for n in range(7)]
OWING = ["tally/a", "tally/b", "tally/c", "tally/d"]


@dataclass(frozen=True, slots=True)
class Numb(Engine):
    """An engine that takes nudges, and by which nothing moves: as where timers and workers are gone."""

    nudged: list[str] = field(default_factory=list)
    unreached: set[str] = field(default_factory=set)

    async def nudge(self, tenant: str, stream: str) -> None:
        """Notes it, or is not to be reached."""
        if stream in self.unreached:
            raise Unavailable("the engine did not take a nudge")
        self.nudged.append(stream)


@pytest.fixture
async def ledger() -> MemoryLedger:
    """Seven streams that were to wake, the later by their names the earlier, and four that owe reactions."""
    ledger = MemoryLedger(registry(), PolicyBook.load(), PROJECTIONS)
    for n, name in enumerate(LATE):
        await ledger.transact("t", name, command("open"), NOW)
        await ledger.transact("t", name, command("remind", at=instant(NOW - timedelta(minutes=n))), NOW)
    for name in OWING:
        await ledger.transact("t", name, command("open"), NOW)
        await ledger.transact("t", name, command("add", amount=100), NOW)
    return ledger


@pytest.fixture
async def engine() -> Numb:
    return Numb(await Client.connect("127.0.0.1:1", lazy=True), "queue")


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages of three."""
    monkeypatch.setattr(sweeping, "PAGE", 3)


async def test_of_what_is_late_a_sweep_nudges_a_page_and_of_what_owes_all(ledger: MemoryLedger, engine: Numb) -> None:
    found = await sweep(ledger, engine, NOW)
    assert engine.nudged == [*OWING, "tally/6", "tally/5", "tally/4"]
    assert (found.nudged, found.rest and found.rest.stream) == (7, "tally/4")


async def test_the_next_one_goes_on_and_begins_anew_at_the_end(ledger: MemoryLedger, engine: Numb) -> None:
    """So that streams that never move keep no other waiting."""
    after = None
    pages: list[list[str]] = []
    for _ in range(4):
        engine.nudged.clear()
        after = (await sweep(ledger, engine, NOW, after=after)).rest
        pages.append(engine.nudged[len(OWING) :])
    assert pages == [LATE[6:3:-1], LATE[3:0:-1], LATE[:1], LATE[6:3:-1]]


async def test_what_is_not_late_enough_waits_for_its_turn(ledger: MemoryLedger, engine: Numb) -> None:
    await sweep(ledger, engine, NOW - timedelta(minutes=5))
    assert engine.nudged == [*OWING, "tally/6", "tally/5"]


async def test_a_recovery_nudges_everything(ledger: MemoryLedger, engine: Numb) -> None:
    engine.unreached.add("tally/3")
    found = await sweep(ledger, engine, NOW, whole=True)
    assert engine.nudged == [*OWING, *(name for name in reversed(LATE) if name != "tally/3")]
    assert (found.nudged, found.unreached, found.rest) == (10, 1, None)


@pytest.fixture
async def env() -> AsyncIterator[WorkflowEnvironment]:
    real = WorkflowEnvironment.start_local(
        dev_server_existing_path=str(temporal_program()), data_converter=pydantic_data_converter
    )
    async with await real as env:
        yield env


async def test_the_schedule_hands_over_where_to_go_on(ledger: MemoryLedger, env: WorkflowEnvironment) -> None:
    engine = Numb(env.client, "sweeps")
    async with build(env.client, ledger, engine, SANDBOX):
        await keep_sweeping(engine, timedelta(hours=1))
        handle = env.client.get_schedule_handle(SWEEP)
        for n in range(1, 4):
            await ended(handle, n)
            await handle.trigger()
        await ended(handle, 4)
    late = [name for name in engine.nudged if name in LATE]
    assert late == [*reversed(LATE), *LATE[6:3:-1]]


async def ended(handle: ScheduleHandle, sweeps: int) -> None:
    """Returns when so many sweeps have ended."""
    async with asyncio.timeout(30):
        while True:
            info = (await handle.describe()).info
            if info.num_actions == sweeps and not info.running_actions:
                return
            await asyncio.sleep(0.05)
