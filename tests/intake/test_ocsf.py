import json
from typing import Any

import pytest
from hypothesis import given, settings

from services.intake import Context, Found, Item, Limits, Rejected, Skipped, TooLarge, Unreadable, ocsf
from tests.intake import fuzz

ACME = Context(client="acme")
ONE: dict[str, Any] = {
    "class_uid": 2003,
    "category_uid": 2,
    "activity_id": 1,
    "type_uid": 200301,
    "time": 1772445164000,
    "severity_id": 4,
    "status_id": 1,
    "message": "The security group admits everybody.",
    "metadata": {"version": "1.3.0", "product": {"vendor_name": "AWS", "name": "Security Hub"}},
    "cloud": {"provider": "AWS", "region": "eu-central-1", "account": {"uid": "804215093766", "name": "platform"}},
    "finding_info": {
        "uid": "finding/1",
        "title": "Security groups do not admit 0.0.0.0/0",
        "desc": "A security group admits 0.0.0.0/0.",
        "first_seen_time": 1771391564000,
        "src_url": "https://hub.example/1",
    },
    "compliance": {"status": "Fail", "requirements": ["PCI DSS v3.2.1/1.2.1"], "status_detail": "Port 22 is open."},
    "resources": [{"type": "SecurityGroup", "uid": "sg-1", "region": "eu-central-1", "labels": ["Owner=network"]}],
    "remediation": {"desc": "Restrict it.", "references": ["https://docs.example/fix", "aws ec2 revoke"]},
    "confidence_id": 3,
}
PROWLER: dict[str, Any] = {
    **{name: value for name, value in ONE.items() if name != "compliance"},
    "class_uid": 2004,
    "type_uid": 200401,
    "status_code": "FAIL",
    "status_detail": "Root has no MFA.",
    "metadata": {"version": "1.4.0", "event_code": "iam_root_mfa_enabled", "product": {"name": "Prowler"}},
    "unmapped": {"compliance": {"ISO27001-2022": ["A.5.17", "A.8.24"], "CIS-2.0": ["1.5"]}, "notes": "Weekly"},
}
KEY = "AWS/Security Hub|804215093766|finding/1"


def items(document: Any, context: Context = ACME) -> list[Item]:
    return list(ocsf.read(document if isinstance(document, bytes) else json.dumps(document).encode(), context))


def the(item: Item) -> Found:
    assert isinstance(item, Found), item
    return item


def changed(one: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {**one, "finding_info": {**one["finding_info"], **fields}}


def test_a_failed_control_becomes_a_finding() -> None:
    item = the(items(ONE)[0])
    finding = item.finding
    assert (finding.source.system, finding.source.external_id) == ("AWS/Security Hub", KEY)
    assert (finding.title, finding.statement) == (ONE["finding_info"]["title"], "Port 22 is open.")
    assert [(one.standard, one.edition, one.clause) for one in finding.requirements] == [("PCI DSS", "3.2.1", "1.2.1")]
    assert (finding.severity, finding.proposed_grade, finding.grade) == ("High", "major", None)
    assert (finding.department, str(finding.detected_at)) == ("network", "2026-02-18 05:12:44+00:00")
    assert [one.url for one in finding.attachments] == ["https://hub.example/1", "https://docs.example/fix"]
    lines = finding.objective_evidence.splitlines()
    assert lines[:2] == ["A security group admits 0.0.0.0/0.", "The security group admits everybody."]
    assert {"Result: Fail", "Remediation: aws ec2 revoke", "confidence_id: 3"} <= set(lines)
    assert str(item.revision) == "2026-03-02 09:52:44+00:00"


def test_prowlers_findings_bear_on_iso_controls_and_are_named_by_check_region_and_resource() -> None:
    finding = the(items(PROWLER)[0]).finding
    assert finding.source.external_id == "prowler|aws|804215093766|iam_root_mfa_enabled|eu-central-1|sg-1"
    assert [one.clause for one in finding.requirements] == ["A.5.15", "A.5.17", "A.8.5", "A.8.24", "1.5"]
    assert finding.statement == "Root has no MFA."
    assert "notes: Weekly" in finding.objective_evidence


@pytest.mark.parametrize(
    "document",
    [
        json.dumps([ONE, ONE], indent=1),
        json.dumps(ONE) + "\r\n\n" + json.dumps(ONE),
        json.dumps(ONE, indent=1) + json.dumps(ONE),
        json.dumps({"events": [ONE, ONE]}),
        json.dumps({"detail": {"findings": [ONE, ONE]}}),
        json.dumps([{"Findings": [ONE]}, ONE]),
    ],
)
def test_every_envelope_is_opened(document: str) -> None:
    assert [the(item).index for item in items(document.encode())] == [0, 1]


def test_a_line_that_cannot_be_read_loses_no_other() -> None:
    lines = [json.dumps(ONE), json.dumps(ONE)[:-1], '{"events": 5}', "[" * 70, json.dumps(ONE)]
    first, broken, odd, deep, last = items("\n".join(lines).encode())
    assert [the(item).index for item in (first, last)] == [0, 4]
    problems = [item.problem for item in (broken, odd, deep) if isinstance(item, Rejected)]
    assert [problem.code for problem in problems] == ["not_json", "not_a_list", "not_json"]
    assert problems[0].detail.startswith("Line 2, column ")


@pytest.mark.parametrize(
    "seen",
    [1771391564, 1771391564000, 1771391564000000, 1771391564.0, "2026-02-18T05:12:44Z", "2026-02-18T06:12:44+01:00"],
)
def test_seconds_milliseconds_and_microseconds_are_told_apart(seen: Any) -> None:
    item = the(items(changed(ONE, first_seen_time=seen))[0])
    assert (str(item.finding.detected_at), list(item.flags)) == ("2026-02-18 05:12:44+00:00", [])


def test_a_number_counts_before_its_text_without_a_zone() -> None:
    both = changed(ONE, first_seen_time=1771391564, first_seen_time_dt="2026-02-18T06:12:44")
    alone = changed(ONE, first_seen_time=None, first_seen_time_dt="2026-02-18T06:12:44")
    assert list(the(items(both)[0]).flags) == []
    item = the(items(alone)[0])
    assert [(flag.code, flag.pointer) for flag in item.flags] == [("zone_assumed", "/detected_at")]


@pytest.mark.parametrize("bad", [0, -5, 10**30, True, "soon"])
def test_a_time_that_cannot_be_one_gives_way_to_the_next(bad: Any) -> None:
    item = the(items(changed(ONE, first_seen_time=bad, created_time=1771391565))[0])
    assert str(item.finding.detected_at) == "2026-02-18 05:12:45+00:00"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"compliance": {"status": "PASSED"}}, "passed"),
        ({"compliance": {"status_id": 1}}, "passed"),
        ({"compliance": {"status": "NOT_AVAILABLE"}}, "not_assessed"),
        ({"compliance": {}}, "not_assessed"),
        ({"compliance": {"status_id": 99}}, "not_assessed"),
        ({"activity_id": 3}, "resolved"),
        ({"activity_id": None, "type_uid": 200303}, "resolved"),
        ({"status_id": 3}, "suppressed"),
        ({"status_id": 4}, "resolved"),
        ({"status": "Archived"}, "archived"),
    ],
)
def test_what_is_not_open_is_skipped(changes: dict[str, Any], reason: str) -> None:
    [item] = items({**ONE, **changes})
    assert isinstance(item, Skipped)
    assert (item.external_id, item.reason) == (KEY, reason)
    assert item.revision == the(items(ONE)[0]).revision


@pytest.mark.parametrize("code", ["PASS", "MANUAL", "MUTED"])
def test_prowlers_results(code: str) -> None:
    [item] = items({**PROWLER, "status_code": code})
    assert isinstance(item, Skipped)
    assert item.reason == {"PASS": "passed", "MANUAL": "not_assessed", "MUTED": "suppressed"}[code]


def test_the_word_of_a_status_counts_before_a_number_that_contradicts_it() -> None:
    item = the(items({**PROWLER, "status": "New", "status_id": 3})[0])
    assert [flag.code for flag in item.flags] == ["status_contradicts"]


def test_a_threat_or_a_vulnerability_without_a_result_is_open() -> None:
    vulnerability = {**ONE, "class_uid": 2002, "compliance": None, "vulnerabilities": [{"cve": {"uid": "CVE-2026-1"}}]}
    assert (
        'vulnerabilities: [{"cve": {"uid": "CVE-2026-1"}}]' in the(items(vulnerability)[0]).finding.objective_evidence
    )
    detection = {**ONE, "class_uid": 2004, "compliance": None, "status_code": "E42"}
    assert the(items(detection)[0]).finding.statement == ONE["finding_info"]["desc"]


def test_the_deprecated_class_of_1_0_is_read() -> None:
    old = {name: value for name, value in ONE.items() if name not in {"finding_info", "compliance"}}
    finding = the(items({**old, "class_uid": 2001, "finding": ONE["finding_info"]})[0]).finding
    assert (finding.source.external_id, finding.title) == (KEY, ONE["finding_info"]["title"])


def test_the_newest_revision_counts_in_whatever_order_they_come() -> None:
    new = {**ONE, "time": ONE["time"] + 1000, "message": "Still open."}
    closed = {**ONE, "time": ONE["time"] + 2000, "activity_id": 3}
    assert [getattr(item, "reason", "found") for item in items([new, ONE])] == ["found", "superseded"]
    assert [getattr(item, "reason", "found") for item in items([new, closed, ONE])] == [
        "superseded",
        "resolved",
        "superseded",
    ]
    assert [type(item) for item in items([ONE, ONE])] == [Found, Found]


@pytest.mark.parametrize(
    ("changes", "severity"),
    [
        ({"severity_id": 1}, "Informational"),
        ({"severity_id": 6}, "Fatal"),
        ({"severity_id": 99, "severity": "P1"}, "P1"),
        ({"severity_id": 0, "severity": "Unknown"}, None),
        ({"severity_id": None, "severity": "low"}, "low"),
    ],
)
def test_severity_is_its_number_else_its_word(changes: dict[str, Any], severity: str | None) -> None:
    assert the(items({**ONE, **changes})[0]).finding.severity == severity


def test_a_control_of_named_standards_is_a_requirement_of_each() -> None:
    standards = ["standards/aws-foundational-security-best-practices/v/1.0.0", "ISO 27001:2022"]
    finding = the(
        items({**ONE, "compliance": {"status": "Fail", "standards": standards, "control": "A.8.20"}})[0]
    ).finding
    assert [(one.standard, one.edition, one.clause) for one in finding.requirements] == [
        ("AWS Foundational Security Best Practices", "1.0.0", "A.8.20"),
        ("ISO/IEC 27001", "2022", "A.8.20"),
    ]


@pytest.mark.parametrize(
    ("change", "code", "pointer"),
    [
        ({"class_uid": 2005}, "unknown_class", "/class_uid"),
        ({"class_uid": None, "type_uid": None}, "missing", "/class_uid"),
        ({"finding_info": {"title": "x"}}, "missing", "/finding_info/uid"),
        ({"finding_info": {"uid": "x"}, "message": " "}, "missing", "/finding_info/title"),
        ({"compliance": {"status": "Odd"}}, "unknown_status", "/compliance/status"),
    ],
)
def test_one_bad_event_never_loses_the_batch(change: dict[str, Any], code: str, pointer: str) -> None:
    bad, odd, good = items([{**ONE, **change}, 7, ONE])
    assert isinstance(bad, Rejected) and isinstance(odd, Rejected)
    assert (bad.problem.code, bad.problem.pointer, odd.problem.code) == (code, pointer, "not_an_object")
    the(good)


def test_another_class_is_told_which_ones_are_read() -> None:
    [item] = items({**ONE, "class_uid": 4001})
    assert isinstance(item, Rejected)
    assert all(str(number) in item.problem.detail for number in (4001, 2001, 2002, 2003, 2004))


@pytest.mark.parametrize(
    ("document", "code", "path"),
    [
        (b'[{"events": 7}]', "not_a_list", "/0/events"),
        (b'{"events": [], "events": []}', "duplicate_key", "/events"),
        (b'{"class_uid": 2003', "not_json", None),
        (b"PAR1\x15\x04\xff", "not_utf8", None),
    ],
)
def test_a_document_that_cannot_be_read_says_where(document: bytes, code: str, path: str | None) -> None:
    with pytest.raises(Unreadable) as refused:
        items(document)
    assert (refused.value.code, refused.value.path) == (code, path)


def test_a_key_that_comes_twice_and_the_bounds() -> None:
    [item] = items(json.dumps(ONE).replace('"severity_id": 4', '"severity_id": 4, "severity_id": 1').encode())
    assert isinstance(item, Rejected)
    assert (item.problem.pointer, item.external_id) == ("/severity_id", KEY)
    with pytest.raises(TooLarge):
        items([ONE, ONE], Context(client="acme", limits=Limits(items=1)))


@pytest.mark.parametrize(
    ("value", "claimed"),
    [
        (ONE, True),
        ([ONE], True),
        ({"class_uid": 4001}, True),
        ({"events": [ONE]}, True),
        ({"finding_info": {}, "metadata": {}}, True),
        ([], False),
        ({"findings": [{"title": "x"}]}, False),
        ({"ProductArn": "arn", "Id": "1"}, False),
        ({"events": 5}, False),
    ],
)
def test_claims(value: Any, claimed: bool) -> None:
    assert ocsf.claims(value) is claimed


EVENTS = fuzz.value(*ONE, *ONE["finding_info"], *ONE["compliance"], "uid", "status", "status_code", "unmapped", "tags")


@settings(max_examples=250, deadline=None)
@given(
    fuzz.ANY_BYTES
    | fuzz.value("events", "Findings", "detail", "class_uid", "time").map(fuzz.encoded)
    | EVENTS.map(lambda one: fuzz.encoded({**ONE, **one} if isinstance(one, dict) else one))
    | EVENTS.map(lambda one: fuzz.encoded([{**PROWLER, **one} if isinstance(one, dict) else one, ONE]))
    | EVENTS.map(lambda one: fuzz.encoded(changed(ONE, **one)) if isinstance(one, dict) else b'{"a": 1}\n{"b": 1}\n{')
)
def test_no_bytes_cause_anything_but_items_or_a_named_refusal(document: bytes) -> None:
    fuzz.holds(ocsf.read, document)
