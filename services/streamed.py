"""Answers that are sent while they are made, and broken off where the rest of them cannot be had."""

from collections.abc import AsyncIterator
from typing import TypeVar

import structlog
from starlette.responses import StreamingResponse
from starlette.types import Send

from activities.ledger.protocol import Unavailable

T = TypeVar("T")

log = structlog.get_logger()


class Streamed(StreamingResponse):
    """An answer whose connection the server ends before its last bytes where they cannot be had.

    Without the last chunk, or as many bytes as the head said, no client takes it for whole.
    """

    async def stream_response(self, send: Send) -> None:
        """Sends head and body."""
        try:
            await super().stream_response(send)
        except Unavailable as error:
            log.warning("answer broken off", error=str(error))


async def begun(parts: AsyncIterator[T]) -> AsyncIterator[T]:
    """The same, the first of them made: what fails at once can be said, and breaks off no answer.

    Raises what making the first one raises.
    """
    return _joined(await anext(parts), parts)


async def _joined(first: T, rest: AsyncIterator[T]) -> AsyncIterator[T]:
    yield first
    async for part in rest:
        yield part
