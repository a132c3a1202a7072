"""`closeout up` as its users have it: a process of its own, stopped, killed and started again."""

import asyncio
import json
import os
import random
import signal
import socket
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from services.demo.cast import Cast
from services.ready import Ready

CLOSEOUT = [str(Path(sys.executable).with_name("closeout"))]
PATIENCE = 60.0

SECONDS = """
name = "default"
version = "test"
end_of_day = false
minimum_response = "PT1S"
reminders = ["-PT1S"]
resubmission = "PT3S"
limits = [{{ anchor = "issue", within = "P1D" }}]
[major]
plan = {{ within = "{plan}" }}
evidence = {{ within = "{evidence}" }}
closure = {{ within = "{closure}", on_breach = "committee" }}
[minor]
plan = {{ within = "{plan}" }}
[committee]
quorum = 3
"""


def policies(folder: Path, plan: str = "P14D", evidence: str = "P30D", closure: str = "P90D") -> Path:
    """A folder with a default policy of these durations."""
    folder.mkdir(parents=True, exist_ok=True)
    text = SECONDS.format(plan=plan, evidence=evidence, closure=closure)
    (folder / "default.toml").write_text(text)
    return folder


def own_port() -> str:
    """A port for one test's API: tests run side by side, and stacks that start at once must not want the same one."""
    while True:
        port = random.randrange(10_000, 20_000)  # noqa: S311 - no secret
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) != 0:
                return str(port)


@dataclass
class Up:
    """A running `closeout up`, and what it said when it was ready."""

    process: asyncio.subprocess.Process
    ready: Ready

    async def stop(self) -> int:
        """Ctrl-C."""
        self.process.send_signal(signal.SIGINT)
        return await self.process.wait()

    async def kill(self) -> None:
        """The power cut of a process: nothing has time to say goodbye."""
        self.process.kill()
        await self.process.wait()


@dataclass
class Site:
    """A data folder and the settings with which `up` runs on it."""

    data: Path
    policies: Path
    env: Mapping[str, str] = field(default_factory=dict)
    port: str = field(default_factory=own_port)

    async def up(self) -> Up:
        """Starts `closeout up` and waits until it says that it is ready."""
        file = self.data.parent / "ready.json"
        file.unlink(missing_ok=True)
        argv: list[str | Path] = [
            *CLOSEOUT,
            "up",
            "--data",
            self.data,
            "--policies",
            self.policies,
            "--port",
            self.port,
        ]
        argv += ["--ready-file", file]
        log = (self.data.parent / "up.log").open("ab")
        process = await asyncio.create_subprocess_exec(*argv, env=os.environ | self.env, stdout=log, stderr=log)
        log.close()
        async with asyncio.timeout(PATIENCE):
            while not file.exists():
                assert process.returncode is None, (self.data.parent / "up.log").read_text()[-3000:]
                await asyncio.sleep(0.05)
        return Up(process, Ready.model_validate(json.loads(file.read_text())))

    @asynccontextmanager
    async def running(self) -> AsyncIterator[tuple[Up, Cast]]:
        """A stack and its people, for the length of a block."""
        up = await self.up()
        cast = await Cast.of(up.ready)
        try:
            yield up, cast
        finally:
            await cast.leave()
            if up.process.returncode is None:
                await up.stop()


def finding(n: int, **more: Any) -> dict[str, Any]:
    """A complete finding."""
    return {
        "source": {"system": "scanner", "external_id": f"F-{n}"},
        "client": "acme",
        "requirements": [{"standard": "ISO/IEC 27001", "edition": "2022", "clause": "A.5.18"}],
        "title": f"Access rights are not reviewed ({n})",
        "statement": "Access rights of leavers were not removed.",
        "objective_evidence": "Three of ten sampled leavers still had accounts.",
        **more,
    }


async def events_of(http: httpx.AsyncClient, case: str) -> list[dict[str, Any]]:
    """The whole record of a case."""
    items: list[dict[str, Any]] = (await http.get(f"/v1/nonconformities/{case}/events")).raise_for_status().json()
    return items
