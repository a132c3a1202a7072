"""How it is measured: crowds of tasks, two sides in turn, medians, a quiet machine before each turn, the table."""

import asyncio
import os
import statistics
import time
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench.goals import GOALS

Side = Callable[[], Awaitable[Mapping[str, float]]]
"""One turn of one side: answers figures by name."""

QUIET, STEP, PATIENCE = 0.15, 0.5, 240.0
"""CPU seconds a second below which processes count as idle; seconds between two looks; seconds of looking at most."""


@dataclass(frozen=True, slots=True)
class Crowd:
    """What a crowd took: seconds in all, and milliseconds of each."""

    seconds: float
    each: list[float]

    @property
    def rate(self) -> float:
        """How many a second."""
        return len(self.each) / self.seconds

    @property
    def p99(self) -> float:
        """The slowest percent, in milliseconds."""
        return statistics.quantiles(self.each, n=100)[98]


async def crowd(n: int, at_once: int, work: Callable[[int], Awaitable[object]]) -> Crowd:
    """Does `work(0)` to `work(n - 1)`, so many at once. Number i runs in lane i % at_once: a lane is in order."""
    each: list[float] = []

    async def lane(first: int) -> None:
        for i in range(first, n, at_once):
            began = time.perf_counter()
            await work(i)
            each.append(1000 * (time.perf_counter() - began))

    began = time.perf_counter()
    async with asyncio.TaskGroup() as group:
        for first in range(min(at_once, n)):
            group.create_task(lane(first))
    return Crowd(time.perf_counter() - began, each)


@dataclass(frozen=True, slots=True)
class Result:
    """One line of the table, and one element of `latest.json`."""

    name: str
    value: float
    baseline: float
    ratio: float
    goal: float | None
    holds: bool | None


@dataclass(frozen=True, slots=True)
class Rounds:
    """How often the sides take turns, and how to wait until nothing of the last turn is left to do."""

    rounds: int
    quiet: Callable[[], Awaitable[None]]

    async def turns(self, *sides: Side, rounds: int | None = None, warm: bool = True) -> list[Mapping[str, float]]:
        """The sides in turn, round by round; each side's medians. A round before, to warm up, is not counted."""
        kept: list[list[Mapping[str, float]]] = [[] for _ in sides]
        for n in range(0 if warm else 1, (rounds or self.rounds) + 1):
            for side, figures in zip(sides, kept, strict=True):
                await self.quiet()
                figure = await side()
                if n:
                    figures.append(figure)
        return [{name: statistics.median(each[name] for each in figures) for name in figures[0]} for figures in kept]


def result(name: str, value: float, baseline: float) -> Result:
    """A figure of both sides, judged."""
    ratio = round(value / baseline, 3)
    goal = GOALS[name]
    return Result(name, round(value, 3), round(baseline, 3), ratio, goal.ratio, goal.holds(ratio))


async def quiet(pids: Collection[int]) -> None:
    """Comes back when these processes have nothing left to do; TimeoutError when they never end."""
    async with asyncio.timeout(PATIENCE):
        before = _cpu(pids)
        while True:
            await asyncio.sleep(STEP)
            now = _cpu(pids)
            if now - before < QUIET * STEP:
                return
            before = now


def _cpu(pids: Collection[int]) -> float:
    """CPU seconds of processes, so far: fields 14 and 15 of proc(5) stat."""
    ticks = 0
    for pid in pids:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def resident(pid: int) -> float:
    """The resident memory of a process in KiB."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1024


def show(results: list[Result], console: Console) -> None:
    """The table."""
    table = Table("name", "ours", "bare", "unit", "ratio", "goal", "holds")
    for line in results:
        goal = GOALS[line.name]
        wanted = "" if goal.ratio is None else f"{'>=' if goal.sense == 'at least' else '<='} {goal.ratio}"
        holds = {True: "yes", False: "no", None: ""}[line.holds]
        figures = f"{line.value:.1f}", f"{line.baseline:.1f}", goal.unit, f"{line.ratio:.3f}"
        table.add_row(line.name, *figures, wanted, holds, style="red" if line.holds is False else None)
    console.print(table)
