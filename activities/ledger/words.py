"""What a report is by what is known of its reference: a new case, news for an open one, a repeat. Pure."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from activities.ledger import projections
from activities.ledger.projections import Projections
from activities.ledger.protocol import Mention, Report, Stream, Word

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

    def is_newer(self, word: Word) -> bool:
        """Whether this was said of a later instant than a word, where both state one."""
        return word.at is not None and self.at is not None and word.at < self.at

    def is_news(self, word: Word, *, opens: bool = True) -> bool:
        """Whether a word says something else, and nothing older; what both passed and failed at an instant, failed.

        Whether one that is not whole says something else is not known yet: it may.
        """
        tied = not opens and word.at is not None and word.at == self.at
        return (not word.whole or word.said != self.said) and not self.is_newer(word) and not tied

    def and_then(self, word: Word | None) -> "Heard":
        """What was said last after one more word; one without an instant leaves the one that is known."""
        return self if word is None else Heard(word.said, word.at or self.at)


def as_told(word: Word, shown: Projections, after: Stream) -> Word:
    """A word as it is kept of a case that stands so `after` it was told; what was not whole is what it says in all."""
    said = projections.of(shown, after.name).said
    in_all = None if word.whole or said is None else said(after)
    return word if in_all is None else replace(word, said=in_all, whole=True)


def is_of_another(report: Report | Mention, client: str | None) -> bool:
    """Whether a report says that it is of another client than its reference, which is `client`'s; None says nothing."""
    return None not in (report.client, client) and report.client != client


def kind_of_report(report: Report | Mention, status: str | None, heard: Heard) -> Kind:
    """What a report is to the newest case of its reference, whose status is None where there is none.

    What opens no case says nothing to one that has ended, nor where there never was one. What was so before the last
    that a closed case was told makes no recurrence.
    """
    if not report.opens and (status is None or status in ENDED):
        return "skips"
    if status is None:
        return "opens"
    word = report.word
    if status == CLOSED:
        return "repeats" if word is not None and heard.is_newer(word) else "opens"
    is_told = status not in ENDED and word is not None and heard.is_news(word, opens=report.opens)
    return "tells" if is_told else "repeats"
