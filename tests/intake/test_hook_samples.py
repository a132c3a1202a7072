"""Real bodies of webhooks and workbooks of the Clearinghouse: what becomes of each."""

import base64
import json
from collections import Counter

import pytest

from services import intake
from services.intake import Context, Found, Item, Rejected, Skipped, UnknownFormat, Unreadable
from tests.intake.test_samples import SAMPLES

pytestmark = pytest.mark.skipif(not SAMPLES.is_dir(), reason="the sample documents are not beside this checkout")

GITHUB = {
    "code_scanning_alert.closed_by_user.1": "suppressed",
    "code_scanning_alert.created.2": "found",
    "code_scanning_alert.fixed.3": "resolved",
    "code_scanning_alert.reopened.0": "found",
    "code_scanning_alert.reopened.4": "found",
    "code_scanning_alert.reopened.5": "found",
    "dependabot_alert.created.1": "found",
    "dependabot_alert.fixed.0": "resolved",
    "dependabot_alert.fixed.2": "resolved",
}
JIRA_CLOSED = {
    "webhook-cloud-comment-created": "unrelated",
    "webhook-cloud-comment-deleted": "unrelated",
    "webhook-issue-deleted": "archived",
    "webhook-issue-updated-resolved": "resolved",
    "webhook-issue-updated-resolved-one-changelog": "resolved",
    "webhook-server-comment-created": "unrelated",
    "webhook-server-comment-updated": "unrelated",
    "webhook-server-issue-updated-closed": "resolved",
}
FAC = {
    "fac_audit/FAIL-has_bad_award_references.json": {"found": 1},
    "fac_audit/FAIL-missing-required-fields.json": {"rejected": 1},
    "fac_audit/audit-findings-100010-22.json": {},
    "fac_audit/audit-findings-134732-21.json": {"found": 3},
    "fac_audit/audit-findings-171944-22.json": {"found": 30},
    "fac_audit/audit-findings-text-100010-22.json": {},
    "fac_audit/audit-findings-text-134732-21.json": {"found": 3},
    "fac_audit/audit-findings-text-171944-22.json": {"found": 30},
    "fac_audit/corrective-action-plan-100010-22.json": {},
    "fac_audit/corrective-action-plan-134732-21.json": {"found": 3},
    "fac_audit/corrective-action-plan-171944-22.json": {"found": 30},
    "xlsx/fac-audit-findings-text-workbook--EMPTY.xlsx": {},
    "xlsx/fac-audit-findings-text-workbook.xlsx": {"found": 1},
    "xlsx/fac-corrective-action-plan-workbook--EMPTY.xlsx": {},
    "xlsx/fac-corrective-action-plan-workbook.xlsx": {"found": 1},
    "xlsx/fac-federal-awards-audit-findings-workbook.xlsx": {"found": 1},
}


def items(document: bytes, format: str) -> list[Item]:
    assert intake.detect(document) == format
    return list(intake.read(document, format, Context(client="acme")))


def became(item: Item) -> str:
    match item:
        case Skipped():
            return item.reason
        case Rejected():
            return "rejected"
    return "found"


def test_alerts_of_github() -> None:
    files = sorted((SAMPLES / "github_webhook").iterdir())
    assert {file.stem: became(*items(file.read_bytes(), "github")) for file in files} == GITHUB


def test_issues_of_jira() -> None:
    files = sorted((SAMPLES / "jira_webhook").iterdir())
    told = {file.stem: became(*items(file.read_bytes(), "jira")) for file in files}
    assert {name: what for name, what in told.items() if what != "found"} == JIRA_CLOSED
    assert len(told) == 36


def test_records_of_servicenow() -> None:
    [item] = items((SAMPLES / "servicenow/table_api_change_task_excerpt.json").read_bytes(), "servicenow")
    assert isinstance(item, Found)
    assert (item.finding.severity, str(item.finding.detected_at)) == ("Critical", "2020-02-06 22:19:51+00:00")


@pytest.mark.parametrize("file", FAC)
def test_workbooks_of_the_clearinghouse(file: str) -> None:
    found = items((SAMPLES / file).read_bytes(), "fac")
    assert Counter(map(became, found)) == FAC[file]


def test_a_workbook_of_awards_is_refused() -> None:
    with pytest.raises(Unreadable) as refused:
        items((SAMPLES / "fac_audit/FAIL-this-is-not-a-cap-workbook.json").read_bytes(), "fac")
    assert refused.value.code == "no_findings"


@pytest.mark.parametrize(("audit", "count"), [("134732-21", 3), ("171944-22", 30)])
def test_findings_texts_and_plans_of_an_audit_are_joined(audit: str, count: int) -> None:
    names = ("audit-findings", "audit-findings-text", "corrective-action-plan")
    books = [(SAMPLES / f"fac_audit/{name}-{audit}.json").read_bytes() for name in names]
    found = [item for item in items(b"\n".join(books), "fac") if isinstance(item, Found)]
    assert len(found) == count
    for item in found:
        assert item.finding.statement
        assert item.finding.requirements
        assert "Award AWARD-" in item.finding.objective_evidence
        assert "Corrective action plan, in the auditee's words:\n" in item.finding.objective_evidence


def test_any_of_them_comes_in_an_event() -> None:
    attributes = {"specversion": "1.0", "source": "/s", "type": "t"}
    files = (
        "asff/config_multiple_resources.json",
        "sarif/appendix_k2.sarif",
        "xlsx/fac-audit-findings-text-workbook.xlsx",
    )
    batch = [
        {**attributes, "id": name, "data_base64": base64.b64encode((SAMPLES / name).read_bytes()).decode()}
        for name in files
    ]
    found = items(json.dumps(batch).encode(), "cloudevents")
    assert Counter(map(became, found)) == {"found": 4}


@pytest.mark.parametrize("file", ["xccdf/openscap_one_vuln_rhsa.xml", "scanner_other/legitify_many_findings.json"])
def test_what_is_none_of_them_says_what_each_format_lacks_in_it(file: str) -> None:
    with pytest.raises(UnknownFormat) as refused:
        intake.detect((SAMPLES / file).read_bytes())
    assert all(refused.value.lacks.values())
