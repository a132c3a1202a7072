"""The system under chaos: a supervisor of its own process group, its parts by pid, and the proxies in between."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from services.embedded.children import Service, end, spawn
from services.embedded.ports import remembered
from services.processes import answered
from services.ready import Ready
from services.runs import installation
from services.settings import Settings
from services.stack import TEMPORAL_PORTS
from tests.chaos.proxy import HOST, Proxy
from tests.chaos.worker import CRASHES

ROOT = Path(__file__).parents[2]
PATIENCE = 60.0
LINKS = ("api", "temporal", "postgres")

POLICY = """
name = "default"
version = "chaos"
end_of_day = false
minimum_response = "PT1S"
reminders = ["-PT1S", "PT0S", "PT1S"]
resubmission = "PT{tick}S"
limits = [{{ anchor = "issue", within = "P1D" }}]

[major]
plan = {{ within = "PT{plan}S" }}
evidence = {{ within = "PT{evidence}S" }}
closure = {{ within = "PT{closure}S", on_breach = "committee" }}

[minor]
plan = {{ within = "PT{plan}S" }}
evidence = {{ within = "PT{evidence}S" }}
closure = {{ within = "PT{closure}S" }}

[committee]
within = "PT{committee}S"
quorum = 3
"""


def policy(tick: int) -> str:
    """Dates at 2, 3 and 4 ticks of so many seconds; a review has 3."""
    return POLICY.format(tick=tick, plan=2 * tick, evidence=3 * tick, closure=4 * tick, committee=3 * tick)


@dataclass(slots=True)
class Site:
    """A running system under a folder. `supervisor` is the pid of the process whose children the parts are."""

    folder: Path
    supervisor: int
    ready: Ready
    proxies: dict[str, Proxy]

    @property
    def api(self) -> str:
        """Where clients reach the API: through its proxy."""
        return f"http://{HOST}:{self.proxies['api'].port}"

    @property
    def settings(self) -> Settings:
        """The settings of whoever looks at the system past its proxies."""
        return installation(self.folder / "data", None)

    def pid(self, part: str) -> int | None:
        """The process that a part is now; None while it is being started again."""
        known = Ready.model_validate_json((self.folder / "data" / "ready.json").read_bytes()).pids[part]
        return known if parent(known) == self.supervisor else None

    def crashes(self) -> int:
        """How many workers died at a fault point so far."""
        file = self.folder / "armed" / CRASHES
        return len(file.read_text().splitlines()) if file.exists() else 0

    def arm(self, point: str) -> None:
        """The next worker to pass this point dies there."""
        (self.folder / "armed" / point).touch()

    def disarm(self, point: str) -> None:
        """Nobody dies there any more."""
        (self.folder / "armed" / point).unlink(missing_ok=True)

    async def answers(self) -> bool:
        """Whether the API does its work, database and engine included."""
        return await answered(f"{self.ready.api}/readyz")


@asynccontextmanager
async def running(folder: Path, tick: int, *, spare: bool = False) -> AsyncIterator[Site]:
    """The system for the length of a block; nothing of it is left after that, even if this process is killed."""
    data = folder / "data"
    for made in (data, folder / "armed", folder / "policies"):
        made.mkdir(parents=True, exist_ok=True)
    (folder / "policies" / "default.toml").write_text(policy(tick))
    # The stack takes the ports that its folder remembers, so the proxies can know them before it starts.
    direct = await remembered(data / "ports.json", ("api", "postgres", *TEMPORAL_PORTS), {})
    outside = await remembered(folder / "proxies.json", LINKS, {})
    proxies = {name: Proxy(outside[name], direct[name]) for name in LINKS}
    argv = [sys.executable, "-m", "tests.chaos.supervisor", str(data), str(folder / "policies"), "PT2S"]
    argv += [json.dumps(outside), str(folder / "armed"), "2" if spare else "1"]
    env = {name: value for name, value in os.environ.items() if not name.startswith("CLOSEOUT_")}
    service = Service(
        "supervisor",
        argv,
        {**env, "PYTHONPATH": str(ROOT)},
        ready=lambda: asyncio.sleep(0, True),
        log=folder / "supervisor.log",
        stop=signal.SIGINT,
        grace=60.0,
    )
    async with AsyncExitStack() as exits:
        for proxy in proxies.values():
            await exits.enter_async_context(proxy.listening())
        process = await spawn(service)
        exits.push_async_callback(end, process, service)
        file = data / "ready.json"
        async with asyncio.timeout(PATIENCE):
            while not file.exists():
                if process.returncode is not None:
                    raise RuntimeError(service.log.read_text()[-3000:])
                await asyncio.sleep(0.05)
        ready = Ready.model_validate_json(file.read_bytes())
        yield Site(folder, process.pid, ready, proxies)


def parent(pid: int) -> int | None:
    """The parent of a process; None for one that is not there, or is dead and not yet buried."""
    with suppress(OSError):
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return None if fields[0] == "Z" else int(fields[1])
    return None


def family(pid: int) -> list[int]:
    """A process and everything that it started, parents first."""
    found = [pid]
    with suppress(OSError):
        for thread in Path(f"/proc/{pid}/task").iterdir():
            for child in (thread / "children").read_text().split():
                found += family(int(child))
    return found


def today() -> str:
    """The date, as commands take it."""
    return datetime.now(UTC).date().isoformat()
