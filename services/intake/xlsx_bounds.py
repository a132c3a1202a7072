"""Whether a workbook may be opened: it is inflated, counted and parsed here before its reader sees any of it.

What passes is packed anew, so that reader and check cannot differ on what the archive holds. The reader gives neither
the error nor the missing value of a formula; both are kept here, as text.
"""

import io
import posixpath
import re
import struct
import zipfile
import zlib
from array import array
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import NoReturn
from xml.parsers import expat

from services.intake.items import Limits, TooLarge, Unreadable

_MEMBERS = 2_000
_CHUNK = 2**18
_SMALL = 2**20
"""Below this a member may inflate by any ratio: empty rows of a form do, a thousandfold."""

FAULTS = (
    zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, ValueError, RuntimeError, struct.error,
)  # fmt: skip
"""What the standard library raises at an archive that is damaged, or made to harm."""

_ROW = re.compile(r"[1-9]\d{0,6}", re.ASCII)
_CELL = re.compile(r"(?P<column>[A-Z]{1,3})(?P<row>[1-9]\d{0,6})", re.ASCII)
_COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


@dataclass(frozen=True, slots=True)
class Checked:
    """A workbook within its bounds, and by sheet the cells that have no value of their own: (row, column) from 0."""

    document: bytes
    unvalued: Mapping[str, Mapping[tuple[int, int], str]]


def checked(document: bytes, limits: Limits) -> Checked:
    """The workbook, packed anew. Raises Unreadable and TooLarge."""
    if len(document) > limits.bytes:
        raise TooLarge("too_many_bytes", f"The document has {len(document):,} bytes; {limits.bytes:,} are allowed.")
    if document.startswith(_COMPOUND):
        detail = "This is an old workbook (.xls) or one with a password: save it as .xlsx without a password."
        raise Unreadable("not_xlsx", detail)
    packed, parsed = io.BytesIO(), _Parts(limits)
    try:
        with zipfile.ZipFile(io.BytesIO(document)) as archive, zipfile.ZipFile(packed, "w") as again:
            for name, content in _members(archive, limits):
                parsed.read(name, content)
                again.writestr(zipfile.ZipInfo(name), content)
    except FAULTS as fault:
        if isinstance(fault, Unreadable | TooLarge):
            raise
        raise Unreadable("not_xlsx", f"The workbook is damaged: {str(fault)[:100] or type(fault).__name__}.") from None
    return Checked(packed.getvalue(), parsed.by_sheet())


def _members(archive: zipfile.ZipFile, limits: Limits) -> Iterator[tuple[str, bytes]]:
    """Every part that is XML, inflated within the bounds; pictures and the like have nothing to say here."""
    known: set[str] = set()
    infos = archive.infolist()
    if len(infos) > _MEMBERS:
        raise TooLarge("inflates_too_far", f"The workbook has {len(infos):,} parts; {_MEMBERS:,} are allowed.")
    room = limits.inflated
    for info in infos:
        if not info.filename.casefold().endswith((".xml", ".rels")):
            continue
        if info.filename.casefold() in known:
            raise Unreadable("not_xlsx", f"The workbook has the part {info.filename[:80]!r} twice.")
        known.add(info.filename.casefold())
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise Unreadable("not_xlsx", f"The part {info.filename[:80]!r} is compressed in a way that we don't read.")
        most = min(room, max(_SMALL, info.compress_size * limits.ratio))
        content = _inflated(archive, info, most)
        if len(content) > most:
            detail = (
                f"The part {info.filename[:80]!r} inflates beyond {most:,} bytes; {limits.ratio}:1 and"
                f" {limits.inflated:,} bytes in all are allowed."
            )
            raise TooLarge("inflates_too_far", detail)
        room -= len(content)
        yield info.filename, content


def _inflated(archive: zipfile.ZipFile, info: zipfile.ZipInfo, most: int) -> bytes:
    """What a part really inflates to, whatever it states of itself; one byte above the bound at most."""
    content = bytearray()
    with archive.open(info) as part:
        while len(content) <= most and (chunk := part.read(min(_CHUNK, most + 1 - len(content)))):
            content += chunk
    return bytes(content)


@dataclass(slots=True)
class _Parts:
    """What the parts of a workbook say, as far as bounds and values need it."""

    limits: Limits
    sheets: dict[str, str] = field(default_factory=dict)
    targets: dict[str, str] = field(default_factory=dict)
    unvalued: dict[str, dict[tuple[int, int], str]] = field(default_factory=dict)
    lengths: "array[int]" = field(default_factory=lambda: array("L"))
    uses: "array[int]" = field(default_factory=lambda: array("L"))

    def read(self, name: str, content: bytes) -> None:
        """One part. Raises Unreadable for what is no XML or declares entities, TooLarge beyond a bound."""
        part = _Part(name, self)
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.buffer_text = True
        parser.StartElementHandler = part.begin
        parser.EndElementHandler = part.end
        parser.CharacterDataHandler = part.data
        parser.StartDoctypeDeclHandler = part.doctype
        try:
            parser.Parse(content, True)
        except (Unreadable, TooLarge):
            raise
        except (LookupError, ValueError) as error:
            detail = f"The part {name[:80]!r} of the workbook is not XML that we read: {error}."
            raise Unreadable("not_xlsx", detail) from None
        except expat.ExpatError as error:
            detail = f"The part {name[:80]!r} of the workbook is not XML: {expat.ErrorString(error.code)}."
            raise Unreadable("not_xlsx", detail, line=error.lineno, column=error.offset + 1) from None
        if part.unvalued:
            self.unvalued[name] = part.unvalued

    def by_sheet(self) -> Mapping[str, Mapping[tuple[int, int], str]]:
        """The cells without values by the names of their sheets. Raises TooLarge where shared texts add up too far."""
        total = sum(self.lengths[use] for use in self.uses if use < len(self.lengths))
        if total > self.limits.inflated:
            raise TooLarge("inflates_too_far", f"The cells' texts add up to {total:,} characters.")
        named = {name: self.unvalued.get(self.targets.get(target, "")) for name, target in self.sheets.items()}
        return {name: cells for name, cells in named.items() if cells}


class _Part:
    """One part while it is parsed: where the present cell stands, and what it says."""

    def __init__(self, name: str, parts: _Parts) -> None:
        self.name, self.parts = name, parts
        self.row = self.column = -1
        self.rows = self.columns = 0
        self.type = self.value = self.formula = self.inside = ""
        self.valued = self.formulated = self.shared = False
        self.length = 0
        self.unvalued: dict[tuple[int, int], str] = {}

    def doctype(self, *_: object) -> NoReturn:
        raise Unreadable("not_xlsx", f"The part {self.name[:80]!r} of the workbook declares a document type.")

    def begin(self, element: str, attributes: Mapping[str, str]) -> None:
        match element.rpartition(" ")[2]:
            case "row":
                self._row(attributes.get("r"))
            case "c":
                self._cell(attributes.get("r"), attributes.get("t", ""))
            case "v":
                self.inside, self.valued = "v", True
            case "f":
                self.inside, self.formulated = "f", True
            case "si":
                self.shared, self.length = True, 0
            case "sheet" if "name" in attributes:
                identity = next((value for key, value in attributes.items() if key.endswith(" id")), "")
                self.parts.sheets[attributes["name"]] = identity
            case "Relationship" if self.name.casefold().endswith("workbook.xml.rels"):
                base = posixpath.dirname(posixpath.dirname(self.name))
                target = posixpath.normpath(posixpath.join("/", base, attributes.get("Target", "")))
                self.parts.targets[attributes.get("Id", "")] = target.lstrip("/")

    def data(self, text: str) -> None:
        if self.inside == "v":
            self.value += text
        elif self.inside == "f":
            self.formula += text
        elif self.shared:
            self.length += len(text)

    def end(self, element: str) -> None:
        match element.rpartition(" ")[2]:
            case "v" | "f":
                self.inside = ""
            case "c":
                self._close()
            case "si":
                self.parts.lengths.append(self.length)
                self.shared = False

    def _row(self, reference: str | None) -> None:
        row = self.row + 1
        if reference is not None:
            if not _ROW.fullmatch(reference) or int(reference) <= row:
                self._misplaced("row", reference)
            row = int(reference) - 1
        self.row, self.column, self.rows = row, -1, row + 1

    def _cell(self, reference: str | None, type: str) -> None:
        column = self.column + 1
        if reference is not None:
            found = _CELL.fullmatch(reference)
            if found is None or int(found["row"]) != self.row + 1 or _column(found["column"]) < column:
                self._misplaced("cell", reference)
            column = _column(found["column"])
        elif self.row < 0:
            self._misplaced("cell", "")
        self.column, self.columns = column, max(self.columns, column + 1)
        if self.columns > self.parts.limits.columns:
            detail = f"A sheet has a cell in column {self.columns:,}; {self.parts.limits.columns:,} are allowed."
            raise TooLarge("too_many_columns", detail)
        if self.rows * self.columns > self.parts.limits.cells:
            detail = f"A sheet has more than {self.parts.limits.cells:,} cells from its first to its last."
            raise TooLarge("too_many_cells", detail)
        self.type, self.value, self.formula = type, "", ""
        self.valued = self.formulated = False

    def _misplaced(self, what: str, reference: str) -> NoReturn:
        # The reader takes such a place for one far away, and fills all up to it: no memory is enough for that.
        detail = f"The part {self.name[:80]!r} of the workbook has a {what} out of its place: {reference[:20]!r}."
        raise Unreadable("not_xlsx", detail)

    def _close(self) -> None:
        value = self.value.strip()
        if self.type == "s" and value.isascii() and value.isdigit() and len(value) < 10:
            self.parts.uses.append(int(value))
        if self.type == "e":
            self.unvalued[self.row, self.column] = value
        elif self.formulated and not value and not (self.valued and self.type == "str"):
            self.unvalued[self.row, self.column] = f"={self.formula or '…'}"


def _column(letters: str) -> int:
    """A column from 0, by its letters."""
    index = 0
    for letter in letters:
        index = index * 26 + ord(letter) - ord("A") + 1
    return index - 1
