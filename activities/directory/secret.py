"""Secrets as they are kept: whole those that sign, with until when they are good; others as digests."""

import hashlib
import json
from collections.abc import Iterable
from datetime import datetime

from workflows.people import Frozen


class Secret(Frozen):
    """A secret that signs, as its receiver holds it, and until when it is good; None for the present one."""

    secret: str
    until: datetime | None = None


def good(secrets: Iterable[Secret], now: datetime) -> list[str]:
    """Those that are good at an instant."""
    return [one.secret for one in secrets if one.until is None or now < one.until]


def written(secrets: Iterable[Secret]) -> str:
    """Secrets as a row holds them."""
    return json.dumps([one.model_dump(mode="json") for one in secrets])


def read(row: str) -> tuple[Secret, ...]:
    """The secrets that a row holds."""
    return tuple(Secret.model_validate(one) for one in json.loads(row))


def digest(secret: str) -> bytes:
    """What is kept of a secret of 256 random bits: a plain digest of it is as hard to invert as a slow one."""
    return hashlib.sha256(secret.encode()).digest()
