"""What is completed of a finding in triage is none of its source's words: in memory and on Postgres alike."""

from typing import Any
from uuid import uuid4

from activities.ledger.protocol import Ledger, Report, Scope, Word
from tests.ledger.conftest import NOW, faults
from tests.workflows.conftest import FINDING
from workflows import findings
from workflows.decider import Command
from workflows.findings import Finding
from workflows.nonconformity.case import Case
from workflows.people import Actor, Role

ANNA = Actor(id="anna", roles=frozenset({Role.AUDITOR, Role.SCHEME_MANAGER}))
CASE = "nonconformity/F1"
SOURCE = {"source": {"system": "audit", "external_id": "F1"}, "statement": "", "grade": None}


def asked(name: str, /, **body: Any) -> Command:
    return Command(id=str(uuid4()), name=name, body=body, actor=ANNA)


def says(**changes: Any) -> Report:
    """What its source says of the finding."""
    told = FINDING | SOURCE | changes
    said = findings.said(Finding.model_validate(told))
    return Report("audit", "F1", CASE, asked("report", finding=told), Word("revise_finding", said), client="acme")


async def told(ledger: Ledger, tenant: str, report: Report) -> str:
    """What becomes of a report."""
    [outcome] = await ledger.report(tenant, [report], NOW)
    return outcome.result


async def case(ledger: Ledger, tenant: str) -> Case:
    stream = await ledger.load(Scope(tenant), CASE)
    assert stream is not None and isinstance(stream.state, Case)
    return stream.state


async def test_its_source_is_known_again_and_what_it_says_otherwise_leaves_what_was_completed(
    real: Ledger, tenant: str
) -> None:
    await real.transact(tenant, "client/acme", asked("register", key="acme", name="Acme"), NOW)
    assert await told(real, tenant, says()) == "created"
    completed = await real.transact(tenant, CASE, asked("complete", statement="Nobody looks."), NOW)
    assert completed.refusal is None
    assert await told(real, tenant, says()) == "duplicate"
    assert [await told(real, tenant, says(title="Otherwise")) for _ in range(2)] == ["updated", "duplicate"]
    assert await told(real, tenant, says(title="Otherwise", statement="So.")) == "updated"
    known = await case(real, tenant)
    assert known.finding is not None and known.source_finding is not None
    assert (known.finding.title, known.finding.statement) == ("Otherwise", "Nobody looks.")
    assert known.source_finding.statement == "So."
    assert await faults(real, tenant) == []
    assert await real.rebuild(tenant) == 0
    assert await case(real, tenant) == known
