"""What was asked, told and broken, written outside the system as it happens: one JSON object a line.

A line goes to the kernel before the request that it announces is sent, so it outlives this process; nothing here
kills the machine. The checker and the report read the file, never the memory of whoever wrote it.
"""

import json
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, TextIO

THROUGH = {"report": frozenset({"api", "postgres"})}
"""The parts that a command goes through, where those are not all: a report asks nothing of the engine."""

ALL_PARTS = frozenset({"worker", "api", "temporal", "postgres"})


@dataclass(slots=True)
class Journal:
    """The file, and what is under way: commands without a final answer (since when), and those on the wire (how often).

    `proven` is when the latest command was asked that went through every part and has its answer.
    """

    file: TextIO
    open: dict[str, tuple[str, float]] = field(default_factory=dict)
    wire: Counter[str] = field(default_factory=Counter)
    proven: float = 0.0

    def note(self, what: str, **facts: Any) -> None:
        """Writes one line."""
        self.file.write(json.dumps({"at": time.time(), "what": what, **facts}) + "\n")
        self.file.flush()

    def ask(self, key: str, command: str, stream: str | None) -> None:
        """A command is about to be sent for the first time."""
        self.open[key] = command, time.time()
        self.note("asked", key=key, command=command, stream=stream)

    def settle(self, what: Literal["told", "refused"], key: str, **facts: Any) -> None:
        """A command has its final answer."""
        command, began = self.open.pop(key)
        if command not in THROUGH:
            self.proven = max(self.proven, began)
        self.note(what, key=key, **facts)

    @contextmanager
    def on_wire(self, key: str | None) -> Iterator[None]:
        """For as long as a request with this key waits for its answer."""
        if key is None:
            yield
            return
        self.wire[key] += 1
        try:
            yield
        finally:
            self.wire[key] -= 1
            self.wire += Counter()  # forgets what came to nought

    def in_flight(self, part: str) -> list[str]:
        """The keys of the commands that are on the wire without a final answer, and go through a part."""
        flying = (key for key in self.wire if key in self.open)
        return [key for key in flying if part in THROUGH.get(self.open[key][0], ALL_PARTS)]


@dataclass(slots=True)
class Asked:
    """One command as its client knows it. `stream` is None for a report that was never answered.

    `ended` is when it got its final answer: `told` is what an accepted one said, `refused` the code of a refusal.
    """

    key: str
    command: str
    stream: str | None
    began: float
    ended: float | None = None
    tries: int = 0
    told: dict[str, Any] | None = None
    refused: str | None = None


@dataclass(frozen=True, slots=True)
class Left:
    """Where a client left its case: its status, the decisions of its reviews, and whether it let every date pass."""

    status: str
    decisions: Mapping[str, str]
    lapsed: bool


@dataclass(slots=True)
class Struck:
    """One fault: when, what of, with which commands in flight, and when everything worked again (None: it never did).

    `hit` says that it came about: a fault point that nothing passed crashed nobody.
    """

    kind: str
    target: str
    began: float
    in_flight: int
    ended: float | None = None
    hit: bool = True


@dataclass(slots=True)
class Account:
    """A whole journal, read back."""

    asked: dict[str, Asked] = field(default_factory=dict)
    left: dict[str, Left] = field(default_factory=dict)
    struck: list[Struck] = field(default_factory=list)
    repeats: list[dict[str, Any]] = field(default_factory=list)
    odd: list[dict[str, Any]] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)

    @classmethod
    def read(cls, file: Path) -> "Account":
        """The account that a file gives."""
        with file.open(encoding="utf-8") as lines:
            return cls.of(json.loads(line) for line in lines)

    @classmethod
    def of(cls, lines: Iterable[dict[str, Any]]) -> "Account":
        """The account that lines give."""
        account = cls()
        for line in lines:
            account._take(line)
        return account

    def _take(self, line: dict[str, Any]) -> None:
        match line["what"]:
            case "asked":
                key = line["key"]
                self.asked[key] = Asked(key, line["command"], line["stream"], line["at"])
            case "told" | "refused" as what:
                asked = self.asked[line["key"]]
                asked.ended, asked.tries = line["at"], line["tries"]
                if what == "told":
                    asked.stream, asked.told = line["stream"], line["answer"]
                else:
                    asked.refused = line["code"]
            case "repeated":
                self.repeats.append(line)
            case "odd":
                self.odd.append(line)
            case "left":
                self.left[line["stream"]] = Left(line["status"], line["decisions"], line["lapsed"])
            case "broken":
                self.broken.append(f"{line['life']}: {line['why']}")
            case "struck":
                self.struck.append(Struck(line["kind"], line["target"], line["began"], line["in_flight"]))
            case "well":
                self.struck[-1].ended, self.struck[-1].hit = line["at"], line["hit"]
