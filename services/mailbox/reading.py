"""What is shown of a mail, whatever stands in it: headers on one line each, its text, and its HTML for a frame."""

from dataclasses import dataclass
from email import message_from_bytes
from email.errors import HeaderParseError
from email.header import Header, decode_header
from email.message import Message
from email.parser import BytesHeaderParser
from uuid import UUID

from services.mail.words import line, paragraph

LONGEST = 300
"""Characters of a header that are shown."""

MOST = 100_000
"""Bytes of a mail that are taken apart: what makes the library slow takes seconds of so many, and minutes of more."""


@dataclass(frozen=True, slots=True)
class Mail:
    """How a mail is listed; `to` is whom it was sent to, whatever itself says."""

    id: UUID
    to: str
    sender: str
    subject: str


@dataclass(frozen=True, slots=True)
class Bodies:
    """What a mail says, as text and as HTML; empty for none."""

    text: str
    html: str


def listed(id: UUID, head: bytes) -> Mail:
    """A mail by how it begins."""
    message = BytesHeaderParser().parsebytes(head)
    to, sender, subject = (_header(message, name) for name in ("Delivered-To", "From", "Subject"))
    return Mail(id, to, sender, subject or "(no subject)")


def bodies(content: bytes) -> Bodies:
    """The first text and the first HTML of a mail, as far as it is taken apart; nothing where it cannot be."""
    found: dict[str, str] = {}
    try:
        for part in message_from_bytes(content[:MOST]).walk():
            if part.get_content_disposition() != "attachment":
                found.setdefault(part.get_content_type(), _body(part))
    except RecursionError:
        return Bodies("", "")
    return Bodies(paragraph(found.get("text/plain", "")), found.get("text/html", ""))


def _header(message: Message, name: str) -> str:
    said: str | Header = message.get(name, "")
    try:
        pieces = decode_header(said)
    except HeaderParseError:
        pieces = [(str(said), None)]
    return line("".join(piece if isinstance(piece, str) else _decoded(piece, kind) for piece, kind in pieces), LONGEST)


def _body(part: Message) -> str:
    content = part.get_payload(decode=True)
    return _decoded(content, part.get_content_charset()) if isinstance(content, bytes) else ""


def _decoded(content: bytes, charset: str | None) -> str:
    try:
        return content.decode(charset or "utf-8", "replace")
    except (LookupError, UnicodeError):
        return content.decode("utf-8", "replace")
