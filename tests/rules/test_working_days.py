"""Dates in working days, off closed days, at the next audit, within hard limits; numpy counts them once more."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.rules.life import START, policy
from tests.rules.test_calendars import business, calendar, offset
from tests.rules.test_deadlines import end_of
from workflows.calendars import Calendar, frozen
from workflows.entries import AuditEntry, CertificateEntry
from workflows.findings import Finding
from workflows.nonconformity import deadlines as clocks
from workflows.nonconformity.commands import DeadlineKind
from workflows.nonconformity.deadlines import Anchors, Deadline
from workflows.policy import Policy

PLACES = {"Europe/Vienna": "AT", "America/New_York": "US"}
HOLIDAYS = {country: calendar(country) for country in PLACES.values()}
quick = settings(max_examples=120, deadline=None)
zones = st.sampled_from(sorted(PLACES))
instants = st.integers(0, 900 * 86_400).map(lambda s: datetime(2025, 6, 1, tzinfo=UTC) + timedelta(seconds=s))
rolls = st.sampled_from(["none", "forward", "backward"])


def local(at: datetime, zone: str) -> date:
    return at.astimezone(ZoneInfo(zone)).date()


def rules(zone: str, **changes: Any) -> Policy:
    of = policy(**{"limit": None, **changes})
    return of.model_copy(update={"calendar": HOLIDAYS[PLACES[zone]]})


def only(dates: tuple[Deadline, ...], kind: DeadlineKind) -> Deadline:
    [found] = [each for each in dates if each.kind == kind]
    return found


@quick
@given(zones, instants, st.integers(1, 40))
def test_working_days_are_those_of_the_country_in_its_zone(zone: str, issued: datetime, count: int) -> None:
    major = {"plan": {"within": f"P{count}D", "days": "working"}}
    [plan] = clocks.fix(rules(zone, major=major), "major", Anchors(issue=issued), zone)
    day = offset(HOLIDAYS[PLACES[zone]], local(issued, zone), count, "backward")
    assert (plan.due_at, plan.days, plan.by_day) == (end_of(day, zone), "working", True)


@quick
@given(zones, instants, st.integers(1, 60), rolls)
def test_a_date_on_a_closed_day_goes_where_the_policy_says(zone: str, issued: datetime, count: int, roll: str) -> None:
    of = rules(zone, major={"plan": {"within": f"P{count}D"}}, roll=roll)
    [plan] = clocks.fix(of, "major", Anchors(issue=issued), zone)
    plain = local(issued, zone) + timedelta(days=count)
    day = plain if roll == "none" else offset(of.calendar, plain, 0, roll)
    if end_of(day, zone) <= issued:
        day = offset(of.calendar, plain, 0, "forward")
    assert plan.due_at == end_of(day, zone)
    assert (len(plan.explanation) > 1) == (day != plain)


@quick
@given(zones, instants, st.integers(1, 30), st.integers(0, 20), st.integers(0, 60))
def test_a_stop_gives_back_the_working_days_held(zone: str, issued: datetime, count: int, wait: int, held: int) -> None:
    of = rules(zone, major={"plan": {"within": f"P{count}D"}}, days="working")
    dates = clocks.fix(of, "major", Anchors(issue=issued), zone)
    since, until = issued + timedelta(days=wait), issued + timedelta(days=wait + held)
    [plan] = clocks.resume(clocks.stop(dates, ["plan"], since, "held", zone), ["plan"], until, of, zone)
    first, last = np.datetime64(local(since, zone)), np.datetime64(local(until, zone))
    one = np.timedelta64(1, "D")
    back = int(np.busday_count(first + one, last + one, busdaycal=business(of.calendar)))
    assert local(plan.due_at, zone) == offset(of.calendar, local(dates[0].due_at, zone), back, "backward")


@pytest.mark.parametrize(
    ("zone", "issued", "within", "day", "closed"),
    [
        # Christmas in Vienna: Friday and Saturday are holidays, Thursday is not.
        ("Europe/Vienna", "2026-12-23T10:00:00+00:00", "P3D", "2026-12-29", "2 days of weekends, 2026-12-25"),
        # Over the end of the year, Epiphany closed.
        (
            "Europe/Vienna",
            "2026-12-31T12:00:00+00:00",
            "P4D",
            "2027-01-08",
            "2 days of weekends, 2027-01-01, 2027-01-06",
        ),
        # Thanksgiving; already the next day there.
        ("America/New_York", "2026-11-25T04:59:59+00:00", "P2D", "2026-11-27", "2026-11-26"),
        # The clocks go forward in between, in both places on different days.
        ("America/New_York", "2026-03-06T17:00:00+00:00", "P1D", "2026-03-09", "2 days of weekends"),
        # A leap day counts.
        ("Europe/Vienna", "2028-02-28T10:00:00+00:00", "P1D", "2028-02-29", ""),
    ],
)
def test_working_days_over_holidays_are_explained(zone: str, issued: str, within: str, day: str, closed: str) -> None:
    at = datetime.fromisoformat(issued)
    place = frozen(Calendar(country=PLACES[zone]), None, None, at.year)
    of = policy(major={"plan": {"within": within, "days": "working"}}).model_copy(update={"calendar": place})
    [plan] = clocks.fix(of, "major", Anchors(issue=at), zone)
    assert plan.due_at == end_of(date.fromisoformat(day), zone)
    first, *rest = plan.explanation
    assert first.startswith(f"{within} in working days ({PLACES[zone]}) from issue ")
    assert rest == ([f"closed by the calendar and not counted: {closed}"] if closed else [])


def test_a_week_of_holidays_is_skipped() -> None:
    of = calendar("CN")
    golden = [day for day in of.closed if (day.year, day.month) == (2026, 10)]
    assert len(golden) >= 5
    chinese = policy(major={"plan": {"within": "P1D", "days": "working"}}).model_copy(update={"calendar": of})
    [plan] = clocks.fix(chinese, "major", Anchors(issue=datetime(2026, 9, 30, 4, tzinfo=UTC)), "Asia/Shanghai")
    assert local(plan.due_at, "Asia/Shanghai") > max(golden)


def test_past_the_years_that_are_known_the_explanation_says_so() -> None:
    of = policy(major={"closure": {"within": "P1000D", "days": "working"}}, limit=None)
    of = of.model_copy(update={"calendar": HOLIDAYS["AT"]})
    [closure] = clocks.fix(of, "major", Anchors(issue=START), "UTC")
    assert closure.explanation[-1] == "holidays are known until 2029-12-31; after that only weekends are closed"


def test_a_rolled_date_says_from_where_and_whose_day_it_was() -> None:
    for roll, day, where in (("forward", "07", "forward"), ("backward", "03", "backward")):
        of = rules("Europe/Vienna", major={"plan": {"within": "P35D"}}, roll=roll)
        [plan] = clocks.fix(of, "major", Anchors(issue=START), "Europe/Vienna")
        assert plan.explanation == (
            "P35D from issue 2026-03-02 10:00:00 CET: 2026-04-06 23:59:59 CEST (default 2026-01, major)",
            f"2026-04-06 is closed (AT), so rolled {where}: 2026-04-{day} 23:59:59 CEST",
        )


def test_no_roll_leads_back_to_the_day_of_the_start() -> None:
    of = rules("Europe/Vienna", roll="backward", resubmission="P1D", major={"plan": {"within": "P3D"}})
    saturday = datetime(2026, 3, 7, 9, tzinfo=UTC)
    [plan] = clocks.resubmit(
        clocks.fix(of, "major", Anchors(issue=START), "Europe/Vienna"), ["plan"], saturday, of, "Europe/Vienna"
    )
    assert plan.due_at == end_of(date(2026, 3, 9), "Europe/Vienna")
    assert "2026-03-08 is closed (AT), so rolled forward: 2026-03-09 23:59:59 CET" in plan.explanation[-1]


def test_a_date_that_ends_by_the_clock_is_not_rolled_and_one_in_days_keeps_its_time_where_days_do_not_end() -> None:
    saturday = datetime(2026, 3, 7, 8, tzinfo=UTC)
    of = rules("Europe/Vienna", roll="forward", end_of_day=False, major={"plan": {"within": "PT24H"}})
    [plan] = clocks.fix(of, "major", Anchors(issue=saturday), "Europe/Vienna")
    assert plan.due_at == saturday + timedelta(hours=24)
    of = rules("Europe/Vienna", roll="forward", end_of_day=False, major={"plan": {"within": "P1D"}})
    [plan] = clocks.fix(of, "major", Anchors(issue=saturday), "Europe/Vienna")
    assert plan.due_at == saturday + timedelta(days=2)


def test_each_step_may_count_from_its_own_anchor_in_its_own_days() -> None:
    steps = {
        "correction": {"within": "P2D", "anchor": "detection"},
        "plan": {"within": "P5D", "days": "working", "anchor": "receipt"},
        "closure": {"within": "P1M"},
    }
    known = Anchors(
        issue=START, receipt=START + timedelta(days=3), detection=START - timedelta(days=1), audit_end=START
    )
    dates = clocks.fix(rules("America/New_York", anchor="audit_end", major=steps), "major", known, "UTC")
    assert [(d.kind, d.due_at) for d in dates] == [
        ("correction", end_of(date(2026, 3, 3))),
        ("plan", end_of(date(2026, 3, 12))),
        ("closure", end_of(date(2026, 4, 2))),
    ]


LATEST = "at the latest P12M from issue 2026-03-02 09:00:00 UTC: 2027-03-02 23:59:59 UTC (default 2026-01, minor)"
AT_NEXT = {"closure": {"at": "next_audit", "within": "P12M"}}


@pytest.mark.parametrize(
    ("next_audit", "day", "said"),
    [
        (
            date(2026, 9, 4),
            date(2026, 9, 4),
            "at the end of the next audit: 2026-09-04 23:59:59 UTC (default 2026-01, minor)",
        ),
        (
            None,
            date(2027, 3, 2),
            f"at the next audit, of which none is planned; {LATEST}",
        ),
        (
            date(2027, 6, 1),
            date(2027, 3, 2),
            f"the next audit ends later, 2027-06-01 23:59:59 UTC; {LATEST}",
        ),
    ],
)
def test_a_step_comes_due_at_the_next_audit_or_after_the_longest_wait(
    next_audit: date | None, day: date, said: str
) -> None:
    known = Anchors(issue=START, next_audit=end_of(next_audit) if next_audit else None)
    [closure] = clocks.fix(policy(minor=AT_NEXT, limit=None), "minor", known, "UTC")
    assert (closure.due_at, closure.explanation) == (end_of(day), (said,))
    assert closure.latest_at == end_of(date(2027, 3, 2))


FINDING = Finding.model_validate(
    {
        "source": {"system": "s", "external_id": "1"},
        "client": "acme",
        "title": "So",
        "requirements": ["ISO 9001:2015 8.4"],
        "certificates": ["C-1"],
        "audit": {"ref": "A-1", "stage": "surveillance", "ended_on": "2026-02-27"},
    }
)


def audit(key: str, ends: date | None, **changes: Any) -> AuditEntry:
    given = {"key": key, "client": "acme", "stage": "surveillance", "status": "planned", "ends_on": ends, **changes}
    return AuditEntry.model_validate(given)


def test_the_next_audit_is_the_first_of_the_finding_s_kind_and_standard_that_ends_after_issue() -> None:
    march, june = date(2026, 3, 20), date(2026, 6, 1)
    audits = [
        audit("A-1", march, status="under_way"),
        audit("A-2", march, status="cancelled"),
        audit("A-3", march, standards=("ISO 14001",)),
        audit("A-4", march, stage="special"),
        audit("A-5", march, stage="internal"),
        audit("A-6", date(2026, 2, 27)),
        audit("A-7", None),
        audit("A-9", june, standards=("iso 9001",), stage="recertification"),
        audit("A-8", june),
    ]
    found = clocks.next_audit(FINDING, audits, date(2026, 3, 2))
    assert found is not None and found.key == "A-8"
    internal = FINDING.model_copy(
        update={"audit": FINDING.audit and FINDING.audit.model_copy(update={"stage": "internal"})}
    )
    found = clocks.next_audit(internal, audits, date(2026, 3, 2))
    assert found is not None and found.key == "A-5"
    assert clocks.next_audit(FINDING, audits[:7], date(2026, 3, 2)) is None


def certificate(key: str, expires: date | None, **changes: Any) -> CertificateEntry:
    given = {"key": key, "client": "acme", "status": "active", "standards": ("ISO 9001",), "expires_on": expires}
    return CertificateEntry.model_validate({**given, **changes})


def test_the_expiry_is_that_of_the_certificate_named_else_of_the_first_that_covers_the_standard() -> None:
    own, first = certificate("C-1", date(2027, 1, 1)), certificate("C-2", date(2026, 5, 1))
    other = certificate("C-3", date(2026, 4, 1), standards=("ISO 14001",))
    ended = certificate("C-4", date(2026, 3, 3), status="withdrawn")
    assert clocks.expiry(FINDING, [first, own, other, ended]) == date(2027, 1, 1)
    assert clocks.expiry(FINDING, [first, other, ended, certificate("C-5", None)]) == date(2026, 5, 1)
    assert clocks.expiry(FINDING, [other, ended]) is None


def test_what_is_known_at_issue_are_the_anchors() -> None:
    area = "America/New_York"
    known = clocks.anchors(
        FINDING, policy(), START, area, [audit("A-2", date(2026, 6, 1))], [certificate("C-1", date(2026, 5, 1))]
    )
    assert known == Anchors(
        issue=START,
        receipt=START + timedelta(days=3),
        audit_end=datetime.combine(date(2026, 2, 27), time(), ZoneInfo(area)),
        certificate_expiry=end_of(date(2026, 5, 1), area),
        next_audit=end_of(date(2026, 6, 1), area),
        stage="surveillance",
    )
    assert clocks.acknowledged(known, START + timedelta(days=1)).receipt == START + timedelta(days=1)
    assert clocks.acknowledged(known, START + timedelta(days=9)) == known


def test_a_recertification_closes_before_the_certificate_expires_whatever_is_granted() -> None:
    known = Anchors(issue=START, stage="recertification", certificate_expiry=end_of(date(2026, 5, 1)))
    dates = clocks.fix(policy(), "major", known, "UTC")
    closure = only(dates, "closure")
    assert closure.due_at == closure.limit_at == end_of(date(2026, 5, 1))
    assert closure.explanation[-1] == (
        "no later than the hard limit P0D from the certificate's expiry: 2026-05-01 23:59:59 UTC"
    )
    far = START + timedelta(days=300)
    assert only(clocks.extend(dates, "closure", far, START, "So", "UTC"), "closure").due_at == closure.limit_at
    assert only(clocks.fix(policy(), "minor", known, "UTC"), "closure").limit_at is None
    other = known.model_copy(update={"stage": "surveillance"})
    assert only(clocks.fix(policy(), "major", other, "UTC"), "closure").limit_at == end_of(date(2026, 8, 29))


@pytest.mark.parametrize("days", [0, 100])
def test_dates_that_begin_anew_count_from_then_and_leave_hard_limits_where_they_are(days: int) -> None:
    known = Anchors(issue=START, detection=START - timedelta(days=50))
    of = policy(anchor="detection", limit="P60D")
    dates = clocks.fix(of, "minor", known, "UTC")
    moved = clocks.extend(dates, "plan", dates[0].due_at + timedelta(days=30), START, "So", "UTC")
    now = START + timedelta(days=days)
    again = clocks.reanchor(moved, of, "major", known, "UTC", now, "upgraded to major", since=now)
    assert only(again, "plan").due_at == end_of(now.date() + timedelta(days=14))
    closure, limit = only(again, "closure"), end_of(START.date() + timedelta(days=60))
    if days:
        assert (closure.due_at, closure.limit_at) == (end_of(now.date() + timedelta(days=90)), None)
        assert "the hard limit P60D from issue was past already, 2026-05-01 23:59:59 UTC, and does not hold" in (
            closure.explanation
        )
    else:
        assert (closure.due_at, closure.limit_at) == (limit, limit)
    assert "P14D from then on" in only(again, "plan").explanation[-1]
