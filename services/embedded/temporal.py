"""The embedded Temporal: the development server with its web UI, its state in one SQLite file."""

from pathlib import Path

from temporalio.client import Client
from temporalio.service import RPCError

from services.embedded.children import Service, bare_environment
from services.embedded.ports import HOST
from services.embedded.wheels import temporal_program

PRAGMAS = ("journal_mode=WAL", "synchronous=NORMAL")
"""Five times the starts per second. A power cut may cost the engine its last commits; the ledger keeps full fsync."""

DYNAMIC = ("matching.numTaskqueueReadPartitions=1", "matching.numTaskqueueWritePartitions=1")
"""One partition a queue: on one machine, a third of the waiting in the slowest percent."""


class Temporal:
    """One development server with its file under `folder`."""

    def __init__(self, folder: Path, ports: dict[str, int]) -> None:
        self._folder = folder.absolute()
        self._ports = ports

    @property
    def address(self) -> str:
        """Where clients connect."""
        return f"{HOST}:{self._ports['temporal']}"

    @property
    def ui(self) -> str:
        """The web UI."""
        return f"http://{HOST}:{self._ports['temporal_ui']}"

    def service(self) -> Service:
        """How to run it."""
        options = {
            "--ip": HOST,
            "--port": self._ports["temporal"],
            "--ui-port": self._ports["temporal_ui"],
            "--http-port": self._ports["temporal_http"],
            "--metrics-port": self._ports["temporal_metrics"],
            "--db-filename": self._folder / "temporal.sqlite",
            "--log-level": "warn",
        }
        return Service(
            name="temporal",
            argv=[
                str(temporal_program()),
                *("server", "start-dev", "--ui-disable-news-fetch"),
                *(part for name, value in options.items() for part in (name, str(value))),
                *(part for pragma in PRAGMAS for part in ("--sqlite-pragma", pragma)),
                *(part for value in DYNAMIC for part in ("--dynamic-config-value", value)),
            ],
            # Fewer collections: a tenth more throughput for some 100 MB.
            env={**bare_environment(), "GOGC": "400"},
            ready=self._is_ready,
            log=self._folder / "logs" / "temporal.log",
        )

    async def _is_ready(self) -> bool:
        try:
            client = await Client.connect(self.address)
            return await client.service_client.check_health()
        except (RPCError, RuntimeError):  # the SDK says a refused connection as RuntimeError
            return False
