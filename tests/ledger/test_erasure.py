"""Erasures in the record of the real kinds: whatever event goes, `rebuild` takes it out of rows and lists."""

from uuid import uuid4

import pytest

from activities.ledger.postgres import PostgresLedger
from activities.ledger.protocol import Report
from activities.readmodels import READ_MODELS
from tests.ledger.conftest import NOW, Connection, Server
from tests.workflows.conftest import AUDITOR, FINDING, OWNER
from workflows.decider import Command
from workflows.people import Actor, Role
from workflows.policy import PolicyBook
from workflows.registry import REGISTRY

ADMIN = Actor(id="admin", roles=frozenset({Role.ADMIN}))


def asked(command: str, actor: Actor, /, **body: object) -> Command:
    return Command(id=uuid4().hex, name=command, body=body, actor=actor)


@pytest.mark.parametrize(("stream", "seq"), [("client/acme", 1), *(("nonconformity/1", seq) for seq in (1, 2, 3, 4))])
async def test_any_event_may_be_erased(server: Server, owner: Connection, tenant: str, stream: str, seq: int) -> None:
    ledger = await PostgresLedger.open(server.app, REGISTRY, PolicyBook.load(), READ_MODELS)
    register = asked("register", ADMIN, key="acme", name="ACME", zone="UTC")
    await ledger.transact(tenant, "client/acme", register, NOW)
    finding = FINDING | {"grade": "major", "source": {"system": "audit", "external_id": "F"}}
    report = Report("audit", "F", "nonconformity/1", asked("report", AUDITOR, finding=finding))
    await ledger.report(tenant, [report], NOW)
    for command in (
        asked("comment", OWNER, text="It was Ann."),
        asked("record_correction", OWNER, text="Accounts were closed.", done_on="2026-03-01"),
    ):
        assert (await ledger.transact(tenant, "nonconformity/1", command, NOW)).refusal is None
    assert [each.faults async for each in ledger.verify(tenant)] == [()]
    assert await owner.fetchval("SELECT closeout.erase($1, $2, $3, 'dpo', 'asked to')", tenant, stream, seq)
    await ledger.rebuild(tenant)
    assert [each.faults async for each in ledger.verify(tenant)] == [()]
    await ledger.close()
