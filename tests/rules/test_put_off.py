"""A minor whose policy puts its close-out at the next audit waits for it like one that somebody deferred."""

from datetime import date, timedelta
from typing import Any

import pytest

from tests.rules import walks as w
from tests.rules.life import START, Step, Wait, World, policy
from tests.rules.test_deadlines import due, end_of

AT_NEXT: dict[str, Any] = {
    "evidence": {"within": "P90D"},
    "closure": {"at": "next_audit", "within": "P12M", "on_breach": "upgrade"},
}
AUDIT = {
    "key": "A-1",
    "client": "acme",
    "stage": "surveillance",
    "standards": ["ISO/IEC 27001"],
    "team": [{"person": "auditor2", "role": "lead"}],
}


def planned(first: date, last: date) -> Step:
    return Step("auditor", "plan", {**AUDIT, "starts_on": str(first), "ends_on": str(last)}, "audit")


def world(**changes: Any) -> World:
    return World(policy(minor=AT_NEXT, limit=None, **changes))


def test_it_is_deferred_from_issue_and_the_longest_wait_is_its_date() -> None:
    case = world().walk(w.opened("minor")).case
    assert case.deferral is not None
    assert (case.deferral.audit, case.deferral.latest) == (None, end_of(date(2027, 3, 2)))
    assert world().walk(w.OPEN).case.deferral is None
    assert World(policy()).walk(w.opened("minor")).case.deferral is None


@pytest.mark.parametrize("known", [True, False])
def test_the_audit_calls_it_up_and_moves_no_other_date(known: bool) -> None:
    first, last = date(2026, 9, 1), date(2026, 9, 3)
    plan = planned(first, last)
    life = world().walk((plan, *w.opened("minor")) if known else (*w.opened("minor"), plan))
    assert due(life, "closure").due_at == end_of(last if known else date(2027, 3, 2))
    evidence = due(life, "evidence").due_at
    life.wait_until(START + timedelta(days=183), asleep=False)
    life.walk((Step("auditor2", "start", {}, "audit"),))
    assert life.case.deferral is not None and life.case.deferral.called_up
    assert due(life, "closure").due_at == end_of(last)
    assert due(life, "evidence").due_at == evidence
    life.walk((Wait("P2D"), Step("auditor2", "end", {"on": str(life.now.date())}, "audit")))
    assert life.case.grade == "major"
    assert life.types()[-2:] == ["left_unverified", "regraded"]


def test_a_regrade_puts_it_off_or_takes_it_back() -> None:
    regrade = Step("reviewer", "regrade", {"grade": "minor", "reason": "One account"})
    life = world().walk((*w.OPEN, regrade))
    assert life.case.deferral is not None
    life.do("reviewer", "regrade", {"grade": "major", "reason": "Everywhere"})
    assert life.case.deferral is None


@pytest.mark.parametrize("later", [date(2026, 10, 3), date(2026, 8, 29), date(2027, 6, 1)])
def test_an_audit_that_is_given_other_days_takes_along_what_waits_for_it(later: date) -> None:
    plan = planned(date(2026, 8, 28), date(2026, 9, 3))
    life = world().walk((plan, *w.opened("minor"), Wait("P9D")))
    life.do("scheme_manager", "revise", {"team": AUDIT["team"]}, "audit")
    assert due(life, "closure").due_at == end_of(date(2026, 9, 3))
    life.do("scheme_manager", "revise", {"ends_on": str(later)}, "audit")
    assert life.case.deferral is not None
    assert life.case.deferral.audit is None
    # Never longer than the policy lets it wait.
    assert due(life, "closure").due_at == end_of(min(later, date(2027, 3, 2)))


def test_a_submission_that_is_under_review_stays_so_when_the_audit_has_other_days() -> None:
    deferred = Step("reviewer", "defer_verification", {"reason": "Seen best on site"})
    life = World(policy()).walk((planned(date(2026, 6, 1), date(2026, 6, 2)), *w.opened("minor"), *w.ACCEPTED[1:]))
    life.walk((deferred, *w.IN_REVIEW[len(w.ACCEPTED) :]))
    running = due(life, "review")
    life.do("scheme_manager", "revise", {"ends_on": "2026-06-20"}, "audit")
    assert due(life, "review") == running
    assert due(life, "closure").due_at == end_of(date(2026, 6, 20))
