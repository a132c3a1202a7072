"""A body's own reasons: kept by who administers it, beside the packaged ones or instead; at hand to its reviewers."""

import re
from html import unescape
from typing import get_args

from playwright.async_api import Browser, expect

from activities.directory import reasons as directory
from services.console.forms import reasons
from tests.console.conftest import Console, signed_in
from tests.console.forms import carried
from tests.console.test_desk import PACKAGED, written

HOSTILE = '<script>alert("x")</script>'
OWN = "See our guide 12."


def offered(page: str) -> list[str]:
    """The reasons that a page of the desk has at hand, in order."""
    return [unescape(text) for text in re.findall(r'name="_put" [^>]*>([^<]*)</button>', page)]


async def test_a_bodys_own_reasons_are_offered_after_the_packaged_ones_or_instead(console: Console) -> None:
    case = (await console.desk.reports("auditor"))["id"]
    await console.desk.submitted(case)
    desk = f"/cases/{case}/return-plan"
    before = offered((await console.get("reviewer", desk)).text)
    kept = await console.post("manager", "/reasons/extent", {"texts": f"{OWN}\n\n {HOSTILE} \n{OWN}"})
    assert (kept.status_code, kept.headers["location"]) == (303, "/console/reasons#extent")
    page = (await console.get("reviewer", desk)).text
    assert HOSTILE not in page
    extent = [*reasons.packaged("extent").values()]
    at = before.index(extent[-1]) + 1
    assert offered(page) == [*before[:at], OWN, HOSTILE, *before[at:]]
    await console.post("manager", "/reasons/extent", {"texts": OWN, "replaces": "true"})
    assert offered((await console.get("reviewer", desk)).text) == [
        *before[: at - len(extent)], OWN, *before[at:],
    ]  # fmt: skip
    await console.post("manager", "/reasons/extent", {"texts": "", "replaces": "false"})
    assert offered((await console.get("reviewer", desk)).text) == before


async def test_without_a_script_ones_own_is_put_into_the_form_unless_it_is_gone(console: Console) -> None:
    case = (await console.desk.reports("auditor"))["id"]
    await console.desk.submitted(case)
    desk = f"/cases/{case}/return-plan"
    await console.post("manager", "/reasons/extent", {"texts": f"First.\n{OWN}", "replaces": "true"})
    page = await console.get("reviewer", desk)
    [put] = re.findall(rf'name="_put" value="([^"]*)"[^>]*>{OWN}<', page.text)
    await console.post("manager", "/reasons/extent", {"texts": f"{OWN}\nFirst.", "replaces": "true"})
    form = carried(page) | {"_put": put}
    assert written((await console.post("reviewer", desk, form)).text, "extent") == OWN
    await console.post("manager", "/reasons/extent", {"texts": "First.", "replaces": "true"})
    assert written((await console.post("reviewer", desk, form)).text, "extent") == ""


async def test_the_page_tells_what_is_at_hand_and_who_changed_it(console: Console) -> None:
    page = (await console.get("manager", "/reasons")).text
    assert all(
        text in unescape(page) for section in get_args(reasons.Section) for text in reasons.packaged(section).values()
    )
    assert '<span class="badge">your own</span>' not in page
    await console.post("manager", "/reasons/evidence", {"texts": OWN, "replaces": "true"})
    page = (await console.get("manager", "/reasons")).text
    part = page.partition('id="evidence"')[2]
    assert f"{OWN}</bdi> <span" in part
    assert '<span class="badge">your own</span>' in part
    assert "The packaged ones are not offered." in part
    assert "<bdi>Manager</bdi>" in part
    form = (await console.get("manager", "/reasons/evidence")).text
    assert f"\n{OWN}</textarea>" in form
    assert re.search(r'name="replaces" value="true" checked', form)
    await console.post("manager", "/reasons/evidence", {"replaces": "true"})
    assert "No reason is offered here." in (await console.get("manager", "/reasons")).text


async def test_what_cannot_be_kept_is_said_and_nothing_typed_is_lost(console: Console) -> None:
    for texts in ("x" * 1001, "\n".join(f"Reason {n}." for n in range(51))):
        bad = await console.post("manager", "/reasons/cause", {"texts": texts})
        assert bad.status_code == 422
        assert f"{texts}</textarea>" in bad.text
    for path in ("/reasons/plan", "/reasons/none"):
        assert (await console.get("manager", path)).status_code == 422
    assert await directory.listed(console.desk.office.ledger.database, console.desk.tenant) == {}


async def test_reasons_are_for_who_administers_the_body_and_no_other_body_has_them(console: Console) -> None:
    await console.post("manager", "/reasons/cause", {"texts": OWN})
    for who in ("auditor", "reviewer", "observer", "owner", "member1"):
        for path in ("/reasons", "/reasons/cause"):
            assert (await console.get(who, path)).status_code == 403, (who, path)
        assert (await console.post(who, "/reasons/cause", {"texts": "Mine."})).status_code == 403
        assert "/console/reasons" not in (await console.get(who, "/clients")).text
    database = console.desk.office.ledger.database
    stock = await reasons.stock(database, console.desk.tenant)
    assert OWN in stock.offered("cause").values()
    assert (await reasons.stock(database, "another-body")).offered("cause") == PACKAGED.offered("cause")


async def test_in_a_browser_a_reason_is_kept_and_put_into_what_is_returned(
    browser: Browser, console: Console, address: str
) -> None:
    case = (await console.desk.reports("auditor"))["id"]
    await console.desk.submitted(case)
    manager = await signed_in(browser, console, address, "manager")
    page = await manager.new_page()
    await page.goto("/console/administration")
    await page.get_by_role("link", name="Reasons", exact=True).click()
    await page.get_by_role("link", name="Change: Root cause").click()
    await page.get_by_label("Reasons, one a line").fill(OWN)
    await page.get_by_label("Yes").check()
    await page.get_by_role("button", name="Keep", exact=True).click()
    await expect(page.get_by_role("region", name="Root cause")).to_contain_text("your own")
    await manager.close()
    reviewer = await signed_in(browser, console, address, "reviewer")
    page = await reviewer.new_page()
    await page.goto(f"/console/cases/{case}/return-plan")
    section = page.get_by_role("region", name="Root cause", exact=True)
    await section.get_by_text("Standard reasons").click()
    await expect(section.locator("button[data-put]")).to_have_count(1)
    await section.get_by_role("button", name=OWN).click()
    await page.get_by_role("button", name="Return the plan", exact=True).click()
    await expect(page.get_by_role("status").first).to_contain_text("Plan returned")
    [*_, event] = await console.desk.get("owner", f"/v1/nonconformities/{case}/events")
    assert event["data"]["sections"] == [{"section": "cause", "reason": OWN}]
    await reviewer.close()
