"""What is typed into a form is kept for its person until it is sent: as it was typed, wherever they come back."""

import re
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

import pytest

from activities.directory import drafts
from services.signin import cookies
from tests.api.conftest import day
from tests.console.conftest import Console
from tests.console.forms import carried, hidden

SCRIPT = {"HX-Request": "true"}
DRAFT = re.compile(r"Draft of.*?kept at event (\d+)", re.DOTALL)


async def opened(console: Console) -> tuple[str, str]:
    """A case of acme, and the path of a form about it."""
    case = (await console.desk.reports("auditor"))["id"]
    return case, f"/cases/{case}/record-correction"


async def types(console: Console, who: str, path: str, form: dict[str, str], **headers: str) -> tuple[int, str]:
    """What a script of the page sends while somebody types; status and the line that it is answered."""
    name, text, csrf = await console.cookie(who)
    headers = {"Cookie": f"{name}={text}", **SCRIPT, **headers}
    answer = await console.desk.http.post(f"/console{path}/draft", data={"csrf": csrf, **form}, headers=headers)
    return answer.status_code, answer.text


async def test_what_was_typed_is_there_when_one_comes_back(console: Console) -> None:
    case, path = await opened(console)
    form = {**carried(await console.get("owner", path)), "text": "Closed the <accounts>,\r\nall", "done_on": ""}
    status, line = await types(console, "owner", path, form)
    assert status == 200
    assert DRAFT.search(line)
    assert "<html" not in line
    told = (await console.get("owner", path)).text
    assert "Closed the &lt;accounts&gt;,\r\nall" in told
    assert DRAFT.findall(told) == ["2", "2"]
    assert f'href="/console{path}">Draft:' in (await console.get("owner", f"/cases/{case}")).text
    assert (await console.desk.get("owner", f"/v1/nonconformities/{case}"))["seq"] == 2


async def test_a_draft_is_seen_by_its_person_alone(console: Console) -> None:
    case, path = await opened(console)
    await types(console, "owner", path, {"text": "Between me and me."})
    for who in ("approver", "auditor", "manager"):
        assert "Between me and me." not in (await console.get(who, path)).text
        assert "Draft:" not in (await console.get(who, f"/cases/{case}")).text
    status, line = await types(console, "stranger", path, {"text": "Not mine."})
    assert (status, "<html" in line) == (404, False)


async def test_a_button_keeps_and_discards_without_a_script(console: Console) -> None:
    _, path = await opened(console)
    form = {**carried(await console.get("owner", path)), "text": "Half of it"}
    answer = await console.post("owner", f"{path}/draft", form)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/console{path}")
    told = (await console.get("owner", path)).text
    assert "Half of it" in told
    assert f'formaction="/console{path}/draft/discard"' in told
    answer = await console.post("owner", f"{path}/draft/discard", form)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/console{path}")
    told = (await console.get("owner", path)).text
    assert "Half of it" not in told
    assert not DRAFT.search(told)


async def test_what_was_emptied_again_is_no_draft(console: Console) -> None:
    _, path = await opened(console)
    await types(console, "owner", path, {"text": "Something"})
    status, line = await types(console, "owner", path, {"text": " ", "done_on": ""})
    assert (status, line.strip()) == (200, "")
    assert not DRAFT.search((await console.get("owner", path)).text)


async def test_what_is_recorded_is_no_draft_any_more_nor_becomes_one_again(console: Console) -> None:
    case, path = await opened(console)
    form = {**carried(await console.get("owner", path)), "text": "Closed.", "done_on": day()}
    await types(console, "owner", path, form)
    answer = await console.post("owner", path, form)
    assert answer.status_code == 303, answer.text
    status, line = await types(console, "owner", path, form)  # what a script had sent before, and comes after
    assert (status, line.strip()) == (200, "")
    assert not DRAFT.search((await console.get("owner", path)).text)
    assert "Draft:" not in (await console.get("owner", f"/cases/{case}")).text


async def test_a_refused_command_keeps_its_draft(console: Console) -> None:
    _, path = await opened(console)
    form = {**carried(await console.get("owner", path)), "text": "Closed.", "done_on": day(9)}
    await types(console, "owner", path, form)
    assert (await console.post("owner", path, form)).status_code == 409
    assert DRAFT.search((await console.get("owner", path)).text)


async def test_what_was_refused_before_it_was_kept_is_a_draft_from_then_on(console: Console) -> None:
    _, path = await opened(console)
    form = {**carried(await console.get("owner", path)), "text": "Closed.", "done_on": day(9)}
    assert (await console.post("owner", path, form)).status_code == 409
    told = (await console.get("owner", path)).text
    assert DRAFT.search(told)
    assert "Closed.</textarea>" in told


async def test_a_draft_of_an_older_state_says_so_and_loses_nothing(console: Console) -> None:
    case, path = await opened(console)
    await types(console, "owner", path, {**carried(await console.get("owner", path)), "text": "My own words."})
    await console.desk.does("auditor", case, "comment", text="Please hurry.")
    page = await console.get("owner", path)
    told = unescape(page.text)
    assert "It was typed before what is told below; nothing of it is lost." in told
    assert "Meanwhile, this happened:" in told
    assert "Commented" in told
    assert "My own words." in told
    answer = await console.post("owner", path, {**carried(page), "text": "My own words.", "done_on": day()})
    assert answer.status_code == 303, "who was told what happened may send it"


async def test_what_can_no_longer_be_sent_can_still_be_read(console: Console) -> None:
    case = (await console.desk.reports("auditor"))["id"]
    await console.desk.submitted(case)
    path = f"/cases/{case}/return-plan"
    form = {**carried(await console.get("reviewer", path)), "sections.0.section": "cause", "sections.0.reason": "Thin."}
    await types(console, "reviewer", path, form)
    await console.desk.signs("reviewer", f"/v1/nonconformities/{case}", "accept-plan")
    told = (await console.get("reviewer", path)).text
    assert 'id="act"' not in told
    assert "Thin." in told
    assert (await console.post("reviewer", f"{path}/draft/discard", {})).status_code == 303
    assert "Thin." not in (await console.get("reviewer", path)).text


async def test_rows_stay_as_they_were_typed(console: Console) -> None:
    case = (await console.desk.reports("auditor"))["id"]
    path = f"/cases/{case}/record-cause"
    rows = {"causes.0.key": "c1", "causes.0.text": "", "causes.2.key": "", "causes.2.text": "No list."}
    await types(console, "owner", path, {"method": "ishikawa", **rows})
    told = (await console.get("owner", path)).text
    assert re.search(r'value="ishikawa" checked', told)
    assert re.search(r'name="causes\.2\.text"[^>]*>\s*No list\.', told)
    assert 'name="causes.1.text"' not in told


async def test_what_is_said_by_signing_is_in_no_draft(console: Console) -> None:
    case = (await console.desk.reports("auditor"))["id"]
    await console.desk.submitted(case)
    path = f"/v1/nonconformities/{case}"
    await console.desk.signs("reviewer", path, "accept-plan")
    await console.desk.does("owner", case, "complete-action", key="a1", done_on=day())
    shown = {"shows": ["a1"], "name": "list.pdf", "sha256": "0" * 64, "media_type": "application/pdf"}
    await console.desk.does("owner", case, "attach-evidence", **shown)
    await console.desk.signs("approver", path, "submit-evidence")
    await console.desk.signs("reviewer", path, "verify", statement="Sampled ten.")
    page = await console.get("closer", f"/cases/{case}/close")
    form = {**carried(page), "statement": "It is effective.", "signature": "S", "surprise": "More"}
    assert 'data-unkept="statement"' in page.text
    await types(console, "closer", f"/cases/{case}/close", form)
    told = (await console.get("closer", f"/cases/{case}/close")).text
    assert "It is effective." not in told
    assert not DRAFT.search(told)


async def test_each_thing_that_a_command_is_about_has_a_draft_of_its_own(console: Console) -> None:
    case = (await console.desk.reports("auditor"))["id"]
    causes = [{"key": "c1", "text": "HR has no list."}]
    await console.desk.does("owner", case, "record-cause", method="other", causes=causes)
    for key in ("a1", "a2"):
        await console.desk.does("owner", case, "plan-action", key=key, text=f"Do {key}.", causes=["c1"])
    path = f"/cases/{case}/revise-action"
    for key in ("a1", "a2"):
        about = hidden(await console.get("owner", f"{path}?key={key}"), "_about")
        assert about == f"key={key}"
        await types(console, "owner", path, {"_about": about, "key": key, "text": f"Better {key}."})
    for key, other in (("a1", "a2"), ("a2", "a1")):
        told = (await console.get("owner", f"{path}?key={key}")).text
        assert f"Better {key}." in told
        assert f"Better {other}." not in told
    assert f'href="/console{path}?key=a1">Draft:' in (await console.get("owner", f"/cases/{case}")).text
    form = carried(await console.get("owner", f"{path}?key=a1"))
    sent = {**form, "_about": "key=a1", "key": "a1", "text": "Best.", "causes": "c1"}
    assert (await console.post("owner", path, sent)).status_code == 303
    assert not DRAFT.search((await console.get("owner", f"{path}?key=a1")).text)
    assert DRAFT.search((await console.get("owner", f"{path}?key=a2")).text)


async def test_an_upload_names_its_file_in_the_draft_that_is_there(console: Console) -> None:
    case = (await console.desk.reports("auditor"))["id"]
    path = f"/cases/{case}/attach-evidence"
    await types(console, "owner", path, {"name": "", "sha256": "", "produced_on": "2026-03-01"})
    content: dict[str, Any] = {"content": b"leaver,removed", "params": {"name": "list.txt"}}
    file = (await console.desk.ask("owner", "POST", "/v1/evidence", **content)).json()
    for asked in (f"?upload={file['id']}", ""):
        told = (await console.get("owner", f"{path}{asked}")).text
        assert f'name="upload" value="{file["id"]}"' in told
        assert file["sha256"] in told
        assert 'value="2026-03-01"' in told
        await types(console, "owner", path, {"upload": file["id"], "produced_on": "2026-03-01"})


async def test_a_draft_has_bounds_and_says_so(console: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    case, path = await opened(console)
    status, line = await types(console, "owner", path, {"text": "x" * drafts.LARGEST})
    assert (status, "too long" in line) == (413, True)
    monkeypatch.setattr(drafts, "MOST", 1)
    assert (await types(console, "owner", path, {"text": "One"}))[0] == 200
    other = f"/cases/{case}/comment"
    status, line = await types(console, "owner", other, {"text": "Two"})
    assert (status, "you have 1 already" in line) == (409, True)
    assert (await types(console, "owner", path, {"text": "One, longer"}))[0] == 200
    assert (await console.post("owner", f"{other}/draft", {"text": "Two"})).status_code == 409


async def test_anything_that_can_be_typed_can_be_kept(console: Console) -> None:
    _, path = await opened(console)
    odd = "\x00 \u202e \N{GRINNING FACE} </textarea><script>alert(1)</script>"
    for strange in ({"_key": "\x00", "_about": "key=\x00", "_seq": "9" * 9}, {}):
        assert (await types(console, "owner", path, {"text": odd, **strange}))[0] == 200
    told = (await console.get("owner", path)).text
    assert "</textarea><script>" not in told
    assert "\N{GRINNING FACE}" in told


async def test_old_drafts_are_forgotten(console: Console) -> None:
    case, path = await opened(console)
    office = console.desk.office
    database, tenant, kept = office.ledger.database, console.desk.tenant, office.settings.drafts_kept
    assert kept == timedelta(days=90)
    await types(console, "owner", path, {"text": "Long ago."})
    person = (await console.desk.get("owner", "/v1/me"))["id"]
    form = drafts.Form(person, f"nonconformity/{case}", "record_correction")
    now = datetime.now(UTC)
    assert await drafts.find(database, tenant, form, now - kept) is not None
    assert await drafts.find(database, tenant, form, now) is None
    other = drafts.Form(person, f"nonconformity/{case}", "comment")
    await drafts.keep(database, tenant, other, {"text": ["New"]}, 1, "", now, now)
    assert await drafts.find(database, tenant, form, now - kept) is None, "the next one that is kept sweeps"


async def test_a_form_of_nobodys_session_keeps_nothing_and_a_script_is_told(console: Console) -> None:
    _, path = await opened(console)
    status, line = await types(console, "owner", path, {"csrf": "forged", "text": "Forged."})
    assert status == 403
    assert "<html" not in line
    name = cookies.session(console.desk.office.settings).name
    status, line = await types(console, "owner", path, {"text": "Late."}, Cookie=f"{name}=ended")
    assert status == 401
    assert "no longer signed in" in line
    assert "/console/sign-in?next=" in line
    assert not DRAFT.search((await console.get("owner", path)).text)
