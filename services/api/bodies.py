"""Bodies and headers of requests, read strictly: what is ambiguous or too large is said, not guessed."""

import re
from collections.abc import AsyncIterator
from typing import Any, TypeVar

from fastapi import Request
from pydantic import BaseModel, ValidationError

from activities.directory.asked import Asked
from activities.ledger.refusals import LONGEST_COMMAND_ID, CommandIdLength
from services.intake import Limits, TooLarge, Unreadable, text
from services.problems import Problem, invalid, refused, unread
from workflows.canonical import digest
from workflows.people import Frozen
from workflows.sentences import Sentence

COMMAND = Limits(bytes=2**20, items=1)
"""The bounds of a command's body."""

B = TypeVar("B", bound=BaseModel)

_IF_MATCH = re.compile(r'"?(\d{1,10})"?', re.ASCII)


async def received(request: Request, most: int) -> bytes:
    """The body's bytes; a problem (413) as soon as there are more than `most`, (415) where they are compressed."""
    encoding = request.headers.get("content-encoding", "").strip()
    if encoding.casefold() not in ("", "identity"):
        detail = f"The body is encoded as {encoding[:80]}: send it as it is."
        raise Problem(415, "unsupported_encoding", detail, headers={"Accept-Encoding": "identity"})
    stated = request.headers.get("content-length", "")
    if stated.isascii() and stated.isdecimal() and (len(stated) > 15 or int(stated) > most):
        raise _too_many(most)
    parts: list[bytes] = []
    size = 0
    async for part in stream(request):
        size += len(part)
        if size > most:
            raise _too_many(most)
        parts.append(part)
    return b"".join(parts)


async def stream(request: Request) -> AsyncIterator[bytes]:
    """The body as it comes, no piece of it empty. Raises ClientDisconnect where its sender leaves before its end."""
    async for part in request.stream():
        if part:
            yield part


def _too_many(most: int) -> Problem:
    return Problem(413, "too_many_bytes", Sentence("The body has more than {most} bytes.", most=f"{most:,}"))


async def json_object(request: Request) -> dict[str, Any]:
    """The JSON object of a command's body, escaped where text cannot be held; no body is an empty object."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().casefold()
    body = await received(request, COMMAND.bytes)
    if not body:
        return {}
    if kind and kind != "application/json" and not kind.endswith("+json"):
        says = "A command's body is application/json, not {kind}."
        raise Problem(415, "unsupported_media_type", Sentence(says, kind=kind[:80]))
    try:
        content = text.Content.of(body, COMMAND)
        value = content.only()
    except (Unreadable, TooLarge) as error:
        raise unread(error) from None
    if doubled := content.doubled(value):
        raise Problem(400, "duplicate_key", Sentence("A key comes twice in one object."), more={"path": doubled})
    if not isinstance(value, dict):
        raise Problem(422, "shape", Sentence("A command's body is a JSON object."))
    safe: dict[str, Any] = content.held(value)[0]
    return safe


async def read(shape: type[B], request: Request) -> B:
    """The body as that; a problem (422) for another shape."""
    try:
        return shape.model_validate(await json_object(request))
    except ValidationError as error:
        raise invalid(error) from None


def key(request: Request) -> str | None:
    """The Idempotency-Key; None where none is given. A problem (422) for one that cannot be kept."""
    given = request.headers.get("idempotency-key")
    if given is None:
        return None
    # The draft of the header's standard writes it as a quoted string.
    bare = given.strip().removeprefix('"').removesuffix('"')
    if not 0 < len(bare) <= LONGEST_COMMAND_ID:
        raise refused(CommandIdLength(longest=LONGEST_COMMAND_ID).data())
    return bare


def asked(request: Request, wanted: Frozen) -> Asked | None:
    """What is wanted under an Idempotency-Key, None without one. A problem (422) for a key that cannot be kept."""
    given = key(request)
    return None if given is None else Asked(given, digest(wanted.model_dump(mode="json")))


def if_match(request: Request) -> int | None:
    """The sequence number of If-Match; None where none is given, or any will do."""
    given = request.headers.get("if-match")
    if given is None or given.strip() == "*":
        return None
    found = _IF_MATCH.fullmatch(given.strip())
    if found is None:
        raise Problem(400, "bad_if_match", 'If-Match takes a sequence number in quotes, such as "7".')
    return int(found[1])
