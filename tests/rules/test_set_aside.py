"""What an upheld appeal undoes on a certificate: all that the review decided, and nothing that anything else holds."""

from dataclasses import replace
from typing import Any

import pytest

from tests.rules import certificates as c
from tests.rules import dispute_stories as d
from tests.rules import walks as w
from tests.rules.life import CERTIFICATE, Step, Steps, Wait, World, policy
from workflows.certificate.certificate import Certificate
from workflows.decider import Refusal

HAND = c.signs("reduce", sites=["Graz"], scope="Development")
SECOND = c.decision("suspend", "another", review="r-2")
REOPEN = Step("reviewer", "reopen", {"reason": "Another case was meant"})


def state(*steps: Any, **rules: Any) -> Certificate:
    found = World(policy(**rules)).walk(tuple(steps)).state(CERTIFICATE)
    assert isinstance(found, Certificate)
    return found


def refusal(world: World, step: Step) -> str:
    with pytest.raises(Refusal) as refused:
        world.walk((step,))
    return refused.value.code


def plain(held: Certificate) -> dict[str, Any]:
    return held.model_dump(include={"status", "standards", "sites", "scope", "suspension", "reductions", "ended_at"})


@pytest.mark.parametrize(
    ("before", "decided"),
    [
        (c.ACTIVE, (c.decision("suspend"),)),
        (c.ACTIVE, (c.decision("withdraw_certificate"),)),
        (c.ACTIVE, (c.decision("reduce_scope"),)),
        (c.ACTIVE, (c.decision("reduce_scope"), HAND)),
        (c.APPLIED, (c.decision("refuse"),)),
        (c.ACTIVE, (c.decision("suspend"), Wait("P7M"))),
    ],
)
def test_a_certificate_that_nothing_else_holds_is_what_it_was(before: Steps, decided: Steps) -> None:
    held = state(*before, *decided, c.set_aside())
    assert plain(held) == plain(state(*before))
    assert (held.ending, held.ended_because) == (None, None)


@pytest.mark.parametrize("decided", [c.decision("suspend"), c.decision("withdraw_certificate")])
def test_what_something_else_holds_stays_suspended(decided: Step) -> None:
    held = state(*c.ACTIVE, SECOND, decided, c.set_aside())
    assert held.status == "suspended" and held.suspension is not None
    assert [cause.review for cause in held.suspension.causes] == ["r-2"]
    # What was resolved while it was withdrawn holds it no more.
    settled = state(*c.ACTIVE, SECOND, decided, c.resolve("another"), c.set_aside())
    assert (settled.status, settled.suspension) == ("active", None)


def test_a_withdrawal_that_another_suspension_brought_about_stays() -> None:
    held = state(*c.ACTIVE, SECOND, c.decision("suspend"), Wait("P7M"), c.set_aside())
    assert (held.status, held.ended_because is not None) == ("withdrawn", True)


def test_what_members_took_out_of_their_own_accord_stays_out() -> None:
    held = state(*c.ACTIVE, HAND, c.decision("reduce_scope"), c.signs("reduce", scope="Less"), c.set_aside())
    assert (held.sites, held.scope) == (("Vienna",), "Development")
    later = state(*c.ACTIVE, c.decision("reduce_scope"), HAND, c.signs("reduce", scope="Less"), c.set_aside())
    assert (later.sites, later.scope) == (("Vienna", "Graz"), "Less")


def test_an_end_that_passed_meanwhile_comes_at_once() -> None:
    short = c.signs("grant", issued_on="2026-03-02", expires_on="2026-03-31")
    world = World(policy()).walk((*c.READY, short, c.decision("withdraw_certificate"), Wait("P2M"), c.set_aside()))
    assert world.types("certificate")[-2:] == ["decision_set_aside", "expired"]
    assert world.due(CERTIFICATE) is None


def test_a_follow_up_that_was_decided_on_falls_with_the_decision() -> None:
    world = World(policy()).walk((*d.APPEALED, d.decide_appeal("upheld")))
    assert world.case.follow_up is None
    assert "follow_up" not in {date.kind for date in world.case.deadlines}
    held = World(policy()).walk((*d.APPEALED, d.decide_appeal("rejected"))).case
    assert held.follow_up is not None and held.follow_up.review == held.reviews[0]


def test_the_case_forgets_the_certificates_that_its_decision_touched() -> None:
    suspended = w.decided("suspend", (*c.ACTIVE, *w.ESCALATED))
    world = World(policy()).walk((*suspended, d.APPEAL))
    assert (world.case.certificates, world.status(CERTIFICATE)) == (("C-1",), "suspended")
    world.walk((d.decide_appeal("upheld"),))
    assert (world.case.certificates, world.status(CERTIFICATE)) == ((), "active")
    assert getattr(world.stream(CERTIFICATE).history[-1].event, "review", None) == world.case.reviews[0]


@pytest.mark.parametrize("choice", ["suspend", "withdraw_certificate"])
def test_an_upheld_appeal_reaches_the_certificate_however_much_is_said_of_it(choice: str) -> None:
    said = d.decide_appeal("upheld")
    world = World(policy()).walk((*w.decided(choice, (*c.ACTIVE, *w.ESCALATED)), d.APPEAL))
    world.walk((replace(said, body={**said.body, "reason": "Not heard. " * 1818}),))
    assert (world.refused, world.status(CERTIFICATE)) == ([], "active")


def test_an_appeal_outlives_close_out_and_reopening_and_no_other_end() -> None:
    appealed = (*w.decided("extend", (*w.VERIFIED, d.ESCALATE)), d.APPEAL)
    world = World(policy()).walk((*appealed, w.CLOSE))
    assert world.case.appeal is not None
    assert (world.case.status, world.case.appeal.state) == ("closed", "open")
    assert world.due("nonconformity/0190-case") is not None
    world.walk((REOPEN, d.decide_appeal("upheld", "auditor2")))
    assert world.case.escalation is not None and world.case.escalation.cause == "appeal"
    proposed = d.by("auditor", "propose_withdrawal", reason="So")
    ended = World(policy()).walk((*appealed, proposed, d.by("reviewer", "confirm_withdrawal", reason="So"))).case
    assert ended.appeal is not None and ended.appeal.state == "left"


def test_a_special_audit_after_verification_can_undo_it() -> None:
    decided = w.decided("special_audit", (*w.VERIFIED, d.ESCALATE))
    found = {"on": "2026-03-02", "statement": "Seen"}
    world = World(policy()).walk(decided)
    assert refusal(world, w.CLOSE) == "follow_up_missing"
    world.walk((Step("reviewer", "record_follow_up", {**found, "result": "effective"}), w.CLOSE))
    assert world.case.status == "closed"
    world = World(policy()).walk((*decided, Step("reviewer", "record_follow_up", {**found, "result": "not_effective"})))
    assert (world.case.status, world.case.verification) == ("plan_submitted", None)
