"""The object store of the Compose file, run on this machine as it says there."""

import asyncio
import os
import re
from asyncio.subprocess import DEVNULL
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from services.embedded.ports import remembered
from tests.deploy.material import Document, compose, filled, found

PARTS = ("master", "volume", "filer", "s3")
USUAL = {"8080": "-volume.port", "8333": "-s3.port"}
"""The ports that its health is asked at, and the options that choose others."""

PATIENCE = 60
"""Seconds."""


def variables(service: Document) -> dict[str, str]:
    """A service's environment; what has to be given is `given`."""
    return {name: filled(value) for name, value in service["environment"].items()}


@asynccontextmanager
async def serving(folder: Path) -> AsyncIterator[dict[str, str]]:
    """The bucket, with its files in a folder and on ports of its own; the API's variables, by which it is reached.

    It ends by kill -9. Skips the test where no such server is installed.
    """
    weed = found("weed")
    if weed is None:
        pytest.skip("no object store here")
    services = compose()["services"]
    flags = [f"-{part}.port{kind}" for part in PARTS for kind in ("", ".grpc")]
    ports = await remembered(folder / "ports.json", flags, {})
    here = {"-dir=/data": f"-dir={folder}", "-s3.ip.bind=0.0.0.0": "-s3.ip.bind=127.0.0.1"}
    said = [here.pop(word, word) for word in services["bucket"]["command"]]
    assert here == {}
    process = await asyncio.create_subprocess_exec(
        weed,
        *said,
        *(f"{flag}={port}" for flag, port in ports.items()),
        env={**os.environ, **variables(services["bucket"])},
        stdout=DEVNULL,
        stderr=DEVNULL,
    )
    asked = re.findall(r"http://127.0.0.1:(\d+)(/\w+)", str(services["bucket"]["healthcheck"]["test"]))
    urls = [f"http://127.0.0.1:{ports[USUAL[port]]}{path}" for port, path in asked]
    assert urls
    try:
        async with asyncio.timeout(PATIENCE):
            while not await _answer(urls):
                await asyncio.sleep(0.2)
        yield {**variables(services["api"]), "AWS_ENDPOINT": f"http://127.0.0.1:{ports['-s3.port']}"}
    finally:
        process.kill()
        await process.wait()


async def _answer(urls: Sequence[str]) -> bool:
    async with httpx.AsyncClient() as http:
        try:
            return all([(await http.get(url)).is_success for url in urls])
        except httpx.TransportError:
            return False
