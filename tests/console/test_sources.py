"""Sources at the console: ways in, when each was heard last, and what became of what it sent."""

import re
from datetime import UTC, datetime, timedelta
from html import unescape

import asyncpg
import pytest

from activities.directory import sources
from activities.directory.sources import LAST
from tests.api.conftest import FINDING
from tests.api.test_hooks import alert, github, made, sent
from tests.console.asking import asked
from tests.console.conftest import Console
from tests.console.test_administration import document

MANY = 6000
"""So many imports that the planner reads the whole table only where it finds no index."""

COPIES = """
    INSERT INTO closeout.imports
    SELECT (jsonb_populate_record(i, jsonb_build_object('id', i.id || n, 'source', 's' || n % 3))).*
    FROM closeout.imports AS i, generate_series(1, $3::int) AS n WHERE i.tenant = $1 AND i.id = $2
"""
"""Imports like one that has ended, of three sources."""

KNOWN = """
    INSERT INTO closeout.source_refs (tenant, source, external_id, occurrence, stream)
    SELECT $1, 's' || n % 3, 'x' || n, 1, 'nonconformity/x' || n FROM generate_series(1, $2::int) AS n
"""
"""References of three sources."""

TAGS = re.compile(r"<[^>]*>")


def rows(page: str) -> list[str]:
    """The lines of a list as one reads them."""
    return [
        " ".join(unescape(TAGS.sub(" ", row)).split()) for row in re.findall(r"<tr>(.*?)</tr>", page, re.DOTALL)[1:]
    ]


async def imports(console: Console, key: str, content: bytes) -> str:
    """An import by a key that has ended."""
    answer = await console.desk.ask(key, "POST", "/v1/imports", content=content)
    assert answer.status_code == 202, answer.text
    one: str = answer.json()["id"]
    await console.desk.once("manager", f"/v1/imports/{one}", lambda told: told["ended_at"] is not None)
    return one


async def test_a_source_is_told_with_its_ways_in_and_what_became_of_what_it_sent(console: Console) -> None:
    assert "Nothing reports here yet" in (await console.get("manager", "/sources")).text
    soon = (datetime.now(UTC) + timedelta(days=3)).isoformat()
    key = await console.desk.key("scanner & co", client="acme", expires_at=soon)
    await console.desk.key("scanner & co")
    await console.desk.key("quiet", expires_at=(datetime.now(UTC) + timedelta(days=300)).isoformat())
    hook = await made(console.desk, "github", source="scanner & co")
    assert (await sent(console.desk, hook, alert(), github(alert(), hook["secret"]))).status_code == 201
    one = await imports(console, key, document("S-1", "S-2") + b"\n" + document("S-3", title=["no text"]))
    page = (await console.get("manager", "/sources")).text
    quiet, loud = rows(page)
    assert quiet.startswith("quiet API keys: 1 never – – –")
    assert "ends soon" not in quiet
    assert loud.startswith("scanner & co API keys: 2 ends soon")
    assert "Hooks: 1 Imports" in loud
    assert "Created 3, Rejected 1 in the last 2" in loud
    assert f'href="/console/imports/{one}?result=rejected"' in page
    for path, count in (("api-keys", 2), ("hooks", 1), ("imports", 1)):
        led = f"/{path}?source=scanner+%26+co"
        assert f'href="/console{led}"' in page
        assert len(rows((await console.get("manager", led)).text)) == count, path


async def test_the_findings_of_a_source_are_counted_whichever_way_they_came(
    console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = await console.desk.key("scanner", client="acme")
    await console.desk.key("scanner 2", client="acme")
    for content in (document("S-1"), document("S-2", "S-3"), document("S-2", "S-3")):
        answer = await console.desk.ask(key, "POST", "/v1/findings", content=content)
        assert answer.status_code in (200, 201, 207), answer.text
    await imports(console, key, document("S-3", "S-4"))
    page = (await console.get("manager", "/sources")).text
    [one, other] = rows(page)
    assert re.search(r" 4 Created 1, Duplicate 1 in the last 1 –$", one), one
    assert other.endswith("never – – –")
    led = "/?view=all&source=scanner"
    assert f'href="/console{led}"' in unescape(page)
    assert (await console.get("manager", led)).text.count("<h2><a ") == 4
    monkeypatch.setattr(sources, "MOST_COUNTED", 3)
    assert " 2+ Created 1" in rows((await console.get("manager", "/sources")).text)[0]


async def test_an_import_that_failed_is_the_last_refusal_until_something_is_refused_later(console: Console) -> None:
    key = await console.desk.key("scanner")
    failed = await imports(console, key, b"\x00\x01nothing")
    why = (await console.desk.get("manager", f"/v1/imports/{failed}"))["problem"]["detail"]
    page = unescape((await console.get("manager", "/sources")).text)
    assert f'href="/console/imports/{failed}"' in page
    assert why in page
    hook = await made(console.desk, "github", source="scanner")
    await sent(console.desk, hook, alert(), github(alert(), "of somebody else"))
    page = unescape((await console.get("manager", "/sources")).text)
    assert why not in page
    assert f'href="/console/hooks/{hook["id"]}"' in page
    await console.desk.ask("manager", "DELETE", hook["address"])
    assert why in unescape((await console.get("manager", "/sources")).text)


async def test_what_came_long_ago_is_not_counted(console: Console) -> None:
    hook = await made(console.desk, "github", source="scanner")
    for number in range(LAST + 1):
        content = alert(number=number) if number else b"{"
        await sent(console.desk, hook, content, github(content, hook["secret"]))
    [line] = rows((await console.get("manager", "/sources")).text)
    assert f"Created {LAST} in the last {LAST}" in line
    assert line.endswith("–")


async def test_sources_are_paged_by_name_with_those_of_people_among_them(console: Console) -> None:
    for source in ("a", "c", "zz"):
        await console.desk.key(source)
    await made(console.desk, "github", source="b")
    answer = await console.desk.ask("auditor", "POST", "/v1/imports", FINDING)
    await console.desk.once("manager", f"/v1/imports/{answer.json()['id']}", lambda told: told["ended_at"] is not None)
    names, path = [], "/sources?limit=2"
    while path:
        page = (await console.get("manager", path)).text
        names += [row.split()[0] for row in rows(page)]
        following = re.search(r'rel="next" href="/console([^"]*)"', page)
        path = following[1].replace("&amp;", "&") if following else ""
    assert names == ["a", "b", "c", "manual", "zz"]


async def test_a_page_of_sources_is_one_question_that_looks_at_few_rows(
    console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    database, tenant, at = console.desk.office.ledger.database, console.desk.tenant, datetime.now(UTC)
    key = await console.desk.key("scanner")
    one = await imports(console, key, document("S-1"))
    async with database.entered(tenant, seconds=20) as entered:
        await entered.execute(COPIES, tenant, one, MANY)
        await entered.execute(KNOWN, tenant, MANY)
    connection = await asyncpg.connect(console.desk.office.settings.dsn)
    try:
        await connection.execute("ANALYZE closeout.imports")
        await connection.execute("ANALYZE closeout.source_refs")
    finally:
        await connection.close()
    async with asked(monkeypatch) as noted:
        found = await sources.listed(database, tenant, None, 51, at, at)
    assert [(one.name, one.came) for one in found] == [("s0", LAST), ("s1", LAST), ("s2", LAST), ("scanner", 1)]
    assert len([one for one in noted.statements if "hook_deliveries" in one]) == 1
    assert noted.rows["imports"] < 4 * (LAST + 10)
    assert [one.findings for one in found] == [sources.MOST_COUNTED] * 3 + [1]
    assert noted.rows["source_refs"] <= 4 * sources.MOST_COUNTED
