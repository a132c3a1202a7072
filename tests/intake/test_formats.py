import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from services import intake
from services.intake import Context, Found, Item, Limits, Rejected, TooLarge, UnknownFormat, Unreadable
from workflows.findings import missing_for_issue

EXAMPLES = Path(__file__).parents[2] / "examples"
ACME = Context(client="acme", system="audit-notes")
PLAIN: dict[str, Any] = {"source": {"external_id": "7"}, "title": "Access rights were not reviewed"}


def items(document: bytes | str | object, format: str = "json", context: Context = ACME) -> list[Item]:
    if isinstance(document, str):
        document = document.encode()
    return list(
        intake.read(document if isinstance(document, bytes) else json.dumps(document).encode(), format, context)
    )


def test_one_object_is_one_finding_and_a_list_is_many() -> None:
    [one] = items(PLAIN)
    assert isinstance(one, Found)
    assert (one.finding.client, one.finding.source.system) == ("acme", "audit-notes")
    assert [type(item) for item in items([PLAIN, {"title": 5}, None, PLAIN])] == [Found, Rejected, Rejected, Found]
    assert items([]) == []


def test_a_line_that_cannot_be_read_loses_no_other() -> None:
    lines = f'{json.dumps(PLAIN)}\r\n\n{{"title": \n{"[" * 70}{"]" * 70}\n{json.dumps(PLAIN)}'
    first, broken, deep, last = items(lines, "ndjson")
    assert isinstance(first, Found)
    assert isinstance(broken, Rejected)
    assert isinstance(deep, Rejected)
    assert isinstance(last, Found)
    assert (broken.problem.code, deep.problem.code, last.index) == ("not_json", "too_deep", 3)
    assert broken.problem.detail.startswith("Line 3, column 11")


def test_text_that_json_or_postgres_cannot_hold_is_escaped_and_said() -> None:
    [item] = items(
        rb'{"source": {"external_id": "7"}, "title": "a\u0000b\ud83d", "severity": 123456789012345678901234}'
    )
    assert isinstance(item, Found)
    assert item.finding.title == "a\x1a0000b\x1ad83d"
    assert item.finding.severity == "123456789012345678901234"
    assert list(item.escaped) == ["/title", "/severity"]


def test_a_key_that_comes_twice_is_no_answer() -> None:
    [item] = items('{"source": {"external_id": "7"}, "title": "x", "severity": "Low", "severity": "Critical"}')
    assert isinstance(item, Rejected)
    assert (item.problem.code, item.problem.pointer, item.external_id) == ("duplicate_key", "/severity", "7")


@pytest.mark.parametrize(
    ("document", "code", "line", "column"),
    [
        (b"", "empty", 1, 1),
        (b" \n ", "empty", 1, 1),
        (b'{"title":\n "x",}', "not_json", 2, 6),
        (b'[{"title": "x"}]\n]', "not_json", 2, 1),
        (b'{"a": "NaN",\n "b": NaN}', "not_json", 2, 7),
        (b'{"a": -Infinity}', "not_json", 1, 7),
        (b'{"a":\n "\xe9t\xe9"}', "not_utf8", 2, 3),
        (b'{"a": ' + b"9" * 5000 + b"}", "not_json", 1, 7),
    ],
)
def test_what_is_not_readable_says_where(document: bytes, code: str, line: int, column: int) -> None:
    with pytest.raises(Unreadable) as refused:
        items(document)
    assert (refused.value.code, refused.value.line, refused.value.column) == (code, line, column)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-32"])
def test_other_encodings_of_unicode_are_read(encoding: str) -> None:
    [item] = items(json.dumps({**PLAIN, "title": "Prüfung"}, ensure_ascii=False).encode(encoding))
    assert isinstance(item, Found)
    assert item.finding.title == "Prüfung"


@pytest.mark.parametrize(
    ("document", "limits", "code"),
    [
        (b'{"title": "x"}', Limits(bytes=5), "too_many_bytes"),
        (b"[1, 2, 3]", Limits(items=2), "too_many_items"),
        (b"[[[[1]]]]", Limits(depth=3), "too_deep"),
        (b"[" * 100_000, Limits(), "too_deep"),
    ],
)
def test_bounds(document: bytes, limits: Limits, code: str) -> None:
    for each in intake.FORMATS if code == "too_many_bytes" else ("json", "asff"):
        with pytest.raises(TooLarge) as refused:
            items(document, each, Context(limits=limits))
        assert refused.value.code == code


ASFF = {"ProductArn": "arn:p", "Id": "1"}


@pytest.mark.parametrize(
    ("document", "media_type", "name", "format"),
    [
        (json.dumps(PLAIN), "application/json; charset=utf-8", None, "json"),
        (json.dumps([PLAIN], indent=1), None, None, "json"),
        ("[]", "application/json", None, "json"),
        ("[1]", "application/json", None, "json"),
        ("{}", "application/json", None, "json"),
        ("not json", "application/json", None, "json"),
        ('{"runs": [', None, None, "json"),
        ('{"runs": []} trailing', None, None, "json"),
        (json.dumps(PLAIN) + "\n" + json.dumps(PLAIN), "application/json", None, "ndjson"),
        (json.dumps(PLAIN), "application/x-ndjson", None, "ndjson"),
        (json.dumps(PLAIN), None, "export.JSONL", "ndjson"),
        ("garbage", "application/x-ndjson", None, "ndjson"),
        (json.dumps(ASFF), "application/json", None, "asff"),
        (json.dumps([ASFF]), None, None, "asff"),
        (json.dumps({"Findings": []}), None, None, "asff"),
        (json.dumps({"detail": {"findings": [ASFF]}}) * 2, None, "x.ndjson", "asff"),
        ('{"SchemaVersion": "2018-10-08"}', None, None, "asff"),
        ('{"runs": [], "version": "2.1.0"}', None, None, "sarif"),
        ('{"findings": [{"title": "x", "cwe": 1}]}', None, None, "defectdojo"),
        ('{"class_uid": 2004, "finding_info": {"uid": "1"}}', None, None, "ocsf"),
        ("a,b\n1,2", None, None, "csv"),
    ],
)
def test_the_content_tells_the_format(document: str, media_type: str | None, name: str | None, format: str) -> None:
    assert intake.detect(document.encode(), media_type, name) == format


@pytest.mark.parametrize(
    "document",
    [
        b'{"rows": [], "version": "2.1.0"}',
        b"PK\x03\x04\xff",
        b"<a/>",
    ],
)
def test_what_no_format_claims_is_unknown_and_lists_what_was_considered(document: bytes) -> None:
    with pytest.raises(UnknownFormat) as refused:
        intake.detect(document)
    assert refused.value.considered == tuple(intake.FORMATS) == tuple(refused.value.lacks)
    assert refused.value.lacks["sarif"] == "no runs with a version or schema of SARIF"


def test_a_format_that_does_not_exist_is_unknown() -> None:
    with pytest.raises(UnknownFormat):
        items(b"{}", "smoke-signals")


def test_the_example_finding_can_be_issued_as_it_is() -> None:
    document = (EXAMPLES / "finding.json").read_bytes()
    [item] = items(document, intake.detect(document))
    assert isinstance(item, Found)
    assert item.finding.requirements[0].clause == "A.5.18"
    assert (list(item.flags), missing_for_issue(item.finding)) == ([], [])


KEYS = st.sampled_from(
    ["Findings", "findings", "detail", "source", "title", "Id", "ProductArn", "UpdatedAt", "Compliance"]
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6) | st.just("2026-01-01"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS | st.text(max_size=4), inner, max_size=4),
    max_leaves=10,
)


@settings(max_examples=300, deadline=None)
@given(
    st.binary(max_size=60)
    | st.text(alphabet='{}[]",:\\ud80eE+-.0n\n\x00', max_size=40).map(str.encode)
    | JSON.map(lambda v: json.dumps(v).encode())
)
@example(b"\x00")
@example(b"\xff\xfe\x00")
@example(b'"\xed\xa0\x80"')
def test_no_bytes_cause_anything_but_items_or_a_named_refusal(document: bytes) -> None:
    for each in intake.FORMATS:
        try:
            found = items(document, each)
        except (Unreadable, TooLarge):
            continue
        assert [item.index for item in found] == list(range(len(found)))
    with suppress(UnknownFormat, TooLarge):
        assert intake.detect(document) in intake.FORMATS


@pytest.mark.parametrize(
    ("field", "pointer"),
    [
        ('"audit": {"ref": "A", "stage": "special", "ended_on": "0001-01-01"}', "/audit/ended_on"),
        ('"audit": {"ref": "A", "stage": "special", "ended_on": "2200-01-01"}', "/audit/ended_on"),
        ('"audit": {"ref": "A", "stage": "special", "ended_on": "2026-02-30"}', "/audit/ended_on"),
        ('"detected_at": "9999-12-31T23:59:59Z"', "/detected_at"),
        ('"detected_at": "1970-01-01T00:00:00+10:00"', "/detected_at"),
        ('"statement": 123456789012345678901234567890', "/statement"),
        ('"statement": 7', "/statement"),
        ('"statement": 1e999', "/statement"),
        ('"severity": 1e999', "/severity"),
        ('"department": 123456789012345678901234567890', "/department"),
        ('"sites": [123456789012345678901234567890]', "/sites/0"),
    ],
)
def test_what_is_of_another_time_or_type_is_refused(field: str, pointer: str) -> None:
    [item] = items(f'{{"source": {{"external_id": "7"}}, "title": "x\\u0000", {field}}}')
    assert isinstance(item, Rejected)
    assert [problem.pointer for problem in item.problems] == [pointer]
    assert not any(word in item.problem.detail for word in ("Input", "tuple", "string", "Error"))
