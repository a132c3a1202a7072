"""Answers in JSON, with every text as it came in: what the record holds escaped, JSON carries as its own escapes."""

from typing import Any

from starlette.responses import Response

from services.telling import encoded


class Json(Response):
    """A JSON answer."""

    media_type = "application/json"

    def render(self, content: Any) -> bytes:
        """The bytes of a JSON value."""
        return encoded(content)
