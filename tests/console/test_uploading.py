"""Several files of evidence by one form: uploaded one by one or at once, each told of as it comes, and attached."""

import asyncio
import re
from typing import Any

import httpx
import pytest
from axe_playwright_python.async_playwright import Axe  # type: ignore[import-untyped]  # it has no types
from playwright.async_api import Browser, FilePayload, Route, expect

from activities.ledger.protocol import Unavailable
from services.api import commands
from tests.console.conftest import Console, signed_in
from tests.console.forms import hidden
from tests.console.test_attaching import LIST, attached, begun, filled, keeps_the_rest, shown, uploads
from tests.console.test_browser import WCAG

MORE = ("joiners.csv", b"joiner,granted\n", "text/csv")


async def both(console: Console, case: str) -> httpx.Response:
    """The form after a second upload, as the form after the first one sends it."""
    first = await shown(console, await uploads(console, case))
    return await shown(console, await uploads(console, case, MORE, upload=hidden(first, "upload")))


async def test_several_uploads_are_each_attached_by_a_command_of_their_own(console: Console) -> None:
    case, path = await begun(console)
    page = await both(console, case)
    assert "The 2 files that were uploaded" in page.text
    assert keeps_the_rest(page.text)
    ids = re.findall(r'name="upload" value="([^"]+)"', page.text)
    form = {**filled(page), "upload": ids}
    answers = [await console.post("owner", path, form) for _ in range(2)]
    assert [answer.headers["location"] for answer in answers] == [answers[0].headers["location"]] * 2, "sent twice"
    pieces = await attached(console, case)
    assert [(one["name"], one["shows"]) for one in pieces] == [(LIST[0], ["c1"]), (MORE[0], ["c1"])]
    told = await console.get("owner", answers[0].headers["location"].removeprefix("/console"))
    assert (
        len(re.findall(r"Evidence attached \(event \d+\)", told.text.partition("Recorded:")[2].partition("</p>")[0]))
        == 2
    )


async def test_of_several_uploads_one_is_left_out(console: Console) -> None:
    case, path = await begun(console)
    page = await both(console, case)
    ids = re.findall(r'name="upload" value="([^"]+)"', page.text)
    answer = await console.post("owner", path, {**filled(page), "upload": ids, "_other": ids[0]})
    assert answer.status_code == 200
    assert re.findall(r'name="upload" value="([^"]+)"', answer.text) == ids[1:]
    assert keeps_the_rest(answer.text)


async def test_what_was_attached_before_another_was_refused_is_told_and_asked_for_no_more(
    console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    case, path = await begun(console)
    page = await both(console, case)
    ids = re.findall(r'name="upload" value="([^"]+)"', page.text)
    give, given = commands.give, []

    async def once(*asked: Any) -> Any:
        given.append(asked)
        if len(given) > 1:
            raise Unavailable("the ledger is away")
        return await give(*asked)

    with monkeypatch.context() as patched:
        patched.setattr(commands, "give", once)
        answer = await console.post("owner", path, {**filled(page), "upload": ids})
    assert answer.status_code == 503
    assert "<strong>Attached:</strong> <bdi>leavers.csv</bdi>" in answer.text
    assert re.findall(r'name="upload" value="([^"]+)"', answer.text) == ids[1:]
    draft = await console.get("owner", path)
    assert re.findall(r'name="upload" value="([^"]+)"', draft.text) == ids[1:]
    again = await console.post("owner", path, {**filled(answer), "upload": ids[1:]})
    assert again.status_code == 303, again.text
    assert [one["name"] for one in await attached(console, case)] == [LIST[0], MORE[0]]


def payload(file: tuple[str, bytes, str]) -> FilePayload:
    return {"name": file[0], "mimeType": file[2], "buffer": file[1]}


async def test_in_a_browser_several_files_are_uploaded_at_once_and_attached(
    console: Console, address: str, browser: Browser
) -> None:
    case, path = await begun(console)
    context = await signed_in(browser, console, address, "owner")
    page = await context.new_page()
    await page.goto(f"/console{path}")
    await page.get_by_label("c1: Cause c1.").check()
    await page.get_by_label("File to upload").set_input_files([payload(LIST), payload(MORE)])
    await page.get_by_role("button", name="Upload", exact=True).click()
    await expect(page.get_by_role("heading", name="The 2 files that were uploaded")).to_be_visible()
    assert [one["id"] for one in (await Axe().run(page, options=WCAG)).response["violations"]] == []
    await page.get_by_role("button", name="Attach evidence", exact=True).last.click()
    await expect(page.get_by_role("link", name=MORE[0])).to_be_visible()
    assert [one["name"] for one in await attached(console, case)] == [LIST[0], MORE[0]]
    await context.close()


async def test_in_a_browser_an_upload_tells_how_far_it_is_and_loses_nothing_where_the_connection_breaks_off(
    console: Console, address: str, browser: Browser
) -> None:
    _, path = await begun(console)
    context = await signed_in(browser, console, address, "owner")
    page = await context.new_page()
    await page.goto(f"/console{path}")
    await page.get_by_label("c1: Cause c1.").check()
    await page.get_by_label("Produced on").fill("2026-03-01")
    stuck, sent = asyncio.Event(), 0

    async def breaks(route: Route) -> None:
        nonlocal sent
        sent += 1
        if sent == 1:
            await route.continue_()
        else:
            await stuck.wait()
            await route.abort("connectionreset")

    async def waits(route: Route) -> None:
        await stuck.wait()
        await route.continue_()

    await page.route("**/upload", breaks)
    await page.get_by_label("File to upload").set_input_files([payload(LIST), payload(MORE)])
    upload = page.get_by_role("button", name="Upload", exact=True)
    await upload.click()
    await expect(page.get_by_role("progressbar", name="joiners.csv is being uploaded.")).to_be_visible()
    await expect(upload).to_be_disabled()
    stuck.set()
    await expect(page.locator("#file-said")).to_contain_text("The connection broke off while joiners.csv was uploaded")
    await expect(page.locator("#file-status")).to_have_text("Uploaded, and to be attached with this form: leavers.csv.")
    await expect(page.get_by_role("progressbar")).to_be_hidden()
    await expect(page.get_by_label("c1: Cause c1.")).to_be_checked()
    stuck.clear()
    await page.unroute("**/upload")
    await page.route("**/upload", waits)
    await upload.click()
    await expect(upload).to_be_focused()
    await page.get_by_label("c2: Cause c2.").check()
    stuck.set()
    await expect(page.get_by_role("heading", name="The 2 files that were uploaded")).to_be_visible()
    await expect(page.get_by_label("Produced on")).to_have_value("2026-03-01")
    await expect(page.get_by_label("c2: Cause c2.")).to_be_checked()
    await context.close()


async def test_in_a_browser_of_several_files_one_that_is_refused_is_named_and_the_others_arrive(
    console: Console, address: str, browser: Browser
) -> None:
    _, path = await begun(console)
    context = await signed_in(browser, console, address, "owner")
    page = await context.new_page()
    await page.goto(f"/console{path}")
    await page.get_by_label("File to upload").set_input_files([payload(LIST), payload(("none.txt", b"", "text/plain"))])
    await page.get_by_role("button", name="Upload", exact=True).click()
    await expect(page.locator("#file-said")).to_contain_text("none.txt: The file is empty.")
    await expect(page.locator("#file-status")).to_have_text("Uploaded, and to be attached with this form: leavers.csv.")
    await page.get_by_role("button", name="Attach evidence", exact=True).last.click()
    await expect(page.get_by_role("alert")).to_contain_text("none.txt was chosen, but not uploaded.")
    await expect(page.get_by_role("heading", name="The file that was uploaded")).to_be_visible()
    await context.close()
