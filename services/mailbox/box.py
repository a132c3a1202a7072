"""The folder of the mails: a private file for each, named by when it came."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path
from uuid import UUID

from uuid_utils.compat import uuid7

from services.embedded.files import make_private

KEPT = 500
"""Mails; of more, the oldest go."""

HEAD = 2**16
"""Bytes in which the headers of a mail are looked for."""

_OURS = re.compile(r"0[0-9a-f]{7}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}\.eml")


class Box:
    """The mails of one folder."""

    def __init__(self, folder: Path, kept: int = KEPT) -> None:
        self._folder = folder
        self._kept = kept

    def open(self) -> None:
        """Makes the folder if need be, and clears it of what a killed process was writing."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for draft in self._folder.glob(".*"):
            draft.unlink()

    def put(self, sender: str, to: str, content: bytes) -> None:
        """Keeps a mail, below the lines of whoever delivers one (RFC 5321, 4.4); it is on the disk when this returns.

        The last of these lines is one that nobody reads: what is sent may begin by carrying on the line before it.
        """
        named = uuid7()
        received = f"Received: by localhost (Closeout) with SMTP id {named}; {format_datetime(datetime.now(UTC))}"
        head = f"Return-Path: <{sender}>\r\nDelivered-To: {to}\r\n{received}\r\n"
        make_private(self._file(named), head.encode() + content)
        for old in self.ids()[self._kept :]:
            self._file(old).unlink(missing_ok=True)

    def ids(self) -> list[UUID]:
        """All mails, the newest first."""
        names = (file.name for file in self._folder.glob("*.eml"))
        return sorted((UUID(name[:36]) for name in names if _OURS.fullmatch(name)), reverse=True)

    def heads(self) -> Iterator[tuple[UUID, bytes]]:
        """How each of them begins, the newest first."""
        for named in self.ids():
            try:
                with self._file(named).open("rb") as file:
                    yield named, file.read(HEAD)
            except FileNotFoundError:  # it was the oldest
                continue

    def whole(self, id: UUID) -> bytes | None:
        """A mail as it came; None where it is not there any more."""
        try:
            return self._file(id).read_bytes()
        except FileNotFoundError:
            return None

    def _file(self, id: UUID) -> Path:
        return self._folder / f"{id}.eml"


def came(id: UUID) -> datetime:
    """When a mail came (RFC 9562, 5.7)."""
    return datetime.fromtimestamp((id.int >> 80) / 1000, UTC)
