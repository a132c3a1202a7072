import json
from typing import Any

import pytest
from hypothesis import given, settings

from services import intake
from services.intake import Context, Found, Item, Rejected, Skipped, jira
from tests.intake import fuzz

ISSUE: dict[str, Any] = {
    "id": "10509",
    "self": "https://acme.atlassian.net/rest/api/2/issue/10509",
    "key": "QA-22",
    "fields": {
        "summary": "Suppliers are not evaluated",
        "description": "No criteria, no records.",
        "priority": {"name": "Highest"},
        "status": {"name": "To Do", "statusCategory": {"key": "new"}},
        "issuetype": {"name": "Task"},
        "project": {"name": "Quality"},
        "components": [{"name": "Purchasing"}],
        "labels": ["audit", "ISO9001"],
        "created": "2026-08-27T12:43:24.193-0700",
        "updated": "2026-08-28T12:43:24.193-0700",
        "customfield_10001": "ISO 9001:2015 8.4.1",
        "customfield_10002": {"value": "Yearly"},
        "customfield_10003": "{summaryBean=com.atlassian}",
        "attachment": [{"filename": "list.pdf", "content": "https://acme.atlassian.net/attachment/1"}],
    },
}


def hook(event: str = "jira:issue_updated", **fields: Any) -> dict[str, Any]:
    return {"webhookEvent": event, "timestamp": 1, "issue": {**ISSUE, "fields": {**ISSUE["fields"], **fields}}}


def items(*bodies: Any) -> list[Item]:
    document = "\n".join(map(json.dumps, bodies)).encode()
    assert intake.detect(document) == "jira"
    return list(intake.read(document, "jira", Context(client="acme")))


def the(item: Item) -> Found:
    assert isinstance(item, Found), item
    return item


def test_an_issue_becomes_a_finding() -> None:
    item = the(items(hook("jira:issue_created"))[0])
    finding = item.finding
    assert (finding.source.system, finding.source.external_id) == ("acme.atlassian.net", "acme.atlassian.net|10509")
    assert (finding.title, finding.statement) == ("Suppliers are not evaluated", "No criteria, no records.")
    assert (finding.severity, finding.level, finding.department) == ("Highest", "critical", "Purchasing")
    assert [(one.standard, one.edition, one.clause) for one in finding.requirements] == [("ISO 9001", "2015", "8.4.1")]
    assert str(finding.detected_at) == "2026-08-27 19:43:24.193000+00:00"
    assert item.revision is not None
    assert "customfield_10002: Yearly" in finding.objective_evidence
    assert "summaryBean" not in finding.objective_evidence
    assert finding.attachments[0].name == "list.pdf"


def test_an_issue_that_moved_is_the_same() -> None:
    moved = {**hook(), "issue": {**ISSUE, "key": "OPS-1"}}
    assert the(items(moved)[0]).finding.source.external_id == "acme.atlassian.net|10509"


@pytest.mark.parametrize("shape", [ISSUE, [ISSUE], {"issues": [ISSUE]}, {"issue": ISSUE}])
def test_issues_come_without_an_event_too(shape: Any) -> None:
    assert the(items(shape)[0]).finding.title == ISSUE["fields"]["summary"]


def test_rich_text_is_read_by_its_words() -> None:
    text = {"type": "text", "text": "No criteria"}
    document = {
        "type": "doc",
        "content": [
            {
                "type": "paragraph",
                "content": [text, {"type": "hardBreak"}, {"type": "mention", "attrs": {"text": "@a"}}],
            },
            {
                "type": "bulletList",
                "content": [{"type": "listItem", "content": [{"type": "paragraph", "content": [text]}]}],
            },
        ],
    }
    assert the(items(hook(description=document))[0]).finding.statement == "No criteria\n@a\nNo criteria"


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (hook(status={"name": "Geschlossen", "statusCategory": {"key": "done"}}), "resolved"),
        (hook(status={"name": "Closed"}, resolution={"name": "Done"}), "resolved"),
        (hook("jira:issue_deleted"), "archived"),
        (hook("comment_created"), "unrelated"),
        ({"webhookEvent": "comment_created", "comment": {}}, "unrelated"),
    ],
)
def test_what_is_no_open_issue_is_skipped(body: dict[str, Any], reason: str) -> None:
    [item] = items(body)
    assert isinstance(item, Skipped)
    assert item.reason == reason


def test_a_reopened_issue_is_found_though_it_had_a_resolution() -> None:
    assert isinstance(items(hook(resolution={"name": "Done"}))[0], Found)


@pytest.mark.parametrize(
    ("body", "code", "pointer"),
    [
        ({**hook(), "issue": {**ISSUE, "id": None}}, "missing", "/issue/id"),
        (hook(summary=None), "missing", "/fields/summary"),
    ],
)
def test_what_is_no_issue_says_why(body: dict[str, Any], code: str, pointer: str) -> None:
    [item] = items(body)
    assert isinstance(item, Rejected)
    assert (item.problem.code, item.problem.pointer) == (code, pointer)


@settings(max_examples=150, deadline=None)
@given(
    fuzz.ANY_BYTES
    | fuzz.value("issue", "issues", "webhookEvent", "fields").map(fuzz.encoded)
    | fuzz.value(*ISSUE["fields"], "content", "type", "text", "name", "id", "self").map(
        lambda one: fuzz.encoded({**hook(), "issue": {**ISSUE, "fields": one}})
    )
)
def test_no_bytes_cause_anything_but_items_or_a_named_refusal(document: bytes) -> None:
    fuzz.holds(jira.read, document)
