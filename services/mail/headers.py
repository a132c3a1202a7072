"""Headers of a mail, written so that a text in them is never read as anything else.

The library's own headers take `=?utf-8?q?...?=` in a text for what that encodes, line breaks included, and lose the
quotes of a name that is longer than a line: either lets whoever wrote the text write headers and addresses.
"""

import re
from email.header import Header
from email.headerregistry import BaseHeader, HeaderRegistry
from email.policy import SMTP, Policy
from typing import Any

from services.mail.addresses import is_address

_ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+/^_`{|}~ -]*")
"""A name that stands by itself (RFC 5322, 3.2.3)."""

WIDTH = 76
"""Characters of a line (RFC 2047, 2)."""


class _Verbatim(BaseHeader):
    """An id of our own making. Folded, a long one would become encoded words, which no program reads as an id."""

    max_count = 1

    @classmethod
    def parse(cls, value: str, kwds: dict[str, Any]) -> None:
        kwds.update(parse_tree=None, decoded=value)

    def fold(self, *, policy: Policy) -> str:
        return f"{self.name}: {self}{policy.linesep}"


class _Text(_Verbatim):
    """A text: as it is, or in encoded words (RFC 2047) where it is not ASCII or looks like one of them."""

    def fold(self, *, policy: Policy) -> str:
        return f"{self.name}: {_words(self, self.name, '=?' not in self, policy)}{policy.linesep}"


class _Mailbox(_Verbatim):
    """A name and an address, as `mailbox` has them."""

    def fold(self, *, policy: Policy) -> str:
        name, _, address = self.rpartition("<")
        called = _words(name.strip(), self.name, _ATOMS.fullmatch(name) is not None, policy)
        start = f"{self.name}: {called}"
        space = f"{policy.linesep} " if called and len(start) + len(address) > WIDTH else " "
        return f"{start}{space}<{address}{policy.linesep}"


def mailbox(name: str, address: str) -> str:
    """Who is written to, or writes. Raises ValueError for what is no address."""
    if not is_address(address):
        raise ValueError("a mail goes to a mail address")
    return f"{name} <{address}>"


def _words(text: str, header: str, is_plain: bool, policy: Policy) -> str:
    charset = None if is_plain and text.isascii() else "utf-8"
    return Header(text, charset, maxlinelen=WIDTH, header_name=header).encode(linesep=policy.linesep)


def _registry() -> HeaderRegistry:
    registry = HeaderRegistry()
    for name in ("message-id", "in-reply-to", "references", "list-id"):
        registry.map_to_type(name, _Verbatim)
    for name in ("from", "to"):
        registry.map_to_type(name, _Mailbox)
    registry.map_to_type("subject", _Text)
    return registry


POLICY = SMTP.clone(header_factory=_registry())
"""By which mails are written."""
