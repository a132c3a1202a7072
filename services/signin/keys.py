"""The keys that an issuer publishes (RFC 7517), each with the signatures that it may make."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import jwt
import structlog
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from services.settings_rules import SIGNATURES

SHORTEST_RSA = 2048
"""Bits of an RSA key (RFC 7518, 3.3)."""

RSA = frozenset(name for name in SIGNATURES if name[:2] in ("RS", "PS"))
CURVES = {"P-256": "ES256", "P-384": "ES384", "P-521": "ES512", "Ed25519": "EdDSA"}

log = structlog.get_logger("signin")


@dataclass(frozen=True, slots=True)
class Key:
    """A public key: its name, what checks a signature, and which signatures."""

    kid: str | None
    public: Any
    algorithms: frozenset[str]


def read(said: Mapping[str, Any]) -> Sequence[Key]:
    """The keys of a set by which signatures are checked; what else it holds is for others, and left out."""
    listed = said.get("keys")
    found = [_key(one) for one in (listed if isinstance(listed, list) else ()) if isinstance(one, dict)]
    return [key for key in found if key is not None]


def fitting(keys: Sequence[Key], kid: str | None, algorithm: str) -> Key | None:
    """The key that a signature names, or the only one that fits where it names none."""
    named = [key for key in keys if algorithm in key.algorithms and kid in (None, key.kid)]
    return named[0] if len(named) == 1 else None


def _key(one: Mapping[str, Any]) -> Key | None:
    algorithms = RSA if one.get("kty") == "RSA" else frozenset(filter(None, [CURVES.get(str(one.get("crv")))]))
    if "alg" in one:
        algorithms &= {one["alg"]}
    if not algorithms or one.get("use", "sig") != "sig":
        return None
    kid = one.get("kid")
    try:
        public = jwt.PyJWK(dict(one), min(algorithms)).key
    except jwt.PyJWTError as error:
        log.info("key of the issuer left out", kid=kid, why=str(error))
        return None
    if isinstance(public, RSAPublicKey) and public.key_size < SHORTEST_RSA:
        log.info("key of the issuer left out", kid=kid, why=f"{public.key_size} bits are too few")
        return None
    return Key(kid, public, algorithms)
