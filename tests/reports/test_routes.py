"""Reports over HTTP: who sees what, in which form, by whose template."""

import csv
import io
from pathlib import Path

import docx
import openpyxl
import pytest

from services.reports import gathering
from services.reports.form import Form
from services.reports.paper import own
from tests.api.conftest import Desk
from tests.reports.conftest import HOSTILE
from tests.reports.test_forms import JUDGED, said, template, written

LOG = "/v1/nonconformity-log"
TEMPLATE = own(Form)


async def fetched(desk: Desk, who: str, path: str, **params: str) -> bytes:
    answer = await desk.ask(who, "GET", path, params=params)
    assert answer.status_code == 200, answer.text
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-disposition"].startswith("attachment; ")
    return answer.content


async def rows(desk: Desk, who: str, **params: str) -> list[dict[str, str]]:
    document = await fetched(desk, who, LOG, format="csv", **params)
    return list(csv.DictReader(io.StringIO(document.decode())))


async def test_the_report_of_a_closed_case_tells_it_whole(desk: Desk) -> None:
    case = (await desk.reports("auditor"))["id"]
    await desk.does("owner", case, "acknowledge")
    await desk.closed(case)
    seen = await desk.get("owner", f"/v1/nonconformities/{case}")

    path = f"/v1/nonconformities/{case}/report"
    answer = await desk.ask("owner", "GET", path, params={"zone": "Asia/Tokyo"})
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["content-disposition"] == f'attachment; filename="{seen["number"]}.pdf"'
    pdf, word = said(answer.content), " ".join(written(await fetched(desk, "owner", path, format="docx")).split())
    told = (
        seen["number"],
        "Acme Ltd (acme)",
        "ISO/IEC 27001:2022 A.5.18",
        "Access rights",
        "Access rights of leavers were not removed.",
        "Three of ten sampled leavers still had accounts.",
        "Accounts were closed.",
        "1 Mar 2026",
        "5 whys",
        "Nobody told IT.",
        "HR has no list of systems.",
        "all class A systems",
        "Give HR the list.",
        "list.pdf",
        seen["evidence"][0]["sha256"],
        "Sampled ten leavers: none has an account.",
        "Effective.",
        "Plan 1 accepted",
        "Effectiveness verified",
        seen["head"],
        # Who did it, by name, to the client too.
        "Auditor",
        "Reviewer",
        "Closer",
        "Approver",
    )
    for text in told:
        assert text in pdf, text
        assert text in word, text
    for deadline in seen["deadlines"]:
        assert deadline["state"].capitalize() in pdf
    assert "Times in Asia/Tokyo" in pdf
    assert "JST" in pdf
    events = await desk.get("auditor", f"/v1/nonconformities/{case}/events")
    signed = [event["data"]["signature"] for event in events if "signature" in (event["data"] or {})]
    assert len(signed) == 5
    for one in signed:
        assert one["content_sha256"] in pdf
        assert one["meaning"] in pdf


async def test_returned_plans_are_told_with_their_reasons(desk: Desk) -> None:
    case = (await desk.reports("auditor"))["id"]
    await desk.submitted(case)
    await desk.does("reviewer", case, "return-plan", sections=[{"section": "cause", "reason": "That is a symptom."}])
    document = said(await fetched(desk, "approver", f"/v1/nonconformities/{case}/report"))
    assert "Plan 1 returned, round 1 Cause: That is a symptom." in document


async def test_what_was_completed_is_told_beside_what_the_source_states(desk: Desk) -> None:
    case = (await desk.reports("auditor", grade=None, statement="Root has a key.", objective_evidence=""))["id"]
    said_of_it = {"statement": "Nobody looks after the keys.", "objective_evidence": "The list of 3 March."}
    await desk.does("auditor", case, "complete", **said_of_it, reason="In words of the standard")
    await desk.does("auditor", case, "issue", grade="minor")
    path = f"/v1/nonconformities/{case}/report"
    pdf, word = said(await fetched(desk, "owner", path)), written(await fetched(desk, "owner", path, format="docx"))
    for text in (pdf, word):
        for told in (*said_of_it.values(), "In words of the standard", "Root has a key.", "nothing"):
            assert told in text
    assert "Statement, completed by Auditor, " in word


async def test_what_is_stored_stays_text(desk: Desk) -> None:
    case = (await desk.reports("auditor", title=HOSTILE, statement=HOSTILE, objective_evidence=HOSTILE))["id"]
    await desk.does("owner", case, "record-correction", text=HOSTILE)
    path = f"/v1/nonconformities/{case}/report"
    for text in (said(await fetched(desk, "owner", path)), written(await fetched(desk, "owner", path, format="docx"))):
        for code in JUDGED:
            assert code in text
    [row] = await rows(desk, "owner")
    assert row["Statement"] == HOSTILE


async def test_a_report_shows_what_the_detail_shows(desk: Desk) -> None:
    triage = (await desk.reports("auditor", "F-1", grade=None))["id"]
    issued = (await desk.reports("auditor", "F-2"))["id"]
    key = await desk.key("scanner")
    for who, case in (("owner", triage), ("stranger", issued), ("stranger", triage), (key, issued)):
        for form in ("pdf", "docx"):
            path = f"/v1/nonconformities/{case}"
            answer = await desk.ask(who, "GET", f"{path}/report", params={"format": form})
            assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
            assert (await desk.ask(who, "GET", path)).status_code == 404
    await fetched(desk, "auditor", f"/v1/nonconformities/{triage}/report")
    await desk.grants("observer", case=issued)
    await fetched(desk, "observer", f"/v1/nonconformities/{issued}/report")


async def test_the_log_shows_what_the_list_shows(desk: Desk) -> None:
    await desk.reports("auditor", "F-1", grade=None)
    await desk.reports("auditor", "F-2", title="=2+2")
    await desk.reports("auditor", "F-3", client="globex", grade="major")
    key = await desk.key("scanner")
    await desk.reports(key, "S-1", grade=None)
    await desk.grants("observer", client="globex")
    for who in ("auditor", "owner", "stranger", "observer", key):
        listed = (await desk.get(who, "/v1/nonconformities"))["items"]
        assert [row["Id"] for row in await rows(desk, who)] == [one["id"] for one in listed]
    assert {row["Client"] for row in await rows(desk, "owner")} == {"Acme Ltd"}
    [row] = await rows(
        desk, "auditor", grade="major", client="globex", requirement="27001 A.5.18", zone="Europe/Vienna"
    )
    assert row["Grade"] == "Major"
    assert row["Issued (Europe/Vienna)"]
    [row] = await rows(desk, "owner", q="2+2")
    assert row["Title"] == "'=2+2"


async def test_a_log_as_workbook(desk: Desk) -> None:
    await desk.reports("auditor", "F-1", title="=2+2")
    document = await fetched(desk, "owner", LOG)
    sheet = openpyxl.load_workbook(io.BytesIO(document)).active
    assert sheet is not None
    names = [cell.value for cell in sheet[1]]
    [title] = [cell for cell in sheet[2] if cell.value == "=2+2"]
    assert title.data_type == "s"
    assert names[0] == "Number"
    assert "Issued (UTC)" in names


async def test_a_log_of_many_pages_has_each_case_once(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gathering, "PAGE", 3)
    ids = [(await desk.reports("auditor", f"F-{n}"))["id"] for n in range(7)]
    assert [row["Id"] for row in await rows(desk, "owner")] == ids[::-1]
    sheet = openpyxl.load_workbook(io.BytesIO(await fetched(desk, "owner", LOG))).active
    assert sheet is not None
    assert [row[-1].value for row in sheet.iter_rows(min_row=2)] == ids[::-1]


async def test_a_workbook_has_its_bound_and_says_so(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.reports.workbook.MOST", 1)
    for number in range(2):
        await desk.reports("auditor", f"F-{number}")
    answer = await desk.ask("owner", "GET", LOG)
    assert (answer.status_code, answer.json()["code"]) == (413, "too_many_items")
    assert len(await rows(desk, "owner")) == 2


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        (f"{LOG}?format=pdf", 422, "shape"),
        (f"{LOG}?zone=Mars/Olympus", 422, "shape"),
        (f"{LOG}?limit=5", 400, "unknown_filter"),
        ("/v1/nonconformities/nobody/report?format=odt", 422, "shape"),
        ("/v1/nonconformities/nobody/report", 404, "not_found"),
    ],
)
async def test_what_cannot_be_made_is_said(desk: Desk, path: str, status: int, code: str) -> None:
    answer = await desk.ask("auditor", "GET", path)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


async def test_nobody_known_gets_nothing(desk: Desk) -> None:
    for path in (LOG, "/v1/nonconformities/x/report"):
        assert (await desk.http.get(path)).status_code == 401


async def test_a_body_has_its_own_template(branded: Desk, templates: Path) -> None:
    case = (await branded.reports("auditor"))["id"]
    path = f"/v1/nonconformities/{case}/report"
    assert "Signatures" in written(await fetched(branded, "owner", path, format="docx"))
    own = templates / branded.tenant / TEMPLATE
    own.parent.mkdir(parents=True)
    own.write_bytes(template("{{ client.name }}: {{ statement }}"))
    made = docx.Document(io.BytesIO(await fetched(branded, "owner", path, format="docx")))
    assert [one.text for one in made.paragraphs] == ["Acme Ltd: Access rights of leavers were not removed."]


async def test_a_bad_template_is_named(branded: Desk, templates: Path) -> None:
    case = (await branded.reports("auditor"))["id"]
    own = templates / branded.tenant / TEMPLATE
    own.parent.mkdir(parents=True)
    own.write_bytes(template("fine", "Number {{ numero }}"))
    answer = await branded.ask("owner", "GET", f"/v1/nonconformities/{case}/report", params={"format": "docx"})
    assert (answer.status_code, answer.json()["code"]) == (409, "bad_template")
    for part in (f"{branded.tenant}/nonconformity.docx", "word/document.xml", "Number {{ numero }}", "undefined"):
        assert part in answer.json()["detail"]
    assert str(templates) not in answer.text
    assert (await branded.ask("owner", "GET", f"/v1/nonconformities/{case}/report")).status_code == 200
