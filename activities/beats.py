"""Signs of life of an activity that takes its time."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from temporalio import activity

BEAT = 1.0
"""Seconds between two of them."""


@asynccontextmanager
async def beating() -> AsyncIterator[None]:
    """Has the engine know, beat by beat, that the worker of this activity still lives."""

    async def beat() -> None:
        while True:
            await asyncio.sleep(BEAT)
            activity.heartbeat()

    task = asyncio.create_task(beat())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
