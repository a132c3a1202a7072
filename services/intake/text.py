"""Bytes to JSON values, strictly (RFC 8259) and within bounds: what is ambiguous is said, not guessed."""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any, NoReturn

from services.intake.items import Limits, TooLarge, Unreadable
from workflows.canonical import escape

_DIGITS = 4000
_ODD = re.compile(rf'"[^"\\]*(?:\\.[^"\\]*)*"|(?P<odd>-?Infinity|NaN|\d{{{_DIGITS + 1},}})', re.DOTALL)
_SPACE = re.compile(r"[ \t\n\r]*")
_STRANGE = re.compile(r"[\x00\x1a\ud800-\udfff]|\\u(?:0000|001[aA]|[dD][89a-fA-F])|\d{16}")
"""Where a JSON text may hold what text cannot, or a number that JSON cannot: without it, nothing needs an escape."""


class Twice(dict[str, Any]):
    """An object in which keys come twice: parsers differ on which one holds, so that nobody may rely on either."""

    keys_twice: tuple[str, ...] = ()


class _Odd(ValueError):
    """A number that Python reads and JSON does not have, or one beyond any use."""


def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object of pairs: one that knows which of its keys came twice, where any did."""
    once = dict(pairs)
    if len(once) == len(pairs):
        return once
    twice = Twice(once)
    twice.keys_twice = tuple(key for key, times in Counter(key for key, _ in pairs).items() if times > 1)
    return twice


def _constant(name: str) -> NoReturn:
    raise _Odd(f"{name} is not JSON")


def _int(digits: str) -> int:
    if len(digits) > _DIGITS:
        raise _Odd(f"a number of {len(digits)} digits")
    return int(digits)


_DECODER = json.JSONDecoder(object_pairs_hook=unique, parse_constant=_constant, parse_int=_int)


def is_plain(content: str) -> bool:
    """Whether every value of a JSON text can be held as it is."""
    return _STRANGE.search(content) is None


def held(value: Any) -> tuple[Any, list[str]]:
    """A JSON value whose text JSON and jsonb can hold, and the pointers (RFC 6901) of what was escaped.

    Numbers stay numbers, however large: one that stands where text belongs is refused there, and not taken for text.
    """
    safe, where = escape(value)
    return (_numbers_back(value, safe), where) if where else (safe, where)


def _numbers_back(raw: Any, safe: Any) -> Any:
    match raw:
        case int():
            return raw
        case dict():
            return {name: _numbers_back(one, safe[name]) for name, one in zip(safe, raw.values(), strict=True)}
        case list():
            return [_numbers_back(one, held) for one, held in zip(raw, safe, strict=True)]
    return safe


def decoded(document: bytes, limits: Limits) -> str:
    """The document's text: UTF-8, or UTF-16 and UTF-32 as their byte order says. Raises Unreadable and TooLarge."""
    if len(document) > limits.bytes:
        raise TooLarge("too_many_bytes", f"The document has {len(document):,} bytes; {limits.bytes:,} are allowed.")
    encoding = json.detect_encoding(document)
    try:
        text = document.decode(encoding)
    except UnicodeDecodeError as error:
        line, column = _place(document[: error.start].decode(encoding, "replace"))
        name = encoding.upper().removesuffix("-SIG")
        raise Unreadable("not_utf8", f"The text is not {name}: {error.reason}.", line=line, column=column) from None
    if not text.strip(" \t\r\n"):
        raise Unreadable("empty", "The document is empty.", line=1, column=1)
    return text


def values(text: str, limits: Limits) -> Iterator[Any]:
    """Every JSON value of a text in which one follows another. Raises Unreadable and TooLarge."""
    at = _after_space(text, 0)
    while at < len(text):
        value, end = first(text, limits, at)
        yield value
        at = _after_space(text, end)


def only(text: str, limits: Limits) -> Any:
    """The one JSON value of a text. Raises Unreadable and TooLarge."""
    value, end = first(text, limits)
    end = _after_space(text, end)
    if end < len(text):
        line, column = _place(text[:end])
        raise Unreadable("not_json", "Something follows the end of the JSON value.", line=line, column=column)
    return value


def first(text: str, limits: Limits, at: int = 0) -> tuple[Any, int]:
    """The JSON value at or after an offset, and the offset of its end. Raises Unreadable and TooLarge."""
    at = _after_space(text, at)
    try:
        value, end = _DECODER.raw_decode(text, at)
    except json.JSONDecodeError as error:
        raise Unreadable("not_json", f"{error.msg}.", line=error.lineno, column=error.colno) from None
    except _Odd as odd:
        found = next((match.start("odd") for match in _ODD.finditer(text, at) if match["odd"]), at)
        line, column = _place(text[:found])
        raise Unreadable("not_json", f"{odd}.", line=line, column=column) from None
    except RecursionError:
        raise _too_deep(limits) from None
    _bound(value, limits)
    return value, end


def doubled(value: Any, pointer: str = "") -> str | None:
    """Where in a value a key comes twice in one object (RFC 6901), None where none does."""
    if isinstance(value, Twice):
        return f"{pointer}/{escaped(value.keys_twice[0])}"
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    inner = (doubled(item, f"{pointer}/{escaped(str(key))}") for key, item in pairs if isinstance(item, dict | list))
    return next((found for found in inner if found is not None), None)


def escaped(key: str) -> str:
    """A key as one step of a pointer (RFC 6901)."""
    return key.replace("~", "~0").replace("/", "~1")


def _bound(value: Any, limits: Limits) -> None:
    level, depth = _containers([value]), 0
    while level:
        depth += 1
        if depth > limits.depth:
            raise _too_deep(limits)
        level = [
            inner for outer in level for inner in _containers(outer.values() if isinstance(outer, dict) else outer)
        ]


def _containers(values: Iterable[Any]) -> list[Any]:
    return [value for value in values if isinstance(value, dict | list)]


def _too_deep(limits: Limits) -> TooLarge:
    return TooLarge("too_deep", f"The document nests deeper than {limits.depth} levels.")


def _after_space(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found else at


def _place(before: str) -> tuple[int, int]:
    return before.count("\n") + 1, len(before) - before.rfind("\n")
