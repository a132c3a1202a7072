"""Hooks at the console: made, set at their sender, heard, given another secret and ended; for who keeps them alone."""

import re
from typing import Any

from playwright.async_api import Browser, expect

from services.intake.senders import LONGEST
from tests.api.test_hooks import alert, github, made, sent
from tests.console.conftest import Console, signed_in
from tests.console.hands import Mouse

HOSTILE = '<script>alert("x")</script>'
SECRET = re.compile(r'class="secret">([^<]+)<')
FORM = {"source": "github", "kind": "github", "client": "acme", "may_state_grades": "false"}


async def the_hook(console: Console) -> dict[str, Any]:
    """The only hook there is."""
    [one] = (await console.desk.get("manager", "/v1/hooks"))["items"]
    told: dict[str, Any] = one
    return told


async def test_a_hook_is_made_and_what_it_brings_is_seen(browser: Browser, console: Console, address: str) -> None:
    context = await signed_in(browser, console, address, "manager")
    page = await context.new_page()
    hand = Mouse(page)
    await page.goto("/console/administration")
    await hand.presses(hand.named("link", "Hooks"))
    await hand.presses(hand.named("link", "Make a hook"))
    await hand.writes("Source", "alerts")
    await hand.picks("GitHub")
    await hand.picks_of("Client", "Acme Ltd")
    await hand.presses(hand.named("button", "Make the hook"))
    secret = await page.locator("code.secret").inner_text()
    there = await page.locator("code.whole").inner_text()
    await hand.presses(hand.named("link", "To the hook"))
    await expect(page.get_by_role("status")).to_contain_text("nothing came in yet")
    assert secret not in await page.content()
    answer = await console.desk.http.post(there, content=alert(), headers=github(alert(), secret, "delivery-1"))
    assert answer.status_code == 201, answer.text
    await page.reload()
    brought = page.locator("details", has_text="delivery-1")
    await expect(brought).to_contain_text("Created 1")
    await brought.locator("summary").click()
    await hand.presses(brought.get_by_role("link", name="In triage"))
    await expect(page).to_have_url(re.compile(r"/console/cases/"))
    await page.goto("/console/sources")
    await expect(page.get_by_role("row", name="alerts")).to_contain_text("Created 1")
    await context.close()


async def test_a_secret_is_shown_once_and_changed_with_an_overlap(console: Console) -> None:
    form = FORM | {"name": HOSTILE, "_key": "h-1"}
    first, again = [await console.post("manager", "/hooks/new", form) for _ in range(2)]
    assert first.headers["cache-control"] == "no-store"
    found = SECRET.search(first.text)
    assert found is not None
    assert (SECRET.search(again.text), "was sent before" in again.text) == (None, True)
    hook = await the_hook(console)
    assert hook["address"] in first.text
    path = f"/hooks/{hook['id']}"
    for page in ("/hooks", path):
        text = (await console.get("manager", page)).text
        assert HOSTILE not in text
        assert found[1] not in text
    rotated = await console.post("manager", f"{path}/rotate", {"overlap": "PT1H", "_key": "r-1"})
    fresh = SECRET.search(rotated.text)
    assert fresh is not None
    for secret in (found[1], fresh[1]):
        assert (await sent(console.desk, hook, alert(), github(alert(), secret))).status_code in (200, 201, 207)
    assert "good until" in (await console.get("manager", path)).text
    assert (await console.post("manager", f"{path}/end", {})).status_code == 303
    ended = (await console.get("manager", path)).text
    assert "Ended" in ended
    assert f"{path}/rotate" not in ended
    assert (await sent(console.desk, hook, alert(), github(alert(), fresh[1]))).status_code == 404


async def test_what_is_refused_is_said_where_one_looks_for_it(console: Console) -> None:
    hook = await made(console.desk, "github")
    path = f"/hooks/{hook['id']}"
    await sent(console.desk, hook, alert(), github(alert(), "of somebody else"))
    told = (await console.get("manager", path)).text
    assert "x-hub-signature-256 is of another body or secret." in told
    assert "There is no delivery in this view." in told
    await sent(console.desk, hook, b"{", github(b"{", hook["secret"], HOSTILE))
    told = (await console.get("manager", path)).text
    assert "· Refused" in told
    assert HOSTILE not in told
    sources = (await console.get("manager", "/sources")).text
    assert f'href="/console{path}"' in sources
    assert "x-hub-signature-256" not in sources  # what came later is said


async def test_deliveries_are_paged(console: Console) -> None:
    hook = await made(console.desk, "github")
    for number in range(3):
        await sent(
            console.desk, hook, alert(number=number), github(alert(number=number), hook["secret"], f"d-{number}")
        )
    first = (await console.get("manager", f"/hooks/{hook['id']}?limit=2")).text
    assert [f"d-{number}" in first for number in range(3)] == [False, True, True]
    following = re.search(r'rel="next" href="/console([^"]*)"', first)
    assert following is not None
    rest = (await console.get("manager", following[1].replace("&amp;", "&"))).text
    assert [f"d-{number}" in rest for number in range(3)] == [True, False, False]


async def test_a_hook_that_cannot_be_is_said_at_its_field(console: Console) -> None:
    bad = await console.post("manager", "/hooks/new", FORM | {"source": "manual", "secret": "short", "name": "Kept"})
    assert bad.status_code == 422
    assert 'value="Kept"' in bad.text
    assert re.search(r'id="f-source-said"><span class="fault">', bad.text)
    short = await console.post("manager", "/hooks/new", FORM | {"secret": "x" * (LONGEST - 190)})
    assert re.search(r'id="f-secret-said"><span class="fault">', short.text)
    hook = await made(console.desk, "github")
    path = f"/hooks/{hook['id']}/rotate"
    unfit = await console.post("manager", path, {"overlap": "PT0S", "secret": "short"})
    assert re.search(r'id="f-secret-said"><span class="fault">', unfit.text)
    assert (await the_hook(console))["former_secrets_until"] == []


async def test_hooks_belong_to_their_keepers(console: Console) -> None:
    hook = await made(console.desk, "github")
    path = f"/hooks/{hook['id']}"
    for who in ("auditor", "owner", "approver"):
        for place in ("/hooks", "/hooks/new", path, f"{path}/rotate", "/sources"):
            assert (await console.get(who, place)).status_code == 403, (who, place)
        for place in ("/hooks/new", f"{path}/rotate", f"{path}/end"):
            assert (await console.post(who, place, FORM)).status_code == 403, (who, place)
    for place in (f"{path}/end", f"{path}/rotate", "/hooks/new"):
        assert (await console.post("manager", place, {"csrf": "no"} | FORM)).status_code == 403
    assert (await console.get("manager", "/hooks/nothing")).status_code == 404
    assert (await console.post("manager", "/hooks/nothing/end", {})).status_code == 404
    assert (await the_hook(console))["state"] == "active"
