import base64
import hashlib
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.intake import Context, Found, Item, Limits, Rejected, Skipped, TooLarge, Unreadable, defectdojo
from tests.intake import fuzz

ACME = Context(client="acme")
SAMPLES = Path(__file__).parents[3] / "shared" / "samples"
ONE: dict[str, Any] = {
    "title": "Session cookie without Secure",
    "description": "The cookie is sent over plain HTTP.",
    "severity": "Medium",
    "date": "2026-01-06",
    "active": True,
    "verified": True,
    "cwe": 614,
    "cve": "CVE-2026-1",
    "file_path": "src/web.py",
    "line": 13,
    "component_name": "web",
    "endpoints": ["https://shop.example/login", {"host": "shop.example"}],
    "references": "See https://owasp.example/cookies",
    "tags": ["security", "ISO 27001:2022 A.8.26"],
    "mitigation": "Set Secure.",
}


def items(document: Any, context: Context = ACME) -> list[Item]:
    raw = document if isinstance(document, bytes) else json.dumps(document).encode()
    return list(defectdojo.read(raw, context))


def report(*findings: Any, **about: Any) -> dict[str, Any]:
    return {**about, "findings": list(findings)}


def the(item: Item) -> Found:
    assert isinstance(item, Found), item
    return item


def keys(*findings: Any) -> list[str]:
    return [the(item).finding.source.external_id for item in items(report(*findings))]


def test_an_entry_becomes_a_finding() -> None:
    item = the(items(report(ONE, name="Test 1", type="Tool 1"))[0])
    finding = item.finding
    assert (finding.source.system, finding.title, finding.statement) == ("Tool 1", ONE["title"], ONE["description"])
    assert [(one.standard, one.clause) for one in finding.requirements] == [("ISO/IEC 27001", "A.8.26")]
    assert (finding.severity, finding.proposed_grade, finding.grade) == ("Medium", "minor", None)
    assert (finding.department, [one.url for one in finding.attachments]) == ("web", ["https://owasp.example/cookies"])
    assert [(flag.code, flag.pointer) for flag in item.flags] == [("date_only", "/detected_at")]
    assert {
        "File: src/web.py:13",
        'Endpoint: {"host": "shop.example"}',
        'Vulnerabilities: ["CVE-2026-1"]',
        "Weaknesses: [614]",
        "Mitigation: Set Secure.",
        "verified: true",
    } <= set(finding.objective_evidence.splitlines())


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"is_mitigated": True, "active": False}, "resolved"),
        ({"false_p": True}, "suppressed"),
        ({"risk_accepted": "true"}, "suppressed"),
        ({"out_of_scope": True}, "suppressed"),
        ({"duplicate": True}, "suppressed"),
        ({"active": False}, "archived"),
    ],
)
def test_what_is_not_open_is_skipped_under_its_own_id(changes: dict[str, Any], reason: str) -> None:
    assert items(report({**ONE, **changes})) == [Skipped(0, keys(ONE)[0], reason)]  # type: ignore[arg-type]


@pytest.mark.parametrize("changes", [{"active": "yes"}, {"active": None}, {"is_mitigated": False}, {"active": "odd"}])
def test_what_is_open(changes: dict[str, Any]) -> None:
    the(items(report({**ONE, **changes}))[0])


def test_the_tools_unique_id_names_a_finding_by_itself() -> None:
    assert keys({**ONE, "unique_id_from_tool": "77"}, {"title": "Other", "unique_id_from_tool": 77}) == [
        "DefectDojo|77",
        "DefectDojo|77",
    ]


@pytest.mark.parametrize("vulnerability", [{}, {"vuln_id_from_tool": "TEST1"}])
def test_without_a_unique_id_the_vulnerability_and_its_place_name_it(vulnerability: dict[str, Any]) -> None:
    one = {**ONE, **vulnerability}
    same = {**one, "line": 99, "description": "Reworded", "date": "2026-05-05", "endpoints": one["endpoints"][::-1]}
    assert keys(one) == keys(same)
    others = [{**one, "file_path": "b.py"}, {**one, "component_name": "api"}, {**one, "endpoints": []}]
    assert len({*keys(one), *(keys(other)[0] for other in others)}) == 4


def test_two_lines_of_one_document_are_two_findings_and_repetitions_are_one() -> None:
    assert len(set(keys(ONE, {**ONE, "line": 14}, ONE, {**ONE, "line": 14}))) == 2


def test_files_are_attached_by_name_and_digest() -> None:
    data = base64.b64encode(b"picture").decode()
    item = the(items(report({**ONE, "files": [{"title": "a.png", "data": data}, {"title": "b.png", "data": "*"}]}))[0])
    assert [(one.name, one.sha256) for one in item.finding.attachments[:2]] == [
        ("a.png", hashlib.sha256(b"picture").hexdigest()),
        ("b.png", None),
    ]
    assert ("file_unread", "/files/1") in [(flag.code, flag.pointer) for flag in item.flags]


@pytest.mark.parametrize(
    ("date", "flag"), [("1/6/2026", "time_unread"), (None, "undated"), ("2026-01-06T10:00:00", "zone_assumed")]
)
def test_a_date_is_never_guessed(date: str | None, flag: str) -> None:
    assert [one.code for one in the(items(report({**ONE, "date": date}))[0]).flags] == [flag]


def test_one_bad_entry_never_loses_the_batch() -> None:
    nothing, odd, good = items(report({}, [], ONE))
    assert isinstance(nothing, Rejected) and isinstance(odd, Rejected)
    assert (nothing.problem.pointer, odd.problem.code, the(good).index) == ("/title", "not_an_object", 2)


@pytest.mark.parametrize(
    ("document", "code", "path"),
    [
        (b"[]", "not_a_list", "/findings"),
        (b'{"findings": {}}', "not_a_list", "/findings"),
        (b'{"findings": [], "findings": []}', "duplicate_key", "/findings"),
        (b'{"findings": [', "not_json", None),
    ],
)
def test_a_document_that_is_no_report_says_where(document: bytes, code: str, path: str | None) -> None:
    with pytest.raises(Unreadable) as refused:
        items(document)
    assert (refused.value.code, refused.value.path) == (code, path)


def test_bounds_come_before_the_first_item() -> None:
    with pytest.raises(TooLarge):
        items(report(ONE, ONE), Context(client="acme", limits=Limits(items=1)))


@pytest.mark.parametrize(
    ("value", "claimed"),
    [
        (report(ONE), True),
        (report({"title": "x", "cwe": 1}), True),
        (report({}), True),
        (report(), False),
        (report({"ProductArn": "arn", "Title": "x"}), False),
        (report({"uuid": "1", "target": {}}), False),
        ([ONE], False),
    ],
)
def test_claims(value: Any, claimed: bool) -> None:
    assert defectdojo.claims(value) is claimed


@settings(max_examples=250, deadline=None)
@given(
    fuzz.ANY_BYTES
    | fuzz.value("findings", "name", "type").map(fuzz.encoded)
    | st.lists(
        fuzz.value(
            *ONE, "files", "data", "service", "unique_id_from_tool", "vuln_id_from_tool", "is_mitigated", "cwes"
        ),
        max_size=4,
    ).map(lambda found: fuzz.encoded(report(*({**ONE, **one} if isinstance(one, dict) else one for one in found))))
)
def test_no_bytes_cause_anything_but_items_or_a_named_refusal(document: bytes) -> None:
    fuzz.holds(defectdojo.read, document)


RECEIPTS: dict[str, dict[str, int]] = {
    "generic_custom_test": {"found": 1},
    "generic_custom_test_with_meta": {"found": 1},
    "generic_cve_and_vulnerability_ids": {"found": 1},
    "generic_empty": {"missing": 1},
    "generic_invalid": {"found": 1},
    "generic_no_type": {"found": 1},
    "generic_non_numeric_fields": {"found": 3},
    "generic_one_finding_with_component_name": {"found": 1},
    "generic_report1": {"found": 2},
    "generic_report1_more_tags": {"found": 2},
    "generic_report2": {"found": 2},
    "generic_report3": {"found": 2, "resolved": 2},
    "generic_report4": {"found": 1},
    "generic_report_fix_version": {"found": 2},
    "generic_report_kev_cvssv4": {"found": 2},
    "generic_report_multi_cwe_fabricated": {"found": 3},
    "generic_test_type_1": {"found": 1},
    "generic_test_type_2": {"found": 1},
    "generic_test_type_equals_scan_type": {"found": 1},
    "generic_test_type_suffix": {"found": 1},
    "generic_two_findings_same_component_name": {"found": 2},
    "test_import_report1": {"found": 1, "resolved": 3},
    "test_import_report2": {"found": 1, "resolved": 3},
    "test_with_image": {"found": 1},
}


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="the sample documents are not beside this checkout")
def test_samples() -> None:
    files = sorted((SAMPLES / "defectdojo_generic").glob("*.json"))
    assert {file.stem for file in files} == set(RECEIPTS)
    for file in files:
        document = file.read_bytes()
        assert defectdojo.claims(json.loads(document))
        read = items(document)
        counts = Counter(
            item.problem.code if isinstance(item, Rejected) else getattr(item, "reason", "found") for item in read
        )
        assert counts == RECEIPTS[file.stem], file.stem
        found = [item.finding.source.external_id for item in read if isinstance(item, Found)]
        assert len(set(found)) == len(found)


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="the sample documents are not beside this checkout")
@pytest.mark.parametrize(
    ("file", "title", "escaped"),
    [
        ("generic_nul_in_title", "\x1a0000", ["/title"]),
        ("generic_lone_surrogate", "\x1ad8", ["/title"]),
        ("generic_rtl_emoji", "\u202e", []),
        ("generic_prompt_like", "test title", []),
        ("generic_numbers_as_strings", "test title", []),
    ],
)
def test_malformed_samples_come_back_as_they_went_in(file: str, title: str, escaped: list[str]) -> None:
    item = the(items((SAMPLES / f"malformed/derived/{file}.json").read_bytes())[0])
    assert title in item.finding.title
    assert list(item.escaped) == escaped


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="the sample documents are not beside this checkout")
def test_a_sample_whose_keys_come_twice_loses_that_entry_only() -> None:
    twice, good = items((SAMPLES / "malformed/derived/generic_duplicate_keys.json").read_bytes())
    assert isinstance(twice, Rejected)
    assert twice.problem.code == "duplicate_key"
    the(good)
