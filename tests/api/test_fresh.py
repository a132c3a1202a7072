"""A database that nobody has analysed yet: the planner knows nothing of its tables."""

from collections.abc import AsyncIterator
from uuid import uuid4

import asyncpg
import httpx
import pytest

from activities.ledger.migrations import migrate
from services.api.app import create_app
from services.connections import open_ledger
from tests.api.conftest import Desk, Office
from tests.api.test_findings import finding
from workflows.policy_book import PolicyBook


@pytest.fixture
async def fresh(office: Office) -> AsyncIterator[Desk]:
    """A desk over a database that was made just now and is never analysed."""
    name = f"fresh{uuid4().hex[:8]}"
    owner = await asyncpg.connect(office.settings.owner)
    await owner.execute(f"CREATE DATABASE {name}")
    address = {
        kind: elsewhere(dsn, name) for kind, dsn in (("dsn", office.settings.dsn), ("owner_dsn", office.settings.owner))
    }
    settings = office.settings.model_copy(update=address)
    await migrate(settings.owner)
    connection = await asyncpg.connect(settings.owner)
    for table in await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'closeout'"):
        await connection.execute(f"ALTER TABLE closeout.{table[0]} SET (autovacuum_enabled = off)")
    await connection.close()
    ledger = await open_ledger(settings)
    app = create_app(ledger, office.app.state.api.engine, ledger.database, settings, PolicyBook.load())
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://api", timeout=60) as http:
        desk = Desk("fresh", office, http)
        made = await desk.ask("manager", "POST", "/v1/clients", {"key": "acme", "name": "Acme"})
        assert made.status_code == 201
        yield desk
    await app.state.api.nudges.close()
    await ledger.close()
    await owner.execute(f"DROP DATABASE {name} WITH (FORCE)")
    await owner.close()


def elsewhere(dsn: str, name: str) -> str:
    """The same server's address of another database."""
    head, mark, query = dsn.partition("?")
    return f"{head.rpartition('/')[0]}/{name}{mark}{query}"


@pytest.mark.parametrize(("rights", "status"), [({"may_state_grades": True}, "open"), ({}, "reported")])
async def test_three_thousand_findings_at_once(fresh: Desk, rights: dict[str, bool], status: str) -> None:
    key = await fresh.key("scanner", **rights)
    batch = [finding(str(number)) for number in range(3000)]
    answer = await fresh.ask(key, "POST", "/v1/findings", batch)
    assert answer.status_code == 201, answer.text[:300]
    items = answer.json()["items"]
    assert {item["status"] for item in items} == {status}
    assert len({item["number"] for item in items}) == (3000 if status == "open" else 1)
    again = (await fresh.ask(key, "POST", "/v1/findings", batch)).json()
    assert again["duplicates"] == 3000
    told = [[item[name] for name in ("id", "number", "status")] for item in items]
    assert [[item[name] for name in ("id", "number", "status")] for item in again["items"]] == told
