"""Texts, words and dates as a document shows them: in English, dates in one named zone."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from workflows.canonical import unescape
from workflows.sentences import mark

_UNSHOWN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202d\u202e\ud800-\udfff\ufffe\uffff]")
"""What neither XML nor a font can show, and what has letters read in another order than they stand in."""

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

_SPECIAL: Mapping[str, str] = {
    "ofi": mark("Opportunity for improvement"),
    "stage1": mark("Stage 1"),
    "stage2": mark("Stage 2"),
    "five_whys": mark("5 whys"),
    "plan": mark("Corrective action plan"),
    "evidence": mark("Evidence of implementation"),
    "review": mark("Review by the certification body"),
    "follow_up": mark("Follow-up audit"),
    "closure": mark("Close-out"),
    "ishikawa": mark("Ishikawa"),
}
"""Words of the record that a reader is told in other words."""


def words(name: str) -> str:
    """A word of the record for a reader: `evidence_submitted` is Evidence submitted."""
    return _SPECIAL.get(name) or name.replace("_", " ").capitalize()


def plain(value: Any) -> Any:
    """A JSON value whose texts came in as they stand; what cannot be shown is U+FFFD, lines end with a newline."""
    match value:
        case str():
            lines = unescape(value).replace("\r\n", "\n").replace("\r", "\n")
            return _UNSHOWN.sub("\N{REPLACEMENT CHARACTER}", lines)
        case dict():
            return {name: plain(one) for name, one in value.items()}
        case list() | tuple():
            return [plain(one) for one in value]
    return value


def on(day: date | None) -> str:
    """A day: 2 Mar 2026; nothing for none."""
    return "" if day is None else f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads, by the zone of their clock."""

    zone: ZoneInfo

    def said(self, text: str) -> str:
        """A text of the catalogue in their language: documents are in English, as it is."""
        return text

    def told(self, sentence: str) -> str:
        """A sentence of the rules, in their words."""
        return str(sentence)

    def word(self, name: str) -> str:
        """A word of the record, in their language."""
        return self.said(words(name))

    def on(self, day: date) -> str:
        """A day: 2 Mar 2026."""
        return on(day)

    def at(self, instant: datetime | None) -> str:
        """An instant, with what the clock is called then: 2 Mar 2026, 14:05 CET; nothing for none."""
        if instant is None:
            return ""
        there = instant.astimezone(self.zone)
        return f"{on(there.date())}, {there:%H:%M} {there.tzname()}"

    def cell(self, instant: datetime | None) -> str:
        """An instant for a table, which sorts as text: 2026-03-02 14:05; nothing for none."""
        return "" if instant is None else f"{instant.astimezone(self.zone):%Y-%m-%d %H:%M}"
