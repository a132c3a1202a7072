"""What every figure of the overview is: a picture, the table behind it, and that table as CSV."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from services import cells
from services.console.frame.catalogue import gettext
from services.console.frame.rendering import clean
from services.console.overview.bars import Bars, Line, bars
from services.console.overview.heat_map import HeatMap
from services.console.overview.pareto import Pareto

Cell = str | int | float
Shape = Literal["bars", "pareto", "heat"]

DRAWN = 12
"""How many lines a picture has at most; the table has them all."""


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a table; `href` leads from its first cell to the cases that it counts, or to a narrower overview."""

    cells: Sequence[Cell]
    href: str | None = None


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure. `key` is its name in addresses, `counts` says what is counted, `desc` tells the picture in words.

    `legend` names the kinds of parts that the picture has, each with the class of the same name.
    """

    key: str
    title: str
    counts: str
    shape: Shape
    picture: Bars | Pareto | HeatMap | None
    desc: str
    columns: Sequence[str]
    rows: Sequence[Row]
    legend: Sequence[tuple[str, str]] = ()


def barred(
    key: str,
    title: str,
    counts: str,
    lines: Sequence[Line],
    columns: Sequence[str],
    rows: Sequence[Row],
    legend: Sequence[tuple[str, str]],
    least: float = 0,
) -> Figure:
    """A figure of bars; `least` is what its width stands for at least."""
    desc = told([(line.name, line.said) for line in lines])
    return Figure(key, title, counts, "bars", bars(lines, least), desc, columns, rows, legend)


def told(lines: Sequence[tuple[str, str]]) -> str:
    """A picture in words: each name with what is said of it."""
    return "; ".join(f"{name}: {said}" for name, said in lines)


def others() -> str:
    """What is counted together is called so."""
    return gettext("All others")


def csv(figure: Figure) -> str:
    """The table as CSV (RFC 4180); no cell is a formula, numbers have a point and at most two decimals."""
    rows = [[_cell(cell) for cell in row.cells] for row in figure.rows]
    return "".join(cells.line(row) for row in [figure.columns, *rows])


def _cell(cell: Cell) -> Cell:
    return clean(cell) if isinstance(cell, str) else round(cell, 2)
