"""The pictures of the overview: where bars, lines and fields lie."""

import pytest

from services.console.overview.bars import WIDTH, Line, bars
from services.console.overview.heat_map import DEPTHS, heat_map
from services.console.overview.pareto import BARS, LEFT, RIGHT, pareto, shares
from services.console.pictures.names import shortened


def test_the_longest_bar_is_as_wide_as_the_picture_and_parts_follow_each_other() -> None:
    drawn = bars([Line("a", "4", [("major", 1), ("minor", 3)]), Line("b", "2", [("major", 0), ("minor", 2)])])
    assert drawn is not None
    assert [(part.kind, part.x, part.width) for part in drawn.bars[0].parts] == [
        ("major", 0.0, WIDTH / 4),
        ("minor", WIDTH / 4, WIDTH * 3 / 4),
    ]
    assert [(part.kind, part.x, part.width) for part in drawn.bars[1].parts] == [("minor", 0.0, WIDTH / 2)]
    assert drawn.bars[1].y + drawn.bars[0].y + drawn.bars[1].y == drawn.height


def test_a_part_that_is_very_small_is_seen() -> None:
    drawn = bars([Line("a", "", [("major", 1), ("minor", 100_000)])])
    assert drawn is not None
    assert drawn.bars[0].parts[0].width >= 1


def test_a_picture_that_stands_for_something_at_least_has_no_full_bar_of_next_to_nothing() -> None:
    drawn = bars([Line("a", "0.0", [("median", 0.0)]), Line("b", "0.5", [("median", 0.5)])], least=1)
    assert drawn is not None
    assert [[part.width for part in bar.parts] for bar in drawn.bars] == [[], [WIDTH / 2]]
    assert bars([], least=1) is None


@pytest.mark.parametrize("lines", [[], [Line("a", "none", [("major", 0), ("minor", 0)])]])
def test_nothing_is_no_bars(lines: list[Line]) -> None:
    assert bars(lines) is None


def test_shares_are_taken_together_and_end_with_all() -> None:
    assert shares([5, 3, 2]) == [50, 80, 100]
    assert shares([]) == []
    assert shares([0]) == [0]


def test_the_line_of_a_pareto_chart_ends_with_what_has_no_bar() -> None:
    drawn = pareto([("a", 6), ("b", 3)], ("others", 3))
    assert drawn is not None
    assert [(step.name, step.number, step.share, step.width) for step in drawn.steps] == [
        ("a", 6, 50, BARS),
        ("b", 3, 75, BARS / 2),
        ("others", 3, 100, 0),
    ]
    assert [step.x for step in drawn.steps] == [(LEFT + RIGHT) / 2, LEFT + (RIGHT - LEFT) * 0.75, RIGHT]
    assert len(drawn.line.split()) == 4
    assert [(share, x) for share, x in drawn.marks if share in (0, 100)] == [(0, LEFT), (100, RIGHT)]


def test_a_pareto_chart_of_all_has_no_others() -> None:
    drawn = pareto([("a", 1)], ("others", 0))
    assert drawn is not None
    assert [step.name for step in drawn.steps] == ["a"]
    assert pareto([], ("others", 0)) is None


def test_a_field_is_the_deeper_the_more_it_has_and_only_none_has_no_depth() -> None:
    drawn = heat_map(["IT", "HR"], ["ISO 9001", "ISO/IEC 27001"], {(0, 0): 50, (0, 1): 1, (1, 1): 26})
    assert drawn is not None
    assert [(cell.number, cell.depth) for cell in drawn.cells] == [(50, DEPTHS), (1, 1), (0, 0), (26, 3)]
    assert len({(cell.x, cell.y) for cell in drawn.cells}) == 4
    assert all(cell.x < drawn.width and cell.y < drawn.height for cell in drawn.cells)
    assert heat_map(["IT"], ["ISO 9001"], {}) is None


def test_a_long_name_keeps_its_beginning_and_its_end() -> None:
    assert shortened("ISO 9001 8.5.1", 14) == "ISO 9001 8.5.1"
    told = shortened("SOC 2 Trust Services Criteria CC6.1", 26)
    assert told == "SOC 2 Trust Serv…ria CC6.1"
    assert len(told) <= 26
