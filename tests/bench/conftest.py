from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from bench.site import QUICK, Site, open_site

TINY = replace(
    QUICK, lives=2, commands=4, appends=10, rows=60, reads=10, caseload=90, cached=8, starts=4, timers=4, step=0.1
)


@pytest.fixture(scope="session")
async def site(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Site]:
    """A running stack, and a size at which everything takes a moment."""
    async with open_site(tmp_path_factory.mktemp("bench"), TINY) as site:
        yield replace(site, rounds=replace(site.rounds, warm=False))
