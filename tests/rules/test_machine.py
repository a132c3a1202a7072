"""Whatever anybody does in whatever order: what must hold, holds."""

import json
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime
from random import Random
from typing import Any, ClassVar

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from tests.rules import audits, certificates
from tests.rules import dispute_stories as disputes
from tests.rules import lineage_stories as lineage
from tests.rules import verification_stories as verification
from tests.rules import walks as w
from tests.rules.life import ROLES, Steps, World, policy
from tests.rules.moves import ACTORS, COMMANDS, bodies, fitting
from workflows.decider import Command, Event, Refusal, kind_of
from workflows.nonconformity.deadlines import CLIENT_DATES
from workflows.people import CLIENT_SIDE
from workflows.procedure import (
    AnotherClient,
    AnotherMeaning,
    BadShape,
    RoleMissing,
    StaleSignature,
    UnknownCommand,
)
from workflows.registry import DECIDERS, PROCEDURES

LIVES, STEPS = 6, 30
"""How many cases are lived from each beginning, and how many steps each takes."""

FEWEST, SHARE = 30, 0.25
"""How often each command is tried, and which part of all tries is accepted."""

BEGINNINGS: list[Steps] = [
    *([w.STATES["nonconformity"][""]] * 4),
    *w.STATES["nonconformity"].values(),
    *w.STATES["committee_review"].values(),
    *(w.MINOR, w.OFI, w.PLANNED, w.ACCEPTED, w.EVIDENCED, w.LATE, w.BREACHED, w.PROPOSED),
    *([(*w.OPEN, w.MORE_TIME), w.REPORTED] * 2),
    (*w.ESCALATED, *w.votes()),
    *w.STATES["audit"].values(),
    *w.STATES["certificate"].values(),
    *(audits.STAGE1, audits.CONCERNED, audits.REPAIRED, audits.REPAIRED),
    *([certificates.BY_CASE] * 2),
    *(
        verification.FOLLOW_UP,
        verification.FOLLOW_UP,
        verification.MINOR_ACCEPTED,
        verification.DEFERRED,
        verification.CALLED_UP,
    ),
    *(disputes.DISPUTED, disputes.DECIDED, disputes.APPEALED),
    *([lineage.BESIDE] * 3),
]
KINDS = ["nonconformity", "nonconformity", "committee_review", "client", "audit", "certificate"]
FORWARD = [
    ("auditor", "nonconformity", "report"),
    ("auditor", "nonconformity", "issue"),
    ("auditor", "nonconformity", "dismiss"),
    ("owner", "nonconformity", "record_cause"),
    ("owner", "nonconformity", "plan_action"),
    ("owner", "nonconformity", "propose_plan"),
    ("approver", "nonconformity", "submit_plan"),
    ("reviewer", "nonconformity", "return_plan"),
    ("reviewer", "nonconformity", "accept_plan"),
    ("owner", "nonconformity", "attach_evidence"),
    ("owner", "nonconformity", "complete_action"),
    ("internal_auditor", "nonconformity", "confirm_effectiveness"),
    ("approver", "nonconformity", "submit_evidence"),
    ("reviewer", "nonconformity", "return_evidence"),
    ("reviewer", "nonconformity", "verify"),
    ("reviewer2", "nonconformity", "close"),
    ("reviewer2", "nonconformity", "grant_extension"),
    ("member4", "nonconformity", "decide_dispute"),
    ("owner", "nonconformity", "appeal"),
    ("scheme_manager", "nonconformity", "decide_appeal"),
    ("reviewer2", "nonconformity", "answer"),
    ("auditor2", "nonconformity", "answer_complaint"),
    ("reviewer", "nonconformity", "require_follow_up"),
    ("reviewer", "nonconformity", "record_follow_up"),
    ("reviewer", "nonconformity", "defer_verification"),
    ("auditor", "nonconformity", "aggregate"),
    ("auditor", "audit", "start"),
    ("auditor", "audit", "end"),
    ("auditor", "audit", "note_positive"),
    ("auditor", "audit", "raise_concern"),
    ("owner", "audit", "repair_concern"),
    ("auditor", "audit", "return_concern"),
    ("auditor", "audit", "clear_concern"),
    ("auditor", "audit", "conclude"),
    ("member4", "certificate", "grant"),
    ("reaction:nonconformity/0190-case", "certificate", "resolve"),
    *((f"member{n}", "committee_review", "vote") for n in range(1, 5)),
    ("member1", "committee_review", "decide"),
]
"""Who brings things towards their end, and how."""

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
"""One draw a step: hypothesis' own choices come in clusters, and some commands would hardly be tried."""


class Counted(World):
    """A world that counts what becomes of each command once `begun`, the reactions' too."""

    tries: ClassVar[Counter[tuple[str, str, str]]] = Counter()
    """By kind, command and the code of the refusal, empty where it was accepted."""

    begun = False

    def send(self, name: str, command: Command) -> list[Event]:
        """Counts, then as ever."""
        code = ""
        try:
            return super().send(name, command)
        except Refusal as refusal:
            code = refusal.code
            raise
        finally:
            self.tries[kind_of(name), command.name, code] += self.begun

    def refusal_of(self, give: Callable[[], object]) -> str | None:
        """The code with which a command is refused; None where it is accepted."""
        try:
            give()
        except Refusal as refusal:
            return refusal.code
        return None


class Life(RuleBasedStateMachine):
    """One client, one case and its reviews, from a beginning on."""

    beginning: ClassVar[Steps] = ()

    @initialize(random=RANDOM)
    def begin(self, random: Random) -> None:
        self.world = Counted(policy(), zone=random.choice(["UTC", "Europe/Vienna", "Pacific/Kiritimati"]))
        self.world.walk(self.beginning)
        self.world.begun = True
        self.tried: Counter[tuple[str, str]] = Counter()
        self.lengths: dict[str, int] = {}
        self.limits: set[datetime] = set()

    @rule(random=RANDOM)
    def people_act(self, random: Random) -> None:
        self.random = random
        self.somebody_tries_something()
        self.somebody_does_what_is_offered()
        self.the_case_moves_on()

    def somebody_tries_something(self) -> None:
        kind, command = min(self.random.choices(COMMANDS, k=4), key=self.tried.__getitem__)
        fit = self.random.random() < 0.9
        self.attempt(self.random.choice(fitting(PROCEDURES[kind].row(command)) if fit else ACTORS), kind, command)

    def somebody_does_what_is_offered(self) -> None:
        actor, kind = self.random.choice(ACTORS), self.random.choice(KINDS)
        offered = [name for name, why_not in self.offered(actor, kind).items() if why_not is None]
        if offered:
            self.attempt(actor, kind, self.least([(kind, name) for name in offered])[1])

    def the_case_moves_on(self) -> None:
        untried = [way for way in FORWARD if self.tried[way[1:]] < 3]
        for actor, kind, command in self.random.sample(untried, min(len(untried), 9)):
            if self.offered(actor, kind).get(command, "not") is None:
                self.attempt(actor, kind, command)
                return

    @rule(random=RANDOM)
    def time_passes(self, random: Random) -> None:
        self.random = random
        self.world.wait(f"P{self.random.randint(1, 30)}D", asleep=self.random.random() < 0.5)

    def least(self, commands: list[tuple[str, str]]) -> tuple[str, str]:
        """One of those that were tried least often in this life."""
        return min(self.random.sample(commands, len(commands)), key=self.tried.__getitem__)

    def offered(self, actor: str, kind: str) -> dict[str, str | None]:
        """What somebody is offered now: the commands of their roles, each with what stands against it."""
        name = self.world.address(kind)
        state, context = self.world.stream(name).state, self.world.context(name, self.world.actor(actor))
        offered = PROCEDURES[kind].allowed(state, context)
        told = {one.command: one.why_not for one in offered}
        signable = PROCEDURES[kind].signable(state, offered).keys()
        assert signable == {name for name, why_not in told.items() if not why_not and PROCEDURES[kind].row(name).signs}
        return told

    def attempt(self, actor: str, kind: str, command: str) -> None:
        """A try; what was offered beforehand is not refused for actor or state, what was not is refused."""
        self.tried[kind, command] += 1
        if command == "register":
            self.register(actor, self.random.choice(["acme", "globex", "initech"]))
            return
        row, body = PROCEDURES[kind].row(command), self.random.choice(bodies(self.world, kind, command))
        why_not = self.offered(actor, kind)
        before = self.standing()
        refusal = self.world.refusal_of(lambda: self.world.do(actor, command, body, kind))
        if refusal is not None:
            assert {name: now for name, now in self.standing().items() if name in before} == before
        if command not in why_not:
            assert refusal in NOT_OFFERED, (actor, command, refusal)
        elif why_not[command] is not None:
            assert refusal is not None, (actor, command, why_not[command])
        else:
            late = {rule.code for guard in row.guards if guard.needs_body for rule in guard.refusals}
            assert refusal in late | BY_ITS_BODY | {None}, (actor, command, refusal)
        self.world.wait("PT0S")

    def register(self, actor: str, key: str) -> None:
        """A try to register a client, once each by those who may."""
        name, who = f"client/{key}", self.world.actor(actor)
        may = bool(who.roles & PROCEDURES["client"].row("register").who)
        expected = "wrong_state" if self.world.stream(name).state.entry else None
        command = Command(id="-", name="register", body={"key": key, "name": key}, actor=who)
        assert self.world.refusal_of(lambda: self.world.send(name, command)) == (expected if may else "role")

    def standing(self) -> dict[str, tuple[int, Any]]:
        """How far each stream has come."""
        return {name: (len(stream.history), stream.state) for name, stream in self.world.streams.items()}

    @invariant()
    def history_only_grows_and_folds_to_the_state(self) -> None:
        for name, stream in self.world.streams.items():
            assert len(stream.history) >= self.lengths.get(name, 0)
            if len(stream.history) == self.lengths.get(name):
                continue
            self.lengths[name] = len(stream.history)
            decider = DECIDERS[kind_of(name)]
            state = decider.initial()
            for happened in stream.history:
                state = decider.evolve(state, happened)
            assert state == stream.state
            again = json.loads(json.dumps(state.model_dump(mode="json")))
            assert decider.state.model_validate(again) == state

    @invariant()
    def a_major_is_closed_by_another_than_its_verifier(self) -> None:
        case = self.world.case
        if case.status == "closed" and case.grade == "major":
            assert case.verification is not None
            assert case.closure is not None
            assert case.verification.by != case.closure.by
        if case.status == "closed" and case.grade == "minor":
            assert case.verification is not None
        if case.verification is not None:
            assert not set(ROLES[case.verification.by][1]) & CLIENT_SIDE

    @invariant()
    def clocks_are_sound(self) -> None:
        case = self.world.case
        for name, stream in self.world.streams.items():
            due = DECIDERS[kind_of(name)].next_wakeup(stream.state)
            assert due is None or (DECIDERS[kind_of(name)].lives(stream.state) and due > self.world.now)
        dates = [deadline for deadline in case.deadlines if deadline.kind in CLIENT_DATES]
        if case.policy is not None and case.grade is not None:
            terms = case.policy.terms(case.grade, case.label)
            assert {kind for kind in CLIENT_DATES if getattr(terms, kind)} <= {deadline.kind for deadline in dates}
        assert len({deadline.kind for deadline in case.deadlines}) == len(case.deadlines)
        for deadline in case.deadlines:
            assert deadline.limit_at is None or deadline.due_at <= deadline.limit_at
            assert (deadline.state == "stopped") == (deadline.stopped_at is not None)
            assert (deadline.state in ("met", "late")) == (deadline.met_at is not None)
            for at in (deadline.set_at, deadline.stopped_at, deadline.missed_at, deadline.met_at):
                assert at is None or at <= self.world.now
            self.limits |= {deadline.limit_at} if deadline.limit_at else set()
        assert len(self.limits) <= 1
        if case.status in ("closed", "dismissed", "withdrawn", "superseded"):
            assert not [d for d in case.deadlines if d.state == "running"]
        if case.plan.state == "submitted" and case.policy is not None:
            assert not [d for d in dates if d.state == "running" and d.kind in case.policy.stops]

    @invariant()
    def the_recused_never_vote(self) -> None:
        for name, stream in self.world.streams.items():
            if kind_of(name) == "committee_review" and stream.history:
                assert {vote.person for vote in stream.state.votes} <= set(stream.state.sitting)
                assert not set(stream.state.sitting) & set(stream.state.papers.took_part)

    @invariant()
    def an_open_dispute_calls_no_committee_and_ends_with_its_case(self) -> None:
        case = self.world.case
        for claim in (case.dispute, case.appeal):
            assert claim is None or claim.state != "open" or DECIDERS["nonconformity"].lives(case)
        if case.dispute is not None and case.dispute.state == "open" and case.escalation is not None:
            assert case.escalation.at <= case.dispute.at or case.escalation.cause == "appeal"
        if case.appeal is not None and case.appeal.state == "upheld" and case.escalation is not None:
            appealed = [review for review in case.reviews if review == case.appeal.review]
            assert appealed
            assert case.reviews[-1] != case.appeal.review

    @invariant()
    def no_decision_is_lost(self) -> None:
        assert set(self.world.refused) <= {"wrong_state"}


def table(tries: Mapping[tuple[str, str, str], int]) -> str:
    """How often each command was tried and accepted, and why it was refused."""
    lines = []
    for kind, command in COMMANDS:
        told = {code: n for (of, name, code), n in tries.items() if (of, name) == (kind, command)}
        refused = ", ".join(f"{code} {n}" for code, n in sorted(told.items(), key=lambda one: -one[1]) if code)
        lines.append(f"{kind + ' ' + command:40}{sum(told.values()):6}{told.get('', 0):6}  {refused}")
    return "\n".join(lines)


def test_lives() -> None:
    tries = Counted.tries
    tries.clear()
    for place, steps in enumerate(BEGINNINGS):
        run_state_machine_as_test(seed(place)(type("Life", (Life,), {"beginning": steps})), settings=CHOSEN)
    told = table(tries)
    accepted = sum(n for (_, _, code), n in tries.items() if not code)
    assert accepted >= SHARE * tries.total(), f"{accepted} of {tries.total()} were accepted\n{told}"
    for kind, command in COMMANDS:
        tried = sum(n for (of, name, _), n in tries.items() if (of, name) == (kind, command))
        assert tried >= FEWEST, f"{kind} {command} was tried {tried} times\n{told}"
        assert tries[kind, command, ""], f"{kind} {command} was never accepted\n{told}"
