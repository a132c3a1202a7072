"""What others are told: JSON with every text as it came in, instants, events in full."""

import json
import re
from datetime import datetime
from typing import Any

from activities.ledger.protocol import Recorded
from workflows.canonical import instant

_HELD = re.compile(r"(?<!\\)((?:\\\\)*)\\u001a([0-9a-f]{4})")
"""U+001A and four hexadecimal digits (`workflows.canonical.escape`), as JSON text writes them."""


def encoded(value: Any) -> bytes:
    """The JSON of a value as others are told it, in UTF-8; raises ValueError for what is no JSON."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return as_it_came(text).encode("utf-8", "replace")


def as_it_came(text: str) -> str:
    """JSON text in which NUL, lone surrogates and U+001A stand as JSON escapes, as their sender may write them."""
    return _HELD.sub(r"\1\\u\2", text) if "\\u001a" in text else text


def event_view(recorded: Recorded) -> dict[str, Any]:
    """An event with envelope, salt and payload, so that anyone can check its hash and digest (docs/ledger.md)."""
    return {
        "seq": recorded.seq,
        "type": recorded.type,
        "v": recorded.v,
        "at": instant(recorded.at),
        "recorded_at": instant(recorded.recorded_at),
        "actor": recorded.actor,
        "data": recorded.data,
        "hash": recorded.hash,
        "prev": recorded.prev,
        "tenant": recorded.tenant,
        "stream": recorded.stream,
        "event_id": str(recorded.event_id),
        "command_id": recorded.command_id,
        "data_digest": recorded.data_digest,
        "received_at": when(recorded.received_at),
        "request_sha256": recorded.request_sha256,
        "salt": recorded.salt,
    }


def when(at: datetime | None) -> str | None:
    """An instant as others are told it, None where there is none."""
    return None if at is None else instant(at)
