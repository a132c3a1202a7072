"""`closeout bootstrap` on the real servers, and the logins that deploy/postgres makes for it."""

import asyncio
import os
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest, RegisterNamespaceRequest
from temporalio.client import Client

from activities.ledger.migrations import packaged
from services.embedded.wheels import postgres_programs
from services.provisioning import Unprovisioned, provision
from services.settings import Settings
from services.stack import Stack

CLOSEOUT = str(Path(sys.executable).with_name("closeout"))
ROLES = Path(__file__).parents[2] / "deploy" / "postgres" / "roles.sql"
WEEK = timedelta(days=7)


@pytest.fixture(scope="session")
async def servers(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Settings]:
    stack = Stack(Settings.load({"data": tmp_path_factory.mktemp("servers")}, {}), services=lambda *_: [])
    async with stack:
        yield stack.settings


@pytest.fixture
async def settings(servers: Settings) -> AsyncIterator[Settings]:
    """An empty database and the name of a namespace that is not there."""
    name = f"empty_{uuid4().hex[:8]}"
    owner = await asyncpg.connect(servers.owner)
    await owner.execute(f"CREATE DATABASE {name}")
    moved = {field: getattr(servers, field).rpartition("/")[0] + f"/{name}" for field in ("dsn", "owner_dsn")}
    yield servers.model_copy(update={**moved, "temporal_namespace": name.replace("_", "-")})
    await owner.execute(f"DROP DATABASE {name} WITH (FORCE)")
    await owner.close()


async def said(settings: Settings, **changed: object) -> list[str]:
    lines: list[str] = []
    await provision(settings.model_copy(update=changed), lines.append)
    return lines


async def described(settings: Settings) -> tuple[timedelta, str]:
    """Retention and description of the namespace."""
    client = await Client.connect(**settings.engine())
    found = await client.workflow_service.describe_namespace(DescribeNamespaceRequest(namespace=client.namespace))
    return found.config.workflow_execution_retention_ttl.ToTimedelta(), found.namespace_info.description


async def register(settings: Settings, retention: timedelta) -> None:
    client = await Client.connect(**settings.engine())
    request = RegisterNamespaceRequest(namespace=client.namespace, description="somebody's own")
    request.workflow_execution_retention_period.FromTimedelta(retention)
    await client.workflow_service.register_namespace(request)


async def test_twice_in_a_row_makes_everything_once(settings: Settings) -> None:
    namespace = settings.temporal_namespace
    assert await said(settings) == [
        f"ledger: applied {', '.join(packaged())}",
        f"namespace {namespace}: made, retention 7 days, 0:00:00",
    ]
    assert (await described(settings))[0] == WEEK
    assert await said(settings) == [
        "ledger: up to date",
        f"namespace {namespace}: there, retention 7 days, 0:00:00",
    ]


async def test_several_at_once_make_everything_once(settings: Settings) -> None:
    lines = [line for lines in await asyncio.gather(*(said(settings) for _ in range(3))) for line in lines]
    assert sum("applied" in line for line in lines) == 1
    assert sum("made" in line for line in lines) == 1


async def test_a_namespace_with_another_retention_gets_ours_and_keeps_the_rest(settings: Settings) -> None:
    await register(settings, timedelta(days=30))
    lines = await said(settings)
    assert (
        lines[1] == f"namespace {settings.temporal_namespace}: "
        "retention changed from 30 days, 0:00:00 to 7 days, 0:00:00"
    )
    assert await described(settings) == (WEEK, "somebody's own")


async def test_a_namespace_that_others_keep_is_left_alone_and_must_be_there(settings: Settings) -> None:
    with pytest.raises(Unprovisioned, match="is not there, and CLOSEOUT_TEMPORAL_RETENTION=none has others make it"):
        await said(settings, temporal_retention=None)
    await register(settings, timedelta(days=30))
    assert (await said(settings, temporal_retention=None))[1].endswith("there, retention 30 days, 0:00:00")
    assert await described(settings) == (timedelta(days=30), "somebody's own")


async def test_what_is_away_is_named(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Unprovisioned, match="the ledger cannot answer now"):
        await said(settings, owner_dsn="postgresql://nobody@127.0.0.1:1/nothing")
    with pytest.raises(Unprovisioned, match="the engine does not answer"):
        await said(settings, temporal_address="127.0.0.1:1")
    monkeypatch.setenv("TEMPORAL_CONFIG_FILE", os.devnull)
    monkeypatch.delenv("TEMPORAL_ADDRESS", raising=False)
    with pytest.raises(Unprovisioned, match="set CLOSEOUT_TEMPORAL_ADDRESS"):
        await said(settings, temporal_address="")


async def command(*argv: str, **environ: str) -> tuple[int | None, str, str]:
    """Exit code, output and errors of a program that has this environment alone."""
    process = await asyncio.create_subprocess_exec(
        *argv, env={"PATH": os.environ.get("PATH", os.defpath), **environ}, stdout=PIPE, stderr=PIPE
    )
    output, errors = await process.communicate()
    return process.returncode, output.decode(), errors.decode()


async def test_the_logins_of_compose_are_enough_and_the_lesser_one_owns_nothing(settings: Settings) -> None:
    """deploy/postgres/roles.sql as psql runs it, then the command as the container runs it."""
    administrator = settings.owner.rpartition("/")[0] + "/postgres"
    host = settings.owner.rpartition("@")[2].rpartition("/")[0]
    passwords = {"LEDGER_OWNER_PASSWORD": "it's / owner:1", "LEDGER_PASSWORD": "lo@gin"}
    owner = await asyncpg.connect(administrator)
    try:
        ran = await command(str(postgres_programs() / "psql"), "-qX", "-f", str(ROLES), administrator, **passwords)
        assert ran == (0, "", "")
        environ = {
            "CLOSEOUT_DSN": f"postgresql://ledger_owner@{host}/ledger",
            "PGPASSWORD": passwords["LEDGER_OWNER_PASSWORD"],
            "TEMPORAL_ADDRESS": settings.temporal_address,
            "TEMPORAL_NAMESPACE": settings.temporal_namespace,
        }
        code, output, errors = await command(CLOSEOUT, "bootstrap", **environ)
        assert (code, errors) == (0, "")
        assert len(output.splitlines()) == 2
        worker = environ | {
            "CLOSEOUT_DSN": f"postgresql://ledger_login@{host}/ledger",
            "PGPASSWORD": passwords["LEDGER_PASSWORD"],
        }
        code, _, errors = await command(CLOSEOUT, "ledger", "verify", **worker)
        assert (code, errors) == (0, "")
        code, _, errors = await command(CLOSEOUT, "bootstrap", **worker)
        assert code == 2
        assert errors.count("\n") == 1
        assert "permission denied" in errors
    finally:
        await owner.execute("DROP DATABASE IF EXISTS ledger WITH (FORCE)")
        await owner.execute("DROP ROLE IF EXISTS ledger_owner, ledger_login")
        await owner.close()


async def test_a_login_that_may_not_act_as_the_application_is_told_what_is_missing(settings: Settings) -> None:
    owner = await asyncpg.connect(settings.owner)
    role = f"stranger_{uuid4().hex[:8]}"
    await owner.execute(f"CREATE ROLE {role} LOGIN PASSWORD 'secret'")
    try:
        with pytest.raises(Unprovisioned, match="GRANT closeout_app TO"):
            await said(settings, dsn=f"postgresql://{role}:secret@{settings.dsn.rpartition('@')[2]}")
    finally:
        await owner.execute(f"DROP ROLE {role}")
        await owner.close()
