"""Where it is measured: the product as `closeout up` runs it, embedded, in a folder of its own, and a bare worker."""

import os
import secrets
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, redirect_stderr
from dataclasses import dataclass
from pathlib import Path

import asyncpg
from temporalio.client import Client

from activities.engine import Engine
from activities.ledger.postgres import PostgresLedger
from bench import cases
from bench.baselines import rows
from bench.harness import STEP, Rounds, Say, quiet, silent
from services.bootstrap import introduce
from services.connections import open_engine, open_ledger
from services.embedded.children import Child, Service
from services.logs import configure
from services.processes import own_services, polled
from services.ready import Ready
from services.settings import Settings
from services.stack import Stack

BARE = "bare"
"""The task queue of the bare worker."""


@dataclass(frozen=True, slots=True)
class Size:
    """How much of each: lives, commands, appends, rows, reads, cases of a caseload, cached cases a round, starts,
    timers, findings of a document; and rounds.

    `step` is how many seconds pass between two looks at whether processes are idle.
    """

    lives: int
    commands: int
    appends: int
    rows: int
    reads: int
    caseload: int
    cached: int
    starts: int
    timers: int
    imported: int
    rounds: int = 5
    step: float = STEP


FULL = Size(
    lives=100,
    commands=500,
    appends=1500,
    rows=1_000_000,
    reads=1000,
    caseload=100_000,
    cached=170,
    starts=400,
    timers=10_000,
    imported=10_000,
)
QUICK = Size(
    lives=20,
    commands=100,
    appends=100,
    rows=1000,
    reads=50,
    caseload=1000,
    cached=50,
    starts=50,
    timers=50,
    imported=600,
    rounds=1,
)


@dataclass(frozen=True, slots=True)
class Site:
    """A running stack, the ways to it, and the size of what is measured."""

    size: Size
    settings: Settings
    ready: Ready
    ledger: PostgresLedger
    engine: Engine
    owner: "asyncpg.Pool[asyncpg.Record]"
    rounds: Rounds

    @property
    def client(self) -> Client:
        """The one client of both sides."""
        return self.engine.client

    @property
    def tenant(self) -> str:
        """The tenant of the people who are introduced."""
        return self.settings.tenant

    def token(self, role: str) -> str:
        """The bearer of the first person with a role."""
        return next(card.token for card in self.ready.people if card.role == role)

    @asynccontextmanager
    async def worker(self, side: str, queue: str) -> AsyncIterator[int]:
        """One more worker of a side, on a queue of its own; its pid."""
        pids: list[int] = []
        service = _worker(self.settings, self.settings.data / "logs", side, queue)
        child = Child(service, lambda _, pid: pids.append(pid))
        try:
            await child.start()
            yield pids[-1]
        finally:
            await child.stop()


@asynccontextmanager
async def open_site(folder: Path, size: Size, say: Say = silent, **changes: object) -> AsyncIterator[Site]:
    """Starts everything; stops everything at the end. `say` is told how far it is; `changes` are settings."""
    async with AsyncExitStack() as exits:
        # A port of its own: two stacks that start at once must not want the same one.
        port = 20_000 + secrets.randbelow(10_000)
        stack = Stack(
            Settings.load({"data": folder, "listen_port": port, "webhook_allow": "127.0.0.1/32", **changes}, {}),
            introduce=introduce,
            services=own_services,
        )
        ready = await exits.enter_async_context(stack)
        settings = stack.settings
        # Never closed: loggers that were used once keep their file as long as the process lives.
        with redirect_stderr((folder / "logs" / "bench.log").open("w")):
            configure(settings)  # this process logs requests as the API's does
        ledger = await open_ledger(settings)
        exits.push_async_callback(ledger.close)
        owner = await rows.open_pool(settings.owner)
        exits.push_async_callback(owner.close)
        await _furnish(ledger, owner, settings.tenant)
        pids: list[int] = []
        bare = Child(_worker(settings, folder / "logs", "bare", BARE), lambda _, pid: pids.append(pid))
        exits.push_async_callback(bare.stop)
        await bare.start()
        busy = [ready.pids["temporal"], ready.pids["worker"], *pids]
        rounds = Rounds(size.rounds, lambda: quiet(busy, size.step), say)
        yield Site(size, settings, ready, ledger, await open_engine(settings), owner, rounds)


async def _furnish(ledger: PostgresLedger, owner: "asyncpg.Pool[asyncpg.Record]", tenant: str) -> None:
    """The tables of the baselines, and the state of an open case, which they upsert: as large as the product's."""
    await owner.execute(rows.TABLES)
    [stream] = await cases.report(ledger, tenant, 1, grade="minor")
    await owner.execute("CREATE TABLE bench.sample (state jsonb)")
    await owner.execute(
        "INSERT INTO bench.sample SELECT state FROM closeout.streams WHERE tenant = $1 AND stream = $2", tenant, stream
    )


def _worker(settings: Settings, logs: Path, side: str, queue: str) -> Service:
    there = settings.model_copy(update={"task_queue": queue})
    argv: Sequence[str] = [sys.executable, "-m", "bench.worker", side, queue]
    env = {**os.environ, **settings.environment(), "PYTHONPATH": str(Path(__file__).parents[1])}
    return Service(f"{side}-{queue}", argv, env, lambda: polled(there), logs / f"{side}-{queue}.log", grace=22.0)
