"""Samples of scanners in detail: what stands in their findings."""

from collections import Counter

from services.intake import Context, Found, Item, asff, ocsf, sarif
from tests.intake import fuzz
from tests.intake.samples import SAMPLES, beside

pytestmark = beside


def items(read: fuzz.Read, file: str) -> list[Item]:
    return list(read((SAMPLES / file).read_bytes(), Context(client="acme")))


def the(item: Item) -> Found:
    assert isinstance(item, Found), item
    return item


def test_asff_in_detail() -> None:
    found = [item.finding for item in items(asff.read, "asff/prowler-output.asff.json") if isinstance(item, Found)]
    assert sum(any(one.standard == "ISO/IEC 27001" for one in finding.requirements) for finding in found) == 224
    assert Counter(finding.proposed_grade for finding in found) == {"minor": 199, "ofi": 55, "major": 32}


def test_sarif_in_detail() -> None:
    [listed] = items(sarif.read, "sarif/appendix_k2.sarif")
    assert the(listed).finding.statement == 'Variable "count" was used without being initialized.'
    assert "At: src/collections/list.cpp:15 (collections::list::add)" in the(listed).finding.objective_evidence
    codeql = [the(item).finding for item in items(sarif.read, "sarif/codeQL-output.sarif")]
    assert Counter(finding.proposed_grade for finding in codeql) == {"ofi": 57, "major": 11, "minor": 4}
    assert sum(bool(finding.requirements) for finding in codeql) == 25
    bash = the(items(sarif.read, "sarif/bash-report.sarif")[0]).finding
    assert bash.department == "https://github.com/damiencarol/django-DefectDojo"


def test_ocsf_in_detail() -> None:
    file = "ocsf/prowler5_aws.ocsf.json"
    item = the(items(ocsf.read, file)[0])
    # The text beside this number says 14:27:03, the local time of the scanner.
    assert (str(item.finding.detected_at), list(item.flags)) == ("2025-02-14 13:27:03+00:00", [])
    assert item.finding.requirements[0].clause == "A.8.3"
