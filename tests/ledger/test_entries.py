"""What deciders are told of the real kinds: in memory and on Postgres the same, and what the pure functions say."""

import json
from datetime import timedelta
from uuid import uuid4

from activities.ledger.postgres import PostgresLedger
from activities.ledger.protocol import Ledger, Report, Scope
from activities.readmodels import READ_MODELS
from activities.reads import entries
from tests.ledger.conftest import NOW, Server
from tests.workflows.conftest import AUDITOR, FINDING, OWNER
from workflows.audit.audit import Audit
from workflows.audit.entry import audit_entry
from workflows.audit.rules import PROCEDURE as AUDITS
from workflows.canonical import digest
from workflows.certificate.certificate import Certificate
from workflows.certificate.entry import certificate_entry
from workflows.decider import Client, Command, Facts, Happened, Reaction, Wants
from workflows.entries import CaseQuery
from workflows.nonconformity.case import Case
from workflows.nonconformity.entry import case_entry
from workflows.people import Actor, Role
from workflows.policy_book import PolicyBook
from workflows.registry import REGISTRY

MANAGER = Actor(id="manager", roles=frozenset({Role.ADMIN, Role.SCHEME_MANAGER, Role.AUDITOR}))
ANNA = Actor(id="anna", roles=frozenset({Role.AUDITOR}))
REVIEW = Actor(id="reaction:committee_review/r", kind="reaction")
ACME = {
    "key": "acme",
    "name": "Acme",
    "zone": "Europe/Berlin",
    "country": "DE",
    "subdivision": "BY",
    "sites": ["Plant"],
}
AUDIT = {
    "client": "acme",
    "stage": "stage2",
    "standards": ["ISO 9001:2015", "ISO/IEC 27001:2022"],
    "sites": ["Plant"],
    "team": [{"person": "anna", "role": "lead"}, {"person": "ben"}],
    "starts_on": "2026-03-01",
    "ends_on": "2026-03-04",
}
APPLICATION = {"key": "C1", "client": "acme", "standards": ["ISO 9001:2015"], "sites": ["Plant"], "scope": "Pumps"}
CAUSE = {
    "method": "five_whys",
    "steps": ["Why?", "Why?"],
    "causes": [
        {"key": "c1", "text": "Nobody was told.", "category": "people"},
        {"key": "c2", "text": "The list was not kept."},
    ],
    "extent": {"looked_at": ["all departments"]},
}
EVERYTHING = Wants(client="acme", audits=True, certificates=True, cases=CaseQuery(client="acme"))


def asked(name: str, actor: Actor, /, **body: object) -> Command:
    return Command(id=uuid4().hex, name=name, body=body, actor=actor)


async def filled(ledger: Ledger, tenant: str) -> None:
    """A client with two audits, one of them concluded; a certificate, a case in triage, and one that touched it."""
    await given(ledger, tenant, "client/acme", asked("register", MANAGER, **ACME))
    await given(ledger, tenant, "audit/A2", asked("plan", MANAGER, key="A2", **AUDIT))
    later = {"stage": "surveillance", "starts_on": "2027-03-02", "ends_on": "2027-03-02", "standards": ["ISO 9001"]}
    await given(ledger, tenant, "audit/A1", asked("plan", MANAGER, key="A1", **(AUDIT | later)))
    await given(ledger, tenant, "certificate/C1", asked("apply", MANAGER, **APPLICATION))
    found = FINDING | {"audit": {"ref": "A2", "stage": "stage2", "ended_on": "2026-03-04"}, "process": "onboarding"}
    found |= {"certificates": ["C1"]}
    for external_id, graded in (("F1", {"grade": "minor"}), ("F2", {})):
        finding = found | graded | {"source": {"system": "audit", "external_id": external_id}}
        report = asked("report", AUDITOR, finding=finding)
        [outcome] = await ledger.report(
            tenant, [Report("audit", external_id, f"nonconformity/{external_id}", report)], NOW
        )
        assert outcome.result == "created"
    await given(ledger, tenant, "nonconformity/F1", asked("record_cause", OWNER, **CAUSE))
    await given(ledger, tenant, "nonconformity/F1", asked("escalate", AUDITOR, reason="So"))
    called = await ledger.load(Scope(tenant), "nonconformity/F1")
    assert called is not None and isinstance(called.state, Case)
    decision = {"review": called.state.reviews[-1], "choice": "refuse", "effect": "Refused.", "reason": "So"}
    await given(ledger, tenant, "nonconformity/F1", asked("apply_decision", REVIEW, **decision))
    await given(ledger, tenant, "audit/A2", asked("start", ANNA))
    await given(ledger, tenant, "audit/A2", asked("end", ANNA, on="2026-03-01"))
    await given(ledger, tenant, "audit/A2", await concluded(ledger, tenant))


async def concluded(ledger: Ledger, tenant: str) -> Command:
    """A recommendation, signed as the audit stands."""
    row, ended = AUDITS.row("conclude"), await ledger.load(Scope(tenant), "audit/A2")
    assert ended is not None and row.signs is not None
    signature = {"content_sha256": digest(row.signs(ended.state)), "meaning": row.meaning}
    return asked("conclude", ANNA, recommendation="not_recommended", reasons="So", signature=signature)


async def given(ledger: Ledger, tenant: str, stream: str, command: Command) -> None:
    answer = await ledger.transact(tenant, stream, command, NOW)
    assert answer.refusal is None


async def reactions(ledger: Ledger, tenant: str, stream: str) -> list[Reaction]:
    """What a stream still has to cause, as its latest state says."""
    loaded = await ledger.load(Scope(tenant), stream)
    assert loaded is not None
    decider = REGISTRY.of(stream)
    told = [
        Happened(REGISTRY.decode(one.type, one.v, one.data), one.seq, one.at, one.actor, one.stream)
        for one in await ledger.owed(tenant, stream)
        if one.data is not None
    ]
    return [reaction for one in told for reaction in decider.react(loaded.state, one)]


async def pure(ledger: Ledger, tenant: str) -> Facts:
    """The facts as the pure functions make them of the streams' states."""

    async def state(stream: str) -> object:
        loaded = await ledger.load(Scope(tenant), stream)
        assert loaded is not None
        return loaded.state

    audits = [(key, await state(f"audit/{key}")) for key in ("A1", "A2")]
    cases = [(key, await state(f"nonconformity/{key}")) for key in ("F2", "F1")]
    certificate = await state("certificate/C1")
    assert isinstance(certificate, Certificate)
    applied = certificate_entry("C1", certificate)
    assert applied is not None
    return Facts(
        policies=PolicyBook.load(),
        client=Client("acme", "Europe/Berlin", "DE", "BY", ("Plant",)),
        audits=[entry for key, audit in audits if isinstance(audit, Audit) and (entry := audit_entry(key, audit))],
        certificates=[applied],
        cases=[case_entry(key, case) for key, case in cases if isinstance(case, Case)],
    )


async def test_deciders_are_told_what_the_states_say(real: Ledger, tenant: str) -> None:
    await filled(real, tenant)
    facts, expected = await real.facts(Scope(tenant), EVERYTHING), await pure(real, tenant)
    assert (len(expected.audits), len(expected.cases)) == (2, 2)
    assert facts.client == expected.client
    assert facts.audits == expected.audits
    assert [audit.recommendation for audit in facts.audits] == [None, "not_recommended"]
    assert facts.certificates == expected.certificates
    assert facts.cases == expected.cases
    assert [case.certificates for case in facts.cases] == [(), ("C1",)]
    assert facts.cases[1].causes == ("people", "The list was not kept.")
    own = await real.facts(Scope(tenant, "acme"), EVERYTHING)
    assert [case.id for case in own.cases] == ["F1"]
    assert (own.audits, own.certificates) == (facts.audits, facts.certificates)
    living = await real.facts(Scope(tenant), Wants(cases=CaseQuery(audit="A2", living=True)))
    assert [case.id for case in living.cases] == ["F1"]
    assert [each.faults async for each in real.verify(tenant)] == [()]
    assert await real.rebuild(tenant) == 0


async def test_an_aggregation_is_recorded_once_and_proved(real: Ledger, tenant: str) -> None:
    await given(real, tenant, "client/acme", asked("register", MANAGER, **ACME))
    for name in ("F1", "F2"):
        finding = FINDING | {"grade": "minor", "source": {"system": "audit", "external_id": name}}
        report = Report("audit", name, f"nonconformity/{name}", asked("report", AUDITOR, finding=finding))
        assert [one.result for one in await real.report(tenant, [report], NOW)] == ["created"]
    said = {"others": ["F2"], "title": "Access", "statement": "Two.", "reason": "One cause"}
    await given(real, tenant, "nonconformity/F1", asked("aggregate", AUDITOR, **said))
    again = await real.transact(tenant, "nonconformity/F1", asked("aggregate", AUDITOR, **said), NOW)
    assert again.refusal is not None
    assert again.refusal.code == "aggregation_pending"
    case = await real.load(Scope(tenant), "nonconformity/F1")
    assert case is not None and isinstance(case.state, Case)
    [raised] = await reactions(real, tenant, "nonconformity/F1")
    assert raised.stream == f"nonconformity/{case.state.aggregating}"
    by = Actor(id="reaction:nonconformity/F1", kind="reaction")
    await given(real, tenant, raised.stream, asked(raised.name, by, **raised.body))
    by = Actor(id=f"reaction:{raised.stream}", kind="reaction")
    ended = await reactions(real, tenant, raised.stream)
    assert [one.stream for one in ended] == ["nonconformity/F1", "nonconformity/F2"]
    for one in ended:
        await given(real, tenant, one.stream, asked(one.name, by, **one.body))
    assert [each.faults async for each in real.verify(tenant)] == [()]
    assert await real.rebuild(tenant) == 0
    late = Actor(id="reaction:nonconformity/F2", kind="reaction")
    surplus = await real.transact(tenant, "nonconformity/late", asked(raised.name, late, **raised.body), NOW)
    assert surplus.refusal is not None
    assert surplus.refusal.code == "minors_taken"


async def test_lists_of_audits_and_certificates(server: Server, tenant: str) -> None:
    ledger = await PostgresLedger.open(server.app, REGISTRY, PolicyBook.load(), READ_MODELS)
    await filled(ledger, tenant)

    async def ids(kind: str, client: str | None = None, **wanted: object) -> list[str]:
        found = await entries.listed(ledger.database, Scope(tenant, client), kind, None, 10, **wanted)  # type: ignore[arg-type]
        return [item["key"] for item in json.loads(found.items)]

    assert await ids("audit") == ["A1", "A2"]
    assert await ids("audit", "acme") == ["A1", "A2"]
    assert await ids("audit", "other") == []
    assert await ids("audit", clients=["other"]) == []
    assert await ids("audit", clients=["other", "acme"], statuses=["planned", "concluded"]) == ["A1", "A2"]
    assert await ids("audit", statuses=["ended"]) == []
    assert await ids("audit", among={"stage": ["stage1", "surveillance"], "status": []}) == ["A1"]
    assert await ids("audit", among={"nothing": ["stage1"]}) == []
    assert await ids("audit", holding={"standards": ["ISO/IEC 27001"]}) == ["A2"]
    assert await ids("certificate", holding={"standards": ["ISO 9001"]}) == ["C1"]
    assert await ids("certificate", due_before=NOW + timedelta(days=9999)) == []
    first = await entries.listed(ledger.database, Scope(tenant), "audit", None, 1)
    assert first.last == "A1"
    second = await entries.listed(ledger.database, Scope(tenant), "audit", first.last, 1)
    assert ([item["seq"] for item in json.loads(second.items)], second.last) == ([4], None)
    await ledger.close()
