"""A folder that is watched: what is complete is imported once, and moved beside its receipts."""

import asyncio
import io
import json
import os
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from services import watching
from services.runs import Unusable
from services.sending import Address, Reading
from tests.client.conftest import Clients
from tests.client.test_importing import written


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "POLL", 0.1)


@pytest.fixture
async def key(clients: Clients) -> str:
    return await clients.desk.key("scanner")


@pytest.fixture
async def folder(clients: Clients, key: str, tmp_path: Path) -> AsyncIterator[Path]:
    """A folder that is watched for the length of a test."""
    (tmp_path / "in").mkdir()
    console = Console(quiet=True)
    watched = asyncio.create_task(watching.watch(tmp_path / "in", Reading(), Address(clients.address, key), console))
    yield tmp_path / "in"
    watched.cancel()
    with suppress(asyncio.CancelledError):
        await watched


async def there(*files: Path) -> None:
    async with asyncio.timeout(30):
        while not all(file.exists() for file in files):
            await asyncio.sleep(0.05)


async def imports(clients: Clients, key: str) -> list[Any]:
    return [one async for one in clients.of(key).pages("/v1/imports")]


async def test_a_document_is_moved_beside_its_receipts(
    clients: Clients, key: str, folder: Path, tmp_path: Path
) -> None:
    document = written(tmp_path / "weekly.json", "1", "2")
    content = document.read_bytes()
    document.replace(folder / "weekly.json")
    await there(folder / "done" / "weekly.json")
    assert (folder / "done" / "weekly.json").read_bytes() == content
    assert (folder / "done" / "weekly.json.receipts.csv").read_text().count("created") == 2
    written(folder / "bad.json", "3", client="nobody")
    (folder / "broken.json").write_text("[{")
    await there(folder / "failed" / "bad.json", folder / "failed" / "broken.json")
    assert "client_unknown" in (folder / "failed" / "bad.json.receipts.csv").read_text()
    assert (folder / "failed" / "broken.json.problem.txt").read_text().startswith("broken.json:1:")
    assert not [file for file in folder.iterdir() if file.is_file()]


async def test_what_is_not_complete_is_left(clients: Clients, key: str, folder: Path) -> None:
    hidden, empty, growing = folder / ".hidden.json", folder / "empty.json", folder / "growing.json"
    written(hidden, "1")
    empty.touch()
    document = json.dumps([{"title": "x" * 100}] * 20)
    with growing.open("w") as file:
        for letter in range(0, len(document), 100):
            file.write(document[letter : letter + 100])
            file.flush()
            await asyncio.sleep(0.04)
    await there(folder / "failed" / "growing.json")
    assert {file.name for file in folder.iterdir() if file.is_file()} == {".hidden.json", "empty.json"}
    [one] = await imports(clients, key)
    assert (one["name"], one["read"]) == ("growing.json", 20)


async def test_the_same_document_is_the_same_import_unless_it_was_rejected(
    clients: Clients, key: str, folder: Path, tmp_path: Path
) -> None:
    """So it is where the watcher died before it could move the document away."""
    document = written(tmp_path / "weekly.json", "1").read_bytes()
    for _ in range(2):
        (folder / "weekly.json").write_bytes(document)
        await there(folder / "done" / "weekly.json")
        (folder / "done" / "weekly.json").unlink()
    assert len(await imports(clients, key)) == 1
    rejected = written(tmp_path / "late.json", "2", client="initech").read_bytes()
    (folder / "late.json").write_bytes(rejected)
    await there(folder / "failed" / "late.json")
    registered = await clients.desk.ask("manager", "POST", "/v1/clients", {"key": "initech", "name": "Initech"})
    assert registered.status_code == 201
    (folder / "failed" / "late.json").replace(folder / "late.json")
    await there(folder / "done" / "late.json")
    assert len(await imports(clients, key)) == 3


async def test_another_document_of_the_same_name_replaces_none(folder: Path) -> None:
    for name in ("1", "2"):
        written(folder / "weekly.json", name)
        while (folder / "weekly.json").exists():
            await asyncio.sleep(0.05)
    assert len([file for file in (folder / "done").iterdir() if file.suffix == ".json"]) == 2


async def test_a_name_that_fits_nowhere_is_shortened_and_ends_nothing(
    clients: Clients, key: str, tmp_path: Path
) -> None:
    folder, said = tmp_path / "in", io.StringIO()
    folder.mkdir()
    content = written(tmp_path / "weekly.json", "1").read_bytes()
    names = [b"bad\xff.json", b"x" * 245 + b".json", b"\x1b[2J.json"]
    for raw in names:
        (folder / os.fsdecode(raw)).write_bytes(content)
    console = Console(file=said, width=1000)
    watched = asyncio.create_task(watching.watch(folder, Reading(), Address(clients.address, key), console))
    await there(folder / "failed" / r"bad\xff.json", folder / "done" / "\x1b[2J.json")
    while any(file.is_file() for file in folder.iterdir()):
        await asyncio.sleep(0.05)
    (folder / "next.json").write_bytes(content)
    await there(folder / "done" / "next.json")
    watched.cancel()
    with suppress(asyncio.CancelledError):
        await watched
    failed = {file.name for file in (folder / "failed").iterdir() if file.suffix == ".json"}
    [long] = failed - {r"bad\xff.json"}
    assert len(long) == watching.LONGEST
    for name in failed:
        assert (folder / "failed" / name).read_bytes() == content
        assert "unfit_name" in (folder / "failed" / f"{name}.problem.txt").read_text()
    assert "\x1b" not in said.getvalue()


async def test_a_watcher_whose_key_is_refused_ends(clients: Clients, tmp_path: Path) -> None:
    written(tmp_path / "weekly.json", "1")
    with pytest.raises(Unusable, match="invalid_key"):
        await watching.watch(tmp_path, Reading(), Address(clients.address, "ck_nobody"), Console(quiet=True))
    assert (tmp_path / "weekly.json").exists()


async def test_a_folder_that_is_gone_ends_it(clients: Clients, key: str, tmp_path: Path) -> None:
    with pytest.raises(Unusable, match="none"):
        await watching.watch(tmp_path / "none", Reading(), Address(clients.address, key), Console(quiet=True))


async def test_a_document_that_cannot_be_read_is_told_once_and_holds_up_no_other(
    clients: Clients, key: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    locked, other, told = tmp_path / "a.json", tmp_path / "b.json", io.StringIO()
    written(locked, "1")
    written(other, "2")
    read, refuses = Path.read_bytes, True

    def reads(file: Path) -> bytes:
        # Modes keep nobody out who runs the tests as root.
        if refuses and file == locked:
            raise PermissionError(13, "Permission denied", str(file))
        return read(file)

    monkeypatch.setattr(Path, "read_bytes", reads)
    console = Console(file=told, width=300)
    watched = asyncio.create_task(watching.watch(tmp_path, Reading(), Address(clients.address, key), console))
    await there(tmp_path / "done" / "b.json")
    await asyncio.sleep(4 * watching.POLL)
    assert locked.exists()
    assert told.getvalue().count("a.json: Permission denied; it is left there") == 1
    refuses = False
    await there(tmp_path / "done" / "a.json")
    watched.cancel()
    with suppress(asyncio.CancelledError):
        await watched
