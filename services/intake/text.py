"""Bytes to JSON values, strictly (RFC 8259) and within bounds: what is ambiguous is said, not guessed."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from functools import cached_property
from typing import Any, NoReturn

from services.intake.items import Limits, TooLarge, Unreadable
from workflows.canonical import escape

_DIGITS = 4000
_ODD = re.compile(rf'"[^"\\]*(?:\\.[^"\\]*)*"|(?P<odd>-?Infinity|NaN|\d{{{_DIGITS + 1},}})', re.DOTALL)
_CONTAINERS = (dict, list)
_SPACE = re.compile(r"[ \t\n\r]*")
_STRANGE = re.compile(r"\\u(?:0000|001[aA]|[dD][89a-fA-F])")
"""How a JSON text may hold what text cannot: bare, JSON has no control characters and Unicode no half pairs."""
_LONG = re.compile(r"[0-9]{16}(?<![\w.\"][0-9]{16})")
"""A number that JSON may not hold; one within a text or behind a point is none."""
_ZEROS = bytes.maketrans(b"123456789", b"000000000")


class Twice(dict[str, Any]):
    """An object in which keys come twice: parsers differ on which one holds, so that nobody may rely on either."""

    keys_twice: tuple[str, ...] = ()


class _Odd(ValueError):
    """A number that Python reads and JSON does not have, or one beyond any use."""


def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object of pairs: one that knows which of its keys came twice, where any did."""
    once = dict(pairs)
    return once if len(once) == len(pairs) else _twice(pairs)


def _twice(pairs: list[tuple[str, Any]]) -> Twice:
    twice = Twice(pairs)
    twice.keys_twice = tuple(key for key, times in Counter(key for key, _ in pairs).items() if times > 1)
    return twice


def _constant(name: str) -> NoReturn:
    raise _Odd(f"{name} is not JSON")


def _int(digits: str) -> int:
    if len(digits) > _DIGITS:
        raise _Odd(f"a number of {len(digits)} digits")
    return int(digits)


class Shared(bytes):
    """A document whose first JSON value is parsed once, for who finds out its format and for who reads it."""

    content: "Content | None" = None


class Content:
    """A text of JSON values, one after another, and what is known of all that were read from it.

    Most documents hold no text that needs an escape and no key that comes twice: of them, no value is searched for it.
    """

    def __init__(self, text: str, limits: Limits) -> None:
        self.text = text
        self._limits = limits
        self._doubled = False
        self._begun: tuple[Any, int] | None = None
        self._decoder = json.JSONDecoder(
            object_pairs_hook=self._object, parse_constant=_constant, parse_int=_int
        ).raw_decode

    @classmethod
    def of(cls, document: bytes, limits: Limits) -> "Content":
        """The text of a document. Raises Unreadable and TooLarge."""
        if not isinstance(document, Shared):
            return cls(decoded(document, limits), limits)
        if document.content is None:
            document.content = cls(decoded(document, limits), limits)
        return document.content

    def values(self) -> Iterator[Any]:
        """Every value of the text. Raises Unreadable and TooLarge."""
        at = _after_space(self.text, 0)
        while at < len(self.text):
            value, end = self.first(at)
            yield value
            at = _after_space(self.text, end)

    def only(self, part: str | None = None) -> Any:
        """The one value of the text, or of a part of it. Raises Unreadable and TooLarge, with the place in that."""
        text = self.text if part is None else part
        value, end = self._first(text, 0)
        end = _after_space(text, end)
        if end < len(text):
            line, column = _place(text[:end])
            raise Unreadable("not_json", "Something follows the end of the JSON value.", line=line, column=column)
        return value

    def first(self, at: int = 0) -> tuple[Any, int]:
        """The value at or after an offset, and the offset of its end. Raises Unreadable and TooLarge."""
        return self._first(self.text, at)

    def held(self, value: Any) -> tuple[Any, list[str]]:
        """As `text.held`, of a value of this text."""
        return (value, []) if self._plain else held(value)

    def doubled(self, value: Any) -> str | None:
        """As `text.doubled`, of a value of this text."""
        return doubled(value) if self._doubled else None

    def _object(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        once = dict(pairs)
        if len(once) == len(pairs):
            return once
        self._doubled = True
        return _twice(pairs)

    @cached_property
    def _plain(self) -> bool:
        """Whether every value can be held as it is."""
        return _STRANGE.search(self.text) is None and not self._has_long_numbers

    @property
    def _has_long_numbers(self) -> bool:
        # The first look takes a fifth of the time of the second, which most documents do not need.
        digits = self.text.encode().translate(_ZEROS)
        return b"0" * 16 in digits and _LONG.search(self.text) is not None

    def _first(self, text: str, at: int) -> tuple[Any, int]:
        if at > 0 or text is not self.text:
            return self._parsed(text, at)
        if self._begun is None:
            self._begun = self._parsed(text, at)
        return self._begun

    def _parsed(self, text: str, at: int) -> tuple[Any, int]:
        at = _after_space(text, at)
        try:
            value, end = self._decoder(text, at)
        except json.JSONDecodeError as error:
            raise Unreadable("not_json", f"{error.msg}.", line=error.lineno, column=error.colno) from None
        except _Odd as odd:
            found = next((match.start("odd") for match in _ODD.finditer(text, at) if match["odd"]), at)
            line, column = _place(text[:found])
            raise Unreadable("not_json", f"{odd}.", line=line, column=column) from None
        except RecursionError:
            raise _too_deep(self._limits) from None
        _bound(value, self._limits)
        return value, end


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


def doubled(value: Any, pointer: str = "") -> str | None:
    """Where in a value a key comes twice in one object (RFC 6901), None where none does."""
    if isinstance(value, Twice):
        return f"{pointer}/{escaped(value.keys_twice[0])}"
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    inner = (doubled(item, f"{pointer}/{escaped(str(key))}") for key, item in pairs if isinstance(item, _CONTAINERS))
    return next((found for found in inner if found is not None), None)


def escaped(key: str) -> str:
    """A key as one step of a pointer (RFC 6901)."""
    return key.replace("~", "~0").replace("/", "~1")


def _bound(value: Any, limits: Limits) -> None:
    level, depth = [value] if isinstance(value, _CONTAINERS) else [], 0
    while level:
        depth += 1
        if depth > limits.depth:
            raise _too_deep(limits)
        # In one, without a call for each of a hundred thousand.
        level = [
            inner
            for outer in level
            for inner in (outer.values() if isinstance(outer, dict) else outer)
            if isinstance(inner, _CONTAINERS)
        ]


def _too_deep(limits: Limits) -> TooLarge:
    return TooLarge("too_deep", f"The document nests deeper than {limits.depth} levels.")


def _after_space(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found else at


def _place(before: str) -> tuple[int, int]:
    return before.count("\n") + 1, len(before) - before.rfind("\n")
