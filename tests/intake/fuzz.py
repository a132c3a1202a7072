"""Bytes and JSON values for the readers, and what each must do with them: items, or a refusal of its own."""

import json
from collections.abc import Callable, Iterator
from typing import Any

from hypothesis import strategies as st

from services.intake import Context, Found, Item, Limits, Rejected, TooLarge, Unreadable

Read = Callable[[bytes, Context], Iterator[Item]]
ACME = Context(client="acme", system="scanner", limits=Limits(bytes=20_000, items=40, depth=20))

_SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.sampled_from(
        [0, -1, 1, 3, 10**13, 10**400, "", "FAIL", "2026-01-01", "2026-01-01T00:00:00Z", "\ud800", "\x00"]
    )
    | st.text(max_size=6)
)


def value(*keys: str) -> st.SearchStrategy[Any]:
    """Any JSON value whose objects have keys of a format."""
    names = st.sampled_from(keys) | st.text(max_size=3)
    return st.recursive(
        _SCALARS,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=6),
        max_leaves=25,
    )


def encoded(one: Any) -> bytes:
    return json.dumps(one).encode()


ANY_BYTES = st.binary(max_size=80) | st.text(alphabet='{}[]",:;|\\ud80eE+-.0n\r\n\x00', max_size=60).map(str.encode)


def holds(read: Read, document: bytes) -> None:
    """Items that count from 0 and fit to be stored, or a refusal."""
    try:
        found = list(read(document, ACME))
    except (Unreadable, TooLarge):
        return
    assert [item.index for item in found] == list(range(len(found)))
    for item in found:
        said = [item.finding.model_dump_json()] if isinstance(item, Found) else [str(item.external_id)]
        said += [f"{one.pointer}{one.detail}" for one in item.problems] if isinstance(item, Rejected) else []
        assert b"\x00" not in "".join(said).encode()
        assert "\\u0000" not in said[0]
