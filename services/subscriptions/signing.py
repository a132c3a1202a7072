"""Signatures by Standard Webhooks (standardwebhooks.com), one for each secret that is valid."""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Sequence
from datetime import datetime

PREFIX = "whsec_"
BYTES = 32


def new_secret() -> str:
    """A new secret, as its receiver gets it."""
    return PREFIX + base64.b64encode(secrets.token_bytes(BYTES)).decode()


def signed(id: str, at: datetime, body: bytes, keys: Sequence[str]) -> dict[str, str]:
    """The headers that prove a body: HMAC-SHA256 over id, time and body, a signature for each secret."""
    stamp = str(int(at.timestamp()))
    content = f"{id}.{stamp}.".encode() + body
    made = (hmac.digest(base64.b64decode(key.removeprefix(PREFIX)), content, hashlib.sha256) for key in keys)
    return {
        "webhook-id": id,
        "webhook-timestamp": stamp,
        "webhook-signature": " ".join(f"v1,{base64.b64encode(one).decode()}" for one in made),
    }
