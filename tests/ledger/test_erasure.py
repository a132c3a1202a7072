"""Erasures in the record of the real kinds: whatever event goes, `rebuild` takes it out of rows and lists."""

import pytest

from activities.ledger.postgres import PostgresLedger
from activities.readmodels import READ_MODELS
from tests.ledger.conftest import Connection, Server
from tests.ledger.test_entries import MANAGER, asked, filled, given
from tests.workflows.conftest import OWNER
from workflows.policy_book import PolicyBook
from workflows.registry import REGISTRY

EVENTS = [
    *((stream, 1) for stream in ("client/acme", "audit/A2", "audit/A1", "certificate/C1")),
    ("audit/A2", 2),
    *(("nonconformity/F1", seq) for seq in (1, 2, 3, 4)),
]


@pytest.mark.parametrize(("stream", "seq"), EVENTS)
async def test_any_event_may_be_erased(server: Server, owner: Connection, tenant: str, stream: str, seq: int) -> None:
    ledger = await PostgresLedger.open(server.app, REGISTRY, PolicyBook.load(), READ_MODELS)
    await filled(ledger, tenant)
    await given(ledger, tenant, "nonconformity/F1", asked("comment", OWNER, text="It was Ann."))
    await given(ledger, tenant, "audit/A1", asked("revise", MANAGER, scope="Ann's department"))
    assert [each.faults async for each in ledger.verify(tenant)] == [()]
    assert await owner.fetchval("SELECT closeout.erase($1, $2, $3, 'dpo', 'asked to')", tenant, stream, seq)
    await ledger.rebuild(tenant)
    assert [each.faults async for each in ledger.verify(tenant)] == [()]
    await ledger.close()
