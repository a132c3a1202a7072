"""What was measured, as a table and as a file."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

ROWS: Sequence[tuple[str, str]] = (
    ("open workflows", "open_workflows"),
    ("opened a second", "filled.opened_per_s"),
    ("CPU ms an opened case: worker", "filled.cpu_ms_per_opened.worker"),
    ("CPU ms an opened case: engine", "filled.cpu_ms_per_opened.temporal"),
    ("CPU ms an opened case: Postgres", "filled.cpu_ms_per_opened.postgres"),
    ("CPU ms an opened case: API", "filled.cpu_ms_per_opened.api"),
    ("worker, MiB", "memory_mib.worker"),
    ("engine, MiB", "memory_mib.temporal"),
    ("engine's file, bytes a case", "engine_bytes_per_case"),
    ("ledger's tables, bytes a case", "table_bytes_per_case"),
    ("ledger's indexes, bytes a case", "index_bytes_per_case"),
    ("events a case", "events_per_case"),
    ("commands/s, cold", "commands.cold.per_s"),
    ("p99 ms, cold", "commands.cold.p99_ms"),
    ("commands/s, warm", "commands.warm.per_s"),
    ("p99 ms, warm", "commands.warm.p99_ms"),
    ("CPU ms a warm command: worker", "commands.warm.cpu_ms.worker"),
    ("CPU ms a warm command: engine", "commands.warm.cpu_ms.temporal"),
    ("CPU ms a warm command: Postgres", "commands.warm.cpu_ms.postgres"),
    ("sweep that finds nothing, ms", "sweep.idle_ms"),
    ("due query, nothing due, ms", "sweep.due_ms"),
    ("due query, all due, ms a page of 1,000", "sweep.all_ms_per_page"),
    ("sleepers nudged a second", "sweep.nudged_per_s"),
    ("verified, events/s", "keeping.verified_events_per_s"),
    ("rebuilt, streams/s", "keeping.rebuilt_streams_per_s"),
)
"""A label, and where its figure stands in a level."""


def show(report: Mapping[str, Any], console: Console) -> None:
    """Levels side by side, then whole lives."""
    levels = report["levels"]
    if levels:
        table = Table("open cases", *(f"{level['cases']:,}" for level in levels))
        for label, path in ROWS:
            table.add_row(label, *(_figure(_at(level, path)) for level in levels))
        console.print(table)
    if report["lives"]:
        table = Table("one case's life", *report["lives"])
        for name in next(iter(report["lives"].values())):
            table.add_row(name.replace("_", " "), *(_figure(life[name]) for life in report["lives"].values()))
        console.print(table)
    if report["proof"]:
        console.print(f"everything verified: {report['proof']}")


def line(level: Mapping[str, Any]) -> str:
    """One level in a line."""
    sent = level["commands"]
    return (
        f"{level['cases']} cases open: worker {level['memory_mib']['worker']} MiB, "
        f"{sent['cold']['per_s']} cold and {sent['warm']['per_s']} warm commands/s"
    )


def write(report: Mapping[str, Any], to: Path) -> None:
    """Replaces the file at once."""
    to.parent.mkdir(exist_ok=True)
    draft = to.with_suffix(".draft")
    draft.write_text(json.dumps(report, indent=1) + "\n")
    draft.replace(to)


def _at(level: Mapping[str, Any], path: str) -> Any:
    found: Any = level
    for name in path.split("."):
        found = found[name]
    return found


def _figure(value: Any) -> str:
    return f"{value:,.1f}" if isinstance(value, float) else f"{value:,}"
