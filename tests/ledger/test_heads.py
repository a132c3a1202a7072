"""`closeout ledger verify --heads` and `--against`: a tail that was cut off, seen by who kept the heads."""

import json
from pathlib import Path

import pytest
from rich.console import Console

from activities.ledger.postgres import PostgresLedger
from activities.ledger.protocol import Fault, Head, Ledger
from activities.readmodels import READ_MODELS
from services import heads, runs
from services.settings import Settings
from tests.ledger.conftest import NOW, Connection, Server, command
from tests.ledger.test_proof import tamper
from workflows.decider import Command
from workflows.people import Actor, Role
from workflows.policy_book import PolicyBook
from workflows.registry import REGISTRY


async def seen(ledger: Ledger, tenant: str) -> dict[str, Head]:
    [found] = [each async for each in ledger.verify(tenant)]
    assert found.faults == ()
    return dict(found.heads)


async def lacking(ledger: Ledger, tenant: str, kept: dict[str, Head]) -> list[Fault]:
    return [fault async for fault in heads.compare(ledger, tenant, kept, await seen(ledger, tenant))]


async def test_a_record_that_only_grew_lacks_nothing(ledger: Ledger, tenant: str, tmp_path: Path) -> None:
    for name in ("tally/1", "tally/2"):
        await ledger.transact(tenant, name, command("open"), NOW)
    file = tmp_path / "heads.json"
    heads.write(file, {tenant: await seen(ledger, tenant)})
    kept = heads.read(file).root[tenant]
    assert json.loads(file.read_text())[tenant]["tally/1"] == {"seq": 1, "head": kept["tally/1"].head}
    await ledger.transact(tenant, "tally/1", command("add", amounts=[1, 2]), NOW)
    await ledger.transact(tenant, "tally/3", command("open"), NOW)
    assert await lacking(ledger, tenant, kept) == []


async def test_what_is_missing_shorter_or_other_is_found(ledger: Ledger, tenant: str) -> None:
    for name in ("tally/1", "tally/2"):
        await ledger.transact(tenant, name, command("open"), NOW)
        await ledger.transact(tenant, name, command("add", amount=1), NOW)
    good = await seen(ledger, tenant)
    kept = {
        "tally/0": Head(1, "a" * 64),
        "tally/1": Head(3, good["tally/1"].head),
        "tally/2": Head(1, good["tally/2"].head),
    }
    assert [(fault.stream, fault.seq) for fault in await lacking(ledger, tenant, kept)] == [
        ("tally/0", 1),
        ("tally/1", 3),
        ("tally/2", 1),
    ]


@pytest.mark.parametrize(
    ("content", "says"),
    [(None, "No such file"), ("{", "Invalid JSON"), ('{"t": {"s": {"seq": 1}}}', "/t/s/head: This field is required")],
)
def test_a_file_of_something_else_is_named(tmp_path: Path, content: str | None, says: str) -> None:
    file = tmp_path / "heads.json"
    if content is not None:
        file.write_text(content)
    with pytest.raises(heads.BadHeads, match=says):
        heads.read(file)


CUT = """
    DELETE FROM closeout.events WHERE tenant = '{tenant}' AND seq = 3;
    UPDATE closeout.streams AS s SET seq = 2, head = e.hash, status = 'open', state = s.state || '{{"status": "open"}}'
    FROM closeout.events AS e WHERE e.tenant = s.tenant AND e.stream = s.stream AND e.seq = 2 AND s.tenant = '{tenant}'
"""


async def test_a_tail_that_was_cut_off_is_found_by_who_kept_the_heads(
    postgres: PostgresLedger, owner: Connection, tenant: str
) -> None:
    await postgres.transact(tenant, "tally/1", command("open"), NOW)
    await postgres.transact(tenant, "tally/1", command("add", amount=1), NOW)
    await postgres.transact(tenant, "tally/1", command("close"), NOW)
    kept = await seen(postgres, tenant)
    await tamper(owner, CUT.format(tenant=tenant))
    [fault] = await lacking(postgres, tenant, kept)
    assert fault == Fault(tenant, "tally/1", 3, "the kept heads know this event, the stream ends at 2")


VANISH = """
    DELETE FROM closeout.events WHERE tenant = '{tenant}' AND stream = 'client/globex';
    DELETE FROM closeout.streams WHERE tenant = '{tenant}' AND stream = 'client/globex';
    DELETE FROM closeout.clients WHERE tenant = '{tenant}' AND key = 'globex'
"""


async def test_the_command_writes_and_compares(server: Server, owner: Connection, tenant: str, tmp_path: Path) -> None:
    ledger = await PostgresLedger.open(server.app, REGISTRY, PolicyBook.load(), READ_MODELS)
    admin = Actor(id="admin", roles=frozenset({Role.ADMIN}))
    for key in ("acme", "globex"):
        asked = Command(id="r1", name="register", body={"key": key, "name": key, "zone": "UTC"}, actor=admin)
        answer = await ledger.transact(tenant, f"client/{key}", asked, NOW)
        assert answer.refusal is None
    await ledger.close()
    settings, console = Settings(dsn=server.app), Console(record=True, soft_wrap=True)
    kept, later = tmp_path / "heads.json", tmp_path / "later.json"
    assert await runs.verify(settings, tenant, console, write=kept)
    assert await runs.verify(settings, tenant, console, against=kept)
    await tamper(owner, VANISH.format(tenant=tenant))
    assert await runs.verify(settings, tenant, console)
    assert not await runs.verify(settings, tenant, console, write=later, against=kept)
    assert "client/globex 1: the kept heads know this stream, the ledger does not" in console.export_text()
    assert not later.exists()
