"""Which bytes of a file a request wants (RFC 9110, 14)."""

import re
from dataclasses import dataclass

_SINGLE = re.compile(r"bytes=[ \t]*(\d*)-(\d*)[ \t]*", re.ASCII | re.IGNORECASE)


_BEYOND = 10**18
"""More bytes than any file has."""


class Unsatisfiable(Exception):
    """The file has none of the bytes that are wanted."""


@dataclass(frozen=True, slots=True)
class Span:
    """The bytes from `start` up to `end`."""

    start: int
    end: int


def wanted(header: str | None, size: int) -> Span | None:
    """The one range that a header asks of so many bytes; None for the whole, as for what is no single range.

    Raises Unsatisfiable.
    """
    found = _SINGLE.fullmatch(header or "")
    if found is None or not (found[1] or found[2]):
        return None
    if not found[1]:
        last = _number(found[2])
        if last == 0:
            raise Unsatisfiable
        return Span(max(size - last, 0), size)
    start = _number(found[1])
    end = _number(found[2]) + 1 if found[2] else size
    if end <= start and found[2]:
        return None
    if start >= size:
        raise Unsatisfiable
    return Span(start, min(end, size))


def _number(digits: str) -> int:
    """A number however long, as far as it matters here."""
    plain = digits.lstrip("0") or "0"
    return int(plain) if len(plain) < len(str(_BEYOND)) else _BEYOND
