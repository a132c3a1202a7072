"""A finding that its source states in part, completed over HTTP: in record and lists, beside what its source says."""

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from tests.api.conftest import FINDING, Desk
from tests.ledger.conftest import faults

BARE: dict[str, Any] = {"grade": None, "statement": "", "objective_evidence": "", "requirements": []}
SAID: dict[str, Any] = {
    "requirements": ["ISO 9001:2015 8.5.1", {"standard": "ISO 9001", "clause": "7.1.5", "text": "Our words."}],
    "statement": "The furnace was not calibrated.",
    "objective_evidence": "Its last certificate is of 2023.",
    "sites": ["Linz"],
    "department": "Foundry",
}


async def seen(desk: Desk, case: str, who: str = "auditor", **query: str) -> dict[str, Any]:
    told: dict[str, Any] = await desk.get(who, f"/v1/nonconformities/{case}", **query)
    return told


async def found(desk: Desk, **query: str) -> list[str]:
    return [one["id"] for one in (await desk.get("auditor", "/v1/nonconformities", **query))["items"]]


async def test_it_is_completed_found_by_what_was_completed_and_issued(desk: Desk) -> None:
    key = await desk.key("scanner")
    case = (await desk.reports(key, **BARE))["id"]
    path = f"/v1/nonconformities/{case}"
    refused = await desk.post("auditor", f"{path}/issue", {"grade": "minor"})
    assert (refused.status_code, refused.json()["code"]) == (409, "finding_incomplete")
    assert await found(desk, q="furnace") == await found(desk, requirement="8.5.1") == []
    before, repeat = datetime.now(UTC).isoformat(), {"Idempotency-Key": str(uuid4())}
    answers = [await desk.ask("auditor", "POST", f"{path}/complete", SAID, repeat) for _ in range(2)]
    assert [one.status_code for one in answers] == [200, 200], answers[0].text
    assert answers[0].json() == answers[1].json()
    _, event = await desk.get("auditor", f"{path}/events")
    assert (event["type"], event["data"]["statement"]) == ("nonconformity.finding_completed", SAID["statement"])
    for query in ({"q": "furnace calib"}, {"q": "certificate 2023"}, {"requirement": "8.5.1"}, {"site": "Linz"}):
        assert await found(desk, **query) == [case], query
    told = await seen(desk, case)
    person = (await desk.get("auditor", "/v1/me"))["id"]
    assert {(one["field"], one["by"], one["reason"]) for one in told["completed"]} == {
        (name, person, None) for name in SAID
    }
    assert (told["department"], told["source_finding"]["department"]) == ("Foundry", None)
    assert told["source_finding"]["requirements"] == []
    assert [one["clause"] for one in told["requirements"]] == ["8.5.1", "7.1.5"]
    assert (await seen(desk, case, as_of=before))["statement"] == ""
    await desk.does("auditor", case, "issue", grade="minor")
    theirs = await seen(desk, case, "owner")
    assert (theirs["statement"], theirs["completed"]) == (SAID["statement"], told["completed"])
    assert theirs["source_finding"] == told["source_finding"]
    assert await faults(desk.office.ledger, desk.tenant) == []


async def test_what_its_source_said_is_known_again_and_news_of_it_stands_beside(desk: Desk) -> None:
    key = await desk.key("scanner")
    case = (await desk.reports(key, **BARE))["id"]
    await desk.does("auditor", case, "complete", **SAID)
    assert (await desk.reports(key, **BARE))["result"] == "duplicate"
    assert (await desk.reports(key, **{**BARE, "statement": "No certificate.", "title": "Furnace"}))[
        "result"
    ] == "updated"
    told = await seen(desk, case)
    assert (told["title"], told["statement"]) == ("Furnace", SAID["statement"])
    assert told["source_finding"]["statement"] == "No certificate."
    assert [word["changed"] for word in told["source_revisions"]] == [["title", "statement"]]
    assert told["warnings"][-1].startswith("Its source states the statement anew")
    # What was completed here is no news to the source, and what the source says then is none of its words.
    assert (await desk.reports(key, **{**BARE, **SAID, "title": "Furnace"}))["result"] == "updated"
    assert await faults(desk.office.ledger, desk.tenant) == []


async def test_what_is_refused_names_its_field(desk: Desk) -> None:
    case = (await desk.reports("auditor", **{**BARE, "statement": FINDING["statement"]}))["id"]
    wrong: list[tuple[dict[str, Any], int, str, str]] = [
        ({}, 409, "nothing_completed", ""),
        ({"statement": "Otherwise."}, 422, "rewording_unexplained", "/reason"),
        ({"requirements": ["ISO 9001 8.2", "some standard"]}, 422, "shape", "/requirements/1"),
        ({"requirements": [{"standard": "ISO 9001"}]}, 422, "shape", "/requirements/0/clause"),
        ({"title": "t" * 501}, 422, "shape", "/title"),
        ({"severity": "high"}, 422, "shape", "/severity"),
        ({"audit": {"ref": "A-1", "stage": "stage2"}}, 422, "shape", "/audit"),
    ]
    for body, status, code, pointer in wrong:
        answer = await desk.post("auditor", f"/v1/nonconformities/{case}/complete", body)
        told = answer.json()
        places = [one["pointer"] for one in told.get("errors", [])]
        assert (answer.status_code, told["code"], places) == (status, code, [pointer] if pointer else []), body
    for who, status in (("reviewer", 403), ("owner", 404), ("manager", 403), ("observer", 404)):
        answer = await desk.post(who, f"/v1/nonconformities/{case}/complete", SAID)
        assert answer.status_code == status, who
