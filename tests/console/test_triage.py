"""Triage at the console: many findings issued or dismissed at once, each by its own command."""

import re

from tests.console.conftest import Console
from tests.console.forms import hidden


async def test_triage_issues_and_dismisses_many_at_once(console: Console) -> None:
    ids = [(await console.desk.reports("auditor", f"T-{n}", grade=None, title=f"Doubt {n}"))["id"] for n in range(3)]
    told = (await console.get("auditor", "/?view=triage")).text
    picks = re.findall(r'value="([^"@]+@\d+)"', told)
    picked = {one: next(pick for pick in picks if pick.startswith(one)) for one in ids}
    both: dict[str, str | list[str]] = {
        "pick": [picked[ids[0]], picked[ids[1]]],
        "act": "minor",
        "reason": "Seen on site.",
    }
    asked = await console.post("auditor", "/triage", both)
    assert "Issue as minor: 2 findings" in asked.text
    assert "Nothing is recorded yet." in asked.text
    assert re.findall(r'name="pick" value="([^"]+)" checked', asked.text) == both["pick"]
    assert "Seen on site." in asked.text
    assert re.findall(r'name="act" value="(\w+)"', asked.text) == ["minor"]
    assert (await console.desk.get("auditor", f"/v1/nonconformities/{ids[0]}"))["status"] == "reported"
    done = await console.post("auditor", "/triage", {**both, "_confirmed": hidden(asked, "_confirmed")})
    assert done.text.count("NC-") == 2
    done = await console.post("auditor", "/triage", {"pick": [picked[ids[2]]], "act": "dismiss", "reason": "Twice."})
    assert "dismissed" in done.text
    done = await console.post("auditor", "/triage", {"pick": [picked[ids[2]]], "act": "minor"})
    assert "refused" in done.text
    assert (await console.get("reviewer", "/?view=triage")).text.count('name="pick"') == 0


async def test_triage_that_is_sent_twice_tells_the_same_twice(console: Console) -> None:
    await console.desk.reports("auditor", "T-1", grade=None)
    told = (await console.get("auditor", "/?view=triage")).text
    form = {name: re.findall(rf'name="{name}" value="([^"]+)"', told)[0] for name in ("pick", "_key")}
    done = [await console.post("auditor", "/triage", form | {"act": "minor"}) for _ in range(2)]
    assert done[0].text == done[1].text
    assert "NC-" in done[1].text


async def test_dismissing_without_a_reason_loses_no_pick(console: Console) -> None:
    picks = [f"{(await console.desk.reports('auditor', ref, grade=None))['id']}@1" for ref in ("T-1", "T-2")]
    again = await console.post("auditor", "/triage", {"pick": picks, "act": "dismiss", "reason": " "})
    assert again.status_code == 422
    assert "Say why they are dismissed." in again.text.partition('id="f-reason-said"')[2].partition("</small>")[0]
    assert re.findall(r'name="pick" value="([^"]+)" checked', again.text) == picks
    form: dict[str, str | list[str]] = {
        "pick": picks,
        "act": "dismiss",
        "_confirmed": hidden(again, "_confirmed"),
        "reason": "Twice.",
    }
    assert (await console.post("auditor", "/triage", form)).text.count("dismissed</span>") == 2


async def test_what_lacks_in_triage_is_said_by_its_name(console: Console) -> None:
    case = await console.desk.reports("auditor", grade=None)
    form = {"pick": f"{case['id']}@1", "act": "dismiss", "reason": "R" * 25_000}
    told = await console.post("auditor", "/triage", form)
    assert "Reason: " in told.text
    assert "/reason" not in told.text


async def test_an_inbox_without_work_leads_to_the_findings_in_triage(console: Console) -> None:
    empty = (await console.get("auditor", "/")).text
    assert "Nothing waits on you." in empty
    assert "In triage are findings" not in empty
    await console.desk.reports("auditor", grade=None)
    assert "In triage are findings to be issued or dismissed: 1" in (await console.get("auditor", "/")).text
