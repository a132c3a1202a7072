"""Answers in JSON, with every text as it came in: what the record holds escaped, JSON carries as its own escapes."""

import json
import re
from typing import Any

from starlette.responses import Response

_HELD = re.compile(r"(?<!\\)((?:\\\\)*)\\u001a([0-9a-f]{4})")
"""U+001A and four hexadecimal digits (`workflows.canonical.escape`), as JSON text writes them."""


class Json(Response):
    """A JSON answer."""

    media_type = "application/json"

    def render(self, content: Any) -> bytes:
        """The bytes of a JSON value."""
        return encoded(content)


def encoded(value: Any) -> bytes:
    """The JSON of a value as others are told it, in UTF-8; raises ValueError for what is no JSON."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return as_it_came(text).encode("utf-8", "replace")


def as_it_came(text: str) -> str:
    """JSON text in which NUL, lone surrogates and U+001A stand as JSON escapes, as their sender may write them."""
    return _HELD.sub(r"\1\\u\2", text) if "\\u001a" in text else text
