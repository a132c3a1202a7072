"""Two clients of one certification body and one of another, each with something of everything."""

from collections.abc import AsyncIterator

import pytest

from tests.api.conftest import Office, http, office
from tests.leaks.estates import Estate, estates

__all__ = ["http", "office"]


@pytest.fixture(scope="session")
async def three(office: Office) -> AsyncIterator[tuple[Estate, Estate, Estate]]:
    """The client that seeks, another client of its certification body, and the client of another body."""
    async with estates(office) as built:
        yield built
