"""Life stories as data (`lives/*.toml`): what is expected in them comes about, and what must always hold, holds.

Together they live the whole procedure: each row of each table is accepted in one of them, and refused by each of its
guards. What any command can be refused for (state, role, shape, signature) is told by the stories.
"""

from pathlib import Path

import pytest

from tests.rules.lived import LIVES, Answer, answers
from workflows.decider import kind_of
from workflows.procedure import Row
from workflows.registry import DECIDERS, PROCEDURES
from workflows.simulator.play import play
from workflows.simulator.scenario import located, read
from workflows.simulator.world import World

ROWS = [(kind, row) for kind, procedure in PROCEDURES.items() for row in procedure.rows]
NOT_LIVED = {
    ("nonconformity", "issue", "client_unknown"): "a finding of an unknown client is refused when it is reported",
    ("nonconformity", "aggregate", "aggregation_pending"): "here the systemic major is raised at the same instant",
}
"""Guards against what comes between two streams or two rules, which no life in memory sees; stories set it up."""


@pytest.mark.parametrize("path", LIVES, ids=lambda path: path.stem)
def test_a_life_comes_about_as_it_is_told(path: Path) -> None:
    life, text = play(read(path)), path.read_text(encoding="utf-8")
    assert [located(path, text, failure.place, failure.why) for failure in life.failures] == []
    _is_sound(life.world)


def test_there_are_sixty_lives() -> None:
    assert len(LIVES) >= 60


@pytest.mark.parametrize(("kind", "row"), ROWS, ids=lambda item: getattr(item, "command", item))
def test_a_row_is_accepted_in_a_life_and_refused_by_each_of_its_guards(kind: str, row: Row) -> None:
    codes = {refusal.code for guard in row.guards for refusal in guard.refusals}
    wanted = {Answer(kind, row.command), *(Answer(kind, row.command, code) for code in codes)}
    assert wanted - answers() == wanted & NOT_LIVED.keys()


def _is_sound(world: World) -> None:
    """History folds to the state; only what lives is woken, and later than now; hard limits hold."""
    for name, stream in world.streams.items():
        decider = DECIDERS[kind_of(name)]
        state = decider.initial()
        for happened in stream.history:
            state = decider.evolve(state, happened)
        assert state == stream.state
        assert [happened.seq for happened in stream.history] == list(range(1, len(stream.history) + 1))
        assert stream.due is None or (decider.lives(stream.state) and stream.due > world.now)
        for deadline in getattr(stream.state, "deadlines", ()):
            assert deadline.limit_at is None or deadline.due_at <= deadline.limit_at
