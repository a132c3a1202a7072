import json
from typing import Any

import pytest
from hypothesis import given, settings

from services import intake
from services.intake import Context, Found, Item, Rejected, Skipped, servicenow
from tests.intake import fuzz

SYS_ID = "a9f030cfc611227600f37bb8d031ab1b"


def pair(value: Any, shown: str | None = None) -> dict[str, Any]:
    return {"value": value, "display_value": str(value) if shown is None else shown}


RECORD: dict[str, Any] = {
    "sys_id": pair(SYS_ID),
    "number": pair("GRC0001"),
    "sys_class_name": pair("sn_grc_issue", "Issue"),
    "short_description": pair("Restores are not tested"),
    "description": pair("No restore was tested in 2026."),
    "state": pair(1.0, "Open"),
    "active": pair(value=True),
    "priority": pair(2.0, "2 - High"),
    "opened_at": pair("2026-02-06 22:19:51", "06/02/2026 14:19:51"),
    "sys_updated_on": pair("2026-02-07 22:19:51", "07/02/2026 14:19:51"),
    "control": {
        "value": "c1",
        "display_value": "ISO 27001:2022 A.8.13",
        "link": "https://acme.service-now.com/api/now/table/c/c1",
    },
    "assignment_group": pair("g1", "Operations"),
    "due_date": pair("", ""),
}


def items(value: Any) -> list[Item]:
    document = json.dumps(value).encode()
    assert intake.detect(document) == "servicenow"
    return list(intake.read(document, "servicenow", Context(client="acme")))


def the(item: Item) -> Found:
    assert isinstance(item, Found), item
    return item


def test_a_record_becomes_a_finding() -> None:
    item = the(items({"result": [RECORD]})[0])
    finding = item.finding
    assert (finding.source.system, finding.source.external_id) == ("acme.service-now.com/sn_grc_issue", SYS_ID)
    assert (finding.title, finding.severity, finding.department) == ("Restores are not tested", "High", "Operations")
    assert [(one.standard, one.clause) for one in finding.requirements] == [("ISO/IEC 27001", "A.8.13")]
    assert (str(finding.detected_at), list(item.flags)) == ("2026-02-06 22:19:51+00:00", [])
    assert str(item.revision) == "2026-02-07 22:19:51+00:00"
    assert "due_date" not in finding.objective_evidence


def test_values_come_alone_too_and_then_their_zone_is_assumed() -> None:
    alone = {name: one["value"] for name, one in RECORD.items()} | {"priority": "2"}
    for shape in (alone, [alone], {"result": alone}, {"result": [alone]}):
        item = the(items(shape)[0])
        assert (item.finding.severity, item.finding.source.external_id) == ("high", SYS_ID)
        assert [flag.code for flag in item.flags] == ["zone_assumed"]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"state": pair(3.0, "Closed Complete")}, "resolved"),
        ({"state": pair(6.0, "Resolved")}, "resolved"),
        ({"state": pair(8.0, "Cancelled")}, "archived"),
        ({"active": pair(value=False)}, "resolved"),
        ({"active": "false"}, "resolved"),
        ({"closed_at": pair("2026-02-08 10:00:00")}, "resolved"),
    ],
)
def test_what_has_ended_is_skipped(changes: dict[str, Any], reason: str) -> None:
    [item] = items(RECORD | changes)
    assert isinstance(item, Skipped)
    assert (item.reason, item.external_id) == (reason, SYS_ID)


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [({"sys_id": pair("")}, "/sys_id"), ({"short_description": pair("")}, "/short_description")],
)
def test_what_is_no_record_says_why(changes: dict[str, Any], pointer: str) -> None:
    [item] = items(RECORD | changes)
    assert isinstance(item, Rejected)
    assert (item.problem.code, item.problem.pointer) == ("missing", pointer)


@settings(max_examples=150, deadline=None)
@given(
    fuzz.ANY_BYTES
    | fuzz.value("result", "sys_id").map(fuzz.encoded)
    | fuzz.value(*RECORD, "value", "display_value", "link").map(
        lambda one: fuzz.encoded({**RECORD, **one} if isinstance(one, dict) else one)
    )
)
def test_no_bytes_cause_anything_but_items_or_a_named_refusal(document: bytes) -> None:
    fuzz.holds(servicenow.read, document)
