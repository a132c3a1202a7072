"""What a report is by what is known of its reference: a new case, news for an open one, a repeat. Pure."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from activities.ledger.protocol import Report, Word

CLOSED = "closed"
"""The status in which a case can recur."""

ENDED = frozenset({CLOSED, "dismissed", "withdrawn", "superseded"})
"""The statuses in which a case is told nothing any more."""

Kind = Literal["opens", "tells", "repeats", "skips"]


@dataclass(frozen=True, slots=True)
class Heard:
    """What a source said last of a finding, and when it says that it was so; None where that is not known."""

    said: str | None = None
    at: datetime | None = None

    def is_news(self, word: Word) -> bool:
        """Whether a word says something else, and nothing older."""
        return word.said != self.said and (word.at is None or self.at is None or word.at >= self.at)

    def and_then(self, word: Word | None) -> "Heard":
        """What was said last after one more word; one without an instant leaves the one that is known."""
        return self if word is None else Heard(word.said, word.at or self.at)


def kind_of_report(report: Report, status: str | None, heard: Heard) -> Kind:
    """What a report is to the newest case of its reference, whose status is None where there is none.

    What opens no case says nothing to one that has ended, nor where there never was one.
    """
    if status is None or status == CLOSED:
        return "opens" if report.opens else "skips"
    if status in ENDED:
        return "repeats" if report.opens else "skips"
    return "tells" if report.word is not None and heard.is_news(report.word) else "repeats"
