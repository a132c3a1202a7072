"""Authorization codes: good once, for a minute, for who asked and nobody else (RFC 6749, 4.1.2; RFC 7636)."""

import base64
import hashlib
import hmac
import secrets
from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from services.issuer.people import Sample

LIFE = timedelta(minutes=1)
MOST = 1_000
"""How many codes wait to be used; of more, the oldest is forgotten."""


@dataclass(frozen=True, slots=True)
class Grant:
    """What a code stands for."""

    person: Sample
    redirect_uri: str
    nonce: str
    challenge: str
    at: datetime

    def is_proved_by(self, verifier: str) -> bool:
        """Whether who brings the code is who asked for it."""
        digest = hashlib.sha256(verifier.encode()).digest()
        found = base64.urlsafe_b64encode(digest).rstrip(b"=")
        return hmac.compare_digest(found, self.challenge.encode())


@dataclass(slots=True)
class Grants:
    """The codes of one process: who restarts it has people sign in again."""

    _waiting: OrderedDict[str, Grant] = field(default_factory=OrderedDict)

    def give(self, grant: Grant) -> str:
        """A code for it."""
        code = secrets.token_urlsafe(32)
        self._waiting[code] = grant
        while len(self._waiting) > MOST:
            self._waiting.popitem(last=False)
        return code

    def take(self, code: str, redirect_uri: str, verifier: str, now: datetime) -> Grant | None:
        """What a code stands for, this once; None for one that is used, too old, or brought by somebody else."""
        grant = self._waiting.pop(code, None)
        if grant is None or now - grant.at >= LIFE or grant.redirect_uri != redirect_uri:
            return None
        return grant if grant.is_proved_by(verifier) else None
