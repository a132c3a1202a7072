"""Texts of the record as mail can carry them: no control character, nothing that turns the direction of a line."""

import re
from datetime import datetime
from zoneinfo import ZoneInfo

from babel.dates import format_datetime

_MARK = re.compile("\x1a[0-9a-f]{4}")
_UNHELD = "\N{REPLACEMENT CHARACTER}"
_BIDI = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""What only turns the direction of text (Unicode Standard Annex 9); letters that run right to left stay."""

_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_BREAK = re.compile(r"\r\n?|\n")


def paragraph(text: str) -> str:
    """A text with its line breaks."""
    return _CONTROL.sub(_UNHELD, _BIDI.sub("", _MARK.sub(_UNHELD, _BREAK.sub("\n", text))))


def line(text: str, longest: int = 200) -> str:
    """A text on one line, cut where it is longer."""
    flat = " ".join(paragraph(text.replace("\u2028", "\n").replace("\u2029", "\n")).split())
    return flat if len(flat) <= longest else f"{flat[: longest - 1]}…"


def moment(at: datetime, zone: str, language: str) -> str:
    """An instant in a zone, which is named."""
    return f"{format_datetime(at.astimezone(ZoneInfo(zone)), 'EEEE d MMMM y, HH:mm', locale=language)} ({zone})"
