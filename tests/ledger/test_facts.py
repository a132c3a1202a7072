"""What every ledger tells deciders of other streams: clients, audits, certificates, cases."""

from datetime import date, timedelta
from typing import Any

import pytest

import activities.ledger.known
import activities.ledger.rows
from activities.ledger.folding import known
from activities.ledger.protocol import Ledger, Report, Scope
from tests.ledger.conftest import NOW, Enrol, command, faults, report
from tests.ledger.tally import DEFERRED, FIRST, State
from workflows.canonical import instant
from workflows.decider import Client, Wants
from workflows.entries import AuditEntry, CaseEntry, CaseQuery, CertificateEntry
from workflows.people import Person, Role
from workflows.policy_book import PolicyBook

DAY = timedelta(days=1)
ACME = Client(
    "acme",
    zone="Europe/Vienna",
    country="AT",
    subdivision="9",
    sites=("Vienna", "Linz"),
    four_eyes=False,
    internal_confirmation=True,
)


async def opened(ledger: Ledger, tenant: str, *names: str, **body: Any) -> None:
    for name in names:
        answer = await ledger.transact(tenant, name, command("open", **body), NOW)
        assert answer.refusal is None


async def asked(ledger: Ledger, scope: Scope, **query: object) -> list[str]:
    """The ids of the cases that a query finds."""
    cases = CaseQuery.model_validate(query)
    return [case.id for case in (await ledger.facts(scope, Wants(cases=cases))).cases]


async def test_a_client_is_told_whole_with_the_stream_and_alone(ledger: Ledger, tenant: str) -> None:
    await opened(ledger, tenant, "client/acme", client="acme")
    await opened(ledger, tenant, "client/old", client="old", ref="acme")
    facts = await ledger.facts(Scope(tenant), Wants(client="old", into="acme"))
    assert facts.into == ACME
    assert facts.client is not None
    assert (facts.client.key, facts.client.merged_into) == ("old", "acme")
    assert (await ledger.facts(Scope(tenant, "old"), Wants(client="old", into="acme"))).into is None
    await opened(ledger, tenant, "tally/1", client="acme")
    stream = await ledger.load(Scope(tenant), "tally/1")
    assert stream is not None
    assert stream.client == ACME


async def test_audits_and_certificates_of_the_wanted_client(ledger: Ledger, tenant: str) -> None:
    for client in ("acme", "other"):
        await opened(ledger, tenant, f"audit/{client}-2", f"audit/{client}-1", client=client, note="anna")
        await opened(ledger, tenant, f"certificate/{client}", client=client)
    await opened(ledger, tenant, "audit/hidden", client="acme", shown=False)
    scope = Scope(tenant)
    facts = await ledger.facts(scope, Wants(client="acme", audits=True))
    assert [audit.key for audit in facts.audits] == ["acme-1", "acme-2", "hidden"]
    assert facts.audits[0] == AuditEntry(
        key="acme-1",
        client="acme",
        stage="stage2",
        status="planned",
        standards=("ISO 9001",),
        starts_on=date(2026, 5, 4),
        team=("anna",),
    )
    assert (list(facts.certificates), list(facts.cases)) == ([], [])
    facts = await ledger.facts(scope, Wants(client="other", certificates=True))
    assert list(facts.audits) == []
    assert facts.certificates == [
        CertificateEntry(
            key="other",
            client="other",
            status="active",
            standards=("ISO 9001", "ISO 14001"),
            expires_on=date(2028, 2, 29),
        )
    ]
    nobody = await ledger.facts(scope, Wants(audits=True, certificates=True))
    assert (list(nobody.audits), list(nobody.certificates)) == ([], [])
    assert await faults(ledger, tenant) == []
    assert await ledger.rebuild(tenant) == 0
    assert await faults(ledger, tenant) == []


async def test_whom_the_team_of_an_audit_names_by_id_is_known(ledger: Ledger, tenant: str, enrol: Enrol) -> None:
    anna, berta = (Person(id=name, name=name.title(), roles=frozenset({Role.AUDITOR})) for name in ("anna", "berta"))
    for person in (anna, berta):
        await enrol(tenant, person)
    await opened(ledger, tenant, "audit/acme-1", client="acme", note="anna")
    await opened(ledger, tenant, "audit/acme-2", client="acme", note="Berta")
    for key, team in (("acme-1", [anna]), ("acme-2", []), ("none", []), (None, [])):
        assert [*(await ledger.facts(Scope(tenant), Wants(client="acme", audit=key))).team] == team


async def test_an_audit_by_its_key_is_told_whosever_it_is(ledger: Ledger, tenant: str) -> None:
    for client in ("acme", "other"):
        await opened(ledger, tenant, f"audit/{client}-1", f"certificate/{client}", client=client)

    async def told(scope: Scope, key: str | None) -> str | None:
        audit = (await ledger.facts(scope, Wants(client="acme", audit=key))).audit
        return None if audit is None else audit.client

    assert await told(Scope(tenant), "other-1") == "other"
    assert await told(Scope(tenant, "other"), "other-1") == "other"
    for scope, key in (
        (Scope(tenant), None),
        (Scope(tenant), "other"),
        (Scope(tenant, "acme"), "other-1"),
        (Scope("elsewhere"), "other-1"),
    ):
        assert await told(scope, key) is None


async def test_a_client_is_told_of_its_own_alone(ledger: Ledger, tenant: str) -> None:
    for client in ("acme", "other"):
        await opened(
            ledger, tenant, f"audit/{client}", f"certificate/{client}", f"nonconformity/{client}", client=client
        )
    await opened(ledger, tenant, "audit/hidden", "nonconformity/triage", client="acme", shown=False)
    wanted = Wants(client="acme", audits=True, certificates=True, cases=CaseQuery())
    for scope, audits, cases in (
        (Scope(tenant), ["acme", "hidden"], ["triage", "other", "acme"]),
        (Scope(tenant, "acme"), ["acme"], ["acme"]),
        (Scope(tenant, "other"), [], ["other"]),
        (Scope("elsewhere"), [], []),
    ):
        facts = await ledger.facts(scope, wanted)
        assert [audit.key for audit in facts.audits] == audits
        assert [certificate.key for certificate in facts.certificates] == [a for a in audits if a != "hidden"]
        assert [case.id for case in facts.cases] == cases


async def test_cases_by_what_is_named_of_them(ledger: Ledger, tenant: str) -> None:
    scope = Scope(tenant)
    for number, (client, audit) in enumerate((("acme", "A1"), ("acme", "A2"), ("other", "A1")), start=1):
        await opened(ledger, tenant, f"nonconformity/{number}", client=client, ref=audit, note="no owner")
    await ledger.transact(tenant, "nonconformity/2", command("remind", at=instant(NOW + DAY)), NOW)
    await ledger.transact(tenant, "nonconformity/1", command("add", amount=DEFERRED), NOW)
    assert await asked(ledger, scope) == ["3", "2", "1"]
    assert await asked(ledger, scope, ids=["1", "3", "none"]) == ["3", "1"]
    assert await asked(ledger, scope, ids=[]) == []
    assert await asked(ledger, scope, client="acme") == ["2", "1"]
    assert await asked(ledger, scope, audit="A1") == ["3", "1"]
    assert await asked(ledger, scope, audit="A1", client="acme") == ["1"]
    assert await asked(ledger, scope, client="acme", living=True) == ["2"]
    assert await asked(ledger, scope, client="acme", deferred=True) == ["1"]
    assert await asked(ledger, scope, ids=["1", "2"], living=True, deferred=True) == []
    await ledger.transact(tenant, "nonconformity/3", command("close"), NOW)
    assert await asked(ledger, scope, unsettled=True) == ["2", "1"]
    assert await asked(ledger, scope, audit="A1", unsettled=True) == ["1"]
    facts = await ledger.facts(scope, Wants(cases=CaseQuery(ids=("1",))))
    assert facts.cases == [
        CaseEntry(
            id="1",
            number=None,
            status="open",
            grade="major",
            client="acme",
            title=f"A sum of {DEFERRED}",
            audit="A1",
            stage="stage2",
            requirements=("ISO 27001 6.1.2",),
            department="IT",
            sites=("Vienna",),
            plan="accepted",
            deferred=True,
            causes=("no owner",),
            issued_at=FIRST,
        )
    ]


async def test_what_is_settled_takes_no_place_of_what_is_not(
    ledger: Ledger, tenant: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (activities.ledger.rows, activities.ledger.known):
        monkeypatch.setattr(module, "MOST_CASES", 2)
    for number in (1, 2, 3, 4):
        await opened(ledger, tenant, f"nonconformity/{number}", client="acme")
    for number in (2, 3, 4):
        await ledger.transact(tenant, f"nonconformity/{number}", command("close"), NOW)
    scope = Scope(tenant)
    assert await asked(ledger, scope, client="acme") == ["4", "3"]
    assert await asked(ledger, scope, client="acme", unsettled=True) == ["1"]


async def test_a_command_is_decided_on_all_that_it_wants(ledger: Ledger, tenant: str, enrol: Enrol) -> None:
    await enrol(tenant, Person(id="petra", name="Petra", roles=frozenset({Role.COMMITTEE_MEMBER})))
    await opened(ledger, tenant, "client/acme", "audit/a", "certificate/c", "nonconformity/n", client="acme")
    everything: dict[str, Any] = {"wanted_client": "acme", "committee": True, "audits": True, "certificates": True}
    body = {**everything, "cases": {"client": "acme"}, "client": "acme"}
    await opened(ledger, tenant, "tally/alone", **body)
    await opened(ledger, tenant, "tally/numbered", **body, numbered=True)
    [outcome] = await ledger.report(tenant, [Report("scanner", "F", "nonconformity/m", command("open", **body))], NOW)
    assert outcome.result == "created"
    for name in ("tally/alone", "tally/numbered", "nonconformity/m"):
        stream = await ledger.load(Scope(tenant), name)
        assert stream is not None
        assert isinstance(stream.state, State)
        assert stream.state.notes == ("petra,a,c,n",)
    later = command("add", amount=1, wanted_client="acme", audits=True)
    assert (await ledger.transact(tenant, "tally/alone", later, NOW)).refusal is None


async def test_a_batch_is_decided_on_the_entries_of_its_client(ledger: Ledger, tenant: str) -> None:
    for client in ("acme", "other"):
        await opened(ledger, tenant, f"client/{client}", f"audit/{client}", client=client)
    reports = [report(f"F{n}", wanted_client=("acme", "other")[n % 2], audits=True, numbered=True) for n in range(4)]
    outcomes = await ledger.report(tenant, reports, NOW)
    notes = []
    for outcome in outcomes:
        stream = await ledger.load(Scope(tenant), outcome.stream or "")
        assert stream is not None
        assert isinstance(stream.state, State)
        notes.append(stream.state.notes)
    assert notes == [("acme",), ("other",), ("acme",), ("other",)]


async def test_a_look_tells_of_the_client_alone(ledger: Ledger, tenant: str) -> None:
    await opened(ledger, tenant, "client/acme", "nonconformity/1", client="acme")
    stream = await ledger.load(Scope(tenant), "nonconformity/1")
    assert stream is not None
    policies = PolicyBook.load()
    assert known(policies, stream, Wants()) is not None
    for wants in (
        Wants(client="other"),
        Wants(client="acme", into="other"),
        Wants(client="acme", audits=True),
        Wants(client="acme", people=True),
        Wants(client="acme", certificates=True),
        Wants(cases=CaseQuery(ids=())),
        Wants(committee=True),
        Wants(series="NC-2026"),
    ):
        assert known(policies, stream, wants) is None
    facts = known(policies, stream, Wants(client="acme"))
    assert facts is not None
    assert facts.client == ACME


async def test_what_changes_its_client_takes_its_history_along(ledger: Ledger, tenant: str) -> None:
    """As when a duplicate is merged into the client that it is."""
    names = ("nonconformity/1", "audit/1")
    await opened(ledger, tenant, *names, client="acme")
    for name in names:
        await ledger.transact(tenant, name, command("add", amount=1), NOW)
        await ledger.transact(tenant, name, command("move", client="other"), NOW)
    old, new = Scope(tenant, "acme"), Scope(tenant, "other")
    for name in names:
        assert await ledger.load(old, name) is None
        assert await ledger.history(old, name) == []
        assert await ledger.load(new, name) is not None
        assert len(await ledger.history(new, name)) == 3
    assert await ledger.feed(old, None) == []
    assert len(await ledger.feed(new, None)) == 6
    assert await asked(ledger, old) == []
    assert await asked(ledger, new, client="other") == ["1"]
    assert [audit.client for audit in (await ledger.facts(new, Wants(client="other", audits=True))).audits] == ["other"]
    assert await faults(ledger, tenant) == []
    assert await ledger.rebuild(tenant) == 0
