"""Where pages of PDFs are drawn: off the event loop, few at once, each in bounds; see `services.evidence.drawing`."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass

import structlog

from services.confined import Broken, Confined, TooSlow
from services.evidence.apart import FIRST, SECONDS, Answer, Fault

LONGEST = 2.0 * SECONDS
"""Seconds by the clock that a page may take: on a busy machine, twice its processor time."""

log = structlog.get_logger()


class Undrawn(Exception):
    """A PDF of which no page is shown; `fault` says why."""

    def __init__(self, fault: Fault) -> None:
        self.fault: Fault = fault
        super().__init__(fault)


@dataclass(frozen=True, slots=True)
class Easel(Confined):
    """Draws pages of PDFs, whose bytes are read once their turn has come."""

    longest: float = LONGEST

    async def count(self, parts: AsyncIterator[bytes]) -> int:
        """How many pages there are. Raises Undrawn, Busy, and what reading raises."""
        return (await self._asked(parts, 0))[0]

    async def draw(self, parts: AsyncIterator[bytes], page: int) -> bytes:
        """One of the FIRST pages, counted from one, as PNG. Raises as `count` does."""
        if not 0 < page <= FIRST:
            raise ValueError(f"only the first {FIRST} pages are drawn")
        return (await self._asked(parts, page))[1]

    async def _asked(self, parts: AsyncIterator[bytes], page: int) -> tuple[int, bytes]:
        async with self.turn():
            document = b"".join([part async for part in parts])
            try:
                said = await self.run("services.evidence", b"%d\n%b" % (page, document))
            except TooSlow:
                raise Undrawn("too_much") from None
            except Broken as error:
                log.warning("no page drawn", error=str(error))
                raise Undrawn("too_much") from None  # where it is given no more memory, the library ends the process
        head, _, picture = said.partition(b"\n")
        answer = Answer(*json.loads(head))
        if answer.fault is not None:
            raise Undrawn(answer.fault)
        return answer.pages, picture
