"""Dates one operation at a time: what stops, moves, ends and counts anew, and what is left alone."""

import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.rules import walks as w
from tests.rules.life import START, Step, Wait, World, policy
from tests.rules.test_deadlines import AUDIT, due, end_of
from workflows.nonconformity import deadlines as clocks
from workflows.nonconformity.commands import DeadlineKind
from workflows.nonconformity.deadlines import Anchors, Deadline, Miss, Reminder

BOTH: tuple[DeadlineKind, ...] = ("plan", "evidence")
DAY = timedelta(days=1)


def fixed(**changes: Any) -> tuple[Deadline, ...]:
    """Plan, evidence and closure of a major, issued at the start."""
    return clocks.fix(policy(**changes), "major", Anchors(issue=START), "UTC")


def reminders(dates: tuple[Deadline, ...], now: datetime) -> list[Reminder]:
    return [item for item in clocks.passed(dates, policy(), "UTC", now) if isinstance(item, Reminder)]


@pytest.mark.parametrize(
    ("anchor", "facts", "issued", "zone", "day"),
    [
        # Midnight of the audit's last day is the client's, west of Greenwich too.
        ("audit_end", {"audit": AUDIT}, START, "America/New_York", date(2026, 3, 11)),
        # Three days on, at the same time of day there: the clocks go forward in between.
        ("receipt", {}, datetime(2026, 3, 27, 22, 30, tzinfo=UTC), "Europe/Vienna", date(2026, 4, 13)),
    ],
)
def test_days_are_those_of_the_clients_calendar(
    anchor: str, facts: dict[str, Any], issued: datetime, zone: str, day: date
) -> None:
    world = World(policy(anchor=anchor), now=issued, zone=zone).walk(w.opened(**facts))
    assert due(world, "plan").due_at == end_of(day, zone)


@pytest.fixture
def elsewhere(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """This machine, in New York."""
    monkeypatch.setenv("TZ", "America/New_York")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


AUTUMN = datetime(2026, 10, 25, 23, 30, tzinfo=UTC)
PAST = w.opened(detected_at="2026-01-01T00:00:00Z")
REGRADE = Step("reviewer", "regrade", {"grade": "minor", "reason": "So"})


@pytest.mark.usefixtures("elsewhere")
@pytest.mark.parametrize("zone", ["Asia/Tokyo", "Pacific/Kiritimati"])
def test_the_zone_of_the_machine_moves_no_date(zone: str) -> None:
    today = AUTUMN.astimezone(ZoneInfo(zone)).date()
    counted = World(policy(anchor="detection"), now=AUTUMN, zone=zone).walk(PAST)
    assert due(counted, "plan").due_at == end_of(today + 7 * DAY, zone)
    limited = World(policy(limit="P60D"), now=AUTUMN, zone=zone).walk(w.OPEN)
    assert due(limited, "closure").due_at == due(limited, "closure").limit_at == end_of(today + 60 * DAY, zone)
    held = World(policy(), now=AUTUMN, zone=zone).walk((*w.SUBMITTED, Wait("P10D"), w.RETURN))
    assert due(held, "plan").due_at == end_of(today + 24 * DAY, zone)
    assert due(held, "evidence").due_at == end_of(today + 40 * DAY, zone)
    late = World(policy(), now=AUTUMN, zone=zone).walk((*w.OPEN, Wait("P20D"), REGRADE))
    assert due(late, "plan").due_at == end_of(today + 27 * DAY, zone)
    later = World(policy(), now=AUTUMN, zone=zone).walk((*w.OPEN, w.MORE_TIME, w.GRANT, REGRADE))
    moved = (AUTUMN + 18 * DAY).astimezone(ZoneInfo(zone)).date()
    assert due(later, "plan").due_at == end_of(moved, zone)
    month = policy(committee={"within": "P1M"})
    review = World(month, now=datetime(2026, 1, 31, 2, tzinfo=UTC), zone=zone).walk(w.ESCALATED).review
    assert review.due_at == end_of(date(2026, 2, 28), zone)


def test_a_stop_over_a_change_of_the_clocks_gives_back_whole_days() -> None:
    area = "Europe/Vienna"
    dates = clocks.fix(policy(), "major", Anchors(issue=datetime(2026, 3, 13, 9, tzinfo=UTC)), area)
    at = datetime(2026, 3, 20, 9, tzinfo=UTC)
    again = clocks.resume(clocks.stop(dates, BOTH, at, "held", area), BOTH, at + 3 * DAY, policy(), area)
    assert (dates[0].due_at, again[0].due_at) == (end_of(date(2026, 3, 27), area), end_of(date(2026, 3, 30), area))


def test_reminders_go_out_at_nine_there_over_a_change_of_the_clocks() -> None:
    area = "Europe/Vienna"
    dates = clocks.fix(policy(), "major", Anchors(issue=datetime(2026, 10, 16, 9, tzinfo=UTC)), area)
    assert dates[0].due_at == end_of(date(2026, 10, 30), area)
    first = clocks.next_instant(dates, policy(), area)
    assert first == datetime(2026, 10, 23, 9, tzinfo=ZoneInfo(area))


def test_without_a_hard_limit_a_closure_moves_as_far_as_it_is_granted() -> None:
    dates = fixed(limit=None)
    far = START + 3000 * DAY
    assert dates[2].limit_at is None
    assert clocks.extend(dates, "closure", far, START, "So", "UTC")[2].due_at == far


def test_the_hard_limit_is_that_of_the_closure_alone() -> None:
    dates = fixed(limit="P95D")
    far = START + 200 * DAY
    assert [d.limit_at is None for d in dates] == [True, True, False]
    assert clocks.extend(dates, "evidence", far, START, "So", "UTC")[1].due_at == far


def test_reminders_that_would_lie_before_issue_are_not_sent() -> None:
    soon = {"plan": {"within": "P2D"}}
    assert reminders(fixed(major=soon), START) == []
    assert [str(item.offset) for item in reminders(fixed(major=soon), START + 2 * DAY)] == ["-P1D", "P0D"]


def test_a_grade_may_have_no_plan_and_still_have_the_other_dates() -> None:
    terms = {"evidence": {"within": "P30D"}, "closure": {"within": "P90D"}}
    assert [d.kind for d in fixed(major=terms)] == ["evidence", "closure"]


@pytest.mark.parametrize(
    ("changes", "by_day"), [({}, True), ({"resubmission": "PT36H"}, False), ({"end_of_day": False}, False)]
)
def test_a_resubmission_date_ends_with_a_day_where_days_count(changes: dict[str, Any], by_day: bool) -> None:
    late = START + 20 * DAY
    returned = clocks.resubmit(fixed(), ("plan",), late, policy(**changes), "UTC")
    hour = timedelta(hours=1)
    stopped = clocks.stop(returned, ("plan",), late, "held", "UTC")
    again = clocks.resume(stopped, ("plan",), late + hour, policy(), "UTC")
    assert again[0].due_at - returned[0].due_at == (timedelta() if by_day else hour)


def test_a_date_in_days_that_was_moved_by_hours_stays_where_it_was_moved() -> None:
    rules = policy(resubmission="PT36H")
    returned = clocks.resubmit(fixed(), ("plan",), START + 14 * DAY, rules, "UTC")
    at = START + 15 * DAY
    again = clocks.reanchor(returned, rules, "major", Anchors(issue=START), "UTC", at, "regraded")
    assert again[0].due_at == returned[0].due_at == START + 14 * DAY + timedelta(hours=36)


@pytest.mark.parametrize("after", [timedelta(days=1), timedelta(days=15)])
def test_a_date_that_ended_is_left_alone(after: timedelta) -> None:
    at = START + after
    ended = clocks.meet(fixed(), "plan", at, "UTC")
    assert (ended[0].state, ended[0].met_at) == ("met" if after == DAY else "late", at)
    assert clocks.meet(ended, "plan", at + 30 * DAY, "UTC") == ended
    assert clocks.extend(ended, "plan", at + 30 * DAY, at, "So", "UTC") == ended
    assert clocks.reanchor(ended, policy(), "major", Anchors(issue=START), "UTC", at, "So")[0] == ended[0]
    without = policy(minor={"closure": {"within": "P90D"}})
    # The new grade has neither date: what ended stays as it was, what runs falls.
    again = clocks.reanchor(ended, without, "minor", Anchors(issue=START), "UTC", at, "So")
    assert [d.kind for d in again] == ["closure", "plan"]
    assert again[1] == ended[0]


def test_no_time_passes_for_a_date_counted_anew_while_the_body_holds_the_item() -> None:
    world = World(policy(minor={"plan": {"within": "P20D"}})).walk((*w.SUBMITTED, Wait("P50D"), REGRADE))
    plan = due(world, "plan")
    assert (plan.state, plan.due_at) == ("stopped", end_of(START.date() + 20 * DAY))


def test_a_date_counted_anew_that_falls_on_this_very_instant_is_past() -> None:
    rules = policy(minor={"plan": {"within": "PT60S"}}, minimum_response="PT30S")
    at = START + timedelta(seconds=60)
    again = clocks.reanchor(fixed(), rules, "minor", Anchors(issue=START), "UTC", at, "regraded")
    assert again[0].due_at == at + timedelta(seconds=30)


@pytest.mark.parametrize("how", ["resumed", "extended", "counted anew"])
def test_reminders_before_the_day_on_which_a_date_was_set_are_not_made_up_for(how: str) -> None:
    at = START + 10 * DAY
    dates = clocks.reminded(fixed(), "plan")
    match how:
        case "resumed":
            moved = clocks.resume(clocks.stop(dates, BOTH, at - DAY, "held", "UTC"), BOTH, at, policy(), "UTC")
        case "extended":
            moved = clocks.extend(dates, "plan", dates[0].due_at + DAY, at, "So", "UTC")
        case _:
            moved = clocks.reanchor(dates, policy(), "major", Anchors(issue=START), "UTC", at, "So")
    assert reminders(moved, at) == []
    later = reminders(moved, moved[0].due_at + 2 * DAY)
    assert [str(item.offset) for item in later if item.kind == "plan"] == ["-P3D", "-P1D", "P0D", "P1D"]


def test_a_moved_date_is_reminded_of_from_the_first_reminder_on() -> None:
    dates = clocks.reminded(clocks.reminded(fixed(), "plan"), "plan")
    moved = clocks.extend(dates, "plan", dates[0].due_at + 30 * DAY, START + 12 * DAY, "So", "UTC")
    later = reminders(moved, moved[0].due_at + 2 * DAY)
    assert [str(item.offset) for item in later if item.kind == "plan"] == ["-P7D", "-P3D", "-P1D", "P0D", "P1D"]


def test_a_date_is_missed_after_its_own_instant_and_the_clock_asks_to_be_woken_then() -> None:
    dates = fixed(reminders=[])
    rules, last = policy(reminders=[]), dates[0].due_at
    assert clocks.passed(dates, rules, "UTC", last) == []
    woken = clocks.next_instant(dates, rules, "UTC")
    assert woken == last + timedelta(microseconds=1)
    assert clocks.passed(dates, rules, "UTC", woken) == [Miss("plan", last, "warn")]


def test_the_dates_after_one_that_stands_or_ended_are_still_watched() -> None:
    ended = clocks.meet(fixed(), "plan", START, "UTC")
    stopped = clocks.stop(fixed(), ("plan",), START, "held", "UTC")
    week_before = datetime(2026, 3, 25, 9, tzinfo=UTC)
    assert clocks.next_instant(ended, policy(), "UTC") == clocks.next_instant(stopped, policy(), "UTC") == week_before
    assert [item.kind for item in reminders(ended, week_before)] == ["evidence"]
