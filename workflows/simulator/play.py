"""Plays a scenario in a world in memory: its steps, its expectations, and then what comes if nobody acts any more."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from workflows.decider import Refusal, Refused
from workflows.places import Place
from workflows.policy import Policy
from workflows.policy_book import PolicyBook
from workflows.simulator import calendar
from workflows.simulator.calendar import Left, Line
from workflows.simulator.expectations import Failure, check
from workflows.simulator.policies import packaged
from workflows.simulator.scenario import Expect, Scenario, Step
from workflows.simulator.stage import Stage
from workflows.simulator.world import World


@dataclass(frozen=True, slots=True)
class Played:
    """A life as it came about: the calendar, what was `left` after the last step, and whatever was not as expected.

    It ended at `until`; `acted` is the instant of the last step, `names` the streams of cases by the scenario's names.
    """

    scenario: Scenario
    world: World
    lines: Sequence[Line]
    left: Sequence[Left]
    failures: Sequence[Failure]
    acted: datetime
    until: datetime
    names: Mapping[str, str]


def book(scenario: Scenario, policy: Policy | None = None) -> PolicyBook:
    """The policies of a scenario: its own, beside the packaged ones where none is said to hold for it.

    `policy` takes the place of its own, whatever tenants, schemes, stages and grades it is for, and since when.
    """
    if policy is not None:
        everywhere = {"tenants": (), "schemes": (), "stages": (), "grades": (), "effective_from": date.min}
        return PolicyBook([policy.model_copy(update=everywhere), *scenario.policies])
    if scenario.policy is not None:
        return PolicyBook([scenario.policy, *scenario.policies])
    own = {one.identity for one in scenario.policies}
    # Of policies that are as specific and as new as each other the first is chosen: the scenario's.
    return PolicyBook([*scenario.policies, *(one for one in packaged().policies if one.identity not in own)])


def play(scenario: Scenario, policy: Policy | None = None, until: datetime | None = None) -> Played:
    """Plays a scenario under its own policy or another, to its end or to `until`, whichever is later."""
    return _Play(scenario, book(scenario, policy)).to_end(until)


class _Play:
    def __init__(self, scenario: Scenario, policies: PolicyBook) -> None:
        self.scenario = scenario
        people = Stage(scenario, World(policies, now=scenario.begins)).people()
        self.world = World(policies, now=scenario.begins, tenant=scenario.tenant, people=people)
        self.stage = Stage(scenario, self.world)
        self.refused: list[calendar.Refused] = []
        self.failures: list[Failure] = []

    def to_end(self, until: datetime | None) -> Played:
        """Every step, then nothing but time; it stops at a step that cannot be taken."""
        whole = all(self._take(place, step) for place, step in self.stage.scenes())
        acted, turns, left = self.world.now, len(self.world.turns), calendar.left(self.world)
        end = self.scenario.until.after(acted, self.stage.zone)
        if whole:
            self.world.wait_until(end)
            self._check(("expect",), self.scenario.expect, "case")
            self.world.wait_until(max(until or end, end))
        lines = calendar.lines(self.world, self.refused, self.stage.zone, last=turns)
        return Played(self.scenario, self.world, lines, left, self.failures, acted, until or end, self.stage.names)

    def _take(self, place: Place, step: Step) -> bool:
        """One step; whether the next one can follow."""
        try:
            at = self.stage.instant(step)
        except (ValueError, OverflowError) as error:
            return self._fail((*place, "at"), str(error))
        if at < self.world.now:
            now = self.world.now.astimezone(self.stage.zone)
            return self._fail((*place, "at"), f"{at.astimezone(self.stage.zone)} lies before {now}, which is reached")
        self.world.wait_until(at, asleep=step.asleep)
        if step.do is not None and not self._give(place, step):
            return False
        self._check((*place, "expect"), step.expect, step.on)
        return True

    def _give(self, place: Place, step: Step) -> bool:
        try:
            stream, command = self.stage.command(step)
        except ValueError as error:
            return self._fail((*place, "do"), str(error))
        before = {name for name, one in self.world.streams.items() if one.history}
        try:
            self.world.send(stream, command)
        except Refusal as refusal:
            return self._was_refused(place, step, stream, refusal.data())
        if step.refused is not None:
            return self._fail((*place, "refused"), f"{step.do} was to be refused as {step.refused}, and was accepted")
        if step.do == "report":
            self.stage.names[step.on] = stream
        born = [
            name
            for name, one in self.world.streams.items()
            if one.history and name not in before and name.startswith("nonconformity/")
        ]
        if step.name is not None:
            if not born:
                return self._fail((*place, "as"), f"{step.do} brought about no case")
            self.stage.names[step.name] = born[0]
        return True

    def _was_refused(self, place: Place, step: Step, stream: str, refused: Refused) -> bool:
        self.refused.append(
            calendar.Refused(
                at=self.world.now,
                turns=len(self.world.turns),
                stream=stream,
                who=step.who or "",
                command=step.do or "",
                code=refused.code,
                detail=refused.detail,
            )
        )
        if step.refused == refused.code:
            return True
        if step.refused is not None:
            why = f"{step.refused} is expected; refused as {refused.code}: {refused.detail}"
            return self._fail((*place, "refused"), why)
        at = tuple(int(part) if part.isdigit() else part for part in (refused.pointer or "").split("/")[1:])
        # Certificates and audits are tables of their own, steps have their body in one.
        inside = (*place, *(("with",) if place[0] == "steps" and at else ()), *at)
        return self._fail(inside, f"{step.who} {step.do} is refused as {refused.code}: {refused.detail}")

    def _check(self, place: Place, expect: Expect | None, on: str) -> None:
        if expect is None:
            return
        told = calendar.lines(self.world, self.refused, self.stage.zone) if expect.calendar else []
        try:
            found = list(check(self.world, self.stage, expect, on, told))
        except ValueError as error:
            found = [Failure((), str(error))]
        self.failures += [Failure((*place, *failure.place), failure.why) for failure in found]

    def _fail(self, place: Place, why: str) -> bool:
        self.failures.append(Failure(place, why))
        return False
