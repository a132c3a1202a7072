"""What a world tells of its audit."""

import pytest

from tests.rules.life import AUDIT, Step, World
from workflows.audit.audit import Audit
from workflows.decider import Refusal


def state(world: World) -> Audit:
    found = world.stream(AUDIT).state
    assert isinstance(found, Audit)
    return found


def code(world: World, step: Step) -> str:
    with pytest.raises(Refusal) as refused:
        world.do(step.actor, step.command, step.body, step.kind)
    return refused.value.code
