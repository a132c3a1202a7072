import base64
import json
from typing import Any

import pytest
from hypothesis import given, settings

from services import intake
from services.intake import FORMATS, Context, Found, Item, Limits, Rejected, TooLarge, Unreadable, cloudevents
from tests.intake import fuzz
from tests.intake.test_github import CODE, body
from tests.intake.workbooks import plain

FINDING = {"source": {"external_id": "7"}, "title": "Suppliers are not evaluated"}
EVENT: dict[str, Any] = {"specversion": "1.0", "id": "e-1", "source": "/scanner", "type": "com.example.found"}


def items(value: Any, context: Context | None = None) -> list[Item]:
    document = json.dumps(value).encode()
    assert intake.detect(document) == "cloudevents"
    return list(intake.read(document, "cloudevents", context or Context(client="acme", system="scanner")))


def the(item: Item) -> Found:
    assert isinstance(item, Found), item
    return item


@pytest.mark.parametrize(
    "data",
    [
        {"data": FINDING},
        {"data": FINDING, "datacontenttype": "application/json; charset=utf-8"},
        {"data": [FINDING]},
        {"data": json.dumps(FINDING)},
        {"data_base64": base64.b64encode(json.dumps(FINDING).encode()).decode()},
        {
            "specversion": "0.3",
            "datacontentencoding": "base64",
            "data": base64.b64encode(json.dumps(FINDING).encode()).decode(),
        },
        {"datacontenttype": "text/csv", "data": "external_id,title\n7,Suppliers are not evaluated\n"},
        {"datacontenttype": "application/x-ndjson", "data": json.dumps(FINDING) + "\n"},
    ],
)
def test_the_document_in_an_event_is_read_as_what_it_is(data: dict[str, Any]) -> None:
    [item] = items({**EVENT, **data})
    assert (the(item).finding.title, the(item).finding.source.external_id) == (FINDING["title"], "7")


def test_other_formats_come_in_events_too() -> None:
    packed = {"data_base64": base64.b64encode(plain()).decode()}
    found = items([{**EVENT, "data": body(CODE)}, {**EVENT, "id": "e-2", **packed}])
    assert [the(item).finding.source.system for item in found] == ["scanner", "scanner"]
    assert [item.index for item in found] == [0, 1]


def test_what_names_an_event_names_its_deliveries() -> None:
    first, again = items({**EVENT, "data": [FINDING, FINDING]})
    assert (the(first).delivery, the(again).delivery) == ("/scanner|e-1#0", "/scanner|e-1#1")


def test_one_bad_event_loses_no_other() -> None:
    bad: list[tuple[Any, str, str]] = [
        (7, "not_an_object", ""),
        ({**EVENT, "id": None}, "missing", "/id"),
        ({**EVENT, "specversion": "2.0"}, "unknown_version", "/specversion"),
        (EVENT, "empty", "/data"),
        ({**EVENT, "data": {}, "data_base64": "e30="}, "two_documents", "/data"),
        ({**EVENT, "data_base64": "*"}, "not_base64", "/data"),
        ({**EVENT, "data": '{"runs": ['}, "not_json", "/data"),
        ({**EVENT, "data": {"world": "hello"}}, "unknown_format", "/data"),
        ({**EVENT, "data": {**EVENT, "data": FINDING}}, "nested_event", "/data"),
    ]
    found = items([{**EVENT, "data": FINDING}, *(event for event, _, _ in bad), {**EVENT, "data": FINDING}])
    assert isinstance(found[0], Found)
    assert isinstance(found[-1], Found)
    said = [(item.problem.code, item.problem.pointer) for item in found if isinstance(item, Rejected)]
    assert said == [(code, pointer) for _, code, pointer in bad]


def test_a_key_that_comes_twice_within_the_document_is_no_answer() -> None:
    document = b'{"specversion":"1.0","id":"1","source":"/s","type":"t","data":{"title":"a","title":"b"}}'
    [item] = intake.read(document, "cloudevents", Context())
    assert isinstance(item, Rejected)
    assert (item.problem.code, item.problem.pointer) == ("duplicate_key", "/data/title")


def test_a_batch_keeps_the_bounds_of_a_document() -> None:
    many = [{**EVENT, "data": [FINDING, FINDING]}] * 2
    with pytest.raises(TooLarge) as refused:
        items(many, Context(limits=Limits(items=3)))
    assert refused.value.code == "too_many_items"


def test_binary_events_are_named_by_headers() -> None:
    headers = {"ce-specversion": "1.0", "ce-id": "e-1", "ce-source": "/scanner", "ce-type": "t", "host": "x"}
    named = cloudevents.binary(headers)
    assert named is not None
    assert named.delivery == "/scanner|e-1"
    assert cloudevents.binary({"content-type": "application/json"}) is None
    with pytest.raises(Unreadable) as refused:
        cloudevents.binary({**headers, "ce-id": " "})
    assert (refused.value.code, refused.value.path) == ("missing", "/ce-id")


@settings(max_examples=150, deadline=None)
@given(
    fuzz.ANY_BYTES
    | fuzz.value(*EVENT, "data", "data_base64", "datacontenttype").map(fuzz.encoded)
    | fuzz.value("title", "source", "runs", "findings").map(lambda one: fuzz.encoded({**EVENT, "data": one}))
)
def test_no_bytes_cause_anything_but_items_or_a_named_refusal(document: bytes) -> None:
    fuzz.holds(FORMATS["cloudevents"].read, document)
