"""Who sent a webhook: the signatures of the systems that call us, over the bytes as they came, in constant time.

- `github`: `X-Hub-Signature-256`, HMAC-SHA256 in hexadecimal (GitHub, Validating webhook deliveries).
- `jira`: `X-Hub-Signature: method=hex` (Jira Cloud, Secure admin webhooks; WebSub, 8), any method from SHA-256 on.
- `servicenow`: `x-sn-hmac-signature-256`, HMAC-SHA256 in base64, as its plugin "API Key and HMAC Authentication" names
  and encodes it and `CertificateEncryption.generateMac` makes it; or the secret itself as `x-sn-apikey`, by that same
  plugin, which a REST message can send without a script. The latter proves no body: it needs TLS all the way.
- `standard_webhooks`: `webhook-signature` over id, time and body (Standard Webhooks 1.0), also for CloudEvents.
"""

import base64
import binascii
import hashlib
import hmac
import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Literal

from services.subscriptions import signing

Kind = Literal["github", "jira", "servicenow", "standard_webhooks"]

TOLERANCE = timedelta(minutes=5)
"""How far a signed time may be from ours (Standard Webhooks 1.0, Verifying signatures): older ones may be replays."""

SHORTEST, LONGEST = 16, 200
"""Characters of a secret; of Standard Webhooks 24 to 64 bytes in base64."""

_METHODS = {"sha256": hashlib.sha256, "sha384": hashlib.sha384, "sha512": hashlib.sha512}
_DELIVERIES: Mapping[str, Sequence[str]] = {
    "github": ("x-github-delivery",),
    "jira": ("x-atlassian-webhook-identifier",),
    "servicenow": ("idempotency-key",),
    "standard_webhooks": ("webhook-id",),
}

SIGNING_IDS = frozenset({"standard_webhooks"})
"""Whose signature is also over the id of a delivery; those of others can be told anything of it."""


class Forged(Exception):
    """A request that its sender did not sign, or not with this secret; says which header is at fault."""


def new_secret(kind: str) -> str:
    """A secret for a sender of a kind."""
    return signing.new_secret() if kind == "standard_webhooks" else secrets.token_urlsafe(32)


def fit(kind: str, secret: str) -> None:
    """Raises ValueError for a secret that a sender of a kind cannot have, or that is too short to keep anybody out."""
    if not secret.isascii() or not secret.isprintable() or not SHORTEST <= len(secret) <= LONGEST:
        raise ValueError(f"a secret has {SHORTEST} to {LONGEST} characters of ASCII")
    if kind == "standard_webhooks":
        try:
            held = base64.b64decode(secret.removeprefix(signing.PREFIX), validate=True)
        except binascii.Error:
            held = b""
        if not secret.startswith(signing.PREFIX) or not 24 <= len(held) <= 64:
            raise ValueError(f"a secret of Standard Webhooks is {signing.PREFIX} and 24 to 64 bytes in base64")


def delivery(kind: str, headers: Mapping[str, str]) -> str | None:
    """The id that the sender gives a delivery, the same at every attempt; None where it gives none."""
    return next((stated for name in _DELIVERIES[kind] if (stated := headers.get(name, "").strip())), None)


def verify(kind: str, keys: Sequence[str], headers: Mapping[str, str], body: bytes, now: datetime) -> None:
    """Raises Forged unless one of the secrets signed the body; header names are in lower case.

    Every secret is tried, so that the time taken says nothing of which one fits.
    """
    _PROOFS[kind](keys, headers, body, now)


def _github(keys: Sequence[str], headers: Mapping[str, str], body: bytes, _: datetime) -> None:
    _hexadecimal(keys, headers, body, "x-hub-signature-256", only="sha256")


def _jira(keys: Sequence[str], headers: Mapping[str, str], body: bytes, _: datetime) -> None:
    _hexadecimal(keys, headers, body, "x-hub-signature")


def _hexadecimal(
    keys: Sequence[str], headers: Mapping[str, str], body: bytes, name: str, only: str | None = None
) -> None:
    method, _, said = _stated(headers, name).partition("=")
    if method not in _METHODS or only not in (None, method):
        raise Forged(f"{name} is not of the form {only or 'sha256'}=HEX.")
    _one_of((hmac.digest(key.encode(), body, _METHODS[method]).hex() for key in keys), said.casefold(), name)


def _servicenow(keys: Sequence[str], headers: Mapping[str, str], body: bytes, _: datetime) -> None:
    signed, plain = "x-sn-hmac-signature-256", "x-sn-apikey"
    if signed in headers:
        made = (base64.b64encode(hmac.digest(key.encode(), body, hashlib.sha256)).decode() for key in keys)
        _one_of(made, _stated(headers, signed), signed)
    elif plain in headers:
        _one_of(keys, _stated(headers, plain), plain)
    else:
        raise Forged(f"Neither {signed} nor {plain} is there.")


def _standard(keys: Sequence[str], headers: Mapping[str, str], body: bytes, now: datetime) -> None:
    named, stamp = _stated(headers, "webhook-id"), _stated(headers, "webhook-timestamp")
    if not (stamp.isascii() and stamp.isdecimal() and len(stamp) <= 10):
        raise Forged("webhook-timestamp is no time in seconds.")
    at = datetime.fromtimestamp(int(stamp), UTC)
    if abs(now - at) > TOLERANCE:
        raise Forged("webhook-timestamp is too far from our time.")
    made = signing.signed(named, at, body, keys)["webhook-signature"].split()
    given = _stated(headers, "webhook-signature").split()[:20]
    if not sum(_same(one, other) for one in made for other in given):
        raise Forged("webhook-signature is of another body, time, id or secret.")


_PROOFS: Mapping[str, Callable[[Sequence[str], Mapping[str, str], bytes, datetime], None]] = {
    "github": _github,
    "jira": _jira,
    "servicenow": _servicenow,
    "standard_webhooks": _standard,
}


def _stated(headers: Mapping[str, str], name: str) -> str:
    if not (said := headers.get(name, "").strip()):
        raise Forged(f"{name} is not there.")
    return said


def _one_of(made: Iterable[str], given: str, name: str) -> None:
    # A sum, and not the first that fits.
    if not sum(_same(one, given) for one in made):
        raise Forged(f"{name} is of another body or secret.")


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(), other.encode("utf-8", "replace"))
