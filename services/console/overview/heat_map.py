"""A heat map: what two things have in common, as a field of numbers, the larger the deeper its colour. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil, cos, radians, sin
from unicodedata import east_asian_width

from services.console.pictures.names import shortened

CELL_WIDTH, CELL_HEIGHT = 72, 34

LONGEST = 21
"""Characters of a name that are shown."""

LEAN = 32
"""Degrees by which the names of columns are turned, each about a point over its cell: START from its left edge."""

START, GAP = 30, 10
"""The room between names and cells is a GAP."""

DEPTHS = 5


@dataclass(frozen=True, slots=True)
class Cell:
    """A field: its number, and how deep its colour is, from 0 for none to DEPTHS."""

    x: int
    y: int
    number: int
    depth: int


@dataclass(frozen=True, slots=True)
class HeatMap:
    """Everything that the template draws; `rows` and `columns` are names as shown, with their places.

    Names of columns begin at the height `base` and are turned by `lean` degrees.
    """

    width: int
    height: int
    rows: Sequence[tuple[str, int]]
    columns: Sequence[tuple[str, int]]
    base: int
    cells: Sequence[Cell]
    lean: int = LEAN


def heat_map(rows: Sequence[str], columns: Sequence[str], numbers: Mapping[tuple[int, int], int]) -> HeatMap | None:
    """The picture of numbers by the places of row and column; None where there is nothing to draw."""
    most = max(numbers.values(), default=0)
    if most <= 0:
        return None
    before = [shortened(name, LONGEST) for name in rows]
    above = [shortened(name, LONGEST) for name in columns]
    left = max(map(_room, before)) + GAP
    top = ceil(sin(radians(LEAN)) * max(map(_room, above))) + 2 * GAP
    right = max(START + ceil(cos(radians(LEAN)) * _room(name)) + CELL_WIDTH * at for at, name in enumerate(above))
    return HeatMap(
        left + max(right, CELL_WIDTH * len(columns)),
        top + CELL_HEIGHT * len(rows),
        [(name, top + CELL_HEIGHT * at) for at, name in enumerate(before)],
        [(name, left + CELL_WIDTH * at + START) for at, name in enumerate(above)],
        top - GAP,
        [
            Cell(left + CELL_WIDTH * column, top + CELL_HEIGHT * row, number, ceil(DEPTHS * number / most))
            for row in range(len(rows))
            for column in range(len(columns))
            for number in [numbers.get((row, column), 0)]
        ],
    )


def _room(name: str) -> int:
    """How wide a name is at most, by what its characters usually are."""
    return ceil(sum(13 if east_asian_width(one) in "WF" else 9.5 if one.isupper() else 7.5 for one in name))
