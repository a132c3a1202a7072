"""What a text of JSON values knows of all of them is what looking at each would say."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.intake import Limits, Unreadable, text
from tests.intake import fuzz


@settings(max_examples=150, deadline=None)
@given(value=fuzz.value("a", "b"), ascii_only=st.booleans())
def test_it_is_as_if_each_value_were_searched(value: Any, ascii_only: bool) -> None:
    try:
        document = json.dumps(value, ensure_ascii=ascii_only, allow_nan=False).encode()
    except ValueError:  # no JSON, or no UTF-8
        return
    content = text.Content.of(document, Limits())
    read = content.only()
    assert content.held(read) == text.held(read)
    assert content.doubled(read) is None


@pytest.mark.parametrize(
    "written",
    [
        '{"a": "\\u0000"}',
        '{"\\u0000": 1}',
        '{"a": "\\ud800"}',
        '{"a": "\\ud83d\\ude00"}',
        '{"a": "\\\\ud83d\\udc00"}',
        '{"a": "\\u001a0000"}',
        '["x", 9007199254740993]',
        "[-9007199254740993]",
        "9007199254740993",
        '{"a":9007199254740993}',
        '[0.12345678901234567, "12345678901234567", "a12345678901234567"]',
    ],
)
def test_what_needs_an_escape_is_found(written: str) -> None:
    content = text.Content(written, Limits())
    value = content.only()
    assert content.held(value) == text.held(value)


def test_a_key_that_comes_twice_anywhere_is_known() -> None:
    content = text.Content('[{"a": 1}, {"b": {"c": 1, "c": 2}}] {"d": 1}', Limits())
    first, second = content.values()
    assert content.doubled(first) == "/1/b/c"
    assert content.doubled(second) is None


def test_a_shared_document_is_parsed_once_and_reads_as_any_other() -> None:
    document = b'[{"a": 1, "a": 2}, "\\u0000"] {"n": 12345678901234567890}'
    shared = text.Shared(document)
    content = text.Content.of(shared, Limits())
    assert text.Content.of(shared, Limits()) is content
    value, end = content.first()
    assert content.first() == (value, end)
    assert content.first()[0] is value
    plain = text.Content.of(document, Limits())
    assert [*content.values()] == [*plain.values()]
    assert content.doubled(value) == plain.doubled(plain.first()[0]) == "/0/a"
    assert content.held(value) == plain.held(value)


def test_what_cannot_be_parsed_is_refused_each_time() -> None:
    content = text.Content.of(text.Shared(b"[1, }"), Limits())
    for _ in range(2):
        with pytest.raises(Unreadable):
            content.first()
