import json
from collections import Counter
from pathlib import Path

import pytest

from services.intake import Context, Found, Item, Rejected, ocsf, sarif
from tests.intake import fuzz

SAMPLES = Path(__file__).parents[3] / "shared" / "samples"
pytestmark = pytest.mark.skipif(not SAMPLES.is_dir(), reason="the sample documents are not beside this checkout")


def items(read: fuzz.Read, file: str) -> list[Item]:
    return list(read((SAMPLES / file).read_bytes(), Context(client="acme")))


def the(item: Item) -> Found:
    assert isinstance(item, Found), item
    return item


@pytest.mark.parametrize(
    ("file", "found", "skipped", "distinct"),
    [
        ("appendix_k1.sarif", 0, 0, 0),
        ("appendix_k1_double.sarif", 0, 0, 0),
        ("appendix_k2.sarif", 1, 0, 1),
        ("appendix_k3.sarif", 1, 0, 1),
        ("bash-report.sarif", 27, 0, 12),
        ("blackduck_nested_fingerprints.sarif", 5, 0, 5),
        ("codeQL-output.sarif", 72, 0, 72),
        ("cxf-3.4.6.sarif", 22, 0, 22),
        ("dockle_0_3_15.sarif", 4, 0, 4),
        ("flawfinder.sarif", 53, 1, 53),
        ("mobsfscan.json", 9, 0, 9),
        ("njsscan.sarif", 2, 0, 2),
        ("no_runs.sarif", 0, 0, 0),
        ("spotbugs.sarif", 56, 0, 56),
        ("suppression_test.sarif", 2, 3, 2),
        ("taint-python-report.sarif", 11, 0, 11),
    ],
)
def test_sarif(file: str, found: int, skipped: int, distinct: int) -> None:
    assert sarif.claims(json.loads((SAMPLES / "sarif" / file).read_bytes()))
    read = items(sarif.read, f"sarif/{file}")
    assert Counter(type(item).__name__ for item in read) == +Counter(Found=found, Skipped=skipped)
    assert len({item.finding.source.external_id for item in read if isinstance(item, Found)}) == distinct


def test_sarif_in_detail() -> None:
    [listed] = items(sarif.read, "sarif/appendix_k2.sarif")
    assert the(listed).finding.statement == 'Variable "count" was used without being initialized.'
    assert "At: src/collections/list.cpp:15 (collections::list::add)" in the(listed).finding.objective_evidence
    codeql = [the(item).finding for item in items(sarif.read, "sarif/codeQL-output.sarif")]
    assert Counter(finding.proposed_grade for finding in codeql) == {"ofi": 57, "major": 11, "minor": 4}
    assert sum(bool(finding.requirements) for finding in codeql) == 25
    bash = the(items(sarif.read, "sarif/bash-report.sarif")[0]).finding
    assert bash.department == "https://github.com/damiencarol/django-DefectDojo"


@pytest.mark.parametrize(
    ("file", "counts"),
    [
        ("ocsf/dojo_prowler_many_vuln.json", {"missing": 3}),  # Prowler 3's own JSON, which is no OCSF
        ("ocsf/dojo_prowler_many_vuln.ocsf.json", {"found": 2, "suppressed": 1}),
        ("ocsf/dojo_prowler_many_vuln_after_4_5_0.ocsf.json", {"found": 2, "suppressed": 1}),
        ("ocsf/dojo_prowler_no_vuln.ocsf.json", {}),
        ("ocsf/dojo_prowler_zero_vul.json", {}),
        ("ocsf/prowler5_aws.ocsf.json", {"found": 2, "not_assessed": 3}),
        ("ocsf/prowler5_gcp.ocsf.json", {"found": 2, "passed": 3}),
        ("malformed/derived/ndjson_findings.jsonl", {"found": 2, "not_assessed": 3}),
    ],
)
def test_ocsf(file: str, counts: dict[str, int]) -> None:
    read = items(ocsf.read, file)
    assert (
        Counter(item.problem.code if isinstance(item, Rejected) else getattr(item, "reason", "found") for item in read)
        == counts
    )
    found = [item.finding for item in read if isinstance(item, Found)]
    assert len({finding.source.external_id for finding in found}) == len(found)


def test_ocsf_in_detail() -> None:
    file = "ocsf/prowler5_aws.ocsf.json"
    assert ocsf.claims(json.loads((SAMPLES / file).read_bytes()))
    item = the(items(ocsf.read, file)[0])
    # The text beside this number says 14:27:03, the local time of the scanner.
    assert (str(item.finding.detected_at), list(item.flags)) == ("2025-02-14 13:27:03+00:00", [])
    assert item.finding.requirements[0].clause == "A.8.3"
