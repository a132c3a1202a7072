"""The whole life of a case in real browsers: six people signed in by a certified provider, each by what it offers."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.async_api import FilePayload, expect

from tests.api.conftest import FINDING, day
from tests.console.hands import Keyboard, Mouse
from tests.console.house import House, house
from tests.signin.conftest import build

__all__ = ["build", "house"]

LIST: FilePayload = {"name": "leavers.csv", "mimeType": "text/csv", "buffer": b"leaver,removed on\nj.doe,2026-03-01\n"}
TITLE = str(FINDING["title"])

POINTING: dict[str, Any] = {"hands": Mouse, "java_script_enabled": False, "viewport": {"width": 1280, "height": 900}}
TYPING: dict[str, Any] = {"hands": Keyboard, "viewport": {"width": 360, "height": 740}}


async def _issue(house: House, way: dict[str, Any]) -> str:
    """From an imported finding in triage to a number."""
    await house.imports()
    auditor = await house.comes("auditor", **way)
    await auditor.hands.presses(auditor.link("Triage 1"))
    await auditor.hands.presses(auditor.link(TITLE))
    await auditor.hands.presses(auditor.link("Issue"))
    await auditor.hands.picks("Major")
    await auditor.gives("Issue", "Issued")
    return await auditor.hands.page.locator(".case-head .number").inner_text()


async def _plan(house: House, way: dict[str, Any], number: str) -> None:
    """Correction, cause and action, proposed by one and signed by another."""
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


async def _show(house: House, way: dict[str, Any], number: str) -> None:
    """Evidence uploaded and the action reported, confirmed by the internal auditor and signed."""
    owner, approver = await house.comes("owner"), await house.comes("approver")
    await owner.takes_up("Attach evidence", number)
    await owner.hands.hands_in("File to upload", LIST)
    await owner.hands.presses(owner.hands.named("button", "Upload"))
    await expect(owner.hands.named("heading", "The file that was uploaded")).to_be_visible()
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


@pytest.mark.timeout(900)
@pytest.mark.parametrize("way", [POINTING, TYPING], ids=["pointing, no script", "keyboard alone, 360 px"])
async def test_a_case_is_closed_by_six_people(house: House, way: dict[str, Any]) -> None:
    wishes = {"internal_confirmation": True}
    answer = await house.desk.ask("approver", "POST", "/v1/clients/acme/change-settings", wishes)
    assert answer.status_code == 200, answer.text
    number = await _issue(house, way)
    await _plan(house, way, number)
    reviewer = await house.comes("reviewer", **way)
    await reviewer.takes_up("Accept the plan", number)
    await reviewer.gives("Sign: Accept the plan", "Plan accepted")
    await _show(house, way, number)
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
    owner = await house.comes("owner")
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
    await reviewer.hands.page.get_by_text("Messages, extensions, disputes").click()
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
        await member.hands.picks(choice)
        if choice == "Extend":
            await member.hands.writes("Until", until.strftime("%Y-%m-%dT12:00"))
        await member.hands.writes("Reason", "They had a fire.")
        await member.gives("Sign: Vote", "Voted")
    await manager.hands.page.locator(".live").filter(has_text="Voted").first.wait_for()

    last = members[-1]
    await last.hands.presses(last.link("Record the decision"))
    await last.hands.writes("Reason", "Two of three.")
    await last.gives("Sign: Record the decision", "Decided")
    path = f"/v1/nonconformities/{case['id']}"
    decided = await house.desk.once("auditor", path, lambda seen: seen["decision"] is not None)
    assert decided["decision"]["choice"] == "extend"
    await owner.hands.page.goto(f"/console/cases/{case['id']}")
    await owner.sees("heading", "Decisions")
    assert "Effect: The “Close-out” date moves to " in await owner.text()
