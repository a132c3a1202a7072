"""What a scenario expects, held against what came about."""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from workflows.places import Place
from workflows.simulator import dates
from workflows.simulator.calendar import Line
from workflows.simulator.moments import Moment
from workflows.simulator.scenario import Date, Expect
from workflows.simulator.stage import Stage
from workflows.simulator.world import World


class Failure(NamedTuple):
    """Something that is not as the scenario says, and where the scenario says it."""

    place: Place
    why: str


def check(world: World, stage: Stage, expect: Expect, on: str, calendar: Sequence[Line]) -> Iterator[Failure]:
    """Everything that is not as expected, of the thing that is named, else of the step's."""
    on = expect.on or on
    name = stage.address(on)
    if expect.status not in (None, world.status(name)):
        yield Failure(("status",), f"{expect.status} is expected; it is {world.status(name)}")
    yield from _states(world.state(name), expect)
    yield from _events([happened.event.type.partition(".")[2] for happened in world.stream(name).history], expect)
    for kind, date in expect.deadlines.items():
        yield from _date(world, stage, on, kind, date)
    if expect.review is not None:
        yield from _review(world, stage, on, expect.review)
    yield from _others(world, stage, expect)
    wakeups = sum(turn.command is None for turn in world.turns)
    if expect.wakeups not in (None, wakeups):
        yield Failure(("wakeups",), f"{expect.wakeups} are expected; there were {wakeups}")
    yield from _calendar([line.text(stage.zone) for line in calendar], expect.calendar)


def _events(types: Sequence[str], expect: Expect) -> Iterator[Failure]:
    if expect.events is not None and list(expect.events) != types:
        yield Failure(("events",), f"{', '.join(expect.events)} are expected; there are {', '.join(types)}")
    counted = Counter(types)
    for name, times in expect.counts.items():
        if counted[name] != times:
            yield Failure(("counts", name), f"{times} are expected; there are {counted[name]}")


def _others(world: World, stage: Stage, expect: Expect) -> Iterator[Failure]:
    named = (("certificates", "certificate/"), ("audits", "audit/"), ("cases", ""))
    for part, prefix in named:
        for key, status in getattr(expect, part).items():
            found = world.status(stage.address(f"{prefix}{key}"))
            if found != status:
                yield Failure((part, key), f"{status} is expected; it is {found or 'unknown'}")


def _states(state: Any, expect: Expect) -> Iterator[Failure]:
    whole = state.model_dump(mode="json")
    for path, wanted in expect.state.items():
        found = _at(whole, path)
        # TOML has no word for nothing.
        if found != wanted and not (found is None and wanted is False):
            yield Failure(("state", path), f"{json.dumps(wanted, default=str)} is expected; it is {json.dumps(found)}")


def _at(value: Any, path: str) -> Any:
    """A value by its dotted path; a number is a place in a list, and `count` how many a list holds."""
    for part in path.split("."):
        match value:
            case dict():
                value = value.get(part)
            case list() if part == "count":
                value = len(value)
            case list() if part.lstrip("-").isdigit() and -len(value) <= int(part) < len(value):
                value = value[int(part)]
            case _:
                return None
    return value


def _date(world: World, stage: Stage, on: str, kind: str, wanted: Date) -> Iterator[Failure]:
    place = ("deadlines", kind)
    found = dates.explained(world.state(stage.address(on))).get(kind)
    if found is None:
        if wanted.state != "none":
            yield Failure(place, f"{on} has no such date")
        return
    standing = dates.standing(found, world.now)
    if wanted.state not in (None, standing):
        yield Failure(place, f"{wanted.state} is expected; it is {standing}")
    yield from _instant(stage, on, place, wanted.due, found.due_at, "it is due")
    if wanted.safe is not None:
        latest = dates.safe(world.state(stage.address(on))).get(kind)
        if latest is None:
            yield Failure((*place, "safe"), "nothing is asked of the client")
        else:
            yield from _instant(stage, on, (*place, "safe"), wanted.safe, latest.at, "it is safe until")
    if wanted.says is not None and not any(wanted.says in line for line in found.explanation):
        yield Failure(place, f"{wanted.says!r} is expected in its explanation: {' | '.join(found.explanation)}")


def _instant(
    stage: Stage, on: str, place: Place, wanted: Moment | None, found: datetime, said: str
) -> Iterator[Failure]:
    """An instant to the second; a day, where no more is expected."""
    if wanted is None:
        return
    at, expected = found.astimezone(stage.zone), wanted.at(stage.reading(on)).astimezone(stage.zone)
    if at.date() != expected.date() if wanted.is_day else abs(at - expected) >= timedelta(seconds=1):
        yield Failure(place, f"{wanted.text} is expected; {said} {at:%Y-%m-%d %H:%M:%S %Z}")


def _review(world: World, stage: Stage, on: str, wanted: str) -> Iterator[Failure]:
    state = world.state(stage.address(f"review/{on}"))
    decision = getattr(state, "decision", None)
    known = {world.status(stage.address(f"review/{on}")), decision.choice if decision else None}
    if wanted not in known:
        said = ", ".join(sorted(one for one in known if one)) or "there is no review"
        yield Failure(("review",), f"{wanted} is expected: {said}")


def _calendar(found: Sequence[str], wanted: Sequence[str]) -> Iterator[Failure]:
    rest = iter(found)
    for position, text in enumerate(wanted):
        if not any(text in line for line in rest):
            yield Failure(("calendar", position), f"no line has {text!r} (after those before it)")
            return
