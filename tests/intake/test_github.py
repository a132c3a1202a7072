import json
from typing import Any

import pytest
from hypothesis import given, settings

from services import intake
from services.intake import Context, Found, Item, Rejected, Skipped, github
from tests.intake import fuzz

REPOSITORY = {"id": 7, "full_name": "acme/shop", "html_url": "https://github.com/acme/shop"}
CODE: dict[str, Any] = {
    "number": 10,
    "created_at": "2026-02-11T02:49:18Z",
    "html_url": "https://github.com/acme/shop/security/code-scanning/10",
    "state": "open",
    "rule": {
        "id": "java/sql-injection",
        "severity": "error",
        "security_severity_level": "high",
        "description": "Query built from user-controlled sources",
        "full_description": "Building a query from what users send lets them run code.",
        "tags": ["security", "external/cwe/cwe-089"],
    },
    "tool": {"name": "CodeQL", "version": "2.16"},
    "most_recent_instance": {
        "ref": "refs/heads/main",
        "location": {"path": "src/Books.java", "start_line": 84},
        "message": {"text": "This query depends on a user."},
    },
}
DEPENDABOT: dict[str, Any] = {
    "number": 10,
    "state": "open",
    "created_at": "2026-02-11T02:49:18Z",
    "updated_at": "2026-02-11T02:49:18Z",
    "dependency": {"package": {"ecosystem": "npm", "name": "semver"}, "manifest_path": "package-lock.json"},
    "security_advisory": {
        "summary": "semver takes too long",
        "description": "A range takes for ever.",
        "cwes": [{"cwe_id": "CWE-1333", "name": "Inefficient"}],
        "identifiers": [{"type": "CVE", "value": "CVE-2022-25883"}],
    },
    "security_vulnerability": {"severity": "medium", "first_patched_version": {"identifier": "7.5.2"}},
}
SECRET: dict[str, Any] = {
    "number": 10,
    "state": "open",
    "created_at": "2026-02-11T02:49:18Z",
    "secret_type": "aws_access_key_id",
    "secret_type_display_name": "AWS access key",
    "secret": "AKIA-NEVER-SHOWN",
}


def body(alert: dict[str, Any], action: str = "created", **changes: Any) -> dict[str, Any]:
    return {"action": action, "alert": {**alert, **changes}, "repository": REPOSITORY}


def items(*bodies: Any) -> list[Item]:
    document = "\n".join(map(json.dumps, bodies)).encode()
    assert intake.detect(document) == "github"
    return list(intake.read(document, "github", Context(client="acme")))


def the(item: Item) -> Found:
    assert isinstance(item, Found), item
    return item


def test_an_alert_of_code_scanning() -> None:
    item = the(items(body(CODE))[0])
    finding = item.finding
    assert (finding.source.system, finding.source.external_id) == ("acme/shop", "github.com|7|code-scanning|10")
    assert (finding.title, finding.severity, finding.level) == (CODE["rule"]["description"], "high", "high")
    assert finding.statement == CODE["rule"]["full_description"]
    assert [(one.standard, one.clause) for one in finding.requirements] == [("CWE", "CWE-89")]
    assert finding.objective_evidence.splitlines()[:2] == [
        "At: src/Books.java:84",
        "Message: This query depends on a user.",
    ]
    assert finding.attachments[0].url == CODE["html_url"]
    assert finding.grade is None


def test_an_alert_of_dependabot() -> None:
    finding = the(items(body(DEPENDABOT))[0]).finding
    assert (finding.title, finding.severity) == ("semver takes too long", "medium")
    assert {"Package: semver", "First fixed in: 7.5.2", "Advisory: CVE-2022-25883"} <= set(
        finding.objective_evidence.splitlines()
    )
    assert finding.requirements[0].clause == "CWE-1333"


def test_a_secret_is_not_told_on() -> None:
    item = the(items(body(SECRET))[0])
    assert item.finding.title == "Secret in the repository: AWS access key"
    assert SECRET["secret"] not in item.finding.model_dump_json()


def test_numbers_are_told_apart_by_repository_and_kind() -> None:
    elsewhere = {**body(CODE), "repository": {**REPOSITORY, "id": 8}}
    server = {**body(CODE), "repository": {**REPOSITORY, "html_url": "https://git.acme.example/acme/shop"}}
    found = items(body(CODE), body(DEPENDABOT), body(SECRET), elsewhere, server)
    assert len({the(item).finding.source.external_id for item in found}) == 5
    renamed = {**body(CODE), "repository": {**REPOSITORY, "full_name": "acme/store"}}
    assert the(items(renamed)[0]).finding.source.external_id == the(found[0]).finding.source.external_id


@pytest.mark.parametrize(
    ("alert", "changes", "reason"),
    [
        (CODE, {"state": "fixed"}, "resolved"),
        (CODE, {"state": "dismissed", "dismissed_reason": "won't fix"}, "suppressed"),
        (DEPENDABOT, {"state": "auto_dismissed"}, "suppressed"),
        (SECRET, {"state": "resolved", "resolution": "revoked"}, "resolved"),
        (SECRET, {"state": "resolved", "resolution": "wont_fix"}, "suppressed"),
    ],
)
def test_what_is_over_is_skipped(alert: dict[str, Any], changes: dict[str, Any], reason: str) -> None:
    [item] = items(body(alert, **changes))
    assert isinstance(item, Skipped)
    assert (item.reason, str(item.external_id)[-3:]) == (reason, "|10")


@pytest.mark.parametrize(
    ("action", "reason"),
    [("fixed", "resolved"), ("closed_by_user", "suppressed"), ("reopened", None), ("reopened_by_user", None)],
)
def test_an_action_says_the_state_where_the_alert_does_not(action: str, reason: str | None) -> None:
    [item] = items(body(CODE, action, state=None))
    assert isinstance(item, Found) if reason is None else isinstance(item, Skipped) and item.reason == reason


def test_a_reopened_alert_is_no_revision_that_was_known() -> None:
    first, again = items(body(CODE), body(CODE, "reopened", updated_at=CODE["created_at"]))
    assert the(first).revision is not None
    assert the(again).revision is None
    later = the(items(body(DEPENDABOT, "reopened", updated_at="2026-03-01T00:00:00Z"))[0])
    assert str(later.revision) == "2026-03-01 00:00:00+00:00"


def test_what_is_about_something_else_is_skipped() -> None:
    ping = {"zen": "Keep it logically awesome.", "hook_id": 1, "hook": {}}
    assert [item.reason for item in items(ping) if isinstance(item, Skipped)] == ["unrelated"]


@pytest.mark.parametrize("alert", [5, None, "10", [CODE]])
def test_an_alert_that_is_no_object_is_not_passed_over(alert: Any) -> None:
    document = json.dumps({"action": "created", "alert": alert}).encode()
    [item] = intake.read(document, "github", Context(client="acme"))
    assert isinstance(item, Rejected)
    assert (item.problem.code, item.problem.pointer) == ("not_an_object", "/alert")


@pytest.mark.parametrize(
    ("changes", "code", "pointer"),
    [
        ({"repository": {"full_name": "acme/shop"}}, "missing", "/repository/id"),
        ({"alert": {**CODE, "number": "10"}}, "missing", "/alert/number"),
        ({"alert": {**CODE, "state": "asleep"}}, "unknown_status", "/alert/state"),
        ({"alert": {"number": 1}}, "unknown_alert", "/alert"),
        ({"alert": {**CODE, "rule": {}}}, "missing", "/alert/rule/description"),
    ],
)
def test_what_is_no_alert_says_why(changes: dict[str, Any], code: str, pointer: str) -> None:
    [item] = items({**body(CODE), **changes})
    assert isinstance(item, Rejected)
    assert (item.problem.code, item.problem.pointer) == (code, pointer)


@settings(max_examples=150, deadline=None)
@given(
    fuzz.ANY_BYTES
    | fuzz.value("action", "alert", "repository", "zen").map(fuzz.encoded)
    | fuzz.value(*CODE, *DEPENDABOT, *SECRET, "id", "tags").map(
        lambda one: (
            fuzz.encoded(body({**CODE, **one})) if isinstance(one, dict) else fuzz.encoded({**body(CODE), "alert": one})
        )
    )
)
def test_no_bytes_cause_anything_but_items_or_a_named_refusal(document: bytes) -> None:
    fuzz.holds(github.read, document)
