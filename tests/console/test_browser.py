"""The pages in a real browser: accessible, small, usable on a phone, by keyboard and without a script."""

from collections.abc import Sequence
from typing import Literal

import pytest
from axe_playwright_python.async_playwright import Axe  # type: ignore[import-untyped]  # it has no types
from playwright.async_api import Browser, FilePayload, Page, expect

from tests.api import test_audits as audits
from tests.api import test_certificates as certificates
from tests.api.conftest import day
from tests.console.conftest import Console, signed_in

WCAG = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}

SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")

HEAVIEST, MOST = 150_000, 12
"""Bytes and requests of a first page, nothing kept from before."""


async def life(console: Console) -> dict[str, str]:
    """Cases in several states, with everything that a page of a case can show."""
    major = (await console.desk.reports("auditor", "B-1", grade="major", sites=["Utrecht"], department="IT"))["id"]
    await console.desk.submitted(major)
    sections = [{"section": "cause", "reason": "Too shallow."}]
    await console.desk.does("reviewer", major, "return-plan", sections=sections)
    await console.desk.does("owner", major, "revise-action", key="a1", text="Give HR the list of systems.")
    await console.desk.does("auditor", major, "ask", text="Which systems?", of="client", section="extent")
    await console.desk.signs("approver", f"/v1/nonconformities/{major}", "submit-plan")
    fish = (await console.desk.reports("auditor", "B-2", title="A" * 120))["id"]
    causes = [{"key": f"c{n}", "category": f"Category {n}", "text": "It was never said who does it."} for n in range(5)]
    await console.desk.does("owner", fish, "record-cause", method="ishikawa", causes=causes)
    closed = (await console.desk.reports("auditor", "B-3"))["id"]
    await console.desk.closed(closed)
    triage = (await console.desk.reports("auditor", "B-4", grade=None, title="In triage"))["id"]
    await console.post("owner", f"/cases/{fish}/plan-action/draft", {"text": "Give HR the list.", "causes": "c1"})
    await console.post("owner", "/filters", {"query": "view=all&grade=major", "name": "M" * 60})
    await console.desk.grants("observer", case=closed)
    return {"major": major, "fish": fish, "closed": closed, "triage": triage, "beside": await audited(console)}


async def audited(console: Console) -> str:
    """An audit and a certificate with everything that their pages can show; a case beside them."""
    audit = {"ref": "A-1", "stage": "stage1"}
    await audits.plan(console.desk, stage="stage1", sites=["An uncommonly long name of a site " * 5], scope="S" * 200)
    await audits.does(console.desk, "auditor", "A-1", "start")
    await audits.does(console.desk, "auditor", "A-1", "raise-concern", key="k1", text="No internal audit. " * 20)
    await audits.does(console.desk, "auditor", "A-1", "note-positive", text="All is known at once.")
    case: str = (await console.desk.reports("auditor", "B-5", audit=audit, title="B" * 120))["id"]
    await audits.does(console.desk, "auditor", "A-1", "end", on=day())
    await certificates.transfer(console.desk, "T-1", scope="Hosting " * 40)
    return case


PHONE = {"width": 360, "height": 740}


async def faults(page: Page) -> Sequence[tuple[str, str, str]]:
    """What axe has against a page with all that opens open, light and dark; it fits a phone, too."""
    found: list[tuple[str, str, str]] = []
    await page.evaluate("document.querySelectorAll('main details:not([hx-get])').forEach(one => { one.open = true })")
    for scheme in SCHEMES:
        await page.emulate_media(color_scheme=scheme)
        broken = (await Axe().run(page, options=WCAG)).response["violations"]
        found += [(scheme, one["id"], one["nodes"][0]["html"][:200]) for one in broken]
    await page.set_viewport_size(PHONE)  # type: ignore[arg-type]  # a dict of these two
    if (width := await page.evaluate("document.documentElement.scrollWidth")) > PHONE["width"]:
        found.append(("phone", f"{width} px wide", page.url))
    return found


LISTS = [
    ("owner", "/"),
    ("reviewer", "/"),
    ("auditor", "/?view=triage"),
    ("auditor", "/?view=all&grade=major&q=rights"),
    ("manager", "/reviews"),
    ("owner", "/cases/nowhere"),
    ("owner", "/filters"),
    ("auditor", "/new/report"),
    ("manager", "/clients/acme/revise"),
]
CASES = [
    ("reviewer", "/cases/{major}"),
    ("owner", "/cases/{fish}"),
    ("observer", "/cases/{closed}"),
]
AUDITS = [
    ("manager", "/audits"),
    ("manager", "/certificates?status=active"),
    ("manager", "/certificates?client=nobody"),
    ("manager", "/new/plan"),
    ("manager", "/audits/A-1/revise"),
    ("owner", "/cases/{beside}"),
    ("owner", "/audits/A-1"),
    ("owner", "/audits/A-1/repair-concern"),
    ("member1", "/certificates/T-1"),
    ("member1", "/certificates/T-1/reduce"),
]
FORMS = [
    ("reviewer", "/cases/{major}/accept-plan"),
    ("owner", "/cases/{fish}/record-cause"),
    ("owner", "/cases/{fish}/plan-action"),
    ("owner", "/cases/{fish}/attach-evidence"),
    ("reviewer", "/cases/{closed}/proof"),
]


@pytest.mark.parametrize("pages", [LISTS, CASES, AUDITS, FORMS], ids=["lists", "cases", "audits", "forms"])
async def test_every_page_is_accessible_light_and_dark_and_fits_a_phone(
    browser: Browser, console: Console, address: str, pages: Sequence[tuple[str, str]]
) -> None:
    ids = await life(console)
    found: list[tuple[str, ...]] = []
    said: list[str] = []
    for who in sorted({who for who, _ in pages}):
        context = await signed_in(browser, console, address, who, reduced_motion="reduce")
        page = await context.new_page()
        page.on("console", lambda message: said.append(message.text))
        for path in (path.format(**ids) for owner, path in pages if owner == who):
            await page.set_viewport_size({"width": 1280, "height": 900})
            await page.goto(f"/console{path}")
            found += [(path, *one) for one in await faults(page)]
        await context.close()
    assert found == []
    assert [one for one in said if "404" not in one] == []


async def test_the_first_page_is_light(browser: Browser, console: Console, address: str) -> None:
    await life(console)
    context = await signed_in(browser, console, address, "reviewer")
    page = await context.new_page()
    session = await context.new_cdp_session(page)
    await session.send("Network.enable")
    sizes: list[float] = []
    session.on("Network.loadingFinished", lambda told: sizes.append(told["encodedDataLength"]))
    async with page.expect_response(lambda answer: "/console/lists/cases/live?" in answer.url):
        await page.goto("/console/")
    assert 4 <= len(sizes) <= MOST
    assert sum(sizes) < HEAVIEST
    await context.close()


async def test_without_a_script_all_of_it_works(browser: Browser, console: Console, address: str) -> None:
    case = (await console.desk.reports("auditor"))["id"]
    context = await signed_in(browser, console, address, "owner", java_script_enabled=False)
    page = await context.new_page()
    await page.goto("/console/")
    await page.get_by_role("link", name="Record the correction").click()
    await page.get_by_label("Text").fill("Closed.")
    await page.get_by_label("Done on").fill(day())
    await page.get_by_role("button", name="Record the correction", exact=True).last.click()
    assert "Correction recorded" in await page.get_by_role("status").inner_text()
    await page.goto(f"/console/cases/{case}/record-cause")
    await page.get_by_label("Five whys").check()
    await page.get_by_label("Short name").fill("c1")
    await page.locator('[name="causes.0.text"]').fill("No list.")
    await page.get_by_role("button", name="Add another").click()
    await page.locator('[name="causes.1.key"]').fill("c2")
    await page.locator('[name="causes.1.text"]').fill("No owner.")
    await page.locator('[name="extent.looked_at"]').press("Tab")
    await page.get_by_role("button", name="Record the root cause").last.click()
    await expect(page.locator(".causes li")).to_have_count(2, timeout=30_000)
    await page.goto(f"/console/cases/{case}/attach-evidence")
    proof: FilePayload = {"name": "list.txt", "mimeType": "text/plain", "buffer": b"leaver,removed"}
    await page.get_by_label("File to upload").set_input_files(proof)
    await page.get_by_role("button", name="Upload", exact=True).click()
    await page.get_by_label("c1: No list.").check()
    await page.get_by_role("button", name="Attach evidence", exact=True).last.click()
    async with page.expect_download() as download:
        await page.get_by_role("link", name="list.txt").click()
    assert (await (await download.value).path()).read_bytes() == b"leaver,removed"
    await page.get_by_role("button", name="Verify the record").click()
    assert "every hash, digest and link holds" in await page.get_by_role("status").inner_text()
    await context.close()


async def test_by_keyboard_alone_a_plan_is_accepted(browser: Browser, console: Console, address: str) -> None:
    case = (await console.desk.reports("auditor"))["id"]
    await console.desk.submitted(case)
    context = await signed_in(browser, console, address, "reviewer")
    page = await context.new_page()
    await page.goto("/console/")
    await page.keyboard.press("Tab")
    assert await _focused(page) == "Skip to the content"
    await page.keyboard.press("Enter")
    await _tab_to(page, "Accept the plan")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/accept-plan")
    await _tab_to(page, "Sign: Accept the plan")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**recorded=*")
    told = await console.desk.get("reviewer", f"/v1/nonconformities/{case}")
    assert told["plan"]["state"] == "accepted"
    await page.keyboard.press("/")
    assert await page.evaluate("document.activeElement.id") == "q"
    await context.close()


async def test_the_record_is_verified_in_its_place(browser: Browser, console: Console, address: str) -> None:
    case = (await console.desk.reports("auditor"))["id"]
    context = await signed_in(browser, console, address, "owner")
    page = await context.new_page()
    await page.goto(f"/console/cases/{case}")
    await page.get_by_role("button", name="Verify the record").click()
    await page.get_by_text("every hash, digest and link holds").wait_for()
    assert page.url.endswith(f"/cases/{case}")
    await context.close()


async def test_the_first_page_already_is_in_the_readers_zone(browser: Browser, console: Console, address: str) -> None:
    for zone in ("America/New_York", "UTC"):
        context = await signed_in(browser, console, address, "owner", timezone_id=zone)
        page = await context.new_page()
        await page.goto("/console/", wait_until="commit")
        await expect(page.locator("footer")).to_contain_text(f"Times are in {zone}.")
        await context.close()


async def test_what_happens_meanwhile_is_told_and_nothing_typed_is_lost(
    browser: Browser, console: Console, address: str
) -> None:
    case = (await console.desk.reports("auditor"))["id"]
    context = await signed_in(browser, console, address, "owner")
    page = await context.new_page()
    await page.goto(f"/console/cases/{case}/record-correction")
    await page.get_by_label("Text").fill("My own words.")
    await console.desk.does("auditor", case, "comment", text="Please hurry.")
    await page.get_by_text("Just now, something happened here:").wait_for(timeout=60_000)
    assert "Commented" in await page.locator(".live").inner_text()
    assert await page.get_by_label("Text").input_value() == "My own words."
    link = page.get_by_role("link", name="Load the page again to see it")
    assert await link.get_attribute("href") == f"/console/cases/{case}"
    await context.close()


async def test_who_leaves_a_form_and_comes_back_finds_what_they_typed(
    browser: Browser, console: Console, address: str
) -> None:
    case = (await console.desk.reports("auditor"))["id"]
    there = f"/console/cases/{case}/record-correction"
    first = await signed_in(browser, console, address, "owner")
    page = await first.new_page()
    asked: list[str] = []
    page.on("dialog", lambda dialog: asked.append(dialog.type))
    await page.goto(there)
    await page.get_by_label("Text").press_sequentially("My own wo")
    async with page.expect_response(lambda answer: "They+left." in (answer.request.post_data or "")):
        await page.get_by_label("Not possible, because").press_sequentially("They left.")
    await page.locator(".draft:not(.htmx-request)").get_by_text("Draft of").wait_for()
    await page.get_by_role("link", name="Cancel").click()
    await page.wait_for_url(f"**/cases/{case}")
    assert asked == [], "what is kept can be left"
    await first.close()

    second = await signed_in(browser, console, address, "owner")
    page = await second.new_page()
    await page.goto(f"/console/cases/{case}")
    await page.get_by_role("link", name="Draft: Record the correction").click()
    assert "kept at event 2" in await page.get_by_role("status").inner_text()
    assert await page.get_by_label("Text").input_value() == "My own wo"
    assert await page.get_by_label("Not possible, because").input_value() == "They left."
    await page.get_by_label("Text").press("Control+End")
    await page.get_by_label("Text").press_sequentially("rds.")
    await page.get_by_label("Not possible, because").fill("")
    await page.get_by_label("Done on").fill(day())
    await page.get_by_role("button", name="Record the correction", exact=True).last.click()
    await page.wait_for_url("**recorded=*")
    await page.goto(there)
    await expect(page.get_by_text("Draft of")).to_have_count(0)
    told = await console.desk.get("owner", f"/v1/nonconformities/{case}")
    assert told["correction"]["text"] == "My own words."
    await second.close()


async def _focused(page: Page) -> str:
    told: str = await page.evaluate(
        "document.activeElement.getAttribute('aria-label') || document.activeElement.innerText"
    )
    return told


async def _tab_to(page: Page, words: str, most: int = 60) -> None:
    for _ in range(most):
        await page.keyboard.press("Tab")
        if (await _focused(page)).startswith(words):
            return
    pytest.fail(f"the keyboard does not reach {words!r}")


async def test_dates_and_actions_of_a_case_lie_in_sight_on_a_phone(
    browser: Browser, console: Console, address: str
) -> None:
    case = (await console.desk.reports("auditor"))["id"]
    await console.desk.submitted(case)
    context = await signed_in(browser, console, address, "owner", viewport={"width": 360, "height": 740})
    page = await context.new_page()
    await page.goto(f"/console/cases/{case}")
    for named in (".dates td", ".dates tbody th", ".stacked li", ".stacked dd"):
        boxes = await page.locator(named).evaluate_all(
            "all => all.map(one => one.getBoundingClientRect()).map(box => [box.left, box.right, box.width])"
        )
        assert boxes, named
        assert all(left >= 0 and right <= 360 and width > 0 for left, right, width in boxes), (named, boxes)
    await expect(page.locator(".stacked").first).to_contain_text("latest safe")
    await expect(page.locator(".stacked").last).to_contain_text("a1: Give HR the list.")
    assert await page.locator(".picture.along svg:visible").count() == 0
    await page.set_viewport_size({"width": 1280, "height": 900})
    await expect(page.locator(".picture.along svg").first).to_be_visible()
    assert await page.locator(".stacked:visible").count() == 0
    await context.close()


async def test_what_is_written_from_right_to_left_begins_at_the_right(
    browser: Browser, console: Console, address: str
) -> None:
    hebrew = "הרשאות הגישה של עובדים שעזבו לא הוסרו."
    case = (await console.desk.reports("auditor", title=hebrew, statement=hebrew, objective_evidence=hebrew))["id"]
    await console.desk.does("owner", case, "record-correction", text=hebrew)
    context = await signed_in(browser, console, address, "owner", viewport={"width": 1280, "height": 900})
    page = await context.new_page()
    await page.goto(f"/console/cases/{case}")
    blocks = page.locator("h1, dd, section p").filter(has_text=hebrew)
    found = await blocks.evaluate_all("all => all.map(one => getComputedStyle(one).direction)")
    assert found == ["rtl"] * 4
    await context.close()


@pytest.mark.parametrize("scripts", [True, False])
async def test_an_event_tells_what_it_says(browser: Browser, console: Console, address: str, scripts: bool) -> None:
    case = (await console.desk.reports("auditor"))["id"]
    await console.desk.submitted(case)
    context = await signed_in(browser, console, address, "reviewer", java_script_enabled=scripts)
    page = await context.new_page()
    await page.goto(f"/console/cases/{case}")
    event = page.locator(".trail li").filter(has_text="Plan submitted")
    await event.locator("summary").first.click()
    if not scripts:
        await event.get_by_role("link").click()
        await expect(page.get_by_role("heading", level=1)).to_contain_text("Plan submitted")
    said = event.locator("[id^=said-]") if scripts else page.locator("main section")
    await expect(said).to_contain_text("I submit this corrective action plan on behalf of the client.")
    await expect(said.get_by_text("What was signed, exactly")).to_be_visible()
    await said.get_by_text("What was signed, exactly").click()
    await expect(said).to_contain_text("HR has no list of systems.")
    await context.close()
