"""What a lead auditor would ask about: acceptance and its loss, four eyes, rounds, the committee, who may do what."""

from datetime import date

import pytest

from tests.rules import walks as w
from tests.rules.life import ROLES, SIGN, START, Day, In, Step, Steps, Wait, World, policy
from tests.rules.time_stories import ONE_MORE, SECOND
from workflows.decider import Refusal
from workflows.nonconformity.case import Case
from workflows.people import CLIENT_SIDE
from workflows.registry import PROCEDURES


def allowed(world: World, actor: str) -> dict[str, str | None]:
    context = world.context("nonconformity/0190-case", world.actor(actor))
    return {item.command: item.why_not for item in PROCEDURES["nonconformity"].allowed(world.case, context)}


@pytest.mark.parametrize(
    "change",
    [
        Step("owner", "plan_action", w.action("a2")),
        Step("owner", "revise_action", {"key": "a1", "owner": "approver"}),
        Step("owner", "revise_action", {"key": "a1", "due_on": Day(28)}),
        Step("owner", "drop_action", {"key": "a1", "reason": "Too dear"}),
    ],
)
def test_a_change_beyond_the_tolerance_voids_the_acceptance(change: Step) -> None:
    world = World(policy()).walk((*w.ACCEPTED, change))
    assert (world.case.status, world.case.plan.state, world.types()[-1]) == ("open", "draft", "acceptance_voided")
    plan = world.case.deadline("plan")
    assert plan is not None
    assert (plan.state, plan.met_at) == ("running", None)
    with pytest.raises(Refusal, match="possible while"):
        world.do("approver", "submit_evidence", {"signature": SIGN})


def test_within_the_tolerance_the_acceptance_stands_but_small_steps_add_up() -> None:
    world = World(policy()).walk((*w.ACCEPTED, Step("owner", "revise_action", {"key": "a1", "due_on": Day(26)})))
    assert (world.case.status, world.case.plan.state) == ("plan_submitted", "accepted")
    world.do("owner", "revise_action", {"key": "a1", "due_on": Day(28)})
    assert (world.case.status, world.case.plan.state) == ("open", "draft")


def test_a_tolerance_in_months_is_one() -> None:
    moved = Step("owner", "revise_action", {"key": "a1", "due_on": Day(50)})
    assert World(policy(tolerance="P1M")).walk((*w.ACCEPTED, moved)).case.plan.state == "accepted"


def test_four_eyes_hold_over_a_return_and_the_client_may_switch_them_off() -> None:
    steps = (*w.ANALYSED, Step("all_in_one", "plan_action", w.action()), w.SUBMIT, w.RETURN)
    world = World(policy()).walk(steps)
    with pytest.raises(Refusal, match="another approver"):
        world.do("all_in_one", "submit_plan", {"signature": SIGN})
    world.do("approver", "change_settings", {"four_eyes": False}, "client")
    world.do("all_in_one", "submit_plan", {"signature": SIGN})
    assert world.case.plan.version == 2


def test_over_the_round_limit_the_committee_is_called_once() -> None:
    world = World(policy()).walk(w.PLANNED)
    for _ in range(5):
        world.walk((w.SUBMIT, w.RETURN))
    assert (world.case.rounds, len(world.case.reviews)) == (5, 1)
    assert world.case.escalation is not None
    assert world.case.escalation.cause == "round_limit"


def test_a_minor_is_verified_and_closed_in_one_act() -> None:
    world = World(policy()).walk((*w.MINOR, Step("reviewer", "close", w.CLOSE.body)))
    assert world.types()[-2:] == ["verified", "closed"]


def test_an_opportunity_for_improvement_is_closed_or_acknowledged_only() -> None:
    world = World(policy()).walk(w.OFI)
    assert (world.case.deadlines, world.next_wakeup()) == ((), None)
    world.walk((Step("owner", "acknowledge"), w.CLOSE))
    assert world.case.status == "closed"


def test_reopened_it_is_submitted_and_accepted_anew() -> None:
    world = World(policy()).walk((*w.CLOSED, Wait("P3D"), Step("reviewer", "reopen", {"reason": "Another case"})))
    case = world.case
    assert (case.status, case.plan.state, case.verification, case.closure) == ("open", "returned", None, None)
    states = {"plan": "running", "evidence": "running", "closure": "running", "review": "met"}
    assert {d.kind: d.state for d in case.deadlines} == states
    closure = case.deadline("closure")
    assert closure is not None
    assert closure.due_at == closure.first_due_at
    world.walk((w.SUBMIT, w.ACCEPT, w.SUBMIT_EVIDENCE, w.VERIFY, w.CLOSE))
    assert world.case.status == "closed"


@pytest.mark.parametrize(
    ("choice", "status", "grade", "closure"),
    [
        ("extend", "open", "major", "running"),
        ("special_audit", "open", "major", "running"),
        ("suspend", "open", "major", "running"),
        ("reduce_scope", "open", "major", "stopped"),
        ("withdraw_certificate", "open", "major", "stopped"),
        ("refuse", "open", "major", "stopped"),
        ("regrade", "open", "minor", "running"),
        ("dismiss", "dismissed", "major", "stopped"),
    ],
)
def test_each_decision_takes_its_effect(choice: str, status: str, grade: str, closure: str) -> None:
    audit = {"ref": "A-1", "stage": "stage2"}
    escalated = (*w.opened(audit=audit), *w.ESCALATED[1:])
    world = World(policy()).walk(w.decided(choice, escalated))
    found = world.case.deadline("closure")
    assert found is not None
    assert (world.case.status, world.case.grade, found.state) == (status, grade, closure)
    assert world.case.escalation is not None
    assert (world.case.escalation.state, world.case.escalation.choice) == ("decided", choice)
    assert world.refused == []


def test_after_a_suspension_a_new_date_runs_again() -> None:
    again = Step("auditor", "escalate", {"reason": "Corrected"})
    later = w.votes("extend", until=In("P200D"))
    world = World(policy(limit=None)).walk((*w.decided("suspend"), Wait("P10D"), again, *later, w.DECIDE))
    closure = world.case.deadline("closure")
    assert closure is not None
    assert (closure.state, closure.due_at.date()) == ("running", date(2026, 9, 28))


def test_the_committee_decides_on_the_date_that_was_asked_for() -> None:
    world = World(policy()).walk(SECOND)
    assert world.case.escalation is not None
    assert world.case.escalation.cause == "second_extension"
    world.walk((*(w.vote(m, until=In("P22D")) for m in ("member1", "member2", "member3")), w.DECIDE))
    plan, closure = world.case.deadline("plan"), world.case.deadline("closure")
    assert plan is not None
    assert closure is not None
    assert plan.due_at.date().isoformat() == "2026-03-24"
    assert closure.due_at == closure.first_due_at
    assert world.case.extension is None
    decision = world.review.decision
    assert decision is not None
    assert decision.effect.startswith("The plan date moves to")


def test_a_request_during_a_review_of_something_else_does_not_move_with_its_decision() -> None:
    world = World(policy()).walk((*w.ESCALATED, w.MORE_TIME, *w.votes("extend"), w.DECIDE))
    plan = world.case.deadline("plan")
    assert plan is not None
    assert plan.due_at == plan.first_due_at
    assert world.case.extension is not None


@pytest.mark.parametrize(("ending", "status"), [((*w.VERIFIED[1:], w.CLOSE), "closed"), (w.LEFT[-2:], "withdrawn")])
def test_a_case_that_ends_takes_its_review_along(ending: Steps, status: str) -> None:
    world = World(policy()).walk((*w.ESCALATED, *ending))
    assert (world.case.status, world.review.status, world.refused) == (status, "discontinued", [])
    assert world.case.escalation is not None
    assert world.case.escalation.state == "left"
    assert world.next_wakeup() is None
    with pytest.raises(Refusal, match="discontinued"):
        world.do("member1", "vote", {"choice": "suspend", "reason": "So", "signature": SIGN}, "committee_review")


def test_a_decision_that_crosses_the_end_of_its_case_is_recorded_and_changes_nothing() -> None:
    world = World(policy()).walk(w.LEFT)
    review = world.case.reviews[-1]
    body = {"review": review, "choice": "dismiss", "effect": "Dismissed", "reason": "So"}
    world.do(f"reaction:committee_review/{review}", "apply_decision", body)
    assert (world.case.status, world.types()[-1]) == ("withdrawn", "review_decided")
    assert world.case.decision is not None
    assert world.case.decision.effect == "Dismissed The case had ended: nothing changes here."
    assert world.case.escalation is not None
    assert world.case.escalation.state == "decided"


def test_people_with_a_part_in_audit_or_case_are_recused_and_stay_so() -> None:
    audit = {"ref": "A-1", "stage": "surveillance", "team": ["Member1", "auditor"]}
    steps = (*w.opened(audit=audit), Step("member4", "comment", {"text": "Seen"}), *w.ESCALATED[1:])
    world = World(policy()).walk(steps)
    assert {r.person: r.reason for r in world.review.recused} == {
        "member1": "member of the audit team",
        "member4": "took part in the case",
    }
    assert world.types("committee_review")[-1] == "quorum_impossible"
    assert world.review.could_sit == ("member2", "member3")
    world.do("member2", "recuse", {"person": "member2", "reason": "My brother"}, "committee_review")
    for members in (["member3"], ["member2", "member3", "member4"]):
        world.do("scheme_manager", "convene", {"members": members}, "committee_review")
    assert world.review.sitting == ("member3",)
    with pytest.raises(Refusal, match="recused"):
        world.walk((w.vote("member2"),))


def test_a_recused_vote_no_longer_counts() -> None:
    out = Step("scheme_manager", "recuse", {"person": "member2", "reason": "A client's share"}, "committee_review")
    world = World(policy()).walk((*w.ESCALATED, *w.votes(), out))
    assert [vote.person for vote in world.review.votes] == ["member1", "member3"]
    with pytest.raises(Refusal, match="2 of 3 votes"):
        world.walk((w.DECIDE,))


@pytest.mark.parametrize("state", list(w.STATES["nonconformity"]))
@pytest.mark.parametrize("actor", list(ROLES))
def test_what_is_allowed_is_what_the_row_gives_and_signable_goes_with_it(actor: str, state: str) -> None:
    world = World(policy()).walk(w.STATES["nonconformity"][state])
    person = world.actor(actor)
    given = allowed(world, actor)
    for row in PROCEDURES["nonconformity"].rows:
        if row.command in given:
            assert row.who & person.roles
            assert given[row.command] is None or state not in row.states or row.guards
            assert given[row.command] is not None or state in row.states
    assert "apply_decision" not in given
    if actor == "stranger" and state != "":
        assert given == {}
    context = world.context("nonconformity/0190-case", person)
    signable = PROCEDURES["nonconformity"].signable(
        world.case, PROCEDURES["nonconformity"].allowed(world.case, context)
    )
    signing = {row.command for row in PROCEDURES["nonconformity"].rows if row.signs is not None}
    assert set(signable) == {command for command, why in given.items() if why is None and command in signing}


def test_the_owner_sees_why_the_plan_cannot_be_proposed() -> None:
    assert allowed(World(policy()).walk(w.OPEN), "owner")["propose_plan"] == "The plan has no correction."


def test_client_people_do_nothing_to_a_finding_in_triage() -> None:
    world = World(policy()).walk(w.REPORTED)
    for actor in ROLES:
        if set(ROLES[actor][1]) <= CLIENT_SIDE:
            assert all(why is not None for why in allowed(world, actor).values())


def test_a_key_bound_to_one_client_touches_no_other() -> None:
    world = World(policy()).walk(w.REPORTED)
    with pytest.raises(Refusal, match="another client"):
        world.do("key_globex", "issue", {"grade": "major"})


def test_the_policy_names_who_reviews() -> None:
    world = World(policy(reviewers=["scheme_manager"])).walk(w.SUBMITTED)
    with pytest.raises(Refusal, match="scheme_manager"):
        world.do("reviewer", "accept_plan", {"signature": SIGN})
    world.do("scheme_manager", "accept_plan", {"signature": SIGN})
    assert world.case.plan.state == "accepted"


def test_without_a_policy_a_graded_finding_waits_in_triage() -> None:
    assert World(policy(effective_from="2199-01-01")).walk(w.OPEN).case.status == "reported"


def test_a_text_that_names_cause_or_solution_is_issued_with_a_warning() -> None:
    told = w.opened(statement="Rights were kept because HR was asleep; a tool should be introduced.")
    world = World(policy()).walk(told)
    assert [warning.split(" (")[0] for warning in world.case.warnings] == [
        "The statement suggests a cause",
        "The statement suggests a solution",
    ]
    assert World(policy()).walk(w.OPEN).case.warnings == ()


def test_a_changed_plan_or_returned_evidence_needs_confirming_again() -> None:
    confirm = Step("internal_auditor", "confirm_effectiveness", {"statement": "Seen", "signature": SIGN})
    world = World(policy()).walk((*w.EVIDENCED, confirm))
    assert world.case.confirmation is not None
    world.do("owner", "plan_action", w.action("a2"))
    assert world.case.confirmation is None


def test_the_reviewer_leaves_a_second_request_to_the_committee() -> None:
    world = World(policy()).walk(SECOND)
    assert ONE_MORE.command == "request_extension"
    why = allowed(world, "reviewer")
    assert why["grant_extension"] is not None
    assert why["deny_extension"] == "The certification committee is reviewing it already."


@pytest.mark.parametrize("state", list(w.STATES["nonconformity"]))
def test_a_case_survives_the_database(state: str) -> None:
    case = World(policy(), now=START, zone="Europe/Vienna").walk(w.STATES["nonconformity"][state]).case
    assert Case.model_validate(case.model_dump(mode="json")) == case


def test_a_command_in_another_state_names_those_in_which_it_is_possible_in_the_order_of_the_procedure() -> None:
    world = World(policy()).walk(w.STATES["nonconformity"]["reported"])
    assert allowed(world, "reviewer")["verify"] == (
        "verify is possible while the nonconformity is plan_submitted or evidence_submitted; it is reported."
    )
    for procedure in PROCEDURES.values():
        for row in procedure.rows:
            assert set(procedure.in_order(row.states)) == row.states
            assert set(procedure.in_order(row.to)) == set(row.to)
