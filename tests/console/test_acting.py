"""Commands given by forms: recorded once, faults at their fields, nothing typed lost, signatures over what was seen."""

import re
from dataclasses import replace
from datetime import timedelta
from html import unescape

import httpx
import pytest

from services.api.app import create_app
from tests.api.conftest import day
from tests.console.conftest import Console, settled
from tests.console.forms import carried, hidden
from workflows.policy_book import PolicyBook

KEPT = re.compile(r'<input type="hidden" name="([^"]*)" value="([^"]*)">')


async def test_a_form_records_its_command_once(console: Console) -> None:
    case = (await console.desk.reports("auditor"))["id"]
    path = f"/cases/{case}/record-correction"
    form = {**carried(await console.get("owner", path)), "text": "Removed.\r\nAll of them.", "done_on": day()}
    answer = await console.post("owner", path, form)
    assert answer.status_code == 303, answer.text
    assert answer.headers["location"] == f"/console/cases/{case}?recorded=3"
    again = await console.post("owner", path, form)
    assert again.headers["location"] == answer.headers["location"]
    told = await console.desk.get("owner", f"/v1/nonconformities/{case}")
    assert told["correction"]["text"] == "Removed.\nAll of them."
    assert told["seq"] == 3


async def test_rows_that_were_left_empty_are_none(console: Console) -> None:
    case = (await console.desk.reports("auditor"))["id"]
    path = f"/cases/{case}/record-cause"
    form: dict[str, str | list[str]] = {
        **carried(await console.get("owner", path)),
        "method": "five_whys",
        "steps": "Nobody told IT.\r\n\r\nNo list.",
        "causes.0.key": "",
        "causes.0.text": " ",
        "causes.1.key": "c1",
        "causes.1.text": "HR has no list.",
        "causes.1.category": "",
        "extent.looked_at": "All systems",
    }
    more = await console.post("owner", path, {**form, "_more": "causes"})
    assert more.status_code == 200
    assert re.search(r'name="causes.2.key"[^>]* value="c3"', more.text)
    assert "HR has no list." in more.text
    answer = await console.post("owner", path, form)
    assert answer.status_code == 303, answer.text
    told = (await console.desk.get("owner", f"/v1/nonconformities/{case}"))["analysis"]
    assert told["steps"] == ["Nobody told IT.", "No list."]
    assert told["causes"] == [{"key": "c1", "text": "HR has no list.", "category": None}]


async def test_what_is_wrong_is_said_at_its_field_and_nothing_typed_is_lost(console: Console) -> None:
    case = (await console.desk.reports("auditor"))["id"]
    path = f"/cases/{case}/record-correction"
    form = {**carried(await console.get("owner", path)), "text": "Closed the <accounts>.", "done_on": day(9)}
    answer = await console.post("owner", path, form)
    assert answer.status_code == 409
    assert "Nothing was recorded." in answer.text
    assert "Closed the &lt;accounts&gt;." in answer.text
    assert re.search(r'name="done_on"[^>]*aria-invalid="true"', answer.text)
    assert (await console.desk.get("owner", f"/v1/nonconformities/{case}"))["seq"] == 2


async def test_what_is_wrong_with_a_whole_stands_at_one_field_and_above_is_the_way_to_each(console: Console) -> None:
    case = (await console.desk.reports("auditor"))["id"]
    path = f"/cases/{case}/record-cause"
    form = {**carried(await console.get("owner", path)), "method": "other", "causes.0.key": "c1", "causes.1.key": "c1"}
    twice = await console.post("owner", path, {**form, "causes.0.text": "One.", "causes.1.text": "Two."})
    assert twice.status_code == 422
    assert "the body" not in twice.text
    assert "c1 names another cause already: each needs its own.</span>" in twice.text
    assert re.search(r'id="f-causes-1-key"[^>]*aria-invalid="true" autofocus', twice.text)
    assert '<a href="#f-causes-1-key">Short name</a>' in twice.text
    several = await console.post("owner", path, {**form, "method": "", "causes.1.key": "c 2", "causes.1.text": "Two."})
    above = several.text.partition('role="alert"')[2].partition("</div>")[0]
    ways = re.findall(r'href="#([^"]+)"', above)
    assert ways == ["f-method", "f-causes-0-text", "f-causes-1-key"]
    assert all(f'id="{one}"' in several.text for one in ways)
    assert several.text.count(" autofocus") == 1


async def test_a_change_meanwhile_is_shown_and_what_was_typed_goes_on(console: Console) -> None:
    case = (await console.desk.reports("auditor"))["id"]
    path = f"/cases/{case}/record-correction"
    form = {**carried(await console.get("owner", path)), "text": "My own words.", "done_on": day()}
    await console.desk.does("auditor", case, "comment", text="Please hurry.")
    answer = await console.post("owner", path, form)
    assert answer.status_code == 412
    assert "Meanwhile, this happened:" in answer.text
    assert "Commented" in answer.text
    assert "My own words." in answer.text
    answer = await console.post("owner", path, form | carried(answer))
    assert answer.status_code == 303, answer.text


async def test_what_is_said_holds_whatever_else_was_said_meanwhile(console: Console) -> None:
    case = (await console.desk.reports("auditor"))["id"]
    path = f"/cases/{case}/ask"
    form = {**carried(await console.get("owner", path)), "text": "By when?", "of": "certification_body"}
    await console.desk.does("auditor", case, "comment", text="Please hurry.")
    assert (await console.post("owner", path, form)).status_code == 303
    page = await console.get("reviewer", f"/cases/{case}")
    there = re.search(r'href="/console(/cases/[^"]+/answer\?question=[^"]+)">Answer it<', page.text)
    assert there is not None
    assert "Answer it" not in (await console.get("owner", f"/cases/{case}")).text
    form = {
        **carried(await console.get("reviewer", there[1])),
        "question": there[1].rpartition("=")[2],
        "text": "Soon.",
    }
    await console.desk.does("owner", case, "comment", text="And how?")
    assert (await console.post("reviewer", there[1].partition("?")[0], form)).status_code == 303
    again = await console.post("manager", there[1].partition("?")[0], {**form, "_key": "another"})
    assert again.status_code == 409, "a question is answered once"
    told = await console.desk.get("owner", f"/v1/nonconformities/{case}")
    assert [one["answer"]["text"] for one in told["correspondence"]] == ["Soon."]


async def test_a_remark_is_written_beside_the_section_that_it_is_about(console: Console) -> None:
    case = (await console.desk.reports("auditor"))["id"]
    page = await console.get("owner", f"/cases/{case}")
    [box] = re.findall(r'<form(?:(?!</form>).)*name="section" value="cause".*?</form>', page.text, re.DOTALL)
    form = {**dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', box)), "text": "We look into it."}
    await console.desk.does("auditor", case, "comment", text="Please hurry.")
    answer = await console.post("owner", f"/cases/{case}/comment", form)
    assert answer.headers["location"] == f"/console/cases/{case}?recorded=4"
    cause = (await console.get("auditor", f"/cases/{case}")).text.partition("Root cause")[2].partition("<h3>")[0]
    assert "We look into it." in cause
    await console.desk.grants("observer", case=case)
    assert 'class="say"' not in (await console.get("observer", f"/cases/{case}")).text


async def test_a_form_that_says_no_event_knew_of_none(console: Console) -> None:
    case = (await console.desk.reports("auditor"))["id"]
    path = f"/cases/{case}/record-correction"
    form = {**carried(await console.get("owner", path)), "text": "Removed.", "done_on": day()}
    for seq in ("abc", "-1", "2 ", "99999999999999999999"):
        answer = await console.post("owner", path, {**form, "_seq": seq})
        assert answer.status_code == 412, seq
        assert carried(answer)["_seq"] == "2"
    assert (await console.desk.get("owner", f"/v1/nonconformities/{case}"))["seq"] == 2


async def test_what_somebody_else_wrote_meanwhile_stands_beside_what_is_typed(console: Console) -> None:
    case = (await console.desk.reports("auditor"))["id"]
    path = f"/cases/{case}/record-correction"
    form = {**carried(await console.get("owner", path)), "text": "My own words.", "done_on": day()}
    await console.desk.does("owner", case, "record-correction", text="Theirs <all>.", done_on=day())
    answer = await console.post("owner", path, form)
    assert answer.status_code == 412
    notice = answer.text.partition("What is recorded now")[2].partition("<form")[0]
    assert "Theirs &lt;all&gt;." in notice
    assert "My own words.</textarea>" in answer.text


async def test_signing_shows_what_is_signed_and_covers_it(console: Console) -> None:
    case = (await console.desk.reports("auditor"))["id"]
    path = f"/cases/{case}/accept-plan"
    early = (await console.get("reviewer", path)).text
    assert "Not now:" in early
    assert '<form class="act"' not in early
    await console.desk.submitted(case)
    form = await console.get("reviewer", path)
    signable = (await console.desk.get("reviewer", f"/v1/nonconformities/{case}"))["signable"]["accept_plan"]
    assert carried(form)["_sha256"] == signable["sha256"]
    assert unescape(form.text).count(signable["meaning"]) == 1
    assert "Give HR the list." in form.text
    answer = await console.post("reviewer", path, carried(form))
    assert answer.status_code == 303, answer.text
    page = (await console.get("reviewer", f"/cases/{case}")).text
    assert signable["meaning"] in unescape(page)


async def test_a_signature_over_something_else_is_refused(console: Console) -> None:
    case = (await console.desk.reports("auditor"))["id"]
    await console.desk.submitted(case)
    path = f"/cases/{case}/accept-plan"
    form = carried(await console.get("reviewer", path)) | {"_sha256": "0" * 64}
    answer = await console.post("reviewer", path, form)
    assert answer.status_code == 412
    assert "covers another content" in answer.text


async def test_who_signed_in_long_ago_is_asked_to_do_so_again_and_loses_nothing(console: Console) -> None:
    case = (await console.desk.reports("auditor"))["id"]
    await console.desk.submitted(case)
    path = f"/cases/{case}/accept-plan"
    form = carried(await console.get("reviewer", path)) | {"note": "A fine plan."}
    office = console.desk.office
    settings = office.settings.model_copy(update={"fresh": timedelta(minutes=5)})
    app = create_app(office.ledger, office.app.state.api.engine, office.ledger.database, settings, PolicyBook.load())
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://api") as strict:
        answer = await Console(replace(console.desk, http=strict)).post("reviewer", path, form, ago=timedelta(hours=1))
    await app.state.api.nudges.close()
    assert answer.status_code == 401
    assert "A fine plan." in answer.text
    again = re.search(r'href="(/console/sign-in[^"]+)"', answer.text)
    assert again is not None
    assert "fresh=1" in again[1]
    assert (await console.post("reviewer", path, form | carried(answer))).status_code == 303


@pytest.mark.parametrize("command", ["accept-plan", "close"])
async def test_who_signed_in_too_long_ago_to_sign_reads_so_before_they_try(console: Console, command: str) -> None:
    case = (await console.desk.reports("auditor", grade="minor" if command == "accept-plan" else "ofi"))["id"]
    if command == "accept-plan":
        await console.desk.submitted(case)
    path = f"/cases/{case}/{command}"
    says = "A signature asks that you proved who you are at most 5 minutes ago. You did on "
    with settled(console, fresh=timedelta(minutes=5)):
        name, text, _ = await console.cookie("reviewer", timedelta(hours=1))
        former = {"Cookie": f"{name}={text}"}
        old = (await console.desk.http.get(f"/console{path}", headers=former)).text.partition("What you sign")[2]
        assert says in old
        assert f"/console/sign-in?next=%2Fconsole%2Fcases%2F{case}%2F{command}&amp;fresh=1" in old
        assert says not in (await console.get("reviewer", path)).text
        talk = await console.desk.http.get(f"/console/cases/{case}/comment", headers=former)
        assert "A signature asks" not in talk.text


async def test_a_form_of_nobodys_session_is_refused(console: Console) -> None:
    case = (await console.desk.reports("auditor"))["id"]
    path = f"/cases/{case}/comment"
    for csrf in ("", "csrf-of-owner"):
        answer = await console.post("reviewer", path, {"text": "Forged.", "csrf": csrf})
        assert answer.status_code == 403
        assert answer.headers["content-type"].startswith("text/html")
    assert (await console.desk.get("reviewer", f"/v1/nonconformities/{case}"))["seq"] == 2


async def test_who_has_to_sign_in_again_in_between_loses_nothing(console: Console) -> None:
    case = (await console.desk.reports("auditor"))["id"]
    path = f"/cases/{case}/record-correction"
    form = {**carried(await console.get("owner", path)), "text": 'Two\r\n<lines> "so"', "done_on": day()}
    gone = await console.desk.http.post(f"/console{path}", data={"csrf": "csrf-of-owner", **form})
    assert gone.status_code == 401
    assert "/console/sign-in?next=" in gone.text
    kept = {unescape(name): unescape(text) for name, text in KEPT.findall(gone.text)}
    assert kept == form
    await console.desk.does("auditor", case, "comment", text="Please hurry.")
    anew = await console.post("owner", path, {**kept, "csrf": "of the session before"})
    assert anew.status_code == 403
    assert "You signed in anew since this form was made." in anew.text
    assert "Commented" in anew.text
    assert "Two\r\n&lt;lines&gt;" in anew.text
    assert (await console.desk.get("owner", f"/v1/nonconformities/{case}"))["seq"] == 3
    assert (await console.post("owner", path, kept | carried(anew))).status_code == 303
    told = await console.desk.get("owner", f"/v1/nonconformities/{case}")
    assert told["correction"]["text"] == 'Two\n<lines> "so"'


async def test_whoever_signed_in_in_between_is_told_whose_form_it_is_and_in_whose_name_it_would_be_sent(
    console: Console,
) -> None:
    case = (await console.desk.reports("auditor"))["id"]
    path = f"/cases/{case}/comment"
    page = await console.get("reviewer", path)
    form = {**carried(page), "_by": hidden(page, "_by"), "text": "Mine."}
    same = await console.post("reviewer", path, {**form, "csrf": "of the session before"})
    assert "You signed in anew since this form was made." in same.text
    other = await console.post("manager", path, {**form, "csrf": "of the session before"})
    assert other.status_code == 403
    assert "This form was filled in by Reviewer, and you are signed in as Manager" in other.text
    assert "it is sent in the name of Manager" in other.text
    assert hidden(other, "_by").endswith(" Manager")
    assert ">\nMine.</textarea>" in other.text
    assert (await console.desk.get("reviewer", f"/v1/nonconformities/{case}"))["seq"] == 2


async def test_what_another_site_sends_is_shown_to_nobody(console: Console) -> None:
    case = (await console.desk.reports("auditor"))["id"]
    for origin in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
        there = f"/console/cases/{case}/comment"
        answer = await console.desk.http.post(there, data={"text": "Planted."}, headers=origin)
        assert answer.status_code == 403
        assert "Planted." not in answer.text


async def test_a_form_beyond_all_bounds_is_not_read(console: Console) -> None:
    case = (await console.desk.reports("auditor"))["id"]
    for who in ("owner", None):
        form = {"csrf": "csrf-of-owner", "text": "x" * 5_000_000}
        path = f"/cases/{case}/comment"
        answer = await (console.post(who, path, form) if who else console.desk.http.post(f"/console{path}", data=form))
        assert answer.status_code == 413, who


async def test_a_root_cause_is_drawn_while_it_is_written(console: Console) -> None:
    case = (await console.desk.reports("auditor"))["id"]
    path = f"/cases/{case}/record-cause"
    form = carried(await console.get("owner", path)) | {"_more": "picture", "method": "ishikawa", "steps": "One\r\n<b>"}
    form |= {"causes.0.key": "c1", "causes.0.text": "No list of systems.", "causes.0.category": "Method"}
    picture = (await console.post("owner", path, form)).text.partition('id="picture"')[2]
    assert '<text class="category"' in picture
    assert "No list of systems." in picture
    assert "&lt;b&gt;" in picture
    whys = (await console.post("owner", path, form | {"method": "five_whys"})).text.partition('id="picture"')[2]
    assert '<text class="category"' not in whys
    assert whys.count("Why?") == 2
    assert (await console.desk.get("owner", f"/v1/nonconformities/{case}"))["seq"] == 2


async def test_what_one_may_not_do_says_whose_it_is(console: Console) -> None:
    case = (await console.desk.reports("auditor"))["id"]
    await console.desk.grants("observer", case=case)
    told = await console.get("observer", f"/cases/{case}/verify")
    assert "None of your roles gives this command." in told.text
    assert (await console.post("observer", f"/cases/{case}/verify", {"statement": "x"})).status_code == 403
    page = (await console.get("observer", f"/cases/{case}")).text
    assert "Your roles read here and change nothing." in page
    assert (await console.get("owner", f"/cases/{case}/raise-systemic")).status_code == 404


async def test_where_nothing_is_left_to_sign_no_button_signs(console: Console) -> None:
    case = (await console.desk.reports("auditor"))["id"]
    await console.desk.submitted(case)
    sections = [{"section": "actions", "reason": "By when?"}]
    await console.desk.does("reviewer", case, "return-plan", sections=sections)
    await console.desk.does("owner", case, "revise-action", key="a1", text="Give HR the list by Friday.")
    form = carried(await console.get("approver", f"/cases/{case}/submit-plan"))
    await console.desk.signs("approver", f"/v1/nonconformities/{case}", "submit-plan")
    answer = await console.post("approver", f"/cases/{case}/submit-plan", form)
    assert answer.status_code == 412
    assert "There is nothing to sign now." in answer.text
    assert "Sign:" not in answer.text
    assert 'class="first"' not in answer.text


async def test_what_rests_on_a_cause_is_offered_once_there_is_one_and_says_so_before(console: Console) -> None:
    case = (await console.desk.reports("auditor"))["id"]
    rests = ("plan-action", "attach-evidence")
    told = (await console.get("owner", f"/cases/{case}")).text
    assert told.count("No root cause is recorded yet: record it first.") >= len(rests)
    assert not [one for one in rests if f'href="/console/cases/{case}/{one}"' in told]
    causes = [{"key": "c1", "text": "It was never said who does it."}]
    await console.desk.does("owner", case, "record-cause", method="five_whys", steps=["So"], causes=causes)
    told = (await console.get("owner", f"/cases/{case}")).text
    assert [one for one in rests if f'href="/console/cases/{case}/{one}"' in told] == list(rests)
