"""The live view: who did what, which timer fired and how late, what the ledger holds."""

from collections import deque
from datetime import datetime, timedelta
from typing import Any, Self

from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from activities.ledger.protocol import Recorded
from workflows.durations import Duration
from workflows.nonconformity import events as e

ROWS = 22
CLOCK = (e.DeadlineReminded.type, e.DeadlineMissed.type, e.Escalated.type)


def due_of(recorded: Recorded) -> datetime | None:
    """When the clock had to record this: the reminder's or the date's own instant; None for what people did."""
    data: dict[str, Any] = recorded.data or {}
    if recorded.type == e.DeadlineMissed.type:
        return datetime.fromisoformat(data["due_at"])
    if recorded.type == e.DeadlineReminded.type:
        return datetime.fromisoformat(data["due_at"]) + Duration.parse(data["offset"]).exact
    return None


class View:
    """Shows events as the ledger gets them: as a table on a terminal, as lines elsewhere."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self.events = 0
        self.streams: set[str] = set()
        self.latest: timedelta = timedelta()
        self._names: dict[str, str] = {}
        self._numbers: dict[str, str] = {}
        self._rows: deque[tuple[str, str, str, str, str]] = deque(maxlen=ROWS)
        self._live = Live(console=console, refresh_per_second=8, transient=False) if console.is_terminal else None

    def __enter__(self) -> Self:
        if self._live:
            self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._live:
            self._live.stop()

    def introduce(self, names: dict[str, str]) -> None:
        """People by name from now on."""
        self._names.update(names)

    def show(self, recorded: Recorded) -> None:
        """One more event."""
        data = recorded.data or {}
        self.events += 1
        self.streams.add(recorded.stream)
        if recorded.type == e.Issued.type:
            self._numbers[recorded.stream] = data["number"]
        due = due_of(recorded)
        late = "" if due is None else f"{(recorded.at - due).total_seconds() * 1000:+.0f} ms"
        if due is not None:
            self.latest = max(self.latest, recorded.at - due)
        what = recorded.type.partition(".")[2].replace("_", " ")
        if recorded.type in CLOCK:
            what = f"{what}: {data.get('deadline') or data.get('cause')} {data.get('offset') or ''}".rstrip()
        kind, _, name = recorded.stream.partition("/")
        thing = self._numbers.get(recorded.stream, f"{kind} {name[-6:]}")
        who = self._names.get(recorded.actor, recorded.actor)
        if recorded.actor == "clock":
            who = "the clock"
        row = (f"{recorded.at:%H:%M:%S.%f}"[:-3], thing, who.split("/")[0], what, late)
        self._rows.append(row)
        if self._live:
            self._live.update(self._drawn())
        else:
            self.console.print("  ".join(cell for cell in row if cell), markup=False, highlight=False)

    def _drawn(self) -> Group:
        table = Table(expand=True, box=None, header_style="bold")
        for column in ("time", "what about", "who", "what", "late by"):
            table.add_column(column, no_wrap=True)
        for time, thing, who, what, late in self._rows:
            style = "yellow" if late else "cyan" if who == "reaction:" else ""
            table.add_row(time, thing, who, what, late, style=style)
        held = Text(f"ledger: {self.events} events in {len(self.streams)} streams; latest timer {self.latest}", "dim")
        return Group(table, held)
