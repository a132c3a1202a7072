"""What becomes of a finding that its source states in part: completed in triage, beside what the source says."""

from typing import Any

import pytest

from tests.rules import audits as a
from tests.rules import source_stories as sources
from tests.rules import walks as w
from tests.rules.completion_stories import COMPLETE, REWORD
from tests.rules.dispute_stories import by
from tests.rules.life import CASE, Step, Steps, World, policy
from workflows.decider import Refusal
from workflows.findings import missing_for_issue
from workflows.nonconformity import doubts
from workflows.nonconformity import events as e
from workflows.nonconformity.case import Case
from workflows.nonconformity.completions import stated
from workflows.nonconformity.rules import Nonconformity

BARE: dict[str, Any] = {"statement": "", "objective_evidence": "", "requirements": [], "source": sources.BY_HAND}
CITED = {"standard": "ISO 9001", "edition": "2015", "clause": "8.2", "text": "The buyer's own words."}
WHOLE = by(
    "auditor",
    "complete",
    requirements=["ISO 9001:2015 8.2"],
    statement="Orders are accepted without review.",
    objective_evidence="Orders 4711 and 4712 of March.",
    sites=["Linz"],
    department="Sales",
    process="Order intake",
)


def case(*steps: Step) -> Case:
    """A finding of which its source states a title alone, after these steps."""
    return World(policy()).walk((*w.report(**BARE), *steps)).case


def says(case: Case, *names: str) -> list[Any]:
    assert case.finding is not None
    return [getattr(case.finding, name) for name in names]


def test_it_can_be_issued_once_it_is_complete() -> None:
    completed = case(WHOLE)
    assert completed.finding is not None
    assert missing_for_issue(completed.finding) == []
    assert completed.finding.requirements[0].line == "ISO 9001:2015 8.2"
    assert says(completed, "sites", "department", "process") == [("Linz",), "Sales", "Order intake"]
    issued = case(WHOLE, by("auditor", "issue", grade="minor"))
    assert (issued.status, issued.finding) == ("open", completed.finding)


def test_what_its_source_said_stays_beside_it_whatever_is_completed_and_once_it_is_issued() -> None:
    found = case().finding
    for steps in ((WHOLE,), (WHOLE, by("auditor", "issue", grade="minor"))):
        after = case(*steps)
        assert after.source_finding == found
        assert {one.field for one in after.completed} == {*WHOLE.body}
        assert {(one.by, one.reason) for one in after.completed} == {("auditor", None)}


def test_who_completed_what_is_told_field_by_field() -> None:
    again = by("auditor2", "complete", statement="Orders were accepted unreviewed.", reason="Clearer")
    after = {one.field: (one.by, one.reason) for one in case(WHOLE, again).completed}
    assert after.pop("statement") == ("auditor2", "Clearer")
    assert set(after.values()) == {("auditor", None)}


def test_saying_more_than_the_source_needs_no_reason_saying_otherwise_does() -> None:
    world = World(policy()).walk(w.REPORTED)
    evidence, held = w.FINDING["objective_evidence"], w.FINDING["requirements"]
    world.do("auditor", "complete", {"objective_evidence": f"{evidence} List of 3 March.", "title": w.FINDING["title"]})
    world.do("auditor", "complete", {"requirements": [*held, "ISO/IEC 27001:2022 A.5.16"]})
    assert [one.field for one in world.case.completed] == ["objective_evidence", "requirements"]
    with pytest.raises(Refusal) as refused:
        world.do("auditor", "complete", {"requirements": ["ISO/IEC 27001:2022 A.5.16"]})
    assert (refused.value.code, refused.value.pointer) == ("rewording_unexplained", "/reason")
    world.do("auditor", "complete", {"requirements": ["ISO/IEC 27001:2022 A.5.16"], "reason": "It is of identities"})
    assert [one.line for one in says(world.case, "requirements")[0]] == ["ISO/IEC 27001:2022 A.5.16"]
    # What was worded otherwise for a reason stands; only what is changed of it asks for another.
    world.do("auditor", "complete", {"department": "IT"})


def test_the_order_of_what_the_source_states_needs_no_reason() -> None:
    two = [CITED, {"standard": "ISO 9001", "edition": "2015", "clause": "8.3"}]
    world = World(policy()).walk(w.report(**BARE | {"requirements": two}))
    world.do("auditor", "complete", {"requirements": two[::-1]})
    assert [one.clause for one in says(world.case, "requirements")[0]] == ["8.3", "8.2"]


def test_a_refusal_names_the_fields_in_words() -> None:
    shown = sources.revised(**BARE | {"objective_evidence": "One."})
    with pytest.raises(Refusal, match="states the objective evidence otherwise"):
        case(shown, by("auditor", "complete", objective_evidence="Two."))


def test_a_label_that_stands_against_issuing_is_said_by_what_is_completed_as_by_what_is_reported() -> None:
    labelled = BARE | {"grade": "major", "label": "grave"}
    completed: Steps = (*w.report(**labelled), WHOLE)
    assert World(policy()).walk(completed).case.flags == ("label_unknown",)
    again = World(policy()).walk((*completed, sources.revised(**labelled | {"severity": "low"}))).case
    assert (again.flags, again.proposed_grade) == (("label_unknown",), "ofi")
    unlabelled = World(policy()).walk((*completed, sources.revised(**BARE))).case
    assert (unlabelled.flags, says(unlabelled, "statement")) == ((), [WHOLE.body["statement"]])


def test_what_differs_from_its_audit_is_said_by_what_is_completed() -> None:
    audited = BARE | {"audit": {"ref": "A-1", "stage": "stage1"}}
    [warning] = World(policy()).walk((a.plan(), *w.report(**audited), WHOLE)).case.warnings
    assert warning.startswith("The finding says that the audit A-1 is stage1")


def test_once_it_is_issued_what_its_source_says_is_weighed_as_the_source_says_it() -> None:
    sites = Step("scheme_manager", "revise", {"sites": ["Wien"]}, "client")
    issued = World(policy()).walk((sites, *w.report(**BARE), WHOLE, by("auditor", "issue", grade="minor")))
    issued.walk((sources.revised(**BARE | {"title": "Orders"}),))
    told = issued.stream(CASE).history[-1].event
    assert isinstance(told, e.FindingRevised)
    assert told.warnings == ()


def test_a_requirement_named_on_a_line_keeps_its_text() -> None:
    lines = by("auditor", "complete", requirements=["ISO 9001:2015 8.2", "ISO 9001:2015 8.3"])
    after = case(by("auditor", "complete", requirements=[CITED]), lines)
    assert [one.text for one in says(after, "requirements")[0]] == ["The buyer's own words.", None]
    other = by("auditor", "complete", requirements=[{**CITED, "text": "Other words."}])
    cited = by("auditor", "complete", requirements=[CITED])
    assert [one.text for one in says(case(cited, other), "requirements")[0]] == ["Other words."]


def test_what_is_emptied_is_as_its_source_states_it() -> None:
    back = case(WHOLE, by("auditor", "complete", statement="", requirements=[], department=""))
    assert says(back, "statement", "requirements", "department") == ["", (), None]
    assert [one.field for one in back.completed] == ["objective_evidence", "sites", "process"]
    bare = case(WHOLE, by("auditor", "complete", **dict.fromkeys(WHOLE.body, "") | {"requirements": [], "sites": []}))
    assert (bare.completed, bare.source_finding, bare.finding) == ((), None, case().finding)


def test_saying_what_the_source_says_gives_it_back() -> None:
    reworded = Step(REWORD.actor, "complete", {**REWORD.body, "reason": "Shorter"})
    assert World(policy()).walk((*w.REPORTED, reworded)).case.completed
    after = World(policy()).walk((*w.REPORTED, reworded, COMPLETE)).case
    assert (after.completed, says(after, "statement")) == ((), [w.FINDING["statement"]])


def test_what_stands_beside_the_source_is_told_field_by_field() -> None:
    assert stated(Case()) == stated(case()) == ()
    both = {"requirements": [CITED, {"standard": "ISO 9001", "clause": "8.3"}], "sites": ["Linz", "Wien"]}
    reworded = by("auditor", "complete", title="Orders", requirements=["ISO 9001 8.1"], sites=["Graz"], reason="So")
    told = {one.field: (one.theirs, one.completed) for one in stated(case(sources.revised(**BARE | both), reworded))}
    assert {name: theirs for name, (theirs, _) in told.items()} == {
        "title": w.FINDING["title"],
        "requirements": "ISO 9001:2015 8.2\nISO 9001 8.3",
        "sites": "Linz\nWien",
    }
    assert {completed and (completed.field, completed.reason) for _, completed in told.values()} == {
        ("title", "So"),
        ("requirements", "So"),
        ("sites", "So"),
    }
    # What its source says otherwise once it is issued, nobody completed.
    issued = case(WHOLE, by("auditor", "issue", grade="minor"), sources.revised(**BARE | {"title": "Orders"}))
    assert [(one.field, one.completed is None, one.theirs) for one in stated(issued)] == [
        ("title", True, "Orders"),
        *((name, False, "") for name in WHOLE.body),
    ]


def test_what_is_completed_survives_what_its_source_says_later() -> None:
    revised = sources.revised(**BARE | {"title": "Orders", "statement": "No order is reviewed."})
    after = case(WHOLE, revised)
    assert says(after, "title", "statement") == ["Orders", "Orders are accepted without review."]
    assert after.source_finding is not None
    assert after.source_finding.statement == "No order is reviewed."
    assert doubts.told(after) == (
        "Its source states the statement anew since that was completed: what was completed stands.",
    )
    # Until it is completed again, or issued as it stands.
    weighed = case(WHOLE, revised, by("auditor", "complete", statement="Orders go out unreviewed.", reason="Of both"))
    assert doubts.told(weighed) == ()
    issued = case(WHOLE, revised, by("auditor", "issue", grade="minor"))
    assert (says(issued, "statement"), doubts.told(issued)) == (says(after, "statement"), ())


@pytest.mark.parametrize("later", [{"title": "Orders"}, {"statement": "Orders are accepted without review. So it is."}])
def test_what_its_source_says_of_other_things_or_likewise_is_no_matter(later: dict[str, str]) -> None:
    longer = by("auditor", "complete", statement="Orders are accepted without review. So it is. For years.")
    after = case(longer, sources.revised(**BARE | later))
    assert doubts.told(after) == ()
    assert [one.field for one in after.completed if one.restated] == [name for name in later if name == "statement"]


def test_without_a_completion_nothing_stands_beside_what_its_source_says() -> None:
    after = case(sources.revised(**BARE | {"statement": "No order is reviewed."}))
    assert (after.source_finding, stated(after), says(after, "statement")) == (None, (), ["No order is reviewed."])


def test_a_part_that_its_source_states_anew_is_joined_to_what_it_said_not_to_what_was_completed() -> None:
    body = {**sources.revised(**BARE | {"severity": "high"}).body, "part": {"fields": ["severity"]}}
    after = case(WHOLE, Step(sources.SOURCE, "revise_finding", body))
    assert after.source_finding is not None
    assert (after.source_finding.severity, after.source_finding.statement) == ("high", "")
    assert says(after, "severity", "statement") == ["high", "Orders are accepted without review."]


def test_what_hints_at_a_cause_is_told_to_who_completes() -> None:
    [warning] = case(by("auditor", "complete", statement="Orders go out because of a lack of training.")).warnings
    assert warning.startswith("The statement suggests a cause")
    doubtful = case(by("auditor", "complete", sites=["Linz"])).warnings
    assert doubtful == ()


def test_it_is_weighed_as_it_stands_completed_also_when_its_source_says_more() -> None:
    sites = Step("scheme_manager", "revise", {"sites": ["Wien"]}, "client")
    steps: Steps = (sites, *w.report(**BARE), WHOLE, sources.revised(**BARE | {"title": "Orders"}))
    [warning] = World(policy()).walk(steps).case.warnings
    assert "not registered of the client acme: Linz" in warning


def test_a_client_that_is_merged_takes_what_its_source_said_along() -> None:
    world = World(policy()).walk((w.GLOBEX, *w.report(**BARE), WHOLE))
    world.do("reaction:client/acme", "change_client", {"client": "globex"})
    found, said = world.case.finding, world.case.source_finding
    assert found is not None
    assert said is not None
    assert (found.client, said.client) == ("globex", "globex")


def test_where_what_was_reported_is_erased_nothing_of_it_comes_back_by_what_was_completed() -> None:
    world = World(policy()).walk((*w.report(**BARE), WHOLE, by("auditor", "dismiss", reason="So")))
    left = Nonconformity().initial()
    for happened in world.stream(CASE).history[1:]:
        left = Nonconformity().evolve(left, happened)
    assert (left.status, left.finding, left.source_finding, left.completed) == ("dismissed", None, None, ())
