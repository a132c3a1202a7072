"""Bars, one below the other, each with its words above it: what a number is made of, or how far it reaches. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.console.pictures.names import shortened

WIDTH, ROW = 480, 44
LONGEST = 28
"""Characters of a name for which there is room beside what is said."""


@dataclass(frozen=True, slots=True)
class Line:
    """One bar to be drawn: its name, what is said at its end, and its parts as kind and number, from the left."""

    name: str
    said: str
    parts: Sequence[tuple[str, float]]


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of a bar; `kind` is what it means, and its class."""

    kind: str
    x: float
    width: float


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar as it is drawn, `y` the upper edge of its row; `name` is shown, `title` all of it."""

    title: str
    name: str
    said: str
    y: int
    parts: Sequence[Part]


@dataclass(frozen=True, slots=True)
class Bars:
    """Everything that the template draws."""

    width: int
    height: int
    bars: Sequence[Bar]


def bars(lines: Sequence[Line], least: float = 0) -> Bars | None:
    """The picture, as wide as the longest bar, as `least` if all are shorter; None where there is nothing to draw."""
    most = max((least, *(sum(number for _, number in line.parts) for line in lines)))
    if not lines or most <= 0:
        return None
    drawn = [
        Bar(line.name, shortened(line.name, LONGEST), line.said, ROW * at, _parts(line, WIDTH / most))
        for at, line in enumerate(lines)
    ]
    return Bars(WIDTH, ROW * len(lines), drawn)


def _parts(line: Line, unit: float) -> list[Part]:
    x, found = 0.0, []
    for kind, number in line.parts:
        if number > 0:
            found.append(Part(kind, round(x, 1), round(max(number * unit, 1.5), 1)))
        x += number * unit
    return found
