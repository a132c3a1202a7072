"""Readers: one stands ready for the next document, and none is left behind."""

import asyncio
import json
import subprocess
import sys
from contextlib import aclosing
from pathlib import Path

import pytest

from services import reading
from services.helpers import Helper
from services.intake import Context
from services.intake.apart import Asked
from services.readers import Spare, started

FINDING = {"source": {"external_id": "7"}, "title": "Suppliers are not evaluated"}
DOCUMENT = Asked(json.dumps([FINDING]).encode(), Context(client="acme", system="scanner"))


def standing_ready(spare: Spare) -> asyncio.Task[Helper] | None:
    return spare._starting


async def read(spare: Spare) -> int:
    """How many items the document has, read by the spare reader or a new one."""
    async with aclosing(reading.batches(DOCUMENT, spare)) as found:
        return sum([len(batch.items) async for batch in found])


async def test_the_one_that_stands_ready_reads_and_another_is_prepared() -> None:
    async with Spare() as spare:
        assert await read(spare) == 1
        spare.prepare()
        spare.prepare()
        first, second = await spare.take(), await spare.take()
        assert first.process.pid != second.process.pid
        await asyncio.gather(first.end(), second.end())


async def test_one_that_has_ended_meanwhile_reads_nothing() -> None:
    async with Spare() as spare:
        gone = await spare.take()
        spare.prepare()
        await gone.end()
        there = await spare.take()
        spare._starting = asyncio.create_task(asyncio.sleep(0, gone))
        assert await read(spare) == 1
        await there.end()


async def test_one_that_cannot_be_started_hinders_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(sys, "executable", str(tmp_path / "nowhere"))
        async with Spare() as spare:
            await asyncio.sleep(0.01)
            broken.undo()
            assert await read(spare) == 1
            spare.prepare()


async def test_none_is_started_before_it_is_entered_and_none_is_left_after_it() -> None:
    spare = Spare()
    spare.prepare()
    assert standing_ready(spare) is None
    async with spare:
        starting = standing_ready(spare)
        assert starting is not None
        reader = await starting
    assert reader.returncode is not None
    spare.prepare()
    assert await read(spare) == 1


async def test_a_reader_without_a_document_ends_when_its_input_does() -> None:
    reader = await started()
    reader.stdin.close()
    assert await reader.wait() == 0


FORKED = """
import asyncio, os, uvloop
from services.readers import started

os.register_at_fork(after_in_child=lambda: os.write(1, b"Python ran in the child"))

async def main():
    reader = await started()
    reader.stdin.close()
    await reader.wait()

uvloop.run(main())
"""


def test_no_lock_that_another_thread_held_can_hang_a_reader_that_is_started() -> None:
    told = subprocess.run([sys.executable, "-c", FORKED], capture_output=True, check=True, timeout=60)  # noqa: S603
    assert told.stdout + told.stderr == b""
