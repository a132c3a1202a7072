"""The bucket of the Compose file, and the API's variables for it, tried with the store that the API uses."""

from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import pytest

from activities.ledger.protocol import Unavailable
from services.evidence.store import PART, Store
from services.settings import Settings
from tests.deploy.bucket import serving

SIZES = (1, 2 * PART + 1)
"""Bytes: of an object that is written at once, and of one in parts."""


async def test_the_api_reaches_it_by_its_key_and_what_it_puts_there_outlives_a_crash(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with serving(tmp_path) as environ:
        store = reached(environ, monkeypatch)
        await store.ask()
        keys = {size: store.new_key("demo") for size in SIZES}
        for size, key in keys.items():
            await store.put(key, content(size))
    async with serving(tmp_path) as environ:
        for size, key in keys.items():
            assert b"".join([window async for window in store.read(key, 0, size)]) == bytes(size)
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            with pytest.raises(Unavailable, match="403"):
                await reached({**environ, name: "another"}, monkeypatch).ask()


def reached(environ: Mapping[str, str], patch: pytest.MonkeyPatch) -> Store:
    """The store that an API with these variables has."""
    for name, value in environ.items():
        if name.startswith("AWS_"):
            patch.setenv(name, value)
    return Store.of(Settings.load(environ=environ))


async def content(size: int) -> AsyncIterator[bytes]:
    """So many bytes, as an upload brings them."""
    for begin in range(0, size, PART):
        yield bytes(min(PART, size - begin))
