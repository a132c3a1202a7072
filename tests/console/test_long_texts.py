"""Texts that are too long to be recorded are refused beside their field; no browser cuts what is pasted."""

import re

import httpx
import pytest
from playwright.async_api import Browser, expect

from tests.console.conftest import Console, signed_in
from tests.console.forms import carried
from tests.console.test_acceptance import confirmed, picks, signs, waiting

LONG = "x" * 24_999 + "y"
SAYS = "This text is longer than 20000 characters."


def refused_at(answer: httpx.Response, name: str) -> bool:
    """Whether a field is said to be at fault, and has all that was pasted."""
    field = re.search(rf'name="{re.escape(name)}"[^>]*aria-invalid="true"[^>]*>\n?([^<]*)', answer.text)
    return field is not None and field[1] == LONG and SAYS in answer.text


async def test_a_field_keeps_all_that_was_pasted_and_says_that_it_is_too_long(console: Console) -> None:
    case = (await console.desk.reports("auditor"))["id"]
    path = f"/cases/{case}/record-correction"
    page = await console.get("owner", path)
    assert "maxlength" not in page.text
    answer = await console.post("owner", path, {**carried(page), "text": LONG})
    assert answer.status_code == 422
    assert refused_at(answer, "text")
    assert "/text:" not in answer.text


async def test_what_is_to_be_mended_is_as_long_as_it_was_pasted(console: Console) -> None:
    case = (await console.desk.reports("auditor"))["id"]
    await console.desk.submitted(case)
    page = await console.get("reviewer", f"/cases/{case}/accept-plan")
    assert "maxlength" not in page.text
    form = {**carried(page), "sections.of-cause": LONG}
    answer = await console.post("reviewer", f"/cases/{case}/return-plan", form)
    assert answer.status_code == 422
    assert refused_at(answer, "sections.of-cause")
    assert 'data-of="f-sections-of-cause"' in answer.text
    assert 'aria-live="polite">25000 of 20000 characters</small>' in answer.text


async def test_what_is_said_of_each_is_refused_before_any_is_accepted(console: Console) -> None:
    await waiting(console, 2)
    page = await confirmed(console, picks(await console.get("reviewer", "/acceptance")))
    assert "maxlength" not in page.text
    form: dict[str, str | list[str]] = {"of": "plan", "sign": signs(page), "note": LONG}
    answer = await console.post("reviewer", "/acceptance", form)
    assert answer.status_code == 422
    assert refused_at(answer, "note")
    assert "/note:" not in answer.text


async def test_a_text_is_counted_once_it_comes_near_its_bound(console: Console) -> None:
    case = (await console.desk.reports("auditor"))["id"]
    path = f"/cases/{case}/record-correction"
    page = (await console.get("owner", path)).text
    assert "hidden>0 of 20000 characters</small><noscript><small>At most 20000 characters.</small></noscript>" in page
    answer = await console.post("owner", path, {**carried(await console.get("owner", path)), "text": LONG})
    assert 'aria-live="polite">25000 of 20000 characters</small>' in answer.text


async def test_a_reason_in_triage_is_counted_too(console: Console) -> None:
    case = (await console.desk.reports("auditor", grade=None))["id"]
    again = await console.post("auditor", "/triage", {"pick": f"{case}@1", "reason": LONG})
    assert 'aria-live="polite">25000 of 20000 characters</small>' in again.text
    assert 'data-of="f-reason"' in (await console.get("auditor", "/?view=triage")).text


async def test_in_a_browser_it_is_counted_while_it_is_typed(browser: Browser, console: Console, address: str) -> None:
    case = (await console.desk.reports("auditor"))["id"]
    context = await signed_in(browser, console, address, "owner")
    page = await context.new_page()
    await page.goto(f"/console/cases/{case}/record-correction")
    count, text = page.locator('small.length[data-of="f-text"]'), page.locator("#f-text")
    await expect(count).to_be_hidden()
    await text.fill(f" {'😀' * 18_000}\n")
    await expect(count).to_have_text("18000 of 20000 characters")
    await expect(count).to_be_visible()
    await text.fill("Less.")
    await expect(count).to_be_hidden()
    await context.close()


@pytest.mark.parametrize("page", ["/?view=living", "/?view=triage", "/filters", "/imports/new", "/profiles/new"])
async def test_no_other_form_cuts_what_is_pasted(console: Console, page: str) -> None:
    await console.desk.reports("auditor", grade=None)
    shown = await console.get("auditor", page)
    assert shown.status_code == 200
    assert "maxlength" not in shown.text
