"""One `closeout up` for the tests that look at it from outside."""

import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from services.demo.cast import Cast
from tests.e2e.conftest import Site, Up, policies


@dataclass(frozen=True)
class Watched:
    """A running stack, its people, and its logs."""

    up: Up
    cast: Cast
    logs: Path

    def lines(self, process: str, holds: Callable[[dict[str, Any]], bool]) -> list[dict[str, Any]]:
        """The lines of a process's log of which something holds; every line is JSON."""
        lines = [json.loads(line) for line in (self.logs / f"{process}.log").read_text().splitlines()]
        return [line for line in lines if holds(line)]

    async def get(self, process: str, path: str) -> httpx.Response:
        """What API or worker says of itself."""
        base = self.up.ready.api if process == "api" else self.up.ready.worker
        async with httpx.AsyncClient(trust_env=False, timeout=10) as http:
            return await http.get(f"{base}{path}")


@pytest.fixture(scope="session")
async def watched(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Watched]:
    folder = tmp_path_factory.mktemp("watched")
    soon = policies(folder / "policies", plan="PT4S", evidence="PT5S", closure="PT6S")
    site = Site(folder / "data", soon, {"CLOSEOUT_SWEEP_EVERY": "PT1S"})
    async with site.running() as (up, cast):
        yield Watched(up, cast, folder / "data" / "logs")
