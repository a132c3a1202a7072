"""Mail over the real API, ledger and engine, to a mail server on 127.0.0.1; on a clock that jumps while one waits."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Worker

from activities.directory import mail, people
from activities.engine import Engine
from activities.metrics import Metrics
from services.mail.outages import Probes
from services.mail.posting import STREAM, Mailing
from services.mail.relay import Relay
from services.worker import build_delivering
from tests.api.conftest import PEOPLE, Desk, Office, desk, http, office
from tests.mail.server import Box, MailServer, serving
from tests.workflows.conftest import SANDBOX, test_server
from workflows.mailing import MailingWorkflow
from workflows.people import Person
from workflows.policy_book import PolicyBook

__all__ = ["desk", "http", "office"]

URL = "https://closeout.example"
SENDER = "closeout@closeout.example"


def address(who: str) -> str:
    return f"{who}@people.example"


@dataclass
class PostOffice:
    """One tenant, whose people are written to."""

    desk: Desk
    engine: Engine
    env: WorkflowEnvironment
    metrics: Metrics
    server: MailServer
    known: dict[str, str] = field(default_factory=dict)

    @property
    def box(self) -> Box:
        return self.server.box

    async def knows(self, *names: str, email: Callable[[str], str | None] = address) -> None:
        """Has the registry know people as their tokens say, with a mail address."""
        for who in names:
            me = await self.desk.get(who, "/v1/me")
            role, client = PEOPLE[who]
            person = Person(id=me["id"], name=me["name"], roles=frozenset({role}), client=client, email=email(who))
            await people.remember(self.desk.office.ledger.database, self.desk.tenant, person, datetime.now(UTC))
            self.known[who] = me["id"]

    async def renames(self, who: str, name: str) -> None:
        """Has the registry know somebody by another name."""
        role, client = PEOPLE[who]
        person = Person(id=self.known[who], name=name, roles=frozenset({role}), client=client)
        await people.remember(self.desk.office.ledger.database, self.desk.tenant, person, datetime.now(UTC))

    async def nudge(self) -> None:
        await self.engine.nudge(self.desk.tenant, STREAM)

    async def pass_by(self, **time: float) -> None:
        """Lets time go by, with all that is to happen in it."""
        await self.env.sleep(timedelta(**time))

    async def look(self) -> None:
        """Has the mailing look at what is new now, and returns when all is sent that can be."""
        await self.nudge()
        await self.pass_by(seconds=5)

    async def looks_until_told(self, who: str) -> None:
        """Has it look until somebody's mail waits: the feed holds back what is newer than others are still writing."""
        await self.look()
        while who not in await self.tries():
            await self.look()

    async def mails(self) -> dict[str, int]:
        found = await mail.standing(self.desk.office.ledger.database, self.desk.tenant)
        return dict(found.mails)

    async def tries(self) -> dict[str, int]:
        """How many tries were used of each mail that waits, by whose it is."""
        async with self.desk.office.ledger.database.entered(self.desk.tenant) as connection:
            told = await connection.fetch("SELECT person, tries FROM closeout.mails WHERE state = 'pending'")
        names = {known: who for who, known in self.known.items()}
        return {names[row["person"]]: row["tries"] for row in told}

    def counted(self, name: str, result: str) -> float:
        """What the worker has counted so far."""
        return self.metrics.registry.get_sample_value(name, {"result": result}) or 0

    async def issues(self, external_id: str = "F-1", **finding: Any) -> str:
        """A nonconformity that the auditor issued at once."""
        told = await self.desk.reports("auditor", external_id, **finding)
        return str(told["id"])


async def registered(office: Office, http: httpx.AsyncClient) -> Desk:
    """Another tenant with a client acme."""
    other = Desk(f"t{uuid4().hex[:12]}", office, http)
    answer = await other.ask("manager", "POST", "/v1/clients", {"key": "acme", "name": "Acme Ltd"})
    assert answer.status_code == 201, answer.text
    return other


@asynccontextmanager
async def writing(
    env: WorkflowEnvironment, desk: Desk, server: MailServer, relay: Relay | None = None
) -> AsyncIterator[PostOffice]:
    """A post office with its workers on an engine."""
    engine, metrics, ledger = Engine(env.client, f"mail-{uuid4().hex[:8]}"), Metrics("worker"), desk.office.ledger
    mailing = Mailing(
        ledger.database,
        ledger,
        PolicyBook.load(desk.office.settings.policies),
        metrics,
        relay or Relay("127.0.0.1", server.port, "none", sender=SENDER, patience=5),
        URL,
        attention=timedelta(),
        rest=timedelta(hours=6),
        probes=Probes(longest=timedelta(hours=2)),
        chance=lambda: 0.0,
    )
    lives = Worker(env.client, task_queue=engine.task_queue, workflows=[MailingWorkflow], workflow_runner=SANDBOX)
    async with lives, build_delivering(engine, mailing):
        yield PostOffice(desk, engine, env, metrics, server)


@pytest.fixture
async def skipping() -> AsyncIterator[WorkflowEnvironment]:
    starting = WorkflowEnvironment.start_time_skipping(
        test_server_existing_path=test_server(), data_converter=pydantic_data_converter
    )
    async with await starting as env:
        yield env


@pytest.fixture
async def post(skipping: WorkflowEnvironment, desk: Desk) -> AsyncIterator[PostOffice]:
    async with serving() as server, writing(skipping, desk, server) as post:
        await post.knows("owner", "approver", "internal", "auditor", "reviewer", "closer", "manager", "stranger")
        yield post


async def until(holds: Callable[[], object], seconds: float = 30) -> None:
    """Waits until something holds; fails after so long."""
    async with asyncio.timeout(seconds):
        while not holds():
            await asyncio.sleep(0.05)
