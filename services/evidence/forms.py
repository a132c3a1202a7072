"""Forms of browsers (`multipart/form-data`, RFC 7578), read as they come: fields, and one file, never held whole."""

from collections import deque
from collections.abc import AsyncIterator
from dataclasses import dataclass
from email.message import Message
from typing import Final

from python_multipart.exceptions import MultipartParseError
from python_multipart.multipart import MultipartParser

from services.evidence import names

SEAMS = 2**16
"""Bytes of the boundaries and headers in a form."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """The most bytes of a field, the most fields, and the most bytes of all together; `named` where settings say so."""

    field_bytes: int = 4000
    fields: int = 20
    bytes: int = 5_000_000
    named: bool = False

    @property
    def beside(self) -> int:
        """By how many bytes a form may be longer than the file in it."""
        return self.bytes + SEAMS

    def setting(self, name: str) -> str:
        """By which setting a bound is another one, as a refusal says it."""
        return f" (setting form_{name})" if self.named else ""


class BadForm(Exception):
    """A form that is not what it says it is; the message is fit for its sender."""


class Form:
    """A form that arrives. `to_file` reads up to the file, `data` the file and what follows it.

    `fields` are its texts by name; `texts` the same in order, of a form in which a name may come several times.
    """

    def __init__(
        self,
        content_type: str,
        stream: AsyncIterator[bytes],
        bounds: Bounds,
        *,
        repeats: bool = False,
    ) -> None:
        """Of fields within these bounds; `repeats` says that a name may come several times.

        Raises BadForm where the header names no boundary.
        """
        message = Message()
        message["Content-Type"] = content_type
        boundary = message.get_boundary()
        if not boundary or not boundary.isascii() or len(boundary) > 200:
            raise BadForm("The Content-Type of a form names its boundary.")
        self.fields: Final[dict[str, str]] = {}
        self.texts: Final[list[tuple[str, str]]] = []
        self.media_type: str | None = None
        self.disposition: str | None = None
        self._bounds, self._repeats = bounds, repeats
        self._taken = 0
        self._parts = _Parts(boundary, stream)

    async def to_file(self) -> None:
        """Reads the fields before the file. Raises BadForm where there is no file."""
        while (headers := await self._parts.next_part()) is not None:
            if _file_of(headers):
                self.disposition = headers["content-disposition"]
                self.media_type = headers.get("content-type")
                return
            await self._field(headers)
        raise BadForm("The form has no file.")

    async def data(self) -> AsyncIterator[bytes]:
        """The bytes of the file; at their end, the fields behind it are read too. Raises BadForm."""
        async for piece in self._parts.data():
            yield piece
        while (headers := await self._parts.next_part()) is not None:
            if _file_of(headers):
                raise BadForm("The form has several files: send each by itself.")
            await self._field(headers)

    async def _field(self, headers: dict[str, str]) -> None:
        name = _name_of(headers)
        if name is None:
            raise BadForm("A part of the form has no name.")
        bounds = self._bounds
        if len(self.texts) >= bounds.fields:
            raise BadForm(f"The form has more than {bounds.fields:,} fields{bounds.setting('fields')}.")
        value = b""
        async for piece in self._parts.data():
            value += piece
            if len(value) > bounds.field_bytes:
                most = f"{bounds.field_bytes:,} bytes{bounds.setting('field_bytes')}"
                raise BadForm(f"The field {name[:80]!r} has more than {most}.")
            self._taken += len(piece)
            if self._taken > bounds.bytes:
                most = f"{bounds.bytes:,} bytes{bounds.setting('bytes')}"
                raise BadForm(f"The fields of the form have more than {most}.")
        if name in self.fields and not self._repeats:
            raise BadForm(f"The field {name[:80]!r} comes twice.")
        try:
            self.fields[name] = value.decode()
        except UnicodeDecodeError:
            raise BadForm(f"The field {name[:80]!r} is not UTF-8.") from None
        self.texts.append((name, self.fields[name]))


class _Parts:
    """What the parser says, in order: it is called back, and this is asked."""

    def __init__(self, boundary: str, stream: AsyncIterator[bytes]) -> None:
        self._stream = stream
        self._said: deque[dict[str, str] | bytes | None] = deque()
        self._headers: dict[str, str] = {}
        self._name = self._value = b""
        self._ended = False
        self._parser = MultipartParser(
            boundary,
            {
                "on_part_begin": self._begin,
                "on_header_field": self._header_name,
                "on_header_value": self._header_value,
                "on_header_end": self._header_end,
                "on_headers_finished": self._part,
                "on_part_data": self._data,
                "on_part_end": self._part_end,
                "on_end": self._end,
            },
        )

    async def next_part(self) -> dict[str, str] | None:
        """The headers of the next part; None after the last."""
        said = await self._next()
        return said if isinstance(said, dict) else None

    async def data(self) -> AsyncIterator[bytes]:
        """The bytes of the part that has begun."""
        while isinstance(piece := await self._next(), bytes):
            yield piece

    async def _next(self) -> dict[str, str] | bytes | None:
        """What comes next: the headers of a part, bytes of it, or None at its end and at the end of the form."""
        while not self._said:
            if self._ended:
                return None
            piece = await anext(self._stream, b"")
            if not piece:
                raise BadForm("The form ended before its last boundary.")
            try:
                self._parser.write(piece)
            except MultipartParseError:
                raise BadForm("The body is not the form that its Content-Type says.") from None
        return self._said.popleft()

    def _begin(self) -> None:
        self._headers = {}

    def _header_name(self, data: bytes, start: int, end: int) -> None:
        self._name += data[start:end]

    def _header_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _header_end(self) -> None:
        # Browsers write file names in UTF-8 (RFC 7578, 5.1.3).
        name, value = self._name.decode("latin-1").casefold(), self._value.decode("utf-8", "replace")
        self._headers[name] = value
        self._name = self._value = b""

    def _part(self) -> None:
        self._said.append(self._headers)

    def _data(self, data: bytes, start: int, end: int) -> None:
        self._said.append(data[start:end])

    def _part_end(self) -> None:
        self._said.append(None)

    def _end(self) -> None:
        self._ended = True


def _file_of(headers: dict[str, str]) -> bool:
    return names.stated(headers.get("content-disposition")) is not None


def _name_of(headers: dict[str, str]) -> str | None:
    message = Message()
    message["Content-Disposition"] = headers.get("content-disposition", "").replace("\r", " ").replace("\n", " ")
    found = message.get_param("name", header="content-disposition")
    return found if isinstance(found, str) else None
