"""Subscriptions over a real database and engine, to receivers on 127.0.0.1."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Worker
from uuid_utils.compat import uuid7

from activities.directory import deliveries, subscriptions
from activities.directory.deliveries import Delivery
from activities.directory.secret import Secret
from activities.directory.subscriptions import Subscription
from activities.engine import Engine
from activities.ledger.postgres import PostgresLedger
from activities.ledger.protocol import Scope
from activities.ledger.rows import FIRST
from activities.metrics import Metrics
from services.embedded.wheels import temporal_program
from services.subscriptions.addresses import Guard, networks
from services.subscriptions.delivering import Delivering, sources
from services.subscriptions.sending import Sender
from services.subscriptions.signing import new_secret
from services.worker import build_delivering
from tests.api.conftest import office
from tests.ledger.conftest import NOW, app, command, owner, postgres, server, tenant
from tests.subscriptions.receiver import Receiver, receiving
from tests.workflows.conftest import SANDBOX, test_server
from workflows.subscription import SubscriptionWorkflow

__all__ = ["app", "office", "owner", "postgres", "server", "tenant"]

LOCAL = Guard(networks("127.0.0.0/8"))


@dataclass
class Post:
    """One tenant, whose events are sent to whoever subscribes."""

    tenant: str
    ledger: PostgresLedger
    engine: Engine
    env: WorkflowEnvironment
    metrics: Metrics

    @property
    def scope(self) -> Scope:
        return Scope(self.tenant)

    async def subscribe(self, receiver: Receiver, **more: Any) -> str:
        """An active subscription to everything from the beginning, unless told otherwise."""
        one = Subscription(
            **{
                "id": str(uuid7()),
                "url": receiver.url,
                "secrets": (Secret(secret=new_secret()),),
                "place": FIRST,
                "created_by": "manager",
                **more,
            }
        )
        await subscriptions.keep(self.ledger.database, self.scope, one)
        await self.nudge(one.id)
        return one.id

    async def nudge(self, id: str) -> None:
        await self.engine.nudge(self.tenant, f"subscription/{id}")

    async def find(self, id: str) -> Subscription:
        one = await subscriptions.find(self.ledger.database, self.scope, id)
        assert one is not None
        return one

    async def turn(self, id: str, state: subscriptions.State) -> None:
        await subscriptions.turned(self.ledger.database, self.scope, id, state)
        await self.nudge(id)

    async def deliveries(self, id: str) -> list[Delivery]:
        """What became of each event, in the order of the feed."""
        found = await deliveries.listed(self.ledger.database, self.scope, id, None, None, 1000)
        return sorted(found, key=lambda one: one.position)

    async def record(self, stream: str, *, client: str = "acme", **more: Any) -> None:
        """One event more of a stream."""
        known = await self.ledger.load(self.scope, stream)
        name, body = ("open", {"client": client} | more) if known is None or known.seq == 0 else ("add", {"amount": 1})
        answer = await self.ledger.transact(self.tenant, stream, command(name, **body), NOW)
        assert answer.refusal is None


@asynccontextmanager
async def posting(
    env: WorkflowEnvironment, ledger: PostgresLedger, tenant: str, patience: float = 20, **how: Any
) -> AsyncIterator[Post]:
    """A post with its workers on an engine."""
    engine, metrics = Engine(env.client, f"post-{uuid4().hex[:8]}"), Metrics("worker")
    sender = Sender(LOCAL, patience=patience)
    usual: Mapping[str, Any] = {"poll": timedelta(milliseconds=50), "attention": timedelta(seconds=2)}
    delivering = replace(
        Delivering(ledger.database, ledger, sender, metrics, sources("https://closeout.example")), **{**usual, **how}
    )
    lives = Worker(env.client, task_queue=engine.task_queue, workflows=[SubscriptionWorkflow], workflow_runner=SANDBOX)
    try:
        async with lives, build_delivering(engine, delivering):
            yield Post(tenant, ledger, engine, env, metrics)
    finally:
        await sender.close()


@pytest.fixture(scope="session")
async def real() -> AsyncIterator[WorkflowEnvironment]:
    """An engine whose clock is the world's, and which suggests to continue as new after forty events."""
    starting = WorkflowEnvironment.start_local(
        dev_server_existing_path=str(temporal_program()),
        dev_server_extra_args=["--dynamic-config-value", "limit.historyCount.suggestContinueAsNew=40"],
        data_converter=pydantic_data_converter,
    )
    async with await starting as env:
        yield env


@pytest.fixture
async def post(real: WorkflowEnvironment, postgres: PostgresLedger, tenant: str) -> AsyncIterator[Post]:
    async with posting(real, postgres, tenant, patience=1) as post:
        yield post


@pytest.fixture
async def timeless(postgres: PostgresLedger, tenant: str) -> AsyncIterator[Post]:
    """On a clock that jumps to the next timer while somebody waits; new events are looked for once a day."""
    skipping = WorkflowEnvironment.start_time_skipping(
        test_server_existing_path=test_server(), data_converter=pydantic_data_converter
    )
    how: dict[str, Any] = {"attention": timedelta(), "rest": timedelta(days=1), "chance": lambda: 0.0}
    async with await skipping as env, posting(env, postgres, tenant, **how) as post:
        yield post


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as one:
        yield one
