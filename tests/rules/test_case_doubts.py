"""What can hardly be so is said on the case, and refused to nobody."""

from typing import Any

import pytest

from tests.rules import walks as w
from tests.rules.dispute_stories import by
from tests.rules.life import Day, Step, World, policy
from workflows.decider import Refusal
from workflows.nonconformity.doubts import unfinished
from workflows.nonconformity.signing import closing_content, evidence_content

AUDIT = {"ref": "A-1", "stage": "surveillance"}


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"detected_at": "2026-03-02T23:00:00Z"}, []),
        (
            {"detected_at": "2026-03-04T08:00:00Z"},
            ["The finding says that it was detected on 2026-03-04, which is still to come."],
        ),
        ({"audit": {**AUDIT, "ended_on": "2026-03-02"}}, []),
        (
            {"audit": {**AUDIT, "ended_on": "2026-03-03"}},
            ["The finding says that its audit ended on 2026-03-03, which is still to come."],
        ),
        (
            {"grade": "minor", "history": {"grade": "major", "issued_on": "2026-02-01"}},
            ["The finding is graded minor, and was issued as major: that counts."],
        ),
    ],
)
def test_a_finding_of_days_to_come_warns(changes: dict[str, Any], says: list[str]) -> None:
    assert list(World(policy()).walk(w.opened(**changes)).case.warnings) == says


def test_what_was_detected_in_the_future_can_be_put_right_today() -> None:
    world = World(policy()).walk(w.opened(detected_at="2026-03-09T08:00:00Z"))
    world.walk((Step("owner", "record_correction", {"text": "Blocked", "done_on": Day(0)}),))
    assert world.case.correction is not None


def test_the_day_of_detection_is_the_earlier_of_two_zones() -> None:
    world = World(policy(), zone="America/Los_Angeles").walk(w.opened(detected_at="2026-02-20T00:00:00Z"))
    with pytest.raises(Refusal, match="2026-02-18 is before the finding was detected, on 2026-02-19"):
        world.do("owner", "record_correction", {"text": "Blocked", "done_on": "2026-02-18"})
    world.do("owner", "record_correction", {"text": "Blocked", "done_on": "2026-02-19"})


def test_actions_that_are_not_carried_out_are_named_to_whoever_signs() -> None:
    second = Step("owner", "plan_action", w.action("a2"))
    world = World(policy()).walk((*w.PLANNED, second, w.SUBMIT, w.ACCEPT, *w.SHOW))
    assert unfinished(world.case) == ()
    world.walk((w.SUBMIT_EVIDENCE,))
    assert unfinished(world.case) == (
        "Not completed: a2. The plan is evidenced, but not said to be carried out in full.",
    )
    assert evidence_content(world.case)["not_completed"] == closing_content(world.case)["not_completed"] == ["a2"]
    world.walk((w.VERIFY, w.CLOSE))
    assert world.case.status == "closed"
    assert len(unfinished(world.case)) == 1


def test_a_plan_that_is_carried_out_warns_of_nothing() -> None:
    assert unfinished(World(policy()).walk(w.IN_REVIEW).case) == ()


def test_another_day_leaves_a_follow_up_as_long_asked_for_as_it_was() -> None:
    asked = by("reviewer", "require_follow_up", on=Day(10), reason="On site only")
    world = World(policy()).walk((*w.IN_REVIEW, asked))
    world.wait("P5D")
    world.walk((asked,))
    with pytest.raises(Refusal, match="2026-03-01 is before the follow-up was required, on 2026-03-02"):
        world.do("reviewer", "record_follow_up", {"on": "2026-03-01", "result": "effective", "statement": "So"})
    world.do("reviewer", "record_follow_up", {"on": "2026-03-03", "result": "effective", "statement": "So"})


def test_an_earlier_upheld_dispute_still_holds_after_another_one() -> None:
    down = by("owner", "dispute", reason="One of a thousand", wanted="regrade")
    away = by("owner", "dispute", reason="And not ours", wanted="withdraw")
    world = World(policy()).walk((*w.OPEN, down))
    for decider, outcome, after in (("reviewer", "upheld", (away,)), ("member4", "rejected", ())):
        seen = w.SUBMIT.body["signature"]
        world.do(decider, "decide_dispute", {"outcome": outcome, "reason": "Heard", "signature": seen})
        world.walk(after)
    with pytest.raises(Refusal, match="only the certification committee makes it a major again"):
        world.do("reviewer2", "regrade", {"grade": "major", "reason": "So"})


@pytest.mark.parametrize(
    ("command", "body", "field"),
    [
        ("assign", {"role": "chief", "person": "reviewer2"}, "/role"),
        ("comment", {"text": "So", "section": "weather"}, "/section"),
        ("ask", {"text": "So?", "of": "client", "section": "weather"}, "/section"),
    ],
)
def test_roles_and_sections_are_those_of_the_procedure(command: str, body: dict[str, str], field: str) -> None:
    with pytest.raises(Refusal) as refused:
        World(policy()).walk(w.OPEN).do("auditor", command, body)
    assert (refused.value.code, refused.value.pointer) == ("shape", field)
