"""Dates of policies whose days do not end at midnight, and the last instants on which a rule turns."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.rules.life import START, policy
from tests.rules.test_deadlines import end_of
from tests.rules.test_working_days import FINDING, audit, certificate, instants, only, quick, rules, zones
from workflows.durations import end_of_day
from workflows.nonconformity import deadlines as clocks
from workflows.nonconformity.deadlines import Anchors
from workflows.nonconformity.deadlines.counting import count
from workflows.nonconformity.deadlines.safe import latest_start

VIENNA = "Europe/Vienna"
FRIDAY = datetime(2026, 3, 27, 9, tzinfo=UTC)
"""Ten in the morning in Vienna, where the clocks go forward on the Sunday after."""


def there(at: datetime) -> str:
    return at.astimezone(ZoneInfo(VIENNA)).strftime("%a %H:%M")


def test_working_days_keep_the_time_of_day_there_over_a_change_of_the_clocks() -> None:
    of = rules(VIENNA, end_of_day=False, major={"plan": {"within": "P1D", "days": "working"}})
    [plan] = clocks.fix(of, "major", Anchors(issue=FRIDAY), VIENNA)
    assert there(plan.due_at) == "Mon 10:00" and not plan.by_day


def test_a_rolled_date_keeps_its_time_of_day_there_over_a_change_of_the_clocks() -> None:
    of = rules(VIENNA, end_of_day=False, roll="forward", major={"plan": {"within": "P1D"}})
    [plan] = clocks.fix(of, "major", Anchors(issue=FRIDAY), VIENNA)
    assert there(plan.due_at) == "Mon 10:00"


def test_a_rolled_date_ends_with_its_day() -> None:
    of = rules(VIENNA, roll="forward", major={"plan": {"within": "P1D"}})
    [plan] = clocks.fix(of, "major", Anchors(issue=FRIDAY), VIENNA)
    assert there(plan.due_at) == "Mon 23:59"


def test_a_stop_of_working_days_gives_them_back_at_the_time_of_day_there() -> None:
    of = rules(VIENNA, end_of_day=False, days="working", major={"plan": {"within": "P1D"}})
    dates = clocks.fix(of, "major", Anchors(issue=FRIDAY - timedelta(days=1)), VIENNA)
    assert there(dates[0].due_at) == "Fri 10:00"
    held = clocks.stop(dates, ["plan"], FRIDAY - timedelta(hours=1), "held", VIENNA)
    [plan] = clocks.resume(held, ["plan"], FRIDAY + timedelta(days=3), of, VIENNA)
    assert there(plan.due_at) == "Mon 10:00"


def test_a_stop_that_ends_on_a_closed_day_says_that_the_date_was_rolled() -> None:
    of = rules(VIENNA, roll="forward", major={"plan": {"within": "P2D"}})
    dates = clocks.fix(of, "major", Anchors(issue=FRIDAY - timedelta(days=2)), VIENNA)
    held = clocks.stop(dates, ["plan"], FRIDAY, "held", VIENNA)
    [plan] = clocks.resume(held, ["plan"], FRIDAY + timedelta(days=1), of, VIENNA)
    assert plan.due_at == end_of(date(2026, 3, 30), VIENNA)
    assert plan.explanation[-1].endswith("; 2026-03-28 is closed (AT), so rolled forward: 2026-03-30 23:59:59 CEST")


@pytest.mark.parametrize(
    ("within", "to_the_end", "limit"),
    [
        ("P60D", True, end_of(START.date() + timedelta(days=60))),
        ("P60D", False, START + timedelta(days=60)),
        ("PT240H", True, START + timedelta(hours=240)),
        ("PT240H", False, START + timedelta(hours=240)),
    ],
)
def test_a_hard_limit_ends_with_a_day_where_days_do_and_it_counts_them(
    within: str, to_the_end: bool, limit: datetime
) -> None:
    dates = clocks.fix(policy(limit=within, end_of_day=to_the_end), "major", Anchors(issue=START), "UTC")
    assert only(dates, "closure").limit_at == limit


def test_a_hard_limit_counts_days_of_the_clients_calendar() -> None:
    dates = clocks.fix(policy(limit="P3D", end_of_day=False), "major", Anchors(issue=FRIDAY), VIENNA)
    limit = only(dates, "closure").limit_at
    assert limit is not None and there(limit) == "Mon 10:00"


def test_a_limit_that_is_past_where_dates_begin_anew_hides_no_later_one() -> None:
    of = policy(limits=[{"anchor": "issue", "within": "P60D"}, {"anchor": "issue", "within": "P70D"}], end_of_day=False)
    anew = START + timedelta(days=60)
    dates = clocks.fix(of, "major", Anchors(issue=START), "UTC", since=anew)
    closure = only(dates, "closure")
    # Past at the very instant at which it ends: a limit that leaves no time at all is none.
    assert any(line.startswith("the hard limit P60D from issue was past already") for line in closure.explanation)
    assert closure.limit_at == START + timedelta(days=70)


def test_a_date_at_the_instant_of_issue_is_past() -> None:
    of = policy(minor={"plan": {"within": "P0D", "anchor": "detection"}}, end_of_day=False, minimum_response="P2D")
    [plan] = clocks.fix(of, "minor", Anchors(issue=START, detection=START), "UTC")
    assert plan.due_at == START + timedelta(days=2)


def test_the_next_audit_on_the_last_day_of_the_longest_wait_is_still_waited_for() -> None:
    of = policy(minor={"closure": {"at": "next_audit", "within": "P12M"}}, limit=None)
    last = end_of(date(2027, 3, 2))
    [closure] = clocks.fix(of, "minor", Anchors(issue=START, next_audit=last), "UTC")
    assert closure.due_at == last and closure.explanation[0].startswith("at the end of the next audit: ")


def test_a_return_leaves_a_date_that_is_no_later_than_the_resubmission_in_its_place() -> None:
    of = policy(resubmission="P14D", limit=None)
    dates = clocks.fix(of, "major", Anchors(issue=START), "UTC")
    back = clocks.resubmit(dates, ["plan"], START, of, "UTC")
    plan = only(back, "plan")
    assert plan.due_at == only(dates, "plan").due_at == end_of(START.date() + timedelta(days=14))
    assert plan.explanation[-1].endswith("in place of its own date 2026-03-16 23:59:59 UTC")


@pytest.mark.parametrize("within", ["P3D", "P30D"])
def test_a_return_is_where_reminders_begin_anew(within: str) -> None:
    of = policy(resubmission=within, limit=None)
    at = START + timedelta(days=1)
    back = clocks.resubmit(clocks.fix(of, "major", Anchors(issue=START), "UTC"), ["plan"], at, of, "UTC")
    assert only(back, "plan").set_at == at


def test_what_an_anchor_has_a_part_in() -> None:
    of = policy(
        anchor="issue",
        major={
            "plan": {"within": "P14D"},
            "evidence": {"within": "P30D", "anchor": "receipt"},
            "closure": {"within": "P90D"},
        },
        limits=[{"anchor": "audit_end", "within": "P6M"}],
    )
    assert list(clocks.counting_from(of, "major", "issue")) == ["plan", "closure"]
    assert list(clocks.counting_from(of, "major", "receipt")) == ["evidence"]
    assert list(clocks.counting_from(of, "major", "audit_end")) == ["closure"]
    assert list(clocks.counting_from(of, "major", "detection")) == []


def test_the_next_audit_ends_after_the_day_of_issue_there() -> None:
    # Late in the evening of the second in Vienna it is the third in Tokyo already.
    evening = datetime(2026, 3, 2, 20, tzinfo=UTC)
    audits = [audit("A-2", date(2026, 3, 3), status="under_way"), audit("A-3", date(2026, 3, 9))]
    for zone, day in (("Europe/Vienna", date(2026, 3, 3)), ("Asia/Tokyo", date(2026, 3, 9))):
        known = clocks.anchors(FINDING, policy(), evening, zone, audits)
        assert known.next_audit == end_of(day, zone)


def test_receipt_is_its_acknowledgement_where_none_is_deemed() -> None:
    known = Anchors(issue=START)
    assert clocks.acknowledged(known, START + timedelta(days=1)).receipt == START + timedelta(days=1)
    deemed = Anchors(issue=START, receipt=START + timedelta(days=3))
    assert clocks.acknowledged(deemed, START + timedelta(days=1)).receipt == START + timedelta(days=1)


def test_a_suspended_certificate_still_expires() -> None:
    assert clocks.expiry(FINDING, [certificate("C-1", date(2027, 1, 1), status="suspended")]) == date(2027, 1, 1)


@quick
@given(
    zones,
    instants,
    st.sampled_from([("P1D", True), ("P5D", True), ("P1M", True), ("P1M3D", True), ("P1D", False), ("P5D", False)]),
)
def test_the_latest_start_of_a_step_is_over_in_time_and_a_second_later_is_not(
    zone: str, bound: datetime, step: tuple[str, bool]
) -> None:
    within, to_the_end = step
    area, of = ZoneInfo(zone), rules(zone, end_of_day=to_the_end, review={"within": within})
    assert of.review is not None
    bound = end_of_day(bound, area) if to_the_end else bound
    start = latest_start(of, of.review, bound, area)
    assert count(of, of.review.within, start, area).due <= bound
    assert count(of, of.review.within, start + timedelta(seconds=1), area).due > bound


def test_holidays_are_known_to_the_end_of_the_last_year() -> None:
    of = rules(VIENNA, major={"plan": {"within": "P1D", "days": "working"}})
    until = of.calendar.until
    assert until is not None
    before = datetime(until.year, until.month, until.day, 9, tzinfo=UTC) - timedelta(days=1)
    [plan] = clocks.fix(of, "major", Anchors(issue=before), VIENNA)
    assert plan.due_at == end_of(until, VIENNA) and not any("holidays are known" in line for line in plan.explanation)
