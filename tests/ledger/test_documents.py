"""Documents that state findings more than once: each changes a case once at most, and not at all if it comes again."""

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from typing import TypeAlias
from uuid import uuid4

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from activities.ledger.protocol import Ledger, Outcome, Report
from services.intake import Context, Found, Skipped
from services.intake.statements import GONE, settled
from tests.ledger.conftest import NOW, command, faults, word
from workflows import findings
from workflows.findings import Finding

CONTEXT = Context(client="acme", system="scanner", source="scanner")
NEWS = frozenset({"created", "recurred", "updated"})

Statement: TypeAlias = Found | Skipped
INSTANTS = st.none() | st.integers(0, 2).map(lambda days: NOW + timedelta(days=days))
NAMES = st.sampled_from("AB")
FOUND = st.builds(
    lambda name, title, at: Found(0, Finding.model_validate(_stated(name, title)), revision=at),
    NAMES,
    st.sampled_from(("one", "two", "three")),
    INSTANTS,
)
GONES = st.builds(lambda name, reason, at: Skipped(0, name, reason, at), NAMES, st.sampled_from(sorted(GONE)), INSTANTS)
DOCUMENTS = st.lists(FOUND | GONES, min_size=1, max_size=6)


def _stated(name: str, title: str) -> dict[str, object]:
    return {"source": {"system": "scanner", "external_id": name}, "client": "acme", "title": title}


def reports(document: Sequence[Statement]) -> list[Report]:
    """What the ledger is told of a document, under commands of their own."""
    told = []
    for item in settled(document, CONTEXT):
        match item:
            case Found(finding=finding):
                told.append(word(finding.source.external_id, findings.said(finding), at=item.revision))
            case Skipped(external_id=str(name), reason=reason) if reason in GONE:
                told.append(word(name, reason, at=item.revision, opens=False))
    return told


async def recorded(ledger: Ledger, tenant: str, told: Sequence[Report]) -> Sequence[Outcome]:
    return await ledger.report(tenant, told, NOW)


# However often the examples look for a failure, each has a tenant of its own.
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(DOCUMENTS, st.integers(0, 6), st.booleans()), min_size=1, max_size=4))
async def test_a_document_again_is_nothing_new_whatever_it_holds_and_whatever_came_before(
    ledger: Ledger, steps: Sequence[tuple[Sequence[Statement], int, bool]]
) -> None:
    tenant = f"t{uuid4().hex[:12]}"
    for document, broken_off, closes in steps:
        first = reports(document)[:broken_off]
        outcomes = [*await recorded(ledger, tenant, first), *await recorded(ledger, tenant, reports(document))]
        names = [one.external_id for one in (*first, *reports(document))]
        changed = Counter(name for name, one in zip(names, outcomes, strict=True) if one.result in NEWS)
        assert set(changed.values()) <= {1}, "one event on a case at most"
        again = await recorded(ledger, tenant, reports(document))
        assert {one.result for one in again} <= {"duplicate", "skipped"}
        if closes:
            for stream in {one.stream for one in again if one.stream and one.answer and one.answer.status == "open"}:
                await ledger.transact(tenant, stream, command("close"), NOW)
    for document, _, _ in steps:
        await recorded(ledger, tenant, reports(document))
        again = await recorded(ledger, tenant, reports(document))
        assert {one.result for one in again} <= {"duplicate", "skipped"}
    assert await faults(ledger, tenant) == []
