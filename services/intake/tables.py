"""Tables of any origin: where their header is, which profile fits, and the items that their rows become."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple, NoReturn

from pydantic import ValidationError

from services.intake.canonical import bound
from services.intake.items import Context, Item, TooLarge, Unreadable
from services.intake.places import place
from services.intake.profiles import FIELDS, NEEDED, Column, Profile, folded
from services.intake.table_rows import Rows, cells
from services.intake.table_values import Value, blank, text
from workflows import shapes
from workflows.findings import Flag, Problem

HEADER_WITHIN = 50
"""A header is one of so many rows; above it stand titles and explanations."""

_LONGEST_HEADER = 500


class Row(NamedTuple):
    """One row: its line, or its row in the sheet, from 1; `fault` where the row could not be read at all."""

    number: int
    values: Sequence[Value]
    fault: Problem | None = None


class Merged(NamedTuple):
    """Cells that are shown as one: rows from 1, columns from 0, ends included."""

    top: int
    left: int
    bottom: int
    right: int


@dataclass(frozen=True, slots=True)
class Table:
    """Rows as they stand, the blank ones left out. `ragged` where rows may have other lengths than their header."""

    rows: Sequence[Row]
    sheet: str | None = None
    hidden: bool = False
    merged: Sequence[Merged] = ()
    ragged: bool = False


@dataclass(frozen=True, slots=True)
class Opened:
    """A document's tables, and how it was read: code page, delimiter, and what its reader ought to know."""

    tables: Sequence[Table]
    encoding: str | None = None
    delimiter: str | None = None
    notes: Sequence[str] = ()
    flags: Sequence[Flag] = ()


@dataclass(frozen=True, slots=True)
class Layout:
    """How a table was read, for its receipt; `header_row` is a line or a row of the sheet, from 1."""

    header_row: int
    headers: Sequence[str]
    sheet: str | None
    encoding: str | None
    delimiter: str | None
    notes: Sequence[str]


@dataclass(frozen=True, slots=True)
class Located:
    """A table whose header was found, with the profile by which its rows are read."""

    table: Table
    at: int
    headers: Sequence[str]
    profile: Profile


def items(opened: Opened, context: Context) -> Iterator[Item]:
    """One item for each row below the header. Raises Unreadable and TooLarge before the first item."""
    found = locate(opened, context.profile)
    if lacking := found.profile.lacking:
        raise Unreadable("profile_incomplete", f"The profile does not say which column is {' and '.join(lacking)}.")
    context.notes.extend((*opened.notes, _header_note(found)))
    rows = found.table.rows[found.at + 1 :]
    bound(len(rows), context.limits)
    at, table, profile = columns(found), found.table, found.profile
    reading = Rows(profile, found.headers, at, cells(profile, at), table.sheet, table.ragged, opened.flags, context)
    for index, row in enumerate(rows):
        yield reading.item(index, row.number, row.values, row.fault)


def locate(opened: Opened, profile: Profile | None) -> Located:
    """The one table and row that has all the columns. Raises Unreadable where there is none, or more than one table."""
    asked = [table for table in opened.tables if _asked(table, profile)]
    if profile and profile.sheet is not None and not asked:
        there = ", ".join(repr(table.sheet) for table in opened.tables)
        raise Unreadable("no_such_sheet", f"There is no sheet {profile.sheet!r}; there are {there[:300]}.")
    fitting = [found for table in asked if (found := _fitting(table, profile)) is not None]
    if len(fitting) > 1:
        names = ", ".join(repr(found.table.sheet) for found in fitting)
        raise Unreadable("several_sheets", f"Several sheets have these columns: {names[:300]}. The profile states one.")
    if not fitting:
        _refused(opened, asked, profile)
    return fitting[0]


def columns(found: Located) -> dict[str, Sequence[int]]:
    """The columns of each header that the profile uses. Raises Unreadable for one that is there twice.

    Cells that are merged are one header of several columns.
    """
    number = found.table.rows[found.at].number
    spans = [range(one.left, one.right + 1) for one in found.table.merged if one.top <= number <= one.bottom]
    at: dict[str, Sequence[int]] = {}
    for header in found.profile.headers:
        having = [index for index, name in enumerate(found.headers) if folded(name) == folded(header)]
        if len(having) > 1 and not any(set(having) <= set(span) for span in spans):
            where = " and ".join(place(found.table.sheet, number, index, None) for index in having[:3])
            detail = f"The column {header[:100]!r} is there more than once: {where}."
            raise Unreadable("duplicate_header", detail, line=number)
        at[header] = having
    return at


def headers(table: Table, at: int) -> Sequence[str]:
    """The texts of a header row, without blank ones at its end; merged cells all have the text of their first."""
    row = table.rows[at]
    names = [" ".join(text(value).split()) for value in row.values]
    by_number = {one.number: one for one in table.rows[: at + 1]}
    for merged in table.merged:
        above = by_number.get(merged.top)
        if merged.top <= row.number <= merged.bottom and above is not None and merged.left < len(above.values):
            shared = " ".join(text(above.values[merged.left]).split())
            names += [""] * (min(merged.right + 1, len(row.values)) - len(names))
            for column in range(merged.left, min(merged.right + 1, len(names))):
                names[column] = names[column] or shared
    while names and not names[-1]:
        names.pop()
    return names


def named(names: Sequence[str]) -> dict[str, str]:
    """The fields that headers are by their own names: `External ID` is external_id. The header of each."""
    found: dict[str, str] = {}
    for header in names:
        name = re.sub(r"\W+", "_", header.casefold()).strip("_").removeprefix("source_")
        if name in FIELDS and len(header) <= _LONGEST_HEADER:
            found.setdefault(name, header)
    return found


def filled(rows: Sequence[Row], columns_allowed: int) -> Sequence[Row]:
    """The rows that are not blank. Raises TooLarge for one with too many columns."""
    kept = [row for row in rows if row.fault or not all(map(blank, row.values))]
    widest = max(kept, key=lambda row: len(row.values), default=None)
    if widest is not None and len(widest.values) > columns_allowed:
        detail = f"Row {widest.number} has {len(widest.values):,} columns; {columns_allowed:,} are allowed."
        raise TooLarge("too_many_columns", detail)
    return kept


def _header_note(found: Located) -> str:
    number = found.table.rows[found.at].number
    return f"The header is {place(found.table.sheet, number, None, None)}."


def _asked(table: Table, profile: Profile | None) -> bool:
    if profile and profile.sheet is not None:
        return table.sheet is None or folded(table.sheet) == folded(profile.sheet)
    return not table.hidden


def _fitting(table: Table, profile: Profile | None) -> Located | None:
    for at, row in enumerate(table.rows[:HEADER_WITHIN]):
        if profile and profile.header_row is not None and row.number != profile.header_row:
            continue
        names = headers(table, at)
        if profile is None:
            own = named(names)
            if all(needed in own for needed in NEEDED):
                return Located(table, at, names, _plain(own))
        elif not _lacking(names, profile):
            return Located(table, at, names, profile)
    return None


def _plain(own: dict[str, str]) -> Profile:
    try:
        return Profile(fields={name: Column(columns=(header,)) for name, header in own.items()})
    except ValidationError as error:
        says = " ".join(fault.detail for fault in shapes.faults(error))
        raise Unreadable("profile_needed", f"The headers alone are not enough: {says}") from None


def _lacking(names: Sequence[str], profile: Profile) -> Sequence[str]:
    there = {folded(name) for name in names}
    return [header for header in profile.headers if folded(header) not in there]


def _refused(opened: Opened, asked: Sequence[Table], profile: Profile | None) -> NoReturn:
    hidden = [table.sheet or "" for table in opened.tables if table.hidden and table not in asked]
    unread = f" Hidden sheets are read only where the profile states them: {', '.join(hidden)[:300]}." if hidden else ""
    if profile is None:
        detail = (
            f"No row has the columns {' and '.join(NEEDED)}, and no profile says which columns are meant:"
            f" closeout profile suggest FILE proposes one.{unread}"
        )
        raise Unreadable("profile_needed", detail, line=next((one.rows[0].number for one in asked if one.rows), 1))
    near = [
        (len(lacking), row.number, lacking)
        for table in asked
        for at, row in enumerate(table.rows[:HEADER_WITHIN])
        for lacking in [_lacking(headers(table, at), profile)]
        if profile.header_row in (None, row.number)
    ]
    if not near:
        raise Unreadable("columns_missing", f"There is no row that could be the header.{unread}", line=1)
    _, number, lacking = min(near)
    listed = ", ".join(repr(header[:60]) for header in lacking[:10])
    detail = f"No row has every column of the profile; row {number} comes nearest and lacks {listed}.{unread}"
    raise Unreadable("columns_missing", detail, line=number)
