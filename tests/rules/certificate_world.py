"""A world with a certificate after some steps, and what it tells of it."""

from datetime import datetime
from typing import Any

import pytest

from tests.rules.life import CERTIFICATE, START, World, policy
from workflows.certificate.certificate import Certificate
from workflows.certificate.rules import PROCEDURE
from workflows.decider import Refusal


def lived(*steps: Any, now: datetime = START, zone: str = "UTC", **rules: Any) -> World:
    """A world after these steps."""
    return World(policy(**rules), now=now, zone=zone).walk(tuple(steps))


def state(world: World) -> Certificate:
    found = world.stream(CERTIFICATE).state
    assert isinstance(found, Certificate)
    return found


def told(world: World) -> list[str]:
    return world.types("certificate")


def at(world: World, type: str) -> list[datetime]:
    return [h.at for h in world.stream(CERTIFICATE).history if h.event.type == f"certificate.{type}"]


def why_not(world: World, actor: str, command: str) -> str | None:
    context = world.context(CERTIFICATE, world.actor(actor))
    return {one.command: one.why_not for one in PROCEDURE.allowed(state(world), context)}[command]


def refused(world: World, step: Any) -> str:
    with pytest.raises(Refusal) as why:
        world.walk((step,))
    return str(why.value)
