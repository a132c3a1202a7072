"""`closeout demo` proves what it shows, and fails when the record is broken under it."""

import asyncio
import json
import os
from pathlib import Path

import asyncpg

from tests.e2e.conftest import CLOSEOUT, PATIENCE, own_port

PLAN = "nonconformity.plan_submitted"


async def _demo(folder: Path) -> asyncio.subprocess.Process:
    argv: list[str | Path] = [*CLOSEOUT, "demo", "--data", folder / "data", "--ready-file", folder / "ready.json"]
    pipe = asyncio.subprocess.PIPE
    return await asyncio.create_subprocess_exec(
        *argv,
        env=os.environ | {"COLUMNS": "200", "CLOSEOUT_LISTEN_PORT": own_port()},
        stdout=pipe,
        stderr=asyncio.subprocess.STDOUT,
    )


async def test_the_demonstration_holds(tmp_path: Path) -> None:
    process = await _demo(tmp_path)
    out, _ = await process.communicate()
    assert process.returncode == 0, out.decode()
    assert "BROKEN" not in out.decode()
    assert out.decode().count("holds ") >= 10
    assert not (tmp_path / "ready.json").exists()


async def test_a_row_broken_in_mid_demonstration_is_found(tmp_path: Path) -> None:
    process = await _demo(tmp_path)
    talk = asyncio.create_task(process.communicate())
    ready = tmp_path / "ready.json"
    async with asyncio.timeout(PATIENCE):
        while not ready.exists():
            await asyncio.sleep(0.1)
        owner = await asyncpg.connect(json.loads(ready.read_text())["dsn"])
        found = False
        while not found:
            found = await owner.fetchval("SELECT EXISTS (SELECT FROM closeout.events WHERE type = $1)", PLAN)
            await asyncio.sleep(0.1)
        # Nobody but the table's owner can do this, and only with its triggers switched off.
        async with owner.transaction():
            await owner.execute("ALTER TABLE closeout.events DISABLE TRIGGER append_only")
            await owner.execute("UPDATE closeout.events SET actor = 'somebody else' WHERE type = $1", PLAN)
            await owner.execute("ALTER TABLE closeout.events ENABLE ALWAYS TRIGGER append_only")
        await owner.close()
    out, _ = await talk
    assert process.returncode == 1, out.decode()
    assert "BROKEN" in out.decode()
    assert "Traceback" not in out.decode()
