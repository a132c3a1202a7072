"""Webhooks: whether a delivery is from Closeout, unchanged and fresh (Standard Webhooks), and the event in it."""

import base64
import json
from collections.abc import Mapping
from datetime import UTC, datetime

from services.client.models import Event
from services.intake import senders
from services.intake.senders import Forged
from services.subscriptions import signing

__all__ = ["Forged", "proven", "verified"]


def verified(headers: Mapping[str, str], body: bytes, secret: str, now: datetime | None = None) -> Event:
    """The event of a delivery; its `id` is the same at each try, so that a receiver can know what it has seen.

    `body` is the bytes as they came, `secret` what the subscription answered when it was made. Raises Forged for a
    wrong or missing signature, and for a time that is more than five minutes from `now`, which is the present.
    """
    proven(headers, body, secret, now)
    return Event.of(json.loads(body))


def proven(headers: Mapping[str, str], body: bytes, secret: str, now: datetime | None = None) -> None:
    """Raises Forged unless a delivery of anybody's is signed by Standard Webhooks with this secret."""
    try:
        base64.b64decode(secret.removeprefix(signing.PREFIX))
    except ValueError:
        raise Forged("The secret is none of Standard Webhooks: it was not copied whole.") from None
    said = {name.casefold(): value for name, value in headers.items()}
    senders.verify("standard_webhooks", [secret], said, body, now or datetime.now(UTC))
