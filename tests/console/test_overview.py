"""The overview over the real stack: figures against cases counted by hand, and who sees what of them."""

import csv
import io
import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any, Literal
from urllib.parse import quote

import pytest
from axe_playwright_python.async_playwright import Axe  # type: ignore[import-untyped]  # it has no types
from playwright.async_api import Browser

from activities.reads.overview import LINES
from tests.api.conftest import day
from tests.console.conftest import Console, signed_in
from tests.console.test_browser import WCAG

FIGURES = ("age", "overdue", "closing", "repeats", "requirements", "causes", "departments", "clients", "audits")


def ago(days: float) -> datetime:
    """So many days before now."""
    return datetime.now(UTC) - timedelta(days=days)


async def stand(console: Console, cases: Sequence[dict[str, Any]]) -> None:
    """Cases as they stand in the read model: what no case comes to within a test, such as an age."""
    desk = console.desk
    usual: dict[str, Any] = {
        "tenant": desk.tenant,
        "status": "open",
        "grade": "minor",
        "client": "acme",
        "title": "Access rights are not reviewed",
        "plan": "draft",
        "deferred": False,
        "issued_at": ago(1),
        "shown": True,
    }
    async with desk.office.ledger.database.entered(desk.tenant, seconds=60) as connection:
        for n, case in enumerate(cases):
            row = usual | {"id": f"stands-{n:06}"} | case
            row["org"] = row["client"]
            places = ", ".join(f"${place}" for place in range(1, len(row) + 1))
            statement = f"INSERT INTO closeout.nonconformities ({', '.join(row)}) VALUES ({places})"  # noqa: S608 - ours
            await connection.execute(statement, *row.values())


async def table(console: Console, who: str, figure: str, query: str = "") -> list[list[str]]:
    """A figure's table as its CSV has it, without the header."""
    answer = await console.get(who, f"/overview/{figure}.csv?{query}")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    return list(csv.reader(io.StringIO(answer.text)))[1:]


async def test_what_is_open_is_counted_by_age_and_grade(console: Console) -> None:
    ages = [("major", 30.5), ("major", 31.5), ("minor", 59), ("ofi", 200), ("minor", 400), ("major", 0.1)]
    cases: list[dict[str, Any]] = [{"grade": grade, "issued_at": ago(days)} for grade, days in ages]
    cases += [
        {"id": "closed", "status": "closed", "issued_at": ago(5), "ended_at": ago(1)},
        {"id": "triage", "status": "reported", "issued_at": None, "shown": False},
    ]
    await stand(console, cases)
    assert await table(console, "reviewer", "age") == [
        ["0–30 days", "2", "0", "0", "2"],
        ["31–60 days", "1", "1", "0", "2"],
        ["61–90 days", "0", "0", "0", "0"],
        ["91–180 days", "0", "0", "0", "0"],
        ["over 180 days", "0", "1", "1", "2"],
    ]
    told = (await console.get("reviewer", "/overview")).text
    assert re.search(r"<dt>Open now</dt><dd>6</dd>", told)
    assert "2 major" in told


async def test_what_is_overdue_is_counted_by_its_deadline(console: Console) -> None:
    late = [("plan", "major", 3.5), ("plan", "minor", 9.5), ("plan", "minor", 1), ("closure", "major", 40.2)]
    cases: list[dict[str, Any]] = [{"due_kind": kind, "grade": grade, "due_at": ago(n)} for kind, grade, n in late]
    await stand(console, [*cases, {"id": "early", "due_kind": "plan", "due_at": ago(-1)}])
    assert await table(console, "reviewer", "overdue") == [
        ["Plan", "1", "2", "0", "3", "9"],
        ["Close-out", "1", "0", "0", "1", "40"],
    ]


async def test_close_out_takes_its_median_and_its_ninetieth_percentile(console: Console) -> None:
    took = [("major", days) for days in (10, 20, 30, 40)] + [("minor", 5)]
    cases: list[dict[str, Any]] = [
        {"grade": grade, "status": "closed", "issued_at": ago(days + 3), "ended_at": ago(3)} for grade, days in took
    ]
    cases += [
        {"id": "before", "status": "closed", "issued_at": ago(900), "ended_at": ago(800)},
        {"id": "withdrawn", "status": "withdrawn", "issued_at": ago(90), "ended_at": ago(3)},
    ]
    await stand(console, cases)
    found = await table(console, "reviewer", "closing")
    assert [row[:2] for row in found] == [["Major", "4"], ["Minor", "1"], ["All grades", "5"]]
    assert [[float(cell) for cell in row[2:]] for row in found] == [
        pytest.approx([25, 37], abs=0.01),
        pytest.approx([5, 5], abs=0.01),
        pytest.approx([20, 36], abs=0.01),
    ]
    longer = await table(console, "reviewer", "closing", f"since={day(-1000)}")
    assert [row[1] for row in longer] == ["4", "2", "6"]


async def test_requirements_and_causes_come_with_their_share(console: Console) -> None:
    cases: list[dict[str, Any]] = [
        {"requirements": ["ISO 9001 8.5", "ISO 9001 8.5"], "categories": ["Training"]},
        {"requirements": ["ISO 9001 8.5", "ISO/IEC 27001 A.5.18"], "categories": ["Training", ""]},
        {"requirements": ["ISO 9001 8.5"], "categories": [], "recurrence_of": "x"},
        {"requirements": ["ISO 9001 7.2"], "status": "withdrawn", "ended_at": ago(0)},
        {"requirements": ["ISO 9001 7.2"], "status": "superseded", "ended_at": ago(0)},
        {"requirements": ["ISO 9001 7.2"], "issued_at": ago(400)},
    ]
    await stand(console, cases)
    assert await table(console, "reviewer", "requirements") == [
        ["ISO 9001 8.5", "3", "75.0", "75.0"],
        ["ISO/IEC 27001 A.5.18", "1", "25.0", "100.0"],
    ]
    found = await table(console, "reviewer", "causes")
    assert found == [["Training", "2", "66.67", "66.67"], ["No category", "1", "33.33", "100.0"]]
    assert await table(console, "reviewer", "repeats") == [["ISO 9001 8.5", "1", "3", "33.33"]]
    told = unescape((await console.get("reviewer", "/overview")).text)
    assert f"/console/?view=all&requirement={quote('ISO 9001 8.5').replace('%20', '+')}" in told


async def test_standards_are_crossed_with_departments_and_the_many_small_ones_are_together(console: Console) -> None:
    both = {"standards": ["ISO 9001", "ISO/IEC 27001"]}
    cases: list[dict[str, Any]] = [both | {"department": "IT"}, both | {"department": "IT"}]
    cases += [{"standards": ["ISO 9001"], "department": None}]
    await stand(console, cases)
    answer = await console.get("reviewer", "/overview/departments.csv")
    assert list(csv.reader(io.StringIO(answer.text))) == [
        ["Department", "ISO 9001", "ISO/IEC 27001", "All"],
        ["IT", "2", "2", "4"],
        ["Not named", "1", "0", "1"],
    ]
    await stand(console, [{"id": f"many-{n}", "standards": ["ISO 9001"], "department": f"D{n:02}"} for n in range(12)])
    found = await table(console, "reviewer", "departments")
    assert len(found) == 11
    assert found[-1] == ["All others", "4", "0", "4"]


async def test_clients_and_audits_have_what_is_theirs(console: Console) -> None:
    cases: list[dict[str, Any]] = [
        {"audit_ref": "A-1", "due_at": ago(2), "due_kind": "plan"},
        {"audit_ref": "A-1", "issued_at": ago(500)},
        {"audit_ref": "A-1", "status": "closed", "issued_at": ago(30), "ended_at": ago(2), "recurrence_of": "x"},
        {"client": "globex"},
    ]
    await stand(console, cases)
    assert await table(console, "reviewer", "clients") == [
        ["Acme Ltd", "acme", "2", "1", "2", "1", "1"],
        ["Globex Inc", "globex", "1", "0", "1", "0", "0"],
    ]
    assert await table(console, "reviewer", "audits") == [
        ["A-1", "Acme Ltd", "2", "1", "2", "1", "1"],
        ["No audit", "Globex Inc", "1", "0", "1", "0", "0"],
    ]
    assert await table(console, "reviewer", "clients", "client=globex") == [
        ["Globex Inc", "globex", "1", "0", "1", "0", "0"]
    ]


async def test_what_is_beyond_the_lines_of_a_table_is_counted_together(console: Console) -> None:
    await stand(console, [{"audit_ref": f"A-{n:04}", "requirements": [f"ISO 9001 {n}"]} for n in range(LINES + 7)])
    for figure, column in (("audits", 2), ("requirements", 1)):
        found = await table(console, "reviewer", figure)
        assert len(found) == LINES + 1
        assert found[-1][0] == "All others"
        assert sum(int(row[column]) for row in found) == LINES + 7


async def test_a_client_counts_its_own_issued_cases_alone(console: Console) -> None:
    await console.desk.reports("auditor", "R-1", grade=None, title="Hidden in triage")
    shown = {"department": "Secret lab", "audit": {"ref": "A-77", "stage": "surveillance"}}
    await console.desk.reports("auditor", "R-2", **shown)
    for who, open_now in (("owner", 1), ("stranger", 0), ("reviewer", 1)):
        told = (await console.get(who, "/overview?client=acme")).text
        assert f"<dt>Open now</dt><dd>{open_now}</dd>" in told
        assert ("Secret lab" in told) == (open_now == 1)
    for figure in FIGURES:
        answer = await console.get("stranger", f"/overview/{figure}.csv?client=acme")
        if figure == "clients":
            assert answer.status_code == 404
        else:
            assert len(answer.text.splitlines()) == 1, figure
    assert (await console.get("owner", "/overview/clients.csv")).status_code == 404


async def test_a_case_is_counted_as_it_goes_from_open_to_closed(console: Console) -> None:
    case = (await console.desk.reports("auditor", "R-1", department="IT"))["id"]
    await console.desk.submitted(case)
    assert await table(console, "owner", "causes") == [["No category", "1", "100.0", "100.0"]]
    assert await table(console, "owner", "departments") == [["IT", "1", "1"]]
    other = (await console.desk.reports("auditor", "R-2"))["id"]
    await console.desk.closed(other)
    told = (await console.get("owner", "/overview")).text
    for name, number in (("Open now", 1), ("Issued", 2), ("Closed", 1)):
        assert f"<dt>{name}</dt><dd>{number}</dd>" in told
    assert [row[:2] for row in await table(console, "owner", "closing")] == [["Minor", "1"], ["All grades", "1"]]


async def test_no_cell_is_a_formula_and_no_text_is_markup(console: Console) -> None:
    evil = '=HYPERLINK("http://x")<script>alert(1)</script>\u202e\x07'
    await stand(console, [{"department": evil, "requirements": [evil], "standards": [evil], "audit_ref": "@SUM(1)"}])
    for figure in ("requirements", "departments", "audits"):
        for row in await table(console, "reviewer", figure):
            assert not [cell for cell in row if cell.startswith(("=", "+", "-", "@"))]
    assert (await table(console, "reviewer", "audits"))[0][0] == "'@SUM(1)"
    told = await console.get("reviewer", "/overview")
    assert "<script>alert" not in told.text
    assert "\x07" not in told.text
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=", told.text)


async def test_without_cases_the_page_says_so(console: Console) -> None:
    told = (await console.get("owner", "/overview")).text
    assert "Nothing is open, and nothing was issued or closed in this period." in told
    assert "<svg" not in told
    assert await table(console, "owner", "age") == []


async def test_a_period_stands_in_the_address_and_a_wrong_one_is_named(console: Console) -> None:
    await stand(
        console, [{"requirements": ["ISO 9001 8.5"], "issued_at": ago(100), "status": "closed", "ended_at": ago(99)}]
    )
    assert len(await table(console, "reviewer", "requirements")) == 1
    assert await table(console, "reviewer", "requirements", f"since={day(-30)}") == []
    assert len(await table(console, "reviewer", "requirements", f"since={day(-101)}&until={day(-98)}")) == 1
    for query, wrong in (
        ("since=never", "since"),
        (f"since={day()}&until={day(-3)}", "until"),
        ("until=9999-12-31", "until"),
    ):
        told = await console.get("reviewer", f"/overview?{query}")
        assert told.status_code == 200
        assert f"were left out: {wrong}." in told.text
    assert (await console.get("reviewer", "/overview/nothing.csv")).status_code == 404


BROKEN = """tables => tables.flatMap(table => {
  const words = []
  for (const cell of table.querySelectorAll("th, td")) {
    const text = document.createTreeWalker(cell, NodeFilter.SHOW_TEXT)
    while (text.nextNode()) {
      for (const word of text.currentNode.data.matchAll(/\\S+/g)) {
        const range = document.createRange()
        range.setStart(text.currentNode, word.index)
        range.setEnd(text.currentNode, word.index + word[0].length)
        const lines = new Set([...range.getClientRects()].map(one => Math.round(one.top)))
        if (lines.size > 1) words.push(word[0])
      }
    }
  }
  const [inner, outer] = [table.getBoundingClientRect(), table.closest(".figure").getBoundingClientRect()]
  return inner.right > outer.right ? [...words, "cut off: " + table.innerText.slice(0, 60)] : words
})"""
"""Of tables, the words that stand on more than one line, and which of them reach out of their cards."""


@pytest.mark.parametrize(
    ("width", "height", "medium"),
    [(1280, 900, "screen"), (1440, 900, "screen"), (718, 1046, "print"), (1046, 718, "print")],
)
async def test_its_tables_are_read_without_scrolling_and_break_no_word(
    browser: Browser, console: Console, address: str, width: int, height: int, medium: Literal["screen", "print"]
) -> None:
    cases = [{"audit_ref": f"2026-S-{n}", "client": "acme", "issued_at": ago(n), "grade": "minor"} for n in range(1, 9)]
    await stand(console, cases)
    named = await console.desk.ask("manager", "PATCH", "/v1/clients/acme", {"name": "Acme Manufacturing B.V."})
    assert named.status_code == 200, named.text
    context = await signed_in(browser, console, address, "reviewer")
    page = await context.new_page()
    await page.set_viewport_size({"width": width, "height": height})
    await page.goto("/console/overview")
    await page.evaluate("document.querySelectorAll('.figure details').forEach(one => { one.open = true })")
    await page.emulate_media(media=medium)
    assert "Acme Manufacturing B.V." in await page.locator("#clients table").inner_text()
    assert await page.locator(".figure table").evaluate_all(BROKEN) == []
    await context.close()


REACHING = """svg => [...svg.querySelectorAll("text")].filter(text => {
  const [inner, outer] = [text.getBoundingClientRect(), svg.getBoundingClientRect()]
  return inner.left < outer.left - 1 || inner.right > outer.right + 1 || inner.top < outer.top - 1
}).map(text => text.textContent)"""
"""The names that reach out of a picture."""


@pytest.mark.parametrize("width", [360, 1280])
async def test_every_name_of_the_heat_map_lies_within_it(
    browser: Browser, console: Console, address: str, width: int
) -> None:
    standards = ["ISO 9001", "ISO/IEC 27001", "AN UNCOMMONLY LONG STANDARD", "SOC 2 Trust Services Criteria"]
    departments = ["IT", "HR", "PURCHASING OF GOODS AND SERVICES", "Operations and facilities worldwide"]
    await stand(console, [{"standards": [one], "department": two} for one in standards for two in departments])
    context = await signed_in(browser, console, address, "reviewer", viewport={"width": width, "height": 900})
    page = await context.new_page()
    await page.goto("/console/overview")
    picture = page.locator("#departments svg")
    assert await picture.evaluate(REACHING) == []
    beside = "[...document.querySelectorAll('#departments text')].map(one => one.getBoundingClientRect().right)"
    cells = await page.evaluate("document.querySelector('#departments .cell rect').getBoundingClientRect().left")
    assert all(right <= cells for right in (await page.evaluate(beside))[len(standards) : 2 * len(standards)])
    await context.close()


async def test_it_is_accessible_light_and_dark_and_fits_a_phone(
    browser: Browser, console: Console, address: str
) -> None:
    long = "An uncommonly long name of something " * 5
    cases: list[dict[str, Any]] = [
        {
            "grade": ("major", "minor", "ofi")[n % 3],
            "issued_at": ago(n * 5),
            "requirements": [f"ISO/IEC 27001 A.5.{n % 14}" if n % 9 else long],
            "standards": [("ISO/IEC 27001", "ISO 9001", long)[n % 3]],
            "categories": [("Training", "", long)[n % 3]],
            "department": ("IT", None, long, "ידע ומערכות")[n % 4],
            "audit_ref": long if n % 7 == 0 else f"A-{n % 20}",
            "recurrence_of": "x" if n % 6 == 0 else None,
            "due_at": ago(n - 20),
            "due_kind": ("plan", "evidence", "closure")[n % 3],
        }
        | ({"status": "closed", "ended_at": ago(n), "due_at": None, "due_kind": None} if n % 2 else {})
        for n in range(60)
    ]
    await stand(console, cases)
    found, axe = [], Axe()
    for scheme in ("light", "dark"):
        context = await signed_in(browser, console, address, "reviewer", color_scheme=scheme)
        page = await context.new_page()
        for width in (1280, 360):
            await page.set_viewport_size({"width": width, "height": 900})
            await page.goto("/console/overview")
            for table_of in await page.locator(".figure details").all():
                await table_of.locator("summary").click()
            results = await axe.run(page, options=WCAG)
            found += [(scheme, one["id"], one["nodes"][0]["html"][:200]) for one in results.response["violations"]]
            assert await page.evaluate("document.documentElement.scrollWidth") <= width
        assert await page.locator(".figure svg[role=img] > desc").count() == len(FIGURES)
        await context.close()
    assert found == []
