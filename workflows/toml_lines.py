"""Where in a TOML text something stands: the standard library reads values and says no places."""

import re
import tomllib
from typing import Any

Place = tuple[int | str, ...]
"""The keys and indexes that lead to a value."""

_AT = re.compile(r" \(at (?:line (?P<line>\d+), column (?P<column>\d+)|end of document)\)$")

_KEYS = re.compile(r"\('[^()]*'?,?\)")
"""Keys as the parser names them: ('major', 'plan')."""


def line_of(text: str, place: Place) -> int:
    """The line of the statement by which a value comes into being, counted from 1.

    Of what is missing, the line of the table that lacks it; 1 for the whole file.
    """
    lines = _lines(text)
    found = start = 1
    depth = 0
    # A statement is whole where the text up to it can be read; it may go over several lines.
    for end in range(1, len(lines) + 1):
        try:
            known = tomllib.loads("\n".join(lines[:end]))
        except tomllib.TOMLDecodeError:
            continue
        reached = _reached(known, place)
        if reached > depth:
            found, depth = start, reached
        start = end + 1
    return found


def _reached(value: Any, place: Place) -> int:
    """How many steps of the way exist."""
    for count, step in enumerate(place):
        try:
            value = value[step]
        except (KeyError, IndexError, TypeError):
            return count
    return len(place)


def place_of_fault(error: tomllib.TOMLDecodeError | UnicodeDecodeError, text: str) -> tuple[int, int, str]:
    """Line and column, counted from 1, at which a text stops being TOML, and why."""
    if isinstance(error, UnicodeDecodeError):
        before = error.object[: error.start]
        return before.count(b"\n") + 1, error.start - before.rfind(b"\n"), "it is not UTF-8"
    at, says = _AT.search(str(error)), _KEYS.sub(_dotted, _AT.sub("", str(error)))
    says = "this key has a value already" if says == "Cannot overwrite a value" else says
    if at is None or at["line"] is None:
        lines = _lines(text.rstrip())
        return len(lines), len(lines[-1]) + 1, says
    return int(at["line"]), int(at["column"]), says


def _dotted(keys: re.Match[str]) -> str:
    return ".".join(re.findall(r"'([^']*)'", keys[0]))


def _lines(text: str) -> list[str]:
    return text.replace("\r\n", "\n").split("\n")
