"""Policies beside states, in the record of the real kinds: each kept once a tenant, whatever happens to a row."""

import hashlib
import json
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest

from activities.ledger import policies
from activities.ledger.postgres import PostgresLedger
from activities.ledger.protocol import Report, Scope
from activities.readmodels import READ_MODELS
from activities.reads.living import living
from tests.ledger.conftest import NOW, Connection, Server
from tests.ledger.test_entries import ACME, MANAGER, asked, given
from tests.workflows.conftest import AUDITOR, FINDING, OWNER
from workflows.calendars import Calendar
from workflows.nonconformity.case import Case
from workflows.policy import Policy
from workflows.policy_book import PolicyBook
from workflows.registry import REGISTRY

F1, F2, TRIAGE = (f"nonconformity/{name}" for name in ("F1", "F2", "F3"))
BODY = "SELECT body FROM closeout.policies WHERE tenant = $1"
LOST = "UPDATE closeout.streams SET policy = '\\x00' WHERE tenant = $1 AND stream = $2"
NAMED = "SELECT policy FROM closeout.streams WHERE tenant = $1 AND stream = $2"


@pytest.fixture
async def ledger(server: Server) -> AsyncIterator[PostgresLedger]:
    opened = await PostgresLedger.open(server.app, REGISTRY, PolicyBook.load(), READ_MODELS)
    yield opened
    await opened.close()


@pytest.fixture
async def cases(ledger: PostgresLedger, tenant: str) -> str:
    """A tenant with two issued cases and one in triage."""
    await given(ledger, tenant, "client/acme", asked("register", MANAGER, **ACME))
    for name, graded in (("F1", {"grade": "minor"}), ("F2", {"grade": "minor"}), ("F3", {})):
        finding = FINDING | graded | {"source": {"system": "audit", "external_id": name}}
        report = Report("audit", name, f"nonconformity/{name}", asked("report", AUDITOR, finding=finding))
        assert [one.result for one in await ledger.report(tenant, [report], NOW)] == ["created"]
    return tenant


async def case(ledger: PostgresLedger, tenant: str, stream: str = F1, client: str | None = None) -> Case:
    found = await ledger.load(Scope(tenant, client), stream)
    assert found is not None and isinstance(found.state, Case)
    return found.state


async def faults(ledger: PostgresLedger, tenant: str) -> list[tuple[str, str]]:
    return [(fault.stream, fault.what) async for each in ledger.verify(tenant) for fault in each.faults]


async def renamed(owner: Connection, tenant: str, *streams: str) -> str:
    """These rows name a policy that no process here has read, of another title; answers that."""
    body: dict[str, Any] = json.loads(await owner.fetchval(BODY, tenant))
    body["title"] = title = f"Rules of {tenant}"
    kept = policies.kept(Policy.model_validate(body))
    insert = "INSERT INTO closeout.policies (tenant, sha256, body) VALUES ($1, $2, $3)"
    await owner.execute(insert, tenant, kept.sha256, kept.body.encode())
    move = "UPDATE closeout.streams SET policy = $2 WHERE tenant = $1 AND stream = ANY($3)"
    await owner.execute(move, tenant, kept.sha256, streams)
    return title


async def test_a_tenant_keeps_a_policy_once(ledger: PostgresLedger, owner: Connection, cases: str) -> None:
    [row] = await owner.fetch("SELECT sha256, body FROM closeout.policies WHERE tenant = $1", cases)
    assert row["sha256"] == hashlib.sha256(row["body"]).digest()
    first, second = await case(ledger, cases), await case(ledger, cases, F2)
    assert first.policy is not None
    assert first.policy is second.policy
    assert json.loads(row["body"]) == first.policy.model_dump(mode="json")
    told = [one.data for one in await ledger.history(Scope(cases), F1) if one.data is not None]
    assert [data["policy"] for data in told if "policy" in data] == [json.loads(row["body"])]
    rows = await owner.fetch("SELECT stream, state, policy FROM closeout.streams WHERE tenant = $1", cases)
    named = {r["stream"]: (r["policy"], "policy" in json.loads(r["state"])) for r in rows}
    assert (named[F1], named[F2]) == ((row["sha256"], False), (row["sha256"], False))
    assert (named[TRIAGE][0], (await case(ledger, cases, TRIAGE)).policy) == (None, None)
    assert await faults(ledger, cases) == []
    assert await ledger.rebuild(cases) == 0


async def test_the_same_policy_is_each_tenants_own(ledger: PostgresLedger, owner: Connection, cases: str) -> None:
    other = f"{cases}-other"
    await given(ledger, other, "client/acme", asked("register", MANAGER, **ACME))
    finding = FINDING | {"grade": "minor", "source": {"system": "audit", "external_id": "F1"}}
    await ledger.report(other, [Report("audit", "F1", F1, asked("report", AUDITOR, finding=finding))], NOW)
    assert await owner.fetchval(BODY, other) == await owner.fetchval(BODY, cases)
    assert await faults(ledger, other) == []


async def test_another_policy_is_kept_beside_the_first(server: Server, owner: Connection, cases: str) -> None:
    majors = Policy(name="majors", version="1", grades=("major",), calendar=Calendar(country="client"))
    book = PolicyBook([*PolicyBook.load().policies, majors])
    ledger = await PostgresLedger.open(server.app, REGISTRY, book, READ_MODELS)
    await given(ledger, cases, TRIAGE, asked("issue", AUDITOR, grade="major"))
    found = await case(ledger, cases, TRIAGE)
    assert found.policy is not None
    assert (found.policy.name, found.policy.calendar.country) == ("majors", "DE")
    kept = {row["sha256"] for row in await owner.fetch("SELECT sha256 FROM closeout.policies WHERE tenant = $1", cases)}
    assert kept == {await owner.fetchval(NAMED, cases, stream) for stream in (F1, TRIAGE)}
    assert len(kept) == 2
    assert await faults(ledger, cases) == []
    await ledger.close()


async def test_what_another_process_stored_is_read(ledger: PostgresLedger, owner: Connection, cases: str) -> None:
    title = await renamed(owner, cases, F1, F2)
    for client in (None, "acme"):
        found = await living(ledger.database, Scope(cases, client), "acme", 10)
        assert {name: one.policy and one.policy.title for name, one in found.items()} == {"F1": title, "F2": title}


async def test_a_client_reads_the_policy_of_its_case(ledger: PostgresLedger, owner: Connection, cases: str) -> None:
    title = await renamed(owner, cases, F1)
    found = await case(ledger, cases, client="acme")
    assert found.policy is not None
    assert found.policy.title == title


async def test_a_command_names_the_policy_that_it_read(ledger: PostgresLedger, owner: Connection, cases: str) -> None:
    title = await renamed(owner, cases, F2)
    named = await owner.fetchval(NAMED, cases, F2)
    await given(ledger, cases, F2, asked("assign", OWNER, role="client_owner", person="ben"))
    found = await case(ledger, cases, F2)
    assert found.policy is not None
    assert (found.policy.title, found.assigned) == (title, {"client_owner": "ben"})
    assert await owner.fetchval(NAMED, cases, F2) == named


async def test_a_policy_that_is_lost_is_taken_from_the_events(
    ledger: PostgresLedger, owner: Connection, cases: str
) -> None:
    before, digest = await case(ledger, cases), await owner.fetchval(NAMED, cases, F1)
    await owner.execute(LOST, cases, F1)
    assert await faults(ledger, cases) == [(F1, "the policy that the row names is not kept")]
    assert await case(ledger, cases, client="acme") == before
    await given(ledger, cases, F1, asked("assign", OWNER, role="client_owner", person="ben"))
    assert await faults(ledger, cases) == []
    assert await owner.fetchval(NAMED, cases, F1) == digest


async def test_a_rebuild_keeps_a_policy_anew(ledger: PostgresLedger, owner: Connection, cases: str) -> None:
    await case(ledger, cases)
    body = await owner.fetchval(BODY, cases)
    await owner.execute("DELETE FROM closeout.policies WHERE tenant = $1", cases)
    assert {stream for stream, _ in await faults(ledger, cases)} == {F1, F2}
    assert await ledger.rebuild(cases) == 1  # which brings it back for the other one
    assert await faults(ledger, cases) == []
    assert await owner.fetchval(BODY, cases) == body


async def test_no_policy_is_kept_under_a_wrong_digest(owner: Connection, app: Connection, cases: str) -> None:
    with pytest.raises(asyncpg.CheckViolationError):
        await owner.execute("UPDATE closeout.policies SET body = body || ' ' WHERE tenant = $1", cases)
    async with app.transaction():
        await app.execute("SELECT closeout.enter($1, NULL)", cases)
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await app.execute("DELETE FROM closeout.policies")


async def test_what_was_altered_is_not_read(owner: Connection, cases: str) -> None:
    body = json.loads(await owner.fetchval(BODY, cases))
    digest = await owner.fetchval(NAMED, cases, F1)
    for altered in ({**body, "title": "x"}, {**body, "round_limit": 0}):
        row: Any = {"sha256": digest, "body": json.dumps(altered).encode()}
        assert policies.Shelf().read([row]) == {}
    row = {"sha256": digest, "body": json.dumps(body).encode()}
    assert list(policies.Shelf().read([row])) == [digest]


async def test_the_shelf_forgets_what_was_named_longest_ago(cases: str, owner: Connection) -> None:
    body, shelf = json.loads(await owner.fetchval(BODY, cases)), policies.Shelf()

    def stored(n: int) -> Any:
        kept = policies.kept(Policy.model_validate(body | {"title": f"{n}"}))
        return {"sha256": kept.sha256, "body": kept.body.encode(), "policy": kept.sha256}

    first, second, *others = (stored(n) for n in range(policies.REMEMBERED + 1))
    shelf.read([first, second, *others[:-1]])
    assert list(shelf.known([first])) == [first["sha256"]]
    shelf.read(others[-1:])
    assert list(shelf.known([first, second])) == [first["sha256"]]
