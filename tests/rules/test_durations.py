from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workflows.durations import Duration, at_time, end_of_day
from workflows.nonconformity import deadlines as clocks
from workflows.nonconformity.deadlines import Anchors, Deadline, Miss, Reminder
from workflows.policy import Policy

ZONES = (
    "UTC",
    "Europe/Vienna",
    "America/New_York",
    "America/Santiago",
    "Asia/Kolkata",
    "Australia/Lord_Howe",
    "Pacific/Apia",
)
zones = st.sampled_from(ZONES)
EPOCH = datetime(2015, 1, 1, tzinfo=UTC)
instants = st.integers(0, 20 * 365 * 86_400_000_000).map(lambda us: EPOCH + timedelta(microseconds=us))
days = st.builds(Duration, months=st.integers(0, 24), days=st.integers(0, 400))
spans = st.integers(0, 10**12).map(lambda us: timedelta(microseconds=us))
durations = st.builds(Duration, months=st.integers(0, 24), days=st.integers(0, 400), exact=spans)
quick = settings(max_examples=100, deadline=None)


def negative(duration: Duration) -> Duration:
    return Duration(-duration.months, -duration.days, -duration.exact)


@quick
@given(durations)
def test_a_duration_is_read_as_it_is_written(duration: Duration) -> None:
    assert Duration.parse(str(duration)) == duration
    assert Duration.parse(str(negative(duration))) == negative(duration)


@pytest.mark.parametrize(
    ("text", "duration"),
    [
        ("P14D", Duration(days=14)),
        ("P2W", Duration(days=14)),
        ("P1Y6M", Duration(months=18)),
        ("-P3D", Duration(days=-3)),
        ("PT1H30M", Duration(exact=timedelta(minutes=90))),
        ("PT0.25S", Duration(exact=timedelta(milliseconds=250))),
        ("P0D", Duration()),
    ],
)
def test_durations_of_policies(text: str, duration: Duration) -> None:
    assert Duration.parse(text) == duration


@pytest.mark.parametrize(
    "text", ["", "P", "PT", "14", "P14", "P1DT", "14D", "P-1D", "P102Y", "PT99999999999H", "P9999999999D"]
)
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is"):
        Duration.parse(text)


@pytest.mark.parametrize(
    ("start", "duration", "expected"),
    [
        ("2027-01-31", "P1M", "2027-02-28"),
        ("2028-01-31", "P1M", "2028-02-29"),
        ("2028-02-29", "P1Y", "2029-02-28"),
        ("2026-10-31", "-P1M", "2026-09-30"),
        ("2026-12-31", "P2M", "2027-02-28"),
        ("2026-12-31", "P1D", "2027-01-01"),
    ],
)
def test_a_month_ends_no_later_than_its_last_day(start: str, duration: str, expected: str) -> None:
    at = datetime.fromisoformat(start).replace(tzinfo=UTC)
    assert Duration.parse(duration).after(at, ZoneInfo("UTC")).date().isoformat() == expected


@quick
@given(durations, instants, instants, zones)
def test_later_stays_later_by_the_day(duration: Duration, one: datetime, other: datetime, zone: str) -> None:
    # Within the hour by which clocks change, wall time is not in order; the days are.
    area = ZoneInfo(zone)
    first, last = sorted((one, other))
    assert duration.after(first, area) <= duration.after(last, area) + timedelta(hours=1)
    assert end_of_day(Duration(duration.months, duration.days).after(first, area), area) <= end_of_day(
        Duration(duration.months, duration.days).after(last, area), area
    )


@quick
@given(instants, zones)
def test_a_day_ends_with_its_last_second(at: datetime, zone: str) -> None:
    area = ZoneInfo(zone)
    end = end_of_day(at, area)
    assert end > at - timedelta(seconds=1)
    assert end.astimezone(area).date() == at.astimezone(area).date()
    assert (end + timedelta(seconds=1)).astimezone(area).date() > at.astimezone(area).date()
    assert end_of_day(end, area) == end
    assert at_time(at, time(9), area).astimezone(area).date() == at.astimezone(area).date()


policies = st.builds(
    lambda plan, closure, minimum, limit, reminders, by_day: Policy.model_validate(
        {
            "name": "p",
            "version": "1",
            "anchor": "detection",
            "end_of_day": by_day,
            "minimum_response": minimum,
            "limits": [{"anchor": "detection", "within": limit}],
            "reminders": reminders,
            "major": {"plan": {"within": plan}, "evidence": {"within": plan}, "closure": {"within": closure}},
        }
    ),
    st.integers(0, 60).map(lambda n: f"P{n}D"),
    st.integers(1, 200).map(lambda n: f"P{n}D"),
    st.integers(1, 10).map(lambda n: f"P{n}D"),
    st.integers(100, 250).map(lambda n: f"P{n}D"),
    st.lists(st.sampled_from(["-P7D", "-P1D", "P0D", "P1D", "PT1H", "-PT30M"]), unique=True),
    st.booleans(),
)
detected = st.integers(0, 90).map(lambda n: timedelta(days=n))


@quick
@given(policies, instants, detected, zones)
def test_no_date_is_before_issue_and_none_past_its_limit(
    policy: Policy, issued: datetime, before: timedelta, zone: str
) -> None:
    dates = clocks.fix(policy, "major", Anchors(issue=issued, detection=issued - before), zone)
    assert [d.kind for d in dates] == ["plan", "evidence", "closure"]
    for date in dates:
        assert date.due_at > issued
        assert date.limit_at is None or date.due_at <= date.limit_at
        assert date.explanation


@quick
@given(policies, instants, detected, zones, spans, spans)
def test_a_stop_gives_back_the_time_held_in_whole_days_where_days_count(
    policy: Policy, issued: datetime, before: timedelta, zone: str, wait: timedelta, held: timedelta
) -> None:
    dates = clocks.fix(policy, "major", Anchors(issue=issued, detection=issued - before), zone)
    stopped = clocks.stop(dates, ("plan", "closure"), issued + wait, "held", zone)
    again = clocks.resume(stopped, ("plan", "closure"), issued + wait + held, policy, zone)
    for old, new in zip(dates, again, strict=True):
        if old.kind == "evidence":
            assert new == old
            continue
        if new.limit_at is not None and new.due_at == new.limit_at:
            assert new.due_at - old.due_at <= held + timedelta(days=1)
        elif old.by_day:
            area = ZoneInfo(zone)
            start, end = ((issued + span).astimezone(area).date() for span in (wait, wait + held))
            assert new.due_at.astimezone(area).date() - old.due_at.astimezone(area).date() == end - start
        else:
            assert new.due_at - old.due_at == held


@quick
@given(policies, instants, detected, zones, st.lists(st.integers(0, 40 * 86_400), max_size=8))
def test_the_clock_says_each_thing_once_and_then_looks_ahead(
    policy: Policy, issued: datetime, before: timedelta, zone: str, waits: list[int]
) -> None:
    dates: tuple[Deadline, ...] = clocks.fix(policy, "major", Anchors(issue=issued, detection=issued - before), zone)
    now, said = issued, []
    for wait in [*waits, 400 * 86_400]:
        now += timedelta(seconds=wait)
        due = clocks.next_instant(dates, policy, zone)
        found = clocks.passed(dates, policy, zone, now)
        assert bool(found) == (due is not None and due <= now)
        said += found
        for item in found:
            match item:
                case Reminder():
                    dates = clocks.reminded(dates, item.kind)
                case Miss():
                    dates = clocks.missed(dates, item.kind, now)
        after = clocks.next_instant(dates, policy, zone)
        assert after is None or after > now
        assert clocks.passed(dates, policy, zone, now) == []
    assert len(said) == len(set(said))
    assert sum(isinstance(item, Miss) for item in said) == 3
