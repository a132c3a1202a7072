"""Where documents are rendered: off the event loop, few at once, each within bounds; see `services.reports.apart`."""

from dataclasses import dataclass

from services.confined import Confined, TooSlow
from services.reports.apart import SECONDS, Answer, Asked

LONGEST = 2.0 * SECONDS
"""Seconds by the clock that rendering may take: on a busy machine, twice its processor time."""


class Unrendered(Exception):
    """A document that was not made; `code` is stable, the message fit for the reader."""

    def __init__(self, code: str, detail: str) -> None:
        self.code = code
        super().__init__(detail)


@dataclass(frozen=True, slots=True)
class Press(Confined):
    """Renders documents."""

    longest: float = LONGEST

    async def render(self, asked: Asked) -> bytes:
        """The document. Raises Unrendered, and Busy where no turn comes in time."""
        async with self.turn():
            try:
                said = await self.run("services.reports", asked.model_dump_json().encode())
            except TooSlow:
                raise Unrendered("too_slow", f"Rendering it takes more than {SECONDS} seconds.") from None
        head, _, document = said.partition(b"\n")
        answer = Answer.model_validate_json(head)
        if answer.fault is not None:
            raise Unrendered(answer.fault, answer.detail)
        return document
