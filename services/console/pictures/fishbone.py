"""Causes as a fishbone (Ishikawa): a rib for each category, above and below the spine in turn. Pure."""

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

from workflows.nonconformity.commands import Cause

COLUMN, LINE, WRAP, MOST_LINES = 270, 16, 25, 4
HEAD = 190
UNNAMED = "Causes"


@dataclass(frozen=True, slots=True)
class Text:
    """One line of text."""

    x: float
    y: float
    text: str


@dataclass(frozen=True, slots=True)
class Rib:
    """A category: where its bone begins and meets the spine, its name, and the lines of its causes."""

    x1: float
    y1: float
    x2: float
    name: Text
    lines: Sequence[Text]


@dataclass(frozen=True, slots=True)
class Fishbone:
    """Everything that the template draws."""

    width: int
    height: int
    spine: float
    head_x: float
    ribs: Sequence[Rib]
    head: Sequence[Text]


def fishbone(causes: Sequence[Cause], effect: str) -> Fishbone:
    """The picture of causes and what they led to."""
    groups: dict[str, list[str]] = {}
    for cause in causes:
        groups.setdefault(cause.category or UNNAMED, []).extend(_wrapped(cause.text))
    columns = -(-len(groups) // 2)
    deepest = max((len(lines) for lines in groups.values()), default=1)
    arm = 56 + LINE * deepest
    spine = arm + 20
    ribs = []
    for number, (name, lines) in enumerate(groups.items()):
        column, below = number // 2, number % 2
        foot = 40 + COLUMN * (column + 1)
        top = foot - 60
        y = spine + arm if below else spine - arm
        first = spine + 34 if below else y + 34
        left = foot - COLUMN + 24
        texts = [Text(left, first + LINE * n, line) for n, line in enumerate(lines)]
        ribs.append(Rib(top, y, foot, Text(top - 8, y + (12 if below else 4), _short(name, 28)), texts))
    head_x = 40 + COLUMN * max(columns, 1) + 20
    head = [Text(head_x + 14, spine - 12 + LINE * n, line) for n, line in enumerate(_wrapped(effect, 22, 3))]
    return Fishbone(head_x + HEAD, spine * 2, spine, head_x, ribs, head)


def _wrapped(text: str, width: int = WRAP, most: int = MOST_LINES) -> list[str]:
    lines = textwrap.wrap(text, width, max_lines=most, placeholder=" …")
    return lines or [""]


def _short(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"
