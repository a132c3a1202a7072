"""Answers in JSON, with every text as it came in: what the record holds escaped, JSON carries as its own escapes."""

from typing import Any

from starlette.responses import Response

from services.telling import encoded


def etag(seq: int) -> dict[str, str]:
    """How far a thing's events go, as a header that a change may name in If-Match."""
    return {"ETag": f'"{seq}"'}


class Json(Response):
    """A JSON answer."""

    media_type = "application/json"

    def render(self, content: Any) -> bytes:
        """The bytes of a JSON value."""
        return encoded(content)
