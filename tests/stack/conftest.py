from collections.abc import AsyncIterator

import pytest

from services.settings import Settings
from services.stack import Stack


@pytest.fixture(scope="session")
async def servers(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Settings]:
    """The settings of servers without worker and API."""
    stack = Stack(Settings.load({"data": tmp_path_factory.mktemp("servers")}, {}), services=lambda *_: [])
    async with stack:
        yield stack.settings
