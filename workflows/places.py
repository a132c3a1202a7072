"""Where in a TOML file something stands: the line of a table or key, which the parser does not tell."""

import re
from collections.abc import Sequence

_KEY = r"(?:[A-Za-z0-9_-]+|\"[^\"]*\"|'[^']*')"
_DOTTED = rf"{_KEY}(?:\s*\.\s*{_KEY})*"
_TABLE = re.compile(rf"\s*(\[\[?)\s*({_DOTTED})\s*\]")
_PAIR = re.compile(rf"\s*({_DOTTED})\s*=")
_OPENED = re.compile(r".*=\s*\[\s*$")
_ITEM = re.compile(r"(\s*)\{")
_FENCE = re.compile(r"\"\"\"|'''")

Place = tuple[str | int, ...]
"""A way into a document: keys, and positions in lists."""


def line_of(text: str, place: Sequence[str | int]) -> int:
    """The line, from 1, on which a place of a document is written, or the nearest that holds it (1: the document)."""
    known = lines(text)
    wanted = tuple(place)
    return next((known[wanted[:n]] for n in range(len(wanted), 0, -1) if wanted[:n] in known), 1)


def lines(text: str) -> dict[Place, int]:
    """The line of each table, of each key that begins a line, and of each table in a list that does."""
    found: dict[Place, int] = {}
    counts: dict[Place, int] = {}
    table: Place = ()
    listed: Place = ()
    indent = None
    inside = False
    for number, line in enumerate(text.splitlines(), start=1):
        began_inside, inside = inside, inside ^ (len(_FENCE.findall(line)) % 2 == 1)
        if began_inside:
            continue
        if header := _TABLE.match(line):
            table = _placed(_keys(header[2]), counts, new=header[1] == "[[")
            _note(found, table, number)
        elif pair := _PAIR.match(line):
            listed, indent = (*table, *_keys(pair[1])), None
            _note(found, listed, number)
            if _OPENED.match(line):
                counts[listed] = -1
        elif (item := _ITEM.match(line)) and listed in counts and indent in (None, item[1]):
            # What is further in belongs to a list within the item.
            indent, counts[listed] = item[1], counts[listed] + 1
            _note(found, (*listed, counts[listed]), number)
    return found


def _keys(dotted: str) -> list[str]:
    return [key.strip("\"'") for key in re.findall(_KEY, dotted)]


def _placed(keys: list[str], counts: dict[Place, int], *, new: bool) -> Place:
    """The place that a header opens: in a list of tables, the last of it."""
    place: Place = ()
    for position, key in enumerate(keys):
        place = (*place, key)
        if new and position == len(keys) - 1:
            counts[place] = counts.get(place, -1) + 1
        if place in counts:
            place = (*place, counts[place])
    return place


def _note(found: dict[Place, int], place: Place, number: int) -> None:
    for length in range(1, len(place) + 1):
        found.setdefault(place[:length], number)
