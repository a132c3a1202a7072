"""What is broken, when and how: processes killed and stopped, connections cut, slowed and deafened, fault points."""

import asyncio
import os
import random
import signal
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal

from tests.chaos.journal import ALL_PARTS, Journal
from tests.chaos.site import LINKS, Site, family
from tests.chaos.worker import POINTS

Kind = Literal["kill", "stop", "cut", "slow", "deafen", "crash"]
PARTS = sorted(ALL_PARTS)

PATIENCE = 60.0
"""Seconds after a fault in which everything has to work again."""

AIMING, PASSING = 10.0, 20.0
"""Seconds for which a kill waits for a command in flight, and a fault point for somebody to pass it."""


@dataclass(frozen=True, slots=True)
class Fault:
    """A part killed or stopped, a link cut, slowed or deafened, a fault point armed. An `aimed` one awaits a victim."""

    kind: Kind
    target: str
    aimed: bool = False


@dataclass(frozen=True, slots=True)
class Scale:
    """How much is broken: kills and stops of each part, cuts, slowings and deafenings of each link, crashes at a point.

    `clients` is how many cases are led at once, `choices` what committees may decide, `tick` half of the seconds that
    a plan may take (the other dates follow), `between` the least and the most seconds from one fault to the next.
    `only` leaves all faults out whose `kind target` does not begin with it; `spare` adds a worker that nobody harms.
    """

    kills: int
    stops: int
    cuts: int
    slows: int
    deafs: int
    crashes: int
    clients: int
    choices: tuple[str, ...] = ("suspend", "extend", "dismiss", "withdraw_certificate")
    tick: int = 2
    between: tuple[float, float] = (0.3, 1.3)
    only: str = ""
    spare: bool = False

    @classmethod
    def of(cls, kills: int, clients: int, only: str = "", *, spare: bool = False) -> "Scale":
        """The long run's proportions."""
        some, few = -(-kills // 5), -(-kills // 10)
        return cls(
            kills=kills,
            stops=some,
            cuts=some,
            slows=few,
            deafs=few,
            crashes=some,
            clients=clients,
            only=only,
            spare=spare,
        )


def schedule(scale: Scale, rng: random.Random) -> list[Fault]:
    """Every fault of a run, in random order; every other kill is aimed."""
    faults = [Fault("kill", part, aimed=n % 2 == 0) for part in PARTS for n in range(scale.kills)]
    faults += [Fault("stop", part) for part in PARTS for _ in range(scale.stops)]
    links: dict[Kind, int] = {"cut": scale.cuts, "slow": scale.slows, "deafen": scale.deafs}
    faults += [Fault(kind, link) for kind, times in links.items() for link in LINKS for _ in range(times)]
    faults += [Fault("crash", point, aimed=True) for point in POINTS for _ in range(scale.crashes)]
    rng.shuffle(faults)
    return [fault for fault in faults if f"{fault.kind} {fault.target}".startswith(scale.only)]


@dataclass(slots=True)
class Storm:
    """Strikes one fault after another, each when everything works again after the one before."""

    site: Site
    journal: Journal
    rng: random.Random

    async def strike(self, fault: Fault) -> None:
        """One fault, and the wait until everything works again; raises TimeoutError where it does not."""
        # A fault point strikes when somebody passes it; the others when they are told to.
        passed = fault.kind != "crash" or await self._crash(fault.target)
        if fault.kind == "kill":
            await self._aim(fault)
        began = time.time()
        flying = self.journal.in_flight(fault.target if fault.target in ALL_PARTS else "worker")
        self.journal.note("struck", kind=fault.kind, target=fault.target, began=began, in_flight=len(flying))
        hit = passed and await self._break(fault)
        await self._until_well(flying)
        self.journal.note("well", hit=hit)

    async def _aim(self, fault: Fault) -> None:
        await asyncio.sleep(self.rng.uniform(0, 0.5))
        until = time.monotonic() + AIMING
        while fault.aimed and not self.journal.in_flight(fault.target) and time.monotonic() < until:
            await asyncio.sleep(0.002)

    async def _break(self, fault: Fault) -> bool:
        match fault.kind:
            case "kill":
                return await self._kill(fault.target)
            case "stop":
                return await self._stop(fault.target)
            case "crash":
                return True
            case "cut":
                return self.site.proxies[fault.target].cut() > 0
            case "deafen":
                return self.site.proxies[fault.target].deafen() > 0
            case "slow":
                self.site.proxies[fault.target].delay = self.rng.uniform(0.02, 0.15)
                try:
                    await asyncio.sleep(self.rng.uniform(1, 2.5))
                finally:
                    self.site.proxies[fault.target].delay = 0
                return True

    async def _kill(self, part: str) -> bool:
        pid = await self._present(part)
        os.kill(pid, signal.SIGKILL)
        async with asyncio.timeout(PATIENCE):
            while self.site.pid(part) in (pid, None):
                await asyncio.sleep(0.02)
        return True

    async def _stop(self, part: str) -> bool:
        """Parents first, so that none of them starts a child that goes on."""
        stopped = family(await self._present(part))
        try:
            for pid in stopped:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGSTOP)
            await asyncio.sleep(self.rng.uniform(0.5, 3))
        finally:
            for pid in stopped:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGCONT)
        return True

    async def _crash(self, point: str) -> bool:
        """The next worker to pass the point dies there; if nobody does in time, it is disarmed."""
        before, until = self.site.crashes(), time.monotonic() + PASSING
        self.site.arm(point)
        while self.site.crashes() == before and time.monotonic() < until:
            await asyncio.sleep(0.005)
        self.site.disarm(point)
        return self.site.crashes() > before

    async def _present(self, part: str) -> int:
        async with asyncio.timeout(PATIENCE):
            while (pid := self.site.pid(part)) is None:
                await asyncio.sleep(0.02)
        return pid

    async def _until_well(self, flying: list[str]) -> None:
        """Until the API is ready, what was in flight is answered, and a command asked since then is answered, too."""
        async with asyncio.timeout(PATIENCE):
            while not await self.site.answers():
                await asyncio.sleep(0.05)
            ready = time.time()
            while self.journal.proven < ready or not self.journal.open.keys().isdisjoint(flying):
                await asyncio.sleep(0.02)
