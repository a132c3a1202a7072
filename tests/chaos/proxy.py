"""A TCP proxy that hands on bytes to one server, and cuts, slows or deafens its connections when told to."""

import asyncio
from asyncio import StreamReader, StreamWriter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field

HOST = "127.0.0.1"


@dataclass(slots=True)
class Proxy:
    """Listens on `port` for the server on `upstream`; `delay` is how many seconds each piece waits, each way."""

    port: int
    upstream: int
    delay: float = 0.0
    _deaf: set[StreamWriter] = field(default_factory=set)
    _open: set[StreamWriter] = field(default_factory=set)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    @asynccontextmanager
    async def listening(self) -> AsyncIterator["Proxy"]:
        """Serves for the length of a block."""
        server = await asyncio.start_server(self._serve, HOST, self.port)
        try:
            yield self
        finally:
            server.close()
            self.cut()
            for task in list(self._tasks):
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
            await server.wait_closed()

    def cut(self) -> int:
        """Resets every connection, whatever is under way on it; answers how many there were."""
        for writer in self._open:
            writer.transport.abort()
        return len(self._open) // 2

    def deafen(self) -> int:
        """Hands on nothing more on the connections there are, and lets nobody know; answers how many there were.

        As when a firewall forgets a connection, or the machine at its other end loses power.
        """
        self._deaf |= self._open
        return len(self._open) // 2

    async def _serve(self, near: StreamReader, to_near: StreamWriter) -> None:
        task = asyncio.current_task()
        if task is not None:
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        async with AsyncExitStack() as exits:
            # Cancelled by `listening` alone, at its end; what serves a connection would complain of that.
            exits.enter_context(suppress(asyncio.CancelledError))
            exits.callback(to_near.transport.abort)
            try:
                far, to_far = await asyncio.open_connection(HOST, self.upstream)
            except OSError:
                return
            exits.callback(to_far.transport.abort)
            self._open |= {to_near, to_far}
            exits.callback(self._open.difference_update, {to_near, to_far})
            exits.callback(self._deaf.difference_update, {to_near, to_far})
            ways = [asyncio.create_task(self._hand(near, to_far)), asyncio.create_task(self._hand(far, to_near))]
            try:
                # Once one side is gone, the other is to hear of it at once: a kill looks like one.
                await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for way in ways:
                    way.cancel()
                await asyncio.gather(*ways, return_exceptions=True)

    async def _hand(self, source: StreamReader, to: StreamWriter) -> None:
        with suppress(OSError):
            while piece := await source.read(65536):
                if self.delay:
                    await asyncio.sleep(self.delay)
                if to not in self._deaf:
                    to.write(piece)
                    await to.drain()
