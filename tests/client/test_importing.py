"""`closeout import` as users run it, against the API on 127.0.0.1."""

import asyncio
import csv
import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.api.conftest import FINDING
from tests.client.conftest import Clients

TRICK = "\x1b[2J[red]gone[/] \u202eright to left"


@pytest.fixture
async def key(clients: Clients) -> str:
    return await clients.desk.key("scanner")


def written(file: Path, *names: str, **more: Any) -> Path:
    """A document with a finding under each name."""
    findings = [FINDING | {"grade": None, "source": {"system": "x", "external_id": name}} | more for name in names]
    file.write_text(json.dumps(findings))
    return file


async def started(clients: Clients, key: str, *asked: str | Path) -> asyncio.subprocess.Process:
    argv = [sys.executable, "-m", "services.cli", "import", "--api", clients.address, *asked]
    pipe = asyncio.subprocess.PIPE
    environ = os.environ | {"CLOSEOUT_KEY": key, "COLUMNS": "200"}
    return await asyncio.create_subprocess_exec(*argv, env=environ, stdout=pipe, stderr=pipe)


async def ended(clients: Clients, key: str, *asked: str | Path) -> tuple[int | None, str, str]:
    """Exit code, and what it said on both of its outputs."""
    process = await started(clients, key, *asked)
    out, err = await process.communicate()
    return process.returncode, out.decode(), err.decode()


async def test_documents_and_their_receipts(clients: Clients, key: str, tmp_path: Path) -> None:
    good, more = written(tmp_path / "good.json", "1", "2"), written(tmp_path / "more.json", "2", "3")
    code, out, err = await ended(clients, key, good, more)
    assert (code, err) == (0, "")
    assert "2 of 2 read, 2 created" in out and "2 of 2 read, 1 created, 1 duplicate" in out
    assert "external id" not in out
    code, out, _ = await ended(clients, key, good, "--verbose")
    assert code == 0 and "external id" in out and out.count("duplicate") == 3


async def test_a_dry_run_says_what_would_become_of_each_and_records_nothing(
    clients: Clients, key: str, tmp_path: Path
) -> None:
    known, one = written(tmp_path / "known.json", "1", "2", "3"), tmp_path / "news.json"
    assert (await ended(clients, key, known))[0] == 0
    first, *_ = [case async for case in clients.of("auditor").nonconformities(source="scanner")]
    await clients.of("auditor").command(first.id, "issue", grade="ofi")
    seen = await clients.of("reviewer").nonconformity(first.id)
    await clients.of("reviewer").sign(seen, "close", statement="Noted.")
    closed = seen.raw["source"]["external_id"]
    same = {name: FINDING | {"grade": None, "source": {"system": "x", "external_id": name}} for name in "1234"}
    changed, kept = (name for name in "123" if name != closed)
    news = [same[closed], same[changed] | {"title": "Another"}, same[kept], same["4"], same["4"]]
    strange = [same["4"] | {"client": "nobody"}, same[kept] | {"client": "globex"}]
    one.write_text(json.dumps([*news, *strange]))
    counts = "1 created, 2 duplicate, 1 updated, 1 recurred, 2 rejected"
    code, out, err = await ended(clients, key, one, "--dry-run")
    assert (code, err) == (1, "")
    assert f"json: {counts}" in out
    assert "nobody is not registered" in out and (seen.number or "-") in out
    assert await ended(clients, key, one, "--dry-run") == (code, out, err), "nothing was recorded"
    _, out, _ = await ended(clients, key, one)
    assert f"7 of 7 read, {counts}" in out, "as it was foreseen"


async def test_a_dry_run_knows_what_an_import_is_told_of_clients(clients: Clients, key: str, tmp_path: Path) -> None:
    passed = tmp_path / "passed.toml"
    fields = 'external_id = "Id"\ntitle = "Title"\n[[skip]]\ncolumn = "Status"\nvalues = {ok = "passed"}\n'
    passed.write_text(f"[fields]\n{fields}")
    await clients.desk.ask("manager", "PUT", "/v1/profiles/passed", content=passed.read_bytes())
    log = tmp_path / "log.csv"
    log.write_text("Id,Title,Status\n1,x,open\n")
    assert (await ended(clients, key, log, "--profile", "passed", "--client", "acme"))[0] == 0
    log.write_text("Id,Title,Status\n1,x,ok\n2,y,open\n")
    for client, counts in (("nobody", "2 rejected"), ("acme", "1 created, 1 updated")):
        _, out, _ = await ended(clients, key, log, "--dry-run", "--profile", passed, "--client", client)
        assert f"csv: {counts}" in out
        _, real, _ = await ended(clients, key, log, "--profile", "passed", "--client", client)
        assert counts in real, "as it was foreseen"

    creating = await clients.desk.key("cloud", may_create_clients=True)
    log.write_text("external_id,title,client\n1,x,No Key Ltd\n")
    for asked in (["--dry-run"], []):
        _, out, _ = await ended(clients, creating, log, *asked)
        assert "1 rejected" in out and "Line 2, column 'client': The client No Key Ltd is not registered." in out


async def test_a_dry_run_shows_ids_as_they_came(clients: Clients, key: str, tmp_path: Path) -> None:
    _, out, _ = await ended(clients, key, written(tmp_path / "nul.json", "9\x00a"), "--dry-run")
    assert "9\N{REPLACEMENT CHARACTER}a " in out


async def test_how_a_table_was_read_is_said(clients: Clients, key: str, tmp_path: Path) -> None:
    log = tmp_path / "log.csv"
    log.write_text("External ID;Title;Client\n1;x;acme\n")
    code, out, _ = await ended(clients, key, log)
    assert code == 0
    assert f"{log}: read as csv. Code page utf-8, certain. Columns are parted by semicolons, as found." in out


async def test_what_is_rejected_is_shown_and_harmless(clients: Clients, key: str, tmp_path: Path) -> None:
    bad, table = written(tmp_path / "bad.json", TRICK, client="nobody"), tmp_path / "receipts.csv"
    code, out, _ = await ended(clients, key, bad, "--receipts", table)
    assert code == 1
    assert "1 rejected" in out and "nobody" in out
    assert "\x1b" not in out and "\u202e" not in out and "[red]gone[/]" in out
    with table.open(newline="") as rows:
        [receipt] = csv.DictReader(rows)
    assert (receipt["result"], receipt["code"]) == ("rejected", "client_unknown")


async def test_what_cannot_be_read_says_where_and_loses_no_other(clients: Clients, key: str, tmp_path: Path) -> None:
    broken, good = tmp_path / "broken.json", written(tmp_path / "good.json", "1")
    broken.write_text('[{"title": "x"},\n   oops]')
    code, out, err = await ended(clients, key, broken, good)
    assert code == 2
    assert err.startswith(f"{broken}:2:4: ") and len(err.splitlines()) == 1
    assert "1 of 1 read, 1 created" in out
    code, _, err = await ended(clients, key, good, "--profile", "none")
    assert (code, "not_found" in err) == (2, True)
    code, _, err = await ended(clients, "ck_nobody", good)
    assert (code, "invalid_key" in err) == (2, True)


async def test_who_stops_watching_an_import_can_go_on(clients: Clients, key: str, tmp_path: Path) -> None:
    document = written(tmp_path / "many.json", *(str(n) for n in range(4000)))
    process = await started(clients, key, document)
    scanner = clients.of(key)
    async with asyncio.timeout(60):
        while not (listed := [one async for one in scanner.pages("/v1/imports") if one["created"]]):
            await asyncio.sleep(0.02)
    process.send_signal(signal.SIGINT)
    out, _ = await process.communicate()
    assert process.returncode == 130
    assert f"closeout import --follow {listed[0]['id']}" in out.decode()
    code, said, _ = await ended(clients, key, "--follow", listed[0]["id"])
    assert code == 0 and "4000 of 4000 read, 4000 created" in said


@pytest.mark.parametrize(
    "asked",
    [[], ["--dry-run", "--follow", "1"], ["--watch", ".", "--follow", "1"], ["--watch", ".", "--receipts", "x"]],
)
async def test_what_cannot_be_asked(clients: Clients, key: str, asked: list[str]) -> None:
    code, out, err = await ended(clients, key, *asked)
    assert (code, out, len(err.splitlines())) == (2, "", 1)
