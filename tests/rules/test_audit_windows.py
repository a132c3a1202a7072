"""The windows that open when an audit ends: until when they run, what stops them, what their end does."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.rules import audits as a
from tests.rules import walks as w
from tests.rules.audit_world import code, state
from tests.rules.life import AUDIT, START, Steps, Wait, World, policy
from workflows.audit import clocks
from workflows.audit import events as e
from workflows.audit.rules import Audits
from workflows.audit.standing import standing
from workflows.decider import Happened
from workflows.durations import Duration
from workflows.grades import Stage

MOMENT = timedelta.resolution
LAW = Audits()


@pytest.mark.parametrize(
    ("stage", "zone", "day", "due"),
    [
        ("stage2", "UTC", date(2026, 3, 2), datetime(2026, 9, 2, 23, 59, 59, tzinfo=UTC)),
        ("recertification", "UTC", date(2026, 3, 1), datetime(2026, 9, 1, 23, 59, 59, tzinfo=UTC)),
        ("stage2", "Europe/Vienna", date(2026, 3, 2), datetime(2026, 9, 2, 21, 59, 59, tzinfo=UTC)),
    ],
)
def test_six_months_run_from_the_last_day(stage: str, zone: str, day: date, due: datetime) -> None:
    world = World(policy(), zone=zone)
    world.walk((a.plan(stage, starts_on="2026-03-01"), a.START, a.by("auditor", "end", on=day.isoformat())))
    [clock] = state(world).clocks
    assert (clock.kind, clock.due_at, clock.state, LAW.next_wakeup(state(world))) == (
        "conclude",
        due,
        "running",
        due + MOMENT,
    )
    assert clock.explanation[0].startswith("P6M from the last day of the audit 2026-03-0")
    assert "default" in clock.explanation[0]
    world.wait_until(due)
    assert state(world).status == "ended"
    world.wait("PT1S")
    assert (state(world).status, state(world).clocks[0].state) == ("lapsed", "missed")
    assert not LAW.lives(state(world))
    assert "has to be repeated" in standing(state(world), []).reasons[0].text


@pytest.mark.parametrize(
    ("last_day", "until"),
    [
        (date(2026, 8, 31), date(2027, 2, 28)),
        (date(2027, 8, 30), date(2028, 2, 29)),
        (date(2026, 12, 31), date(2027, 6, 30)),
        (date(2026, 2, 28), date(2026, 8, 28)),
    ],
)
def test_a_month_ends_no_later_than_its_last_day(last_day: date, until: date) -> None:
    clock = clocks.open_conclude(Duration(months=6), last_day, START, "Europe/Vienna", "p")
    assert clock.due_at == datetime.combine(until, time(23, 59, 59), ZoneInfo("Europe/Vienna"))


def test_a_window_of_seconds_counts_from_the_end_as_recorded() -> None:
    world = World(policy(audits={"repair": "PT3S", "conclude": "PT2S"})).walk((a.plan(), a.START, Wait("PT1H"), a.END))
    assert state(world).due_at == world.now + timedelta(seconds=2)
    world.wait("PT3S")
    assert state(world).status == "lapsed"


@pytest.mark.parametrize("stage", ["surveillance", "special", "internal", "stage1"])
def test_other_audits_have_no_window(stage: Stage) -> None:
    world = World(policy()).walk((a.plan(stage), a.START, a.END))
    assert state(world).clocks == ()
    assert (LAW.next_wakeup(state(world)), LAW.lives(state(world))) == (None, True)
    world.walk((Wait("P1000D"), a.conclude()))
    assert (state(world).status, LAW.lives(state(world))) == ("concluded", False)


def test_a_recommendation_ends_the_window_and_a_refusal_leaves_it_open() -> None:
    world = World(policy()).walk((*w.found("major"), *a.ENDED, a.conclude("not_recommended")))
    assert LAW.lives(state(world))
    assert code(world, a.conclude("recommended_on_plan")) == "better_than_standing"
    world.walk((*w.VERIFIED[1:], Wait("P60D"), a.conclude()))
    assert (state(world).status, state(world).clocks[0].state) == ("concluded", "met")
    world.wait("P365D")
    assert state(world).status == "concluded"


def test_not_recommended_and_never_again_lapses() -> None:
    world = World(policy()).walk((*a.ENDED, a.conclude("not_recommended"), Wait("P190D")))
    assert state(world).status == "lapsed"
    assert code(world, a.conclude()) == "wrong_state"


def test_on_acceptance_of_the_plan() -> None:
    world = World(policy()).walk((*w.found("minor"), *a.ENDED))
    assert code(world, a.conclude()) == "better_than_standing"
    world.walk((a.conclude("recommended_on_plan"),))
    assert state(world).clocks[0].state == "met"
    world.walk((*w.ACCEPTED[1:], a.conclude()))
    last = world.stream(AUDIT).history[-1].event
    assert isinstance(last, e.Concluded)
    assert (last.recommendation, last.standing) == ("recommended", "recommended")


def test_concerns_are_repaired_within_a_window_that_stops_while_the_body_looks() -> None:
    world = World(policy()).walk((*a.CONCERNED, a.concern("k2"), a.END))
    [window] = state(world).clocks
    assert (window.kind, window.due_at) == ("repair", datetime(2026, 6, 2, 23, 59, 59, tzinfo=UTC))
    world.walk((Wait("P10D"), a.REPAIR))
    assert state(world).clocks[0].state == "running"
    world.walk((a.by("owner", "repair_concern", key="k2", text="Done"),))
    assert state(world).clocks[0].state == "stopped"
    world.walk((Wait("P100D"), a.RETURN))
    [window] = state(world).clocks
    assert (window.state, window.due_at) == ("running", datetime(2026, 9, 10, 23, 59, 59, tzinfo=UTC))
    assert len(window.explanation) == 3
    world.walk((a.REPAIR, a.CLEAR, a.by("auditor", "clear_concern", key="k2")))
    assert (state(world).clocks[0].state, state(world).due_at) == ("met", None)
    world.walk((a.conclude(), Wait("P1000D")))
    assert state(world).status == "concluded"


def test_concerns_not_repaired_in_time_call_for_another_stage_1() -> None:
    world = World(policy()).walk((*a.CONCERNED, a.END, a.conclude("recommended_on_plan")))
    assert LAW.lives(state(world))
    world.wait("P93D")
    assert state(world).status == "lapsed"
    assert "stage 1 has to be audited again" in (state(world).ended_because or "")
    assert code(world, a.REPAIR) == "wrong_state"


@pytest.mark.parametrize("steps", [(*a.CONCERNED, a.CLEAR, a.END), (*a.STAGE1, a.END)])
def test_without_concerns_there_is_no_window(steps: Steps) -> None:
    assert state(World(policy()).walk(steps)).clocks == ()


def test_all_repaired_at_the_end_is_with_the_body_at_once() -> None:
    world = World(policy()).walk((*a.REPAIRED, a.END, Wait("P400D")))
    assert (state(world).status, state(world).clocks[0].state) == ("ended", "stopped")
    world.walk((a.CLEAR, a.conclude()))
    assert not LAW.lives(state(world))


@given(
    st.integers(0, 8 * 366 * 86400).map(lambda seconds: START + timedelta(seconds=seconds)),
    st.lists(st.tuples(st.integers(0, 40 * 86400), st.integers(0, 40 * 86400)), max_size=6),
    st.sampled_from(["UTC", "Europe/Vienna", "America/Santiago", "Pacific/Kiritimati"]),
)
def test_a_window_gives_back_the_days_for_which_it_stood_still(
    start: datetime, spans: list[tuple[int, int]], zone: str
) -> None:
    area, at = ZoneInfo(zone), start
    window = first = clocks.open_repair(Duration(months=3), start, zone, "p")
    days = 0
    for running, still in spans:
        stopped = at + timedelta(seconds=running)
        at = stopped + timedelta(seconds=still)
        window = clocks.resume(clocks.stop(window, stopped, zone), at, zone)
        days += (at.astimezone(area).date() - stopped.astimezone(area).date()).days
        assert clocks.wakes(window) == window.due_at + MOMENT
    ends = window.due_at.astimezone(area)
    assert (ends.date() - first.due_at.astimezone(area).date()).days == days
    assert ends.time() == time(23, 59, 59)
    assert clocks.wakes(clocks.stop(window, at, zone)) is None
    assert clocks.stop(clocks.meet(window, at, zone), at, zone).state == "met"


def test_a_wake_up_before_its_time_says_nothing() -> None:
    audit = state(World(policy()).walk(a.ENDED))
    due = audit.clocks[0].due_at
    assert LAW.on_wakeup(audit, due) == ()
    assert [event.type for event in LAW.on_wakeup(audit, due + MOMENT)] == ["audit.lapsed"]
    lapsed = LAW.evolve(audit, Happened(LAW.on_wakeup(audit, due + MOMENT)[0], 9, due + MOMENT, "clock", AUDIT))
    assert (LAW.on_wakeup(lapsed, due + timedelta(days=9)), LAW.next_wakeup(lapsed)) == ((), None)


def test_the_policy_is_that_of_a_major_and_its_terms_stay() -> None:
    world = World(policy(grades=["major"], audits={"conclude": "P2M"}))
    world.walk(a.ENDED)
    assert state(world).terms.conclude == Duration(months=2)
    assert state(world).due_at == datetime(2026, 5, 2, 23, 59, 59, tzinfo=UTC)
