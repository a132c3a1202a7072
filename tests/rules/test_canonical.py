"""Canonical JSON: whichever way it goes, the bytes are those of RFC 8785."""

from collections.abc import Callable
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from workflows.canonical import canonical

TRICKY = st.sampled_from(
    ["1.5", ":1.5", '":1.5', "a,2.5", "[3e7", "NaN", "-Infinity", "\x1a0000", '\\"', "\x7f", "\uffff", "\U0001f600"]
)
TEXT = st.text() | TRICKY
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner) | st.dictionaries(TEXT, inner),
    max_leaves=20,
)


def _bytes(encode: Callable[[Any], bytes], value: object) -> bytes | None:
    """What an encoder makes of a value; None where JSON cannot express it."""
    try:
        return encode(value)
    except ValueError:
        return None


@given(JSON)
def test_the_bytes_are_those_of_the_standard(value: object) -> None:
    assert _bytes(canonical, value) == _bytes(rfc8785.dumps, value)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"b": 1, "a": [True, None, "x"]}, '{"a":[true,null,"x"],"b":1}'),
        ({"n": 1.0, "m": 1e21, "k": [0.1, -0.0]}, '{"k":[0.1,0],"m":1e+21,"n":1}'),
        # By UTF-16 code units the surrogates of U+1F600 come before U+FFFF; by code points they would come after.
        ({"\uffff": 1, "\U0001f600": 2}, '{"\U0001f600":2,"\uffff":1}'),
        ({"t": 'é\n\x1f"\\/'}, '{"t":"é\\n\\u001f\\"\\\\/"}'),
    ],
)
def test_examples(value: object, text: str) -> None:
    assert canonical(value) == text.encode()


@pytest.mark.parametrize("value", [2**53, -(2**53), [float("nan")], {"x": float("inf")}, "\ud800", b""])
def test_what_json_cannot_express(value: object) -> None:
    with pytest.raises((ValueError, TypeError)):
        canonical(value)
