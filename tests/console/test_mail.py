"""How one is told, at the console: chosen for each kind, with what nobody can switch off, and one's calendar."""

import re

from axe_playwright_python.async_playwright import Axe  # type: ignore[import-untyped]  # it has no types
from playwright.async_api import Browser

from tests.console.conftest import Console, signed_in
from tests.console.test_browser import SCHEMES, WCAG

CHOICE = {"cases": "immediate", "dates": "digest", "talk": "off", "zone": "Europe/Vienna"}


async def test_what_is_chosen_is_kept_and_shown(console: Console) -> None:
    page = (await console.get("owner", "/mail")).text
    assert len(re.findall(r'value="immediate" checked', page)) == 3
    kept = await console.post("owner", "/mail", CHOICE)
    assert (kept.status_code, kept.headers["location"]) == (303, "/console/mail?kept=1")
    assert CHOICE.items() <= (await console.desk.get("owner", "/v1/me/mail")).items()
    page = (await console.get("owner", "/mail?kept=1")).text
    for kind, mode in CHOICE.items():
        assert kind == "zone" or f'name="{kind}" value="{mode}" checked' in page
    assert 'value="Europe/Vienna"' in page
    assert "checked" not in (await console.get("approver", "/mail")).text.replace('value="immediate" checked', "")


async def test_what_nobody_switches_off_is_shown_with_why_and_is_no_choice(console: Console) -> None:
    page = (await console.get("owner", "/mail")).text
    assert "Missed dates" in page
    assert "Whoever uses or keeps a certificate has to know at once whether it is good." in page
    for kind in ("breach", "committee", "certificate"):
        assert f'name="{kind}"' not in page
        assert (await console.post("owner", "/mail", CHOICE | {kind: "off"})).status_code == 303
        assert kind not in await console.desk.get("owner", "/v1/me/mail")


async def test_what_means_nothing_is_said_at_its_field_and_nothing_is_lost(console: Console) -> None:
    wrong = await console.post("owner", "/mail", CHOICE | {"zone": "Mars/<b>", "talk": "never"})
    assert wrong.status_code == 422
    assert 'value="Mars/&lt;b&gt;"' in wrong.text
    assert 'name="dates" value="digest" checked' in wrong.text
    assert wrong.text.count('<span class="fault">') == wrong.text.count('aria-invalid="true"') == 2
    assert (await console.desk.get("owner", "/v1/me/mail"))["dates"] == "immediate"


async def test_the_address_of_ones_calendar_is_shown_once_made_anew_and_ended(console: Console) -> None:
    async def made() -> str:
        page = await console.post("owner", "/mail/calendar", {})
        [url] = re.findall(r'<code class="secret">(\S+?)</code>', page.text)
        assert page.headers["cache-control"] == "no-store"
        return str(url)

    async def read(url: str) -> int:
        return (await console.desk.http.get(f"/{url.split('/', 3)[3]}")).status_code

    first = await made()
    assert await read(first) == 200
    assert first not in (await console.get("owner", "/mail")).text
    second = await made()
    assert (await read(first), await read(second)) == (404, 200)
    assert (await console.post("owner", "/mail/calendar/withdraw", {})).status_code == 303
    assert await read(second) == 404
    assert "There is an address since" not in (await console.get("owner", "/mail")).text


async def test_a_form_of_another_session_changes_nothing(console: Console) -> None:
    for path in ("/mail", "/mail/calendar", "/mail/calendar/withdraw"):
        assert (await console.post("owner", path, CHOICE | {"csrf": "guessed"})).status_code == 403
    assert (await console.desk.get("owner", "/v1/me/mail"))["calendar_at"] is None


async def test_the_page_is_accessible_and_fits_a_phone(browser: Browser, console: Console, address: str) -> None:
    context = await signed_in(browser, console, address, "owner", reduced_motion="reduce")
    page = await context.new_page()
    await page.goto("/console/")
    await page.get_by_text("Owner", exact=True).first.click()
    await page.get_by_role("link", name="Mail and calendar").click()
    await page.get_by_role("button", name="Make an address").click()
    await page.get_by_text("shown this once").wait_for()
    found = []
    for scheme in SCHEMES:
        await page.emulate_media(color_scheme=scheme)
        broken = (await Axe().run(page, options=WCAG)).response["violations"]
        found += [(scheme, one["id"], one["nodes"][0]["html"][:200]) for one in broken]
    assert found == []
    await page.set_viewport_size({"width": 360, "height": 740})
    assert await page.evaluate("document.documentElement.scrollWidth") <= 360
    await context.close()
