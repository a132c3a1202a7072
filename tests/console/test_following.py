"""Lists that say above them how much of them changed, to whom sees it, while all that is typed and ticked stays."""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

import httpx
import pytest
from playwright.async_api import Browser, expect

from activities.directory.imports import Import
from activities.ledger.protocol import Scope
from services.api import context as clock
from services.api import events, imports
from services.api.context import Api
from services.auth import Caller
from services.console.frame import following
from tests.api import test_audits as audits
from tests.api import test_certificates as certificates
from tests.console.conftest import Console, signed_in
from tests.console.test_administration import document, uploads

PATIENCE = 20
AWHILE = 60_000
"""Milliseconds for a line of a machine that has much to do."""

pytestmark = pytest.mark.usefixtures("brisk")


@pytest.fixture
def brisk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lists are looked at so often that tests need not wait."""
    monkeypatch.setattr(following, "PACE", 0.1)


@dataclass(frozen=True)
class Page:
    """A page that listens: its text, what it is told, as event and data, and what asks as its browser does."""

    http: httpx.AsyncClient
    text: str
    messages: AsyncIterator[tuple[str, str]]

    async def hears(self) -> str:
        """What it is told next."""
        async with asyncio.timeout(PATIENCE):
            async for _, data in self.messages:
                if data:
                    return data
        raise AssertionError("it ended")

    async def line(self) -> tuple[str, str]:
        """What its line says next, and where that leads."""
        said = await self.hears()
        leads = re.search(r'href="([^"]*)"', said)
        return re.sub(r"<[^>]*>", "", said).strip(), unescape(leads[1]) if leads else ""

    async def rest(self) -> list[tuple[str, str]]:
        """What it is told until the server ends it."""
        async with asyncio.timeout(PATIENCE):
            return [one async for one in self.messages]


async def _messages(answer: httpx.Response) -> AsyncIterator[tuple[str, str]]:
    event, data = "", []
    async for line in answer.aiter_lines():
        name, _, value = line.partition(": ")
        if name == "event":
            event = value
        elif name == "data":
            data.append(value)
        elif not line:
            yield event, "\n".join(data)
            event, data = "", []


@asynccontextmanager
async def shown(console: Console, address: str, who: str, path: str, listens: str = "") -> AsyncIterator[Page]:
    """Somebody's page, as their browser has it follow what happens."""
    name, text, _ = await console.cookie(who)
    headers = {"Cookie": f"{name}={text}", "Accept": "text/html, text/event-stream"}
    async with httpx.AsyncClient(base_url=address, headers=headers, timeout=PATIENCE, trust_env=False) as http:
        page = (await http.get(f"/console{path}")).text
        [live] = [listens] if listens else map(unescape, re.findall(r'hx-sse:connect="([^"]+)"', page))
        async with http.stream("GET", live) as answer:
            assert answer.status_code == 200
            yield Page(http, page, _messages(answer))


async def comments(console: Console) -> None:
    [case] = [one["id"] for one in (await console.desk.get("auditor", "/v1/nonconformities"))["items"]]
    await console.desk.does("auditor", case, "comment", text="Please hurry.")


async def escalates(console: Console) -> None:
    [case] = [one["id"] for one in (await console.desk.get("auditor", "/v1/nonconformities"))["items"]]
    await console.desk.review(case)


async def reports(console: Console) -> None:
    await console.desk.reports("auditor", "L-2", grade=None)


async def starts(console: Console) -> None:
    await audits.does(console.desk, "auditor", "A-1", "start")


async def finds(console: Console) -> None:
    await audits.finds(console.desk, "minor", "L-3")


async def transfers(console: Console) -> None:
    await certificates.transfer(console.desk)


@pytest.mark.parametrize(
    ("who", "path", "act"),
    [
        ("owner", "/?view=living&grade=minor%2Cmajor", comments),
        ("owner", "/?view=mine", comments),
        ("auditor", "/?view=triage", reports),
        ("member1", "/?view=mine", escalates),
        ("manager", "/reviews", escalates),
        ("manager", "/audits?client=acme", starts),
        ("auditor", "/audits/A-1", finds),
        ("owner", "/audits/A-1", starts),
        ("owner", "/certificates", transfers),
    ],
)
async def test_a_list_says_how_much_of_it_changed_and_leads_to_itself(
    console: Console, address: str, who: str, path: str, act: Callable[[Console], Awaitable[None]]
) -> None:
    await audits.plan(console.desk)
    await console.desk.reports("auditor", "L-1")
    async with shown(console, address, who, path) as page:
        await act(console)
        assert await page.line() == ("1 change since this was read: show it", f"/console{path}")


async def test_what_happened_before_one_listened_is_said_at_once_and_a_thing_counts_once(
    console: Console, address: str
) -> None:
    first = (await console.desk.reports("auditor", "L-1"))["id"]
    async with shown(console, address, "owner", "/?view=all") as page:
        live = unescape(re.findall(r'hx-sse:connect="([^"]+)"', page.text)[0])
    for text in ("One.", "Two."):
        await console.desk.does("auditor", first, "comment", text=text)
    await console.desk.reports("auditor", "L-2")
    async with shown(console, address, "owner", "/?view=all", live) as page:
        assert (await page.line())[0] == "2 changes since this was read: show them"


async def test_another_page_of_a_list_says_what_changed_of_itself(console: Console, address: str) -> None:
    for key in ("A-1", "A-2"):
        await audits.plan(console.desk, key)
    first = (await console.get("manager", "/audits?limit=1")).text
    second = unescape(re.findall(r'rel="next" href="/console([^"]+)"', first)[0])
    async with shown(console, address, "manager", second) as page:
        assert "A-2" in page.text
        await audits.does(console.desk, "auditor", "A-1", "start")
        await audits.does(console.desk, "auditor", "A-2", "start")
        assert await page.line() == ("1 change since this was read: show it", f"/console{second}")


async def test_a_line_goes_where_a_row_that_came_goes_again(console: Console, address: str) -> None:
    async with shown(console, address, "auditor", "/?view=triage") as page:
        case = (await console.desk.reports("auditor", "L-1", grade=None))["id"]
        assert (await page.line())[0] == "1 change since this was read: show it"
        await console.desk.does("auditor", case, "dismiss", reason="A mistake.")
        assert await page.line() == ("", "")


async def test_who_does_not_see_a_case_is_told_nothing_of_it(console: Console, address: str) -> None:
    case = (await console.desk.reports("auditor", "L-1"))["id"]
    async with shown(console, address, "stranger", "/?view=all") as page:
        await console.desk.does("auditor", case, "comment", text="Not for you.")
        await console.desk.reports("auditor", "L-2")
        await console.desk.reports("auditor", "L-3", client="globex")
        assert (await page.line())[0] == "1 change since this was read: show it"
    await audits.plan(console.desk)
    name, text, _ = await console.cookie("stranger")
    there = "/console/lists/audits/A-1/live"
    assert (await console.desk.http.get(there, headers={"Cookie": f"{name}={text}"})).status_code == 404


async def test_who_looks_at_a_case_asks_for_what_is_new_in_it_alone(
    console: Console, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[str, int]] = []
    ledger = type(console.desk.office.ledger)
    history = ledger.history

    async def noted(self: Any, scope: Scope, stream: str, after: int = 0, limit: int = 10_000) -> Any:
        if limit == events.PAGE:
            asked.append((stream, after))
        return await history(self, scope, stream, after, limit)

    case = (await console.desk.reports("auditor", "L-1"))["id"]
    other = (await console.desk.reports("auditor", "L-2"))["id"]
    monkeypatch.setattr(events, "POLL", 0.05)
    monkeypatch.setattr(ledger, "history", noted)
    listens = f"/console/cases/{case}/live?seq=1"
    async with shown(console, address, "owner", f"/cases/{case}", listens) as page:
        assert "Meanwhile" not in (await page.hears())  # its issue, of which a page at its report knows nothing
        for number in range(2):
            await console.desk.does("auditor", other, "comment", text="Elsewhere.")
            await console.desk.does("auditor", case, "comment", text="Please hurry.")
            assert f"Meanwhile, {number + 2} things happened here:" in await page.hears()
        seen = len(asked)
        async with asyncio.timeout(PATIENCE):
            while len(asked) < seen + 2:
                await asyncio.sleep(0.02)
    assert {stream for stream, _ in asked} == {f"nonconformity/{case}"}
    assert [after for _, after in asked] == sorted(after for _, after in asked)
    assert {after for _, after in asked[-2:]} == {4}
    async with shown(console, address, "owner", f"/cases/{case}", listens.replace("seq=1", f"seq={10**30}")) as page:
        assert page.text


async def test_a_list_is_followed_until_its_reader_signs_out(
    console: Console, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "TRUST", 0.0)
    await console.desk.reports("auditor", "L-1")
    async with shown(console, address, "owner", "/?view=all") as page:
        await comments(console)
        assert (await page.line())[0] == "1 change since this was read: show it"
        out = await page.http.post("/console/sign-out", data={"csrf": "csrf-of-owner"})
        assert out.status_code == 303
        assert [one for one in await page.rest() if any(one)] == []


async def test_to_listen_keeps_no_session_alive(
    console: Console, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    began = datetime.now(UTC)
    for listens, status in (("/console/lists/cases/live", 303), ("/console/?view=all", 200)):
        name, text, _ = await console.cookie("owner")
        headers = {"Cookie": f"{name}={text}"}
        async with httpx.AsyncClient(base_url=address, headers=headers, timeout=PATIENCE, trust_env=False) as http:
            with monkeypatch.context() as later:
                later.setattr(clock, "now", lambda: began + timedelta(minutes=50))
                async with http.stream("GET", listens) as answer:
                    assert answer.status_code == 200
                later.setattr(clock, "now", lambda: began + timedelta(minutes=70))
                assert (await http.get("/console/?view=all")).status_code == status, listens


async def test_who_follows_holds_no_connection_to_the_database(
    console: Console, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "PACE", 600.0)
    async with AsyncExitStack() as stack:
        for _ in range(12):
            await stack.enter_async_context(shown(console, address, "owner", "/?view=all"))
        assert (await console.get("owner", "/?view=all")).status_code == 200


async def test_the_page_of_an_import_follows_it_to_its_end(console: Console, address: str) -> None:
    sent = await uploads(console, "auditor", document("R-1", "R-2"), act="import", client="acme")
    there = sent.headers["location"]
    async with shown(console, address, "auditor", there.removeprefix("/console"), f"{there}/live") as page:
        *_, last, end = [one for one in await page.rest() if any(one)]
    assert "Done" in last[1]
    assert "2 read" in last[1]
    assert end == ("ended", "")


async def test_the_page_of_an_import_that_ends_is_whole_and_one_that_goes_on_says_when_it_was_so(
    browser: Browser, console: Console, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = await uploads(console, "auditor", document("R-1", "R-2"), act="import", client="acme")
    known, goes_on = imports.seen, asyncio.Event()

    async def seen(api: Api, caller: Caller, id: str) -> Import:
        one = await known(api, caller, id)
        still: dict[str, Any] = {"state": "running", "ended_at": None, "read_as": None, "format": None}
        return one if goes_on.is_set() else one.model_copy(update=still)

    monkeypatch.setattr(imports, "seen", seen)
    told = (await console.get("auditor", sent.headers["location"].removeprefix("/console"))).text
    assert re.search(r"It goes on\. What stands below was so at \d+ \w+ \d{4}, \d\d:\d\d\.", told)
    assert "Read as" not in told
    context = await signed_in(browser, console, address, "auditor")
    page = await context.new_page()
    await page.goto(sent.headers["location"])
    await expect(page.get_by_text("Cancel it")).to_be_visible()
    goes_on.set()
    await expect(page.get_by_text("Read as")).to_be_visible(timeout=AWHILE)
    await expect(page.get_by_text("Cancel it")).to_have_count(0)
    await expect(page.get_by_role("link", name="Look again")).to_have_count(0)
    await expect(page.get_by_role("row")).to_have_count(3)
    await context.close()


async def test_a_line_appears_over_the_inbox_and_nothing_typed_is_lost_nor_moves(
    browser: Browser, console: Console, address: str
) -> None:
    case = (await console.desk.reports("auditor", "L-1"))["id"]
    theirs = (await console.desk.reports("auditor", "L-2", client="globex"))["id"]
    pages = {}
    for who in ("owner", "stranger"):
        context = await signed_in(browser, console, address, who)
        page = pages[who] = await context.new_page()
        await page.goto("/console/?view=living")
        await page.get_by_text("Filter", exact=True).click()
        await page.get_by_label("Words", exact=True).fill("my own wor")
    before = await pages["owner"].locator("ol.work").bounding_box()
    await console.desk.does("auditor", case, "comment", text="Please hurry.")
    line = pages["owner"].get_by_text("1 change since this was read")
    await line.wait_for(timeout=AWHILE)
    assert await pages["owner"].locator("ol.work").bounding_box() == before
    assert await pages["owner"].get_by_label("Words", exact=True).input_value() == "my own wor"
    await expect(pages["stranger"].locator(".news")).to_be_empty()
    await console.desk.does("auditor", theirs, "comment", text="To you as well.")
    await pages["stranger"].get_by_text("1 change since this was read").wait_for(timeout=AWHILE)
    await line.get_by_role("link", name="show it").click()
    await pages["owner"].wait_for_url("**/console/?view=living")
    await expect(pages["owner"].locator(".news")).to_be_empty()
    for page in pages.values():
        await page.context.close()


async def test_what_is_ticked_in_triage_stays(browser: Browser, console: Console, address: str) -> None:
    await console.desk.reports("auditor", "L-1", grade=None)
    context = await signed_in(browser, console, address, "auditor", viewport={"width": 360, "height": 740})
    page = await context.new_page()
    await page.goto("/console/?view=triage")
    box = page.get_by_role("checkbox", name="Pick Access rights")
    await expect(page.locator("output")).to_have_text("0 picked")
    await box.check()
    await expect(page.locator("output")).to_have_text("1 picked")
    await page.get_by_label("Reason").fill("Not a find")
    before = await box.bounding_box()
    await console.desk.reports("auditor", "L-2", grade=None)
    await page.get_by_text("1 change since this was read").wait_for(timeout=AWHILE)
    assert await box.is_checked()
    assert await box.bounding_box() == before
    assert await page.get_by_label("Reason").input_value() == "Not a find"
    await context.close()
