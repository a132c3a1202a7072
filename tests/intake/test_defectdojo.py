import base64
import hashlib
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.intake import Context, Found, Item, Limits, Rejected, Skipped, TooLarge, Unreadable, defectdojo
from tests.intake import fuzz
from tests.intake.samples import SAMPLES, beside

ACME = Context(client="acme")
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


@beside
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


HEAD = "Date,Title,CweId,Url,Severity,Description,Active,FalsePositive,Owner"


def test_a_row_becomes_the_finding_that_its_entry_would_be() -> None:
    row = "01/30/2026,=HYPERLINK(1),79,https://shop.example,High,Seen.,TRUE,FALSE,shop"
    [item] = items(f"{HEAD}\n{row}\n".encode())
    finding = the(item).finding
    assert (finding.title, finding.statement, finding.severity) == ("=HYPERLINK(1)", "Seen.", "High")
    assert str(finding.detected_at) == "2026-01-30 00:00:00+00:00"
    assert {'Weaknesses: ["79"]', "owner: shop"} <= set(finding.objective_evidence.splitlines())


def test_rows_that_are_not_open_are_skipped_and_bad_ones_lose_no_other() -> None:
    rows = ["01/30/2026,A,0,,Low,D,False,,", "01/30/2026,B,0,,Low,D,,TRUE,", "short,row", ",,0,,Low,D,,,", ",E,0,,,,,,"]
    read = items("\n".join([HEAD, *rows]).encode())
    assert [item.reason for item in read if isinstance(item, Skipped)] == ["archived", "suppressed"]
    rejected = [item.problem for item in read if isinstance(item, Rejected)]
    assert [(one.code, one.detail.partition(":")[0]) for one in rejected] == [
        ("ragged_row", "Line 4"),
        ("missing", "Line 5"),
    ]
    assert the(read[4]).finding.title == "E"


def test_dates_of_a_file_in_which_one_is_none_are_left_unread() -> None:
    read = items(f"{HEAD}\n05/02/2026,A,0,,Low,D,,,\n28/02/2026,B,0,,Low,D,,,\n".encode())
    assert [[flag.code for flag in the(item).flags] for item in read] == [["time_unread"], ["time_unread"]]


def test_a_column_that_is_there_twice_is_refused() -> None:
    with pytest.raises(Unreadable) as refused:
        items(f"{HEAD},title\n05/02/2026,A,0,,Low,D,,,,B\n".encode())
    assert (refused.value.code, refused.value.line) == ("duplicate_header", 1)
