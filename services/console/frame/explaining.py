"""Why dates are what they are, in the reader's words: lines that were recorded in English are read by their parts.

A line is of one of these forms, several in a row with semicolons between them, or a person's words, told as they stand.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from functools import cache, lru_cache
from zoneinfo import ZoneInfo

from services.console.frame.catalogue import gettext, mark, ngettext
from services.console.frame.reader import day, moment
from services.console.frame.words import lasting, word
from workflows.durations import Duration

LINES: Sequence[str] = (
    mark("{line}, no later than the hard limit {limit}: {at}"),
    mark("at the next audit, of which none is planned; at the latest {line}"),
    mark("the next audit ends later, {at}; at the latest {line}"),
    mark("at the end of the next audit: {at} ({rule})"),
    mark("{span} from issue {at}: {until} ({rule})"),
    mark("{span} from receipt {at}: {until} ({rule})"),
    mark("{span} from the end of the audit {at}: {until} ({rule})"),
    mark("{span} from detection {at}: {until} ({rule})"),
    mark("{span} from the certificate's expiry {at}: {until} ({rule})"),
    mark("{span} from then on {at}: {until} ({rule})"),
    mark("{span} from the end of stage 1 {at}: {until} ({rule})"),
    mark("{span} from the last day of the audit {at}: {until} ({rule})"),
    mark("{span} from issue (no date of {anchor} is stated) {at}: {until} ({rule})"),
    mark("{span} from the submission of the plan {at}: {until} ({rule})"),
    mark("{span} from the submission of the evidence {at}: {until} ({rule})"),
    mark("{span} from the dispute {at}: {until}"),
    mark("{span} from the appeal {at}: {until}"),
    mark("closed by the calendar and not counted: {days}"),
    mark("holidays are known until {day}; after that only weekends are closed"),
    mark("{day} is closed ({calendar}), so rolled forward: {at}"),
    mark("{day} is closed ({calendar}), so rolled backward: {at}"),
    mark("past at issue, so issue plus the minimum response time {span}: {at}"),
    mark("past already, so the minimum response time {span}: {at}"),
    mark("no later than the hard limit {limit}: {at}"),
    mark("the hard limit {limit} does not hold: no date of {anchor} is stated"),
    mark("the hard limit {limit} was past already, {at}, and does not hold"),
    mark("stopped {at}: {why}"),
    mark("runs again {at} after standing still for {lasted}: {until}"),
    mark("runs again {at} on the same day: {until}"),
    mark("runs again {at} at once: {until}"),
    mark("runs again {at} after a repair was returned: {until}"),
    mark("back with the client {at}, to be submitted again in {span}: {until}"),
    mark("back with the client {at}, to be submitted again in {span} after the plan's date: {until}"),
    mark("its own date is later and stays: {at}"),
    mark("in place of its own date {at}"),
    mark("met: done {at}"),
    mark("late: done {at}"),
    mark("met {at}"),
    mark("missed {at}"),
    mark("appointed {at} for {until}: {why}"),
    mark("reopened {at}"),
    mark("reopened {at}, at least the minimum response time {span}: {until}"),
    mark("not extended to {until}, {why}; its own date is later and stays: {at}"),
    mark("extended to {until}: {why}"),
    mark("lateness excused: {why}"),
    mark("moved as far as the old date had been: {at}"),
    mark("recorded by its date: {at}"),
    mark("submitted by the {deadline} date {at}: {until}"),
    mark("decided on by the {deadline} date {at}: {until}"),
    mark("closed out by the {deadline} date {at}: {until}"),
    mark("decided on by the {deadline} date {at}, after a review of {span}: {until}"),
    mark("closed out by the {deadline} date {at}, after a review of {span}: {until}"),
    mark("decided on by the {deadline} date {at}, after {many} reviews, one after the other, of {span}: {until}"),
    mark("closed out by the {deadline} date {at}, after {many} reviews, one after the other, of {span}: {until}"),
)
"""What a line, or a part of one, may be: what says more before what says less."""

MOVES: Sequence[str] = (
    mark("{why}; the policy has no such date"),
    mark("{why}: was {at}"),
    mark("{why}: {at}"),
)
"""Lines that begin with a reason."""

WHYS: Sequence[str] = (
    mark("the certification body holds the plan"),
    mark("the certification body holds the evidence"),
    mark("the certification body has it in hand"),
    mark("the nonconformity ended"),
    mark("the nonconformity is closed"),
    mark("all concerns are repaired"),
    mark("receipt acknowledged"),
    mark("the date that it brings"),
    mark("moved in, issued on {day}"),
    mark("to be verified at the next audit: {why}"),
    mark("to be verified at the audit {audit}: {why}"),
    mark("{audit} has other days"),
    mark("{audit} was cancelled"),
    mark("{audit} goes on"),
    mark("{audit} began"),
    mark("not verified at the audit {audit}"),
    mark("dispute upheld: {why}"),
    mark("upgraded to major: {why}"),
    mark("regraded to {grade}"),
    mark("the certification committee decided: {effect} Within {span}"),
    mark(
        "the certification committee decided: {effect} It runs again when the committee, called anew, gives it a date."
    ),
    mark("the certification committee decided: {effect}"),
    mark("the {deadline} deadline passed"),
    mark("the {deadline} deadline passed before it was verified"),
)
"""Reasons that the rules give themselves."""

EFFECTS: Sequence[str] = (
    mark(
        "{effect} No certificate that this could change is registered here: "
        "whoever keeps it has to act on the decision."
    ),
    mark("{effect} The case had ended: nothing changes here."),
    mark("The {deadline} date moves to {there}; the certificate stands."),
    mark("The {deadline} date moves to {there}, the earliest of the dates voted for; the certificate stands."),
    mark("A special audit is to verify the corrective actions; the certificate stands meanwhile."),
    mark("A special audit is to verify the corrective actions before {day}; the certificate stands meanwhile."),
    mark("The certificate is to be suspended; the nonconformity stays open and its close-out ends the suspension."),
    mark("The scope of the certificate is to be reduced by the parts that the nonconformity concerns."),
    mark("The certificate is to be withdrawn."),
    mark("Certification is refused."),
    mark("The nonconformity is regraded to {grade}; the certificate stands."),
    mark("The nonconformity is dismissed; the certificate stands."),
)
"""What a decision of the committee is in writing."""

LIMITS: Sequence[str] = (
    mark("{span} from issue"),
    mark("{span} from receipt"),
    mark("{span} from the end of the audit"),
    mark("{span} from detection"),
    mark("{span} from the certificate's expiry"),
)
RULES: Sequence[str] = (mark("{policy}, {grade}"), mark("{policy}, review"))
SPANS: Sequence[str] = (mark("{lasting}"), mark("{lasting} in working days ({calendar})"))
ANCHORS: Sequence[str] = (
    mark("receipt"),
    mark("the end of the audit"),
    mark("detection"),
    mark("the certificate's expiry"),
)
CALENDARS: Sequence[str] = (mark("weeks without holidays"),)
CLOSED: Sequence[str] = (mark("{day}"), mark("{lasted} of weekends"))
COUNTS: Mapping[str, tuple[str, str]] = {
    "working day": (mark("%(num)s working day"), mark("%(num)s working days")),
    "day": (mark("%(num)s day"), mark("%(num)s days")),
    "hour": (mark("%(num)s hour"), mark("%(num)s hours")),
    "minute": (mark("%(num)s minute"), mark("%(num)s minutes")),
    "second": (mark("%(num)s second"), mark("%(num)s seconds")),
}

_AT = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d (?:[A-Z]{2,5}|[+-]\d{2,4})"
_LASTING = r"-?P[0-9YMWDTHS.]+"
_SPAN = rf"{_LASTING}(?: in working days \(.+?\))?"
_LASTED = r"(?:no|\d+) (?:working day|day|hour|minute|second)s?"
_PARTS: Mapping[str, str] = {
    "at": _AT,
    "until": _AT,
    "day": r"\d{4}-\d\d-\d\d",
    "lasting": _LASTING,
    "span": _SPAN,
    "limit": rf"{_SPAN} from [a-z' ]+",
    "lasted": rf"{_LASTED}(?:, {_LASTED})*|less than a second",
    "many": r"\d+",
    "there": r"\d{4}-\d\d-\d\d(?: \d\d:\d\d:\d\d)? \([\w/+-]+\)",
    "deadline": r"[a-z_-]+",
    "grade": "major|minor|ofi",
    "audit": r"\S+",
}
UTC = ZoneInfo("UTC")
REMEMBERED = 4096
"""Of how many texts it is remembered what they are: those of a few hundred cases."""

_PLACE = re.compile(r"\{(\w+)\}")
_COUNTED = re.compile(r"(no|\d+) (working day|day|hour|minute|second)s?")


def because(line: str, area: ZoneInfo, zone: ZoneInfo) -> str:
    """A line as somebody is told it whose clock runs in a zone; it was written by the clock of the client's area."""
    return _telling(area, zone).line(line)


def limit(text: str) -> str:
    """What a hard limit is."""
    return _PLAIN.one_of(LIMITS, text)


def why(text: str) -> str:
    """A reason: one that the rules give themselves, or a person's own."""
    return _PLAIN.one_of(WHYS, text)


def effect(text: str) -> str:
    """What a decision of the committee is in writing."""
    return _PLAIN.one_of(EFFECTS, text)


class _Told:
    """Lines that were written by the clock of an area, for somebody in a zone."""

    def __init__(self, area: ZoneInfo, zone: ZoneInfo) -> None:
        self.area, self.zone = area, zone
        self.parts: Mapping[str, Callable[[str], str]] = {
            "line": self.line,
            "at": self.at,
            "until": self.at,
            "day": lambda text: day(date.fromisoformat(text)),
            "days": self.days,
            "lasting": lambda text: lasting(Duration.parse(text)),
            "span": lambda text: self.one_of(SPANS, text),
            "limit": lambda text: self.one_of(LIMITS, text),
            "rule": lambda text: self.one_of(RULES, text),
            "anchor": lambda text: self.one_of(ANCHORS, text),
            "calendar": lambda text: self.one_of(CALENDARS, text),
            "why": lambda text: self.one_of(WHYS, text),
            "effect": lambda text: self.one_of(EFFECTS, text),
            "there": there,
            "lasted": lasted,
            "deadline": lambda text: f"“{word('deadline', 'closure' if text == 'close-out' else text)}”",
            "grade": lambda text: f"“{word('grade', text)}”",
        }

    def line(self, text: str) -> str:
        told = self.form(LINES, text)
        if told is not None:
            return told
        for place in re.finditer("; ", text):
            first = self.form(LINES, text[: place.start()])
            if first is not None:
                return f"{first}; {self.line(text[place.end() :])}"
        return self.one_of((*MOVES, *WHYS), text)

    def form(self, forms: Sequence[str], text: str) -> str | None:
        """The text by the first form that it has; None where it has none."""
        form, parts = _read(tuple(forms), text)
        told = {name: self.parts.get(name, str)(part) for name, part in parts.items()}
        return gettext(form).format_map(told) if form else None

    def one_of(self, forms: Sequence[str], text: str) -> str:
        told = self.form(forms, text)
        return text if told is None else told

    def at(self, text: str) -> str:
        written, _, called = text.rpartition(" ")
        at = datetime.fromisoformat(written).replace(tzinfo=self.area)
        # An hour that comes twice: the second time by the other name of the clock.
        return moment(at if at.tzname() == called else at.replace(fold=1), self.zone)

    def days(self, text: str) -> str:
        return ", ".join(self.one_of(CLOSED, one) for one in text.split(", "))


def there(text: str) -> str:
    """A day, or an instant, by the clock of the zone that is named with it."""
    written, _, zone = text.partition(" (")
    at = datetime.fromisoformat(written)
    local = day(at.date()) if len(written) == len("2026-03-01") else moment(at.replace(tzinfo=UTC), UTC)
    return f"{local} ({zone}"


def lasted(text: str) -> str:
    """How long something took, as `telling.span` and `telling.many` write it."""
    counts = _COUNTED.findall(text)
    if not counts:
        return gettext("no time")
    return ", ".join(ngettext(*COUNTS[unit], 0 if many == "no" else int(many)) for many, unit in counts)


@lru_cache(maxsize=REMEMBERED)
def _read(forms: tuple[str, ...], text: str) -> tuple[str, Mapping[str, str]]:
    """The first form that a text has, and its parts; an empty one where it has none."""
    for form, pattern in _patterns(forms):
        if found := pattern.fullmatch(text):
            return form, found.groupdict()
    return "", {}


@cache
def _patterns(forms: tuple[str, ...]) -> Sequence[tuple[str, re.Pattern[str]]]:
    return [(form, re.compile(_pattern(form), re.DOTALL)) for form in forms]


def _pattern(form: str) -> str:
    pieces = _PLACE.split(form)
    texts, names = pieces[::2], pieces[1::2]
    groups = [f"(?P<{name}>{_PARTS.get(name, '.+')})" for name in names]
    return "".join(re.escape(text) + group for text, group in zip(texts, [*groups, ""], strict=True))


@lru_cache(maxsize=64)
def _telling(area: ZoneInfo, zone: ZoneInfo) -> _Told:
    return _Told(area, zone)


_PLAIN = _Told(UTC, UTC)
"""For what names no instant, or one with its zone."""
