"""What a date says of itself: every sentence, word for word, in the client's zone."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.rules import walks as w
from tests.rules.life import START, Step, Wait, World, policy
from workflows.decider import Refusal
from workflows.durations import Duration
from workflows.nonconformity import deadlines as clocks
from workflows.nonconformity.commands import DeadlineKind
from workflows.nonconformity.deadlines import Anchors

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
IN_SECONDS = {"major": {"plan": {"within": "PT90S"}}, "minimum_response": "PT30S"}


def lines(world: World, kind: DeadlineKind) -> tuple[str, ...]:
    found = world.case.deadline(kind)
    assert found is not None
    return found.explanation


@pytest.mark.parametrize(
    ("anchor", "facts", "said"),
    [
        ("issue", {}, "issue 2026-03-02 10:00:00 CET: 2026-03-16"),
        ("receipt", {}, "receipt 2026-03-05 10:00:00 CET: 2026-03-19"),
        ("detection", {"detected_at": "2026-02-27T12:00:00Z"}, "detection 2026-02-27 13:00:00 CET: 2026-03-13"),
        ("detection", {}, "issue (no date of detection is stated) 2026-03-02 10:00:00 CET: 2026-03-16"),
        ("audit_end", {}, "issue (no date of the end of the audit is stated) 2026-03-02 10:00:00 CET: 2026-03-16"),
        (
            "audit_end",
            {"audit": {"ref": "A-1", "stage": "surveillance", "ended_on": "2026-02-28"}},
            "the end of the audit 2026-02-28 00:00:00 CET: 2026-03-14",
        ),
    ],
)
def test_a_date_says_from_what_it_counts(anchor: str, facts: dict[str, Any], said: str) -> None:
    world = World(policy(anchor=anchor), zone="Europe/Vienna").walk(w.opened(**facts))
    assert lines(world, "plan") == (f"P14D from {said} 23:59:59 CET (default 2026-01, major)",)


def test_a_date_past_at_issue_says_so() -> None:
    world = World(policy(anchor="detection"), zone="Asia/Tokyo").walk(w.opened(detected_at="2026-02-01T00:00:00Z"))
    assert lines(world, "plan") == (
        "P14D from detection 2026-02-01 09:00:00 JST: 2026-02-15 23:59:59 JST (default 2026-01, major)",
        "past at issue, so issue plus the minimum response time P7D: 2026-03-09 23:59:59 JST",
    )


def test_a_closure_cut_short_by_the_hard_limit_says_so() -> None:
    world = World(policy(anchor="detection", limit="P60D"), zone="Asia/Tokyo").walk(w.OPEN)
    assert lines(world, "closure")[1:] == ("no later than the hard limit P60D from issue: 2026-05-01 23:59:59 JST",)


def test_a_limit_whose_anchor_nobody_stated_does_not_hold_and_the_first_of_the_others_does() -> None:
    limits = [
        {"anchor": "certificate_expiry", "within": "P0D"},
        {"anchor": "detection", "within": "P80D"},
        {"anchor": "issue", "within": "P70D"},
        {"anchor": "issue", "within": "P1D", "grades": ["minor"]},
        {"anchor": "issue", "within": "P2D", "stages": ["stage2"]},
    ]
    world = World(policy(limits=limits)).walk(w.opened(detected_at="2026-02-01T00:00:00Z"))
    assert lines(world, "closure")[1:] == (
        "the hard limit P0D from the certificate's expiry does not hold: no date of the certificate's expiry is stated",
        "no later than the hard limit P80D from detection: 2026-04-22 23:59:59 UTC",
    )


def test_a_date_that_falls_on_the_hard_limit_is_not_cut_short() -> None:
    world = World(policy(limit="P90D")).walk(w.OPEN)
    assert len(lines(world, "closure")) == 1
    dates = clocks.fix(policy(limit="P95D"), "major", Anchors(issue=START), "UTC")
    limit = dates[2].limit_at
    assert limit is not None
    assert clocks.extend(dates, "closure", limit, START, "So", "UTC")[2].explanation[1:] == (
        "extended to 2026-06-05 23:59:59 UTC: So",
    )
    end = "2026-06-05 23:59:59 UTC"
    beyond = clocks.extend(dates, "closure", limit + timedelta(days=1), START, "So", "UTC")[2]
    assert (beyond.due_at, beyond.explanation[1:]) == (
        limit,
        ("extended to 2026-06-06 23:59:59 UTC: So, no later than the hard limit P95D from issue: " + end,),
    )
    assert beyond.limit == "P95D from issue"
    assert [date.limit for date in dates[:2]] == [None, None]


def test_a_stop_says_who_holds_the_item_and_the_end_whether_the_date_was_kept() -> None:
    world = World(policy(), zone="Europe/Vienna").walk((*w.PLANNED, Wait("P2D"), w.SUBMIT, Wait("P5D"), w.ACCEPT))
    assert lines(world, "plan")[1:] == (
        "stopped 2026-03-04 10:00:00 CET: the certification body holds the plan",
        "met: done 2026-03-04 10:00:00 CET",
    )
    assert lines(world, "evidence")[1:] == (
        "stopped 2026-03-04 10:00:00 CET: the certification body holds the plan",
        "runs again 2026-03-09 10:00:00 CET after standing still for 5 days: 2026-04-06 23:59:59 CEST",
    )


def test_a_late_date_says_so_and_why_it_is_excused() -> None:
    excuse = Step("reviewer", "excuse_lateness", {"deadline": "plan", "reason": "Our outage"})
    world = World(policy()).walk((*w.PLANNED, Wait("P15D"), w.SUBMIT, w.ACCEPT, excuse))
    plan = world.case.deadline("plan")
    assert plan is not None
    assert (plan.state, plan.excused) == ("late", "Our outage")
    assert plan.explanation[-2:] == ("late: done 2026-03-17 09:00:00 UTC", "lateness excused: Our outage")


@pytest.mark.parametrize(
    ("held", "said"),
    [
        ("PT0S", "at once"),
        ("PT0.5S", "after standing still for less than a second"),
        ("PT1.5S", "after standing still for 1 second"),
        ("PT23H", "after standing still for 23 hours"),
        ("P1DT1H1M", "after standing still for 1 day, 1 hour, 1 minute"),
        ("P14D", "after standing still for 14 days"),
        ("P2DT59S", "after standing still for 2 days, 59 seconds"),
        ("P300DT20H57M1S", "after standing still for 300 days, 20 hours, 57 minutes, 1 second"),
    ],
)
def test_a_date_by_the_clock_says_how_long_it_stood_still(held: str, said: str) -> None:
    dates = clocks.fix(policy(**IN_SECONDS), "major", Anchors(issue=NOON), "UTC")
    until = Duration.parse(held).after(NOON, ZoneInfo("UTC"))
    again = clocks.resume(clocks.stop(dates, ("plan",), NOON, "held", "UTC"), ("plan",), until, policy(), "UTC")
    assert f" UTC {said}: " in again[0].explanation[-1]


@pytest.mark.parametrize(
    ("days", "held", "said"),
    [
        ("calendar", "PT0S", "on the same day"),
        ("calendar", "PT5H", "on the same day"),
        ("calendar", "P1D", "after standing still for 1 day"),
        ("working", "PT5H", "after standing still for no working day"),
        ("working", "P1D", "after standing still for 1 working day"),
    ],
)
def test_a_date_in_days_says_for_how_many_it_stood_still(days: str, held: str, said: str) -> None:
    law = policy(days=days)
    dates = clocks.fix(law, "major", Anchors(issue=NOON), "UTC")
    until = Duration.parse(held).after(NOON, ZoneInfo("UTC"))
    again = clocks.resume(clocks.stop(dates, ("plan",), NOON, "held", "UTC"), ("plan",), until, law, "UTC")
    plan = next(date for date in again if date.kind == "plan")
    assert f" UTC {said}: " in plan.explanation[-1]


def test_an_excuse_is_for_the_date_that_was_missed() -> None:
    excuse = Step("reviewer", "excuse_lateness", {"deadline": "plan", "reason": "Our outage"})
    world = World(policy()).walk((*w.PLANNED, Wait("P15D"), excuse, Wait("P1D")))
    with pytest.raises(Refusal, match=r"^The lateness of the plan deadline was excused already: Our outage$"):
        world.walk((excuse,))
    # The clock stands still and runs again: the same date, missed once.
    stopped = clocks.stop(world.case.deadlines, ("plan",), world.now, "held", "UTC")
    again = clocks.resume(stopped, ("plan",), world.now, policy(), "UTC")
    assert [date.excused for date in again if date.kind == "plan"] == ["Our outage"]
    world.walk((w.SUBMIT, w.RETURN))
    plan = world.case.deadline("plan")
    assert plan is not None
    assert (plan.state, plan.excused) == ("running", None)
    world.walk((Wait("P8D"), excuse))
    plan = world.case.deadline("plan")
    assert plan is not None
    assert plan.excused == "Our outage"


def test_dates_in_refusals_are_the_clients_and_name_its_zone() -> None:
    world = World(policy(limit="P95D"), zone="America/New_York").walk(w.OPEN)
    here = "(America/New_York)"
    for until, says in (
        (
            "2026-06-06T12:00:00Z",
            f"2026-06-06 08:00:00 {here} is past the hard limit, P95D from issue: 2026-06-05 {here}.",
        ),
        ("2026-05-31T03:59:59Z", f"2026-05-30 {here} is not after 2026-05-31 {here}."),
    ):
        body = {"deadline": "closure", "until": until, "reason": "So", "containment": "So"}
        with pytest.raises(Refusal) as refused:
            world.do("owner", "request_extension", body)
        assert str(refused.value) == says


def test_a_closed_case_says_of_each_date_why_its_clock_stands() -> None:
    world = World(policy()).walk((*w.opened(), Step("auditor", "propose_withdrawal", {"reason": "Another company"})))
    world.do("reviewer", "confirm_withdrawal", {"reason": "Indeed"})
    for kind in ("plan", "evidence", "closure"):
        assert lines(world, kind)[-1] == "stopped 2026-03-02 09:00:00 UTC: the nonconformity ended"


def test_whatever_moves_a_date_is_said_in_the_zone_of_the_client() -> None:
    regrade = Step("reviewer", "regrade", {"grade": "minor", "reason": "So"})
    world = World(policy(), zone="Asia/Tokyo").walk((*w.PLANNED, w.MORE_TIME, w.GRANT, regrade))
    assert lines(world, "plan") == (
        "P14D from issue 2026-03-02 18:00:00 JST: 2026-03-16 23:59:59 JST (default 2026-01, major)",
        "extended to 2026-03-20 18:00:00 JST: Contained",
        "regraded to minor: was 2026-03-20 18:00:00 JST",
        "P14D from issue 2026-03-02 18:00:00 JST: 2026-03-16 23:59:59 JST (default 2026-01, minor)",
        "moved as far as the old date had been: 2026-03-20 23:59:59 JST",
    )
    world = World(policy(), zone="Asia/Tokyo").walk((*w.SUBMITTED, w.RETURN, Wait("P40D"), regrade))
    assert lines(world, "plan")[2:] == (
        "runs again 2026-03-02 18:00:00 JST on the same day: 2026-03-16 23:59:59 JST",
        (
            "back with the client 2026-03-02 18:00:00 JST, to be submitted again in P7D: 2026-03-09 23:59:59 JST; "
            "its own date is later and stays: 2026-03-16 23:59:59 JST"
        ),
        "regraded to minor: was 2026-03-16 23:59:59 JST",
        "P14D from issue 2026-03-02 18:00:00 JST: 2026-03-16 23:59:59 JST (default 2026-01, minor)",
        "past already, so the minimum response time P7D: 2026-04-18 23:59:59 JST",
    )


def test_a_reopened_closure_says_so_and_is_open_again() -> None:
    again = Step("reviewer", "reopen", {"reason": "Another case"})
    world = World(policy(), zone="Asia/Tokyo").walk((*w.CLOSED, again))
    closure = world.case.deadline("closure")
    assert closure is not None
    assert (closure.state, closure.met_at, closure.due_at) == ("running", None, closure.first_due_at)
    assert closure.explanation[-1] == "reopened 2026-03-02 18:00:00 JST"
