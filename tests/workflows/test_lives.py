"""Lives of `tests/rules/lives` on the time-skipping server: the same events on the same streams as by rules alone."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from pydantic import BaseModel
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.testing import WorkflowEnvironment

from activities.engine import Engine
from activities.ledger.memory import MemoryLedger
from activities.ledger.protocol import Scope, Stream
from activities.readmodels import READ_MODELS
from services.worker import build
from tests.workflows.conftest import SANDBOX, test_server
from workflows.decider import Wants
from workflows.entries import CaseQuery
from workflows.registry import REGISTRY
from workflows.simulator import facts
from workflows.simulator.play import Played, book, play
from workflows.simulator.scenario import Scenario, Step, read
from workflows.simulator.stage import Stage

LIVES = Path(__file__).parent.parent / "rules" / "lives"
TOLD = (
    "acceptance-voided",
    "aggregated",
    "appeal",
    "carried-to-close-out",
    "deferred-and-forgotten",
    "deferred-and-put-off",
    "deferred-and-verified",
    "dispute-rejected",
    "evidence-returned",
    "extension-by-the-committee",
    "follow-up",
    "merged-clients",
    "nobody-answers",
    "reopened",
    "round-limit",
    "stage-1-lapsed",
    "stage-2-lapsed",
    "suspended-and-lifted",
    "what-a-deferral-needs",
    "what-a-plan-needs",
    "what-a-renewal-needs",
    "what-an-aggregation-needs",
    "what-the-committee-needs",
    "withdrawal",
)
"""Lives all of whose dates are relative, so that they can begin whenever the server's clock says."""


class Server:
    """One tenant on the engine, and what a scenario's steps may see of it."""

    def __init__(self, tenant: str, ledger: MemoryLedger, engine: Engine, env: WorkflowEnvironment) -> None:
        self.tenant, self.ledger, self.engine, self.env = tenant, ledger, engine, env
        self.now = datetime.min.replace(tzinfo=UTC)
        self.streams: dict[str, Stream] = {}

    def state(self, name: str) -> BaseModel:
        """The state of a stream, as it was seen last."""
        known = self.streams.get(name)
        return known.state if known else REGISTRY.of(name).initial()

    def due(self, name: str) -> datetime | None:
        """The next wake-up of a stream, as it was seen last."""
        known = self.streams.get(name)
        return known.next_wakeup if known else None

    async def look(self) -> None:
        """Sees where everything is."""
        self.now = await self.env.get_current_time()
        names = {event.stream for event in await self.ledger.feed(Scope(self.tenant), None, 100_000)}
        loaded = [await self.ledger.load(Scope(self.tenant), name) for name in names]
        self.streams = {stream.name: stream for stream in loaded if stream is not None}

    async def wait_until(self, at: datetime) -> None:
        """Time passes; returns when all that is due then is done, reactions too."""
        passing = at - await self.env.get_current_time()
        if passing > timedelta():
            await self.env.sleep(passing)
        await self.settled(at)

    async def settled(self, at: datetime) -> None:
        """Returns when nothing is due at an instant, and nothing owed."""
        async with asyncio.timeout(30):
            while await self.ledger.due(at) or await self.ledger.owing(at):
                await asyncio.sleep(0.01)
        await self.look()

    async def take(self, stage: Stage, step: Step) -> None:
        """A step's command, which is refused exactly where that is expected."""
        name, command = stage.command(step)
        answer = await self.engine.send(
            self.tenant, name, command.model_copy(update={"id": str(uuid4())}), alive=name in self.streams
        )
        assert (answer.refusal.code if answer.refusal else None) == step.refused, (step, answer.refusal)
        await self.settled(await self.env.get_current_time())

    async def types(self, name: str) -> list[str]:
        """The types of all that happened to a stream."""
        return [event.type for event in await self.ledger.history(Scope(self.tenant), name)]


def begun(scenario: Scenario, at: datetime) -> Scenario:
    """The scenario from another instant on, which expects nothing: its dates are others then."""
    steps = tuple(step.model_copy(update={"expect": None}) for step in scenario.steps)
    return scenario.model_copy(update={"start": at, "steps": steps, "expect": None})


def told(played: Played) -> dict[str, list[str]]:
    """The types of all that happened, by stream."""
    streams = played.world.streams.items()
    return {name: [happened.event.type for happened in one.history] for name, one in streams if one.history}


async def facts_agree(server: Server, scenario: Scenario) -> None:
    """What the ledger tells deciders of other streams is what the simulator makes of their states."""
    states = {name: stream.state for name, stream in server.streams.items()}
    for client in (scenario.client, *scenario.clients):
        wants = Wants(
            client=client.key,
            committee=True,
            people=True,
            audits=True,
            certificates=True,
            cases=CaseQuery(client=client.key),
        )
        known = await server.ledger.facts(Scope(server.tenant), wants)
        own = facts.told(states, wants, known.policies, None, (*known.committee, *known.people))
        assert sorted(own.cases, key=str) == sorted(known.cases, key=str)
        assert (own.client, own.audits, own.certificates) == (known.client, known.audits, known.certificates)


@pytest.mark.parametrize("name", TOLD)
async def test_a_life_comes_about_on_the_engine_as_on_the_rules_alone(name: str) -> None:
    skipping = WorkflowEnvironment.start_time_skipping(
        test_server_existing_path=test_server(), data_converter=pydantic_data_converter
    )
    async with await skipping as env:
        start = (await env.get_current_time()).replace(hour=9, minute=0, second=0, microsecond=0) + timedelta(days=1)
        scenario = begun(read(LIVES / f"{name}.toml"), start)
        played = play(scenario)
        assert played.failures == []

        ledger = MemoryLedger(REGISTRY, book(scenario), READ_MODELS)
        engine = Engine(env.client, f"closeout-{uuid4().hex[:8]}")
        server = Server(scenario.tenant, ledger, engine, env)
        async with build(env.client, ledger, engine, SANDBOX):
            await server.wait_until(start)
            stage = Stage(scenario, server, names=dict(played.names))
            ledger.tenancy(scenario.tenant).people += stage.people()
            for _, step in stage.scenes():
                await server.look()
                await server.wait_until(stage.instant(step))
                if step.do is not None:
                    await server.take(stage, step)
            await server.wait_until(played.until)
            assert {stream: await server.types(stream) for stream in server.streams} == told(played)
            await facts_agree(server, scenario)
