from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from uuid import uuid4

import asyncpg
import pytest

from activities.ledger.migrations import migrate
from services.bootstrap import introduce
from services.doctor.checks import Finding, Result
from services.doctor.examination import examination
from services.doctor.report import well
from services.ready import Ready
from services.settings import Settings
from services.stack import Stack
from tests.e2e.conftest import own_port

OF_POSTGRES = {"postgres version", "postgres role", "migrations", "durability", "connections", "clock"}
OF_THE_LEDGER = {"wake-ups", "reactions", "chains"}
OF_THE_ENGINE = {"namespace", "workflow pollers", "activity pollers", "pollers beside", "sweep", "worker"}


@dataclass(frozen=True)
class Place:
    """The real stack of this session."""

    settings: Settings
    ready: Ready

    async def examined(self, environ: Mapping[str, str] | None = None, *, whole: bool = False) -> "Report":
        """What the doctor finds on the data folder."""
        return Report(await examination(self.settings.data, None, environ or {}, None, whole))


@dataclass(frozen=True)
class Report:
    findings: list[Finding]

    def __getitem__(self, name: str) -> Finding:
        [finding] = [finding for finding in self.findings if finding.name == name]
        return finding

    def results(self, result: Result) -> set[str]:
        return {finding.name for finding in self.findings if finding.result is result}


def broken(report: Report, name: str, found: str, mend: str) -> None:
    """That this check failed, so, with this remedy."""
    finding = report[name]
    assert finding.result is Result.FAIL, finding
    assert found in finding.found
    assert mend in finding.mend
    assert not well(report.findings)


@dataclass(frozen=True)
class Elsewhere:
    """The same servers as a deployment names them: by settings in the environment, with a database of its own."""

    place: Place
    dsn: str
    owner: str

    async def examined(self, **changed: str) -> Report:
        settings = self.place.settings
        environ = {
            "CLOSEOUT_DSN": self.dsn,
            "CLOSEOUT_TEMPORAL_ADDRESS": settings.temporal_address,
            "CLOSEOUT_TEMPORAL_RETENTION": "P1D",
            "CLOSEOUT_PUBLIC_URL": settings.local_url,
            "CLOSEOUT_TOKEN_KEY": str(settings.token_key),
            **changed,
        }
        return Report(await examination(None, None, environ, None, False))

    async def execute(self, statement: str) -> None:
        """As a superuser, whom nothing stops."""
        connection = await asyncpg.connect(self.owner)
        try:
            await connection.execute(statement)
        finally:
            await connection.close()


@pytest.fixture(scope="session")
async def place(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Place]:
    given = {"data": tmp_path_factory.mktemp("place"), "listen_port": int(own_port())}
    stack = Stack(Settings.load(given, {}), introduce=introduce)
    async with stack as ready:
        yield Place(stack.settings, ready)


@pytest.fixture
async def elsewhere(place: Place) -> AsyncIterator[Elsewhere]:
    name = f"elsewhere_{uuid4().hex[:8]}"
    server = await asyncpg.connect(place.settings.owner)
    await server.execute(f"CREATE DATABASE {name}")
    dsn, owner = (each.rpartition("/")[0] + f"/{name}" for each in (place.settings.dsn, place.settings.owner))
    await migrate(owner)
    await introduce(place.settings.model_copy(update={"dsn": dsn}))
    yield Elsewhere(place, dsn, owner)
    await server.execute(f"DROP DATABASE {name} WITH (FORCE)")
    await server.close()
