"""Lineage on both ledgers: of aggregations at one instant each minor is in one; what a finding says it is again."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from activities.ledger.memory import MemoryLedger
from activities.ledger.postgres import PostgresLedger
from activities.ledger.protocol import Ledger, Outcome, Report, Scope
from activities.readmodels import READ_MODELS
from tests.ledger.conftest import NOW, Server
from tests.ledger.test_entries import ACME, MANAGER, asked, given, reactions
from tests.workflows.conftest import AUDITOR, FINDING, REVIEWER
from workflows.canonical import digest
from workflows.decider import Command, Context, Event, Registry, Wants
from workflows.entries import CaseEntry, CaseQuery
from workflows.nonconformity.case import Case
from workflows.nonconformity.rules import PROCEDURE, Nonconformity
from workflows.people import Actor
from workflows.policy_book import PolicyBook
from workflows.registry import DECIDERS, REGISTRY


class Hasty(Nonconformity):
    """Aggregates by what was known before any other aggregation was recorded, as two do at one instant."""

    def decide(self, state: Case, command: Command, context: Context) -> Sequence[Event]:
        if command.name == "aggregate":
            before = [case.model_copy(update={"aggregating": None}) for case in context.facts.cases]
            context = replace(context, facts=replace(context.facts, cases=before))
        return super().decide(state, command, context)


@asynccontextmanager
async def opened(server: Server, kind: str, registry: Registry) -> AsyncIterator[Ledger]:
    if kind == "memory":
        yield MemoryLedger(registry, PolicyBook.load(), READ_MODELS)
        return
    ledger = await PostgresLedger.open(server.app, registry, PolicyBook.load(), READ_MODELS)
    yield ledger
    await ledger.close()


@pytest.fixture
async def real(server: Server, kind: str) -> AsyncIterator[Ledger]:
    async with opened(server, kind, REGISTRY) as ledger:
        yield ledger


@pytest.fixture
async def hasty(server: Server, kind: str) -> AsyncIterator[Ledger]:
    registry = Registry({**DECIDERS, "nonconformity": Hasty()}, REGISTRY.decode)
    async with opened(server, kind, registry) as ledger:
        yield ledger


async def found(ledger: Ledger, tenant: str, *names: str, grade: str = "minor") -> None:
    """Open cases on one requirement."""
    await given(ledger, tenant, "client/acme", asked("register", MANAGER, **ACME))
    for name in names:
        finding = FINDING | {"grade": grade, "source": {"system": "audit", "external_id": name}}
        report = Report("audit", name, f"nonconformity/{name}", asked("report", AUDITOR, finding=finding))
        assert [one.result for one in await ledger.report(tenant, [report], NOW)] == ["created"]


def aggregation(*others: str) -> Command:
    return asked("aggregate", AUDITOR, others=others, title="Access", statement="Two.", reason="One cause")


def closing(case: Case) -> Command:
    """The close-out of an opportunity for improvement, which asks for nothing before."""
    row = PROCEDURE.row("close")
    assert row.signs is not None
    signature = {"content_sha256": digest(row.signs(case)), "meaning": row.meaning}
    return asked("close", REVIEWER, statement="Noted", signature=signature)


async def case(ledger: Ledger, tenant: str, name: str) -> Case:
    loaded = await ledger.load(Scope(tenant), f"nonconformity/{name}")
    assert loaded is not None and isinstance(loaded.state, Case)
    return loaded.state


async def react(ledger: Ledger, tenant: str, stream: str) -> None:
    """Carries out what a stream owes, and tells it what was refused, as workers do."""
    for reaction in await reactions(ledger, tenant, stream):
        by = Actor(id=f"reaction:{stream}", kind="reaction")
        answer = await ledger.transact(tenant, reaction.stream, asked(reaction.name, by, **reaction.body), NOW)
        if answer.refusal is None:
            await react(ledger, tenant, reaction.stream)
        elif reaction.otherwise is not None:
            back = Actor(id=f"reaction:{reaction.stream}", kind="reaction")
            await given(ledger, tenant, stream, asked(reaction.otherwise, back, **reaction.told(answer.refusal)))


async def majors(ledger: Ledger, tenant: str) -> list[CaseEntry]:
    known = await ledger.facts(Scope(tenant), Wants(cases=CaseQuery(client="acme")))
    return [entry for entry in known.cases if entry.aggregates]


@pytest.mark.parametrize(
    ("first", "second", "left"),
    [
        (("F1", "F2"), ("F2", "F1"), ()),
        (("F1", "F2"), ("F3", "F2"), ("F3",)),
        (("F1", "F2", "F3"), ("F2", "F4"), ("F4",)),
    ],
)
async def test_of_two_aggregations_at_one_instant_one_is_raised(
    hasty: Ledger, tenant: str, first: tuple[str, ...], second: tuple[str, ...], left: tuple[str, ...]
) -> None:
    names = sorted({*first, *second})
    await found(hasty, tenant, *names)
    for leader, *others in (first, second):
        await given(hasty, tenant, f"nonconformity/{leader}", aggregation(*others))
    await asyncio.gather(*(react(hasty, tenant, f"nonconformity/{leader}") for leader, *_ in (first, second)))
    [major] = await majors(hasty, tenant)
    taken = set(major.aggregates)
    assert taken in ({*first}, {*second})
    assert {*names} - taken in ({*left}, {*first} - {*second})
    for name in names:
        seen = await case(hasty, tenant, name)
        ended = (seen.status, seen.superseded_by) == ("superseded", major.id)
        assert (ended, seen.aggregating) == (name in taken, None)
    assert [each.faults async for each in hasty.verify(tenant)] == [()]
    assert await hasty.rebuild(tenant) == 0


async def test_two_aggregations_at_one_instant_share_what_is_enough_for_both(hasty: Ledger, tenant: str) -> None:
    await found(hasty, tenant, "F1", "F2", "F3", "F4")
    await given(hasty, tenant, "nonconformity/F1", aggregation("F2"))
    await given(hasty, tenant, "nonconformity/F2", aggregation("F3", "F4"))
    for leader in ("F1", "F2"):
        await react(hasty, tenant, f"nonconformity/{leader}")
    assert sorted(major.aggregates for major in await majors(hasty, tenant)) == [("F1", "F2"), ("F3", "F4")]
    told = [await case(hasty, tenant, name) for name in ("F1", "F2", "F3", "F4")]
    assert {one.status for one in told} == {"superseded"}
    assert (told[0].superseded_by, told[2].superseded_by) == (told[1].superseded_by, told[3].superseded_by)


async def test_a_minor_that_is_being_aggregated_is_taken(real: Ledger, tenant: str) -> None:
    await found(real, tenant, "F1", "F2", "F3")
    await given(real, tenant, "nonconformity/F1", aggregation("F2"))
    answer = await real.transact(tenant, "nonconformity/F2", aggregation("F1"), NOW)
    assert answer.refusal is not None
    systemic = (await case(real, tenant, "F1")).aggregating
    assert (answer.refusal.code, str(systemic) in answer.refusal.detail) == ("other_taken", True)
    # The major stands, and its minors have not ended yet.
    [raised] = await reactions(real, tenant, "nonconformity/F1")
    by = Actor(id="reaction:nonconformity/F1", kind="reaction")
    await given(real, tenant, raised.stream, asked(raised.name, by, **raised.body))
    number = (await case(real, tenant, str(systemic))).number
    for leader, other in (("F2", "F3"), ("F3", "F2")):
        answer = await real.transact(tenant, f"nonconformity/{leader}", aggregation(other), NOW)
        assert answer.refusal is not None
        assert (answer.refusal.code, str(number) in answer.refusal.detail) == ("other_taken", True)
    await react(real, tenant, raised.stream)
    answer = await real.transact(tenant, "nonconformity/F3", aggregation("F2"), NOW)
    assert answer.refusal is not None
    assert answer.refusal.code == "other_not_an_open_minor"


async def test_cases_by_number_and_by_what_they_hold(real: Ledger, tenant: str) -> None:
    await found(real, tenant, "F1", "F2", "F3")
    await given(real, tenant, "nonconformity/F1", aggregation("F2"))
    await react(real, tenant, "nonconformity/F1")
    major = (await case(real, tenant, "F1")).superseded_by

    async def ids(**query: object) -> set[str]:
        known = await real.facts(Scope(tenant), Wants(cases=CaseQuery.model_validate(query)))
        assert len({entry.id for entry in known.cases}) == len(known.cases)
        return {entry.id for entry in known.cases}

    numbers = {name: (await case(real, tenant, name)).number for name in ("F1", "F3")}
    assert await ids(numbers=[numbers["F3"], "NC-1999-0001"]) == {"F3"}
    assert await ids(numbers=[numbers["F3"]], ids=["F1"]) == set()
    assert await ids(numbers=[]) == set()
    assert await ids(ids=["F2"]) == {"F2"}
    assert await ids(ids=["F2"], holder="acme") == {"F2", major}
    assert await ids(ids=["F2", major], holder="acme") == {"F2", major}
    assert await ids(ids=["F3"], holder="acme") == {"F3"}
    assert await ids(ids=["F2"], holder="globex") == {"F2"}


async def test_a_stated_recurrence_names_a_closed_case_of_its_client(real: Ledger, tenant: str) -> None:
    await found(real, tenant, "F1", grade="ofi")

    async def reported(name: str, named: str | None) -> Outcome:
        source = {"system": "audit", "external_id": name}
        finding = FINDING | {"grade": "minor", "source": source, "recurrence_of": named}
        report = Report("audit", name, f"nonconformity/{name}", asked("report", AUDITOR, finding=finding))
        [outcome] = await real.report(tenant, [report], NOW)
        return outcome

    for named, code in (("nobody", "ancestor_unknown"), ("F1", "ancestor_not_closed")):
        outcome = await reported("F3", named)
        assert outcome.answer is not None and outcome.answer.refusal is not None
        assert (outcome.result, outcome.answer.refusal.code) == ("rejected", code)
        assert outcome.answer.refusal.pointer == "/recurrence_of"
    known = await case(real, tenant, "F1")
    await given(real, tenant, "nonconformity/F1", closing(known))
    for name, reference in (("F3", known.number), ("F4", "F1")):
        assert (await reported(name, reference)).result == "created"
        assert (await case(real, tenant, name)).recurrence_of == "nonconformity/F1"
    facts = await real.facts(Scope(tenant), Wants(cases=CaseQuery(client="acme")))
    assert {entry.id: entry.recurrence_of for entry in facts.cases if entry.recurrence_of} == {"F3": "F1", "F4": "F1"}
    assert [each.faults async for each in real.verify(tenant)] == [()]
    assert await real.rebuild(tenant) == 0
