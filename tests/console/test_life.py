"""The whole life of a case in real browsers: six people signed in by a certified provider, each by what it offers."""

import json
import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.async_api import Browser, FilePayload, Locator

from tests.api.conftest import FINDING, PEOPLE, Desk, day
from tests.console.hands import Keyboard, Mouse
from tests.signin.certified import certified
from tests.signin.conftest import Build, build
from tests.signin.hostile import CLIENT, SECRET
from tests.signin.serving import free, serving

__all__ = ["build"]

PATIENCE = 60_000
"""Milliseconds for a page of a machine that has much to do."""

INBOX = re.compile(r"/console/(#main)?$")
LIST: FilePayload = {"name": "leavers.csv", "mimeType": "text/csv", "buffer": b"leaver,removed on\nj.doe,2026-03-01\n"}
TITLE = str(FINDING["title"])


@dataclass(frozen=True)
class Person:
    """Somebody at a browser of their own."""

    hands: Mouse

    def link(self, name: str) -> Locator:
        return self.hands.named("link", name)

    async def opens_the_inbox(self) -> None:
        """As it is now."""
        if INBOX.search(self.hands.page.url):
            await self.hands.page.reload()
        else:
            await self.hands.presses(self.link("Inbox").or_(self.link("Waiting on me")).first)
        await self.hands.page.wait_for_url(INBOX)

    async def takes_up(self, command: str, number: str) -> None:
        """What the inbox offers on a case."""
        await self.opens_the_inbox()
        await self.hands.presses(self.link(f"{command}: {number}"))
        await self.sees("heading", command)

    async def gives(self, button: str, recorded: str) -> None:
        """What was filled in; it is recorded."""
        await self.hands.presses(self.hands.named("button", button))
        await self.told("status").filter(has_text=f"Recorded: {recorded} (").wait_for()

    async def sees(self, role: str, name: str) -> None:
        await self.hands.named(role, name).wait_for()

    def told(self, role: Any) -> Locator:
        return self.hands.page.get_by_role(role)

    async def text(self) -> str:
        """What the page says."""
        return await self.hands.page.locator("main").inner_text()


@dataclass
class House:
    """The console and the provider of one certification body, and who is there."""

    desk: Desk
    browser: Browser
    url: str
    issuer: str
    stack: AsyncExitStack
    inside: dict[str, Person] = field(default_factory=dict)

    async def comes(self, who: str, hands: type[Mouse] = Mouse, **given: Any) -> Person:
        """Somebody, signed in by the provider when they come at first."""
        if who in self.inside:
            return self.inside[who]
        context = await self.browser.new_context(base_url=self.url, locale="en-US", **given)
        self.stack.push_async_callback(context.close)
        context.set_default_timeout(PATIENCE)
        page = await context.new_page()
        await page.goto("/console/")
        assert page.url.startswith(self.issuer)
        await page.get_by_placeholder("Enter any login").fill(who)
        await page.get_by_placeholder("and password").fill("any")
        await page.keyboard.press("Enter")
        await page.wait_for_url(f"{self.url}/console/")
        self.inside[who] = Person(hands(page))
        return self.inside[who]

    async def imports(self) -> None:
        """A document with one finding, sent by a scanner that may state no grades."""
        key = await self.desk.key("scanner")
        content = json.dumps([FINDING | {"grade": "major"}]).encode()
        headers = {"Content-Type": "application/json"}
        answer = await self.desk.ask(key, "POST", "/v1/imports", content=content, headers=headers)
        assert answer.status_code == 202, answer.text
        path = f"/v1/imports/{answer.json()['id']}"
        ended = await self.desk.once(key, path, lambda seen: seen["ended_at"] is not None)
        assert ended["created"] == 1, ended


@pytest.fixture
async def house(build: Build, desk: Desk, browser: Browser) -> AsyncIterator[House]:
    people = {
        who: {"name": who.title(), "tenant": desk.tenant, "roles": [role], **({"client": client} if client else {})}
        for who, (role, client) in PEOPLE.items()
    }
    port = free()
    async with AsyncExitStack() as stack:
        issuer = await stack.enter_async_context(certified(f"http://127.0.0.1:{port}", people=people))
        named = {"oidc_issuer": issuer, "oidc_client_id": CLIENT, "oidc_client_secret": SECRET}
        app = build(listen_port=port, sample_sign_in=False, fresh=timedelta(hours=1), **named).app
        stack.push_async_callback(app.state.api.nudges.close)
        url = await stack.enter_async_context(serving(app, port))
        yield House(desk, browser, url, issuer, await stack.enter_async_context(AsyncExitStack()))


POINTING: dict[str, Any] = {"hands": Mouse, "java_script_enabled": False, "viewport": {"width": 1280, "height": 900}}
TYPING: dict[str, Any] = {"hands": Keyboard, "viewport": {"width": 360, "height": 740}}


@pytest.mark.timeout(900)
@pytest.mark.parametrize("way", [POINTING, TYPING], ids=["pointing, no script", "keyboard alone, 360 px"])
async def test_a_case_is_closed_by_six_people(house: House, way: dict[str, Any]) -> None:
    wishes = {"internal_confirmation": True}
    answer = await house.desk.ask("approver", "POST", "/v1/clients/acme/change-settings", wishes)
    assert answer.status_code == 200, answer.text
    await house.imports()

    auditor = await house.comes("auditor", **way)
    await auditor.hands.presses(auditor.link("Triage 1"))
    await auditor.hands.presses(auditor.link(TITLE))
    await auditor.hands.presses(auditor.link("Issue"))
    await auditor.hands.picks("Major")
    await auditor.gives("Issue", "Issued")
    number = await auditor.hands.page.locator(".case-head .number").inner_text()

    owner = await house.comes("owner", **way)
    await owner.takes_up("Record the correction", number)
    await owner.hands.writes("Text", "The three accounts were closed.")
    await owner.hands.dates("Done on", day())
    await owner.gives("Record the correction", "Correction recorded")
    await owner.takes_up("Record the root cause", number)
    await owner.hands.picks("Five whys")
    await owner.hands.writes("Steps, one a line", "Nobody told IT.\nHR has no list of systems.")
    await owner.hands.writes("Text", "HR has no list of systems.")
    await owner.hands.writes("Where it was looked for", "All systems of class A")
    await owner.gives("Record the root cause", "Cause recorded")
    await owner.takes_up("Plan an action", number)
    await owner.hands.writes("Text", "Give HR the list of systems.")
    await owner.hands.picks("c1: HR has no list")
    await owner.hands.writes("Owner", "Olga")
    await owner.hands.dates("Due on", day(5))
    await owner.gives("Plan an action", "Action planned")
    await owner.takes_up("Propose the plan", number)
    await owner.gives("Propose the plan", "Plan proposed")

    approver = await house.comes("approver", **way)
    await approver.takes_up("Submit the plan", number)
    assert "HR has no list of systems." in await approver.hands.page.locator(".signing").inner_text()
    await approver.gives("Sign: Submit the plan", "Plan submitted")

    reviewer = await house.comes("reviewer", **way)
    await reviewer.takes_up("Accept the plan", number)
    await reviewer.gives("Sign: Accept the plan", "Plan accepted")

    await owner.takes_up("Attach evidence", number)
    await owner.hands.hands_in("Upload the file first", LIST)
    await owner.hands.presses(owner.hands.named("button", "Upload"))
    await owner.hands.picks("a1: Give HR the list")
    await owner.gives("Attach evidence", "Evidence attached")
    await owner.takes_up("Report an action as done", number)
    await owner.hands.picks_of("Short name", "a1")
    await owner.gives("Report an action as done", "Action completed")

    internal = await house.comes("internal", **way)
    await internal.takes_up("Confirm effectiveness", number)
    await internal.hands.writes("Statement", "No leaver of this quarter has an account.")
    await internal.gives("Sign: Confirm effectiveness", "Effectiveness confirmed")

    await approver.takes_up("Submit the evidence", number)
    await approver.gives("Sign: Submit the evidence", "Evidence submitted")

    await reviewer.takes_up("Verify effectiveness", number)
    await reviewer.hands.writes("Statement", "Sampled ten leavers: none has an account.")
    await reviewer.gives("Sign: Verify effectiveness", "Verified")
    await reviewer.opens_the_inbox()
    assert "Nothing waits on you." in await reviewer.text(), "who verified a major does not close it"

    closer = await house.comes("closer", **way)
    await closer.takes_up("Close out", number)
    await closer.hands.writes("Statement", "Effective.")
    await closer.gives("Sign: Close out", "Closed")
    await closer.hands.presses(closer.hands.named("button", "Verify the record"))
    await closer.told("status").filter(has_text="every hash, digest and link holds").wait_for()
    assert set(house.inside) == {"auditor", "owner", "approver", "reviewer", "internal", "closer"}

    [found] = (await house.desk.get("auditor", "/v1/nonconformities", status="closed"))["items"]
    assert found["number"] == number
    events = await house.desk.get("auditor", f"/v1/nonconformities/{found['id']}/events")
    assert [event["type"].partition(".")[2] for event in events] == [
        "reported", "issued", "correction_recorded", "cause_recorded", "action_planned", "plan_proposed",
        "plan_submitted", "plan_accepted", "evidence_attached", "action_completed", "effectiveness_confirmed",
        "evidence_submitted", "verified", "closed",
    ]  # fmt: skip
    async with owner.hands.page.expect_download() as download:
        await owner.hands.presses(owner.link(LIST["name"]))
    assert (await (await download.value).path()).read_bytes() == LIST["buffer"]


@pytest.mark.timeout(600)
async def test_a_committee_gives_more_time(house: House) -> None:
    seated = ("member1", "member2", "member3")
    members = [await house.comes(who) for who in seated]
    case = await house.desk.reports("auditor", grade="major")
    owner = await house.comes("owner", java_script_enabled=False)
    reviewer = await house.comes("reviewer", java_script_enabled=False)
    await reviewer.hands.page.goto(f"/console/cases/{case['id']}")
    await reviewer.hands.page.get_by_text("Talk, time, objections").click()
    await reviewer.hands.presses(reviewer.link("Call the committee"))
    await reviewer.hands.writes("Reason", "The client does not answer.")
    await reviewer.gives("Call the committee", "Escalated")
    await house.desk.once("manager", "/v1/committee-reviews", lambda seen: len(seen["items"]) == 1)

    manager = await house.comes("manager")
    await manager.hands.page.get_by_role("link", name="Committee").click()
    await manager.hands.presses(manager.link(TITLE))
    await manager.hands.presses(manager.link("Convene members"))
    for who in seated:
        await manager.hands.picks(who.title())
    await manager.gives("Convene members", "Convened")

    until = datetime.now(UTC) + timedelta(days=120)
    for member, choice in zip(members, ("Extend", "Dismiss", "Extend"), strict=True):
        await member.takes_up("Vote", case["number"])
        await member.hands.picks_of("Choice", choice)
        await member.hands.writes("Reason", "They had a fire.")
        if choice == "Extend":
            await member.hands.writes("Until", until.strftime("%Y-%m-%dT12:00"))
        await member.gives("Sign: Vote", "Voted")
    live = manager.hands.page.locator(".live")
    await live.filter(has_text="Voted").wait_for()
    assert await live.get_by_role("listitem").count() >= 1, "the manager's page follows what others do"

    last = members[-1]
    await last.hands.presses(last.link("Record the decision"))
    await last.hands.writes("Reason", "Two of three.")
    await last.gives("Sign: Record the decision", "Decided")
    path = f"/v1/nonconformities/{case['id']}"
    decided = await house.desk.once("auditor", path, lambda seen: seen["decision"] is not None)
    assert decided["decision"]["choice"] == "extend"
    await owner.hands.page.goto(f"/console/cases/{case['id']}")
    await owner.sees("heading", "Decision of the committee")
