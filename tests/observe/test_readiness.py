"""Alive is who answers; ready is who can work; what is not ready is named."""

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from os import kill

import asyncpg
import pytest

from activities.ledger.database import Database
from services import readiness
from services.connections import open_engine
from services.settings import Settings
from tests.observe.conftest import Watched
from tests.stack.test_stack import descendants

BOTH = pytest.mark.parametrize("process", ["api", "worker"])
MIGRATION = "0005_readiness.sql"


async def until_ready(watched: Watched, process: str) -> None:
    async with asyncio.timeout(30):
        while (await watched.get(process, "/readyz")).status_code != 200:
            await asyncio.sleep(0.1)


@asynccontextmanager
async def stopped(pid: int) -> AsyncIterator[None]:
    """A server that neither answers nor lets go of its connections, and then goes on."""
    pids = [pid, *descendants(pid)]
    for each in pids:
        kill(each, signal.SIGSTOP)
    try:
        yield
    finally:
        for each in pids:
            kill(each, signal.SIGCONT)


@BOTH
@pytest.mark.parametrize(
    ("server", "part", "other"), [("postgres", "database", "engine"), ("temporal", "engine", "database")]
)
async def test_a_server_that_is_away_is_named_and_found_again(
    watched: Watched, process: str, server: str, part: str, other: str
) -> None:
    await until_ready(watched, process)
    async with stopped(watched.up.ready.pids[server]):
        answer = await watched.get(process, "/readyz")
        assert answer.status_code == 503
        assert (answer.json()[part], answer.json()[other]) == ("away", "ok")
        assert (await watched.get(process, "/livez")).status_code == 200
    await until_ready(watched, process)


@BOTH
async def test_a_database_of_other_migrations_is_named(watched: Watched, process: str) -> None:
    await until_ready(watched, process)
    owner = await asyncpg.connect(watched.up.ready.dsn)
    try:
        await owner.execute("UPDATE closeout.migrations SET name = name || '.later' WHERE name = $1", MIGRATION)
        answer = await watched.get(process, "/readyz")
        assert answer.status_code == 503
        assert answer.json()["database"] == f"not migrated: {MIGRATION}; run closeout migrate"
        await owner.execute("UPDATE closeout.migrations SET name = $1 WHERE name = $1 || '.later'", MIGRATION)
        await owner.execute("INSERT INTO closeout.migrations (name, sha256) VALUES ('9999_newer.sql', '')")
        assert (await watched.get(process, "/readyz")).json()["database"] == "ok"
    finally:
        await owner.execute("DELETE FROM closeout.migrations WHERE name = '9999_newer.sql'")
        await owner.close()


async def test_what_was_never_there_is_named(watched: Watched) -> None:
    settings = Settings(temporal_address=watched.up.ready.temporal, temporal_namespace="nowhere")
    dsn = watched.up.ready.dsn
    bare = dsn.rpartition("/")[0] + "/postgres"
    engine = await open_engine(settings)
    database = await Database.open(bare)
    try:
        assert await readiness.parts(database, engine.client) == {
            "database": "not migrated: run closeout migrate",
            "engine": "no namespace nowhere: run closeout bootstrap",
        }
    finally:
        await database.close()


async def test_an_engine_that_nobody_serves_is_away(watched: Watched) -> None:
    engine = await open_engine(Settings(temporal_address="127.0.0.1:1"), lazy=True)
    database = await Database.open(watched.up.ready.dsn)
    try:
        assert (await readiness.parts(database, engine.client)) == {"database": "ok", "engine": "away"}
    finally:
        await database.close()
