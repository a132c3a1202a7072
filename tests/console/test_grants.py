"""Grants at the console: given, told with who gave them and until when, and ended; by who administers the body."""

import re
from datetime import UTC, datetime, timedelta

from playwright.async_api import Browser, expect

from tests.api import test_audits as audits
from tests.console.conftest import Console, signed_in

OF = r'<a href="/console/clients/\w+"><bdi title="\w+">([\w ]+)</bdi></a><br><span class="quiet">(\w+)<'
HOSTILE = '<script>alert("x")</script>'


def until(days: int = 1) -> str:
    """An instant as a browser's field writes it, so many days from now."""
    return f"{datetime.now(UTC) + timedelta(days=days):%Y-%m-%dT%H:%M}"


async def observer(console: Console) -> str:
    """The id of the observer, who was here."""
    told: str = (await console.desk.get("observer", "/v1/me"))["id"]
    return told


async def test_a_grant_is_given_once_told_and_ended(console: Console) -> None:
    case = await console.desk.reports("auditor")
    person = await observer(console)
    assert "Nothing is granted in this view." in (await console.get("manager", "/grants")).text
    form = {"person": person, "case": case["number"], "until": until(), "reason": HOSTILE, "_key": "g-1"}
    for _ in range(2):
        given = await console.post("manager", "/grants/new", form)
        assert (given.status_code, given.headers["location"]) == (303, "/console/grants")
    [grant] = (await console.desk.get("manager", "/v1/grants"))["items"]
    assert (grant["case"], grant["until"][:16]) == (case["id"], form["until"])
    page = (await console.get("manager", "/grants")).text
    assert f'<a href="/console/cases/{case["id"]}"><bdi>{case["number"]}</bdi></a>' in page
    assert "<bdi>Observer</bdi>" in page
    assert "<bdi>Manager</bdi>" in page
    assert f'<time datetime="{form["until"]}:00+00:00">' in page
    assert "&lt;script&gt;" in page
    assert HOSTILE not in page
    assert (await console.get("observer", f"/cases/{case['id']}")).status_code == 200
    ended = await console.post("manager", f"/grants/{grant['id']}/end", {})
    assert (ended.status_code, ended.headers["location"]) == (303, "/console/grants?done=grant")
    assert (await console.get("observer", f"/cases/{case['id']}")).status_code == 404
    page = (await console.get("manager", "/grants?done=grant")).text
    assert '<p class="notice good" role="status">The grant has ended.</p>' in page
    assert 'role="status"' not in (await console.get("manager", "/grants?done=odd")).text
    assert "Revoked" in page
    assert "/end" not in page
    assert (await console.post("manager", "/grants/none/end", {})).status_code == 404


async def test_what_can_be_granted_is_offered_together(console: Console) -> None:
    case = await console.desk.reports("auditor", title="Leavers")
    await audits.plan(console.desk)
    form = (await console.get("manager", "/grants/new")).text
    assert re.findall(r'<(?:select|input|textarea) id="f-(\w+)"', form) == [
        "person",
        "until",
        "audit",
        "client",
        "case",
        "reason",
    ]
    assert '<option value="A-1">acme</option>' in form
    assert f'<option value="{case["number"]}">Leavers</option>' in form


async def test_what_is_granted_is_told_by_its_kind_and_of_one_person_alone_where_asked(console: Console) -> None:
    await console.desk.grants("observer", client="acme")
    await console.desk.grants("observer", timedelta(seconds=1), client="globex")
    path = f"/grants?person={await observer(console)}"
    page = (await console.get("manager", path)).text
    assert re.findall(OF, page) == [("Globex Inc", "client"), ("Acme Ltd", "client")]
    following = re.search(r'rel="next" href="/console([^"]*)"', (await console.get("manager", f"{path}&limit=1")).text)
    assert following is not None
    page = (await console.get("manager", following[1].replace("&amp;", "&"))).text
    assert re.findall(OF, page) == [("Acme Ltd", "client")]
    assert "Nothing is granted in this view." in (await console.get("manager", "/grants?person=nobody")).text
    assert "were left out: cursor." in (await console.get("manager", "/grants?cursor=odd")).text


async def test_a_grant_that_cannot_be_is_said_at_its_field_and_nothing_typed_is_lost(console: Console) -> None:
    person = await observer(console)
    good = {"person": person, "client": "acme", "until": until(), "reason": "Kept\0."}
    for wrong, field in (
        ({"person": "nobody"}, "person"),
        ({"client": "nobody"}, "client"),
        ({"client": "", "audit": "A-9"}, "audit"),
        ({"client": "", "case": "NC-2020-0001"}, "case"),
        ({"until": until(-1)}, "until"),
        ({"until": ""}, "until"),
        ({"reason": " "}, "reason"),
    ):
        bad = await console.post("manager", "/grants/new", good | wrong)
        assert bad.status_code == 422, wrong
        assert re.search(rf'id="f-{field}-said"><span class="fault">', bad.text), wrong
        assert "Kept" in bad.text or "reason" in wrong
    both = await console.post("manager", "/grants/new", good | {"audit": "A-1"})
    assert "A grant is of one client, one audit or one case." in both.text
    assert (await console.desk.get("manager", "/v1/grants"))["items"] == []
    assert (await console.post("manager", "/grants/new", good)).status_code == 303


async def test_grants_are_for_who_administers_the_body(console: Console) -> None:
    grant = await console.desk.grants("observer", client="acme")
    for who in ("auditor", "reviewer", "observer", "owner", "member1"):
        for path in ("/grants", "/grants/new"):
            assert (await console.get(who, path)).status_code == 403, (who, path)
        assert (await console.post(who, f"/grants/{grant}/end", {})).status_code == 403
        assert "/console/grants" not in (await console.get(who, "/clients")).text
    assert 'href="/console/grants"' in (await console.get("manager", "/clients")).text
    assert (await console.post("manager", f"/grants/{grant}/end", {"csrf": "no"})).status_code == 403
    assert [one["state"] for one in (await console.desk.get("manager", "/v1/grants"))["items"]] == ["active"]


async def test_in_a_browser_a_grant_is_given_and_ended(browser: Browser, console: Console, address: str) -> None:
    case = (await console.desk.reports("auditor"))["id"]
    await observer(console)
    context = await signed_in(browser, console, address, "manager", timezone_id="America/New_York")
    page = await context.new_page()
    await page.goto("/console/")
    await page.get_by_role("link", name="Administration").click()
    await page.get_by_role("link", name="Grants").click()
    await page.get_by_role("link", name="Grant an observer sight").click()
    await page.get_by_label("Person").select_option("Observer")
    await page.get_by_label("Client").select_option("acme")
    await page.get_by_label("Until").fill(until(-2))
    await page.get_by_label("Reason").fill("Witness assessment.")
    await page.get_by_role("button", name="Grant it").click()
    await expect(page.get_by_text("a grant that has ended already shows nothing").first).to_be_visible()
    await expect(page.get_by_label("Reason")).to_have_value("Witness assessment.")
    await page.get_by_label("Until").fill(until(2))
    await page.get_by_role("button", name="Grant it").click()
    row = page.get_by_role("row").filter(has_text="Witness assessment.")
    await expect(row).to_contain_text("Active")
    assert (await console.get("observer", f"/cases/{case}")).status_code == 200
    [grant] = (await console.desk.get("manager", "/v1/grants"))["items"]
    assert grant["until"][:16] != until(2), "it was typed by a clock in New York"
    end = row.get_by_role("button", name="End the grant: Observer, Acme Ltd")
    await expect(end).to_be_hidden()
    await row.get_by_label("End: Observer, Acme Ltd", exact=True).click()
    await expect(row).to_contain_text("It is not taken back: sight is granted anew.")
    await end.click()
    await expect(page.get_by_role("status")).to_have_text("The grant has ended.")
    await expect(row).to_contain_text("Revoked")
    assert (await console.get("observer", f"/cases/{case}")).status_code == 404
    await context.close()
