import json
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from services import intake
from services.intake import Context, Found, Item, Rejected, Skipped, Unreadable

EXAMPLES = Path(__file__).parents[2] / "examples"
ONE: dict[str, Any] = {
    "SchemaVersion": "2018-10-08",
    "Id": "check-1",
    "ProductArn": "arn:aws:securityhub:eu-central-1::product/prowler/prowler",
    "GeneratorId": "prowler-iam_root_mfa_enabled",
    "AwsAccountId": "804215093766",
    "Title": "Ensure MFA is enabled for the root account",
    "Description": "MFA is not enabled for root account.",
    "CreatedAt": "2026-02-18T05:12:44Z",
    "UpdatedAt": "2026-03-02T05:12:44Z",
    "Severity": {"Label": "CRITICAL"},
    "Resources": [{"Type": "AwsAccount", "Id": "804215093766", "Tags": {"Owner": "platform"}}],
    "Compliance": {"Status": "FAILED", "RelatedRequirements": ["ISO27001-2022 A.5.17 A.8.24"]},
    "RecordState": "ACTIVE",
    "Workflow": {"Status": "NEW"},
}


def items(*documents: Any) -> list[Item]:
    text = "\n".join(json.dumps(document) for document in documents)
    return list(intake.read(text.encode(), "asff", Context(client="acme")))


def the(item: Item) -> Found:
    assert isinstance(item, Found), item
    return item


def test_a_failed_check_becomes_a_finding() -> None:
    item = the(items(ONE)[0])
    finding = item.finding
    assert finding.source.system == "prowler/prowler"
    assert finding.source.external_id == f"{ONE['ProductArn']}|check-1"
    assert (finding.client, finding.title, finding.statement) == ("acme", ONE["Title"], ONE["Description"])
    assert [requirement.clause for requirement in finding.requirements] == ["A.5.15", "A.5.17", "A.8.5", "A.8.24"]
    assert {(one.standard, one.edition) for one in finding.requirements} == {("ISO/IEC 27001", "2022")}
    assert (finding.severity, finding.level, finding.proposed_grade, finding.grade) == (
        "CRITICAL",
        "critical",
        "major",
        None,
    )
    assert finding.objective_evidence.splitlines()[:3] == [
        "MFA is not enabled for root account.",
        "Result: FAILED",
        "Resource: AwsAccount 804215093766",
    ]
    assert finding.department == "platform"
    assert item.revision is not None
    assert item.revision.isoformat() == "2026-03-02T05:12:44+00:00"


@pytest.mark.parametrize(
    "envelope",
    [
        [ONE, ONE],
        {"Findings": [ONE, ONE]},
        {"findings": [ONE, ONE]},
        {"detail-type": "Security Hub Findings - Imported", "detail": {"findings": [ONE, ONE]}},
        [{"detail": {"findings": [ONE]}}, {"Findings": [ONE]}],
    ],
)
def test_every_envelope_is_opened_and_repetitions_are_left_to_the_ledger(envelope: object) -> None:
    assert [the(item).index for item in items(envelope)] == [0, 1]


def test_documents_one_after_another_are_read_as_one() -> None:
    assert [the(item).index for item in items(ONE, {"Findings": [ONE]})] == [0, 1]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"Compliance": {"Status": "PASSED"}}, "passed"),
        ({"Compliance": {"Status": "NOT_AVAILABLE"}}, "not_assessed"),
        ({"Compliance": {"Status": "INFOED"}}, "not_assessed"),
        ({"RecordState": "ARCHIVED"}, "archived"),
        ({"Workflow": {"Status": "SUPPRESSED"}}, "suppressed"),
        ({"Workflow": {"Status": "RESOLVED"}}, "resolved"),
        ({"Workflow": None, "WorkflowState": "RESOLVED"}, "resolved"),
        ({"Sample": True}, "sample"),
    ],
)
def test_what_is_not_open_is_skipped(changes: dict[str, Any], reason: str) -> None:
    [item] = items({**ONE, **changes})
    assert isinstance(item, Skipped)
    assert (item.external_id, item.reason) == (f"{ONE['ProductArn']}|check-1", reason)
    assert item.revision == datetime.fromisoformat(ONE["UpdatedAt"])


@pytest.mark.parametrize("compliance", [{"Status": "WARNING"}, {}, None])
def test_a_warning_and_a_threat_without_a_compliance_result_are_open(compliance: object) -> None:
    the(items({**ONE, "Compliance": compliance})[0])


def test_the_newest_revision_counts_in_whatever_order_they_come() -> None:
    newer = {**ONE, "UpdatedAt": "2026-03-03T05:12:44.000+01:00", "Description": "Still not enabled."}
    fixed = {**ONE, "UpdatedAt": "2026-03-04T00:00:00Z", "Compliance": {"Status": "PASSED"}}
    old, new = items([ONE, newer])
    assert isinstance(old, Skipped)
    assert (old.reason, the(new).finding.statement) == ("superseded", "Still not enabled.")
    assert [item.reason for item in items([newer, fixed, ONE]) if isinstance(item, Skipped)] == [
        "superseded",
        "passed",
        "superseded",
    ]


def test_one_revision_that_both_passed_and_failed_has_failed() -> None:
    passed, failed = items([{**ONE, "Compliance": {"Status": "PASSED"}}, ONE])
    assert isinstance(passed, Skipped)
    the(failed)


@pytest.mark.parametrize(
    ("changes", "code", "pointer"),
    [
        ({"Id": None}, "missing", "/Id"),
        ({"ProductArn": 5}, "missing", "/ProductArn"),
        ({"Title": " "}, "missing", "/Title"),
        ({"Compliance": {"Status": "BROKEN"}}, "unknown_status", "/Compliance/Status"),
        ({"Id": "x" * 3000}, "invalid", "/Id"),
    ],
)
def test_one_bad_item_never_loses_the_batch(changes: dict[str, Any], code: str, pointer: str) -> None:
    bad, good = items([{**ONE, **changes}, {**ONE, "Id": "check-2"}])
    assert isinstance(bad, Rejected)
    assert (bad.problem.code, bad.problem.pointer) == (code, pointer)
    the(good)


def test_a_name_that_is_no_text_is_said_to_be_none() -> None:
    [bad] = items([{**ONE, "Id": 5}])
    assert isinstance(bad, Rejected)
    assert (bad.problem.code, bad.problem.pointer) == ("missing", "/Id")
    assert bad.problem.detail.endswith("Id is absent, or no text.")


def test_things_that_are_no_objects_are_rejected_one_by_one() -> None:
    assert [type(item) for item in items({"Findings": [None, [], "x", ONE]})] == [Rejected, Rejected, Rejected, Found]


def test_an_envelope_that_holds_no_list_is_not_readable() -> None:
    with pytest.raises(Unreadable) as refused:
        items([{"detail": {"findings": {}}}])
    assert refused.value.path == "/0/detail/findings"


@pytest.mark.parametrize(
    ("changes", "severity"),
    [
        ({"FindingProviderFields": {"Severity": {"Label": "LOW"}}}, "LOW"),
        ({"Severity": {"Normalized": 70}}, "HIGH"),
        ({"Severity": {"Normalized": 0}}, "INFORMATIONAL"),
        ({"Severity": {"Product": 7.5}}, "7.5"),
        ({"Severity": None}, None),
    ],
)
def test_severity_has_an_order_of_sources(changes: dict[str, Any], severity: str | None) -> None:
    assert the(items({**ONE, **changes})[0]).finding.severity == severity


@pytest.mark.parametrize(
    ("generator", "compliance", "requirement"),
    [
        (
            "aws-foundational-security-best-practices/v/1.0.0/EC2.2",
            {"SecurityControlId": "EC2.2"},
            ("AWS Foundational Security Best Practices", "1.0.0", "EC2.2"),
        ),
        ("security-control/EC2.2", {"SecurityControlId": "EC2.2"}, ("AWS Security Hub controls", None, "EC2.2")),
        ("x", {"RelatedRequirements": ["PCI DSS v3.2.1/1.2.1"]}, ("PCI DSS", "3.2.1", "1.2.1")),
        ("x", {"RelatedRequirements": ["NIST.800-53.r5 AC-4(26)"]}, ("NIST.800-53.r5", None, "AC-4(26)")),
        ("x", {"RelatedRequirements": ["ISO 27001:2022 A.8.3"]}, ("ISO/IEC 27001", "2022", "A.8.3")),
    ],
)
def test_requirements_are_found_where_products_put_them(
    generator: str, compliance: dict[str, Any], requirement: tuple[str, str | None, str]
) -> None:
    finding = the(items({**ONE, "GeneratorId": generator, "Compliance": {"Status": "FAILED", **compliance}})[0]).finding
    assert [(one.standard, one.edition, one.clause) for one in finding.requirements] == [requirement]


def test_a_requirement_that_prowler_cut_in_two_is_dropped_and_flagged() -> None:
    line = "FFIEC d2-ma-ma-b-1 d2-ma-ma-b-2 d3-dc-an-b-3 d3-dc-an-b-4 d3-dc-x"[:63]
    item = the(
        items({**ONE, "GeneratorId": "prowler-x", "Compliance": {"Status": "FAILED", "RelatedRequirements": [line]}})[0]
    )
    assert [one.clause for one in item.finding.requirements] == [
        "d2-ma-ma-b-1",
        "d2-ma-ma-b-2",
        "d3-dc-an-b-3",
        "d3-dc-an-b-4",
    ]
    assert [(flag.code, flag.pointer) for flag in item.flags] == [
        ("requirement_unread", "/Compliance/RelatedRequirements/0")
    ]


def test_texts_beyond_the_bounds_are_cut_and_flagged() -> None:
    item = the(items({**ONE, "Title": "x" * 600, "Description": "y" * 60_000})[0])
    assert (len(item.finding.title), len(item.finding.statement)) == (500, 50_000)
    assert {flag.pointer for flag in item.flags if flag.code == "cut"} == {
        "/title",
        "/statement",
        "/objective_evidence",
    }


def test_without_a_client_every_item_says_so() -> None:
    [item] = intake.read(json.dumps(ONE).encode(), "asff", Context())
    assert isinstance(item, Rejected)
    assert (item.problem.code, item.problem.pointer) == ("missing", "/client")


def test_the_example_scan_has_six_open_findings_one_of_them_twice() -> None:
    document = (EXAMPLES / "cloud-scan.asff.json").read_bytes()
    assert intake.detect(document, "application/json") == "asff"
    found = list(intake.read(document, "asff", Context(client="acme", system="cloud-scanner")))
    open_ones = [item.finding for item in found if isinstance(item, Found)]
    assert len(found) == 13
    assert (len(open_ones), len({finding.source.external_id for finding in open_ones})) == (7, 6)
    assert Counter(item.reason for item in found if isinstance(item, Skipped)) == {
        "passed": 4,
        "suppressed": 1,
        "archived": 1,
    }
    assert all(any(one.standard == "ISO/IEC 27001" for one in finding.requirements) for finding in open_ones)
