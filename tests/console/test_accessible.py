"""Pages that need a story: a committee's, of who left, of what was completed; what was kept once a session ended."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

import pytest
from axe_playwright_python.async_playwright import Axe  # type: ignore[import-untyped]  # it has no types
from playwright.async_api import Browser, Page

from tests.api.test_certificates import MEMBERS
from tests.console.conftest import Console, signed_in
from tests.console.test_browser import SCHEMES, WCAG

PHONE = {"width": 360, "height": 740}


async def faults(page: Page) -> Sequence[tuple[str, str, str]]:
    """What axe has against a page as it stands, light and dark; it fits a phone, too."""
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


async def committee(console: Console) -> Mapping[str, Sequence[str]]:
    """A review with a vote and somebody recused."""
    for member in MEMBERS:
        await console.desk.get(member, "/v1/me")
    case = (await console.desk.reports("auditor", grade="major", title="A" * 120))["id"]
    await console.desk.submitted(case)
    review = await console.desk.review(case)
    await console.desk.signs("member1", review, "vote", choice="suspend", reason="An uncommonly long reason " * 20)
    path = f"/reviews/{review.rpartition('/')[2]}"
    return {
        "member1": [path, f"{path}/minutes"],
        "member2": ["/", path, f"{path}/vote", f"{path}/recuse"],
        "manager": ["/reviews", path, f"{path}/convene", f"{path}/recuse", f"/cases/{case}"],
    }


async def endings(console: Console) -> Mapping[str, Sequence[str]]:
    """A decision that is to be recorded; a grant and a key that can be ended."""
    pages = await committee(console)
    [path, _] = pages["member1"]
    for member in ("member2", "member3"):
        await console.desk.signs(
            member, f"/v1/committee-reviews{path.removeprefix('/reviews')}", "vote", choice="suspend", reason="So."
        )
    await console.desk.get("observer", "/v1/me")
    await console.desk.grants("observer", client="acme")
    await console.desk.key("scanner")
    return {"member2": [f"{path}/decide"], "manager": ["/grants?done=grant", "/api-keys?done=key"]}


async def leavers(console: Console) -> Mapping[str, Sequence[str]]:
    """Somebody who left, on whom a case waits."""
    case = (await console.desk.reports("auditor", title="A" * 120))["id"]
    auditor, reviewer = [(await console.desk.get(who, "/v1/me"))["id"] for who in ("auditor", "reviewer")]
    await console.desk.does("manager", case, "assign", role="auditor", person=auditor)
    gone = {"person": auditor, "reason": "An uncommonly long reason " * 20}
    assert (await console.post("manager", "/people/retire", gone)).status_code == 303
    return {"manager": ["/people", "/people/waiting", f"/people/retire?person={reviewer}", f"/cases/{case}"]}


async def completed(console: Console) -> Mapping[str, Sequence[str]]:
    """A finding that was completed in long words, which its source states anew, and one that lacks all."""
    bare: dict[str, Any] = {"grade": None, "statement": "", "objective_evidence": "", "requirements": []}
    await console.desk.reports("auditor", "1", **bare)
    case = (await console.desk.reports("auditor", "2", **bare))["id"]
    said = {"title": "A" * 120, "statement": "An uncommonly long statement " * 20, "requirements": ["B" * 90 + " 7.5"]}
    await console.desk.does("auditor", case, "complete", **said, reason="An uncommonly long reason " * 20)
    await console.desk.reports("auditor", "2", **{**bare, "statement": "C" * 200})
    return {"auditor": ["/?view=triage", f"/cases/{case}", f"/cases/{case}/complete"]}


@pytest.mark.parametrize("story", [committee, endings, leavers, completed])
async def test_pages_of_a_story_are_accessible_light_and_dark_and_fit_a_phone(
    browser: Browser,
    console: Console,
    address: str,
    story: Callable[[Console], Awaitable[Mapping[str, Sequence[str]]]],
) -> None:
    found = []
    for who, paths in (await story(console)).items():
        context = await signed_in(browser, console, address, who, reduced_motion="reduce")
        for path in paths:
            page = await context.new_page()
            answer = await page.goto(f"/console{path}")
            assert answer is not None
            assert answer.status == 200, path
            found += [(path, *one) for one in await faults(page)]
            await page.close()
        await context.close()
    assert found == []


async def test_what_was_typed_into_a_session_that_ended_is_accessible_where_it_is_kept(
    browser: Browser, console: Console, address: str
) -> None:
    case = (await console.desk.reports("auditor"))["id"]
    context = await signed_in(browser, console, address, "owner", reduced_motion="reduce")
    page = await context.new_page()
    await page.goto(f"/console/cases/{case}/record-correction")
    await page.get_by_label("Text").fill("An uncommonly long text " * 40)
    await context.clear_cookies()
    await page.get_by_role("button", name="Keep as draft").click()
    await page.get_by_role("heading", name="You are no longer signed in").wait_for()
    assert await faults(page) == []
    await context.close()
