"""From the cells of a table to the values of a finding: dates by the stated format, words by the stated meaning."""

import math
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import TypeAlias
from zoneinfo import ZoneInfo

from services.intake.profiles import Column, folded
from workflows import standards
from workflows.findings import moment

Value: TypeAlias = str | int | float | bool | datetime | date | time | timedelta
"""A cell: text, and in workbooks also what they know to be a number, a truth value, a date or a time."""

LARGEST = 2**53
"""From here on, whole numbers share a double with their neighbours (IEEE 754)."""

_TIMES = frozenset("HIMSfp")
_NO_STANDARD = frozenset({"clause", "control", "section", "annex", "annex a", "§"})


class Misread(ValueError):
    """A cell that is not what the profile says; `code` is the rule."""

    def __init__(self, code: str, detail: str) -> None:
        self.code = code
        super().__init__(detail)


def text(value: Value) -> str:
    """A cell as text. Numbers have the 15 digits that spreadsheets keep."""
    match value:
        case str():
            return value
        case bool():
            return "TRUE" if value else "FALSE"
        case float():
            return f"{value:.15g}"
        case datetime() | date() | time():
            return value.isoformat()
    return str(value)


def blank(value: Value) -> bool:
    """Whether a cell holds nothing that could be read."""
    return isinstance(value, str) and not value.strip()


def key(value: Value) -> str:
    """A cell that names something. Raises Misread for what a cell can hold of two names alike.

    A fraction or a date: 5.10 would have become 5.1 or 5 October; a whole number so large that its neighbour is the
    same; what is no number at all.
    """
    if isinstance(value, datetime | date | time):
        raise Misread("date_for_text", f"The cell is a date or time, {text(value)}, where a text belongs.")
    if isinstance(value, float) and (why := _unfit(value)):
        raise Misread("number_for_text", f"The cell is the number {text(value)}: {why}.")
    return text(value).strip()


def _unfit(value: float) -> str | None:
    """Why a number names nothing for certain."""
    if not math.isfinite(value):
        return "that names nothing"
    if abs(value) >= LARGEST:
        return f"from {LARGEST} on, several whole numbers are one and the same to it"
    return None if value.is_integer() else "5.1 and 5.10 are one and the same to it"


def word(value: Value, column: Column) -> str:
    """A cell in the words of the profile. Raises Misread for one that it does not have."""
    said = text(value).strip()
    if not column.values:
        return said
    known = {folded(theirs): ours for theirs, ours in column.values.items()}
    if folded(said) not in known:
        listed = ", ".join(repr(theirs[:40]) for theirs in list(column.values)[:20])
        raise Misread("unknown_value", f"{said[:60]!r} is none of the values that the profile knows: {listed}.")
    return known[folded(said)]


def parts(said: str, column: Column) -> list[str]:
    """The entries of a cell that holds several: parted as stated, else by semicolons and lines."""
    pieces = said.split(column.separator) if column.separator else said.replace("\n", ";").split(";")
    return [piece.strip() for piece in pieces if piece.strip()]


def instant(value: Value, column: Column) -> datetime | str:
    """A date as text or a time, of a date cell, of ISO 8601 or of the stated format. Raises Misread for all else."""
    at = _date_or_time(value, column)
    if not isinstance(at, datetime):
        return at.isoformat()
    if at.tzinfo is None and column.zone:
        at = at.replace(tzinfo=ZoneInfo(column.zone))
    try:
        moment(at)
    except (ValueError, OverflowError) as error:
        raise Misread("date", f"{error}.") from None
    return at


def day(value: Value, column: Column) -> str:
    """A calendar day, from the same cells; of a date cell with a time, its day."""
    at = _date_or_time(value, column)
    return (at.date() if isinstance(at, datetime) else at).isoformat()


def _date_or_time(value: Value, column: Column) -> datetime | date:
    if isinstance(value, datetime | date):
        return value
    if not isinstance(value, str):
        raise Misread("date", f"The cell holds {text(value)}, which is neither a date cell nor the text of a date.")
    said = value.strip()
    try:
        if column.format:
            return dated(said, column.format)
        if len(said) == 10:
            return date.fromisoformat(said)
        return datetime.fromisoformat(said)
    except ValueError:
        rule = f"is not of the format {column.format}" if column.format else "is not ISO 8601, and no format is stated"
        raise Misread("date_format", f"{said[:40]!r} {rule}.") from None


def dated(said: str, format: str) -> datetime | date:
    """A date or a time of a format. Raises ValueError."""
    at = datetime.strptime(said, format)  # noqa: DTZ007
    letters = {piece[:1] for piece in format.replace("%%", "").split("%")[1:]}
    return at if _TIMES & letters else at.date()


def requirements(said: str, column: Column) -> Sequence[standards.Reference]:
    """The requirements of a cell that names their standards. Raises Misread for a line without standard or clause."""
    found: list[standards.Reference] = []
    for line in parts(said, column):
        read = standards.references(line[:500])
        if not read or any(one.standard.casefold() in _NO_STANDARD for one in read):
            detail = f"{line[:60]!r} names no standard and clause, such as ISO 9001:2015 8.4."
            raise Misread("requirement_unread", detail)
        found += read
    return found
