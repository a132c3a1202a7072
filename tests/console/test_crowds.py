"""Pages of a certification body with many cases: as many queries as with few, keyset pages, no table read whole."""

import json
import re
from collections import Counter
from datetime import UTC, datetime
from html import unescape
from uuid import uuid4

import asyncpg
import httpx
import pytest

from activities.ledger.protocol import Scope
from activities.reads.calendars import dated
from activities.reads.desk import audits_of
from activities.reads.nonconformities import Wanted, listed
from activities.reads.waiting import waiting
from bench import caseload
from bench.million import id_of
from services.console.lists import views
from services.console.lists.items import PAGE
from tests.api.conftest import FINDING, Desk, Office
from tests.console.asking import Asked, asked
from tests.console.conftest import Console
from workflows.people import Actor, Role

MANY = 6000
"""So many cases that the planner reads a whole table only where it finds no index."""

FEW = 600
"""A tenth of them, more than any page or search here finds."""

LARGE = {"nonconformities", "streams", "events", "source_refs", "entries"}
"""The tables that have rows for each case, or audit."""

LATE = (
    "UPDATE closeout.nonconformities SET due_at = due_at - interval '90 days' WHERE tenant = $1 AND due_at IS NOT NULL"
)
"""So that nearly all that lives is overdue."""

RARE = "UPDATE closeout.nonconformities SET grade = 'ofi' WHERE tenant = $1 AND id = $2"
AUDITS = """
    INSERT INTO closeout.entries (tenant, kind, id, org, client, status, view, shown, seen_by, updated_at, seq)
    SELECT
        $1, 'audit', 'A-' || n, 'acme', 'acme', 'planned', jsonb_build_object('starts_on', '2026-03-01'), true,
        ARRAY['audit:A-' || n, 'person:auditor-' || n % 500], now(), 1
    FROM generate_series(1, $2::int) AS n
"""
"""As many audits, of five hundred auditors."""

GONE = """
    INSERT INTO closeout.people (tenant, id, name, client, left_at)
    VALUES ($1, 'person-7', 'Ana', NULL, now()), ($1, 'owner-3', 'Ben', 'client-3', now())
"""
"""Two who left, of the body and of a client."""

LISTED = re.compile(r'<h2><a href="/console/cases/([^"]+)"')
NEXT = re.compile(r'href="/console(/[^"]+)" rel="next"')


async def asks(console: Console, monkeypatch: pytest.MonkeyPatch, who: str, path: str) -> tuple[Asked, str]:
    """What a page asks, when its process has seen it before; and the page."""
    name, text, _ = await console.cookie(who)
    headers = {"Cookie": f"{name}={text}"}
    await console.desk.http.get(f"/console{path}", headers=headers)
    async with asked(monkeypatch) as noted:
        answer = await console.desk.http.get(f"/console{path}", headers=headers)
    assert answer.status_code == 200, answer.text
    return noted, answer.text


async def report(console: Console, numbers: range) -> list[str]:
    """Findings whose reports state their grades; their ids."""
    key = await console.desk.key(f"scanner-{numbers.start}", may_state_grades=True)
    findings = [
        FINDING | {"source": {"system": f"scanner-{numbers.start}", "external_id": str(n)}, "title": f"Finding {n}"}
        for n in numbers
    ]
    answer = await console.desk.ask(key, "POST", "/v1/findings", findings)
    return [item["id"] for item in answer.json()["items"]]


async def test_a_page_asks_as_often_with_ten_cases_as_with_hundreds(
    console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    [case, *_] = await report(console, range(10))
    number = (await console.desk.get("reviewer", f"/v1/nonconformities/{case}"))["number"]
    pages = [("owner", "/?view=mine"), ("reviewer", "/?view=mine"), ("auditor", "/?view=audits")]
    pages += [("reviewer", f"/?view={view}") for view in ("overdue", "living", "all", "triage")]
    searches = (f"q={number}", f"q={number[-4:]}", "q=finding", "q=find", "requirement=A.5.18")
    pages += [("reviewer", f"/?view=all&{by}") for by in searches]
    pages += [(who, f"/cases/{case}") for who in ("owner", "reviewer")] + [("reviewer", "/overview")]

    async def counted() -> dict[tuple[str, str], list[str]]:
        return {page: (await asks(console, monkeypatch, *page))[0].statements for page in pages}

    few = await counted()
    assert all(0 < len(statements) <= 40 for statements in few.values()), {page: len(few[page]) for page in few}
    for numbers in (range(10, 100), range(100, 300)):
        await report(console, numbers)
        assert await counted() == few


@pytest.mark.parametrize("query", ["view=mine", "view=living", "view=all", "view=all&q=finding"])
async def test_pages_show_each_case_once_while_others_come(console: Console, query: str) -> None:
    before = await report(console, range(60))
    path: str | None = f"/?{query}"
    seen: Counter[str] = Counter()
    pages = 0
    while path is not None:
        told = (await console.get("owner", path)).text
        seen.update(LISTED.findall(told))
        pages += 1
        await report(console, range(100 * pages, 100 * pages + 3))
        following = NEXT.search(told)
        path = unescape(following[1]) if following else None
    assert pages >= 3
    assert {case: seen[case] for case in before} == dict.fromkeys(before, 1)
    assert max(seen.values()) == 1


@pytest.fixture(scope="module")
async def crowded(office: Office, http: httpx.AsyncClient) -> Console:
    """A certification body with many cases."""
    desk = Desk(f"t{uuid4().hex[:12]}", office, http)
    answer = await desk.ask("manager", "POST", "/v1/clients", {"key": "acme", "name": "Acme"})
    assert answer.status_code == 201, answer.text
    async with asyncpg.create_pool(office.settings.owner, min_size=1, max_size=1) as owner:
        await caseload.fill(office.ledger, owner, desk.tenant, MANY)
        await owner.execute(LATE, desk.tenant)
        await owner.execute(RARE, desk.tenant, id_of(77))
        await owner.execute(AUDITS, desk.tenant, MANY)
        for table in ("nonconformities", "entries"):
            await owner.execute(f"VACUUM ANALYZE closeout.{table}")
    return Console(desk)


async def test_no_page_reads_a_table_whole(crowded: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    views = [f"view={view}" for view in ("mine", "audits", "assigned", "overdue", "triage", "living", "all")]
    finds = [
        f"view=all&q={words}" for words in ("NC-0000-77", "0000-777", "area+77", "leavers", "leav", "5.18", "nowhere")
    ]
    finds += [f"view=all&requirement={name}" for name in ("A.5.7", "ISO/IEC+27001+A.5.7", "A.5.99")]
    finds += ["view=all&site=Site+7", "view=all&audit=A-7", "view=all&client=client-7", "view=living&q=area+77"]
    whole: dict[tuple[str, str, str], int] = {}
    for who in ("reviewer", "auditor", "owner"):
        for path in [f"/?{query}" for query in (*views, *finds)] + ([] if who == "owner" else [f"/cases/{id_of(77)}"]):
            noted, _ = await asks(crowded, monkeypatch, who, path)
            whole |= {(who, path, table): n for table, n in noted.scans.items() if n and table in LARGE}
    assert whole == {}


async def test_a_search_reads_what_it_finds(crowded: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    found = {
        "q=NC-0000-77": 1,
        "q=0000-777": 1,
        "q=area+77": 6,
        "q=area+777": 6,
        "q=nowh": 0,
        "q=area+77&status=open": 0,
        "q=nowhere": 0,
        "q=A.5.7": 25,
        "requirement=ISO/IEC+27001+A.5.7": 25,
        "requirement=A.5.7": 25,
        "requirement=A.5.99": 0,
        "site=Site+7": 9,
        "grade=ofi": 1,
    }
    nothing, _ = await asks(crowded, monkeypatch, "reviewer", "/?view=all&client=none")
    for query, number in found.items():
        noted, told = await asks(crowded, monkeypatch, "reviewer", f"/?view=all&{query}")
        assert len(LISTED.findall(told)) == number, query
        assert noted.rows["nonconformities"] - nothing.rows["nonconformities"] <= FEW, query


async def test_an_auditors_page_reads_the_audits_of_one(crowded: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = crowded.desk
    noted, _ = await asks(crowded, monkeypatch, "auditor", "/?view=audits")
    assert noted.rows["entries"] <= FEW
    database = desk.office.ledger.database
    theirs = [f"A-{n}" for n in range(7, MANY + 1, 500)]
    async with asked(monkeypatch) as alone:
        found = await audits_of(database, Scope(desk.tenant), Actor(id="auditor-7", roles=frozenset({Role.AUDITOR})))
    assert sorted(found) == sorted(theirs)
    assert alone.rows["entries"] <= FEW


async def test_a_calendar_reads_what_it_tells(crowded: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those assigned to somebody and those of their audits; or those of a client."""
    desk = crowded.desk
    long_ago, most = datetime(2000, 1, 1, tzinfo=UTC), 1000
    issued = [n for n in range(1, MANY + 1) if n % 10 != 1]  # of ten, the first is in triage
    for client, theirs in (
        (None, [n for n in issued if n % 900 == 7 or n // 25 == 9]),
        ("client-7", [n for n in issued if n % caseload.CLIENTS == 7]),
    ):
        scope = Scope(desk.tenant, client)
        async with asked(monkeypatch) as noted:
            found = await dated(desk.office.ledger.database, scope, "person-7", ["A-9"], long_ago, most)
        assert sorted(found) == [id_of(n) for n in theirs]
        assert noted.rows["nonconformities"] <= FEW


async def test_what_waits_on_who_left_is_looked_for_among_what_is_theirs(
    crowded: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The cases that they are assigned to, and those of their client that live; of audits, all that are to come."""
    connection = await asyncpg.connect(crowded.desk.office.settings.owner)
    try:
        await connection.execute(GONE, crowded.desk.tenant)
    finally:
        await connection.close()
    for person in (None, "person-7", "owner-3"):
        async with asked(monkeypatch) as noted:
            assert await waiting(crowded.desk.office.ledger.database, crowded.desk.tenant, person) == []
        assert {table: n for table, n in noted.scans.items() if n and table in LARGE - {"entries"}} == {}
        assert noted.rows["nonconformities"] <= FEW
        assert noted.rows["streams"] <= FEW


async def test_pages_of_what_is_overdue_read_one_page(crowded: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was due first comes first, and each page reads on where the last one ended.

    At a time at which the dates of all bodies have passed: of a few in a table, the planner reads all and sorts them.
    """
    living, scope = Wanted(status=views.LIVING, overdue=True), Scope(crowded.desk.tenant)
    database, at = crowded.desk.office.ledger.database, datetime(2190, 1, 1, tzinfo=UTC)
    dues: list[tuple[str, str]] = []
    last: tuple[datetime, str] | None = None
    for _ in range(10):
        async with asked(monkeypatch) as noted:
            page = await listed(
                database, scope, living, at, last and last[1], PAGE, by_act=True, after_act=last and last[0]
            )
        assert noted.rows["nonconformities"] <= 4 * PAGE
        rows = json.loads(page.items)
        dues += [(row["due_at"], row["id"]) for row in rows]
        last = datetime.fromisoformat(rows[-1]["due_at"]), rows[-1]["id"]
    assert dues == sorted(set(dues))
    assert len(dues) == 10 * PAGE
    assert dues[-1][0] < at.isoformat()


async def test_the_view_of_what_is_overdue_goes_on_page_by_page(crowded: Console) -> None:
    seen: list[str] = []
    path: str | None = "/?view=overdue"
    while path is not None and len(seen) < 3 * PAGE:
        told = (await crowded.get("reviewer", path)).text
        seen += LISTED.findall(told)
        following = NEXT.search(told)
        path = unescape(following[1]) if following else None
    assert len(seen) == len(set(seen)) == 3 * PAGE
