from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.rules import audits as a
from tests.rules import certificates as held
from tests.rules import verification_stories as v
from tests.rules import walks as w
from tests.rules.life import CASE, CERTIFICATE, START, Day, Step, Steps, Wait, World, policy
from workflows.decider import Refusal
from workflows.nonconformity import events as e
from workflows.nonconformity.deadlines import Deadline
from workflows.nonconformity.entry import case_entry
from workflows.nonconformity.records.committee import AGAIN, UNREGISTERED

MINOR = {"plan": {"within": "P14D"}, "evidence": {"within": "P30D"}}


def date_of(world: World, kind: Any) -> Deadline:
    found = world.case.deadline(kind)
    assert found is not None
    return found


def evening(days: int) -> datetime:
    return (START + timedelta(days=days)).replace(hour=23, minute=59, second=59)


def last(world: World, event: type[Any]) -> Any:
    return [happened.event for happened in world.stream(CASE).history if isinstance(happened.event, event)][-1]


@pytest.mark.parametrize(
    ("audit", "until"),
    [
        (v.surveillance(), evening(102)),
        (v.surveillance(ends_on=Day(500)), datetime(2027, 3, 2, 23, 59, 59, tzinfo=UTC)),
        (v.surveillance(standards=["ISO 9001"]), datetime(2027, 3, 2, 23, 59, 59, tzinfo=UTC)),
        (a.plan("special", starts_on=Day(3), ends_on=Day(4)), datetime(2027, 3, 2, 23, 59, 59, tzinfo=UTC)),
    ],
    ids=["its last day", "the longest", "another standard", "a special audit"],
)
def test_a_deferral_waits_for_the_next_audit_but_never_longer_than_the_policy_says(
    audit: Step, until: datetime
) -> None:
    world = World(policy(limit=None)).walk((audit, *v.MINOR_ACCEPTED, v.DEFER))
    assert {date_of(world, kind).due_at for kind in ("evidence", "closure")} == {until}
    assert date_of(world, "closure").first_due_at == evening(90)
    assert "to be verified at the" in date_of(world, "closure").explanation[-1]


def test_a_deferral_never_passes_a_hard_limit() -> None:
    world = World(policy(limit="P100D")).walk(v.DEFERRED)
    assert date_of(world, "closure").due_at == evening(100)


def test_submitted_evidence_stays_stopped_while_its_verification_is_deferred() -> None:
    world = World(policy()).walk((v.surveillance(), *w.MINOR, v.DEFER))
    assert (date_of(world, "evidence").state, date_of(world, "closure").due_at) == ("stopped", evening(102))


def test_a_second_deferral_does_not_make_it_longer() -> None:
    world = World(policy(limit=None)).walk((*v.MINOR_ACCEPTED, v.DEFER))
    before = date_of(world, "closure").due_at
    world.walk((Wait("P60D"), v.DEFER))
    assert date_of(world, "closure").due_at == before


def test_others_see_where_it_is_deferred_to() -> None:
    world = World(policy()).walk(v.DEFERRED)
    entry = case_entry("0190-case", world.case)
    assert (entry.deferred, entry.deferred_to, entry.plan) == (True, "A-1", "accepted")
    world.walk((Wait("P100D"), a.START, v.ON_SITE))
    entry = case_entry("0190-case", world.case)
    assert (entry.deferred, entry.deferred_to, entry.status) == (False, None, "verified")


def test_what_is_deferred_to_no_audit_is_called_up_by_the_next() -> None:
    world = World(policy()).walk((*v.MINOR_ACCEPTED, v.DEFER, Wait("P20D"), a.plan("surveillance"), a.START))
    assert world.case.deferral is not None
    assert (world.case.deferral.audit, world.case.deferral.called_up) == ("A-1", True)
    assert date_of(world, "closure").due_at == evening(22)


def test_what_is_deferred_to_an_audit_under_way_is_called_up_at_once() -> None:
    world = World(policy()).walk((a.plan("surveillance"), *v.MINOR_ACCEPTED, a.START, v.TO_A1))
    assert world.types()[-2:] == ["verification_deferred", "called_up"]
    world.walk((v.ON_SITE,))
    assert world.case.status == "verified"


def test_the_team_of_the_audit_verifies_and_closes_on_evidence_seen_on_site() -> None:
    stranger = {"ref": "A-0", "stage": "stage2", "team": ["Auditor2"]}
    first, *rest = v.MINOR_ACCEPTED
    assert isinstance(first, Step)
    opened = Step("auditor2", "report", {"finding": {**first.body["finding"], "audit": stranger}})
    close = Step("auditor", "close", w.CLOSE.body)
    world = World(policy()).walk((v.surveillance(), opened, *rest, v.DEFER, Wait("P100D")))
    with pytest.raises(Refusal, match="Only the audit team"):
        world.walk((v.ON_SITE,))
    world.walk((a.START, v.ON_SITE, close))
    assert (world.case.status, date_of(world, "evidence").state) == ("closed", "met")


def test_what_the_audit_leaves_unverified_is_a_major_with_dates_of_its_own() -> None:
    world = World(policy()).walk(v.UNVERIFIED)
    regraded = last(world, e.Regraded)
    assert (world.case.grade, regraded.cause, world.case.deferral) == ("major", "unverified", None)
    closure = date_of(world, "closure")
    assert (closure.state, closure.due_at) == ("running", min(evening(102 + 90), evening(180)))
    assert any("upgraded to major: not verified at the audit A-1: was" in line for line in closure.explanation)
    assert closure.on_breach == "committee"


def test_a_policy_may_warn_instead() -> None:
    world = World(policy(deferral={"unverified": "warn"})).walk(v.UNVERIFIED)
    assert (world.case.grade, world.case.deferral, world.types()[-1]) == ("minor", None, "left_unverified")


def test_a_deferral_whose_audit_never_comes_ends_by_the_clock() -> None:
    world = World(policy(limit=None)).walk((*v.MINOR_ACCEPTED, v.DEFER, Wait("P12M"), Wait("P2D")))
    assert (world.case.grade, last(world, e.Regraded).cause) == ("major", "unverified")
    assert "left_unverified" in world.types()


def test_an_audit_that_takes_longer_is_judged_at_its_end() -> None:
    world = World(policy()).walk((*v.CALLED_UP, Wait("P5D")))
    assert (world.case.grade, "deadline_missed" in world.types()) == ("minor", True)
    world.walk((v.ON_SITE,))
    assert world.case.status == "verified"


@pytest.mark.parametrize(
    ("steps", "changes", "grade", "event"),
    [
        (w.opened("minor"), {}, "major", "regraded"),
        ((*w.MINOR, w.VERIFY), {}, "minor", "deadline_missed"),
        (w.opened("minor"), {"grades": ["minor"]}, "minor", "escalated"),
    ],
    ids=["left undone", "verified", "no dates for majors"],
)
def test_a_minor_left_undone_becomes_a_major_where_the_policy_says_so(
    steps: Steps, changes: dict[str, Any], grade: str, event: str
) -> None:
    rules = policy(minor={**MINOR, "closure": {"within": "P60D", "on_breach": "upgrade"}}, **changes)
    world = World(rules).walk((*steps, Wait("P61D")))
    told = [name for name in world.types() if name != "deadline_reminded"]
    assert (world.case.grade, told[-1]) == (grade, event)
    if event == "regraded":
        assert last(world, e.Regraded).cause == "deadline_missed"
        assert date_of(world, "closure").due_at == evening(60 + 90)
        assert date_of(world, "plan").due_at == evening(60 + 14)


def test_after_an_outage_the_upgrade_comes_last() -> None:
    rules = policy(minor={**MINOR, "closure": {"within": "P20D", "on_breach": "upgrade"}})
    world = World(rules).walk((*w.opened("minor"), Wait("P70D", asleep=True), Wait("PT1H")))
    assert world.types()[-1] == "regraded"
    assert {deadline.standing(world.now) for deadline in world.case.deadlines} == {"running"}


def test_a_policy_asks_for_a_follow_up_before_majors_are_verified() -> None:
    world = World(policy(**v.FOLLOWED)).walk(w.IN_REVIEW)
    with pytest.raises(Refusal, match="follow-up audit"):
        world.walk((w.VERIFY,))
    world.walk((v.RECORD, w.VERIFY))
    assert world.case.status == "verified"


def test_a_follow_up_has_a_date_that_warns() -> None:
    world = World(policy()).walk((*v.FOLLOW_UP, Wait("P12D")))
    assert (date_of(world, "follow_up").due_at, last(world, e.DeadlineMissed).deadline) == (evening(10), "follow_up")
    world.walk((v.RECORD,))
    assert date_of(world, "follow_up").state == "late"


def test_a_follow_up_counts_for_the_day_on_which_it_was_held() -> None:
    world = World(policy()).walk((*v.FOLLOW_UP, Wait("P11D"), v.anew(v.RECORD, on=Day(-2))))
    assert date_of(world, "follow_up").state == "met"


def test_what_was_not_effective_goes_back_and_is_followed_up_again() -> None:
    world = World(policy()).walk((*v.FOLLOW_UP, v.NOT_EFFECTIVE))
    assert (world.case.status, world.case.rounds) == ("plan_submitted", 1)
    assert world.case.returned == ({"shows": "a1", "reason": v.NOT_EFFECTIVE.body["statement"]},)
    assert date_of(world, "evidence").due_at == evening(30)
    world.walk((w.SUBMIT_EVIDENCE,))
    with pytest.raises(Refusal, match="follow-up audit"):
        world.walk((w.VERIFY,))
    world.walk((v.RECORD, w.VERIFY))
    assert world.case.status == "verified"


def test_too_many_follow_ups_call_the_committee() -> None:
    again: Steps = (v.NOT_EFFECTIVE, w.SUBMIT_EVIDENCE)
    world = World(policy(round_limit=1)).walk((*v.FOLLOW_UP, *again, v.NOT_EFFECTIVE))
    assert world.types()[-1] == "escalated"


def test_what_waits_for_an_audit_that_is_cancelled_waits_for_another() -> None:
    world = World(policy()).walk(v.CALLED_UP)
    before = world.case.deferral
    world.walk((a.CANCEL,))
    deferral = world.case.deferral
    assert before is not None
    assert deferral is not None
    assert (deferral.audit, deferral.called_up, deferral.team) == (None, False, ())
    assert (deferral.latest, date_of(world, "closure").due_at) == (before.latest, before.latest), "none is planned"
    with pytest.raises(Refusal, match="to which it is deferred"):
        world.walk((v.ON_SITE,))
    assert world.refused == []


def test_another_policy_asks_for_nothing_twice() -> None:
    world = World(bare := policy(minor={"closure": {"within": "P90D"}}))
    for steps, state in ((w.PLANNED, "running"), (w.SUBMITTED, "stopped"), (w.ACCEPTED, "met")):
        regrade = v.by("member4", "regrade", grade="major", reason="Everywhere")
        world = World(bare).walk((*w.opened("minor"), *steps[1:], regrade))
        assert date_of(world, "plan").state == state
    # What then goes back has a date to be submitted by again.
    world.walk((Step("owner", "plan_action", w.action("a2")),))
    assert date_of(world, "plan").state == "running"


def test_an_upgrade_forgets_nothing_that_was_found_passed_with_it() -> None:
    rules = policy(minor={**MINOR, "closure": {"within": "P60D", "on_breach": "upgrade"}})
    world = World(rules).walk((*w.opened("minor"), *w.SUBMITTED[1:], Wait("P70D", asleep=True)))
    assert world.case.grade == "major"
    missed = [one.event.deadline for one in world.stream(CASE).history if isinstance(one.event, e.DeadlineMissed)]
    assert missed.count("review") == 1
    assert date_of(world, "review").missed_at is not None


def test_a_return_undoes_an_effective_follow_up() -> None:
    back = v.by("reviewer", "return_evidence", to="evidence", sections=[{"shows": "a1", "reason": "Whose?"}])
    world = World(policy(**v.FOLLOWED)).walk((*w.IN_REVIEW, v.RECORD, back, w.SUBMIT_EVIDENCE))
    with pytest.raises(Refusal, match="follow-up audit"):
        world.walk((w.VERIFY,))


def test_another_policy_counts_the_dates_anew_and_keeps_the_old_ones() -> None:
    world = World(policy()).walk((*w.OPEN, Wait("P3D"), v.APPLY))
    assert world.case.policy is not None
    assert (world.case.policy.name, date_of(world, "plan").due_at) == ("older", evening(30))
    said = "older 1 applied: was 2026-03-16 23:59:59 UTC"
    assert said in date_of(world, "plan").explanation


def test_a_label_has_its_own_dates() -> None:
    issue = v.by("auditor", "issue", grade="major", label="critical")
    world = World(policy(**v.LABELS)).walk((*w.REPORTED, issue))
    assert (world.case.label, date_of(world, "plan").due_at) == ("critical", evening(2))
    world.walk((v.by("reviewer", "regrade", grade="major", reason="Not that grave"),))
    assert (world.case.grade, world.case.label, date_of(world, "plan").due_at) == ("major", None, evening(14))
    world.walk((v.by("reviewer", "regrade", grade="minor", label="level 2", reason="One only"),))
    assert (world.case.grade, world.case.label, date_of(world, "plan").due_at) == ("minor", "level 2", evening(28))


def test_a_policy_that_does_not_cover_the_new_grade_is_replaced() -> None:
    world = World(policy(grades=["major"]))
    world.policies = type(world.policies)(
        [*world.policies.policies, policy(name="small", grades=["minor"], minor={"plan": {"within": "P40D"}})]
    )
    world.walk((*w.OPEN, v.by("reviewer", "regrade", grade="minor", reason="One only")))
    assert world.case.policy is not None
    assert (world.case.policy.name, last(world, e.Regraded).policy.name) == ("small", "small")
    assert date_of(world, "plan").due_at == evening(40)


def test_a_case_that_moves_in_keeps_its_grade_and_its_dates() -> None:
    world = World(policy()).walk(v.MOVED_IN)
    assert world.case.anchors is not None
    assert (world.case.grade, world.case.anchors.issue) == ("minor", datetime(2026, 2, 1, tzinfo=UTC))
    closure, plan, evidence = (date_of(world, kind) for kind in ("closure", "plan", "evidence"))
    assert (closure.due_at, closure.first_due_at) == (datetime(2026, 4, 1, tzinfo=UTC),) * 2
    assert closure.explanation[-1] == "the date that it brings: 2026-04-01 00:00:00 UTC"
    assert evidence.due_at == datetime(2026, 3, 3, 23, 59, 59, tzinfo=UTC)
    assert plan.due_at == evening(7), "past already, so the minimum response time"


def test_a_case_that_moves_in_keeps_hard_limits_and_dates_of_its_own_kind() -> None:
    brought = {"correction": "2026-03-20T12:00:00Z", "closure": "2027-01-01T00:00:00Z"}
    history = {**v.HISTORY, "deadlines": brought}
    world = World(policy(limit="P100D")).walk(w.report(history=history))
    assert date_of(world, "correction").due_at == datetime(2026, 3, 20, 12, tzinfo=UTC)
    assert date_of(world, "closure").due_at == datetime(2026, 5, 12, 23, 59, 59, tzinfo=UTC)


def test_the_registered_audit_says_when_it_ended_and_who_was_there() -> None:
    audit = {"ref": "A-1", "stage": "surveillance"}
    rules = policy(anchor="audit_end")
    world = World(rules).walk((a.plan("surveillance", team=[a.SECOND, a.LEAD]), a.START, Wait("P2D"), a.END))
    world.walk((Wait("P1D"), *w.opened(audit=audit), *w.SUBMITTED[1:]))
    assert date_of(world, "plan").due_at == evening(2 + 14)
    assert world.case.audit_team == ("Auditor2", "Auditor")
    world.walk((Step("auditor2", "accept_plan", w.ACCEPT.body),))


def test_an_auditor_of_another_audit_does_not_review() -> None:
    audit = {"ref": "A-1", "stage": "surveillance"}
    world = World(policy()).walk((*a.UNDER_WAY, *w.opened(audit=audit), *w.SUBMITTED[1:]))
    with pytest.raises(Refusal, match="Only the audit team"):
        world.walk((Step("auditor2", "accept_plan", w.ACCEPT.body),))


@pytest.mark.parametrize(
    ("choice", "certificate", "state", "due"),
    [
        ("suspend", "suspended", "running", datetime(2026, 8, 29, 23, 59, 59, tzinfo=UTC)),
        ("special_audit", "active", "running", datetime(2026, 8, 29, 23, 59, 59, tzinfo=UTC)),
        ("reduce_scope", "active", "stopped", evening(90)),
        ("withdraw_certificate", "withdrawn", "stopped", evening(90)),
        ("dismiss", "active", "stopped", evening(90)),
    ],
)
def test_a_decision_takes_effect_on_the_certificate(choice: str, certificate: str, state: str, due: datetime) -> None:
    world = World(policy()).walk((*held.ACTIVE, *w.decided(choice)))
    decided = last(world, e.ReviewDecided)
    assert decided.deciders == ("member1", "member2", "member3")
    assert world.status(CERTIFICATE) == certificate
    assert (date_of(world, "closure").state, date_of(world, "closure").due_at) == (state, due)
    assert world.refused == []
    assert UNREGISTERED not in decided.effect


@pytest.mark.parametrize("choice", ["suspend", "reduce_scope", "withdraw_certificate"])
def test_a_decision_on_a_certificate_that_is_not_registered_says_whose_act_it_is(choice: str) -> None:
    world = World(policy()).walk(w.decided(choice))
    assert world.review.decision is not None
    assert last(world, e.ReviewDecided).effect == f"{world.review.decision.effect} {UNREGISTERED}"
    assert "is to be " in world.review.decision.effect


@pytest.mark.parametrize("choice", ["withdraw_certificate", "reduce_scope"])
def test_a_close_out_that_the_committee_stopped_says_what_runs_it_again_and_that_does(choice: str) -> None:
    world = World(policy()).walk(w.decided(choice))
    assert date_of(world, "closure").explanation[-1].endswith(AGAIN)
    world.walk((w.ESCALATED[-1], *w.votes("suspend"), w.DECIDE))
    assert date_of(world, "closure").state == "running"


def test_the_end_of_the_case_ends_the_suspension() -> None:
    world = World(policy()).walk((*held.ACTIVE, *w.decided("suspend"), *w.CLOSED[1:]))
    assert (world.case.status, world.status(CERTIFICATE), world.refused) == ("closed", "active", [])


def test_only_an_application_is_refused() -> None:
    audit = {"ref": "A-9", "stage": "stage2"}
    escalated = (*w.opened(audit=audit), *w.ESCALATED[1:])
    world = World(policy()).walk((*held.APPLIED, *w.decided("refuse", escalated)))
    assert (world.status(CERTIFICATE), last(world, e.ReviewDecided).certificates) == ("refused", ("C-1",))
    world = World(policy()).walk((*held.ACTIVE, *w.decided("refuse", escalated)))
    assert (world.status(CERTIFICATE), last(world, e.ReviewDecided).certificates) == ("active", ())


@pytest.mark.parametrize(("named", "touched"), [(["C-1"], ("C-1",)), (["C-2"], ()), ([], ("C-1",))])
def test_the_finding_names_its_certificates_else_its_standards_do(named: list[str], touched: tuple[str, ...]) -> None:
    escalated = (*w.opened(certificates=named), *w.ESCALATED[1:])
    world = World(policy()).walk((*held.ACTIVE, *w.decided("suspend", escalated)))
    assert last(world, e.ReviewDecided).certificates == touched


def test_the_suspension_of_the_policy_holds_for_the_certificate() -> None:
    world = World(policy(suspension={"longest": "P1M"})).walk((*held.ACTIVE, *w.decided("suspend"), Wait("P1M")))
    world.walk((Wait("P2D"),))
    assert world.status(CERTIFICATE) == "withdrawn"
    assert world.review.papers is not None
    assert world.case.escalation is not None and world.case.escalation.state == "under_review", "its date passed too"
