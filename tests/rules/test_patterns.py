"""Patterns across cases: repeats, proposals to aggregate, and what a client should do first."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows.entries import CaseEntry
from workflows.nonconformity.case import Case
from workflows.nonconformity.commands import Cause, Extent
from workflows.nonconformity.deadlines import Deadline
from workflows.nonconformity.parts import Action, Analysis
from workflows.patterns import priorities, proposals, repeats
from workflows.policy import Patterns

DAY_ONE = datetime(2026, 3, 2, 9, tzinfo=UTC)
A518, A817 = "ISO/IEC 27001 A.5.18", "ISO/IEC 27001 A.8.17"


def entry(name: str, **changes: Any) -> CaseEntry:
    known = {
        "id": name,
        "number": f"NC-2026-{name}",
        "status": "open",
        "grade": "minor",
        "client": "acme",
        "title": name,
        "audit": "A-1",
        "requirements": (A518,),
        "issued_at": DAY_ONE,
    }
    return CaseEntry.model_validate(known | changes)


NOW = entry("now", audit="A-2", issued_at=DAY_ONE + timedelta(days=400))


@pytest.mark.parametrize(
    ("changes", "repeated"),
    [
        ({}, True),
        ({"requirements": ("iso/iec 27001 a.5.18",)}, True),
        ({"status": "closed"}, True),
        ({"status": "superseded"}, True),
        ({"requirements": (A817,)}, False),
        ({"client": "globex"}, False),
        ({"audit": "A-2"}, False),
        ({"audit": None}, True),
        ({"status": "withdrawn"}, False),
        ({"status": "dismissed"}, False),
        ({"status": "reported", "issued_at": None}, False),
        ({"issued_at": NOW.issued_at + timedelta(days=1)}, False),  # type: ignore[operator]
        ({"issued_at": datetime(2024, 4, 6, 9, tzinfo=UTC)}, True),
        ({"issued_at": datetime(2023, 4, 6, 8, tzinfo=UTC)}, False),
    ],
)
def test_what_failed_before_within_the_cycle_is_an_ancestor(changes: Mapping[str, Any], repeated: bool) -> None:
    found = repeats(NOW, [entry("before", **changes), NOW], Patterns())
    assert [one.id for one in found] == (["before"] if repeated else [])


def test_ancestors_come_the_latest_first_with_what_they_share() -> None:
    now = NOW.model_copy(update={"requirements": (A518, A817)})
    older, newer = entry("older"), entry("newer", requirements=(A817, A518), issued_at=DAY_ONE + timedelta(days=30))
    found = repeats(now, [older, newer], Patterns())
    assert [(one.id, one.requirements) for one in found] == [("newer", (A518, A817)), ("older", (A518,))]


def test_without_an_audit_each_stands_for_itself() -> None:
    now = NOW.model_copy(update={"audit": None})
    assert [one.id for one in repeats(now, [entry("before", audit=None)], Patterns())] == ["before"]


def test_a_finding_in_triage_repeats_nothing_yet() -> None:
    assert repeats(entry("new", issued_at=None), [entry("before")], Patterns()) == ()


def test_open_minors_that_share_something_are_proposed_as_one() -> None:
    cases = [
        entry("1", department="IT", process="access"),
        entry("2", department="IT", process="access"),
        entry("3", department="IT", process="access"),
        entry("4", department="IT", requirements=(A817,)),
        entry("5", grade="major", department="IT"),
        entry("6", status="closed", department="IT"),
    ]
    found = proposals(cases, Patterns(propose_at=3))
    # The three share requirement and process: they are proposed once, under the requirement.
    assert [(one.shared, one.value, one.cases) for one in found] == [
        ("department", "IT", ("1", "2", "3", "4")),
        ("requirement", A518, ("1", "2", "3")),
    ]
    assert proposals(cases, Patterns(propose_at=5)) == ()


@given(st.lists(st.sampled_from([A518, A817]), max_size=12), st.integers(2, 6))
def test_a_proposal_has_at_least_as_many_cases_as_the_policy_asks(shares: list[str], least: int) -> None:
    cases = [entry(str(n), requirements=(one,)) for n, one in enumerate(shares)]
    found = proposals(cases, Patterns(propose_at=least))
    assert {one.value: len(one.cases) for one in found} == {
        one: shares.count(one) for one in set(shares) if shares.count(one) >= least
    }


def case(causes: Mapping[str, str], actions: Mapping[str, tuple[str, ...]], **changes: Any) -> Case:
    """A case with causes by key, each with its category, and actions by key, each with the causes it removes."""
    found = tuple(Cause(key=key, text=f"text of {key}", category=category or None) for key, category in causes.items())
    planned = tuple(
        Action(key=key, text=key, causes=removes, owner="o", due_on=date(2026, 4, 1), after=())
        for key, removes in actions.items()
    )
    known: dict[str, Any] = {
        "status": "open",
        "grade": "minor",
        "analysis": Analysis(method="other", steps=(), causes=found, extent=Extent()),
        "actions": planned,
    }
    return Case(**(known | changes))


def test_the_action_that_resolves_most_open_cases_comes_first() -> None:
    cases = {
        "1": case({"c1": "Training", "c2": "Tooling"}, {"teach": ("c1",), "buy": ("c1", "c2")}),
        "2": case({"c1": "training "}, {"teach": ("c1",)}, grade="major"),
        "3": case({"c1": "Supplier"}, {"ask": ("c1",)}),
        "4": case({"c1": "Training"}, {}, status="closed"),
    }
    found = priorities(cases)
    assert [(one.case, one.action, one.resolves, one.helps) for one in found] == [
        ("1", "buy", ("1", "2"), ()),
        ("1", "teach", ("2",), ("1",)),
        ("2", "teach", ("2",), ("1",)),
        ("3", "ask", ("3",), ()),
    ]
    assert [one.majors for one in found] == [1, 1, 1, 0]


def test_causes_without_a_category_are_the_same_by_their_text() -> None:
    cases = {"1": case({"c1": ""}, {"act": ("c1",)}), "2": case({"c1": ""}, {}), "3": case({"c9": ""}, {})}
    assert priorities(cases)[0].resolves == ("1", "2")


def test_what_is_done_is_no_priority_and_the_earliest_running_date_is_told() -> None:
    done = case({"c1": "x"}, {"act": ("c1",)})
    done = done.model_copy(update={"actions": (done.actions[0].model_copy(update={"done_on": date(2026, 3, 3)}),)})
    assert priorities({"1": done}) == []

    def due(days: int, state: str = "running") -> tuple[Deadline, ...]:
        at = DAY_ONE + timedelta(days=days)
        return (Deadline.model_validate({"kind": "closure", "due_at": at, "first_due_at": at, "state": state}),)

    cases = {
        "1": case({"c1": "x"}, {"act": ("c1",)}, deadlines=due(90)),
        "2": case({"c1": "x"}, {}, deadlines=due(60)),
        "3": case({"c1": "x"}, {}, deadlines=due(30, "stopped")),
    }
    assert priorities(cases)[0].first_due_at == DAY_ONE + timedelta(days=60)
