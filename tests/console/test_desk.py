"""The desk of a reviewer: everything beside each other, returned by section with reasons at hand, or accepted whole."""

import re
from html import unescape
from pathlib import Path

import pytest

from services.console.forms import reasons
from tests.console.conftest import Console
from tests.console.forms import carried
from tests.console.words import extracted

SECTIONS = ("correction", "cause", "extent", "actions")
PACKAGED = reasons.Stock({})


def written(text: str, section: str) -> str:
    """What stands in the field of a section."""
    found = re.search(rf'<textarea[^>]*name="sections\.of-{re.escape(section)}"[^>]*>\n([^<]*)</textarea>', text)
    assert found is not None, section
    return unescape(found[1])


async def shown(console: Console, action: str = "a1") -> str:
    """A case whose evidence is under review."""
    desk = console.desk
    case: str = (await desk.reports("auditor"))["id"]
    path = f"/v1/nonconformities/{case}"
    await desk.submitted(case, action)
    await desk.signs("reviewer", path, "accept-plan")
    for shows, name in (([action], "list.pdf"), (["c1"], "minutes.pdf")):
        piece = {"sha256": f"{len(name):064x}", "media_type": "application/pdf"}
        await desk.does("owner", case, "attach-evidence", shows=shows, name=name, **piece)
    await desk.signs("approver", path, "submit-evidence")
    return case


@pytest.mark.parametrize("command", ["accept-plan", "return-plan"])
async def test_finding_plan_and_both_decisions_are_on_one_page(console: Console, command: str) -> None:
    case = (await console.desk.reports("auditor"))["id"]
    await console.desk.submitted(case)
    page = unescape((await console.get("reviewer", f"/cases/{case}/{command}")).text)
    for text in ("Three of ten sampled leavers", "Accounts were closed.", "HR has no list of systems.", "Give HR the"):
        assert text in page
    assert [written(page, section) for section in SECTIONS] == [""] * 4
    assert f'action="/console/cases/{case}/accept-plan"' in page
    assert f'formaction="/console/cases/{case}/return-plan"' in page
    assert "Sign: Accept the plan" in page


async def test_a_reason_at_hand_is_put_after_what_is_written_and_nothing_is_recorded(console: Console) -> None:
    case = (await console.desk.reports("auditor"))["id"]
    await console.desk.submitted(case)
    path = f"/cases/{case}/return-plan"
    form = carried(await console.get("reviewer", path)) | {
        "sections.of-cause": "Look again.",
        "sections.of-extent": "My own <words>.",
        "_put": "sections.of-cause:cause_blames_person",
    }
    answer = await console.post("reviewer", path, form)
    assert answer.status_code == 200
    assert written(answer.text, "cause") == f"Look again.\n{PACKAGED.text('cause_blames_person')}"
    assert written(answer.text, "extent") == "My own <words>."
    assert "<words>" not in answer.text
    for put in ("sections.of-cause:never", "note:cause_blames_person", "cause_blames_person", ":"):
        assert written((await console.post("reviewer", path, form | {"_put": put})).text, "cause") == "Look again."
    told = await console.desk.get("reviewer", f"/v1/nonconformities/{case}")
    assert told["status"] == "plan_submitted"


async def test_a_plan_is_returned_by_the_sections_to_which_something_is_written(console: Console) -> None:
    case = (await console.desk.reports("auditor"))["id"]
    await console.desk.submitted(case)
    path = f"/cases/{case}/return-plan"
    text = f"{PACKAGED.text('action_is_training_alone')} By June."
    form = carried(await console.get("reviewer", path)) | {
        "sections.of-correction": " ", "sections.of-cause": "", "sections.of-extent": "Where else?",
        "sections.of-actions": text, "note": "",
    }  # fmt: skip
    answer = await console.post("reviewer", path, form)
    assert answer.status_code == 303, answer.text
    [*_, event] = await console.desk.get("owner", f"/v1/nonconformities/{case}/events")
    sections = [{"section": "extent", "reason": "Where else?"}, {"section": "actions", "reason": text}]
    assert event["type"] == "nonconformity.plan_returned"
    assert event["data"]["sections"] == sections


async def test_what_is_to_be_mended_is_not_accepted_and_nothing_written_returns_nothing(console: Console) -> None:
    case = (await console.desk.reports("auditor"))["id"]
    await console.desk.submitted(case)
    form = carried(await console.get("reviewer", f"/cases/{case}/accept-plan"))
    torn = await console.post("reviewer", f"/cases/{case}/accept-plan", form | {"sections.of-cause": "Too shallow."})
    assert torn.status_code == 422
    assert "return it, or empty these fields to accept" in torn.text
    assert written(torn.text, "cause") == "Too shallow."
    empty = await console.post("reviewer", f"/cases/{case}/return-plan", form | {"sections.of-cause": " \r\n"})
    assert empty.status_code == 422
    assert "in one section at least" in empty.text
    told = await console.desk.get("reviewer", f"/v1/nonconformities/{case}")
    assert (told["status"], told["plan"]["state"]) == ("plan_submitted", "submitted")
    answer = await console.post("reviewer", f"/cases/{case}/accept-plan", form | {"sections.of-cause": ""})
    assert answer.status_code == 303, answer.text


async def test_a_change_meanwhile_loses_nothing_of_it(console: Console) -> None:
    case = (await console.desk.reports("auditor"))["id"]
    await console.desk.submitted(case)
    path = f"/cases/{case}/return-plan"
    form = carried(await console.get("reviewer", path)) | {"sections.of-actions": "By when?"}
    await console.desk.does("owner", case, "comment", text="Please hurry.")
    answer = await console.post("reviewer", path, form)
    assert answer.status_code == 412
    assert "Meanwhile, this happened:" in answer.text
    assert written(answer.text, "actions") == "By when?"
    assert (await console.post("reviewer", path, form | carried(answer))).status_code == 303


async def test_a_fault_stands_at_its_section(console: Console) -> None:
    case = (await console.desk.reports("auditor"))["id"]
    await console.desk.submitted(case)
    path = f"/cases/{case}/return-plan"
    form = carried(await console.get("reviewer", path)) | {"sections.of-extent": "x" * 20_001}
    answer = await console.post("reviewer", path, form)
    assert answer.status_code == 422
    assert re.search(r'name="sections\.of-extent"[^>]*aria-invalid="true"', answer.text)
    assert answer.text.count('aria-invalid="true"') == 1
    assert len(written(answer.text, "extent")) == 20_001


async def test_evidence_is_returned_by_action_and_cause_or_verified(console: Console) -> None:
    case = await shown(console, action="a.1")
    page = await console.get("reviewer", f"/cases/{case}/verify")
    shows = {key: written(page.text, key) for key in ("a~1", "c1")}
    assert shows == {"a~1": "", "c1": ""}
    beside = page.text.partition('aria-label="Action a.1: Give HR the list."')[2].partition("</section>")[0]
    assert "list.pdf" in beside
    assert "minutes.pdf" not in beside
    form = carried(page) | {"to": "evidence", "statement": "", "sections.of-a~1": "Not dated.", "sections.of-c1": ""}
    answer = await console.post("reviewer", f"/cases/{case}/return-evidence", form)
    assert answer.status_code == 303, answer.text
    [*_, event] = await console.desk.get("owner", f"/v1/nonconformities/{case}/events")
    assert event["type"] == "nonconformity.evidence_returned"
    assert event["data"]["sections"] == [{"shows": "a.1", "reason": "Not dated."}]
    await console.desk.signs("approver", f"/v1/nonconformities/{case}", "submit-evidence")
    form = carried(await console.get("reviewer", f"/cases/{case}/verify")) | {"statement": "Sampled: effective."}
    assert (await console.post("reviewer", f"/cases/{case}/verify", form)).status_code == 303
    assert (await console.desk.get("reviewer", f"/v1/nonconformities/{case}"))["status"] == "verified"


async def test_what_is_written_at_the_desk_is_kept_as_a_draft(console: Console) -> None:
    case = (await console.desk.reports("auditor"))["id"]
    await console.desk.submitted(case)
    form = carried(await console.get("reviewer", f"/cases/{case}/accept-plan")) | {"sections.of-cause": "Too shallow."}
    kept = await console.post("reviewer", f"/cases/{case}/return-plan/draft", form)
    assert kept.status_code == 303, kept.text
    for command in ("accept-plan", "return-plan"):
        assert written((await console.get("reviewer", f"/cases/{case}/{command}")).text, "cause") == "Too shallow."
    answer = await console.post("reviewer", f"/cases/{case}/accept-plan", form | {"sections.of-cause": ""})
    assert answer.status_code == 303, answer.text
    assert "Too shallow." not in (await console.get("reviewer", f"/cases/{case}/return-plan")).text


async def test_who_may_not_review_has_no_desk(console: Console) -> None:
    case = (await console.desk.reports("auditor"))["id"]
    await console.desk.submitted(case)
    await console.desk.grants("observer", case=case)
    for who in ("owner", "observer"):
        page = (await console.get(who, f"/cases/{case}/return-plan")).text
        assert "None of your roles gives this command." in page
        assert "sections." not in page


def test_each_reason_at_hand_has_words_in_the_catalogue() -> None:
    found = reasons.read(reasons.PACKAGED)
    assert len({one.code for one in found}) == len(found)
    assert {one.section for one in found} == {*SECTIONS, "evidence"}
    assert {one.text for one in found} <= set(extracted())


def test_a_reason_for_no_section_is_refused(tmp_path: Path) -> None:
    made = tmp_path / "reasons.toml"
    made.write_text('[[reason]]\ncode = "x"\nsection = "plan"\ntext = "No."\n', encoding="utf-8")
    with pytest.raises(ValueError, match="section"):
        reasons.read(made)


async def test_evidence_that_came_back_is_shown_to_all_and_waits_on_who_can_revise_it(console: Console) -> None:
    case = await shown(console)
    desk, path = console.desk, f"/v1/nonconformities/{case}"
    reason = "It is not dated."
    await desk.does("reviewer", case, "return-evidence", to="evidence", sections=[{"shows": "a1", "reason": reason}])
    for who in ("owner", "approver", "internal", "reviewer", "observer", "manager"):
        if who == "observer":
            await desk.grants("observer", case=case)
        page = await console.get(who, f"/cases/{case}")
        assert page.status_code == 200, who
        evidence = page.text.partition('<section aria-labelledby="evidence">')[2].partition("</section>")[0]
        assert reason in evidence
        assert (await console.get(who, f"/cases/{case}/proof")).status_code == 200
        report = await console.get(who, f"/cases/{case}/report?format=pdf&zone=UTC")
        assert (report.status_code, report.headers["content-type"]) == (200, "application/pdf")
    owner, approver = unescape((await console.get("owner", "/")).text), (await console.get("approver", "/")).text
    assert "The evidence came back: see why, and attach what was missing." in owner
    assert f'href="/console/cases/{case}/attach-evidence"' in owner
    assert case not in approver
    piece = {"name": "dated.pdf", "sha256": f"{7:064x}", "media_type": "application/pdf"}
    await desk.does("owner", case, "attach-evidence", shows=["c1"], **piece)
    assert case not in (await console.get("approver", "/")).text
    await desk.does("owner", case, "attach-evidence", shows=["a1"], **piece)
    assert f'href="/console/cases/{case}/submit-evidence"' in (await console.get("approver", "/")).text
    assert "came back" not in (await console.get("owner", "/")).text
    await desk.signs("approver", path, "submit-evidence")
    assert (await console.get("reviewer", f"/cases/{case}/verify")).status_code == 200


async def test_a_plan_that_came_back_waits_on_its_owner_until_it_is_mended(console: Console) -> None:
    case = (await console.desk.reports("auditor"))["id"]
    await console.desk.submitted(case)
    sections = [{"section": "actions", "reason": "By when?"}]
    await console.desk.does("reviewer", case, "return-plan", sections=sections)
    assert "The plan came back: see why, and mend the actions." in (await console.get("owner", "/")).text
    assert "waits for your signature" not in (await console.get("approver", "/")).text
    await console.desk.does("owner", case, "revise-action", key="a1", text="Give HR the list by Friday.")
    assert f'href="/console/cases/{case}/submit-plan"' in (await console.get("approver", "/")).text


@pytest.mark.parametrize("is_asked", [True, False])
async def test_an_internal_auditor_is_asked_where_the_client_wants_it(console: Console, is_asked: bool) -> None:
    if is_asked:
        answer = await console.desk.post(
            "approver", "/v1/clients/acme/change-settings", {"internal_confirmation": True}
        )
        assert answer.status_code == 200, answer.text
    case = (await console.desk.reports("auditor"))["id"]
    path = f"/v1/nonconformities/{case}"
    await console.desk.submitted(case)
    await console.desk.signs("reviewer", path, "accept-plan")
    assert "independent confirmation" not in (await console.get("internal", "/")).text
    piece = {"name": "list.pdf", "sha256": f"{7:064x}", "media_type": "application/pdf"}
    await console.desk.does("owner", case, "attach-evidence", shows=["a1", "c1"], **piece)
    told = (await console.get("internal", "/")).text
    assert ("The actions wait for you: confirm independently that they are effective." in told) == is_asked
    if is_asked:
        await console.desk.signs("internal", path, "confirm-effectiveness", statement="I looked myself.")
        assert "independent confirmation" not in (await console.get("internal", "/")).text


async def test_each_event_of_a_record_is_read_on_a_page_of_its_own(console: Console) -> None:
    case = await shown(console)
    history = await console.desk.get("owner", f"/v1/nonconformities/{case}/events")
    for event in history:
        for who in ("owner", "reviewer"):
            page = await console.get(who, f"/cases/{case}/events/{event['seq']}")
            assert page.status_code == 200, event["type"]
            assert event["hash"] in page.text
    attached = next(event for event in history if event["type"].endswith("evidence_attached"))
    part = await console.get("reviewer", f"/cases/{case}/events/{attached['seq']}", **{"HX-Request": "true"})
    assert "list.pdf" in part.text
    assert "<html" not in part.text
    for seq in ("999", "0", "x"):
        assert (await console.get("reviewer", f"/cases/{case}/events/{seq}")).status_code == 404
    assert (await console.get("stranger", f"/cases/{case}/events/1")).status_code == 404


async def test_why_it_came_back_stands_on_the_form_that_mends_it_under_the_name_of_its_section(
    console: Console,
) -> None:
    case = (await console.desk.reports("auditor"))["id"]
    await console.desk.submitted(case)
    sections = [{"section": "cause", "reason": "Why had HR none?"}]
    await console.desk.does("reviewer", case, "return-plan", sections=sections)
    said = '<dt>Root cause</dt><dd class="said" dir="auto">Why had HR none?</dd>'
    assert said in (await console.get("owner", f"/cases/{case}/record-cause")).text
    assert said in (await console.get("owner", f"/cases/{case}")).text
    assert "Why had HR none?" not in (await console.get("owner", f"/cases/{case}/record-correction")).text


async def test_an_action_that_is_called_as_its_cause_is_named_beside_it(console: Console) -> None:
    case = await shown(console, action="c1")
    page = unescape((await console.get("reviewer", f"/cases/{case}/verify")).text)
    assert "Reason to return: Action and cause c1: Give HR the list.; HR has no list of systems." in page
