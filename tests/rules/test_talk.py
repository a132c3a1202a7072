"""Questions and complaints wait for their answers; the extent at other sites, where a policy asks for each."""

from datetime import timedelta
from typing import Any

import pytest

from tests.rules import talk_stories as t
from tests.rules import walks as w
from tests.rules.dispute_stories import by
from tests.rules.life import Step, Steps, Wait, World, policy
from workflows.decider import Refusal
from workflows.nonconformity.correspondence import MOST_ANSWERED, exchanges


def lived(steps: Steps, **changes: Any) -> World:
    return World(policy(**changes)).walk(steps)


def refusal(world: World, step: Step) -> str:
    with pytest.raises(Refusal) as refused:
        world.walk((step,))
    return refused.value.code


def test_a_question_waits_for_the_other_side_until_it_is_answered() -> None:
    world = lived((*w.OPEN, t.ASK, t.ASK_CLIENT))
    assert [(one.key, one.of, one.section, one.by) for one in world.case.questions] == [
        ("q1", "certification_body", "statement", "owner"),
        ("q2", "client", None, "reviewer"),
    ]
    assert refusal(world, by("approver", "answer", question="q1", text="So")) == "not_asked"
    world.walk((by("approver", "answer", question="q2", text="Since March"), t.ANSWER))
    waiting = [one.key for one in world.case.questions]
    world.walk((t.ASK,))
    assert (waiting, [one.key for one in world.case.questions]) == ([], ["q3"])


def test_questions_and_complaints_go_on_after_the_end() -> None:
    world = lived((*w.CLOSED, t.ASK, t.ANSWER, t.COMPLAIN, t.REPLY))
    assert (world.case.status, world.case.questions, world.case.complaints) == ("closed", (), ())
    told = exchanges(world.case.answered, world.case.settled)
    assert [one.answer.text for one in told if one.answer] == ["Accounts 17 and 23", "We changed the number"]


def test_what_was_said_is_read_in_its_order_and_who_must_answer() -> None:
    world = lived((*w.OPEN, t.ASK, Wait("PT1H"), t.COMPLAIN, t.ASK_CLIENT, Wait("PT1H"), t.ANSWER))
    case = world.case
    told = exchanges((*case.answered, *case.questions), (*case.settled, *case.complaints))
    assert [(one.key, one.waiting_on, one.section, one.about) for one in told] == [
        ("q1", None, "statement", None),
        ("q2", "client", None, None),
        ("k1", "certification_body", None, "Reviewer"),
    ]
    assert told[0].answer is not None
    assert (told[0].by, told[0].answer.by, told[0].answer.at - told[0].at) == ("owner", "auditor", timedelta(hours=2))
    world.walk((t.REPLY,))
    [settled] = world.case.settled
    assert settled.answer is not None
    assert (settled.about, settled.answer.by, settled.answer.text) == (
        "Reviewer",
        "scheme_manager",
        "We changed the number",
    )


def test_the_latest_answers_are_kept() -> None:
    world = lived(w.OPEN)
    for n in range(1, MOST_ANSWERED + 3):
        world.walk((t.ASK, by("auditor", "answer", question=f"q{n}", text=f"Answer {n}")))
    kept = [one.key for one in world.case.answered]
    assert (kept[0], kept[-1], len(kept)) == ("q3", f"q{MOST_ANSWERED + 2}", MOST_ANSWERED)
    assert world.case.asked == MOST_ANSWERED + 2


def test_an_internal_auditor_asks_for_the_client() -> None:
    world = lived((*w.OPEN, by("internal_auditor", "ask", text="Which?", of="certification_body")))
    assert refusal(world, by("internal_auditor", "answer", question="q1", text="So")) == "not_asked"


@pytest.mark.parametrize("about", ["reviewer", "Reviewer", " REVIEWER ", None])
def test_nobody_answers_a_complaint_about_themselves(about: str | None) -> None:
    named: dict[str, str] = {} if about is None else {"about": about}
    world = lived((*w.OPEN, by("owner", "complain", text="Nobody calls back", **named)))
    own = by("reviewer", "answer_complaint", complaint="k1", text="So")
    if about is None:
        world.walk((own,))
    else:
        assert refusal(world, own) == "complained_about"
        world.walk((t.REPLY,))
    assert world.case.complaints == ()


def test_the_extent_at_a_site_is_replaced_and_signed_with_the_evidence() -> None:
    world = lived((*w.EVIDENCED, t.extent(), t.extent("Wien", affected=False)))
    seen = Step("approver", "submit_evidence", w.SUBMIT_EVIDENCE.body)
    world.walk((t.extent(affected=False),))
    assert [(one.site, one.affected) for one in world.case.extents] == [("Wien", False), ("Linz", False)]
    assert world.types().count("extent_recorded") == 3
    world.walk((seen,))


def test_each_site_is_stated_and_each_affected_one_shown() -> None:
    world = lived((t.SITES, *w.EVIDENCED), **t.EACH)
    assert refusal(world, w.SUBMIT_EVIDENCE) == "extent_missing"
    world.walk((t.extent("Linz"), t.extent("Wien", affected=False)))
    assert refusal(world, w.SUBMIT_EVIDENCE) == "site_not_evidenced"
    world.walk((Step("owner", "attach_evidence", {**w.EVIDENCE, "site": "Linz"}), w.SUBMIT_EVIDENCE))
    assert world.case.status == "evidence_submitted"


def test_without_such_a_policy_no_site_is_asked_for() -> None:
    world = lived((t.SITES, *w.EVIDENCED, t.extent("Linz"), w.SUBMIT_EVIDENCE))
    assert world.case.status == "evidence_submitted"


def test_a_client_without_registered_sites_names_its_own() -> None:
    world = lived((*w.EVIDENCED, t.extent("Halle 3")), **t.EACH)
    assert refusal(world, w.SUBMIT_EVIDENCE) == "site_not_evidenced"
