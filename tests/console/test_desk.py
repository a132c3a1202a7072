"""The desk of a reviewer: everything beside each other, returned by section with reasons at hand, or accepted whole."""

import re
from html import unescape
from pathlib import Path

import pytest

from services.console.case import reasons
from tests.console.conftest import Console
from tests.console.test_acting import carried
from tests.console.test_words import extracted
from tests.desk import day

SECTIONS = ("correction", "cause", "extent", "actions")


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
    await desk.does("owner", case, "record-correction", text="Accounts were closed.", done_on="2026-03-01")
    causes = [{"key": "c1", "text": "HR has no list of systems."}]
    extent = {"looked_at": ["all"], "found": []}
    await desk.does("owner", case, "record-cause", method="other", causes=causes, extent=extent)
    planned = {"text": "Give HR the list.", "causes": ["c1"], "owner": "Owner", "due_on": day(5)}
    await desk.does("owner", case, "plan-action", key=action, **planned)
    await desk.signs("approver", path, "submit-plan")
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
    assert written(answer.text, "cause") == f"Look again.\n{reasons.text('cause_blames_person')}"
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
    text = f"{reasons.text('action_is_training_alone')} By June."
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
    beside = page.text.partition('aria-label="a.1: Give HR the list."')[2].partition("</section>")[0]
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
