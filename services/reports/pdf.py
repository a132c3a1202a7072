"""A paper as a tagged PDF (PDF/UA-1) by typst. Texts reach it as data: nothing that they say is markup."""

import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

import typst

from services.reports.paper import FOLDER, Paper, ours

STANDARD: Final = "ua-1"
STAND_IN = "\N{WHITE SQUARE}"
"""What stands for a character that no font shows."""

_LACKING = re.compile(r"the text `\"((?:[^\"\\]|\\.)*)\"` could not be displayed")
_ESCAPED = re.compile(r"\\(?:u\{([0-9a-f]{1,6})\}|(.))")
_TRIES = 8
"""Each try learns of what the one before it hid."""


def pdf(paper: Paper, fonts: Path | None = None, *, timestamp: int | None = None) -> bytes:
    """The paper as PDF; `fonts` is a folder of fonts beside those that typst brings, `timestamp` when it was made.

    The machine's own fonts are left alone: the same paper looks the same everywhere. What no font shows stands as a
    square, and the last section names it. Raises typst.TypstError for one that cannot be set.
    """
    compiler = typst.Compiler(
        ours(type(paper), "typ"),
        root=FOLDER,
        font_paths=typst.Fonts(False, True, [] if fonts is None else [fonts]),
    )
    lacking: set[str] = set()
    for _ in range(_TRIES):
        try:
            made = compiler.compile(
                format="pdf", pdf_standards=STANDARD, sys_inputs=_inputs(paper, lacking), timestamp=timestamp
            )
        except typst.TypstError as error:
            more = set(_unshown(str(error.diagnostic))) - lacking
            if not more:
                raise
            lacking |= more
        else:
            if not isinstance(made, bytes):
                raise TypeError("typst made no single document")
            return made
    raise RuntimeError("every try finds other characters that no font shows")


def _inputs(paper: Paper, lacking: Iterable[str]) -> dict[str, str]:
    hidden = {ord(one): STAND_IN for one in lacking}
    told = _without(paper.model_dump(mode="json"), hidden)
    codes = [f"U+{code:04X}" for code in sorted(hidden)]
    return {"form": json.dumps(told), "unshown": json.dumps(codes)}


def _without(value: Any, hidden: dict[int, str]) -> Any:
    """A JSON value in which these characters stand as squares."""
    match value:
        case str():
            return value.translate(hidden)
        case dict():
            return {name: _without(one, hidden) for name, one in value.items()}
        case list():
            return [_without(one, hidden) for one in value]
    return value


def _unshown(diagnostic: str) -> Iterator[str]:
    """The characters that typst says it cannot show."""
    for quoted in _LACKING.findall(diagnostic):
        yield from _ESCAPED.sub(lambda found: chr(int(found[1], 16)) if found[1] else found[2], quoted)
