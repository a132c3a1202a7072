"""Life stories as data (`lives/*.toml`): what is expected in them comes about, and what must always hold, holds."""

from pathlib import Path

import pytest

from workflows.decider import kind_of
from workflows.registry import DECIDERS
from workflows.simulator.play import play
from workflows.simulator.scenario import located, read
from workflows.simulator.world import World

LIVES = sorted((Path(__file__).parent / "lives").glob("*.toml"))


@pytest.mark.parametrize("path", LIVES, ids=lambda path: path.stem)
def test_a_life_comes_about_as_it_is_told(path: Path) -> None:
    played = play(read(path))
    text = path.read_text(encoding="utf-8")
    assert [located(path, text, failure.place, failure.why) for failure in played.failures] == []
    _is_sound(played.world)


def test_there_are_sixty_lives() -> None:
    assert len(LIVES) >= 60


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
