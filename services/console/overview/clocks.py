"""Figures of time: how old what is open is, what is overdue, and how long close-out took."""

from collections.abc import Sequence

from activities.reads.overview import BANDS, Overview
from services.console.frame.catalogue import gettext, ngettext
from services.console.frame.words import word
from services.console.overview.bars import Line
from services.console.overview.figure import Cell, Figure, Row, barred

GRADES = ("major", "minor", "ofi")


def ages(overview: Overview) -> Figure:
    """What is open now, by age and grade."""
    counted = {(one.band, one.grade): one.cases for one in overview.ages}
    by_band = [[counted.get((band, grade), 0) for grade in GRADES] for band in range(len(BANDS) + 1)]
    lines = [_graded(name, numbers) for name, numbers in zip(_bands(), by_band, strict=True)]
    return barred(
        key="age",
        title=gettext("Open, by age"),
        counts=gettext("What is open now, by whole days since it was issued."),
        lines=lines,
        columns=[gettext("Age"), *_grades(), gettext("All")],
        rows=[Row([line.name, *numbers, sum(numbers)]) for line, numbers in zip(lines, by_band, strict=True)]
        if overview.totals.open
        else [],
        legend=_legend(),
    )


def overdue(overview: Overview) -> Figure:
    """What is overdue now, by the deadline that passed first, and grade."""
    counted = {(one.deadline, one.grade): one.cases for one in overview.overdue}
    days: dict[str, int] = {}
    for one in overview.overdue:
        days[one.deadline] = max(days.get(one.deadline, 0), one.days)
    numbers = {deadline: [counted.get((deadline, grade), 0) for grade in GRADES] for deadline in days}
    ordered = sorted(days, key=lambda deadline: (-sum(numbers[deadline]), deadline))
    lines = [_graded(word("deadline", deadline), numbers[deadline]) for deadline in ordered]
    return barred(
        key="overdue",
        title=gettext("Overdue, by deadline"),
        counts=gettext("What is past its next deadline now."),
        lines=lines,
        columns=[gettext("Deadline"), *_grades(), gettext("All"), gettext("Longest, days")],
        rows=[
            Row([word("deadline", deadline), *numbers[deadline], sum(numbers[deadline]), days[deadline]])
            for deadline in ordered
        ],
        legend=_legend(),
    )


def closing(overview: Overview) -> Figure:
    """How long it took from issue to close-out, by grade: drawn as it is told, in tenths of days."""
    by_grade = {one.grade: one for one in overview.closing}
    told_of = [(grade, by_grade[grade]) for grade in (*GRADES, None) if grade in by_grade]
    lines = [
        Line(
            name=_grade(grade),
            said=gettext("median %(median)s · 90th percentile %(ninetieth)s days")
            % {"median": f"{one.median:.1f}", "ninetieth": f"{one.ninetieth:.1f}"},
            parts=[("median", round(one.median, 1)), ("ninetieth", round(one.ninetieth, 1) - round(one.median, 1))],
        )
        for grade, one in told_of
    ]
    return barred(
        key="closing",
        title=gettext("Time to close"),
        counts=gettext("What was closed in the period: days from issue to close-out."),
        lines=lines,
        columns=[gettext("Grade"), gettext("Closed"), gettext("Median, days"), gettext("90th percentile, days")],
        rows=[Row(_timed(grade, one.cases, one.median, one.ninetieth)) for grade, one in told_of],
        legend=[("median", gettext("median")), ("ninetieth", gettext("up to the 90th percentile"))],
        least=1,
    )


def _timed(grade: str | None, cases: int, median: float, ninetieth: float) -> list[Cell]:
    return [_grade(grade), cases, float(median), float(ninetieth)]


def _grade(grade: str | None) -> str:
    return gettext("All grades") if grade is None else word("grade", grade)


def _grades() -> list[str]:
    return [word("grade", grade) for grade in GRADES]


def _legend() -> list[tuple[str, str]]:
    return [(grade, word("grade", grade)) for grade in GRADES]


def _graded(name: str, numbers: Sequence[int]) -> Line:
    parts = list(zip(GRADES, numbers, strict=True))
    said = " · ".join(_counted(grade, number) for grade, number in parts if number)
    return Line(name, said or gettext("none"), parts)


def _counted(grade: str, number: int) -> str:
    if grade == "ofi":
        return ngettext("%(num)s opportunity", "%(num)s opportunities", number)
    return f"{number} {word('grade', grade).lower()}"


def _bands() -> list[str]:
    bounded = zip((0, *BANDS), BANDS, strict=False)
    names = [gettext("%(first)s–%(last)s days") % {"first": first, "last": after - 1} for first, after in bounded]
    return [*names, ngettext("over %(num)s day", "over %(num)s days", BANDS[-1] - 1)]
