"""What a decision about a certificate rests on: who may take it, on which audits, and what stands against it."""

from dataclasses import replace
from typing import Any

import pytest

from tests.rules import audits as a
from tests.rules import certificates as c
from tests.rules import walks as w
from tests.rules.certificate_world import lived, refused, state, why_not
from tests.rules.life import Day, Steps, Wait
from workflows.decider import Refusal

AT_ONCE: Steps = (a.plan(stage1_waived="Both as one"), *a.CONCLUDED[1:])
"""A stage 2 that needs no stage 1 before it."""


def first_stage(*after: Any, **changes: Any) -> Steps:
    """A stage 1 under the other key, as far as it came."""
    begun = (a.plan("stage1", key="S-1", team=[a.LEAD], ends_on=Day(0), **changes), a.START, *after)
    return tuple(replace(step, kind="initial") for step in begun)


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
        assert why.startswith(f"No stage 1 that covers {missing} and was over when A-1 began is concluded")


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


@pytest.mark.parametrize("key", ["A-0", "Z-9"])
def test_on_one_day_stage_1_comes_before_stage_2_whatever_they_are_called(key: str) -> None:
    first = (a.plan("stage1", key=key, team=[a.LEAD], ends_on=Day(0)), a.START, a.END, a.conclude())
    world = lived(*(replace(step, kind="initial") for step in first), *a.CONCLUDED, c.APPLY, c.GRANT)
    assert state(world).audits == ("A-1",)


def test_a_stage_1_that_goes_on_when_stage_2_begins_does_not_lead_to_it() -> None:
    planned = a.plan("stage1", key="S-1", team=[a.LEAD], ends_on=Day(0))
    first = tuple(replace(step, kind="initial") for step in (planned, a.START, a.END, a.conclude()))
    second = (a.plan(starts_on=Day(-1)), a.START, a.END)
    world = lived(*first, *second)
    assert refused(world, a.conclude()).endswith("The stage 1 S-1 was not over on 2026-03-01, when this stage 2 began.")
    waived = (a.plan(starts_on=Day(-1), stage1_waived="As one"), *second[1:], a.conclude())
    assert state(lived(*first, *waived, c.APPLY, c.GRANT)).audits == ("A-1",)


def test_a_stage_1_after_the_stage_2_leads_to_no_certification() -> None:
    planned = a.plan("stage1", key="S-1", team=[a.LEAD], starts_on=Day(-1), ends_on=Day(0))
    first = tuple(replace(step, kind="initial") for step in (planned, a.START, a.END, a.conclude()))
    begun = a.plan(starts_on=Day(-1), ends_on=Day(0))
    world = lived(begun, *a.CONCLUDED[1:], *first, c.APPLY)
    assert refused(world, c.GRANT).startswith("No stage 1 that covers ISO 9001 and was over when A-1 began")


@pytest.mark.parametrize(
    ("walk", "barred"),
    [
        ((a.by("scheme_manager", "revise", team=[a.LEAD]), a.START, a.END), False),
        ((a.START, a.by("scheme_manager", "revise", team=[a.LEAD]), a.END), True),
        ((a.START, a.END, a.by("scheme_manager", "revise", team=[a.LEAD])), True),
    ],
)
def test_who_was_taken_off_the_team_after_it_began_decides_nothing(walk: Steps, barred: bool) -> None:
    planned = a.plan(team=[a.LEAD, {"person": "member1"}], stage1_waived="As one")
    world = lived(planned, *walk, a.conclude(), c.APPLY)
    assert ("took part" in (why_not(world, "member1", "grant") or "")) == barred
    assert why_not(world, "member2", "grant") is None
