"""The certification body's own clock, what stands still meanwhile, and the latest safe submission."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.rules import walks as w
from tests.rules.life import START, In, Step, Wait, World, policy
from tests.rules.test_calendars import calendar
from tests.rules.test_deadlines import due, end_of
from workflows.decider import Refusal
from workflows.nonconformity import deadlines as clocks
from workflows.nonconformity.commands import DeadlineKind
from workflows.nonconformity.deadlines import Anchors, Deadline, LatestSafe, Submission
from workflows.policy import Policy

RETURN_EVIDENCE = Step(
    "reviewer", "return_evidence", {"to": "evidence", "sections": [{"shows": "a1", "reason": "Whose?"}]}
)
TWO: tuple[Submission, ...] = ("plan", "evidence")


def missed(world: World) -> list[str]:
    history = world.stream("nonconformity/0190-case").history
    return [str(getattr(h.event, "deadline", "")) for h in history if h.event.type.endswith("missed")]


def test_the_body_s_own_clock_begins_with_a_submission_and_ends_with_the_decision() -> None:
    world = World(policy()).walk((*w.PLANNED, Wait("P2D"), w.SUBMIT))
    review = due(world, "review")
    assert (review.state, review.due_at) == ("running", end_of(date(2026, 3, 18)))
    [said] = review.explanation
    assert said.startswith("P14D from the submission of the plan 2026-03-04 09:00:00 UTC: 2026-03-18 23:59:59 UTC")
    world.walk((Wait("P1D"), w.RETURN))
    assert due(world, "review").state == "met"
    world.walk((w.SUBMIT, Wait("P20D"), w.ACCEPT))
    assert (due(world, "review").state, missed(world)) == ("late", ["review"])
    world.walk((*w.SHOW, w.SUBMIT_EVIDENCE))
    assert "the submission of the evidence" in due(world, "review").explanation[0]
    world.walk((RETURN_EVIDENCE, w.SUBMIT_EVIDENCE, w.VERIFY))
    assert due(world, "review").state == "met"
    assert [d.kind for d in world.case.deadlines].count("review") == 1


def test_what_leaves_the_body_s_hands_ends_its_clock_too() -> None:
    changed = Step("owner", "record_correction", {"text": "Another one"})
    world = World(policy()).walk((*w.IN_REVIEW, changed))
    assert (world.case.status, due(world, "review").state) == ("open", "met")
    world = World(policy()).walk((*w.SUBMITTED, Step("auditor", "propose_withdrawal", {"reason": "So"})))
    world.do("reviewer", "confirm_withdrawal", {"reason": "So"})
    assert due(world, "review").state == "stopped"
    assert world.next_wakeup() is None


def test_without_a_review_time_in_the_policy_there_is_no_such_clock() -> None:
    world = World(policy(review=None)).walk(w.SUBMITTED)
    assert world.case.deadline("review") is None


@pytest.mark.parametrize("breach", ["warn", "committee"])
def test_the_breach_of_the_body_s_clock_is_the_policy_s(breach: str) -> None:
    world = World(policy(review={"within": "P14D", "on_breach": breach})).walk((*w.SUBMITTED, Wait("P15D")))
    assert missed(world) == ["review"]
    assert world.types().count("escalated") == (breach == "committee")


@pytest.mark.parametrize("kind", ["review", "follow_up"])
def test_a_client_asks_no_more_time_for_the_body_s_dates(kind: str) -> None:
    world = World(policy()).walk(w.SUBMITTED)
    body = {"deadline": kind, "until": In("P30D"), "reason": "So", "containment": "So"}
    with pytest.raises(Refusal, match="deadline"):
        world.do("owner", "request_extension", body)


@pytest.mark.parametrize(
    ("stops", "plan", "evidence", "late"),
    [
        (["plan", "evidence"], "stopped", "stopped", []),
        (["plan"], "stopped", "running", []),
        # Approval within the days: the clock goes on while the body reads.
        (["evidence"], "running", "stopped", ["plan"]),
        ([], "running", "running", ["plan"]),
    ],
)
def test_what_stops_is_what_the_policy_stops(stops: list[str], plan: str, evidence: str, late: list[str]) -> None:
    world = World(policy(stops=stops, review=None)).walk((*w.PLANNED, Wait("P10D"), w.SUBMIT))
    assert (due(world, "plan").state, due(world, "evidence").state) == (plan, evidence)
    before = due(world, "evidence").due_at
    world.walk((Wait("P10D"), w.ACCEPT))
    assert missed(world) == late
    assert due(world, "plan").state == ("late" if late else "met")
    assert due(world, "evidence").due_at == before + timedelta(days=10 if "evidence" in stops else 0)


CONTAINED = {"correction": {"within": "P7D", "on_breach": "committee"}, "closure": {"within": "P90D"}}
CORRECT = Step("owner", "record_correction", {"text": "Blocked"})


@pytest.mark.parametrize(("wait", "state"), [("P7D", "met"), ("P8D", "late")])
def test_the_correction_s_date_is_decided_by_the_first_record_of_it(wait: str, state: str) -> None:
    world = World(policy(major=CONTAINED)).walk((*w.OPEN, Wait(wait), CORRECT))
    first = due(world, "correction")
    assert (first.state, first.met_at) == (state, world.now)
    world.walk((Wait("P1D"), Step("owner", "record_correction", {"text": "Blocked for good"})))
    assert due(world, "correction") == first
    assert missed(world) == ([] if state == "met" else ["correction"])
    assert world.types().count("escalated") == (state == "late")


def test_a_correction_s_date_can_be_extended_like_any_other_of_the_client() -> None:
    world = World(policy(major=CONTAINED)).walk(w.OPEN)
    body = {"deadline": "correction", "until": In("P9D"), "reason": "So", "containment": "So"}
    world.do("owner", "request_extension", body)
    world.do("reviewer", "grant_extension", {"until": In("P9D"), "reason": "So"})
    assert due(world, "correction").due_at == world.now + timedelta(days=9)


def test_a_grade_has_its_own_caps() -> None:
    terms = {"plan": {"within": "P14D"}, "extensions": {"reviewer_grants": 0, "longest": "P2D"}}
    world = World(policy(major=terms)).walk(w.OPEN)
    body = {"deadline": "plan", "until": In("P20D"), "reason": "So", "containment": "So"}
    with pytest.raises(Refusal, match="at most P2D"):
        world.do("owner", "request_extension", body)
    world.do("owner", "request_extension", {**body, "until": In("P15D")})
    assert world.types()[-1] == "escalated"
    other = World(policy(minor=terms)).walk(w.OPEN)
    other.do("owner", "request_extension", body)
    assert other.types()[-1] == "extension_requested"


def fixed(of: Policy, **anchors: Any) -> tuple[Deadline, ...]:
    return clocks.fix(of, "major", Anchors(issue=START, **anchors), "UTC")


def safe(of: Policy, dates: Sequence[Deadline], left: Sequence[Submission] = TWO) -> dict[str, LatestSafe]:
    return {found.kind: found for found in clocks.latest_safe(dates, of, "UTC", left)}


CLOSED_OUT = "closed out by the close-out date 2026-05-31 23:59:59 UTC"


def test_the_latest_safe_submission_leaves_the_body_its_time() -> None:
    of = policy(major={"plan": {"within": "P75D"}, "evidence": {"within": "P80D"}, "closure": {"within": "P90D"}})
    found = safe(of, fixed(of))
    assert {kind: one.at for kind, one in found.items()} == {
        "plan": end_of(date(2026, 5, 3)),
        "evidence": end_of(date(2026, 5, 17)),
        "closure": end_of(date(2026, 5, 3)),
    }
    assert found["plan"].explanation == (
        "submitted by the plan date 2026-05-16 23:59:59 UTC: 2026-05-16 23:59:59 UTC",
        "submitted by the evidence date 2026-05-21 23:59:59 UTC: 2026-05-21 23:59:59 UTC",
        f"{CLOSED_OUT}, after 2 reviews, one after the other, of P14D: 2026-05-03 23:59:59 UTC",
    )
    assert found["evidence"].explanation[1] == f"{CLOSED_OUT}, after a review of P14D: 2026-05-17 23:59:59 UTC"
    assert safe(of, fixed(of), ["evidence"])["closure"].at == end_of(date(2026, 5, 17))


def test_without_a_review_time_the_dates_themselves_are_the_latest() -> None:
    of = policy(review=None, major={**CONTAINED, "plan": {"within": "P14D"}})
    found = safe(of, fixed(of))
    assert {kind: one.at for kind, one in found.items()} == {
        "correction": end_of(date(2026, 3, 9)),
        "plan": end_of(date(2026, 3, 16)),
        "closure": end_of(date(2026, 5, 31)),
    }


def test_a_case_says_what_its_client_still_has_to_submit() -> None:
    world = World(policy()).walk(w.OPEN)
    assert list(world.case.owes) == ["plan", "evidence"]
    world.walk(w.SUBMITTED[1:])
    assert list(world.case.owes) == ["evidence"]
    # What stands still with the body asks nothing of the client; the close-out runs on.
    assert list(safe(policy(), world.case.deadlines, ("evidence",))) == ["closure"]
    world.walk((w.ACCEPT, *w.SHOW, w.SUBMIT_EVIDENCE))
    assert not world.case.owes
    assert not safe(policy(), world.case.deadlines, ())
    assert not World(policy()).walk(w.OFI).case.owes


def lived(
    dates: tuple[Deadline, ...], of: Policy, zone: str, left: Sequence[Submission], at: datetime
) -> set[DeadlineKind]:
    """Which dates are kept if the client submits at `at`, the body takes its time, and the client goes on at once."""
    past: set[DeadlineKind] = set()
    for item in left:
        past |= {d.kind for d in dates if d.state == "running" and d.due_at < at}
        dates = clocks.hold(dates, at, item, of, zone)
        at = next((d.due_at for d in dates if d.kind == "review" and d.state == "running"), at)
        dates = clocks.release(clocks.meet(dates, item, at, zone), at, of, zone)
    dates = clocks.meet(dates, "closure", at, zone)
    return {d.kind for d in dates if d.state == "met"} - past


lengths = st.integers(0, 60)
reviews = st.one_of(
    st.none(),
    st.builds(
        lambda n, days: {"within": f"P{n}D", "days": days}, st.integers(1, 20), st.sampled_from(["calendar", "working"])
    ),
    st.sampled_from([{"within": "P1M"}, {"within": "PT36H"}]),
)


@settings(max_examples=250, deadline=None)
@given(
    lengths,
    lengths,
    lengths,
    reviews,
    st.sampled_from([["plan", "evidence"], ["plan"], ["evidence"], []]),
    st.sampled_from(["none", "forward"]),
    st.sampled_from(["UTC", "Europe/Vienna", "America/New_York"]),
    st.integers(0, 400).map(lambda n: START + timedelta(days=n, hours=n % 24)),
)
def test_at_the_latest_safe_instant_nothing_is_missed_and_a_second_later_something_is(
    plan: int, evidence: int, closure: int, review: Any, stops: list[str], roll: str, zone: str, issued: datetime
) -> None:
    major = {
        "plan": {"within": f"P{30 + plan}D"},
        "evidence": {"within": f"P{40 + evidence}D"},
        "closure": {"within": f"P{60 + closure}D"},
    }
    of = policy(major=major, review=review, stops=stops, roll=roll, limit=None)
    of = of.model_copy(update={"calendar": calendar("AT")})
    dates = clocks.fix(of, "major", Anchors(issue=issued), zone)
    for found in clocks.latest_safe(dates, of, zone, TWO):
        left: tuple[Submission, ...] = TWO if found.kind != "evidence" else ("evidence",)
        wanted: set[DeadlineKind] = {"closure"} if found.kind == "closure" else {*left, "closure"}
        assert lived(dates, of, zone, left, found.at) >= wanted
        if review is None or review["within"] != "PT36H":
            assert not lived(dates, of, zone, left, found.at + timedelta(seconds=1)) >= wanted


@settings(max_examples=80, deadline=None)
@given(st.integers(1, 15), st.sampled_from(["calendar", "working"]), st.integers(0, 300))
def test_where_dates_roll_back_the_latest_safe_instant_is_safe(within: int, days: str, later: int) -> None:
    of = policy(review={"within": f"P{within}D", "days": days}, roll="backward")
    of = of.model_copy(update={"calendar": calendar("AT")})
    dates = clocks.fix(of, "major", Anchors(issue=START + timedelta(days=later)), "UTC")
    assume(len(dates) == 3)
    found = {one.kind: one.at for one in clocks.latest_safe(dates, of, "UTC", TWO)}
    assert lived(dates, of, "UTC", TWO, found["plan"]) >= {"plan", "evidence", "closure"}


def test_the_latest_safe_instant_of_a_review_in_months_and_hours_is_counted_back() -> None:
    of = policy(review={"within": "PT36H"}, major={"closure": {"within": "P10D"}})
    assert safe(of, fixed(of))["closure"].at == end_of(date(2026, 3, 12)) - timedelta(hours=72)
    month = policy(review={"within": "P1M"}, major={"closure": {"within": "P90D"}})
    found = clocks.latest_safe(fixed(month), month, "UTC", ("evidence",))
    assert [one.at for one in found] == [end_of(date(2026, 4, 30))]
    assert datetime(2026, 4, 30, tzinfo=UTC) < found[0].at
