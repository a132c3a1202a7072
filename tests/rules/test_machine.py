"""Whatever anybody does in whatever order, on everything at once: what must hold, holds (tests/rules/machine)."""

from collections import Counter
from collections.abc import Mapping
from random import Random
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from tests.rules.life import Steps
from tests.rules.machine import certifying, clocks, closing, deciding, history, lineage
from tests.rules.machine.beginnings import BEGINNINGS, POLICIES
from tests.rules.machine.ground import ACTORS, NEW, Ground
from tests.rules.machine.looking import Invariant, Look
from tests.rules.machine.moves import COMMANDS, HEARD, INTERNAL, ZONES, bodies, fitting, is_at_hand
from workflows.decider import Refusal, kind_of
from workflows.procedure import (
    AnotherClient,
    AnotherMeaning,
    BadShape,
    RoleMissing,
    StaleSignature,
    UnknownCommand,
)
from workflows.registry import DECIDERS, PROCEDURES

LIVES, STEPS = 5, 25
"""How many lives are lived from each beginning, and how many steps each takes."""

FEWEST, SHARE = 50, 0.3
"""How often each command is tried, and which part of all tries is accepted."""

INVARIANTS: tuple[Invariant, ...] = (
    *history.INVARIANTS,
    *clocks.INVARIANTS,
    *closing.INVARIANTS,
    *deciding.INVARIANTS,
    *certifying.INVARIANTS,
    *lineage.INVARIANTS,
)

FORWARD: Mapping[str, tuple[str, ...]] = {
    "nonconformity": (
        *("report", "issue", "record_correction", "record_cause", "plan_action", "submit_plan", "accept_plan"),
        *("attach_evidence", "complete_action", "submit_evidence", "verify", "close"),
        *("grant_extension", "decide_dispute", "appeal", "decide_appeal", "answer", "answer_complaint"),
    ),
    "committee_review": ("vote", "decide"),
    "client": ("register",),
    "audit": ("plan", "start", "raise_concern", "end", "repair_concern", "return_concern", "clear_concern", "conclude"),
    "certificate": ("apply", "grant", "restore"),
}
"""What brings things towards their end."""

KINDS = (*(["nonconformity"] * 4), *(["committee_review"] * 2), "audit", "audit", "certificate", "client")
"""Of what kind the stream is that somebody turns to."""

CHOSEN = settings(
    max_examples=LIVES,
    stateful_step_count=STEPS,
    database=None,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.too_slow],
)

NOT_OFFERED = {RoleMissing.code, AnotherClient.code, UnknownCommand.code}
BY_ITS_BODY = {BadShape.code, StaleSignature.code, AnotherMeaning.code}

RANDOM = st.randoms(use_true_random=True)
"""One draw a life: hypothesis' own choices come in clusters, and some commands would hardly be tried."""


class Life(RuleBasedStateMachine):
    """A certification body from a beginning on."""

    beginning: ClassVar[Steps] = ()
    tries_before: ClassVar[Counter[tuple[str, str]]] = Counter()
    done_before: ClassVar[Counter[tuple[str, str]]] = Counter()
    """How often people tried each command in the lives from earlier beginnings, and how often it was accepted."""

    @initialize(random=RANDOM)
    def begin(self, random: Random) -> None:
        self.random = random
        self.world = Ground(random.choice(POLICIES), zone=random.choice(ZONES))
        self.world.walk(self.beginning)
        self.world.begun = True
        self.tried, self.accepted = Counter(self.tries_before), Counter(self.done_before)
        self.moved: Counter[tuple[str, str]] = Counter()
        self.seen, self.heard = 0, 0

    @rule()
    def people_act(self) -> None:
        self.somebody_tries_something()
        self.somebody_does_what_is_offered()
        for _ in range(3):
            self.things_move_on()
        if self.random.random() < 0.3:
            self.a_source_reports_again()

    @rule()
    def more_people_act(self) -> None:
        self.people_act()

    @rule()
    def time_passes(self) -> None:
        days = self.random.choice([1, 1, 2, 2, 3, 4, 5, 7, 8, 15, 30, 30, 100, 400])
        self.world.wait(f"P{days}D", asleep=self.random.random() < 0.5)
        self.what_must_hold_holds()
        self.check(history.THOROUGH, Look(self.world))

    def teardown(self) -> None:
        """The end of a life."""
        self.check(history.THOROUGH, Look(self.world))

    def somebody_tries_something(self) -> None:
        """The command of some that was tried least, mostly one that is possible, by whom it mostly belongs to."""
        some = sorted(self.random.sample(COMMANDS, 8), key=self.tried.__getitem__)
        likely = [one for one in some if self.where(*one)]
        kind, command = (likely or some)[0] if self.random.random() < 0.7 else some[0]
        if self.random.random() < 0.02:
            kind, command = self.random.choice(INTERNAL)
        row, places = PROCEDURES[kind].row(command), self.where(kind, command)
        name = self.random.choice(places) if places and self.random.random() < 0.8 else self.some(kind)
        fit = self.random.random() < 0.9
        self.attempt(self.random.choice(fitting(row, self.world.client_of(name)) if fit else ACTORS), name, command)

    def a_source_reports_again(self) -> None:
        """It says otherwise what it found, or that it finds it no more; whatever became of the case."""
        name, command = self.some("nonconformity"), self.random.choice(HEARD)
        body = self.random.choice(bodies(self.world, name, command))
        before = self.standing()
        if self.refusal("source:scanner", name, command, body) is not None:
            assert self.standing() == before
        self.what_must_hold_holds()

    def somebody_does_what_is_offered(self) -> None:
        """Of what somebody is offered, what was done least often."""
        kind = self.random.choice(KINDS)
        name, actor = self.some(kind), self.random.choice(ACTORS)
        offered = [command for command, why_not in self.offered(actor, name).items() if why_not is None]
        open_now = [(kind, command) for command in offered if is_at_hand(self.world, name, command)]
        if open_now:
            least = min(self.random.sample(open_now, len(open_now)), key=self.accepted.__getitem__)
            self.attempt(actor, name, least[1])

    def things_move_on(self) -> None:
        """Something goes on towards its end, by one who may: what was done least often with it, and last."""
        kind = self.random.choice(KINDS)
        name = self.some(kind)
        status = DECIDERS[kind].status(self.world.stream(name).state)
        open_now = [command for command in FORWARD[kind][::-1] if status in PROCEDURES[kind].row(command).states]
        for command in sorted(open_now, key=lambda command: self.moved[name, command]):
            actor = self.random.choice(fitting(PROCEDURES[kind].row(command), self.world.client_of(name)))
            if not is_at_hand(self.world, name, command):
                continue
            if self.offered(actor, name).get(command, "not") is None:
                self.moved[name, command] += 1
                self.attempt(actor, name, command)
                return

    def where(self, kind: str, command: str) -> list[str]:
        """The streams in whose state a command is possible, and that hold what it is about."""
        row, world = PROCEDURES[kind].row(command), self.world
        names = [*world.names(kind), *self.new(kind)[:1]]
        fit = [name for name in names if DECIDERS[kind].status(world.stream(name).state) in row.states]
        return [name for name in fit if is_at_hand(world, name, command)]

    def some(self, kind: str) -> str:
        """A stream of a kind, rather one that lives; a new one now and then."""
        known = self.world.names(kind)
        living = [name for name in known if DECIDERS[kind].lives(self.world.streams[name].state)]
        return self.random.choice(living * 2 + known + self.new(kind)[:1])

    def new(self, kind: str) -> list[str]:
        """What people could begin; the last name is always there, also where it is taken."""
        names, known = [f"{kind}/{key}" for key in NEW[kind]], self.world.names(kind)
        return [name for name in names if name not in known] or names[-1:]

    def offered(self, actor: str, name: str) -> dict[str, str | None]:
        """What somebody is offered now: the commands of their roles, each with what stands against it."""
        procedure = PROCEDURES[kind_of(name)]
        state, context = self.world.stream(name).state, self.world.context(name, self.world.actor(actor))
        offered = procedure.allowed(state, context)
        told = {one.command: one.why_not for one in offered}
        if self.random.random() < 0.1:
            signable = procedure.signable(state, offered).keys()
            assert signable == {name for name, why_not in told.items() if not why_not and procedure.row(name).signs}
        return told

    def attempt(self, actor: str, name: str, command: str) -> None:
        """A try; what was offered beforehand is not refused for actor or state, what was not is refused."""
        self.tried[kind_of(name), command] += 1
        row, body = PROCEDURES[kind_of(name)].row(command), self.a_body(name, command)
        why_not = self.offered(actor, name)
        before = self.standing()
        refusal = self.refusal(actor, name, command, body)
        self.accepted[kind_of(name), command] += refusal is None
        if refusal is not None:
            assert self.standing() == before, (actor, name, command, refusal)
        if command not in why_not:
            assert refusal in NOT_OFFERED, (actor, name, command, refusal)
        elif why_not[command] is not None:
            assert refusal is not None, (actor, name, command, why_not[command])
        else:
            late = {rule.code for guard in row.guards if guard.needs_body for rule in guard.refusals}
            assert refusal in late | BY_ITS_BODY | {None}, (actor, name, command, refusal)
        self.world.wait("PT0S")
        self.what_must_hold_holds()

    def a_body(self, name: str, command: str) -> Mapping[str, Any]:
        if (kind_of(name), command) in INTERNAL:
            return {}
        return self.random.choice(bodies(self.world, name, command))

    def refusal(self, actor: str, name: str, command: str, body: Mapping[str, Any]) -> str | None:
        """The code with which a command is refused; None where it is accepted."""
        try:
            self.world.give(actor, name, command, body)
        except Refusal as refusal:
            return refusal.code
        return None

    def standing(self) -> dict[str, tuple[int, int]]:
        """How far each stream has come, and with which state."""
        known = ((name, stream) for name, stream in self.world.streams.items() if stream.history)
        return {name: (len(stream.history), id(stream.state)) for name, stream in known}

    @invariant()
    def what_must_hold_holds(self) -> None:
        """Each invariant, on all that happened since the last look."""
        turns, unheard = self.world.turns[self.seen :], self.world.unheard[self.heard :]
        self.seen, self.heard = len(self.world.turns), len(self.world.unheard)
        if turns or unheard:
            self.check(INVARIANTS, Look(self.world, turns, unheard))

    def check(self, invariants: tuple[Invariant, ...], look: Look) -> None:
        """Says which invariants do not hold, and how it came to that."""
        broken = [f"{holds.__name__}: {what}" for holds in invariants for what in holds(look)]
        assert not broken, "\n".join([*broken, "", *told(self.world)])


def told(world: Ground) -> list[str]:
    """A life as it was lived, its last fifty turns."""
    return [
        f"{turn.at:%Y-%m-%d %H:%M} {turn.stream}: {turn.command or 'wake-up'} by {turn.actor.id}: "
        f"{', '.join(one.event.type.partition('.')[2] for one in turn.happened)}"
        for turn in world.turns[-50:]
    ]


def counted(tries: Mapping[tuple[str, str, str], int], *, done: bool = False) -> Counter[tuple[str, str]]:
    """The tries of each command, or those of them that were accepted."""
    found: Counter[tuple[str, str]] = Counter()
    for (kind, command, code), n in tries.items():
        found[kind, command] += n if not (done and code) else 0
    return found


def table(tries: Mapping[tuple[str, str, str], int]) -> str:
    """How often each command was tried and accepted, and why it was refused."""
    lines = []
    for kind, command in COMMANDS:
        codes = {code: n for (of, name, code), n in tries.items() if (of, name) == (kind, command)}
        refused = ", ".join(f"{code} {n}" for code, n in sorted(codes.items(), key=lambda one: -one[1]) if code)
        lines.append(f"{kind + ' ' + command:40}{sum(codes.values()):6}{codes.get('', 0):6}  {refused}")
    return "\n".join(lines)


@pytest.mark.timeout(540)  # two minutes alone, and as much of what else runs as a busy machine has
def test_lives() -> None:
    tries = Ground.tries
    for counter in (tries, Ground.reacted):
        counter.clear()
    for place, steps in enumerate(BEGINNINGS):
        chosen = {"beginning": steps, "tries_before": counted(tries), "done_before": counted(tries, done=True)}
        run_state_machine_as_test(seed(place)(type("Life", (Life,), chosen)), settings=CHOSEN)
    accepted, report = sum(n for (_, _, code), n in tries.items() if not code), table(tries)
    print(report)
    assert accepted >= SHARE * tries.total(), f"{accepted} of {tries.total()} were accepted\n{report}"
    for kind, command in COMMANDS:
        tried = sum(n for (of, name, _), n in tries.items() if (of, name) == (kind, command))
        assert tried >= FEWEST, f"{kind} {command} was tried {tried} times\n{report}"
        assert tries[kind, command, ""], f"{kind} {command} was never accepted\n{report}"
    # Reactions are carried out at once here, and no aggregation lapses: tests/rules/test_aggregations_at_once.py.
    # Seldom is an audit put off for which something waits: tests/rules/test_put_off.py.
    seldom = {("nonconformity", "lapse_aggregation"), ("nonconformity", "move_verification")}
    for kind, command in set(INTERNAL) - seldom:
        assert Ground.reacted[kind, command], f"{kind} {command} never came by reaction\n{report}"
