"""Until when a certificate holds, what suspends it and for how long, and when it comes back."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.rules import certificates as c
from tests.rules.certificate_world import at, lived, refused, state, told, why_not
from tests.rules.life import START, Day, Steps, Wait
from workflows.certificate import clock
from workflows.certificate.rules import Certificates
from workflows.decider import Refusal
from workflows.policy import Suspension

MOMENT = timedelta(microseconds=1)
LAW = Certificates()


@pytest.mark.parametrize("walk", [c.APPLIED, c.WITHDRAWN, c.REFUSED, c.EXPIRED, ()])
def test_what_does_not_hold_is_not_woken(walk: Steps) -> None:
    held = state(lived(*walk))
    assert not LAW.lives(held)
    assert LAW.next_wakeup(held) is None
    assert not LAW.on_wakeup(held, START + timedelta(days=9999))


@pytest.mark.parametrize(
    ("zone", "ends"),
    [
        ("UTC", datetime(2026, 10, 25, 23, 59, 59, tzinfo=UTC)),
        ("Europe/Vienna", datetime(2026, 10, 25, 22, 59, 59, tzinfo=UTC)),  # clocks go back that day
        ("Pacific/Kiritimati", datetime(2026, 10, 25, 9, 59, 59, tzinfo=UTC)),
        ("America/Santiago", datetime(2026, 10, 26, 2, 59, 59, tzinfo=UTC)),
    ],
)
def test_it_expires_with_the_last_day_of_its_client(zone: str, ends: datetime) -> None:
    grant = c.anew(c.GRANT, issued_on="2026-03-02", expires_on="2026-10-25")
    world = lived(*c.READY, grant, Wait("P1Y"), zone=zone)
    assert state(world).status == "expired"
    assert at(world, "expired") == [ends + MOMENT]
    assert (
        LAW.on_wakeup(state(lived(*c.READY, grant, zone=zone)), ends - timedelta(days=1))[-1].type
        != "certificate.expired"
    )


def test_its_end_is_announced_and_what_was_slept_through_is_said_once() -> None:
    grant = c.anew(c.GRANT, issued_on="2026-03-02", expires_on="2027-02-28")
    world = lived(*c.READY, grant, Wait("P2Y"))
    assert [f"{told:%m-%d %H}" for told in at(world, "expiry_announced")] == ["08-28 09", "11-28 09", "01-28 09"]
    asleep = lived(*c.READY, grant, Wait("P335D", asleep=True))
    assert told(asleep) == ["applied", "granted", "expiry_announced"]
    assert told(lived(*c.READY, grant, Wait("P2Y", asleep=True))) == ["applied", "granted", "expired"]


def test_a_warning_that_would_be_past_is_none() -> None:
    world = lived(*c.READY, c.anew(c.GRANT, expires_on=Day(40)), Wait("P41D"))
    assert told(world) == ["applied", "granted", "expiry_announced", "expired"]


@pytest.mark.parametrize(
    ("since", "longest", "zone", "until"),
    [
        ("2026-08-31T12:00", "P6M", "UTC", "2027-02-28T23:59:59"),
        ("2027-08-31T12:00", "P6M", "UTC", "2028-02-29T23:59:59"),
        ("2026-08-31T23:30", "P6M", "Europe/Vienna", "2027-03-01T22:59:59"),
        ("2026-03-28T12:00", "P1D", "Europe/Vienna", "2026-03-29T21:59:59"),
        ("2026-03-28T12:00", "PT36H", "Europe/Vienna", "2026-03-30T00:00:00"),
    ],
)
def test_the_longest_suspension_ends_with_a_day_of_the_client(since: str, longest: str, zone: str, until: str) -> None:
    terms = Suspension.model_validate({"longest": longest})
    began = datetime.fromisoformat(f"{since}+00:00")
    assert clock.until(terms, began, zone) == datetime.fromisoformat(f"{until}+00:00")


def test_after_six_months_a_suspended_certificate_is_withdrawn() -> None:
    world = lived(*c.SUSPENDED, Wait("P1Y"))
    assert told(world)[-2:] == ["suspended", "withdrawn"]
    assert at(world, "withdrawn") == [datetime(2026, 9, 2, 23, 59, 59, tzinfo=UTC) + MOMENT]
    held = state(world)
    assert held.status == "withdrawn"
    assert held.ended_because == "It was suspended until 2026-09-02, and what it was suspended for is not resolved."


def test_a_policy_may_only_warn_of_a_suspension_that_lasts() -> None:
    rules: dict[str, Any] = {"suspension": {"longest": "P3M", "then": "warn"}}
    world = lived(*c.SUSPENDED, Wait("P1Y"), **rules)
    assert told(world)[-2:] == ["suspended", "suspension_overrun"]
    assert state(world).status == "suspended"
    assert told(world.walk((c.RESTORE,)))[-1] == "restored"
    world = lived(*c.SUSPENDED, Wait("P4Y", asleep=True), **rules)
    assert told(world)[-2:] == ["suspension_overrun", "expired"]


def test_who_sleeps_through_both_ends_finds_the_first_one() -> None:
    soon = c.anew(c.GRANT, expires_on=Day(30))
    assert told(lived(*c.READY, soon, c.SUSPEND, Wait("P1Y", asleep=True)))[-1] == "expired"
    assert told(lived(*c.SUSPENDED, Wait("P5Y", asleep=True)))[-1] == "withdrawn"


def test_it_is_suspended_for_two_nonconformities_until_both_are_resolved() -> None:
    world = lived(*c.BY_CASE, Wait("P2M"), c.decision("suspend", "0191-case"), c.resolve())
    held = state(world)
    assert held.suspension is not None
    assert [cause.case for cause in held.suspension.causes] == ["0191-case"]
    # The second cause does not begin the six months anew.
    assert held.suspension.until == datetime(2026, 9, 2, 23, 59, 59, tzinfo=UTC)
    assert told(world)[-1] == "cause_resolved"
    assert told(world.walk((c.resolve("0191-case"),)))[-2:] == ["cause_resolved", "restored"]
    assert (state(world).status, state(world).suspension) == ("active", None)


@pytest.mark.parametrize(("longest", "until"), [("P1M", "2026-05-02"), ("P12M", "2026-09-02")])
def test_of_two_suspensions_the_one_that_ends_first_holds(longest: str, until: str) -> None:
    second = c.decision("suspend", "0191-case", suspension={"longest": longest, "then": "warn"})
    suspension = state(lived(*c.BY_CASE, Wait("P1M"), second)).suspension
    assert suspension is not None
    assert f"{suspension.until:%Y-%m-%d}" == until
    assert suspension.policy.then == ("warn" if longest == "P1M" else "withdraw")


def test_a_nonconformity_resolved_leaves_what_was_decided_by_hand() -> None:
    world = lived(*c.SUSPENDED, c.decision("suspend"), c.resolve())
    assert state(world).status == "suspended"
    assert told(world.walk((c.RESTORE,)))[-1] == "restored"


def test_what_expired_while_it_was_suspended_is_restored_once_its_cause_is_resolved() -> None:
    world = lived(*c.EXPIRED_SUSPENDED, Wait("P40D"), *c.AGAIN)
    assert state(world).status == "expired"
    assert "0190-case" in (why_not(world, "member1", "restore") or "")
    world.walk((c.resolve(),))
    assert (state(world).status, told(world)[-1]) == ("expired", "cause_resolved")
    world.walk((c.RESTORE_EXPIRED,))
    held = state(world)
    assert (held.status, held.suspension, held.ended_because) == ("active", None, None)
    assert held.term is not None
    assert held.term.issued_on == world.now.date()


@pytest.mark.parametrize(("waits", "restored"), [("P6M", True), ("P6M1D", False)])
def test_after_its_expiry_it_can_be_restored_for_six_months(waits: str, restored: bool) -> None:
    held = c.transferred("2023-09-01", "2026-08-31")
    world = lived(held, *c.AGAIN, now=datetime(2026, 8, 31, 20, tzinfo=UTC))
    world.wait(waits)
    assert (why_not(world, "member1", "restore") is None) == restored


def test_a_restored_certificate_goes_by_the_cycle_before() -> None:
    world = lived(c.transferred("2023-09-01", "2026-08-31"), Wait("P7M"), *c.AGAIN)
    with pytest.raises(Refusal, match="until 2029-08-31"):
        world.walk((c.anew(c.RESTORE_EXPIRED, expires_on="2029-09-01"),))
    world.walk((c.anew(c.RESTORE_EXPIRED, expires_on="2029-08-31"),))
    assert state(world).term is not None


def test_a_renewal_leaves_the_warnings_of_the_term_before_behind() -> None:
    held = c.transferred("2023-09-01", "2026-08-31")
    renew = c.anew(c.RENEW, issued_on="2026-09-01", expires_on="2029-08-31")
    world = lived(held, *c.AGAIN, renew, Wait("P1Y"))
    assert told(world) == ["transferred_in", "renewed"]


@pytest.mark.parametrize(
    ("rules", "until", "more"),
    [({}, "2029-03-02", "2029-03-03"), ({"certificates": {"longest": "P1Y"}}, "2027-03-02", "2027-03-03")],
)
def test_a_cycle_lasts_as_long_as_the_policy_says(rules: dict[str, Any], until: str, more: str) -> None:
    world = lived(*c.READY, **rules)
    assert f"until {until}: default has cycles of" in refused(world, c.anew(c.GRANT, expires_on=more))
    world.walk((c.anew(c.GRANT, expires_on=until),))
    assert state(world).status == "active"


def test_a_renewal_goes_one_cycle_beyond_the_term_before() -> None:
    world = lived(*c.ACTIVE, Wait("P1000D"), *c.AGAIN)
    assert "until 2032-03-01" in refused(world, c.anew(c.RENEW, expires_on="2032-03-02"))
    world.walk((c.anew(c.RENEW, expires_on="2032-03-01"),))
    assert state(world).term is not None


@pytest.mark.parametrize(
    ("day", "zone", "early"),
    [(-1, "UTC", True), (0, "UTC", False), (-1, "Pacific/Honolulu", False), (0, "Pacific/Honolulu", None)],
)
def test_none_is_issued_before_the_day_of_the_decision_at_the_client(day: int, zone: str, early: bool | None) -> None:
    # The night after: in the second zone it is still the day before.
    world = lived(*c.READY, Wait("PT20H"), zone=zone, now=datetime(2026, 3, 2, 12, tzinfo=UTC))
    code = {True: "issued_before_decision", False: None, None: "issued_ahead"}[early]
    step = c.anew(c.GRANT, issued_on=Day(day), expires_on=Day(900))
    if code is None:
        assert state(world.walk((step,))).status == "active"
    else:
        with pytest.raises(Refusal) as why:
            world.walk((step,))
        assert (why.value.code, why.value.pointer) == (code, "/issued_on")
