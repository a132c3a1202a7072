"""Disputes and appeals: their windows, what they hold up, and what becomes of what they are against."""

from datetime import timedelta
from typing import Any

import pytest

from tests.rules import audits as a
from tests.rules import dispute_stories as d
from tests.rules import walks as w
from tests.rules.life import SIGN, START, Step, Steps, Wait, World, policy
from workflows.decider import Refusal

HELD: Steps = (*d.DISPUTED, Wait("P91D"))
FROM_RECEIPT = {"dispute": {"within": "P10D", "anchor": "receipt"}}


def lived(steps: Steps, **changes: Any) -> World:
    return World(policy(**changes)).walk(steps)


def refusal(world: World, step: Step) -> Refusal:
    with pytest.raises(Refusal) as refused:
        world.walk((step,))
    return refused.value


@pytest.mark.parametrize(
    ("changes", "steps", "last"),
    [
        ({}, w.OPEN, 30),
        ({"dispute": {"within": "P5D"}}, w.OPEN, 5),
        # Receipt is deemed three days after issue, unless it is acknowledged earlier.
        (FROM_RECEIPT, w.OPEN, 13),
        (FROM_RECEIPT, (*w.OPEN, Wait("P1D"), Step("owner", "acknowledge")), 11),
        # An audit that ended long ago leaves the minimum response time; one that nobody stated counts from issue.
        (
            {"dispute": {"within": "P5D", "anchor": "audit_end"}},
            w.opened(audit={"ref": "A-1", "stage": "surveillance", "ended_on": "2026-01-05"}),
            7,
        ),
        ({"dispute": {"within": "P5D", "anchor": "audit_end"}}, w.OPEN, 5),
    ],
)
def test_a_case_can_be_disputed_until_the_end_of_the_windows_last_day(
    changes: dict[str, Any], steps: Steps, last: int
) -> None:
    until = (START + timedelta(days=last)).replace(hour=23, minute=59, second=59)
    world = lived(steps, **changes)
    world.wait_until(until)
    in_time = lived(steps, **changes)
    in_time.wait_until(until)
    in_time.walk((d.dispute(),))
    world.wait_until(until + timedelta(microseconds=1))
    late = refusal(world, d.dispute())
    assert (late.code, f"{until:%Y-%m-%d} (UTC)" in str(late)) == ("dispute_too_late", True)


def test_while_a_dispute_is_open_a_breach_is_recorded_and_calls_nobody() -> None:
    world = lived(HELD)
    told = world.types()
    assert told.count("escalation_held") == 1
    assert "deadline_missed" in told
    assert "escalated" not in told
    assert world.case.reviews == ()
    assert world.case.dispute is not None
    assert world.case.dispute.held is not None
    # Work goes on, and so does the hard limit.
    world.walk((Step("owner", "record_correction", w.CORRECTION),))


def test_a_rejected_dispute_calls_the_committee_that_it_held_up() -> None:
    world = lived((*HELD, d.decide("rejected")))
    assert world.types()[-2:] == ["dispute_decided", "escalated"]
    assert world.case.escalation is not None
    assert world.case.escalation.cause == "closure_missed"
    assert world.review.status == "convened"


def test_what_a_dispute_held_up_calls_nobody_who_is_called_already() -> None:
    appealed = (*w.decided(), d.dispute(), d.APPEAL, Wait("P101D"))
    world = lived((*appealed, d.decide_appeal("upheld", "reviewer2"), d.decide("rejected", "member4")))
    assert world.types().count("escalation_held") == 1
    assert world.types()[-1] == "dispute_decided"
    assert len(world.case.reviews) == 2
    assert world.case.escalation is not None
    assert (world.case.escalation.cause, world.review.status) == ("appeal", "convened")


def test_a_rejected_dispute_that_held_nothing_up_calls_nobody() -> None:
    world = lived((*d.DISPUTED, d.decide("rejected")))
    assert world.types()[-1] == "dispute_decided"
    # The breach that comes later calls the committee as ever.
    world.wait("P91D")
    assert "escalated" in world.types()


@pytest.mark.parametrize("times", [1, 2])
def test_what_would_call_the_committee_is_held_once(times: int) -> None:
    returned = (w.RETURN, w.SUBMIT) * times
    world = lived((*w.PLANNED, d.dispute(), w.SUBMIT, *returned, Wait("P91D")), round_limit=1)
    held = world.case.dispute.held if world.case.dispute else None
    assert world.types().count("escalation_held") == 1
    assert held is not None
    assert held.cause == ("round_limit" if times == 2 else "closure_missed")


def test_a_second_extension_waits_for_the_end_of_the_dispute() -> None:
    more = Step("owner", "request_extension", {**w.MORE_TIME.body, "until": (START + timedelta(days=25)).isoformat()})
    steps = (*w.OPEN, w.MORE_TIME, w.GRANT, d.dispute(), more)
    world = lived(steps)
    assert world.types()[-1] == "escalation_held"
    # The reviewer who granted the first has a part in it.
    world.walk((d.decide("rejected", "reviewer2"),))
    papers = world.review.papers
    assert papers is not None
    assert (papers.cause, papers.deadline) == ("second_extension", "plan")


def test_an_upheld_dispute_withdraws_and_ends_every_clock() -> None:
    world = lived((*HELD, d.decide("upheld")))
    assert world.types()[-2:] == ["dispute_decided", "withdrawn"]
    assert (world.case.status, world.case.escalation) == ("withdrawn", None)
    assert world.due("nonconformity/0190-case") is None
    world.wait("P3Y")
    assert world.types()[-1] == "withdrawn"


@pytest.mark.parametrize("before", [d.DISPUTED_DOWN, (*w.OPEN, d.dispute("withdraw"))])
def test_an_upheld_dispute_may_regrade_and_count_anew(before: Steps) -> None:
    effect = {} if before is d.DISPUTED_DOWN else {"effect": "regrade"}
    world = lived((*before, Wait("P91D"), d.decide("upheld", **effect)))
    assert world.types()[-2:] == ["dispute_decided", "regraded"]
    assert (world.case.status, world.case.grade) == ("open", "minor")
    closure = world.case.deadline("closure")
    assert closure is not None
    assert closure.due_at > world.now
    assert any("regraded to minor" in line for line in closure.explanation)


def test_the_body_has_a_date_to_decide_and_is_warned() -> None:
    world = lived(d.DISPUTED)
    date = world.case.deadline("dispute")
    assert date is not None
    assert (date.due_at - START).days == 30
    assert date.explanation
    world.wait("P31D")
    missed = [h.event for h in world.stream("nonconformity/0190-case").history if h.event.type.endswith("missed")]
    assert "dispute" in [getattr(event, "deadline", "") for event in missed]
    world.walk((d.decide("rejected"),))
    date = world.case.deadline("dispute")
    assert date is not None
    assert date.state == "late"


def test_after_a_regrade_the_bodys_own_date_stays() -> None:
    world = lived((*d.DISPUTED, Step("reviewer", "regrade", {"grade": "minor", "reason": "One account only"})))
    assert world.case.deadline("dispute") is not None


def test_a_second_dispute_is_possible_once_the_first_is_decided() -> None:
    world = lived((*d.DISPUTED, d.decide("rejected"), d.dispute("regrade")))
    assert world.case.dispute is not None
    assert (world.case.dispute.state, world.case.dispute.wanted) == ("open", "regrade")
    assert [one.kind for one in world.case.deadlines].count("dispute") == 1


def test_who_acted_on_the_case_or_audited_does_not_decide() -> None:
    audit = {"ref": "A-1", "stage": "surveillance", "team": ["reviewer2"]}
    world = lived((*w.opened(audit=audit), Step("reviewer", "comment", {"text": "Seen"}), d.dispute()))
    for who in ("auditor", "reviewer", "reviewer2"):
        assert refusal(world, d.decide(actor=who)).code == "involved"
    world.walk((d.decide(actor="member4"),))


def test_a_rejected_dispute_takes_no_effect() -> None:
    assert refusal(lived(d.DISPUTED), d.decide("rejected", effect="withdraw")).code == "shape"


def test_an_upheld_appeal_is_decided_by_others() -> None:
    world = lived((*d.APPEALED, d.decide_appeal("upheld")))
    assert world.types()[-2:] == ["appeal_decided", "escalated"]
    papers = world.review.papers
    assert papers is not None
    assert (papers.cause, papers.reason) == ("appeal", "Both sides were heard")
    assert {"member1", "member2", "member3"} <= set(papers.took_part)
    assert world.review.sitting == ("member4",)
    assert {one.reason for one in world.review.recused} == {"took part in the case"}
    assert "quorum_impossible" in world.types("committee_review")
    assert len(world.case.reviews) == 2


def test_a_rejected_appeal_leaves_the_decision() -> None:
    world = lived((*d.APPEALED, d.decide_appeal("rejected")))
    assert world.types()[-1] == "appeal_decided"
    assert world.case.decision is not None
    assert (world.case.decision.choice, len(world.case.reviews)) == ("special_audit", 1)
    assert refusal(world, d.APPEAL).code == "appealed_already"


def test_a_decision_can_be_appealed_against_while_the_next_review_is_on() -> None:
    world = lived((*d.DECIDED, d.ESCALATE, d.APPEAL))
    assert world.case.appeal is not None
    assert world.case.appeal.review == world.case.reviews[0]
    assert refusal(world, d.decide_appeal("upheld")).code == "under_review"


def test_the_window_of_an_appeal_counts_from_the_decision() -> None:
    world = lived((*d.DECIDED, Wait("P29D")))
    world.walk((d.APPEAL,))
    late = refusal(lived((*d.DECIDED, Wait("P31D"))), d.APPEAL)
    assert str((START + timedelta(days=30)).date()) in str(late)


def test_the_decision_of_an_appeal_is_signed_over_what_it_is_about() -> None:
    world = lived(d.APPEALED)
    stale = Step("reviewer", "decide_appeal", {"outcome": "upheld", "reason": "So", "signature": SIGN})
    world.walk((stale,))
    signed = world.stream("nonconformity/0190-case").history[-2].event
    assert getattr(signed, "signature").by == "reviewer"  # noqa: B009 - a union of events


def test_a_dispute_is_left_when_the_case_ends_and_may_be_raised_anew_when_it_reopens() -> None:
    world = lived((*w.VERIFIED, d.dispute(), w.CLOSE))
    assert world.case.dispute is not None
    assert world.case.dispute.state == "left"
    world.walk((Step("reviewer", "reopen", {"reason": "Another case was meant"}),))
    assert refusal(world, d.decide(actor="reviewer2")).code == "no_dispute"
    world.walk((d.dispute(),))


def test_who_was_taken_off_the_team_of_the_audit_decides_no_dispute_and_answers_no_complaint() -> None:
    planned = a.plan(team=[a.LEAD, {"person": "reviewer2"}])
    off = a.by("scheme_manager", "revise", team=[a.LEAD])
    world = lived((planned, a.START, off, *w.found("major"), d.dispute()))
    assert refusal(world, d.decide("rejected", actor="reviewer2")).code == "involved"
    complained = d.by("owner", "complain", text="Nobody answers the telephone")
    answered = d.by("reviewer2", "answer_complaint", complaint="k1", text="I do now")
    assert refusal(world.walk((complained,)), answered).code == "involved"
