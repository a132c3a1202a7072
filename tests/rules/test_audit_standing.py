"""How audits stand and why, what earlier ones left open, and what comes due at them."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from tests.rules.life import START
from workflows.audit import events as e
from workflows.audit.audit import Audit, Concern
from workflows.audit.records import comes_due
from workflows.audit.standing import ABOUT, left_open, looked_at, standing
from workflows.entries import MOST_CASES, AuditEntry, CaseEntry, CaseQuery
from workflows.grades import Stage

STAGES: tuple[Stage, ...] = ("stage1", "stage2", "surveillance", "recertification", "special", "internal")


def case(id: str = "1", **changes: Any) -> CaseEntry:
    base = {"id": id, "number": f"NC-{id}", "status": "open", "grade": "minor", "client": "acme", "title": "Leavers"}
    return CaseEntry.model_validate({**base, "audit": "A-1", "issued_at": START, **changes})


def outline(stage: Stage = "stage2", **changes: Any) -> e.Outline:
    base = {"key": "A-1", "client": "acme", "stage": stage, "standards": ("ISO/IEC 27001:2022", "ISO 9001")}
    days = {"starts_on": date(2026, 3, 2), "ends_on": date(2026, 3, 4)}
    return e.Outline.model_validate({**base, **days, **changes})


def held(stage: Stage = "stage2", **changes: Any) -> Audit:
    return Audit(status="ended", outline=outline(stage), ended_on=date(2026, 3, 4)).model_copy(update=changes)


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize(
    ("entry", "recommendation", "said"),
    [
        (None, "recommended", None),
        (case(grade="major"), "not_recommended", "The major NC-1 (Leavers) is open"),
        (case(grade="major", status="plan_submitted", plan="accepted"), "not_recommended", "not verified"),
        (case(grade="major", status="evidence_submitted", plan="accepted"), "not_recommended", "not verified"),
        (case(grade="major", status="verified", plan="accepted"), "recommended", None),
        (case(grade="major", status="closed"), "recommended", None),
        (case(), "recommended_on_plan", "The minor NC-1 (Leavers) has no accepted plan."),
        (case(status="plan_submitted", plan="submitted"), "recommended_on_plan", "no accepted plan"),
        (case(status="plan_submitted", plan="accepted"), "recommended", None),
        (case(status="plan_submitted", plan="accepted", deferred=True), "recommended", None),
        (case(status="withdrawn"), "recommended", None),
        (case(status="superseded"), "recommended", None),
        (case(grade="ofi"), "recommended", None),
        (case(status="reported", number=None, grade=None, issued_at=None), "not_recommended", "not graded yet"),
    ],
)
def test_each_case_counts_as_the_standard_says(
    stage: Stage, entry: CaseEntry | None, recommendation: str, said: str | None
) -> None:
    found = standing(held(stage), [entry] if entry else [])
    assert (found.recommendation, found.about) == (recommendation, ABOUT[stage])
    assert [reason.case for reason in found.reasons] == (["1"] if said else [])
    assert said is None or said in found.reasons[0].text


def test_the_worst_reason_decides_and_stands_first() -> None:
    concern = Concern(key="k1", text="No audit", by="auditor", at=START)
    found = standing(
        held("stage1", concerns=(concern,)), [case("1"), case("2", grade="major"), case("3", plan="accepted")]
    )
    assert found.recommendation == "not_recommended"
    assert [(r.recommendation, r.case, r.concern) for r in found.reasons] == [
        ("not_recommended", "2", None),
        ("recommended_on_plan", None, "k1"),
        ("recommended_on_plan", "1", None),
    ]


@pytest.mark.parametrize(
    ("changes", "recommendation", "said"),
    [
        ({"status": "planned"}, "not_recommended", ["The audit has not begun."]),
        ({"status": "under_way"}, "recommended", []),
        ({"status": "concluded"}, "recommended", []),
        ({"status": "cancelled", "ended_because": "Moved"}, "not_recommended", ["The audit was cancelled: Moved"]),
        ({"status": "lapsed", "ended_because": "Too late."}, "not_recommended", ["Too late."]),
        ({"outline": None}, "not_recommended", ["Nothing is known of it."]),
    ],
)
def test_an_audit_stands_somewhere_at_any_time(changes: dict[str, Any], recommendation: str, said: list[str]) -> None:
    found = standing(held(**changes), [])
    assert (found.recommendation, [reason.text for reason in found.reasons]) == (recommendation, said)


@pytest.mark.parametrize(("mended", "against"), [("open", True), ("repaired", True), ("cleared", False)])
def test_a_concern_stands_against_it_until_it_is_cleared(mended: str, against: bool) -> None:
    concern = Concern.model_validate({"key": "k1", "text": "So", "state": mended, "by": "a", "at": START})
    found = standing(held("stage1", concerns=(concern,)), [])
    assert found.recommendation == ("recommended_on_plan" if against else "recommended")


def test_nothing_is_recommended_on_more_cases_than_can_be_seen() -> None:
    entries = [case(str(n), plan="accepted") for n in range(MOST_CASES)]
    assert standing(held(), entries[1:]).recommendation == "recommended"
    assert standing(held(), entries).recommendation == "not_recommended"


EARLIER = {"grade": "major", "audit": "A-0", "stage": "stage2", "requirements": ("ISO 9001 9.2",)}
REGULAR: tuple[Stage, ...] = ("stage2", "surveillance", "recertification")


@pytest.mark.parametrize("stage", STAGES)
def test_a_regular_audit_looks_back_at_majors_that_are_not_verified(stage: Stage) -> None:
    found = standing(held(stage), [case("2", grade="minor"), case("1", **EARLIER)])
    said = "The major NC-1 (Leavers) of the audit A-0 is open: its corrective actions are not verified."
    back = stage in REGULAR
    assert [reason.text for reason in found.reasons if reason.case == "1"] == ([said] if back else [])
    assert found.recommendation == ("not_recommended" if back else "recommended_on_plan")
    assert looked_at(outline(stage)) == CaseQuery(client="acme", audit=None if back else "A-1", unsettled=True)


@pytest.mark.parametrize("stage", REGULAR)
@pytest.mark.parametrize(
    ("changes", "against"),
    [
        ({"status": "plan_submitted", "plan": "accepted"}, True),
        ({"status": "evidence_submitted", "plan": "accepted"}, True),
        ({"stage": "surveillance"}, True),
        ({"stage": "special"}, True),
        ({"stage": None}, True),
        ({"requirements": ()}, True),
        ({"requirements": ("ISO 14001 6.1", "ISO/IEC 27001 A.5.18")}, True),
        ({"requirements": ("ISO 14001 6.1",)}, False),
        ({"stage": "internal"}, False),
        ({"audit": None, "stage": None}, False),
        ({"grade": "minor"}, False),
        ({"status": "verified"}, False),
        ({"status": "closed", "ended_at": START}, False),
        ({"status": "withdrawn"}, False),
        ({"status": "superseded"}, False),
        ({"status": "reported", "issued_at": None}, False),
        ({"issued_at": datetime(2026, 3, 4, 23, 59, tzinfo=UTC)}, True),
        ({"issued_at": datetime(2026, 3, 5, tzinfo=UTC)}, False),
    ],
)
def test_of_earlier_audits_only_living_majors_on_its_standards_count(
    stage: Stage, changes: dict[str, Any], against: bool
) -> None:
    found = standing(held(stage), [case(**{**EARLIER, **changes})])
    assert found.recommendation == ("not_recommended" if against else "recommended")


def test_an_internal_audit_sees_what_external_ones_left_open() -> None:
    entries = [
        case("1", stage="surveillance"),
        case("2", stage="stage2", grade="major"),
        case("3", stage="surveillance", status="closed", ended_at=START),
        case("4", stage="internal"),
        case("5"),
        case("6", stage="special", status="reported", issued_at=None),
        case("7", stage="surveillance", status="superseded"),
    ]
    assert [entry.id for entry in left_open(entries)] == ["2", "1"]


@pytest.mark.parametrize(
    ("stage", "changes", "due"),
    [
        ("surveillance", {}, True),
        ("surveillance", {"deferred_to": "A-1", "stage": "internal", "requirements": ["ISO 14001 6.1"]}, True),
        ("surveillance", {"deferred_to": "A-2"}, False),
        ("special", {"deferred_to": "A-1"}, True),
        ("special", {}, False),
        ("stage1", {}, False),
        ("recertification", {}, True),
        ("surveillance", {"audit": "A-1"}, False),
        ("internal", {}, False),
        ("internal", {"stage": "internal"}, True),
        ("surveillance", {"stage": "internal"}, False),
        ("surveillance", {"requirements": ["ISO 14001 6.1"]}, False),
        ("surveillance", {"requirements": ["ISO 14001 6.1", "ISO 9001 9.2"]}, True),
        ("surveillance", {"requirements": []}, True),
    ],
)
def test_what_was_deferred_comes_due_at_the_next_audit_that_covers_it(
    stage: Stage, changes: dict[str, Any], due: bool
) -> None:
    entry = case(
        deferred=True, **{"audit": "A-0", "stage": "stage2", "requirements": ["ISO/IEC 27001 A.5.18"], **changes}
    )
    assert comes_due(outline(stage), entry) is due


def first(key: str = "S-1", **changes: Any) -> AuditEntry:
    """A stage 1 that was concluded before."""
    whole: dict[str, Any] = {"key": key, "client": "acme", "stage": "stage1", "status": "concluded"}
    dated = {"standards": ("ISO 9001",), "ends_on": date(2026, 2, 2), "recommendation": "recommended"}
    return AuditEntry.model_validate({**whole, **dated, **changes})


@pytest.mark.parametrize(
    ("audits", "recommendation"),
    [
        ([first()], "recommended"),
        ([first(concerns_left=("k1",))], "recommended_on_plan"),
        ([first(recommendation="not_recommended")], "not_recommended"),
        ([first(status="lapsed", recommendation=None)], "not_recommended"),
        ([first(status="cancelled", concerns_left=("k1",))], "recommended"),
        ([first(standards=("ISO 14001",), concerns_left=("k1",))], "recommended"),
        ([first(concerns_left=("k1",)), first("S-2", ends_on=date(2026, 2, 9))], "recommended"),
        ([first("S-2", ends_on=date(2026, 2, 1)), first(concerns_left=("k1",))], "recommended_on_plan"),
    ],
)
def test_stage_2_stands_on_the_latest_stage_1(audits: list[AuditEntry], recommendation: str) -> None:
    assert standing(held(), [], audits).recommendation == recommendation
    assert standing(held("surveillance"), [], audits).recommendation == "recommended"
