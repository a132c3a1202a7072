"""YAML of OSCAL: every scalar stays its text, and aliases, tags and depth stay within bounds."""

from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from services.intake import Limits, TooLarge, Unreadable, oscal, oscal_yaml
from tests.intake import fuzz

LAUGHS = "a0: &a0 [ha]\n" + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 12))


def value(content: str, **limits: int) -> Any:
    return oscal_yaml.value(content, Limits(**limits))


WORDS = "no No NO off on y Y yes true False null Null 1.10 0x1F 0o17 017 1e3 .inf 1_000 12:30:45 2024-01-01 = +1"


@pytest.mark.parametrize("word", WORDS.split())
def test_a_word_is_a_text_as_key_and_as_value(word: str) -> None:
    assert value(f"{word}: {word}\nlist: [{word}, '{word}']") == {word: word, "list": [word, word]}


def test_nothing_is_null() -> None:
    assert value("a:\nb: ~\nc: ''\nd: '~'") == {"a": None, "b": None, "c": "", "d": "~"}


def test_texts_of_every_style() -> None:
    read = value("a: \"x\\ty\\x00\"\nb: |\n  one\n  two\nc: >-\n  one\n  two\nd: 'it''s'\ne: !!str 7\nf: !!int \"8\"")
    assert read == {"a": "x\ty\x00", "b": "one\ntwo\n", "c": "one two", "d": "it's", "e": "7", "f": "8"}


def test_aliases_repeat_what_they_name() -> None:
    assert value("a: &x {b: &y c}\nd: [*x, *x]\n*y : 1") == {"a": {"b": "c"}, "d": [{"b": "c"}, {"b": "c"}], "c": "1"}


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (LAUGHS, "too_many_values"),
        ("a: &a " + "x" * 1000 + "\nb: [" + ", ".join(["*a"] * 400) + "]", "inflates_too_far"),
        ("[" * 100 + "]" * 100, "too_deep"),
        ("a: &a " + "[" * 40 + "]" * 40 + "\nb: " + "[" * 30 + "*a" + "]" * 30, "too_deep"),
        ("- x\n" * 20_000, "too_many_values"),
    ],
)
def test_bounds(content: str, code: str) -> None:
    with pytest.raises(TooLarge) as caught:
        value(content, values=10_000, inflated=100_000)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("content", "code", "line", "column"),
    [
        ("a: 1\nb: [", "not_yaml", 3, 1),
        ("a: 1\n\tb: 2", "not_yaml", 2, 1),
        ("a: *b", "not_yaml", 1, 4),
        ("a: &a [*a]", "not_yaml", 1, 8),
        ("a: 1\n---\nb: 2", "not_yaml", 2, 1),
        ("a: 1\n? [b]\n: 2", "not_yaml", 2, 3),
        ("? *b\n: 2", "not_yaml", 1, 3),
        ("b: &b {c: 1}\nd:\n  <<: *b", "merge_key", 3, 3),
        ("a: !!python/object/apply:os.system ['true']", "yaml_tag", 1, 4),
        ("a:\n- !!binary aGk=", "yaml_tag", 2, 3),
        ("a: !mine 1", "yaml_tag", 1, 4),
    ],
)
def test_what_is_refused_says_where(content: str, code: str, line: int, column: int) -> None:
    with pytest.raises(Unreadable) as caught:
        value(content)
    assert (caught.value.code, caught.value.line, caught.value.column) == (code, line, column)


def test_characters_that_yaml_does_not_have_are_refused() -> None:
    with pytest.raises(Unreadable) as caught:
        value("a: \x01")
    assert caught.value.code == "not_yaml"


def test_a_key_that_comes_twice_is_known() -> None:
    with pytest.raises(Unreadable) as caught:
        list(oscal.read(b"assessment-results:\n  metadata: {title: a, title: b}\n  results: []\n", fuzz.ACME))
    assert (caught.value.code, caught.value.path) == ("duplicate_key", "/assessment-results/metadata/title")


_TEXTS = st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc"]), max_size=8)
_VALUES = st.recursive(
    _TEXTS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_TEXTS, inner, max_size=3), max_leaves=15
)


@given(held=_VALUES)
def test_what_was_dumped_is_read(held: Any) -> None:
    assert value(yaml.safe_dump(held, allow_unicode=True)) == held


@given(content=st.text(alphabet="ab:-*&![]{}#|>'\"\\,?\n \t<~%@", max_size=60))
def test_any_text_is_read_or_refused(content: str) -> None:
    fuzz.holds(oscal.read, f"assessment-results:\n  results: {content}".encode())
