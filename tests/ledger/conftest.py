from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeAlias
from uuid import uuid4

import asyncpg
import pytest

from activities.ledger.memory import MemoryLedger
from activities.ledger.migrations import migrate
from activities.ledger.postgres import PostgresLedger
from activities.ledger.protocol import Fault, Ledger, Report, Word
from activities.readmodels import READ_MODELS
from services.embedded import ports
from services.embedded.children import Child
from services.embedded.postgres import Postgres
from tests.ledger.tally import PROJECTIONS, registry
from workflows.decider import Command, Registry
from workflows.people import Actor, Person
from workflows.policy_book import PolicyBook
from workflows.registry import REGISTRY

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
ACTOR = Actor(id="anna")


@dataclass(frozen=True)
class Server:
    """A Postgres of this session: `owner` migrates it and may do anything, `app` is what the application gets."""

    owner: str
    app: str
    pid: int


@pytest.fixture(scope="session")
async def server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Server]:
    folder = tmp_path_factory.mktemp("ledger")
    [port] = (await ports.remembered(folder / "ports.json", ["postgres"], {})).values()
    postgres = Postgres(folder, port)
    pids: list[int] = []
    child = Child(await postgres.prepare(), lambda _, pid: pids.append(pid))
    try:
        await child.start()
        await postgres.furnish()
        await migrate(postgres.owner_dsn)
        await postgres.admit()
        yield Server(postgres.owner_dsn, postgres.dsn, pids[-1])
    finally:
        await child.stop()


@pytest.fixture(scope="session")
async def postgres(server: Server) -> AsyncIterator[PostgresLedger]:
    ledger = await PostgresLedger.open(server.app, registry(), PolicyBook.load(), PROJECTIONS)
    yield ledger
    await ledger.close()


@pytest.fixture
async def owner(server: Server) -> AsyncIterator[Connection]:
    """A superuser's connection, whom no row-level security stops."""
    connection = await asyncpg.connect(server.owner)
    yield connection
    await connection.close()


@pytest.fixture
async def app(server: Server) -> AsyncIterator[Connection]:
    """A connection as the application has it."""
    connection = await asyncpg.connect(server.app, server_settings={"role": "closeout_app"})
    yield connection
    await connection.close()


@pytest.fixture
def tenant() -> str:
    return f"t{uuid4().hex[:12]}"


@pytest.fixture(params=["memory", "postgres"])
def kind(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture
async def real(server: Server, kind: str) -> AsyncIterator[Ledger]:
    """With the real deciders and read models."""
    if kind == "memory":
        yield MemoryLedger(REGISTRY, PolicyBook.load(), READ_MODELS)
        return
    ledger = await PostgresLedger.open(server.app, REGISTRY, PolicyBook.load(), READ_MODELS)
    yield ledger
    await ledger.close()


@pytest.fixture
def ledger(kind: str, request: pytest.FixtureRequest) -> Ledger:
    if kind == "memory":
        return MemoryLedger(registry(), PolicyBook.load(), PROJECTIONS)
    found: PostgresLedger = request.getfixturevalue("postgres")
    return found


Renew = Callable[[Registry], Awaitable[Ledger]]


@pytest.fixture
async def renew(ledger: Ledger, server: Server) -> AsyncIterator[Renew]:
    """The same record under other deciders, as after an upgrade."""
    opened: list[PostgresLedger] = []

    async def renewed(registry: Registry) -> Ledger:
        if isinstance(ledger, MemoryLedger):
            newer = MemoryLedger(registry, PolicyBook.load(), PROJECTIONS)
            newer.tenants = ledger.tenants
            return newer
        opened.append(await PostgresLedger.open(server.app, registry, PolicyBook.load(), PROJECTIONS))
        return opened[-1]

    yield renewed
    for one in opened:
        await one.close()


Enrol = Callable[[str, Person], Awaitable[None]]


@pytest.fixture
def enrol(ledger: Ledger, server: Server) -> Enrol:
    """Lets a person into a tenant."""

    async def enrolled(tenant: str, person: Person) -> None:
        if isinstance(ledger, MemoryLedger):
            ledger.tenancy(tenant).people.append(person)
            return
        connection = await asyncpg.connect(server.owner)
        statement = "INSERT INTO closeout.people (tenant, id, name, roles, client) VALUES ($1, $2, $3, $4, $5)"
        await connection.execute(statement, tenant, person.id, person.name, sorted(person.roles), person.client)
        await connection.close()

    return enrolled


def command(name: str, id: str | None = None, if_match: int | None = None, **body: Any) -> Command:
    return Command(id=id or uuid4().hex, name=name, body=body, actor=ACTOR, if_match=if_match)


def report(external_id: str, /, id: str | None = None, **body: Any) -> Report:
    return Report("scanner", external_id, f"nonconformity/{uuid4().hex}", command("open", id, **body))


def word(
    external_id: str, said: str, /, id: str | None = None, at: datetime | None = None, opens: bool = True, **body: Any
) -> Report:
    """A report that says something to a case that is open, where it is told as an amount."""
    opening = command("open" if opens else "add", id, **{"amount": 1, **body})
    stream = f"nonconformity/{uuid4().hex}"
    return Report("scanner", external_id, stream, opening, Word("add", said, at), opens)


async def faults(ledger: Ledger, tenant: str) -> list[Fault]:
    return [fault async for each in ledger.verify(tenant) for fault in each.faults]


async def sleeping(ledger: Ledger, at: datetime) -> set[tuple[str, str]]:
    """The streams that owe something at an instant, or whose wake-up is past then."""
    owing, late = await ledger.owing(at, 100_000), await ledger.due(at, 100_000)
    return {*owing, *((one.tenant, one.stream) for one in late)}
