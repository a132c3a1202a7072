"""What a certification manager would ask about: until when a certificate holds, what ends it, what brings it back."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from tests.rules import audits as a
from tests.rules import certificates as c
from tests.rules import walks as w
from tests.rules.life import CERTIFICATE, SIGN, START, Day, Steps, Wait, World, policy
from workflows.certificate import clock
from workflows.certificate.certificate import Certificate, content
from workflows.certificate.entry import certificate_entry, certificate_view
from workflows.certificate.rules import PROCEDURE, Certificates
from workflows.decider import Refusal
from workflows.policy import Suspension

MOMENT = timedelta(microseconds=1)
LAW = Certificates()
AT_ONCE: Steps = (a.plan(stage1_waived="Both as one"), *a.CONCLUDED[1:])
"""A stage 2 that needs no stage 1 before it."""


def lived(*steps: Any, now: datetime = START, zone: str = "UTC", **rules: Any) -> World:
    """A world after these steps."""
    return World(policy(**rules), now=now, zone=zone).walk(tuple(steps))


def state(world: World) -> Certificate:
    found = world.stream(CERTIFICATE).state
    assert isinstance(found, Certificate)
    return found


def told(world: World) -> list[str]:
    return world.types("certificate")


def at(world: World, type: str) -> list[datetime]:
    return [h.at for h in world.stream(CERTIFICATE).history if h.event.type == f"certificate.{type}"]


def why_not(world: World, actor: str, command: str) -> str | None:
    context = world.context(CERTIFICATE, world.actor(actor))
    return {one.command: one.why_not for one in PROCEDURE.allowed(state(world), context)}[command]


def test_a_certificate_is_applied_for_and_granted() -> None:
    world = lived(*c.ACTIVE)
    held = state(world)
    assert (held.status, held.client, held.standards) == ("active", "acme", ("ISO/IEC 27001:2022", "ISO 9001"))
    assert held.term is not None
    assert (held.term.issued_on, held.term.expires_on) == (date(2026, 3, 2), date(2029, 3, 1))
    entry = certificate_entry("C-1", held)
    assert entry is not None
    assert (entry.standards, entry.expires_on) == (("ISO/IEC 27001", "ISO 9001"), date(2029, 3, 1))
    assert certificate_view("C-1", held)["stated"] == ["ISO/IEC 27001:2022", "ISO 9001"]
    assert certificate_view("C-1", held)["due_at"] == "2029-03-01T23:59:59.000000Z"


def test_before_its_first_event_there_is_no_entry() -> None:
    assert certificate_entry("C-1", Certificate()) is None
    assert certificate_view("C-1", Certificate()) == {"key": "C-1", "status": ""}


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


def test_refused_it_is_applied_for_again() -> None:
    world = lived(*c.REFUSED)
    assert (state(world).status, state(world).ended_because) == ("refused", "So it is. As voted")
    again = c.anew(c.APPLY, standards=["ISO 14001:2015"], scope="Less")
    world.walk((Wait("P1D"), *c.AUDITED, again, c.GRANT))
    held = state(world)
    assert (held.applications, held.status, held.standards, held.scope) == (2, "active", ("ISO 14001:2015",), "Less")
    assert (held.ended_because, held.ended_at) == (None, None)


def test_a_reduction_says_what_was_taken_out() -> None:
    world = lived(*c.ACTIVE, c.REDUCE, c.decision("reduce_scope"))
    held = state(world)
    assert (held.standards, held.sites, held.scope) == (("ISO/IEC 27001:2022",), ("Vienna",), "Development of software")
    by_hand, decided = held.reductions
    assert (by_hand.standards, by_hand.sites) == (("ISO 9001",), ("Graz",))
    assert by_hand.scope == "Development and operation of software"
    assert (decided.cause.case, decided.cause.review, decided.cause.reason) == (
        "0190-case",
        "r-1",
        "So it is. As voted",
    )
    assert certificate_view("C-1", held)["reduced"] is True


def test_a_decision_withdraws_it() -> None:
    held = state(lived(*c.BY_CASE, c.decision("withdraw_certificate")))
    assert (held.status, held.ended_because) == ("withdrawn", "So it is. As voted")


def test_it_is_transferred_in_with_its_dates_and_what_was_open_there() -> None:
    held = state(lived(*c.TRANSFERRED))
    assert (held.status, held.from_body, held.cases) == ("active", "Other Cert", ("OC-17", "OC-18"))
    assert held.term is not None
    assert (held.term.issued_on, held.term.expires_on) == (date(2025, 1, 26), date(2028, 1, 26))


def test_a_renewal_leaves_the_warnings_of_the_term_before_behind() -> None:
    held = c.transferred("2023-09-01", "2026-08-31")
    renew = c.anew(c.RENEW, issued_on="2026-09-01", expires_on="2029-08-31")
    world = lived(held, *c.AGAIN, renew, Wait("P1Y"))
    assert told(world) == ["transferred_in", "renewed"]


@pytest.mark.parametrize(
    ("before", "team", "barred"),
    [
        ((a.START,), "member1", True),
        ((a.START,), " MEMBER1 ", True),
        ((a.START, a.END), "member1", True),
        ((), "member1", False),  # planned: nobody took part in it yet
        ((a.START,), "member2", False),
    ],
)
def test_who_took_part_in_the_audit_decides_nothing(before: Steps, team: str, barred: bool) -> None:
    world = lived(a.plan(team=[a.LEAD, {"person": team}]), *before, c.APPLY)
    assert ("took part" in (why_not(world, "member1", "grant") or "")) == barred


@pytest.mark.parametrize(("standards", "barred"), [(["ISO 9001:2015"], True), (["ISO 14001"], False)])
def test_an_audit_of_other_standards_bars_nobody(standards: list[str], barred: bool) -> None:
    plan = a.plan(team=[a.LEAD, {"person": "member1"}], standards=standards)
    world = lived(plan, a.START, c.APPLY)
    assert ("took part" in (why_not(world, "member1", "grant") or "")) == barred


def test_an_audit_before_the_last_issue_bars_nobody_from_what_comes_after() -> None:
    plan = a.plan(team=[a.LEAD, {"person": "member1"}], stage1_waived="As one")
    grant = c.signs("grant", "member2", **{**c.HELD, "audit": "A-1"})
    world = lived(plan, a.START, a.END, a.conclude(), c.APPLY, Wait("P10D"), c.anew(grant, issued_on=Day(0)))
    assert state(world).audits == ("A-1",)
    assert why_not(world, "member1", "withdraw") is None


def test_a_decision_names_an_audit_that_was_held() -> None:
    world = lived(*AT_ONCE, c.APPLY, c.anew(c.GRANT, audit="A-1"))
    assert state(world).audits == ("A-1",)
    assert state(lived(*AT_ONCE, c.APPLY, c.GRANT)).audits == ("A-1",)
    with pytest.raises(Refusal, match="no audit"):
        lived(a.plan(), c.APPLY, c.anew(c.GRANT, audit="A-1"))


def refused(world: World, step: Any) -> str:
    with pytest.raises(Refusal) as why:
        world.walk((step,))
    return str(why.value)


def test_each_standard_is_audited_before_it_is_certified() -> None:
    world = lived(a.plan(standards=["ISO 27001"]), a.START, a.END, a.conclude(), c.APPLY)
    said = refused(world, c.anew(c.GRANT, audit="A-1"))
    assert said.startswith("No audit of ISO 9001 is registered to decide on: it takes a stage 2 that is concluded")
    assert said in (why_not(world, "member1", "grant") or "")


@pytest.mark.parametrize("stage", ["stage1", "surveillance", "recertification", "special", "internal"])
def test_no_other_audit_than_stage_2_leads_to_a_first_certification(stage: str) -> None:
    world = lived(a.plan(stage), a.START, a.END, a.conclude(), c.APPLY)
    for step in (c.GRANT, c.anew(c.GRANT, audit="A-1")):
        assert "it takes a stage 2 that is concluded with a recommendation" in refused(world, step)


def test_a_refusal_says_which_audit_it_means_where_the_decision_names_another() -> None:
    world = lived(*a.CONCLUDED, c.APPLY, *c.NEXT)
    assert refused(world, c.anew(c.GRANT, audit="A-1")).startswith(
        "A-1 is not the latest audit of ISO 9001. That is S-1, which is a recertification audit: it takes"
    )


def test_what_a_certificate_rests_on_serves_no_other_decision() -> None:
    world = lived(*c.ACTIVE, Wait("P1D"))
    assert refused(world, c.RENEW).startswith("No audit of ISO 9001")
    assert refused(world, c.anew(c.RENEW, audit="S-1")).startswith("No audit of ISO 9001")
    world.walk((*c.AGAIN, c.RENEW))
    assert state(world).audits == ("A-1",)
    again = lived(*c.WITHDRAWN, c.APPLY)
    assert refused(again, c.GRANT).startswith("No audit of ISO 9001")
    again.walk((Wait("P1D"), *AT_ONCE, c.GRANT))
    assert (state(again).status, state(again).audits) == ("active", ("A-1",))


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


def test_a_signature_covers_the_certificate_as_it_stands() -> None:
    world = lived(*c.ACTIVE)
    seen = content(state(world))
    world.walk((c.REDUCE,))
    assert content(state(world)) != seen
    assert content(state(lived(*c.ACTIVE, Wait("P1D")))) == seen


@pytest.mark.parametrize("body", [{"standards": []}, {"standards": ["ISO 9001", "ISO  9001"]}, {"sites": ["A", "A"]}])
def test_each_part_is_named_once(body: dict[str, Any]) -> None:
    with pytest.raises(Refusal) as refused:
        lived(c.anew(c.APPLY, **body))
    assert refused.value.code == "shape"


@pytest.mark.parametrize(
    ("walk", "step"),
    [
        (c.APPLIED, c.anew(c.GRANT, issued_on="2026-03-02", expires_on="2026-03-02")),
        (c.ACTIVE, c.signs("reduce")),
    ],
)
def test_what_is_not_said_rightly_has_no_shape(walk: Steps, step: Any) -> None:
    with pytest.raises(Refusal) as refused:
        lived(*walk, step)
    assert refused.value.code == "shape"


def test_it_moves_to_the_survivor_of_a_merge_and_ends_in_its_zone() -> None:
    world = lived(*c.ACTIVE)
    globex = {"key": "globex", "name": "Globex", "zone": "Pacific/Kiritimati"}
    world.do("scheme_manager", "register", globex, "globex")
    world.do("scheme_manager", "merge", {"into": "globex", "reason": "Registered twice"}, "client")
    held = state(world)
    assert (held.client, held.zone, world.refused) == ("globex", "Pacific/Kiritimati", [])
    assert held.term is not None
    assert held.term.expires_at == datetime(2029, 3, 1, 9, 59, 59, tzinfo=UTC)
    applied = lived(*c.APPLIED)
    applied.do("scheme_manager", "register", globex, "globex")
    applied.do("scheme_manager", "merge", {"into": "globex", "reason": "Registered twice"}, "client")
    assert (state(applied).client, state(applied).term) == ("globex", None)


def test_a_committee_review_suspends_it_and_the_close_out_restores_it() -> None:
    grant = c.anew(c.GRANT, expires_on=Day(1000))
    world = lived(*c.READY, grant, *w.decided("suspend"))
    assert state(world).status == "suspended"
    assert world.refused == []
    suspension = state(world).suspension
    assert suspension is not None
    assert suspension.names("0190-case")
    world.walk(w.CLOSED[len(w.OPEN) :])
    assert (world.case.status, state(world).status) == ("closed", "active")


def test_a_machine_signs_nothing() -> None:
    world = lived(*c.ACTIVE)
    with pytest.raises(Refusal, match="person"):
        world.do("machine:member1", "withdraw", {"reason": "So", "signature": SIGN}, "certificate")


def first_stage(*after: Any, **changes: Any) -> Steps:
    """A stage 1 under the other key, as far as it came."""
    begun = (a.plan("stage1", key="S-1", team=[a.LEAD], ends_on=Day(0), **changes), a.START, *after)
    return tuple(replace(step, kind="initial") for step in begun)


@pytest.mark.parametrize(
    ("before", "missing"),
    [
        ((), "ISO 9001"),
        (first_stage(), "ISO 9001"),
        (first_stage(a.END), "ISO 9001"),
        (first_stage(a.END, a.conclude(), standards=["ISO 9001"]), "ISO/IEC 27001"),
        (first_stage(a.END, a.conclude()), None),
    ],
)
def test_a_first_certification_takes_a_stage_1_of_each_standard(before: Steps, missing: str | None) -> None:
    world = lived(*before, Wait("P1D"), *a.CONCLUDED, c.APPLY)
    why = why_not(world, "member1", "grant")
    if missing is None:
        assert why is None
        assert state(world.walk((c.GRANT,))).audits == ("A-1",)
    else:
        assert why is not None
        assert why.startswith(f"No stage 1 that covers {missing} is concluded")


def test_a_stage_1_before_an_earlier_certification_serves_no_other() -> None:
    first = first_stage(a.END, a.conclude())
    world = lived(*first, c.APPLY, c.decision("refuse"), Wait("P1D"), c.APPLY, *a.CONCLUDED)
    assert refused(world, c.GRANT).startswith("No stage 1 that covers ISO")


def test_what_was_found_counts_until_it_is_mended_and_for_its_own_standards() -> None:
    found = w.opened("major", audit={"ref": "A-1", "stage": "stage2"})
    world = lived(*AT_ONCE, c.APPLY, *found)
    said = "The audit A-1 does not bear the decision now: The major NC-2026-0001"
    assert refused(world, c.GRANT).startswith(said)
    assert (why_not(world, "member1", "grant") or "").startswith(said)
    assert state(world.walk((*w.VERIFIED[1:], c.GRANT))).status == "active"
    elsewhere = c.anew(c.APPLY, standards=["ISO 9001"])
    assert state(lived(*AT_ONCE, elsewhere, *found, c.GRANT)).status == "active"


def test_a_minor_bars_the_decision_until_its_plan_is_accepted() -> None:
    found = w.opened("minor", audit={"ref": "A-1", "stage": "recertification"})
    world = lived(c.TRANSFER, *c.AGAIN, *found)
    assert "has no accepted plan" in refused(world, c.RENEW)
    assert state(world.walk((*w.ACCEPTED[1:], c.RENEW))).audits == ("A-1",)


def test_areas_of_concern_of_stage_1_bar_the_first_certification_until_they_are_cleared() -> None:
    concern, clear = (replace(one, kind="initial") for one in (a.concern(), a.CLEAR))
    first = first_stage(concern, a.END, a.conclude("recommended_on_plan"))
    world = lived(*first, Wait("P1D"), *a.ENDED)
    assert refused(world, a.conclude()).endswith("The area of concern k1 of the stage 1 S-1 is not cleared.")
    world.walk((a.conclude("recommended_on_plan"), c.APPLY))
    assert refused(world, c.GRANT).endswith("The area of concern k1 of the stage 1 S-1 is not cleared.")
    assert state(world.walk((clear, c.GRANT))).status == "active"


def test_every_audit_on_which_a_term_rests_is_kept() -> None:
    nine = a.plan(standards=["ISO 9001"], stage1_waived="As one")
    world = lived(*c.AUDITED, Wait("P1D"), nine, *a.CONCLUDED[1:], c.APPLY, c.GRANT)
    assert state(world).audits == ("S-1", "A-1")
    assert refused(world, c.RENEW).startswith("No audit of ISO 9001")


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
