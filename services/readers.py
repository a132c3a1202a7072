"""The processes that read documents (`services.intake.apart`), and one that stands ready for the next document.

Starting one takes as long as reading some thousands of findings. Each reads one document and ends: nothing of it is
there for the next one.
"""

import asyncio
from contextlib import suppress
from types import TracebackType
from typing import Self

from services import helpers
from services.helpers import Helper


async def started() -> Helper:
    """A reader that waits for its document. Raises OSError."""
    return await helpers.started("services.intake", helpers.environment())


class Spare:
    """A reader that is started before its document is there; none until this is entered, and after it is left."""

    def __init__(self) -> None:
        self._entered = False
        self._starting: asyncio.Task[Helper] | None = None

    async def __aenter__(self) -> Self:
        self._entered = True
        self.prepare()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._entered = False
        if self._starting is not None:
            with suppress(OSError):
                await (await self._starting).end()

    def prepare(self) -> None:
        """Has one started, unless one is there."""
        if self._entered and self._starting is None:
            self._starting = asyncio.create_task(started())

    async def take(self) -> Helper:
        """The one that stands ready, else a new one. Raises OSError."""
        starting, self._starting = self._starting, None
        if starting is not None:
            with suppress(OSError):
                reader = await starting
                if reader.returncode is None:
                    return reader
        return await started()
