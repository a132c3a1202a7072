"""Reviewing in a real browser: the desk wide and narrow, several minors at once, evidence beside its case."""

from axe_playwright_python.async_playwright import Axe  # type: ignore[import-untyped]  # it has no types
from playwright.async_api import Browser, ViewportSize, expect

from tests.console.conftest import Console, signed_in
from tests.console.test_acceptance import waiting
from tests.console.test_browser import SCHEMES, WCAG
from tests.console.test_desk import PACKAGED, shown
from tests.console.test_previews import CSV, PNG, SVG, attached

WIDE: ViewportSize = {"width": 1280, "height": 900}
PHONE: ViewportSize = {"width": 360, "height": 740}


async def test_without_a_script_plans_are_returned_and_accepted_together(
    browser: Browser, console: Console, address: str
) -> None:
    first, second = await waiting(console, 2)
    context = await signed_in(browser, console, address, "reviewer", java_script_enabled=False, viewport=PHONE)
    page = await context.new_page()
    await page.goto(f"/console/cases/{first}/accept-plan")
    cause = page.get_by_label("Reason to return: Root cause")
    await cause.fill("Look again.")
    beside = page.get_by_role("region", name="Root cause", exact=True)
    await beside.get_by_text("Standard reasons").click()
    text = PACKAGED.text("cause_restates_finding") or ""
    await beside.get_by_role("button", name=text).click()
    await expect(cause).to_have_value(f"Look again.\n{text}")
    await cause.fill(f"{text} Twice.")
    await page.get_by_role("button", name="Return the plan", exact=True).click()
    await expect(page.get_by_role("status").first).to_contain_text("Plan returned")
    assert f"{text} Twice." in await page.locator("main").inner_text()

    await console.desk.signs("approver", f"/v1/nonconformities/{first}", "submit-plan")
    await page.goto("/console/")
    await page.get_by_role("link", name="Accept several minors at once").click()
    for box in await page.get_by_role("checkbox", name="Pick NC").all():
        await box.check()
    await page.get_by_role("button", name="Go on to sign").click()
    await expect(page.get_by_text("round 2")).to_have_count(1)
    await page.get_by_role("button", name="Sign 2, each by itself").click()
    await expect(page.get_by_role("status")).to_contain_text("Accepted: 2 of 2.")
    for case in (first, second):
        told = await console.desk.get("reviewer", f"/v1/nonconformities/{case}")
        assert told["plan"]["state"] == "accepted"
    await context.close()


async def test_the_desk_has_the_finding_beside_what_is_decided_and_on_a_phone_above_it(
    browser: Browser, console: Console, address: str
) -> None:
    [case] = await waiting(console, 1)
    context = await signed_in(browser, console, address, "reviewer", viewport=WIDE)
    page = await context.new_page()
    await page.goto(f"/console/cases/{case}/return-plan")
    finding, form = page.locator(".desk .beside"), page.locator(".desk form.act")
    one, other = await finding.bounding_box(), await form.bounding_box()
    assert one is not None
    assert other is not None
    assert one["x"] + one["width"] <= other["x"]
    await page.get_by_label("Reason to return: Actions").scroll_into_view_if_needed()
    await expect(finding).to_be_in_viewport()
    stock = page.get_by_role("region", name="Actions", exact=True)
    await stock.get_by_text("Standard reasons").click()
    text = PACKAGED.text("action_misses_cause") or ""
    await stock.get_by_role("button", name=text).click()
    await expect(page.get_by_label("Reason to return: Actions")).to_have_value(text)
    await expect(page.get_by_label("Reason to return: Actions")).to_be_focused()
    await page.set_viewport_size(PHONE)
    one, other = await finding.bounding_box(), await form.bounding_box()
    assert one is not None
    assert other is not None
    assert one["y"] + one["height"] <= other["y"]
    await context.close()


async def test_evidence_is_seen_beside_its_case(browser: Browser, console: Console, address: str) -> None:
    case, _ = await attached(
        console, ("screen.png", "image/png", PNG), ("list.csv", "text/csv", CSV), ("a.svg", "image/svg+xml", SVG)
    )
    context = await signed_in(browser, console, address, "reviewer", viewport=WIDE)
    page = await context.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("dialog", lambda dialog: said.append(dialog.message))
    await page.goto(f"/console/cases/{case}")
    picture = page.get_by_role("img", name="Picture: screen.png")
    await picture.scroll_into_view_if_needed()
    await expect(picture).to_have_js_property("naturalWidth", 1)
    await expect(page.locator(".pieces img")).to_have_count(1)
    await page.get_by_role("link", name="First lines").click()
    await expect(page.get_by_role("region", name="The first lines of list.csv")).to_contain_text("<script>alert(1)")
    assert page.url.endswith(case)
    assert said == []
    await page.goto(await page.locator("a.thumb").get_attribute("href") or "")
    assert await page.evaluate("document.contentType") == "image/png"
    await context.close()


async def test_every_page_of_a_reviewer_is_accessible_and_fits_a_phone(
    browser: Browser, console: Console, address: str
) -> None:
    [plan] = await waiting(console, 1)
    evidence = await shown(console)
    case, [_, text] = await attached(console, ("screen.png", "image/png", PNG), ("list.csv", "text/csv", CSV))
    told = await console.desk.get("reviewer", f"/v1/nonconformities/{plan}")
    paths = [
        f"/cases/{plan}/return-plan", f"/cases/{evidence}/verify", f"/cases/{case}", f"/evidence/{text}/preview",
        "/acceptance", f"/acceptance/confirm?pick={plan}@{told['seq']}&pick={evidence}@1", "/acceptance?of=evidence",
    ]  # fmt: skip
    context = await signed_in(browser, console, address, "reviewer", reduced_motion="reduce")
    page, axe, found = await context.new_page(), Axe(), []
    for path in paths:
        await page.set_viewport_size(WIDE)
        await page.goto(f"/console{path}")
        await page.evaluate("document.querySelectorAll('main details').forEach(one => { one.open = true })")
        for scheme in SCHEMES:
            await page.emulate_media(color_scheme=scheme)
            broken = (await axe.run(page, options=WCAG)).response["violations"]
            found += [(path, scheme, one["id"], one["nodes"][0]["html"][:200]) for one in broken]
        await page.set_viewport_size(PHONE)
        width = await page.evaluate("document.documentElement.scrollWidth")
        assert width <= PHONE["width"], (path, width)
    assert found == []
    await context.close()
