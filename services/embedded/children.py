"""Child processes that live no longer than their parent, and are started again when they die before it, or hang."""

import asyncio
import os
import signal
import sys
from asyncio.subprocess import DEVNULL, STDOUT, Process
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import structlog

LAUNCHER = Path(__file__).with_name("launch.py")
KEPT_LOG = 10_000_000
"""Bytes beyond which a log is set aside, once, when its process starts."""

FIRST_PAUSE, LONGEST_PAUSE, SETTLED = 0.1, 5.0, 10.0
"""Seconds before a dead child is started again: doubled at each death within `SETTLED` seconds of a start."""

ENOUGH = 4
"""Deaths on the way to readiness after which nothing is hoped for."""

ASKED_EVERY, UNANSWERED = 10.0, 3
"""Seconds between two questions whether a child lives, and how many in a row one that hangs leaves unanswered."""

log = structlog.get_logger(__name__)


class Identity(StrEnum):
    """As whom a child runs (see `launch.py`)."""

    SELF = "self"
    NAMESPACE = "namespace"
    NOBODY = "nobody"


@dataclass(frozen=True, slots=True)
class Service:
    """One program to keep running.

    `ready` answers whether it does its work; until then it may raise OSError. `alive` answers whether it still turns,
    whatever it waits for; without one, nobody asks. `stop` asks it to end in order, `grace` is how many seconds it has
    for that, `kill` is what it gets after them, when its parent dies, and when it hangs.
    """

    name: str
    argv: Sequence[str]
    env: Mapping[str, str]
    ready: Callable[[], Awaitable[bool]]
    log: Path
    alive: Callable[[], Awaitable[bool]] | None = None
    stop: signal.Signals = signal.SIGTERM
    kill: signal.Signals = signal.SIGKILL
    grace: float = 10.0
    patience: float = 30.0
    identity: Identity = Identity.SELF


class NotReady(Exception):
    """A child, `service`, did not get ready in time, or `died` on the way; says the end of its log."""

    def __init__(self, service: Service, *, died: bool) -> None:
        self.service = service.name
        self.died = died
        lines = service.log.read_text(errors="replace").splitlines()[-15:] if service.log.exists() else []
        super().__init__("\n".join([f"{service.name} did not start ({service.log}):", *lines]))


def bare_environment() -> dict[str, str]:
    """Ours, without another server's configuration, and without the addresses and secrets of our own."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("TEMPORAL_", "CLOSEOUT_"))}


async def spawn(service: Service) -> Process:
    """Starts a program once. It dies with the calling thread: call from one that lives as long as the process."""
    service.log.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if service.log.exists() and service.log.stat().st_size > KEPT_LOG:
        service.log.replace(service.log.with_suffix(".old"))
    launcher = [sys.executable, "-I", "-S", str(LAUNCHER), str(os.getpid()), str(int(service.kill)), service.identity]
    with service.log.open("ab") as out:
        # A session of its own: Ctrl-C in the terminal reaches the supervisor alone, which then stops all in order.
        return await asyncio.create_subprocess_exec(
            *launcher,
            *service.argv,
            env=dict(service.env),
            stdin=DEVNULL,
            stdout=out,
            stderr=STDOUT,
            start_new_session=True,
        )


class Child:
    """A service under supervision: started, watched, started again, stopped. `changed` hears of each new pid."""

    def __init__(self, service: Service, changed: Callable[[str, int], None]) -> None:
        self.service = service
        self._changed = changed
        self._process: Process | None = None
        self._keeper: asyncio.Task[None] | None = None
        self._deaths = 0
        self._stopping = asyncio.Event()
        self._spawning = asyncio.Lock()

    async def start(self) -> None:
        """Starts the service and comes back when it is ready; raises NotReady after its patience or too many deaths.

        A child that dies on the way is started again: a former one may still be letting go of its files.
        """
        await self._spawn()
        self._keeper = asyncio.create_task(self._keep(), name=f"keep {self.service.name}")
        try:
            async with asyncio.timeout(self.service.patience):
                while not await self._is_ready() and self._deaths < ENOUGH:  # noqa: ASYNC110 - another process tells no Event
                    await asyncio.sleep(0.02)
        except TimeoutError:
            raise NotReady(self.service, died=self._deaths > 0) from None
        if self._deaths >= ENOUGH:
            raise NotReady(self.service, died=self._deaths > 0)

    async def stop(self) -> None:
        """Ends the service in order, by force after its grace; does nothing when it never started."""
        self._stopping.set()
        async with self._spawning:
            process = self._process
        if process is not None:
            await end(process, self.service)
        if self._keeper is not None:
            await self._keeper

    async def _is_ready(self) -> bool:
        try:
            return self._process is not None and self._process.returncode is None and await self.service.ready()
        except OSError:
            return False

    async def _spawn(self) -> None:
        async with self._spawning:
            if not self._stopping.is_set():
                self._process = await spawn(self.service)
                self._changed(self.service.name, self._process.pid)

    async def _keep(self) -> None:
        clock = asyncio.get_running_loop().time
        pause = FIRST_PAUSE
        while (process := self._process) is not None:
            began = clock()
            watch = asyncio.create_task(self._watch(process), name=f"watch {self.service.name}")
            code = await process.wait()
            watch.cancel()
            if self._stopping.is_set():
                return
            self._deaths += 1
            pause = FIRST_PAUSE if clock() - began > SETTLED else min(2 * pause, LONGEST_PAUSE)
            log.warning("child died", name=self.service.name, code=code, again_in=pause)
            if not await self._stops_within(pause):
                await self._spawn()

    async def _watch(self, process: Process) -> None:
        """Kills a process that does not answer any more, or not yet after the service's patience."""
        alive, unanswered, pause = self.service.alive, 0, self.service.patience
        while alive is not None and not await self._stops_within(pause):
            unanswered, pause = 0 if await alive() else unanswered + 1, ASKED_EVERY
            if unanswered == UNANSWERED and not self._stopping.is_set():
                log.warning("child hangs", name=self.service.name, pid=process.pid)
                with suppress(ProcessLookupError):
                    process.send_signal(self.service.kill)
                return

    async def _stops_within(self, seconds: float) -> bool:
        try:
            async with asyncio.timeout(seconds):
                return await self._stopping.wait()
        except TimeoutError:
            return False


async def end(process: Process, service: Service) -> None:
    """Asks a process to end, insists after its grace, and comes back when it is gone."""
    for signum, grace in ((service.stop, service.grace), (service.kill, 5.0), (signal.SIGKILL, None)):
        if process.returncode is not None:
            return
        with suppress(ProcessLookupError):
            process.send_signal(signum)
        try:
            async with asyncio.timeout(grace):
                await process.wait()
        except TimeoutError:
            log.warning("child does not stop", name=service.name, signal=signum.name)
