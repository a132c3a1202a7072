"""Samples of webhooks, of workbooks of the Clearinghouse and of envelopes in detail."""

import base64
import json

import pytest

from services import intake
from services.intake import Context, Found, Item, UnknownFormat
from tests.intake.samples import SAMPLES, beside

pytestmark = beside


def items(document: bytes, format: str) -> list[Item]:
    assert intake.detect(document) == format
    return list(intake.read(document, format, Context(client="acme")))


def test_records_of_servicenow() -> None:
    [item] = items((SAMPLES / "servicenow/table_api_change_task_excerpt.json").read_bytes(), "servicenow")
    assert isinstance(item, Found)
    assert (item.finding.severity, str(item.finding.detected_at)) == ("Critical", "2020-02-06 22:19:51+00:00")


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
    assert [type(item) for item in found] == [Found] * 4


@pytest.mark.parametrize("file", ["xccdf/openscap_one_vuln_rhsa.xml", "scanner_other/legitify_many_findings.json"])
def test_what_is_none_of_them_says_what_each_format_lacks_in_it(file: str) -> None:
    with pytest.raises(UnknownFormat) as refused:
        intake.detect((SAMPLES / file).read_bytes())
    assert all(refused.value.lacks.values())
