"""A finding that its source states in part: what it lacks is said in triage, completed by a form, and issued."""

from collections.abc import Mapping
from html import unescape
from typing import Any

import httpx

from tests.console.conftest import Console
from tests.console.forms import carried

BARE: Mapping[str, Any] = {"grade": None, "statement": "", "objective_evidence": "", "requirements": []}
AUDITED = [{"standard": "2 CFR 200 Compliance Supplement", "clause": "M", "text": "Subrecipient <Monitoring>"}]
"""A requirement that cannot be read from a line."""

SAID = {
    "requirements": "ISO/IEC 27001:2022 A.5.18\r\niso 9001:2015 7.5",
    "statement": "Access rights of leavers are kept.\r\nFor months.",
    "objective_evidence": "Three of ten.",
}
BEGUN = {"title": "Access rights are not reviewed", "sites": "", "department": "", "process": ""}
"""What the form begins with, as a browser sends it back."""


async def triaged(console: Console, **changes: Any) -> str:
    case: str = (await console.desk.reports("auditor", "F-1", **{**BARE, **changes}))["id"]
    return case


async def completes(console: Console, case: str, shown: Mapping[str, str], **said: str) -> httpx.Response:
    form = await console.get("auditor", f"/cases/{case}/complete")
    return await console.post("auditor", f"/cases/{case}/complete", {**shown, **said, **carried(form)})


async def page(console: Console, path: str, who: str = "auditor") -> str:
    return unescape((await console.get(who, path)).text)


async def of_case(console: Console, case: str) -> dict[str, Any]:
    seen: dict[str, Any] = await console.desk.get("auditor", f"/v1/nonconformities/{case}")
    return seen


async def test_what_a_finding_lacks_is_said_in_triage_and_its_form_is_one_click_away(console: Console) -> None:
    case = await triaged(console)
    lacks = "it names no requirement; it makes no statement; it shows no objective evidence."
    listed = await page(console, "/?view=triage")
    assert f"It cannot be issued yet: {lacks}" in listed
    assert f'href="/console/cases/{case}/complete"' in listed
    todo = (await page(console, f"/cases/{case}")).partition('id="todo"')[2].partition("Not now, and why")[0]
    assert "It cannot be issued as it stands: complete it, or dismiss it." in todo
    assert lacks in todo
    assert f'class="button" href="/console/cases/{case}/complete"' in todo
    assert "Nothing waits on you" not in todo


async def test_issuing_many_says_of_each_what_it_lacks_and_leads_to_its_form(console: Console) -> None:
    case = await triaged(console, statement="So it is.")
    whole = (await console.desk.reports("auditor", "F-2", grade=None))["id"]
    done = await console.post(
        "auditor", "/triage", {"pick": [f"{case}@1", f"{whole}@1"], "act": "minor", "_confirmed": "minor"}
    )
    told = unescape(done.text)
    assert "It cannot be issued yet: it names no requirement; it shows no objective evidence." in told
    assert told.count("/complete") == 1
    assert f'href="/console/cases/{case}/complete"' in told
    assert "NC-" in told


async def test_what_is_lacking_is_completed_by_a_form_and_the_finding_is_issued(console: Console) -> None:
    case = await triaged(console)
    form = await page(console, f"/cases/{case}/complete")
    assert form.count("needed to issue it") == 3
    assert f'value="{BEGUN["title"]}"' in form
    sent = await completes(console, case, BEGUN, **SAID)
    assert sent.status_code == 303, sent.text
    told = await page(console, sent.headers["location"].removeprefix("/console"))
    assert "Recorded: Finding completed (event 2)." in told
    assert "A finding in triage: issue or dismiss it." in told
    seen = await of_case(console, case)
    assert seen["statement"] == "Access rights of leavers are kept.\nFor months."
    assert [f"{one['standard']} {one['clause']}" for one in seen["requirements"]] == [
        "ISO/IEC 27001 A.5.18",
        "ISO 9001 7.5",
    ]
    assert [one["field"] for one in seen["completed"]] == ["requirements", "statement", "objective_evidence"]
    assert seen["source_finding"]["statement"] == ""
    await console.post("auditor", f"/cases/{case}/issue", {"grade": "minor"})
    assert (await of_case(console, case))["status"] == "open"
    theirs = await page(console, f"/cases/{case}", "owner")
    assert "What was completed, and what its source states (3)" in theirs
    assert theirs.count("Its source states nothing.") == 3


async def test_what_is_sent_as_it_was_shown_is_not_said_again(console: Console) -> None:
    said = {"statement": "A line.\r\nAnother\x07.", "title": "A title <b>", "requirements": AUDITED, "sites": ["Linz"]}
    case = await triaged(console, **said)
    form = await page(console, f"/cases/{case}/complete")
    line = "2 CFR 200 Compliance Supplement M"
    assert line in form
    shown = {"title": "A title <b>", "statement": "A line.\r\nAnother␇.", "requirements": line, "sites": "Linz"}
    nothing = await completes(console, case, shown)
    assert nothing.status_code == 409
    assert "It says nothing that the finding does not say already." in nothing.text
    more = {**shown, "requirements": f"{line}\r\nISO 9001:2015 7.5"}
    assert (await completes(console, case, more, objective_evidence="Two.")).status_code == 303
    seen = await of_case(console, case)
    assert [one["text"] for one in seen["requirements"]] == [AUDITED[0]["text"], None]
    assert [one["field"] for one in seen["completed"]] == ["requirements", "objective_evidence"]


async def test_other_words_than_the_sources_want_a_reason_and_stand_beside_them(console: Console) -> None:
    case = await triaged(console, statement="Root has a <key>.")
    shown = {**BEGUN, "statement": "The account of the administrator has a key."}
    refused = await completes(console, case, shown)
    assert refused.status_code == 422
    assert "Its source states the statement otherwise: say why." in refused.text
    assert shown["statement"] in refused.text
    assert (await completes(console, case, shown, reason="In words of the <standard>")).status_code == 303
    for path in (f"/cases/{case}", f"/cases/{case}/complete"):
        told = (await console.get("auditor", path)).text
        assert "In words of the &lt;standard&gt;" in told
        assert "Root has a &lt;key&gt;." in told
    await console.desk.reports("auditor", "F-1", **{**BARE, "statement": "Root has two keys."})
    anew = "Its source states the statement anew since that was completed: what was completed stands."
    for path in (f"/cases/{case}", "/?view=triage"):
        assert anew in await page(console, path)


async def test_what_is_emptied_is_as_its_source_states_it(console: Console) -> None:
    case = await triaged(console, statement="So")
    await completes(console, case, BEGUN, statement="So it is.", department="IT", sites="Linz\r\nWien")
    shown = {**BEGUN, "statement": "", "department": "", "sites": ""}
    assert (await completes(console, case, shown)).status_code == 303
    seen = await of_case(console, case)
    assert (seen["statement"], seen["department"], seen["sites"], seen["completed"]) == ("So", None, [], [])


async def test_a_line_that_names_no_clause_is_said_at_its_field(console: Console) -> None:
    case = await triaged(console)
    refused = await completes(console, case, BEGUN, requirements="ISO 9001:2015 7.5\r\nsome standard")
    assert refused.status_code == 422
    field = unescape(refused.text).partition('id="f-requirements-said"')[2].partition("</small>")[0]
    assert "names no clause" in field
    assert "some standard" in refused.text


async def test_nobody_else_is_led_there(console: Console) -> None:
    case = await triaged(console)
    for who in ("reviewer", "manager"):
        assert f"/cases/{case}/complete" not in await page(console, f"/cases/{case}", who)
        assert "None of your roles gives this command." in await page(console, f"/cases/{case}/complete", who)
    assert (await console.get("owner", f"/cases/{case}/complete")).status_code == 404
