"""A Pareto chart, lying: bars from the largest down, and beside them the line of their shares taken together. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.console.pictures.names import shortened

WIDTH, ROW, TOP, BARS, LEFT, RIGHT = 480, 44, 26, 290, 320, 466
LONGEST = 26
"""Characters of a name for which there is room above its bar."""

MARKS = (0, 50, 80, 100)
"""The shares in per cent that have a mark along the line; the vital few are those up to 80."""


@dataclass(frozen=True, slots=True)
class Step:
    """One bar, `y` the upper edge of its row, and its point on the line: `share` is that of all so far, in per cent.

    `name` is shown, `title` all of it.
    """

    title: str
    name: str
    number: int
    share: float
    y: int
    width: float
    x: float


@dataclass(frozen=True, slots=True)
class Pareto:
    """Everything that the template draws; `line` is a list of points as SVG has it, `marks` are share and place."""

    width: int
    height: int
    steps: Sequence[Step]
    line: str
    marks: Sequence[tuple[int, float]]


def shares(numbers: Sequence[int]) -> list[float]:
    """Of each number with all before it, the share of the sum, in per cent."""
    whole, so_far, found = sum(numbers), 0, []
    for number in numbers:
        so_far += number
        found.append(100 * so_far / whole if whole else 0.0)
    return found


def pareto(named: Sequence[tuple[str, int]], rest: tuple[str, int]) -> Pareto | None:
    """The picture of numbers by name, in the order in which they come; None where there is nothing to draw.

    `rest` is what is counted together: where it is any, it ends the line, and has no bar, which would dwarf the others.
    """
    most = max((number for _, number in named), default=0)
    if most <= 0:
        return None
    told = [*named, rest] if rest[1] else named
    steps = [
        Step(
            title=name,
            name=shortened(name, LONGEST),
            number=number,
            share=share,
            y=TOP + ROW * at,
            width=round(BARS * number / most, 1) if at < len(named) else 0,
            x=_x(share),
        )
        for at, ((name, number), share) in enumerate(zip(told, shares([one for _, one in told]), strict=True))
    ]
    points = [f"{LEFT},{TOP}", *(f"{step.x},{step.y + ROW // 2}" for step in steps)]
    return Pareto(WIDTH, TOP + ROW * len(steps), steps, " ".join(points), [(mark, _x(mark)) for mark in MARKS])


def _x(share: float) -> float:
    return round(LEFT + (RIGHT - LEFT) * share / 100, 1)
