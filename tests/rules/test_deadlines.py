"""Dates by examples; what is expected is counted here once more, from calendar days and zones alone."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.rules import walks as w
from tests.rules.life import Day, In, Step, Wait, World, policy
from workflows.decider import Refusal
from workflows.nonconformity.commands import DeadlineKind
from workflows.nonconformity.deadlines import Deadline


def due(world: World, kind: DeadlineKind) -> Deadline:
    found = world.case.deadline(kind)
    assert found is not None
    return found


def end_of(day: date, zone: str = "UTC") -> datetime:
    """One second before the first instant of the next day there."""
    tomorrow = datetime.combine(day + timedelta(days=1), time(), ZoneInfo(zone))
    return tomorrow.astimezone(UTC) - timedelta(seconds=1)


@pytest.mark.parametrize(
    ("zone", "issued"),
    [
        ("UTC", datetime(2026, 3, 2, 9, tzinfo=UTC)),
        ("Europe/Vienna", datetime(2026, 3, 20, 22, 59, tzinfo=UTC)),  # clocks go forward on 29 March
        ("Europe/Vienna", datetime(2026, 3, 20, 23, 1, tzinfo=UTC)),  # the next day, there
        ("Europe/Vienna", datetime(2026, 10, 11, 22, 30, tzinfo=UTC)),  # plan due on the day they go back
        ("America/New_York", datetime(2026, 2, 22, 4, 0, tzinfo=UTC)),  # 8 March
        ("America/Santiago", datetime(2026, 3, 21, 12, tzinfo=UTC)),  # 4 April: 23:00 to 24:00 comes twice
        ("America/Santiago", datetime(2026, 8, 22, 12, tzinfo=UTC)),  # 6 September begins at 01:00
        ("Asia/Kolkata", datetime(2026, 3, 2, 18, 31, tzinfo=UTC)),
        ("Pacific/Kiritimati", datetime(2026, 12, 30, 10, tzinfo=UTC)),
        ("UTC", datetime(2028, 2, 15, 9, tzinfo=UTC)),  # a leap day between
        ("UTC", datetime(2026, 12, 20, 9, tzinfo=UTC)),  # a year's end between
    ],
)
def test_14_30_90_days_from_issue_end_with_a_day_there(zone: str, issued: datetime) -> None:
    world = World(policy(), now=issued, zone=zone).walk(w.OPEN)
    day = issued.astimezone(ZoneInfo(zone)).date()
    terms: tuple[tuple[DeadlineKind, int], ...] = (("plan", 14), ("evidence", 30), ("closure", 90))
    for kind, days in terms:
        found = due(world, kind)
        assert (found.kind, found.due_at) == (kind, end_of(day + timedelta(days=days), zone))
        assert found.due_at == found.first_due_at
        assert len(found.explanation) == 1


@pytest.mark.parametrize("kept", [True, False])
def test_a_date_is_kept_up_to_its_own_instant(kept: bool) -> None:
    world = World(policy()).walk(w.PLANNED)
    last = due(world, "plan").due_at
    world.now = last if kept else last + timedelta(microseconds=1)
    assert due(world, "plan").standing(world.now) == ("running" if kept else "overdue")
    world.walk((w.SUBMIT, Wait("P5D"), w.ACCEPT))
    assert due(world, "plan").state == ("met" if kept else "late")
    assert due(world, "plan").met_at == (last if kept else last + timedelta(microseconds=1))


def test_dates_stand_still_while_the_body_holds_the_item() -> None:
    world = World(policy()).walk((*w.PLANNED, Wait("P2D"), w.SUBMIT))
    states = {"plan": "stopped", "evidence": "stopped", "closure": "running", "review": "running"}
    assert {d.kind: d.state for d in world.case.deadlines} == states
    evidence, closure = due(world, "evidence").due_at, due(world, "closure").due_at
    world.walk((Wait("P5DT3H"), w.ACCEPT))
    assert due(world, "evidence").due_at == end_of((evidence + timedelta(days=5)).date())
    assert due(world, "closure").due_at == closure
    world.walk((*w.SHOW, w.SUBMIT_EVIDENCE, Wait("P60D"), w.VERIFY))
    assert due(world, "evidence").state == "met"


def test_a_return_takes_no_time_from_who_submits_early() -> None:
    world = World(policy()).walk(w.SUBMITTED)
    own = due(world, "plan").due_at
    world.walk((Wait("P1D"), w.RETURN))
    assert due(world, "plan").due_at == own + timedelta(days=1)
    assert "its own date is later and stays" in due(world, "plan").explanation[-1]


def test_a_return_gives_time_to_submit_again() -> None:
    world = World(policy()).walk((*w.PLANNED, Wait("P12D"), w.SUBMIT, Wait("P1D"), w.RETURN))
    assert due(world, "plan").due_at == end_of(world.now.date() + timedelta(days=7))
    assert "in place of its own date" in due(world, "plan").explanation[-1]
    assert (due(world, "plan").state, due(world, "evidence").state) == ("running", "running")
    world.walk((w.SUBMIT, w.ACCEPT))
    assert (world.case.plan.version, due(world, "plan").state) == (2, "met")


@pytest.mark.parametrize("to", ["evidence", "plan"])
@pytest.mark.parametrize("worked", [0, 20, 28])
def test_evidence_goes_back_to_itself_or_to_the_plan(to: str, worked: int) -> None:
    world = World(policy()).walk((*w.EVIDENCED, Wait(f"P{worked}D"), w.SUBMIT_EVIDENCE))
    plan, own = due(world, "plan").due_at, due(world, "evidence").due_at
    world.wait("P1D")
    world.do("reviewer", "return_evidence", {"to": to, "sections": [{"shows": "a1", "reason": "Whose?"}]})
    back = end_of(world.now.date() + timedelta(days=7))
    first = max(plan, back)
    least = end_of(first.date() + timedelta(days=7)) if to == "plan" else back
    assert due(world, "evidence").due_at == max(own + timedelta(days=1), least)
    if to == "plan":
        assert (world.case.status, world.case.plan.state, due(world, "plan").due_at) == ("open", "returned", first)
        world.walk((w.SUBMIT, w.ACCEPT))
    world.walk((w.SUBMIT_EVIDENCE, w.VERIFY, w.CLOSE))
    assert {d.kind: d.state for d in world.case.deadlines} == dict.fromkeys(
        ("plan", "evidence", "closure", "review"), "met"
    )


AUDIT = {"ref": "A-1", "stage": "surveillance", "ended_on": "2026-02-25"}


@pytest.mark.parametrize(
    ("anchor", "facts", "day"),
    [
        ("issue", {}, date(2026, 3, 2)),
        ("receipt", {}, date(2026, 3, 5)),
        ("audit_end", {"audit": AUDIT}, date(2026, 2, 25)),
        ("audit_end", {}, date(2026, 3, 2)),
        ("detection", {"detected_at": "2026-02-20T23:30:00Z"}, date(2026, 2, 21)),
    ],
)
def test_dates_count_from_the_anchor(anchor: str, facts: dict[str, Any], day: date) -> None:
    world = World(policy(anchor=anchor), zone="Europe/Vienna").walk(w.opened(**facts))
    assert due(world, "plan").due_at == end_of(day + timedelta(days=14), "Europe/Vienna")


@pytest.mark.parametrize(("after", "day"), [("P1D", 3), ("P10D", 5)])
def test_receipt_counts_from_its_acknowledgement_or_is_deemed(after: str, day: int) -> None:
    world = World(policy(anchor="receipt")).walk((*w.OPEN, Wait(after), Step("owner", "acknowledge")))
    assert due(world, "plan").due_at == end_of(date(2026, 3, day) + timedelta(days=14))
    assert any("receipt acknowledged" in line for line in due(world, "plan").explanation)


def test_an_extension_survives_the_acknowledgement() -> None:
    steps = (*w.OPEN, w.MORE_TIME, w.GRANT)
    world = World(policy(anchor="receipt")).walk(steps)
    granted = due(world, "plan").due_at
    world.walk((Step("owner", "acknowledge"),))
    assert due(world, "plan").due_at == end_of((granted - timedelta(days=3)).date())
    assert due(world, "plan").extensions == 1


def test_a_date_past_at_issue_gives_the_minimum_response() -> None:
    finding = {"detected_at": "2026-02-01T00:00:00Z"}
    world = World(policy(anchor="detection")).walk(w.opened(**finding))
    assert due(world, "plan").due_at == end_of(date(2026, 3, 9))
    assert due(world, "evidence").due_at == end_of(date(2026, 3, 3))
    assert "minimum response" in due(world, "plan").explanation[-1]


def test_nothing_moves_past_the_hard_limit() -> None:
    world = World(policy(limit="P95D")).walk(w.OPEN)
    world.do(
        "owner", "request_extension", {"deadline": "closure", "until": In("P94D"), "reason": "So", "containment": "So"}
    )
    world.do("reviewer", "grant_extension", {"until": In("P94D"), "reason": "So"})
    limit = due(world, "closure").limit_at
    assert limit == end_of(date(2026, 3, 2) + timedelta(days=95))
    world.wait("P94DT1S")
    with pytest.raises(Refusal, match="hard limit"):
        world.do("member1", "vote", w.vote("member1", until=In("P3D")).body, "committee_review")
    assert due(world, "closure").limit_at == limit


def test_the_first_date_caps_every_extension() -> None:
    world = World(policy(extensions={"reviewer_grants": 9, "longest": "P10D"})).walk(w.OPEN)
    for days, fits in ((16, True), (20, True), (24, True), (26, False)):
        body = {"deadline": "plan", "until": In(f"P{days}D"), "reason": "So", "containment": "So"}
        if not fits:
            with pytest.raises(Refusal, match="at most P10D"):
                world.do("owner", "request_extension", body)
            return
        world.do("owner", "request_extension", body)
        world.do("reviewer", "grant_extension", {"until": In(f"P{days}D"), "reason": "So"})


def test_an_extension_granted_while_the_body_holds_the_item_keeps_it_still() -> None:
    request = Step("owner", "request_extension", {**w.MORE_TIME.body, "deadline": "evidence", "until": In("P40D")})
    world = World(policy()).walk((*w.ACCEPTED, request, *w.SHOW, w.SUBMIT_EVIDENCE))
    world.do("reviewer", "grant_extension", {"until": In("P35D"), "reason": "So"})
    assert due(world, "evidence").state == "stopped"
    world.walk((Wait("P80D"), w.VERIFY))
    assert due(world, "evidence").state == "met"


def test_a_request_falls_with_its_date() -> None:
    world = World(policy()).walk((*w.PLANNED, w.MORE_TIME, w.SUBMIT, w.ACCEPT))
    assert world.case.extension is None
    assert due(world, "plan").state == "met"


def test_regrading_counts_anew_and_keeps_the_old_date_in_words() -> None:
    terms = {"plan": {"within": "P20D"}, "evidence": {"within": "P40D"}, "closure": {"within": "P120D"}}
    world = World(policy(minor=terms)).walk((*w.SUBMITTED, Wait("P4D"), w.RETURN))
    old = due(world, "plan").due_at
    moved = old - due(world, "plan").first_due_at
    world.do("reviewer", "regrade", {"grade": "minor", "reason": "One account"})
    first = end_of(date(2026, 3, 2) + timedelta(days=20))
    assert due(world, "plan").due_at == first + moved
    assert due(world, "closure").due_at == end_of(date(2026, 3, 2) + timedelta(days=120))
    assert due(world, "closure").on_breach == "warn"
    assert f"regraded to minor: was {old:%Y-%m-%d %H:%M:%S} UTC" in due(world, "plan").explanation


def test_a_grade_with_shorter_dates_leaves_the_minimum_response() -> None:
    terms = {"plan": {"within": "P60D"}, "closure": {"within": "P120D"}}
    world = World(policy(minor=terms)).walk((*w.opened("minor"), Wait("P50D")))
    world.do("reviewer", "regrade", {"grade": "major", "reason": "Everywhere"})
    assert due(world, "plan").due_at == due(world, "evidence").due_at == end_of(world.now.date() + timedelta(days=7))
    assert world.next_wakeup() is not None


def test_each_reminder_goes_out_once_when_it_is_due() -> None:
    world = World(policy(), zone="Europe/Vienna").walk((*w.OPEN, Wait("P20D")))
    history = world.stream("nonconformity/0190-case").history
    sent = [h.at for h in history if h.event.type.endswith("reminded") and getattr(h.event, "deadline", "") == "plan"]
    day = date(2026, 3, 16)
    local = [datetime.combine(day + timedelta(days=n), time(9), ZoneInfo("Europe/Vienna")) for n in (-7, -3, -1, 0, 1)]
    assert sent == local
    assert [h.at for h in history if h.event.type.endswith("missed")] == [
        end_of(day, "Europe/Vienna") + timedelta(microseconds=1)
    ]


def test_after_a_long_outage_everything_is_recorded_once_in_order() -> None:
    world = World(policy()).walk((*w.OPEN, Wait("P400D", asleep=True)))
    types = world.types()
    assert (types.count("deadline_reminded"), types.count("deadline_missed"), types.count("escalated")) == (15, 3, 1)
    assert world.types("committee_review") == ["opened", "convened"]
    world.wait("P40D")
    assert world.types() == types
    assert world.types("committee_review")[-1] == "overdue"


def test_a_reminder_that_lies_before_the_date_was_set_is_not_sent() -> None:
    world = World(policy()).walk((*w.SUBMITTED, Wait("P1D"), w.RETURN, Wait("PT1S")))
    assert world.types().count("deadline_reminded") == 0


def test_what_was_missed_before_a_stop_is_not_missed_again() -> None:
    world = World(policy()).walk((*w.PLANNED, Wait("P32D"), w.SUBMIT, Wait("P3D"), w.ACCEPT, Wait("P10D")))
    missed = [h.event for h in world.stream("nonconformity/0190-case").history if h.event.type.endswith("missed")]
    assert [getattr(event, "deadline", None) for event in missed] == ["plan", "evidence"]


def test_two_breaches_at_once_call_one_committee() -> None:
    step = {"within": "P14D", "on_breach": "committee"}
    world = World(policy(major={"plan": step, "closure": step})).walk((*w.OPEN, Wait("P30D", asleep=True)))
    assert world.types().count("escalated") == 1


QUICK = {
    "major": {
        "plan": {"within": "PT2S"},
        "evidence": {"within": "PT4S"},
        "closure": {"within": "PT6S", "on_breach": "committee"},
    },
    "reminders": ["-PT1S", "P0D"],
    "resubmission": "PT1S",
    "minimum_response": "PT1S",
    "limit": "PT60S",
    "extensions": {"longest": "PT30S"},
    "committee": {"within": "PT5S", "quorum": 1},
}


def test_a_life_of_seconds() -> None:
    world = World(policy(**QUICK)).walk(w.OPEN)
    assert [(d.due_at - world.now).total_seconds() for d in world.case.deadlines] == [2, 4, 6]
    world.wait("PT8S")
    assert world.types().count("deadline_reminded") == 6
    assert world.types()[-1] == "escalated"
    world.walk((w.vote("member1", until=In("PT10S")), w.DECIDE))
    assert due(world, "closure").due_at == world.now + timedelta(seconds=10)
    world.wait("PT11S")
    assert world.types("committee_review") == ["opened", "convened"]
    assert len(world.case.reviews) == 2


def test_ninety_days_of_silence_end_before_the_committee_and_go_on_by_its_decision() -> None:
    world = World(policy()).walk(w.OPEN)
    world.wait("P89D")
    assert world.case.waiting_on == "client"
    world.wait("P2D")
    assert (world.case.waiting_on, world.review.status) == ("committee", "convened")
    world.walk((*w.votes("extend", until=In("P10D")), w.DECIDE))
    assert world.refused == []
    until = world.case.escalation
    assert until is not None
    assert (until.state, until.choice) == ("decided", "extend")
    assert due(world, "closure").due_at == world.now + timedelta(days=10)
    world.walk((*w.PLANNED[1:3], Step("owner", "plan_action", w.action(due_on=Day(3))), w.SUBMIT, w.ACCEPT))
    world.walk((*w.SHOW, w.SUBMIT_EVIDENCE, w.VERIFY, w.CLOSE))
    states = {d.kind: d.state for d in world.case.deadlines}
    decided = {"plan": "late", "evidence": "late", "closure": "met", "review": "met"}
    assert (world.case.status, states) == ("closed", decided)
    assert world.next_wakeup() is None
