"""Aggregations of the same minors at one instant, decided on what was known before, their reactions in any order."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.rules import lineage_stories as n
from tests.rules import walks as w
from tests.rules.life import World, policy
from workflows.decider import Command, Facts, Reaction, Refusal, Wants
from workflows.nonconformity import events as e
from workflows.nonconformity.case import Case

MINORS = tuple(f"0190-m{number}" for number in range(5))


class Slow(World):
    """A world whose reactions wait to be delivered; while it is `hasty`, people decide as if they had no part."""

    def __init__(self) -> None:
        self.waiting: list[tuple[str, Reaction]] = []
        self.hasty = False
        super().__init__(policy())
        for name in MINORS:
            source = {"system": "audit-notes", "external_id": name}
            self.give(name, "report", {"finding": {**w.FINDING, "source": source, "grade": "minor"}})

    def give(self, name: str, command: str, body: dict[str, object]) -> None:
        self.send(f"nonconformity/{name}", Command(id="-", name=command, body=body, actor=self.actor("auditor")))

    def facts(self, wants: Wants) -> Facts:
        known = super().facts(wants)
        if not self.hasty or wants.series is not None:
            return known
        was = {"status": "open", "aggregating": None}
        return replace(known, cases=[one.model_copy(update=was) for one in known.cases if not one.aggregates])

    def deliver(self, position: int) -> None:
        source, reaction = self.waiting.pop(position % len(self.waiting))
        super()._react(source, reaction)

    def _react(self, source: str, reaction: Reaction) -> None:
        self.waiting.append((source, reaction))

    def cases(self) -> Iterator[tuple[str, Case]]:
        for name, stream in self.streams.items():
            if stream.history and isinstance(stream.state, Case):
                yield name.partition("/")[2], stream.state


Aggregation = tuple[bool, Sequence[str]]
AGGREGATIONS = st.tuples(st.booleans(), st.lists(st.sampled_from(MINORS), min_size=2, max_size=4, unique=True))


@settings(max_examples=150, deadline=None)
@given(st.lists(AGGREGATIONS | st.integers(0, 20), min_size=2, max_size=14))
def test_each_minor_is_part_of_one_major_at_most_and_none_waits_for_ever(acts: list[Aggregation | int]) -> None:
    world = Slow()
    refused: set[str] = set()
    for act in acts:
        if isinstance(act, int):
            if world.waiting:
                world.deliver(act)
            continue
        world.hasty, (leader, *others) = act
        try:
            world.give(leader, "aggregate", {"others": others, "reason": "One cause", **n.TWO})
        except Refusal as refusal:
            refused.add(refusal.code)
    while world.waiting:
        world.deliver(0)
    assert refused <= {"aggregation_pending", "other_taken", "other_not_an_open_minor", "wrong_state"}
    parts = {minor.id: key for key, case in world.cases() for minor in case.aggregates}
    assert sum(len(case.aggregates) for _, case in world.cases()) == len(parts)
    cases = dict(world.cases())
    for name in MINORS:
        case = cases[name]
        assert case.superseded_by == parts.get(name)
        assert (case.status, case.aggregating) == ("superseded" if name in parts else "open", None)
        told = [happened.event for happened in world.stream(f"nonconformity/{name}").history]
        lapsed = {event.systemic for event in told if isinstance(event, e.AggregationLapsed)}
        raised = {event.systemic for event in told if isinstance(event, e.Aggregated)} - lapsed
        assert raised <= cases.keys()
        assert not lapsed & cases.keys()
