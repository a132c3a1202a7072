"""What stands where: on paper, on a phone, in a card, and beside what other pages show."""

import io

import pypdf
from playwright.async_api import Browser

from tests.api import test_audits as audits
from tests.console.conftest import Console, signed_in
from tests.console.test_browser import PHONE, life

OUTSIDE = """() => [...document.querySelectorAll(".card dd, .card dd *")].flatMap(one => {
  const card = one.closest(".card").getBoundingClientRect(), box = one.getBoundingClientRect();
  return box.right > card.right || one.scrollWidth > one.clientWidth && one.clientWidth ? [one.outerHTML] : [];
})"""
"""What of the facts in a card does not fit into it."""


async def test_a_printed_case_names_the_zone_and_leaves_no_page_half_empty(
    browser: Browser, console: Console, address: str
) -> None:
    ids = await life(console)
    context = await signed_in(browser, console, address, "reviewer", timezone_id="America/Los_Angeles")
    page = await context.new_page()
    await page.goto(f"/console/cases/{ids['major']}")
    printed = pypdf.PdfReader(io.BytesIO(await page.pdf(format="A4")))
    first, *_, last = (" ".join(one.extract_text().split()) for one in printed.pages)
    assert "Latest safe" in first, "the dates begin below where the case is"
    assert "Times are in America/Los_Angeles." in last
    assert len(last) > 100, "the zone has no page of its own"
    await page.emulate_media(media="print")
    legend = page.locator("figcaption.legend").first
    assert await legend.evaluate("one => getComputedStyle(one).printColorAdjust") == "exact"
    await context.close()


async def test_tables_of_administration_are_cards_on_a_phone_with_all_that_is_in_them(
    browser: Browser, console: Console, address: str
) -> None:
    for who in ("reviewer", "owner"):
        await console.desk.get(who, "/v1/me")
    context = await signed_in(browser, console, address, "manager", viewport=PHONE)
    page = await context.new_page()
    await page.goto("/console/people")
    link = page.get_by_role("link", name="Note that they left: Owner")
    box = await link.bounding_box()
    assert box is not None and box["x"] + box["width"] <= PHONE["width"]
    row = page.get_by_role("row").filter(has=link)
    labels = "row => [...row.querySelectorAll('td')].map(one => getComputedStyle(one, '::before').content)"
    assert await row.evaluate(labels) == [f'"{one}"' for one in ("Roles", "Client", "Last seen", "Mail", "Do")]
    await context.close()


async def test_facts_stay_within_their_card(browser: Browser, console: Console, address: str) -> None:
    assert (await console.desk.ask("manager", "PATCH", "/v1/clients/acme", {"zone": "Europe/Amsterdam"})).is_success
    await audits.plan(console.desk, stage1_waived="Both were held as one.")
    await audits.does(console.desk, "auditor", "A-1", "start")
    for width in (1280, 1024, 360):
        context = await signed_in(browser, console, address, "auditor", viewport={"width": width, "height": 900})
        page = await context.new_page()
        await page.goto("/console/audits/A-1")
        await page.get_by_text("Not now, and why").click()
        assert await page.evaluate(OUTSIDE) == [], width
        await context.close()


async def test_the_header_of_the_desk_stands_where_it_does_on_other_pages(
    browser: Browser, console: Console, address: str
) -> None:
    case = (await console.desk.reports("auditor"))["id"]
    await console.desk.submitted(case)
    context = await signed_in(browser, console, address, "reviewer", viewport={"width": 1600, "height": 900})
    page, places = await context.new_page(), set()
    for path in (f"/console/cases/{case}", f"/console/cases/{case}/accept-plan"):
        await page.goto(path)
        places.add(str(await page.locator(".brand").bounding_box()))
    assert len(places) == 1
    await context.close()
