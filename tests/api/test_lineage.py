"""Aggregation, disputes and questions over HTTP: what needs a second case, and what people read of them."""

from typing import Any

from tests.api.conftest import Desk

TWO = {"title": "Access is not managed", "statement": "Two processes do not remove access.", "reason": "One cause"}


async def superseded(desk: Desk, case: str) -> Any:
    """The case, once another took its place."""
    return await desk.once("owner", f"/v1/nonconformities/{case}", lambda seen: seen["status"] == "superseded")


async def test_minors_become_one_systemic_major(desk: Desk) -> None:
    first, second = [(await desk.reports("auditor", name))["id"] for name in ("1", "2")]
    told = await desk.does("auditor", first, "aggregate", others=[second], **TWO)
    assert (told["status"], told["events"][0]["type"]) == ("open", "nonconformity.aggregated")
    minors = [await superseded(desk, case) for case in (first, second)]
    [systemic] = {minor["superseded_by"] for minor in minors}
    major = await desk.get("owner", f"/v1/nonconformities/{systemic}")
    assert (major["status"], major["grade"], major["title"]) == ("open", "major", TWO["title"])
    assert [minor["id"] for minor in major["aggregates"]] == [first, second]
    assert major["source"] == {"system": "closeout", "external_id": systemic, "stated": None}
    page = await desk.get("auditor", "/v1/nonconformities", status="superseded")
    assert {item["id"] for item in page["items"]} == {first, second}
    # The major has a life of its own: its clocks run in a workflow.
    await desk.does("owner", systemic, "acknowledge")


async def test_others_that_cannot_be_aggregated_are_named(desk: Desk) -> None:
    reported = [
        await desk.reports("auditor", "1"),
        await desk.reports("auditor", "2", grade="major"),
        await desk.reports("auditor", "3", client="globex"),
    ]
    first, major, theirs = (one["id"] for one in reported)
    called = {one["id"]: one["number"] for one in reported}
    clause = [{"standard": "ISO 9001", "edition": "2015", "clause": "8.5.1"}]
    apart = (await desk.reports("auditor", "4", requirements=clause))["id"]
    for others, code in (
        ([first], "aggregated_with_itself"),
        (["nobody"], "other_unknown"),
        ([theirs], "other_client"),
        ([major], "other_not_an_open_minor"),
        ([apart], "nothing_in_common"),
    ):
        body = {"others": others, **TWO}
        answer = await desk.ask("auditor", "POST", f"/v1/nonconformities/{first}/aggregate", body)
        assert (answer.status_code, answer.json()["code"]) == (409, code)
        said = answer.json()["detail"]
        assert code == "nothing_in_common" or called.get(others[0], others[0]) in said, said


async def test_a_dispute_a_question_and_a_complaint_are_read_with_the_case(desk: Desk) -> None:
    case = (await desk.reports("auditor", "1"))["id"]
    await desk.does("owner", case, "dispute", reason="Service accounts", wanted="withdraw")
    await desk.does("owner", case, "ask", text="Which accounts?", of="certification_body", section="statement")
    await desk.does("approver", case, "complain", text="Nobody calls back", about="Reviewer")
    seen = await desk.get("auditor", f"/v1/nonconformities/{case}")
    assert seen["dispute"]["state"] == "open"
    assert [(one["kind"], one["key"], one["waiting_on"]) for one in seen["correspondence"]] == [
        ("question", "q1", "certification_body"),
        ("complaint", "k1", "certification_body"),
    ]
    assert "dispute" in {deadline["kind"] for deadline in seen["deadlines"]}
    refused = await desk.ask("auditor", "POST", f"/v1/nonconformities/{case}/decide-dispute", {})
    assert refused.status_code == 422
    await desk.does("auditor", case, "answer", question="q1", text="17 and 23")
    path = f"/v1/nonconformities/{case}"
    told = await desk.signs("reviewer", path, "decide-dispute", outcome="upheld", reason="They are")
    assert told["status"] == "withdrawn"
    seen = await desk.get("owner", path)
    assert seen["dispute"]["state"] == "upheld"
    question, complaint = seen["correspondence"]
    assert (question["section"], question["text"], question["waiting_on"]) == ("statement", "Which accounts?", None)
    assert question["answer"]["text"] == "17 and 23"
    assert question["answer"]["at"] > question["at"]
    assert (complaint["about"], complaint["answer"], complaint["waiting_on"]) == (
        "Reviewer",
        None,
        "certification_body",
    )
