"""A heat map: what two things have in common, as a field of numbers, the larger the deeper its colour. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil

from services.console.pictures.names import shortened

NAMES, CELL_WIDTH, CELL_HEIGHT, HEAD, TAIL = 200, 72, 34, 96, 60
"""The room for the names of rows; a cell; the room for the names of columns, and for the last one, which leans out."""

LONGEST = 26
"""Characters of a name for which there is room before a row; above a column, for five less."""

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
    """Everything that the template draws; `rows` and `columns` are names as shown, with their places."""

    width: int
    height: int
    rows: Sequence[tuple[str, int]]
    columns: Sequence[tuple[str, int]]
    cells: Sequence[Cell]


def heat_map(rows: Sequence[str], columns: Sequence[str], numbers: Mapping[tuple[int, int], int]) -> HeatMap | None:
    """The picture of numbers by the places of row and column; None where there is nothing to draw."""
    most = max(numbers.values(), default=0)
    if most <= 0:
        return None
    cells = [
        Cell(NAMES + CELL_WIDTH * column, HEAD + CELL_HEIGHT * row, number, ceil(DEPTHS * number / most))
        for row in range(len(rows))
        for column in range(len(columns))
        for number in [numbers.get((row, column), 0)]
    ]
    return HeatMap(
        NAMES + CELL_WIDTH * len(columns) + TAIL,
        HEAD + CELL_HEIGHT * len(rows),
        [(shortened(name, LONGEST), HEAD + CELL_HEIGHT * at) for at, name in enumerate(rows)],
        [(shortened(name, LONGEST - 5), NAMES + CELL_WIDTH * at) for at, name in enumerate(columns)],
        cells,
    )
