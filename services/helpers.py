"""Processes of our own that work for this one: started so that no other thread of this one can hang them.

uvloop forks, and has Python tidy up in the child. A lock of the interpreter that another thread held at that instant,
such as one of the engine's, stays locked there for ever; whoever starts the child waits for it, with all of the loop.
`subprocess` runs no Python between fork and exec.
"""

import asyncio
import os
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from subprocess import PIPE, Popen


@dataclass(frozen=True, slots=True)
class Helper:
    """A process with pipes to its input and from its output."""

    process: Popen[bytes]
    stdin: asyncio.StreamWriter
    stdout: asyncio.StreamReader
    source: asyncio.ReadTransport

    @property
    def returncode(self) -> int | None:
        """How it ended; None while it works."""
        return self.process.poll()

    async def send(self, content: bytes) -> None:
        """More of its input. One that refuses it may end before it took all; it says why, or its end does."""
        with suppress(ConnectionError):
            self.stdin.write(content)
            await self.stdin.drain()

    async def give(self, content: bytes) -> None:
        """All of its input."""
        await self.send(content)
        self.stdin.close()

    async def wait(self) -> int:
        """How it ended, once it has."""
        return await asyncio.to_thread(self.process.wait)

    async def end(self) -> None:
        """Ends it, whatever it does."""
        self.process.kill()
        self.stdin.close()
        # What nobody reads any more is not waited for.
        self.source.close()
        await self.wait()


def environment() -> dict[str, str]:
    """Not what this process may know: a helper needs no secret."""
    return {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "PYTHONPATH") if name in os.environ}


async def started(module: str, env: Mapping[str, str]) -> Helper:
    """`python -m module`, with no more of the environment than this. Raises OSError."""
    # -P: a folder named `services` where somebody happens to stand is not ours.
    command = (sys.executable, "-P", "-m", module)
    process = Popen(command, stdin=PIPE, stdout=PIPE, bufsize=0, env=env)  # noqa: ASYNC220, S603 - see above; ours
    try:
        return await _connected(process)
    except BaseException:
        process.kill()
        process.wait()
        raise


async def _connected(process: "Popen[bytes]") -> Helper:
    loop, output, unused = asyncio.get_running_loop(), asyncio.StreamReader(), asyncio.StreamReader()
    source, _ = await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(output), process.stdout)
    sink, flow = await loop.connect_write_pipe(lambda: asyncio.StreamReaderProtocol(unused), process.stdin)
    return Helper(process, asyncio.StreamWriter(sink, flow, None, loop), output, source)
