"""Whatever anybody does in whatever order: what must hold, holds."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tests.rules import walks as w
from tests.rules.life import ROLES, SIGN, Day, In, World, policy
from workflows.decider import Refusal, kind_of
from workflows.people import CLIENT_SIDE
from workflows.registry import DECIDERS

PEOPLE = [name for name in ROLES if name != "observer"]
SHOWN = [{"shows": "a1", "reason": "Whose?"}]
CASE_MOVES: list[tuple[str, Mapping[str, Any]]] = [
    ("acknowledge", {}),
    ("record_correction", w.CORRECTION),
    ("record_cause", w.CAUSE),
    ("plan_action", w.action()),
    ("plan_action", w.action("a2", after=["a1"])),
    ("revise_action", {"key": "a1", "due_on": Day(30)}),
    ("drop_action", {"key": "a2", "reason": "So"}),
    ("propose_plan", {}),
    ("attach_evidence", w.EVIDENCE),
    ("complete_action", {"key": "a1", "done_on": Day(0)}),
    ("confirm_effectiveness", {"statement": "So", "signature": SIGN}),
    ("return_plan", w.RETURN.body),
    ("return_evidence", {"to": "plan", "sections": SHOWN}),
    ("return_evidence", {"to": "evidence", "sections": SHOWN}),
    ("reopen", {"reason": "So"}),
    ("regrade", {"grade": "minor", "reason": "So"}),
    ("regrade", {"grade": "major", "reason": "So"}),
    ("request_extension", {"deadline": "closure", "until": In("P100D"), "reason": "So", "containment": "So"}),
    ("request_extension", w.MORE_TIME.body),
    ("grant_extension", {"until": In("P20D"), "reason": "So"}),
    ("deny_extension", {"reason": "So"}),
    ("excuse_lateness", {"deadline": "plan", "reason": "So"}),
    ("propose_withdrawal", {"reason": "So"}),
    ("confirm_withdrawal", {"reason": "So"}),
    ("escalate", {"reason": "So"}),
    ("comment", {"text": "So"}),
]
FORWARD = ("submit_plan", "accept_plan", "submit_evidence", "verify", "close")
CHOICES = ("extend", "special_audit", "suspend", "regrade", "dismiss")


class Life(RuleBasedStateMachine):
    """One case and its reviews."""

    @initialize(
        grade=st.sampled_from(["major", "minor", "ofi"]), walk=st.sampled_from([w.OPEN, w.PLANNED, w.EVIDENCED])
    )
    def begin(self, grade: str, walk: Any) -> None:
        self.world = World(policy(), zone="Europe/Vienna").walk(w.opened(grade))
        if grade != "ofi":
            self.world.walk(walk[1:])
        self.lengths: dict[str, int] = {}
        self.limits: set[datetime] = set()

    def attempt(self, actor: str, command: str, body: Mapping[str, Any], kind: str = "nonconformity") -> None:
        before = {name: (len(s.history), s.state) for name, s in self.world.streams.items()}
        try:
            self.world.do(actor, command, body, kind)
        except Refusal:
            assert before == {
                name: (len(s.history), s.state) for name, s in self.world.streams.items() if name in before
            }

    @rule(actor=st.sampled_from(PEOPLE), move=st.sampled_from(CASE_MOVES))
    def somebody_does_something(self, actor: str, move: tuple[str, Mapping[str, Any]]) -> None:
        self.attempt(actor, *move)

    @rule(
        command=st.sampled_from(FORWARD),
        actor=st.sampled_from(["approver", "all_in_one", "auditor", "reviewer", "reviewer2"]),
    )
    def somebody_signs(self, command: str, actor: str) -> None:
        statement = {"statement": "So"} if command in ("verify", "close") else {}
        self.attempt(actor, command, {"signature": SIGN, **statement})

    @precondition(lambda self: self.world.case.reviews)
    @rule(
        member=st.sampled_from(["member1", "member2", "member3", "member4", "reviewer"]),
        choice=st.sampled_from(CHOICES),
    )
    def a_member_votes(self, member: str, choice: str) -> None:
        self.attempt(member, "vote", w.vote(member, choice).body, "committee_review")

    @precondition(lambda self: self.world.case.reviews)
    @rule(member=st.sampled_from(["member1", "member2"]))
    def a_member_decides_or_stands_back(self, member: str) -> None:
        self.attempt(member, "decide", w.DECIDE.body, "committee_review")
        self.attempt("member4", "recuse", {"person": "member4", "reason": "So"}, "committee_review")

    @precondition(lambda self: self.world.case.reviews)
    @rule(members=st.sets(st.sampled_from(["member1", "member2", "member3", "member4"]), min_size=1))
    def the_committee_is_seated(self, members: set[str]) -> None:
        self.attempt("scheme_manager", "convene", {"members": sorted(members)}, "committee_review")

    @rule(days=st.integers(1, 40), asleep=st.booleans())
    def time_passes(self, days: int, asleep: bool) -> None:
        self.world.wait(f"P{days}D", asleep=asleep)

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
            assert due is None or DECIDERS[kind_of(name)].lives(stream.state)
        for deadline in case.deadlines:
            assert deadline.limit_at is None or deadline.due_at <= deadline.limit_at
            assert (deadline.state == "stopped") == (deadline.stopped_at is not None)
            assert (deadline.state in ("met", "late")) == (deadline.met_at is not None)
            self.limits |= {deadline.limit_at} if deadline.limit_at else set()
        assert len(self.limits) <= 1
        if case.status in ("closed", "dismissed", "withdrawn"):
            assert not [d for d in case.deadlines if d.state == "running"]
        if case.plan.state == "submitted":
            assert not [d for d in case.deadlines if d.state == "running" and d.kind != "closure"]

    @invariant()
    def the_recused_never_vote(self) -> None:
        for name, stream in self.world.streams.items():
            if kind_of(name) == "committee_review" and stream.history:
                assert {vote.person for vote in stream.state.votes} <= set(stream.state.sitting)
                assert not set(stream.state.sitting) & set(stream.state.papers.took_part)

    @invariant()
    def no_decision_is_lost(self) -> None:
        assert set(self.world.refused) <= {"wrong_state"}


TestLife = Life.TestCase
TestLife.settings = settings(
    max_examples=60, stateful_step_count=40, deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate]
)
