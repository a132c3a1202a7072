"""The worker is killed in the middle of an import, ten times: every item is there once, with one receipt."""

import asyncio
import json
import os
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from services.bootstrap import introduce
from services.client import Closeout, Import
from services.processes import API, own_services
from services.settings import Settings
from services.stack import Stack
from tests.e2e.conftest import finding, own_port

KILLS = 10
FINDINGS = 10_000


@asynccontextmanager
async def _worker(settings: Settings, logs: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    """A worker of one's own, killed at the end: that of a stack is started again at longer and longer intervals."""
    [service] = [service for service in own_services(settings, logs) if service.name != API]
    with service.log.open("ab") as log:
        process = await asyncio.create_subprocess_exec(*service.argv, env=service.env, stdout=log, stderr=log)
    try:
        yield process
    finally:
        process.kill()
        await process.wait()


async def _killed(settings: Settings, logs: Path, client: Closeout, one: Import) -> int:
    """Kills each worker once it has moved the import on; answers how many."""
    for kills in range(KILLS):
        async with _worker(settings, logs), asyncio.timeout(60):
            was = one.read
            while one.read == was:
                if one.ended:
                    return kills
                await asyncio.sleep(0.02)
                one = Import.model_validate(await client.get(f"/v1/imports/{one.id}"))
    return KILLS


# A worker's death is noticed by its silence: five seconds each time.
@pytest.mark.timeout(400)
async def test_every_item_is_there_once(tmp_path: Path) -> None:
    stack = Stack(
        Settings.load({"data": tmp_path / "data", "listen_port": int(own_port())}, os.environ),
        introduce=introduce,
        services=lambda settings, logs: [one for one in own_services(settings, logs) if one.name == API],
    )
    document = json.dumps([finding(n) for n in range(FINDINGS)]).encode()
    async with stack as ready:
        logs = tmp_path
        async with Closeout(ready.api, ready.keys[1].key) as client:
            one = await client.import_document(document, media_type="application/json")
            assert await _killed(stack.settings, logs, client, one) == KILLS
            async with _worker(stack.settings, logs), asyncio.timeout(120):
                ended = await client.imported(one)
            assert (ended.state, ended.read, ended.created) == ("done", FINDINGS, FINDINGS)
            receipts = [receipt async for receipt in client.receipts(one)]
        assert [receipt.index for receipt in receipts] == list(range(FINDINGS))
        assert Counter(receipt.result for receipt in receipts) == {"created": FINDINGS}
        [auditor, *_] = [card.token for card in ready.people if card.role == "auditor"]
        async with Closeout(ready.api, auditor) as client:
            cases = [case.id async for case in client.nonconformities()]
        assert len(cases) == len(set(cases)) == FINDINGS
        assert {receipt.id for receipt in receipts} == set(cases)
