"""Instants at the ends of the calendar: refused by their shape, wherever the client is."""

import pytest

from tests.rules import walks as w
from tests.rules.life import Step, Steps, World, policy
from workflows.decider import Refusal

ASKED: Steps = (*w.OPEN, w.MORE_TIME)
COMMANDS = [
    (w.MORE_TIME, w.OPEN),
    (w.GRANT, ASKED),
    (w.vote("member1"), w.ESCALATED),
    (w.vote("member1", "special_audit"), w.ESCALATED),
]


def refused(step: Step, steps: Steps, until: str, zone: str) -> Refusal:
    world = World(policy(), zone=zone).walk(steps)
    with pytest.raises(Refusal) as found:
        world.do(step.actor, step.command, {**step.body, "until": until}, step.kind)
    return found.value


@pytest.mark.parametrize("zone", ["Europe/Amsterdam", "America/Los_Angeles"])
@pytest.mark.parametrize(("step", "steps"), COMMANDS, ids=lambda item: getattr(item, "command", ""))
@pytest.mark.parametrize(
    "until",
    [
        "9999-12-31T23:59:59Z",
        "9990-01-01T00:00:00Z",
        "2200-01-01T00:00:00Z",
        "2199-12-31T23:59:59-01:00",
        "1970-01-01T00:00:00+01:00",
        "0001-01-01T00:00:00+14:00",
    ],
)
def test_an_instant_outside_our_time_is_refused_by_its_shape(step: Step, steps: Steps, until: str, zone: str) -> None:
    refusal = refused(step, steps, until, zone)
    assert (refusal.code, refusal.pointer) == ("shape", "/until")
    assert "between the years 1970 and 2199" in str(refusal)


@pytest.mark.parametrize(("step", "steps"), COMMANDS, ids=lambda item: getattr(item, "command", ""))
def test_the_last_instant_of_our_time_is_judged_by_the_rules(step: Step, steps: Steps) -> None:
    assert refused(step, steps, "2199-12-31T23:59:59Z", "Pacific/Auckland").code in (
        "extension_too_long",
        "beyond_limit",
    )
