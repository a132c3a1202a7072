import hashlib
import json
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from services import intake
from services.intake import Context, Found, Item, Limits, Rejected, Skipped, TooLarge, Unreadable, oscal
from tests.intake import fuzz
from tests.intake.oscal_documents import FINDING, METADATA, RISK, XML, finding, item, observation, plan, results, risk

ACME = Context(client="acme")


def items(document: Any, context: Context = ACME) -> list[Item]:
    return list(oscal.read(document if isinstance(document, bytes) else json.dumps(document).encode(), context))


def the(item: Item) -> Found:
    assert isinstance(item, Found), item
    return item


def one(document: Any) -> Found:
    [found] = items(document)
    return the(found)


def test_a_finding_of_assessment_results() -> None:
    item = one(results(finding(), risks=[risk(("likelihood", "low"), ("impact", "high"))]))
    read = item.finding
    assert (read.source.system, read.source.external_id, read.client) == ("Monitoring June", FINDING, "acme")
    assert (read.title, read.statement) == ("Engineers may delete logs", "The role permits it.")
    assert [(it.standard, it.edition, it.clause) for it in read.requirements] == [("NIST SP 800-53", None, "AC-6(1)")]
    assert (read.severity, read.proposed_grade, read.grade) == ("high", "major", None)
    assert (str(read.detected_at), read.department) == ("2026-06-01 12:31:20+00:00", "Cloud account")
    assert [(it.name, it.url, it.media_type, (it.sha256 or "")[:8]) for it in read.attachments] == [
        ("Roles", "https://evidence.example/roles.csv", "text/csv", "abababab"),
        ("roles.txt", None, "text/plain", hashlib.sha256(b"roles").hexdigest()[:8]),
    ]
    for line in (
        "Target: objective-id ac-6.1_obj: not-satisfied",
        "Observation: Roles tested\nRoles were listed.\nMethods: TEST",
        "Risk: Too much access\nAn engineer can delete logs.\nNobody would know.\nStatus: open",
        "Facet: likelihood low [http://fedramp.gov]",
    ):
        assert line in read.objective_evidence
    assert (str(item.revision), list(item.flags), list(item.escaped)) == ("2026-06-02 10:00:00+00:00", [], [])


def test_an_item_of_a_plan() -> None:
    response = {
        "uuid": RISK,
        "lifecycle": "planned",
        "title": "Response",
        "description": "Change the role.",
        "tasks": [
            {"type": "milestone", "title": "Sprint 4", "timing": {"on-date": {"date": "2026-07-01T00:00:00Z"}}},
            {"type": "milestone", "title": "Sprint 5", "timing": {"within-date-range": {"start": "a", "end": "b"}}},
        ],
    }
    impacted = [{"name": "impacted-control-id", "ns": "http://fedramp.gov", "value": "ac-2"}]
    found = risk(("risk", "moderate"), deadline="2026-07-01T00:00:00Z", remediations=[response], props=impacted)
    read = one(plan(item(), risks=[found])).finding
    assert (read.title, read.severity, read.proposed_grade) == ("Take the right away", "moderate", "minor")
    assert [(it.standard, it.clause) for it in read.requirements] == [("NIST SP 800-53", "AC-2")]
    for line in (
        "Deadline: 2026-07-01T00:00:00Z",
        "Response (planned): Response — Change the role.",
        "Milestone: Sprint 4 — 2026-07-01T00:00:00Z",
        "Milestone: Sprint 5 — a to b",
    ):
        assert line in read.objective_evidence


def test_xml_json_and_yaml_are_one_model() -> None:
    written = results(finding())
    for document in (XML.encode(), XML.replace('"UTF-8"', '"UTF-16"').encode("utf-16"), yaml.safe_dump(written)):
        raw = document.encode() if isinstance(document, str) else document
        assert intake.detect(raw) == "oscal"
        assert items(raw) == items(written)


@pytest.mark.parametrize(
    ("written", "clause"),
    [
        ("ac-6.1_obj", "AC-6(1)"),
        ("ac-2_smt.a", "AC-2"),
        ("AC-2.1_obj.a-2", "AC-2(1)"),
        ("si-04.05", "SI-4(5)"),
        ("ac-17", "AC-17"),
    ],
)
def test_the_control_of_an_objective(written: str, clause: str) -> None:
    target = {"type": "objective-id", "target-id": written, "status": {"state": "not-satisfied"}}
    assert [it.clause for it in one(results(finding(target=target))).finding.requirements] == [clause]


def test_another_target_names_its_standard_or_is_flagged() -> None:
    target = {"type": "objective-id", "target-id": "ISO 27001:2022 A.5.18", "status": {"state": "not-satisfied"}}
    assert one(results(finding(target=target))).finding.requirements[0].clause == "A.5.18"
    unread = one(results(finding(target={**target, "target-id": "cis_check"})))
    assert [(flag.code, flag.pointer) for flag in unread.flags] == [("requirement_unread", "/target/target-id")]


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        (results(finding(target={"target-id": "ac-6", "status": {"state": "satisfied"}})), "passed"),
        (results(finding(), risks=[risk(status="closed")]), "resolved"),
        (plan(item(), risks=[risk(status="closed")]), "resolved"),
        (
            plan(
                item(**{"related-findings": [{"finding-uuid": FINDING}], "related-risks": []}),
                findings=[finding(target={"status": {"state": "satisfied"}})],
            ),
            "resolved",
        ),
    ],
)
def test_what_is_not_open_is_skipped(document: Any, reason: Any) -> None:
    assert items(document) == [Skipped(0, FINDING, reason)]


@pytest.mark.parametrize(
    "status", ["open", "investigating", "remediating", "deviation-requested", "deviation-approved"]
)
def test_a_risk_that_is_not_closed_is_open_whatever_was_granted(status: str) -> None:
    assert f"Status: {status}" in one(plan(item(), risks=[risk(status=status)])).finding.objective_evidence


@pytest.mark.parametrize(
    ("facets", "severity"),
    [
        ([("likelihood", "low"), ("risk", "moderate"), ("impact", "high")], "moderate"),
        ([("likelihood", "low")], "low"),
        ([("colour", "red")], None),
    ],
)
def test_severity(facets: list[tuple[str, str]], severity: str | None) -> None:
    assert one(results(finding(), risks=[risk(*facets)])).finding.severity == severity


def test_the_first_rating_holds_before_the_adjusted_one() -> None:
    adjusted = risk(("risk", "low"), ("risk", "high"))
    adjusted["characterizations"][0]["facets"][0]["props"] = [{"name": "state", "value": "adjusted"}]
    assert one(results(finding(), risks=[adjusted])).finding.severity == "high"


def test_of_several_risks_the_gravest_counts() -> None:
    other = "1c65d2d3-7735-47fa-8f68-a236744beab7"
    both = finding(**{"related-risks": [{"risk-uuid": RISK}, {"risk-uuid": other}]})
    assert one(results(both, risks=[risk(("risk", "low")), risk(("risk", "high"), uuid=other)])).finding.severity == (
        "high"
    )


def test_references_that_lead_nowhere_are_flagged() -> None:
    lost = finding(**{"related-risks": [{"risk-uuid": "0"}]})
    flags = [(flag.code, flag.pointer) for flag in one(results(lost)).flags]
    assert flags == [("reference_dangling", "/related-risks/0/risk-uuid")]


def test_what_names_it() -> None:
    assert one(plan(item(props=[{"name": "POAM-ID", "value": "V-7"}]))).finding.source.external_id == "goodread|V-7"
    unnamed = {key: value for key, value in item().items() if key != "uuid"}
    by_title = one(plan(unnamed))
    assert by_title.finding.source.external_id.startswith("goodread|")
    assert [flag.code for flag in by_title.flags] == ["key_assumed"]
    assert one(plan({**unnamed, "title": "Another"})).finding.source.external_id != by_title.finding.source.external_id
    bare = {key: value for key, value in finding().items() if key != "uuid"}
    ids = {one(results(bare, title=title)).finding.source.external_id for title in ("June", "July")}
    assert len(ids) == 1


def test_the_time_is_the_observation_else_the_result() -> None:
    undated = {key: value for key, value in observation().items() if key != "collected"}
    assert str(one(results(finding(), observations=[undated])).finding.detected_at) == "2026-06-01 08:00:00+00:00"


def test_bare_results_of_tools_are_read() -> None:
    bare = {"results": results(finding())["assessment-results"]["results"]}
    assert intake.detect(json.dumps(bare).encode()) == "oscal"
    assert one(bare).finding.source.external_id == FINDING


def test_one_bad_finding_loses_no_other() -> None:
    no_target = {key: value for key, value in finding().items() if key != "target"}
    odd = finding(target={"status": {"state": "maybe"}})
    read = items(results("text", no_target, odd, finding(title=""), finding()))
    assert [(it.problem.code, it.problem.pointer) for it in read if isinstance(it, Rejected)] == [
        ("not_an_object", ""),
        ("missing", "/target/status/state"),
        ("unknown_status", "/target/status/state"),
        ("missing", "/title"),
    ]
    assert [it.index for it in read] == list(range(5))
    the(read[4])


def test_a_bad_result_loses_no_other() -> None:
    document = results(finding())
    several = document["assessment-results"]["results"]
    several[:0] = [7, {"findings": 1}, {"title": "nothing yet"}]
    codes = [it.problem.code if isinstance(it, Rejected) else "found" for it in items(document)]
    assert codes == ["not_an_object", "not_a_list", "found"]


def test_keys_that_come_twice() -> None:
    text = json.dumps(results(finding()))
    [item] = items(text.replace('"title": "Engineers', '"title": "", "title": "Engineers').encode())
    assert isinstance(item, Rejected)
    assert (item.external_id, item.problem.code, item.problem.pointer) == (FINDING, "duplicate_key", "/title")
    [item] = items(text.replace('"title": "June"', '"title": "June", "title": "July"').encode())
    assert isinstance(item, Rejected)
    assert item.problem.pointer == "/assessment-results/results/0/title"
    with pytest.raises(Unreadable) as caught:
        items(text.replace('"version": "7"', '"version": "7", "version": "8"').encode())
    assert (caught.value.code, caught.value.path) == ("duplicate_key", "/assessment-results/metadata/version")


@pytest.mark.parametrize("version", ["1.0.4", "1.0.6", "1.1.3", "1.2.0", "1.2.1"])
def test_versions_that_are_read(version: str) -> None:
    document = results(finding())
    document["assessment-results"]["metadata"] = {**METADATA, "oscal-version": version}
    one(document)


@pytest.mark.parametrize(
    ("document", "code", "path"),
    [
        ({}, "no_model", ""),
        ([], "no_model", ""),
        ({"assessment-results": []}, "no_model", "/assessment-results"),
        ({"assessment-results": None}, "no_model", "/assessment-results"),
        ({"assessment-results": {}, "plan-of-action-and-milestones": {}}, "no_model", ""),
        ({"assessment-results": {}}, "not_a_list", "/assessment-results/results"),
        (
            {"plan-of-action-and-milestones": {"poam-items": {}}},
            "not_a_list",
            "/plan-of-action-and-milestones/poam-items",
        ),
        (
            {"assessment-results": {"metadata": {"oscal-version": "2.0.0"}, "results": []}},
            "unknown_version",
            "/assessment-results/metadata/oscal-version",
        ),
    ],
)
def test_what_is_no_document_of_ours_says_where(document: Any, code: str, path: str) -> None:
    with pytest.raises(Unreadable) as caught:
        items(document)
    assert (caught.value.code, caught.value.path) == (code, path)


def test_the_bounds_of_a_document() -> None:
    small = Context(client="acme", limits=Limits(items=1))
    for document in (results(finding(), finding()), plan(item(), item())):
        with pytest.raises(TooLarge) as caught:
            items(document, small)
        assert caught.value.code == "too_many_items"
    with pytest.raises(TooLarge) as caught:
        items(XML.encode(), Context(limits=Limits(bytes=100)))
    assert caught.value.code == "too_many_bytes"


def test_evidence_ends_at_its_bound_however_much_is_shared() -> None:
    many = [observation(uuid=f"{n:08d}-0000-4000-8000-000000000000", remarks="x" * 30_000) for n in range(5)]
    related = [{"observation-uuid": it["uuid"]} for it in many]
    read = one(results(finding(**{"related-observations": related}), observations=many))
    assert len(read.finding.objective_evidence) == 50_000
    assert [(flag.code, flag.pointer) for flag in read.flags] == [("cut", "/description")]


def test_texts_that_a_record_cannot_hold_are_escaped() -> None:
    odd = one(results(finding(title="a\x00b \ud800")))
    assert list(odd.escaped) == ["/title"]
    assert odd.finding.title == "a\x1a0000b \x1ad800"


@settings(max_examples=60)
@given(document=fuzz.ANY_BYTES)
def test_any_bytes_are_read_or_refused(document: bytes) -> None:
    oscal.looks(document)
    fuzz.holds(oscal.read, document)


_KEYS = (
    *("uuid", "title", "description", "props", "name", "value", "ns", "remarks", "metadata", "oscal-version", "target"),
    *("status", "state", "target-id", "related-risks", "risk-uuid", "related-observations", "observation-uuid"),
    *("characterizations", "facets", "remediations", "tasks", "timing", "collected", "subjects", "links", "href"),
)


@settings(max_examples=150)
@given(inner=fuzz.value(*_KEYS), outer=fuzz.value(*_KEYS, "observations", "risks", "findings", "back-matter"))
def test_any_values_are_read_or_refused(inner: Any, outer: Any) -> None:
    around = outer if isinstance(outer, dict) else {}
    for document in (
        {"assessment-results": {**around, "results": [{**around, "findings": [inner, finding()]}]}},
        {"plan-of-action-and-milestones": {**around, "poam-items": [inner, item()]}},
    ):
        fuzz.holds(oscal.read, fuzz.encoded(document))


@settings(max_examples=100)
@given(
    start=st.integers(0, len(XML)), length=st.integers(0, 40), put=st.sampled_from(["", "<", "</", "&", "<p>", "\x01"])
)
def test_xml_with_a_hole_is_read_or_refused(start: int, length: int, put: str) -> None:
    fuzz.holds(oscal.read, (XML[:start] + put + XML[start + length :]).encode())


@pytest.mark.parametrize(
    ("document", "says"),
    [
        (b'{"assessment-results": null}', "assessment-results is empty, or no object."),
        (
            b'<assessment-results xmlns="http://csrc.nist.gov/ns/oscal/1.0"/>',
            "assessment-results is empty, or no object.",
        ),
        (b'{"results": {}}', "it has neither."),
        (b'{"assessment-results": {}, "plan-of-action-and-milestones": {}}', "it has both."),
    ],
)
def test_a_document_without_a_model_is_told_what_it_lacks(document: bytes, says: str) -> None:
    with pytest.raises(Unreadable) as caught:
        items(document)
    assert caught.value.detail.endswith(says)


def test_what_begins_with_a_merge_key_is_yaml_and_no_xml() -> None:
    with pytest.raises(Unreadable) as caught:
        items(b"<<: {}\nassessment-results: {}\n")
    assert caught.value.code == "merge_key"
