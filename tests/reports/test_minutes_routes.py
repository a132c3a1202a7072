"""Minutes over HTTP: what they tell of a review that suspended a certificate, who reads them, by whose template."""

from pathlib import Path

import docx
import pytest

from services.reports.minutes.form import Minutes
from services.reports.paper import own
from tests.api.conftest import Desk
from tests.api.test_certificates import MEMBERS, suspended, transfer
from tests.reports.conftest import HOSTILE
from tests.reports.test_forms import JUDGED, said, template, written
from tests.reports.test_routes import fetched


async def called(desk: Desk, **finding: str) -> str:
    """The path of a review in which three members sit."""
    for member in MEMBERS:
        await desk.get(member, "/v1/me")
    return await desk.review((await desk.reports("auditor", grade="major", **finding))["id"])


async def told(desk: Desk, who: str, review: str) -> Minutes:
    answer = await desk.ask(who, "GET", f"{review}/minutes", params={"format": "json"})
    assert answer.status_code == 200, answer.text
    return Minutes.model_validate(answer.json())


async def test_the_minutes_of_a_suspension_are_whole_in_each_form(desk: Desk) -> None:
    for member in MEMBERS:
        await desk.get(member, "/v1/me")
    await transfer(desk)
    case = (await desk.reports("auditor", grade="major"))["id"]
    await suspended(desk, case)
    await desk.once("manager", "/v1/certificates/T-1", lambda seen: seen["status"] == "suspended")
    seen = await desk.get("manager", f"/v1/nonconformities/{case}")
    review = f"/v1/committee-reviews/{seen['review_ids'][0]}"

    made, stands = await told(desk, "member1", review), await desk.get("member1", review)
    assert (made.seq, made.head, made.number) == (stands["seq"], stands["head"], seen["number"])
    assert (made.decision.choice, made.decision.by, made.certificates) == ("Suspend", "Member1", ("T-1",))
    assert {(one.on, one.what.partition(" until")[0]) for one in made.effects} == {
        (seen["number"], "Review decided"),
        ("Certificate T-1", "Suspended"),
    }
    record = await desk.get("manager", "/v1/certificates/T-1/events")
    assert record[-1]["hash"] in {one.sha256 for one in made.effects}
    events = await desk.get("member1", f"{review}/events")
    assert [(one.seq, one.sha256) for one in made.course] == [(one["seq"], one["hash"]) for one in events]
    signed = [one["data"]["signature"]["content_sha256"] for one in events if "signature" in one["data"]]
    assert [one.sha256 for one in made.signatures] == signed

    answer = await desk.ask("member1", "GET", f"{review}/minutes", params={"zone": "Asia/Tokyo"})
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["content-disposition"] == f'attachment; filename="minutes-{seen["number"]}.pdf"'
    pdf = said(answer.content)
    word = " ".join(written(await fetched(desk, "member1", f"{review}/minutes", format="docx")).split())
    for text in ("Until it is closed out.", "All agree.", "The certificate is to be suspended;", "Member2", "T-1",
                 made.head, "I record the decision of the certification committee.", f"{review}/events",
                 *signed):  # fmt: skip
        assert text in pdf, text
        assert text in word, text
    assert "Times in Asia/Tokyo" in pdf


async def test_minutes_are_read_by_who_sees_the_review(desk: Desk) -> None:
    review = await called(desk)
    key = await desk.key("scanner")
    for who in ("owner", "approver", "stranger", "observer", key):
        for form in ("pdf", "docx", "json"):
            answer = await desk.ask(who, "GET", f"{review}/minutes", params={"format": form})
            assert (answer.status_code, answer.json()["code"]) == (404, "not_found"), who
    assert (await desk.http.get(f"{review}/minutes")).status_code == 401
    await desk.grants("observer", client="acme")
    for who in ("member1", "manager", "reviewer", "observer"):
        assert (await told(desk, who, review)).status == "Convened"
        assert (await desk.get(who, review))["status"] == "convened"


async def test_a_draft_tells_who_stood_back_and_who_could_sit(desk: Desk) -> None:
    review = await called(desk)
    me = (await desk.get("member3", "/v1/me"))["id"]
    answer = await desk.post("member3", f"{review}/recuse", {"person": me, "reason": "I know them."})
    assert answer.status_code == 200, answer.text
    made = await told(desk, "member1", review)
    assert made.draft.startswith("Draft")
    assert [(one.person, one.reason, one.by) for one in made.recusals] == [("Member3", "I know them.", "Member3")]
    assert made.lacking == ("0 of 3 votes are cast: too few sit, so a scheme manager convenes more members.",)


async def test_what_is_stored_stays_text_in_minutes(desk: Desk) -> None:
    review = await called(desk, title=HOSTILE)
    await desk.signs("member1", review, "vote", choice="suspend", reason=HOSTILE)
    path = f"{review}/minutes"
    texts = (
        said(await fetched(desk, "member1", path)),
        written(await fetched(desk, "member1", path, format="docx")),
    )
    for text in texts:
        for code in JUDGED:
            assert text.count(code) >= 2, code
    assert (await told(desk, "member1", review)).votes[0].reason == HOSTILE


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [("format=odt", 422, "shape"), ("zone=Mars/Olympus", 422, "shape"), ("limit=5", 400, "unknown_filter")],
)
async def test_what_cannot_be_meant_is_said(desk: Desk, query: str, status: int, code: str) -> None:
    answer = await desk.ask("manager", "GET", f"/v1/committee-reviews/x/minutes?{query}")
    assert (answer.status_code, answer.json()["code"]) == (status, code)


async def test_a_body_has_its_own_minutes(branded: Desk, templates: Path) -> None:
    review = await called(branded)
    kept = templates / branded.tenant / own(Minutes)
    kept.parent.mkdir(parents=True)
    kept.write_bytes(template("Protokoll: {{ client.name }}, {{ cast }}/{{ quorum }}"))
    made = await fetched(branded, "manager", f"{review}/minutes", format="docx")
    (templates / "made.docx").write_bytes(made)
    assert [one.text for one in docx.Document(str(templates / "made.docx")).paragraphs] == ["Protokoll: Acme Ltd, 0/3"]
    kept.write_bytes(template("{{ quorums }}"))
    answer = await branded.ask("manager", "GET", f"{review}/minutes", params={"format": "docx"})
    assert (answer.status_code, answer.json()["code"]) == (409, "bad_template")
    assert f"{branded.tenant}/minutes.docx" in answer.json()["detail"]
