"""The lives as data (`lives/*.toml`), each played once: which rows they accept, which rules they refuse."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

from workflows.decider import kind_of
from workflows.simulator.play import Played, play
from workflows.simulator.scenario import read

LIVES = sorted((Path(__file__).parent / "lives").glob("*.toml"))


class Answer(NamedTuple):
    """How a command on a kind of thing was answered: accepted, or refused by the rule `code`."""

    kind: str
    command: str
    code: str | None = None


@cache
def played(path: Path) -> Played:
    """A life, to its end."""
    return play(read(path))


@cache
def answers() -> frozenset[Answer]:
    """All answers in all lives: to people, to machines, and to what things cause on each other."""
    return frozenset(answer for path in LIVES for answer in _answers(played(path)))


def _answers(life: Played) -> Iterator[Answer]:
    for turn in life.world.turns:
        if turn.command is not None:
            yield Answer(kind_of(turn.stream), turn.command)
    for line in life.lines:
        if line.cause == "refused":
            command, _, code = line.what.partition(" refused: ")
            yield Answer(kind_of(line.stream), command.replace("-", "_"), code)
