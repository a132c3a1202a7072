"""What a command causes besides is told at its form, beside its link, and to those who have to act on it afterwards."""

import re
from datetime import datetime
from html import unescape

import pytest
from playwright.async_api import Browser

from services.handbook.recorded import events_of
from tests.api.conftest import day
from tests.console.conftest import Console, signed_in
from tests.console.forms import carried
from workflows.nonconformity import events as e
from workflows.nonconformity.table import ROWS

VOIDS = [row.command for row in ROWS if e.AcceptanceVoided in events_of(row.record)]


def test_each_row_that_may_void_an_acceptance_says_so() -> None:
    assert [row.command for row in ROWS if e.AcceptanceVoided in {one.event for one in row.also}] == VOIDS


async def accepted(console: Console) -> str:
    case: str = (await console.desk.reports("auditor"))["id"]
    await console.desk.submitted(case)
    await console.desk.signs("reviewer", f"/v1/nonconformities/{case}", "accept-plan")
    return case


@pytest.mark.parametrize("command", VOIDS)
async def test_the_form_says_that_the_acceptance_is_voided_and_what_is_to_be_done_then(
    console: Console, command: str
) -> None:
    case = (await console.desk.reports("auditor"))["id"]
    await console.desk.submitted(case)
    path = f"/cases/{case}/{command.replace('_', '-')}"
    assert "void" not in (await console.get("owner", path)).text
    await console.desk.signs("reviewer", f"/v1/nonconformities/{case}", "accept-plan")
    form = (await console.get("owner", path)).text
    assert "The plan is accepted." in form
    assert "the plan has to be submitted by the approver and accepted anew" in form
    assert re.search(r"</button> <span class=\"follows\">(May void|Voids) the acceptance of the plan<", form)


async def test_a_form_of_what_was_not_issued_has_nothing_that_follows(console: Console) -> None:
    case = (await console.desk.reports("auditor", grade=None))["id"]
    for command in ("return-plan", "record-follow-up", "plan-action"):
        answer = await console.get("reviewer", f"/cases/{case}/{command}")
        assert answer.status_code == 200
        assert "follows" not in answer.text


async def test_whoever_has_to_act_afterwards_is_told_why(console: Console) -> None:
    case = await accepted(console)
    page = (await console.get("owner", f"/cases/{case}")).text
    assert page.count('<span class="follows">') == len(VOIDS)
    path = f"/cases/{case}/plan-action"
    form = {**carried(await console.get("owner", path)), "key": "a2", "text": "Ask HR weekly.", "causes": "c1"}
    form |= {"owner": "Owner", "due_on": day(9)}
    assert (await console.post("owner", path, form)).status_code == 303
    again = "The plan was changed after it was accepted: put it before the approver again."
    assert again in (await console.get("owner", f"/cases/{case}")).text
    assert again in (await console.get("owner", "/")).text
    approver = unescape((await console.get("approver", f"/cases/{case}")).text)
    assert "which voided that: sign and submit it again." in approver
    await console.desk.signs("approver", f"/v1/nonconformities/{case}", "submit-plan")
    reviewer = (await console.get("reviewer", f"/cases/{case}")).text
    assert "A plan that was changed after it was accepted was submitted again: accept or return it." in reviewer
    await console.desk.signs("reviewer", f"/v1/nonconformities/{case}", "accept-plan")
    assert (await console.desk.get("owner", f"/v1/nonconformities/{case}"))["plan"]["voided"] is None


async def test_one_more_return_than_the_policy_allows_is_said_to_call_the_committee(console: Console) -> None:
    case = (await console.desk.reports("auditor"))["id"]
    await console.desk.submitted(case)
    path, sections = f"/cases/{case}/return-plan", [{"section": "actions", "reason": "By when?"}]
    says = "another one calls the certification committee"
    for due in (5, 6, 7):
        assert says not in (await console.get("reviewer", path)).text
        await console.desk.does("reviewer", case, "return-plan", sections=sections)
        await console.desk.does("owner", case, "revise-action", key="a1", due_on=day(due))
        await console.desk.signs("approver", f"/v1/nonconformities/{case}", "submit-plan")
    assert says in (await console.get("reviewer", path)).text


async def test_each_other_grade_says_which_dates_it_would_have(console: Console) -> None:
    case = (await console.desk.reports("auditor", grade="minor"))["id"]
    path = f"/cases/{case}/regrade"
    page = unescape((await console.get("reviewer", path)).text)
    told = dict(re.findall(r'value="(\w+)"[^>]*> <bdi>[^<]*</bdi></label><small class="note"[^>]*><bdi>([^<]*)', page))
    assert told.keys() == {"major", "ofi"}
    assert told["ofi"] == "No date runs then."
    await console.desk.does("reviewer", case, "regrade", grade="major", reason="It is systemic.")
    after = await console.desk.get("reviewer", f"/v1/nonconformities/{case}")
    due = [datetime.fromisoformat(one["due_at"]) for one in after["deadlines"] if one["state"] == "running"]
    assert re.findall(r"\d+ \w{3} \d{4}", told["major"]) == [f"{at.day} {at:%b %Y}" for at in due]


async def test_more_time_than_reviewers_may_grant_is_said_to_call_the_committee(console: Console) -> None:
    case = (await console.desk.reports("auditor", grade="minor"))["id"]
    path, says = f"/cases/{case}/request-extension", "Asking calls the committee."
    assert says not in (await console.get("owner", path)).text
    until = f"{day(16)}T12:00:00Z"
    asked = {"deadline": "plan", "until": until, "reason": "Holidays.", "containment": "Accounts are closed."}
    await console.desk.does("owner", case, "request-extension", **asked)
    await console.desk.does("reviewer", case, "grant-extension", until=until, reason="Holidays.")
    assert (await console.get("owner", path)).text.count(says) == 1


async def test_in_a_browser_one_reads_it_before_one_tries(browser: Browser, console: Console, address: str) -> None:
    case = await accepted(console)
    context = await signed_in(browser, console, address, "owner")
    page = await context.new_page()
    await page.goto(f"/console/cases/{case}")
    row = page.get_by_role("listitem").filter(has_text="Drop an action")
    assert "Voids the acceptance of the plan" in await row.inner_text()
    await row.get_by_role("link").click()
    assert await page.get_by_text("This voids the acceptance: the case is open again").is_visible()
    await context.close()
