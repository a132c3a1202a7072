"""Documents read in a process of their own: what it hands back, and that nothing it meets harms or holds up others."""

import asyncio
import json
import os
import stat
import sys
from collections.abc import Sequence
from contextlib import aclosing
from pathlib import Path

import pytest
from anyio import CapacityLimiter

from activities.ledger.protocol import Unavailable
from services import reading
from services.intake import Context, Found, Limits, TooLarge, UnknownFormat, Unreadable
from services.intake.apart import BATCH, Asked, Batch
from services.intake.profiles import Column, Profile

PYTHON = sys.executable
FINDING = {"source": {"external_id": "7"}, "title": "Suppliers are not evaluated"}


def asked(document: bytes, limits: Limits | None = None, **how: str) -> Asked:
    return Asked(document, Context(client="acme", system="scanner", limits=limits or Limits()), **how)


def many(count: int) -> bytes:
    return json.dumps([{**FINDING, "source": {"external_id": str(index)}} for index in range(count)]).encode()


async def taken(one: Asked) -> list[Batch]:
    async with aclosing(reading.batches(one)) as found:
        return [batch async for batch in found]


async def whole(one: Asked) -> Sequence[Batch]:
    return await reading.whole(one, CapacityLimiter(1))


@pytest.fixture
def reader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The program that is started in place of a reader."""
    program = tmp_path / "reader"
    monkeypatch.setattr(sys, "executable", str(program))
    return program


def does(program: Path, *lines: str) -> None:
    program.write_text("\n".join(["#!/bin/sh", *lines, ""]))
    program.chmod(program.stat().st_mode | stat.S_IXUSR)


async def test_items_come_in_batches_and_in_the_documents_order() -> None:
    found = await taken(asked(many(BATCH + 1)))
    assert [(batch.format, len(batch.items)) for batch in found] == [("json", BATCH), ("json", 1)]
    items = [item for batch in found for item in batch.items]
    assert [item.finding.source.external_id for item in items if isinstance(item, Found)] == [
        str(index) for index in range(BATCH + 1)
    ]


@pytest.mark.parametrize("padding", ["", " " * reading.SMALL], ids=["here", "in a process"])
async def test_clients_that_one_finding_is_told_with_are_asked_about_while_it_is_read(padding: str) -> None:
    names = ("acme", "Acme Ltd", "globex")
    told = [{**FINDING, "title": name, "client": name} for name in names]
    questions: list[frozenset[str]] = []

    async def naming(asked: frozenset[str]) -> dict[str, str]:
        questions.append(asked)
        return {"acme": "acme", "Acme Ltd": "acme"}

    one = asked((json.dumps(told) + padding).encode())
    [batch] = await reading.whole(one, CapacityLimiter(1), naming)
    assert [item.finding.title for item in batch.items if isinstance(item, Found)] == ["Acme Ltd", "Acme Ltd", "globex"]
    assert questions == [frozenset(names)]
    await reading.whole(asked(many(3) + padding.encode()), CapacityLimiter(1), naming)
    assert len(questions) == 1


@pytest.mark.parametrize("padding", ["", " " * reading.SMALL], ids=["here", "in a process"])
async def test_a_reader_whose_question_nobody_answers_ends(padding: str) -> None:
    async def away(_: frozenset[str]) -> dict[str, str]:
        raise Unavailable("the database is away")

    one = asked((json.dumps([{**FINDING, "client": name} for name in ("acme", "Acme Ltd")]) + padding).encode())
    readers = CapacityLimiter(1)
    with pytest.raises(Unavailable):
        await reading.whole(one, readers, away)
    assert readers.borrowed_tokens == 0
    async with reading.Ahead(one, None, away) as ahead:
        with pytest.raises(Unavailable):
            [batch async for batch in ahead]


async def test_who_finds_no_reader_free_is_told_to_come_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "PATIENCE", 0.05)
    readers, another, large = CapacityLimiter(1), object(), asked(many(3) + b" " * reading.SMALL)
    readers.acquire_on_behalf_of_nowait(another)
    with pytest.raises(Unavailable):
        await reading.whole(large, readers)
    assert await reading.whole(asked(many(3)), readers)
    readers.release_on_behalf_of(another)
    assert await reading.whole(large, readers) == await taken(asked(many(3)))
    assert readers.borrowed_tokens == 0


async def test_a_small_document_is_read_here_to_the_same_end() -> None:
    small = asked(many(3))
    assert await whole(small) == await taken(small)
    large = asked(many(3) + b" " * reading.SMALL)
    assert await whole(large) == await taken(small)


@pytest.mark.parametrize("pad", [b"", b" " * reading.SMALL])
async def test_refusals_say_the_same_from_there(pad: bytes) -> None:
    with pytest.raises(Unreadable) as broken:
        await whole(asked(b'[\n{"title": }]' + pad))
    assert (broken.value.code, broken.value.line, broken.value.column) == ("not_json", 2, 11)
    with pytest.raises(UnknownFormat) as unknown:
        await whole(asked(b'{"a": 1}' + pad))
    assert "json" in unknown.value.considered
    assert unknown.value.lacks["sarif"]
    with pytest.raises(TooLarge) as large:
        await whole(asked(many(2) + pad, Limits(items=1)))
    assert large.value.code == "too_many_items"


async def test_a_document_that_takes_too_long_is_ended() -> None:
    lines = b"{}\n" * 400_000
    with pytest.raises(TooLarge) as slow:
        await taken(asked(lines, Limits(items=10**6, seconds=1), format="ndjson"))
    assert slow.value.code == "too_slow"


async def test_a_document_that_takes_too_much_memory_is_ended() -> None:
    lists = b"[" + b"[]," * 6_000_000 + b"[]]"
    with pytest.raises(TooLarge) as large:
        await taken(asked(lists, Limits(items=10**7, memory=2**28), format="json"))
    assert large.value.code == "too_much_memory"


@pytest.mark.parametrize(("signal", "number"), [("KILL", -9), ("ABRT", -6), ("SEGV", -11)])
async def test_a_reader_that_dies_is_an_error_that_says_so(reader: Path, signal: str, number: int) -> None:
    does(reader, f"kill -{signal} $$")
    with pytest.raises(Unreadable) as died:
        await taken(asked(many(BATCH * 15)))
    assert (died.value.code, died.value.detail) == ("reader_failed", f"Its reader ended before its time ({number}).")


async def test_a_reader_that_dies_within_a_frame_is_one_too(reader: Path) -> None:
    does(reader, r"printf '\000\000\001\000half'", "head -c 10 >/dev/null")
    with pytest.raises(Unreadable) as died:
        await taken(asked(many(1)))
    assert died.value.code == "reader_failed"


async def test_a_reader_is_gone_once_nobody_wants_its_items(reader: Path, tmp_path: Path) -> None:
    does(reader, f"echo $$ >{tmp_path}/pid", f'exec "{PYTHON}" -P -m services.intake')
    reading_it = reading.batches(asked(many(BATCH * 15)))
    async with aclosing(reading_it):
        await anext(reading_it)
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "pid").read_text()), 0)


async def test_a_cancelled_reader_is_gone_as_well(reader: Path, tmp_path: Path) -> None:
    does(reader, f"echo $$ >{tmp_path}/pid", "exec sleep 3600")
    waiting = asyncio.create_task(taken(asked(many(1))))
    while not (tmp_path / "pid").exists() or not (tmp_path / "pid").read_text():
        await asyncio.sleep(0.01)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "pid").read_text()), 0)


async def test_a_reader_learns_no_secret(reader: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLOSEOUT_DSN", "postgresql://u:hunter2@h/d")
    does(reader, f"env >{tmp_path}/env")
    with pytest.raises(Unreadable):
        await taken(asked(many(1)))
    told = (tmp_path / "env").read_text()
    assert "PATH=" in told
    assert "hunter2" not in told


async def test_a_table_that_comes_with_a_profile_is_read_by_it() -> None:
    document = b"Date,Title,Severity,Description,Url\n01/30/2026,A,Low,D,\n"
    [plain] = await whole(asked(document))
    assert plain.format == "defectdojo"
    profile = Profile(fields={"external_id": Column(columns=("Date",)), "title": Column(columns=("Description",))})
    by_profile = Asked(document, Context(client="acme", system="log", profile=profile))
    [batch] = await whole(by_profile)
    [item] = batch.items
    assert batch.format == "csv"
    assert batch.notes == (
        "Code page utf-8, certain.",
        "Columns are parted by commas, as found.",
        "The header is line 1.",
    )
    assert isinstance(item, Found)
    assert (item.finding.title, item.finding.source.external_id) == ("D", "01/30/2026")
