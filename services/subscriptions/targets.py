"""URLs of receivers, as they are given: what can be said of one before anything is sent to it."""

import httpx

from services.subscriptions.addresses import Guard
from services.subscriptions.connecting import Resolve, resolved

LONGEST = 2000
PORTS = {"https": 443, "http": 80}
LAST_PORT = 65535


class BadTarget(ValueError):
    """A URL to which nothing can be sent; the message is fit for who gave it."""


async def checked(url: str, guard: Guard, resolve: Resolve = resolved) -> str:
    """The URL as it is connected to: its name in ASCII, without a fragment. Raises BadTarget."""
    if len(url) > LONGEST:
        raise BadTarget(f"A URL has at most {LONGEST} characters here.")
    try:
        parsed = httpx.URL(url.strip())
        # Reads a name that is written in ASCII (xn--) back, which not every one can be.
        has_host = bool(parsed.host)
    except (httpx.InvalidURL, UnicodeError):
        raise BadTarget("This is no URL.") from None
    if parsed.scheme not in PORTS:
        raise BadTarget("An https:// URL is expected here.")
    if parsed.userinfo:
        raise BadTarget("A URL with a name or a password is not taken: events prove themselves by their signature.")
    if not has_host:
        raise BadTarget("The URL names no host.")
    port = PORTS[parsed.scheme] if parsed.port is None else parsed.port
    if not 0 < port <= LAST_PORT:
        raise BadTarget(f"A port is a number from 1 to {LAST_PORT}.")
    host = parsed.raw_host.decode("ascii")
    try:
        addresses = await resolve(host, port)
    except (OSError, UnicodeError):
        raise BadTarget(f"{host} cannot be looked up.") from None
    if refusal := guard.refusal(host, addresses, is_plain=parsed.scheme == "http"):
        raise BadTarget(refusal)
    return str(parsed.copy_with(fragment=None))
