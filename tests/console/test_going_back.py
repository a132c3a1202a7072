"""Whoever leaves a page that refused a form and goes back is asked nothing by the browser, and loses nothing typed."""

import re

import pytest
from playwright.async_api import Browser, Page

from tests.console.conftest import Console, signed_in


async def leaves_and_goes_back(page: Page) -> None:
    """From a refusal to another page and back, where nothing is sent a second time."""
    await page.get_by_role("alert").wait_for()
    await page.get_by_role("link", name="Inbox").first.click()
    await page.wait_for_url(re.compile("/console/$"))
    answer = await page.go_back()
    assert answer is not None
    assert (answer.request.method, answer.status) == ("GET", 200)


@pytest.mark.parametrize(
    ("who", "path", "label", "button"),
    [
        ("owner", "record-correction", "Text", "Record the correction"),
        ("reviewer", "accept-plan", "Note", "Sign: Accept the plan"),
        ("manager", "/api-keys/new", "Source", "Make"),
    ],
)
async def test_who_leaves_a_refused_form_and_goes_back_is_at_the_form_with_what_they_typed(
    browser: Browser, console: Console, address: str, who: str, path: str, label: str, button: str
) -> None:
    case = (await console.desk.reports("auditor"))["id"]
    if who == "reviewer":
        await console.desk.submitted(case)
    there = path if path.startswith("/") else f"/cases/{case}/{path}"
    context = await signed_in(browser, console, address, who)
    page = await context.new_page()
    await page.goto(f"/console{there}")
    await page.get_by_label(label, exact=False).first.fill("x" * 20_001)
    await page.get_by_role("button", name=button).last.click()
    await leaves_and_goes_back(page)
    assert await page.get_by_label(label, exact=False).first.input_value() == "x" * 20_001
    await context.close()


@pytest.mark.parametrize(
    ("who", "path", "button", "there"),
    [
        ("auditor", "/?view=triage", "Dismiss", "/?view=triage"),
        ("manager", "/profiles/new", "Propose", "/profiles/new"),
    ],
)
async def test_going_back_to_a_refusal_that_has_no_address_of_its_own_leads_to_where_it_came_from(
    browser: Browser, console: Console, address: str, who: str, path: str, button: str, there: str
) -> None:
    await console.desk.reports("auditor", grade=None)
    context = await signed_in(browser, console, address, who)
    page = await context.new_page()
    await page.goto(f"/console{path}")
    if who == "auditor":
        await page.get_by_label("Pick Access rights").check()
    await page.get_by_role("button", name=button).first.click()
    await leaves_and_goes_back(page)
    assert page.url.endswith(f"/console{there}")
    await context.close()
