"""What a viewer sees of a body: what names a badge that they wear; the same on every ledger."""

from datetime import timedelta
from typing import Any

import asyncpg
import pytest

from activities.ledger.postgres import PostgresLedger
from activities.ledger.protocol import Ledger, Report, Scope, Viewer
from tests.ledger.conftest import NOW, Connection, Enrol, command, faults
from workflows.decider import Wants
from workflows.entries import CaseQuery
from workflows.people import Person, Role

DAY = timedelta(days=1)
GRANT = """
    INSERT INTO closeout.grants (
        tenant, id, person, client, audit, case_id, until, reason, granted_by, revoked_by, revoked_at
    )
    VALUES ($1, $2, $3, $4, $5, $6, now() + $7, 'r', 'm', $8, CASE WHEN $8::text IS NULL THEN NULL ELSE now() END)
"""


async def opened(ledger: Ledger, tenant: str, name: str, **body: Any) -> None:
    assert (await ledger.transact(tenant, name, command("open", **body), NOW)).refusal is None


@pytest.fixture
async def body(ledger: Ledger, tenant: str) -> str:
    """A tenant with two audits, a case in each and one of none, two clients and a review of case 1."""
    for client in ("acme", "other"):
        await opened(ledger, tenant, f"client/{client}", client=client)
    for audit, client, member in (("A-1", "acme", "anna"), ("A-2", "other", "ben")):
        await opened(ledger, tenant, f"audit/{audit}", client=client, note=member)
    for case, client, ref in (("1", "acme", "A-1"), ("2", "other", "A-2"), ("3", "other", "")):
        opening = command("open", client=client, ref=ref, note="raiser")
        await ledger.report(tenant, [Report("scanner", ref or case, f"nonconformity/{case}", opening)], NOW)
    await opened(ledger, tenant, "committee_review/R", client="acme", note="cleo")
    return tenant


async def seen(ledger: Ledger, tenant: str, viewer: Viewer) -> set[str]:
    """The streams that a viewer sees, by every way alike."""
    scope = Scope(tenant, viewer=viewer)
    names = {event.stream for event in await ledger.feed(Scope(tenant), None)}
    found = {name for name in names if await ledger.load(scope, name)}
    assert found == {event.stream for event in await ledger.feed(scope, None)}
    assert found == {name for name in names if await ledger.history(scope, name)}
    cases = (await ledger.facts(scope, Wants(cases=CaseQuery()))).cases
    assert {f"nonconformity/{case.id}" for case in cases} == {name for name in found if name.startswith("nonc")}
    facts = [await ledger.facts(scope, Wants(client=client, audits=True)) for client in ("acme", "other")]
    assert {f"client/{one.client.key}" for one in facts if one.client} == {name for name in found if name[:3] == "cli"}
    audits = {f"audit/{audit.key}" for one in facts for audit in one.audits}
    assert audits == {name for name in found if name[:3] == "aud"}
    return found


async def test_a_viewer_sees_what_names_a_badge(ledger: Ledger, body: str) -> None:
    anna = frozenset({"person:anna"})
    assert await seen(ledger, body, Viewer()) == set()
    assert await seen(ledger, body, Viewer(anna)) == {"audit/A-1"}
    assert await seen(ledger, body, Viewer(anna, team=anna)) == {"audit/A-1", "nonconformity/1"}
    assert await seen(ledger, body, Viewer(member="cleo")) == {"nonconformity/1"}
    assert await seen(ledger, body, Viewer(member="anna")) == set()
    assert await seen(ledger, body, Viewer(frozenset({"client:other", "case:1"}))) == {
        "audit/A-2", "client/other", "nonconformity/1", "nonconformity/2", "nonconformity/3",
    }  # fmt: skip
    assert await faults(ledger, body) == []
    assert await ledger.rebuild(body) == 0


async def test_a_team_that_changes_is_another_from_then_on(ledger: Ledger, body: str) -> None:
    viewer = Viewer(team=frozenset({"person:dora"}))
    assert await seen(ledger, body, viewer) == set()
    await opened(ledger, body, "audit/A-3", client="other", note="dora")
    assert await seen(ledger, body, viewer) == {"audit/A-3"}
    await opened(ledger, body, "nonconformity/4", client="other", ref="A-3")
    assert await seen(ledger, body, viewer) == {"audit/A-3", "nonconformity/4"}


async def test_people_are_known_to_colleagues_and_by_cases(ledger: Ledger, body: str, enrol: Enrol) -> None:
    for who, client in (("own", None), ("a", "acme"), ("o", "other")):
        roles = frozenset({Role.COMMITTEE_MEMBER if client is None else Role.CLIENT_OWNER})
        await enrol(body, Person(id=who, name=who, roles=roles, client=client))

    async def known(viewer: Viewer, client: str) -> list[str]:
        facts = await ledger.facts(Scope(body, viewer=viewer), Wants(client=client, committee=True, people=True))
        return [person.id for person in (*facts.committee, *facts.people)]

    assert await known(Viewer(frozenset({"case:1"})), "acme") == ["a"]
    assert await known(Viewer(frozenset({"case:1", "staff"})), "other") == ["own"]
    assert await known(Viewer(frozenset({"client:acme"})), "other") == []


async def test_a_grant_shows_until_it_ends(postgres: PostgresLedger, owner: Connection, tenant: str) -> None:
    for client, audit in (("acme", "A-1"), ("other", "A-2")):
        await opened(postgres, tenant, f"client/{client}", client=client)
        await opened(postgres, tenant, f"audit/{audit}", client=client)
        await opened(postgres, tenant, f"nonconformity/{audit}", client=client, ref=audit)
    granted = (
        ("whole", "acme", None, None, DAY, None),
        ("audit", None, "A-2", None, DAY, None),
        ("case", None, None, "A-2", DAY, None),
        ("late", "acme", None, None, -DAY, None),
        ("revoked", "acme", None, None, DAY, "m"),
    )
    for person, *values in granted:
        await owner.execute(GRANT, tenant, person, person, *values)

    async def shown(person: str) -> set[str]:
        scope = Scope(tenant, viewer=Viewer(grantee=person))
        return {event.stream for event in await postgres.feed(scope, None)}

    assert await shown("whole") == {"client/acme", "audit/A-1", "nonconformity/A-1"}
    assert await shown("audit") == {"audit/A-2", "nonconformity/A-2"}
    assert await shown("case") == {"nonconformity/A-2"}
    assert await shown("late") == await shown("revoked") == await shown("nobody") == set()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE closeout.grants SET until = until + interval '1 day' WHERE tenant = $1",
        "UPDATE closeout.grants SET revoked_by = NULL, revoked_at = NULL WHERE tenant = $1 AND id = 'ended'",
        "DELETE FROM closeout.grants WHERE tenant = $1",
    ],
)
async def test_a_grant_is_revoked_once_and_never_changed(owner: Connection, tenant: str, statement: str) -> None:
    await owner.execute(GRANT, tenant, "ended", "p", "acme", None, None, DAY, "m")
    await owner.execute(GRANT, tenant, "runs", "p", "acme", None, None, DAY, None)
    with pytest.raises(asyncpg.InsufficientPrivilegeError, match="append-only"):
        await owner.execute(statement, tenant)
    revoked = "UPDATE closeout.grants SET revoked_by = 'm', revoked_at = now() WHERE tenant = $1 AND id = 'runs'"
    assert await owner.execute(revoked, tenant) == "UPDATE 1"


async def test_nobody_is_client_and_viewer(app: Connection, tenant: str) -> None:
    with pytest.raises(asyncpg.InvalidParameterValueError):
        await app.execute("SELECT closeout.enter($1, 'acme', '{}')", tenant)
    async with app.transaction():
        await app.execute("SELECT closeout.enter($1, NULL, '{}')", tenant)
        assert await app.execute("UPDATE closeout.nonconformities SET title = 'mine'") == "UPDATE 0"
