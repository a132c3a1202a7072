"""One row of a table, read by its profile: an open finding, one that is none any more, or every reason against it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.intake import text as texts
from services.intake.items import Context, Found, Item, Rejected, Skipped
from services.intake.places import Cells
from services.intake.profiles import FIELDS, Closed, Column, Profile, folded
from services.intake.table_values import (
    Misread,
    Value,
    blank,
    day,
    instant,
    key,
    parts,
    requirements,
    text,
    word,
)
from workflows import findings, shapes
from workflows.findings import TITLE, Flag, Problem, Unfit, moment

_PIECES = ("standard", "edition", "clause", "requirement_text")
_JOINS = {"key": "|", "clause": ";", "list": ";", "long": "\n", "lines": "\n"}


@dataclass(frozen=True, slots=True)
class Rows:
    """How the rows of one table are read: by which profile, in which columns its headers stand, and its `cells`."""

    profile: Profile
    headers: Sequence[str]
    columns: Mapping[str, Sequence[int]]
    cells: Mapping[str, tuple[int, str]]
    sheet: str | None
    ragged: bool
    flags: Sequence[Flag]
    context: Context

    def item(self, index: int, number: int, values: Sequence[Value], fault: Problem | None) -> Item:
        """The item that a row becomes."""
        if fault is not None:
            return Rejected(index, None, [fault])
        if self.ragged and (misfit := self._misfit(number, values)):
            return Rejected(index, None, [misfit])
        external_id = self._said("external_id", values)
        if (closed := self._closed(values)) is not None:
            client, system = self._said("client", values), self._said("system", values)
            return Skipped(index, external_id, closed, client=client, system=system)
        misread: dict[str, Problem] = {}
        read: dict[str, Any] = {}
        for name, column in self.profile.fields.items():
            try:
                read[name] = self._read(name, column, values)
            except Misread as error:
                misread[name] = self._problem(error.code, str(error), _pointer(name), name, number, values)
        return self._finding(index, number, external_id, read, misread, values)

    def _finding(
        self,
        index: int,
        number: int,
        external_id: str | None,
        read: dict[str, Any],
        misread: Mapping[str, Problem],
        values: Sequence[Value],
    ) -> Item:
        """The finding that was read of a row; every fault of the row where there is none, or a cell was misread."""
        flags = list(self.flags)
        title = read.get("title")
        if isinstance(title, str) and len(title) > TITLE:
            read["statement"] = read.get("statement") or title
            read["title"] = title[: TITLE - 1] + "…"
            flags.append(Flag(code="cut", pointer="/title"))
        if "clause" in self.profile.fields and not read.get("clause") and self._states_standard(read):
            flags.append(Flag(code="requirement_unread", pointer="/requirements"))
        safe, where = texts.held(_shaped(read))
        try:
            finding, assumed = findings.read(safe, self.context.system, self.context.client)
        except Unfit as unfit:
            fields = ((one, self._field(one.pointer)) for one in unfit.problems)
            # What a misread cell would have said is no second fault.
            more = [
                self._problem(one.code, one.detail, one.pointer, name, number, values)
                for one, name in fields
                if name not in misread
            ]
            return Rejected(index, external_id, [*misread.values(), *more])
        if misread:
            return Rejected(index, external_id, [*misread.values()])
        stated = read.get("updated_at")
        revision = moment(stated).at if stated else None
        cells = Cells(self.sheet, number, self.cells)
        return Found(index, finding, (*flags, *assumed), revision, where, cells=cells)

    def _read(self, name: str, column: Column, values: Sequence[Value]) -> Any:
        """The value of one field, None where its cells are blank."""
        kind = FIELDS[name].kind
        if column.constant is not None:
            cells: list[tuple[int, Value]] = [(-1, column.constant)]
        else:
            at = [index for header in column.columns for index in self.columns[header] if index < len(values)]
            cells = [(index, values[index]) for index in at]
        if all(blank(value) for _, value in cells):
            return None
        value = self._joined(cells, column, kind)
        match kind:
            case "instant":
                return instant(value, column)
            case "day":
                return day(value, column)
            case "list" | "clause":
                return parts(text(value), column)
            case "lines":
                return [reference._asdict() for reference in requirements(text(value), column)]
        return word(value, column) if column.values or kind == "word" else text(value).strip()

    def _joined(self, cells: Sequence[tuple[int, Value]], column: Column, kind: str) -> Value:
        named = kind in ("key", "clause", "lines")
        if len(cells) == 1 and (cells[0][0] < 0 or not column.labels):
            return key(cells[0][1]) if named else cells[0][1]
        said = [
            f"{self.headers[index]}: {text(value)}" if column.labels else key(value) if named else text(value)
            for index, value in cells
            # Ids keep the place of each part, so that a|b| and a||b stay two.
            if kind == "key" or not blank(value)
        ]
        return (_JOINS.get(kind, " ") if column.join is None else column.join).join(said)

    def _states_standard(self, read: Mapping[str, Any]) -> bool:
        """Whether this row names a standard itself; a constant says nothing about a row."""
        return self.profile.fields["standard"].constant is None and read.get("standard") is not None

    def _closed(self, values: Sequence[Value]) -> Closed | None:
        for skip in self.profile.skip:
            known = {folded(theirs): reason for theirs, reason in skip.values.items()}
            for index in self.columns[skip.column]:
                if index < len(values) and (reason := known.get(folded(text(values[index])))):
                    return reason
        return None

    def _said(self, name: str, values: Sequence[Value]) -> str | None:
        """The text of one field, whatever the rest of the row; None where there is none, or none that can be read."""
        column = self.profile.fields.get(name)
        try:
            value = None if column is None else self._read(name, column, values)
        except Misread:
            return None
        return str(texts.held(value)[0]) if value else None

    def _misfit(self, number: int, values: Sequence[Value]) -> Problem | None:
        width, length = len(self.headers), len(values)
        if length == width or (length > width and all(map(blank, values[width:]))):
            return None
        detail = Cells(self.sheet, number, {}).saying("", f"{length} cells, where the header has {width}.")
        return Problem(code="ragged_row", detail=detail)

    def _field(self, pointer: str) -> str | None:
        """The field in which a problem of the finding arose."""
        steps = tuple(pointer.split("/")[1:])
        if steps[:1] == ("requirements",) and "requirements" not in self.profile.fields:
            piece = "requirement_text" if steps[-1] == "text" else steps[-1]
            return piece if piece in _PIECES else "clause"
        return next((name for name, one in FIELDS.items() if one.path and one.path == steps[: len(one.path)]), None)

    def _problem(
        self, code: str, detail: str, pointer: str, name: str | None, number: int, values: Sequence[Value]
    ) -> Problem:
        column = self.profile.fields.get(name) if name else None
        at = [
            (index, header) for header in (column.columns if column else ()) for index in self.columns.get(header, ())
        ]
        full = [one for one in at if one[0] < len(values) and not blank(values[one[0]])]
        named = full or at
        cells = Cells(self.sheet, number, {pointer: named[0]} if named else {})
        return Problem(code=code, detail=cells.saying(pointer, detail), pointer=pointer)


def cells(profile: Profile, columns: Mapping[str, Sequence[int]]) -> Mapping[str, tuple[int, str]]:
    """By pointer, the first column of what a finding is read from."""
    stated = ((name, header) for name, column in profile.fields.items() for header in column.columns[:1])
    return {_pointer(name): (columns[header][0], header) for name, header in stated}


def _pointer(name: str) -> str:
    return shapes.pointer(FIELDS[name].path)


def _shaped(read: Mapping[str, Any]) -> dict[str, Any]:
    """The fields in the shape of a finding."""
    data: dict[str, Any] = {"source": {}}
    for name, value in read.items():
        path = FIELDS[name].path
        if name in (*_PIECES, "requirements") or value is None or not path:
            continue
        inner = data
        for step in path[:-1]:
            inner = inner.setdefault(step, {})
        # Text, since a moment of a date alone is another than one with a time.
        inner[path[-1]] = value.isoformat() if isinstance(value, datetime) else value
    data["requirements"] = [*(read.get("requirements") or ()), *_pieces(read)]
    return data


def _pieces(read: Mapping[str, Any]) -> Sequence[dict[str, Any]]:
    """The requirements whose parts have columns of their own."""
    common = {"standard": read.get("standard"), "edition": read.get("edition"), "text": read.get("requirement_text")}
    return [{**common, "clause": clause} for clause in read.get("clause") or ()]
