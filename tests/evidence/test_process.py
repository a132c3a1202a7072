"""The API as a process of its own: how much memory a large file takes, and what is left when it dies in the middle."""

import asyncio
import hashlib
import os
import signal
import socket
import sys
from asyncio.subprocess import DEVNULL, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from activities.directory import files
from services.evidence import keeping
from tests.api.conftest import Desk, Office
from tests.evidence.conftest import another

MEBIBYTE = 2**20
LARGE = 256
"""Mebibytes of a large file."""

GROWTH = 96
"""Mebibytes by which the process may grow over such a file: parts on their way, and whatever else it does meanwhile."""

PIECE = bytes(range(256)) * 256


@asynccontextmanager
async def serving(office: Office, folder: Path) -> AsyncIterator[tuple[Process, httpx.AsyncClient]]:
    """An API in a process of its own, which keeps files in a folder."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    settings = office.settings.model_copy(update={"listen_port": port, "evidence_store": folder.as_uri()})
    environment = {**os.environ, **settings.environment()}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "services.api", env=environment, stdout=DEVNULL, stderr=DEVNULL
    )
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=120) as client:
            while True:
                with suppress(httpx.TransportError):
                    if (await client.get("/livez")).status_code == 200:
                        break
                await asyncio.sleep(0.05)
            yield process, client
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()


def peak(process: Process) -> int:
    """The most memory that a process has had, in mebibytes."""
    status = Path(f"/proc/{process.pid}/status").read_text(encoding="ascii")
    return int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM"))) // 1024


async def pieces(mebibytes: int) -> AsyncIterator[bytes]:
    for _ in range(mebibytes * MEBIBYTE // len(PIECE)):
        yield PIECE


async def test_a_large_file_passes_in_flat_memory(office: Office, desk: Desk, tmp_path: Path) -> None:
    headers = {"Authorization": f"Bearer {desk.token('owner')}", "Content-Type": "application/octet-stream"}
    async with serving(office, tmp_path) as (process, client):
        # What the first upload loads, it loads once.
        await client.post("/v1/evidence", headers=headers, content=pieces(1))
        before = peak(process)
        answer = await client.post("/v1/evidence", headers=headers, content=pieces(LARGE))
        assert answer.status_code == 201, answer.text
        kept = answer.json()
        digest, size = hashlib.sha256(), 0
        async with client.stream("GET", f"/v1/evidence/{kept['id']}", headers=headers) as download:
            async for part in download.aiter_raw():
                digest.update(part)
                size += len(part)
        grown = peak(process) - before
    assert (size, digest.hexdigest()) == (LARGE * MEBIBYTE, kept["sha256"]) == (kept["size"], kept["sha256"])
    assert grown < GROWTH


async def test_a_process_that_dies_in_the_middle_leaves_no_file(
    office: Office, desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    headers = {"Authorization": f"Bearer {desk.token('owner')}", "Content-Type": "application/octet-stream"}
    half_way, dead, database = asyncio.Event(), asyncio.Event(), office.ledger.database

    async def never_ending() -> AsyncIterator[bytes]:
        async for piece in pieces(32):
            yield piece
        half_way.set()
        await dead.wait()
        while True:
            yield PIECE

    def left() -> list[Path]:
        return [path for path in tmp_path.rglob("*") if path.is_file()]

    async with serving(office, tmp_path) as (process, client):
        sending = asyncio.create_task(client.post("/v1/evidence", headers=headers, content=never_ending()))
        async with asyncio.timeout(60):
            await half_way.wait()
            while not left():
                await asyncio.sleep(0.02)
        process.send_signal(signal.SIGKILL)
        await process.wait()
        dead.set()
        with pytest.raises(httpx.TransportError):
            await sending
    assert left()
    async with another(office, desk, evidence_store=tmp_path.as_uri()) as archive:
        assert (await desk.get("owner", "/v1/evidence"))["items"] == []
        assert len(await files.stale(database, desk.tenant, datetime.now(UTC), 10)) == 1
        monkeypatch.setattr(keeping, "ABANDONED", timedelta())
        kept = await archive.keeps("owner")
        assert [path.stat().st_size for path in left()] == [kept["size"]]
        assert await files.stale(database, desk.tenant, datetime.now(UTC), 10) == []
