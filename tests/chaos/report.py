"""What a run came to: faults, stalls, cases, invariants; as text and as JSON."""

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from rich.console import Console
from rich.table import Table

from tests.chaos.checker import Findings
from tests.chaos.faults import PARTS, Scale
from tests.chaos.journal import ALL_PARTS, THROUGH, Account, Struck
from tests.chaos.worker import POINTS

ENOUGH = 5
"""Kills of each part, in a long run, that met a command in flight."""


@dataclass(frozen=True, slots=True)
class Line:
    """One kind of fault: how often it struck, how often it came about, how often it met a command in flight.

    `commands` is how many were under way then, the rest how long they stalled in seconds; `well` is the median of how
    long it took until everything worked again.
    """

    kind: str
    target: str
    times: int
    hits: int
    flying: int
    commands: int
    p50: float
    p99: float
    worst: float
    well: float


def stalls(account: Account, struck: Struck) -> list[float]:
    """How long each command waited that was under way when a fault struck, of those that concern what it struck.

    From the fault to the final answer, the client's own pauses before it tried again included.
    """
    return [
        asked.ended - struck.began
        for asked in account.asked.values()
        if asked.ended is not None
        and asked.began < struck.began < asked.ended
        and (struck.target not in ALL_PARTS or struck.target in THROUGH.get(asked.command, ALL_PARTS))
    ]


def lines(account: Account) -> list[Line]:
    """A line for each kind of fault and its target."""
    kinds = sorted({(struck.kind, struck.target) for struck in account.struck})
    return [_line(account, kind, target) for kind, target in kinds]


def _line(account: Account, kind: str, target: str) -> Line:
    struck = [one for one in account.struck if (one.kind, one.target) == (kind, target) and one.hit and one.ended]
    waits = sorted(wait for one in struck for wait in stalls(account, one))
    well = sorted(one.ended - one.began for one in struck if one.ended)
    return Line(
        kind,
        target,
        times=sum((one.kind, one.target) == (kind, target) for one in account.struck),
        hits=len(struck),
        flying=sum(one.in_flight > 0 for one in struck),
        commands=len(waits),
        p50=percentile(waits, 0.5),
        p99=percentile(waits, 0.99),
        worst=percentile(waits, 1),
        well=percentile(well, 0.5),
    )


def percentile(ordered: Sequence[float], share: float) -> float:
    """By the nearest rank, rounded to milliseconds; 0 of nothing."""
    return round(ordered[max(0, math.ceil(share * len(ordered)) - 1)], 3) if ordered else 0.0


def promised(scale: Scale, found: Iterable[Line]) -> list[str]:
    """What of a run's size lacks."""
    by = {f"{line.kind} {line.target}": line for line in found}
    lacking = []
    for part in PARTS:
        line = by.get(f"kill {part}")
        times, flying = (line.hits, line.flying) if line else (0, 0)
        wanted = f"kill {part}".startswith(scale.only)
        if wanted and (times < scale.kills or flying < min(ENOUGH, scale.kills)):
            lacking.append(f"{part}: {times} kills, {flying} of them with a command in flight")
    for point in POINTS:
        line = by.get(f"crash {point}")
        wanted = scale.crashes > 0 and f"crash {point}".startswith(scale.only)
        if wanted and (line is None or line.hits == 0):
            lacking.append(f"no worker died at the fault point {point}")
    return lacking


def summary(account: Account, events: Counter[str], findings: Findings, seed: int, seconds: float) -> dict[str, Any]:
    """The run as JSON. `events` counts the ledger's events by what caused them."""
    told = [asked for asked in account.asked.values() if asked.told is not None]
    usual = sorted(asked.ended - asked.began for asked in told if asked.ended and not _disturbed(account, asked.began))
    return {
        "seed": seed,
        "seconds": round(seconds),
        "commands": len(account.asked),
        "acknowledged": len(told),
        "refused": sum(asked.refused is not None for asked in account.asked.values()),
        "tried_again": sum(asked.tries > 1 for asked in account.asked.values()),
        "repeated_though_answered": len(account.repeats),
        "undisturbed": {"p50": percentile(usual, 0.5), "p99": percentile(usual, 0.99)},
        "cases": dict(Counter(left.status for left in account.left.values())),
        "reviews_decided": sum(len(left.decisions) for left in account.left.values()),
        "events": dict(events),
        "faults": [asdict(line) for line in lines(account)],
        "invariants": {name: found[:50] for name, found in findings.items()},
    }


def _disturbed(account: Account, began: float) -> bool:
    return any(one.began - 1 <= began <= (one.ended or math.inf) for one in account.struck)


def show(console: Console, run: dict[str, Any]) -> None:
    """The run for people."""
    table = Table("fault", "target", "times", "hits", "in flight", "commands", "p50 s", "p99 s", "max s", "well s")
    for line in run["faults"]:
        table.add_row(*(f"{value:.2f}" if isinstance(value, float) else str(value) for value in line.values()))
    console.print(table)
    for name in ("commands", "acknowledged", "refused", "tried_again", "repeated_though_answered", "reviews_decided"):
        console.print(f"{name.replace('_', ' ')}: {run[name]}", markup=False)
    for name in ("undisturbed", "cases", "events"):
        told = ", ".join(f"{what} {n}" for what, n in sorted(run[name].items()))
        console.print(f"{name}: {told}", markup=False)
    for name, found in run["invariants"].items():
        console.print(f"{'BROKEN' if found else 'holds '}  {name}", style="bold red" if found else None, markup=False)
        for what in found[:10]:
            console.print(f"        {what}", style="red", markup=False)
    console.print(f"seed {run['seed']}, {run['seconds']} s", markup=False)
