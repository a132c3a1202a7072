import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.intake import Context, Found, Item, Limits, Rejected, Skipped, TooLarge, Unreadable, sarif
from tests.intake import fuzz

ACME = Context(client="acme")
RULE: dict[str, Any] = {
    "id": "py/sql-injection",
    "name": "SqlInjection",
    "shortDescription": {"text": "SQL query built from user-controlled sources"},
    "fullDescription": {"text": "Building a query from user input lets it be changed."},
    "messageStrings": {"default": {"text": "Query in {0} depends on {1}, {{literally}} {7}."}},
    "defaultConfiguration": {"level": "error"},
    "helpUri": "https://rules.example/sql",
    "properties": {"tags": ["security", "external/cwe/cwe-089", "ISO 27001:2022 A.8.28"]},
}
RESULT: dict[str, Any] = {
    "ruleId": "py/sql-injection",
    "ruleIndex": 0,
    "message": {"text": "This query depends on user input.\nSee the flow."},
    "locations": [
        {
            "physicalLocation": {
                "artifactLocation": {"uri": "src/db.py"},
                "region": {"startLine": 12, "startColumn": 5, "snippet": {"text": "execute(query)"}},
            }
        }
    ],
    "partialFingerprints": {"primaryLocationLineHash": "abc:1"},
}


def log(*results: Any, **run: Any) -> dict[str, Any]:
    tool = {"driver": {"name": "Scan", "version": "1.2", "rules": [RULE]}}
    return {"version": "2.1.0", "runs": [{"tool": tool, "results": list(results), **run}]}


def items(document: Any, context: Context = ACME) -> list[Item]:
    return list(sarif.read(document if isinstance(document, bytes) else json.dumps(document).encode(), context))


def the(item: Item) -> Found:
    assert isinstance(item, Found), item
    return item


def at(uri: str, line: int, snippet: str | None = None) -> list[dict[str, Any]]:
    region = {"startLine": line, **({"snippet": {"text": snippet}} if snippet else {})}
    return [{"physicalLocation": {"artifactLocation": {"uri": uri}, "region": region}}]


def key(result: dict[str, Any], **run: Any) -> str:
    return the(items(log(result, **run))[0]).finding.source.external_id


def test_a_result_becomes_a_finding() -> None:
    item = the(items(log(RESULT, invocations=[{"endTimeUtc": "2026-03-01T10:00:00Z"}]))[0])
    finding = item.finding
    assert (finding.source.system, finding.client) == ("Scan", "acme")
    assert finding.title == "SQL query built from user-controlled sources"
    assert finding.statement == "This query depends on user input.\nSee the flow."
    assert [(one.standard, one.edition, one.clause) for one in finding.requirements] == [
        ("CWE", None, "CWE-89"),
        ("ISO/IEC 27001", "2022", "A.8.28"),
    ]
    assert (finding.severity, finding.proposed_grade, finding.grade) == ("error", "major", None)
    assert "At: src/db.py:12:5\n    execute(query)\nRule: py/sql-injection" in finding.objective_evidence
    assert [one.url for one in finding.attachments] == ["https://rules.example/sql"]
    assert finding.detected_at is not None
    assert (finding.detected_at, list(item.flags)) == (item.revision, [])


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"kind": "pass"}, "passed"),
        ({"kind": "notApplicable"}, "not_assessed"),
        ({"kind": "review"}, "not_assessed"),
        ({"baselineState": "absent"}, "resolved"),
        ({"suppressions": [{"kind": "inSource"}]}, "suppressed"),
        ({"suppressions": [{"kind": "external", "status": "rejected"}, {"status": "accepted"}]}, "suppressed"),
    ],
)
def test_what_is_not_open_is_skipped_under_its_own_id(changes: dict[str, Any], reason: str) -> None:
    assert items(log({**RESULT, **changes})) == [Skipped(0, key(RESULT), reason)]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "changes",
    [
        {"kind": "fail", "baselineState": "unchanged"},
        {"suppressions": []},
        {"suppressions": [{"kind": "external", "status": "underReview"}, {"status": "rejected"}]},
    ],
)
def test_what_nobody_accepted_is_open(changes: dict[str, Any]) -> None:
    the(items(log({**RESULT, **changes}))[0])


@pytest.mark.parametrize(
    ("result", "rule", "severity"),
    [
        ({"level": "note"}, {}, "note"),
        ({}, {}, "error"),
        ({}, {"defaultConfiguration": {}}, "warning"),
        ({"level": "note"}, {"properties": {"security-severity": "9.8"}}, "9.8"),
        ({"properties": {"security-severity": 7}}, {"properties": {"security-severity": "9.8"}}, "7.0"),
        ({"properties": {"security-severity": "high"}}, {}, "error"),
    ],
)
def test_severity_is_the_score_else_the_level_else_the_rules_else_a_warning(
    result: dict[str, Any], rule: dict[str, Any], severity: str
) -> None:
    run = {"tool": {"driver": {"name": "Scan", "rules": [{**RULE, **rule}]}}}
    assert the(items(log({**RESULT, **result}, **run))[0]).finding.severity == severity


def test_a_message_is_expanded_from_its_rule() -> None:
    message = {"id": "default", "arguments": ["a.py", "user input"]}
    statement = the(items(log({**RESULT, "message": message}))[0]).finding.statement
    assert statement == "Query in a.py depends on user input, {literally} {7}."


@pytest.mark.parametrize(
    "reference",
    [
        {"ruleId": "py/sql-injection/extra", "ruleIndex": -1},
        {"rule": {"id": "py/sql-injection"}},
        {"rule": {"index": 0}},
        {"ruleIndex": 0},
        {"ruleId": "py/sql-injection", "ruleIndex": 77},
    ],
)
def test_a_rule_is_found_by_id_part_of_it_or_index(reference: dict[str, Any]) -> None:
    bare = {name: value for name, value in RESULT.items() if name not in {"ruleId", "ruleIndex"}}
    assert the(items(log({**bare, **reference}))[0]).finding.title == RULE["shortDescription"]["text"]


def test_a_rule_of_an_extension_and_a_taxon_of_a_taxonomy() -> None:
    relation = {"target": {"index": 0, "toolComponent": {"index": 0}}}
    rule = {"id": "X1", "name": "From the extension", "relationships": [relation]}
    run = {
        "tool": {"driver": {"name": "Scan"}, "extensions": [{"name": "pack", "rules": [rule]}]},
        "taxonomies": [{"name": "ISO 27001", "version": "2022", "taxa": [{"id": "A.8.25"}]}],
    }
    result = {**RESULT, "ruleId": "X1", "ruleIndex": -1, "rule": {"index": 0, "toolComponent": {"name": "pack"}}}
    finding = the(items(log(result, **run))[0]).finding
    assert finding.title == "From the extension"
    [requirement] = finding.requirements
    assert (requirement.standard, requirement.edition, requirement.clause) == ("ISO/IEC 27001", "2022", "A.8.25")


def test_the_id_stays_when_lines_shift_files_are_renamed_or_the_run_is_another() -> None:
    first = key(RESULT, automationDetails={"id": "nightly/linux/2026-03-01"})
    assert (
        key({**RESULT, "locations": at("lib/db.py", 99)}, automationDetails={"id": "nightly/linux/2026-03-02"}) == first
    )
    assert key(RESULT, automationDetails={"id": "nightly/windows/2026-03-01"}) != first
    bare = {name: value for name, value in RESULT.items() if name != "partialFingerprints"}
    here, there = ({**bare, "locations": at(uri, line, "x()")} for uri, line in (("./a.py", 3), ("file://a.py", 30)))
    assert key(here) == key(there)
    assert key({**bare, "locations": at("b.py", 3, "x()")}) != key(here)


@pytest.mark.parametrize("field", ["guid", "correlationGuid"])
def test_a_guid_names_a_result_by_itself(field: str) -> None:
    one = {**RESULT, field: "F0E1", "locations": at("x.py", 1)}
    assert key(one) == key({**one, "ruleId": "other", field: "f0e1"})


@pytest.mark.parametrize("prints", ["fingerprints", "partialFingerprints", None])
def test_equal_fingerprints_at_several_places_are_several_findings_and_repeats_are_one(prints: str | None) -> None:
    bare = {name: value for name, value in RESULT.items() if name != "partialFingerprints"}
    one = {**bare, **({prints: {"h": "1"}} if prints else {})}
    places = [at("a.py", 1, "x"), at("b.py", 1, "x"), at("a.py", 2, "x"), at("b.py", 2, "x"), at("a.py", 1, "x")]
    found = [the(item).finding.source.external_id for item in items(log(*({**one, "locations": at} for at in places)))]
    assert (len(set(found)), found[0]) == (4, found[4])


def test_the_time_is_the_first_detection_else_the_runs_end_else_flagged() -> None:
    run = {"invocations": [{"endTimeUtc": "2026-03-01T10:00:00Z"}, {"endTimeUtc": "2026-03-01T11:00:00Z"}]}
    seen = {**RESULT, "provenance": {"firstDetectionTimeUtc": "2026-01-01T00:00:00Z"}}
    first, last, none = the(items(log(seen, **run))[0]), the(items(log(RESULT, **run))[0]), the(items(log(RESULT))[0])
    assert [str(one.finding.detected_at)[:13] for one in (first, last)] == ["2026-01-01 00", "2026-03-01 11"]
    assert [(flag.code, flag.pointer) for flag in none.flags] == [("undated", "/detected_at")]


def test_what_has_no_field_is_evidence() -> None:
    flow = [{"threadFlows": [{"locations": [{"location": {**at("in.py", 4)[0], "message": {"text": "input"}}}]}]}]
    run = {"invocations": [{"executionSuccessful": False}]}
    evidence = the(items(log({**RESULT, "codeFlows": flow, "rank": 7.5, "fixes": [{"d": 1}]}, **run))[0]).finding
    lines = evidence.objective_evidence.splitlines()
    assert {"  Step: in.py:4 — input", "rank: 7.5", 'fixes: [{"d": 1}]'} <= set(lines)
    assert any("did not succeed" in line for line in lines)


@pytest.mark.parametrize(
    ("results", "code", "pointer"),
    [
        ([5], "not_an_object", ""),
        ([{**RESULT, "kind": "odd"}], "unknown_status", "/kind"),
        ([{"ruleId": "unknown"}], "missing", "/message/text"),
    ],
)
def test_one_bad_result_never_loses_the_batch(results: list[Any], code: str, pointer: str) -> None:
    bad, good = items(log(*results, RESULT))
    assert isinstance(bad, Rejected)
    assert (bad.problem.code, bad.problem.pointer) == (code, pointer)
    assert the(good).index == 1


def test_a_bad_run_is_one_item_and_the_next_run_is_read() -> None:
    elsewhere = {"tool": {}, "externalPropertyFileReferences": {"results": [{"location": {"uri": "r.json"}}]}}
    document = {"version": "2.1.0", "runs": [7, {"results": {}}, elsewhere, {"tool": {}, "results": None}]}
    found = items({**document, "runs": [*document["runs"], *log(RESULT)["runs"]]})
    assert [item.problem.code for item in found if isinstance(item, Rejected)] == [
        "not_an_object",
        "not_a_list",
        "external_results",
    ]
    assert the(found[3]).index == 3


@pytest.mark.parametrize(
    ("document", "code", "path"),
    [
        (b"[]", "no_runs", "/runs"),
        (b'{"version": "1.0.0", "runs": []}', "unknown_version", "/version"),
        (b'{"version": "2.1.0", "runs": {}}', "not_a_list", "/runs"),
        (b'{"version": "2.1.0", "runs": [], "runs": []}', "duplicate_key", "/runs"),
        (b'{"version": "2.1.0", "runs": [', "not_json", None),
    ],
)
def test_a_document_that_is_no_log_says_where(document: bytes, code: str, path: str | None) -> None:
    with pytest.raises(Unreadable) as refused:
        items(document)
    assert (refused.value.code, refused.value.path) == (code, path)


def test_keys_that_come_twice_and_bounds() -> None:
    text = json.dumps(log(RESULT, RESULT))
    twice, _ = items(text.replace('"ruleIndex": 0', '"ruleIndex": 0, "ruleIndex": 1', 1).encode())
    assert isinstance(twice, Rejected)
    assert twice.problem.pointer == "/ruleIndex"
    with pytest.raises(TooLarge):
        items(text.encode(), Context(client="acme", limits=Limits(items=1)))


@pytest.mark.parametrize(
    ("value", "claimed"),
    [
        ({"version": "2.1.0", "runs": []}, True),
        ({"$schema": "https://json.schemastore.org/sarif-2.1.0.json", "runs": None}, True),
        ({"runs": []}, False),
        ({"version": "2.1.0"}, False),
        ([], False),
    ],
)
def test_claims(value: Any, claimed: bool) -> None:
    assert sarif.claims(value) is claimed


@settings(max_examples=250, deadline=None)
@given(
    fuzz.ANY_BYTES
    | fuzz.value("runs", "results", "version", "tool", "driver").map(fuzz.encoded)
    | st.lists(
        fuzz.value(*RESULT, "level", "kind", "suppressions", "fingerprints", "guid", "taxa", "id", "index", "arguments",
            "physicalLocation", "artifactLocation", "uri", "region", "text", "rule", "toolComponent", "properties"),
        max_size=4,
    ).map(lambda results: fuzz.encoded(log(*results)))
    | fuzz.value("tool", "driver", "rules", "id", "artifacts", "taxonomies", "invocations", "automationDetails", "name",
        "messageStrings", "text").map(lambda run: fuzz.encoded(log(RESULT, **(run if isinstance(run, dict) else {}))))
)  # fmt: skip
def test_no_bytes_cause_anything_but_items_or_a_named_refusal(document: bytes) -> None:
    fuzz.holds(sarif.read, document)
