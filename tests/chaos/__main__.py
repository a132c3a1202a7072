"""`python -m tests.chaos`: a storm over the whole system, and whether everything that it promises held.

The same seed breaks the same things in the same order; when exactly, the machine decides. Exit code 0 only if every
invariant holds and the run was as large as asked.
"""

import argparse
import asyncio
import json
import shutil
import signal
import sys
import tempfile
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

from rich.console import Console

from tests.chaos.faults import Scale
from tests.chaos.report import show
from tests.chaos.run import run
from tests.chaos.site import ROOT

OUT = ROOT / "bench" / "out"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--seed", type=int, default=1, help="what is broken in which order")
    parser.add_argument("--kills", type=int, default=20, help="kills of each part; the rest in proportion")
    parser.add_argument("--clients", type=int, default=8, help="cases that are led at once")
    parser.add_argument("--only", default="", help='leave the other faults out: "kill", "kill worker", "crash", ...')
    parser.add_argument("--spare", action="store_true", help="have a second worker that nobody harms")
    parser.add_argument("--out", type=Path, help="where to write the report as JSON, and the journal beside it")
    given = parser.parse_args()
    out: Path = given.out or OUT / f"chaos-{given.seed}.json"
    out.parent.mkdir(parents=True, exist_ok=True)
    console = Console(soft_wrap=True, width=120)
    scale = Scale.of(given.kills, given.clients, given.only, spare=given.spare)
    with tempfile.TemporaryDirectory(prefix="closeout-chaos-", ignore_cleanup_errors=True) as folder:
        try:
            report = asyncio.run(_until_asked(run(Path(folder), given.seed, scale, console)))
        except asyncio.CancelledError:
            return 130
        finally:
            _keep(Path(folder), out)
    out.write_text(json.dumps(report, indent=1) + "\n")
    show(console, report)
    console.print(f"{out}, and its journal and logs beside it", markup=False)
    return 1 if any(report["invariants"].values()) else 0


async def _until_asked(running: Coroutine[Any, Any, dict[str, Any]]) -> dict[str, Any]:
    """A run that Ctrl-C ends in order: once, so that a second one does not cut the end short."""
    task = asyncio.create_task(running)
    asked = False

    def ask() -> None:
        nonlocal asked
        if not asked:
            asked = True
            task.cancel()

    for signum in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(signum, ask)
    return await task


def _keep(folder: Path, out: Path) -> None:
    """What explains a run: its journal, and the logs of its parts."""
    beside = out.with_suffix("")
    shutil.rmtree(beside, ignore_errors=True)
    for made in (folder / "journal.jsonl", folder / "supervisor.log", *(folder / "data" / "logs").glob("*.log")):
        if made.exists():
            beside.mkdir(parents=True, exist_ok=True)
            shutil.copy(made, beside / made.name)


if __name__ == "__main__":
    sys.exit(main())
