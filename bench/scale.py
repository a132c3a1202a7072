"""`python -m bench.scale --cases N` (`make scale`): what grows with the number of open cases, and what does not.

Everything as `closeout up` runs it, on embedded servers of its own: cases are opened by the product's intake, each has
its workflow with its timer, and the one worker holds at most 1,000 of them in its cache. At 1,000, 10,000, 25,000,
50,000 and 100,000 open cases it reads memory, files and tables and sends commands. Prints a table, writes
`bench/out/scale.json` after each level: a run that is stopped, or whose time is up, leaves what it measured. The same
seed opens the same cases. The schedule of sweeps is set to an hour; sweeps are measured by hand instead.
"""

import asyncio
import os
import random
import signal
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
import uvloop
from rich.console import Console

from bench.harness import Say
from bench.scaling import gauges, living, probing, report
from bench.scaling.filling import Fill
from bench.site import FULL, Site, open_site
from services.demo.cast import Cast

LEVELS = (1_000, 10_000, 25_000, 50_000, 100_000)
OUT = Path(__file__).with_name("out") / "scale.json"

ENGINE_MEMORY = "8GiB"
"""From here on the engine's collector works harder (GOMEMLIMIT): left alone, it lets the heap grow to five times what
is in use (GOGC=400). Another value in the environment wins."""

RESERVE = 150.0
"""Seconds that the last level and the proof of everything need after the time for opening is up."""

SAMPLED, SLEEPING, SENT = 300, 100, 500
"""Cases of the sample tenant; cases that a sweep finds asleep; commands of each kind at each level."""

LAG = 20.0
"""Seconds within which the engine's list shows what has begun and ended."""

RUNNING = 'WorkflowType = "nonconformity" AND ExecutionStatus = "Running"'
LIVING = "SELECT count(*) FROM closeout.streams WHERE kind = 'nonconformity' AND lives"
"""The same cases, of every tenant, by the engine and by the ledger: one number where nothing else is at work."""


async def measured(site: Site, cases: int, seed: int, until: float, keep: Callable[[dict[str, Any]], None]) -> None:
    """Levels up to a number of cases, or until the time (monotonic) is up; `keep` gets all that is known so far."""
    cast = await Cast.of(site.ready)
    try:
        known: dict[str, Any] = {"cases": cases, "seed": seed, "levels": [], "lives": {}, "proof": {}}
        empty = gauges.engine_bytes(site)
        known["lives"] = await living.lives(site, cast)
        await probing.furnish(site, min(SAMPLED, cases))
        fill = Fill(site, cast.one("integration"), seed)
        for level in [*(each for each in LEVELS if each < cases), cases]:
            filled = await fill.up_to(level, until, site.rounds.say)
            if not filled["opened"]:
                break
            if not known["levels"]:
                known["lives"]["opened"] = await living.opened(site, fill.streams[:20])
            known["levels"].append(await _level(site, fill, filled, empty))
            site.rounds.say(report.line(known["levels"][-1]))
            keep(known)
            if len(fill.streams) < level:
                site.rounds.say(f"the time is up at {len(fill.streams)} cases")
                break
        known["proof"] = await probing.proof(site, site.tenant)
        keep(known)
    finally:
        await cast.leave()


async def _level(site: Site, fill: Fill, filled: dict[str, Any], empty: int) -> dict[str, Any]:
    """Everything at as many cases as there are now."""
    await site.rounds.quiet()
    living_cases = await site.owner.fetchval(LIVING)
    tables = await gauges.tables(site)
    memory = gauges.memory(site)
    engine = gauges.engine_bytes(site) - empty
    n = min(SENT, len(fill.streams))
    return {
        "cases": len(fill.streams),
        "living": living_cases,
        "open_workflows": await _running(site, living_cases),
        "filled": filled,
        "memory_mib": memory,
        "engine_bytes_per_case": engine // living_cases,
        "table_bytes_per_case": sum(table.bytes for table in tables.values()) // living_cases,
        "index_bytes_per_case": sum(table.index_bytes for table in tables.values()) // living_cases,
        "events_per_case": round(tables["events"].rows / living_cases, 2),
        "tables": {name: asdict(table) for name, table in tables.items()},
        "commands": await probing.commands(site, fill.streams, n, random.Random(fill.seed)),  # noqa: S311
        "sweep": await probing.sweeping(site, min(SLEEPING, len(fill.streams))),
        "keeping": await probing.keeping(site),
    }


async def _running(site: Site, expected: int) -> int:
    """How many cases have a workflow, by the engine's list, which follows its histories a moment later."""
    until = time.monotonic() + LAG
    while (found := (await site.client.count_workflows(RUNNING)).count) != expected and time.monotonic() < until:  # noqa: ASYNC110 - no event tells it
        await asyncio.sleep(0.1)
    return found


async def run(cases: int, seed: int, minutes: float, say: Say, keep: Callable[[dict[str, Any]], None]) -> None:
    """Measures on servers that are there only for this."""
    until = time.monotonic() + 60 * minutes - RESERVE
    os.environ.setdefault("GOMEMLIMIT", ENGINE_MEMORY)
    with tempfile.TemporaryDirectory(prefix="closeout-scale-") as folder:
        async with open_site(Path(folder), FULL, say, sweep_every="PT1H") as site:
            await measured(site, cases, seed, until, keep)


def main(
    cases: Annotated[int, typer.Option(min=1, help="open cases in the end")] = 100_000,
    seed: Annotated[int, typer.Option(help="decides what the cases say")] = 1,
    minutes: Annotated[float, typer.Option(help="it ends in about this time, with fewer cases if need be")] = 60.0,
) -> None:
    """What grows with the number of open cases, on embedded servers that are started and stopped here."""
    console = Console()
    began = time.monotonic()
    found: dict[str, Any] = {}

    def say(line: str) -> None:
        console.print(f"{time.monotonic() - began:6.0f} s  {line}", style="dim", markup=False)

    def keep(known: dict[str, Any]) -> None:
        found.update(known)
        report.write(known, OUT)

    # Stopped either way, it ends its servers and shows what it has.
    signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))
    try:
        uvloop.run(run(cases, seed, minutes, say, keep))
    except KeyboardInterrupt:
        say("stopped")
    finally:
        if found:
            report.show(found, console)


if __name__ == "__main__":
    typer.run(main)
