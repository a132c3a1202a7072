"""`python -m bench [--quick] [NAME...]`: measures, prints a table, writes `bench/out/latest.json`."""

import json
import tempfile
from dataclasses import asdict
from pathlib import Path
from types import ModuleType
from typing import Annotated

import typer
import uvloop
from rich.console import Console

from bench import append, fire, http, lifecycle, memory, reads, start
from bench.goals import GOALS
from bench.harness import Result, show
from bench.site import FULL, QUICK, Size, open_site

MEASURES: dict[ModuleType, tuple[str, ...]] = {
    lifecycle: ("lifecycle", "lifecycle_row"),
    http: ("http", "http_p99", "http_bare"),
    append: ("append",),
    start: ("start",),
    memory: ("memory",),
    fire: ("fire",),
    reads: ("list", "one"),  # last: a million rows are in nobody else's way then
}
"""Modules with `measure(site)`, in the order in which they run, and what each one measures."""

OUT = Path(__file__).with_name("out") / "latest.json"


async def measured(size: Size, wanted: set[str], console: Console) -> list[Result]:
    """What is wanted, on servers that are there only for this."""
    results: list[Result] = []
    with tempfile.TemporaryDirectory(prefix="closeout-bench-") as folder:
        async with open_site(Path(folder), size) as site:
            for module, names in MEASURES.items():
                if wanted.isdisjoint(names):
                    continue
                for name in names:
                    console.print(f"{name}: {GOALS[name].means}", style="dim")
                results += [line for line in await module.measure(site) if line.name in wanted]
    return results


def main(
    names: Annotated[list[str] | None, typer.Argument(help=f"some of: {', '.join(GOALS)}")] = None,
    quick: Annotated[bool, typer.Option("--quick", help="tiny sizes, one round: shows that it runs, no more")] = False,
) -> None:
    """Ratios of the product to bare baselines, on embedded servers that are started and stopped here."""
    unknown = set(names or ()) - GOALS.keys()
    if unknown:
        raise typer.BadParameter(f"unknown: {', '.join(sorted(unknown))}; known: {', '.join(GOALS)}")
    console = Console()
    results = uvloop.run(measured(QUICK if quick else FULL, set(names or GOALS), console))
    show(results, console)
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_text(json.dumps([asdict(line) for line in results], indent=1) + "\n")


if __name__ == "__main__":
    typer.run(main)
