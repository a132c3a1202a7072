"""What is signed is shown exactly, and beside what only a machine would know it says what it means."""

import re
from html import unescape

import pytest
from playwright.async_api import Browser, expect

from services.console.frame.words import explained
from tests.console.conftest import Console, signed_in


async def test_the_content_that_is_signed_has_its_exact_values_with_words_beside_them(console: Console) -> None:
    case = (await console.desk.reports("auditor"))["id"]
    await console.desk.submitted(case)
    told = await console.desk.get("reviewer", f"/v1/nonconformities/{case}")
    page = (await console.get("reviewer", f"/cases/{case}/accept-plan")).text
    content = unescape(page.partition('class="content"')[2].partition("</details>")[0])
    method = told["analysis"]["method"]
    words = {"five_whys": "Five whys", "other": "Another method", "ishikawa": "Ishikawa"}[method]
    shown = rf'<bdi class="said" translate="no">{method}</bdi> <span class="quiet">\(<bdi>{words}</bdi>\)</span>'
    assert re.search(shown, content)
    assert ">None<" not in content
    assert ">False<" not in content
    assert ">True<" not in content


@pytest.mark.parametrize(
    ("value", "field", "says"),
    [
        ("id-1", "by", "Mara"),
        ("five_whys", "method", "Five whys"),
        ("plan", "deadline", "Plan"),
        ("plan", "kind", "Plan"),
        ("minor", "grade", "Minor"),
        ("A text that says so itself.", "text", ""),
        ("minor", "text", ""),
        (3, "round", ""),
    ],
)
def test_what_a_value_means_is_read_off_its_field(value: object, field: str, says: str) -> None:
    assert explained(value, field, {"id-1": "Mara"}) == says


async def test_what_is_signed_is_scrolled_by_keyboard_and_printed_whole(
    browser: Browser, console: Console, address: str
) -> None:
    case = (await console.desk.reports("auditor"))["id"]
    await console.desk.submitted(case)
    context = await signed_in(browser, console, address, "reviewer")
    page = await context.new_page()
    await page.goto(f"/console/cases/{case}/accept-plan")
    content = page.get_by_role("region", name="The content that is signed")
    below = "one => one.scrollHeight - one.clientHeight - one.scrollTop"
    assert await content.evaluate(below) > 0
    await content.focus()
    await page.keyboard.press("End")
    await expect(content).not_to_have_js_property("scrollTop", 0)
    await page.emulate_media(media="print")
    assert await content.evaluate(below) <= 0
    await context.close()
