"""Mail addresses, and the address of a mail server, whose scheme says how the way there is secured."""

import re
from collections.abc import Collection
from typing import Literal
from urllib.parse import urlsplit

Security = Literal["tls", "starttls", "none"]

SCHEMES: dict[str, tuple[Security, int]] = {
    "smtps": ("tls", 465),
    "smtp": ("starttls", 587),
    "smtp+clear": ("none", 25),
}
"""How the connection is secured, and the usual port (RFC 8314, 3.3; RFC 5321, 4.5.4.2)."""


_ATOM, _LABEL = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+", r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_ADDRESS = re.compile(rf"(?=.{{3,254}}\Z){_ATOM}(?:\.{_ATOM})*@{_LABEL}(?:\.{_LABEL})*")


def is_address(text: str) -> bool:
    """Whether a text is a mail address that every server takes (RFC 5321, 4.1.2, without quoting and literals)."""
    return _ADDRESS.fullmatch(text) is not None


def checked(url: str, near: Collection[str]) -> str:
    """A mail server as settings name it, `smtps://user:password@host:port`; empty for none.

    A password goes in clear to `near` hosts alone. Raises ValueError that says what is wrong.
    """
    if not url:
        return url
    parts = urlsplit(url)
    if parts.scheme not in SCHEMES or not parts.hostname:
        known = ", ".join(f"{scheme}://" for scheme in SCHEMES)
        raise ValueError(f"a mail server is [user:password@]host[:port] after one of {known}")
    if parts.path.strip("/") or parts.query or parts.fragment:
        raise ValueError("a mail server has neither path nor query; in a password, / is written %2F, ? %3F and # %23")
    if bool(parts.username) != bool(parts.password):
        raise ValueError("a mail server is given user and password, or neither")
    if parts.port == 0:
        raise ValueError("a port is from 1 to 65535")
    if parts.password and SCHEMES[parts.scheme][0] == "none" and parts.hostname not in near:
        raise ValueError("a password goes to another machine by TLS alone: smtps:// or smtp://")
    return url


def sent_from(address: str, server: str | None) -> str:
    """The address that mail comes from by a server. Raises ValueError for none, and for what is no address."""
    if server and not address:
        raise ValueError("is needed with smtp_url: the address that mail comes from")
    if address and not is_address(address):
        raise ValueError("a mail address is expected here")
    return address
