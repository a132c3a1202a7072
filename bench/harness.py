"""How it is measured: crowds of tasks, sides in turn, medians, quiet processes before each turn, the table."""

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

Say = Callable[[str], None]
"""Takes a line of progress."""

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
    """One line of the table, and one element of `latest.json`; no ratio where the baseline came to nothing."""

    name: str
    value: float
    baseline: float
    ratio: float | None
    goal: float | None
    holds: bool | None


def silent(_: str) -> None:
    """Says nothing."""


@dataclass(frozen=True, slots=True)
class Rounds:
    """How often the sides take turns, how to wait until nothing of the last turn is left to do, and who is told."""

    rounds: int
    quiet: Callable[[], Awaitable[None]]
    say: Say = silent
    warm: bool = True
    """Whether there is a round before the first, not counted, in which both sides get warm."""

    async def turns(self, *sides: Side, rounds: int | None = None, warm: bool = True) -> list[Mapping[str, float]]:
        """The sides in turn, round by round; each side's medians. With `warm` False no round goes before."""
        kept: list[list[Mapping[str, float]]] = [[] for _ in sides]
        last = rounds or self.rounds
        for n in range(0 if warm and self.warm else 1, last + 1):
            told: list[str] = []
            for side, figures in zip(sides, kept, strict=True):
                await self.quiet()
                figure = await side()
                told.append(" ".join(f"{name} {value:.1f}" for name, value in figure.items()))
                if n:
                    figures.append(figure)
            self.say(f"{f'round {n} of {last}' if n else 'warming up'}: {' | '.join(told)}")
        return [{name: statistics.median(each[name] for each in figures) for name in figures[0]} for figures in kept]


def result(name: str, value: float, baseline: float) -> Result:
    """A figure of both sides, judged; not judged where the baseline came to nothing."""
    goal = GOALS[name]
    ratio = round(value / baseline, 3) if baseline > 0 else None
    holds = None if ratio is None else goal.holds(value, ratio)
    return Result(name, round(value, 3), round(baseline, 3), ratio, goal.ratio, holds)


async def quiet(pids: Collection[int], step: float = STEP) -> None:
    """Comes back when these processes have nothing left to do; TimeoutError when they never end."""
    async with asyncio.timeout(PATIENCE):
        before = cpu(pids)
        while True:
            await asyncio.sleep(step)
            now = cpu(pids)
            if now - before < QUIET * step:
                return
            before = now


def cpu(pids: Collection[int]) -> float:
    """CPU seconds of processes, so far: fields 14 and 15 of proc(5) stat."""
    ticks = 0
    for pid in pids:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def resident(pid: int) -> float:
    """The resident memory of a process in KiB."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1024


def said(line: Result) -> str:
    """One result as a line of text."""
    goal = GOALS[line.name]
    ratio = "no ratio" if line.ratio is None else f"ratio {line.ratio:.3f}"
    wanted = "" if goal.ratio is None else f", goal {goal.sense} {goal.ratio}: {_judged(line)}"
    return f"{line.name}: {line.value:.1f} / {line.baseline:.1f} {goal.unit}, {ratio}{wanted}"


def show(results: list[Result], console: Console) -> None:
    """The table, and below it what falls short."""
    table = Table("name", "ours", "bare", "unit", "ratio", "goal", "holds")
    for line in results:
        goal = GOALS[line.name]
        wanted = "" if goal.ratio is None else f"{'>=' if goal.sense == 'at least' else '<='} {goal.ratio}"
        ratio = "" if line.ratio is None else f"{line.ratio:.3f}"
        figures = f"{line.value:.1f}", f"{line.baseline:.1f}", goal.unit, ratio
        table.add_row(line.name, *figures, wanted, _judged(line), style="red" if line.holds is False else None)
    console.print(table)
    for line in results:
        if line.holds is False:
            console.print(f"falls short: {said(line)}", style="red", markup=False)


def _judged(line: Result) -> str:
    return {True: "yes", False: "no", None: ""}[line.holds]
