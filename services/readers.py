"""The processes that read documents (`services.intake.apart`), and one that stands ready for the next document.

Starting one takes as long as reading some thousands of findings. Each reads one document and ends: nothing of it is
there for the next one.
"""

import asyncio
import os
import sys
from asyncio.subprocess import Process
from contextlib import suppress
from types import TracebackType
from typing import Self


async def started() -> Process:
    """A reader that waits for its document. Raises OSError."""
    return await asyncio.create_subprocess_exec(
        sys.executable,
        # -P: a folder named `services` where somebody happens to stand is not ours.
        *("-P", "-m", "services.intake"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        # Not what the parent may know: the reader needs no secret.
        env={name: os.environ[name] for name in ("PATH", "HOME", "LANG", "PYTHONPATH") if name in os.environ},
    )


async def ended(reader: Process) -> None:
    """Ends a reader, whatever it does."""
    with suppress(ProcessLookupError):
        reader.kill()
    await reader.wait()


class Spare:
    """A reader that is started before its document is there; none until this is entered, and after it is left."""

    def __init__(self) -> None:
        self._entered = False
        self._starting: asyncio.Task[Process] | None = None

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
                await ended(await self._starting)

    def prepare(self) -> None:
        """Has one started, unless one is there."""
        if self._entered and self._starting is None:
            self._starting = asyncio.create_task(started())

    async def take(self) -> Process:
        """The one that stands ready, else a new one. Raises OSError."""
        starting, self._starting = self._starting, None
        if starting is not None:
            with suppress(OSError):
                reader = await starting
                if reader.returncode is None:
                    return reader
        return await started()
