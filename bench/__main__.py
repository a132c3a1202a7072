"""`python -m bench [--quick] [NAME...]`: measures, prints a table, writes `bench/out/latest.json`.

A whole run takes some 25 minutes on two idle cores. Each result is said and written as soon as it is there, so that a
run that is cut short leaves what it measured. A goal that is missed is listed at the end and is no error: this reports.
"""

import json
import tempfile
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from types import ModuleType
from typing import Annotated

import typer
import uvloop
from rich.console import Console

from bench import append, fire, http, importing, lifecycle, memory, pages, reads, start, subscribers
from bench.goals import GOALS
from bench.harness import Result, said, show
from bench.site import FULL, QUICK, Size, open_site
from services import entry

MEASURES: dict[ModuleType, tuple[str, ...]] = {
    # First: the worker has not yet filled its cache with cases, whose memory is another measure's.
    importing: ("import", "import_again", "import_started", "import_memory"),
    lifecycle: ("lifecycle", "lifecycle_row"),
    http: ("http", "http_p99", "http_bare"),
    append: ("append", "append_moving"),
    start: ("start",),
    subscribers: ("subscribers",),
    memory: ("memory",),
    fire: ("fire",),
    pages: tuple(f"{page}_page{way}" for page in ("inbox", "list", "search", "case") for way in ("", "_route")),
    reads: ("list", "list_route", "one", "one_route"),  # last: a million rows are in nobody else's way then
}
"""Modules with `measure(site)`, in the order in which they run, and what each one measures."""

OUT = Path(__file__).with_name("out") / "latest.json"


async def measured(size: Size, wanted: set[str], console: Console, keep: Callable[[list[Result]], None]) -> None:
    """What is wanted, on servers that are there only for this; `keep` is called with all results after each measure."""
    results: list[Result] = []
    with tempfile.TemporaryDirectory(prefix="closeout-bench-") as folder:
        async with open_site(Path(folder), size, lambda line: console.print(f"  {line}", style="dim")) as site:
            for module, names in MEASURES.items():
                if wanted.isdisjoint(names):
                    continue
                for name in names:
                    console.print(f"{name}: {GOALS[name].means}", style="dim")
                fresh = [line for line in await module.measure(site) if line.name in wanted]
                for line in fresh:
                    console.print(said(line), markup=False)
                results += fresh
                keep(results)


def write(results: list[Result], to: Path = OUT) -> None:
    """Replaces the file at once, so that a reader sees all of it or what was there before."""
    to.parent.mkdir(exist_ok=True)
    draft = to.with_suffix(".draft")
    draft.write_text(json.dumps([asdict(line) for line in results], indent=1) + "\n")
    draft.replace(to)


def main(
    names: Annotated[list[str] | None, typer.Argument(help=f"some of: {', '.join(GOALS)}")] = None,
    quick: Annotated[bool, typer.Option("--quick", help="tiny sizes, one round: shows that it runs, no more")] = False,
) -> None:
    """Ratios of the product to bare baselines, on embedded servers that are started and stopped here."""
    unknown = set(names or ()) - GOALS.keys()
    if unknown:
        raise typer.BadParameter(f"unknown: {', '.join(sorted(unknown))}; known: {', '.join(GOALS)}")
    console = Console()
    kept: list[Result] = []

    def keep(results: list[Result]) -> None:
        kept[:] = results
        write(results)

    try:
        uvloop.run(measured(QUICK if quick else FULL, set(names or GOALS), console, keep))
    finally:
        show(kept, console)


if __name__ == "__main__":
    entry.run(lambda: typer.run(main))  # as the product's processes begin: it reads and appends as they do
