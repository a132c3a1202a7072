"""Pages of a certification body with many cases: as many queries as with few, keyset pages, no table read whole."""

import re
from collections import Counter
from html import unescape
from uuid import uuid4

import asyncpg
import httpx
import pytest

from bench import caseload
from bench.million import id_of
from tests.console.asking import Asked, asked
from tests.console.conftest import Console
from tests.desk import FINDING, Desk, Office

MANY = 6000
"""So many cases that the planner reads a whole table only where it finds no index."""

FEW = 600
"""A tenth of them, more than any page or search here finds."""

LARGE = {"nonconformities", "streams", "events", "source_refs"}
"""The tables that have rows for each case."""

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
    pages += [("reviewer", f"/?view=all&{by}") for by in (f"q={number}", "q=finding", "requirement=A.5.18")]
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
    return Console(desk)


async def test_no_page_reads_a_table_whole(crowded: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    views = [f"view={view}" for view in ("mine", "audits", "assigned", "overdue", "triage", "living", "all")]
    finds = [f"view=all&q={words}" for words in ("NC-0000-77", "area+77", "leavers", "nowhere")]
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
        "q=area+77": 6,
        "q=area+77&status=open": 0,
        "q=nowhere": 0,
        "q=A.5.7": 25,
        "requirement=ISO/IEC+27001+A.5.7": 25,
        "requirement=A.5.7": 25,
        "requirement=A.5.99": 0,
        "site=Site+7": 9,
    }
    nothing, _ = await asks(crowded, monkeypatch, "reviewer", "/?view=all&client=none")
    for query, number in found.items():
        noted, told = await asks(crowded, monkeypatch, "reviewer", f"/?view=all&{query}")
        assert len(LISTED.findall(told)) == number, query
        assert noted.rows["nonconformities"] - nothing.rows["nonconformities"] <= FEW, query
