"""Patterns over HTTP: lineage, proposals, priorities, and the check of a text; each as far as the caller sees."""

from typing import Any

from tests.api.conftest import FINDING, Desk
from tests.api.test_audits import plan
from tests.api.test_lineage import TWO, superseded

A517 = {"standard": "ISO/IEC 27001", "edition": "2022", "clause": "A.5.17"}


async def minor(desk: Desk, external_id: str, **changes: Any) -> str:
    told = await desk.reports("auditor", external_id, **changes)
    case: str = told["id"]
    return case


async def lineage(desk: Desk, who: str, case: str) -> Any:
    return await desk.get(who, f"/v1/nonconformities/{case}/lineage")


async def test_a_requirement_that_failed_before_is_told_on_both_sides(desk: Desk) -> None:
    first, second = await minor(desk, "F-1"), await minor(desk, "F-2")
    await minor(desk, "F-3", requirements=[A517])

    later, earlier = await lineage(desk, "auditor", second), await lineage(desk, "owner", first)

    assert [one["id"] for one in later["repeats"]] == [first]
    assert later["repeats"][0]["requirements"] == ["ISO/IEC 27001 A.5.18"]
    assert (later["repeated_by"], [one["id"] for one in earlier["repeated_by"]]) == ([], [second])
    assert (earlier["recurrence_of"], earlier["aggregates"], earlier["superseded_by"]) == (None, [], None)


async def test_cases_of_one_audit_do_not_repeat_each_other(desk: Desk) -> None:
    audits = [{"ref": ref, "stage": "surveillance"} for ref in ("A-1", "A-2", "A-2")]
    first, second, third = [await minor(desk, f"F-{n}", audit=audit) for n, audit in enumerate(audits)]

    told = {case: await lineage(desk, "auditor", case) for case in (first, second, third)}

    assert [[one["id"] for one in told[case]["repeats"]] for case in told] == [[], [first], [first]]
    assert {one["id"] for one in told[first]["repeated_by"]} == {second, third}
    assert told[second]["repeated_by"] == []


async def test_a_systemic_major_does_not_repeat_its_minors(desk: Desk) -> None:
    before, first, second = [await minor(desk, f"F-{n}") for n in range(3)]
    await desk.does("auditor", first, "aggregate", others=[second], **TWO)
    [major] = {(await superseded(desk, case))["superseded_by"] for case in (first, second)}

    systemic, replaced = await lineage(desk, "auditor", major), await lineage(desk, "auditor", first)

    assert [one["id"] for one in systemic["aggregates"]] == [first, second]
    assert [one["id"] for one in systemic["repeats"]] == [before]
    assert [one["id"] for one in replaced["repeated_by"]] == [second]


async def test_lineage_is_for_those_who_see_the_case(desk: Desk) -> None:
    case = await minor(desk, "F-1")
    answer = await desk.ask("stranger", "GET", f"/v1/nonconformities/{case}/lineage")
    assert answer.status_code == 404


async def test_open_minors_of_an_audit_are_proposed_as_one(desk: Desk) -> None:
    await plan(desk, stage="surveillance")
    audit = {"ref": "A-1", "stage": "surveillance"}
    cases = [await minor(desk, f"F-{n}", audit=audit, department="IT") for n in range(3)]
    path = "/v1/audits/A-1/proposals"

    found = await desk.get("auditor", path)

    assert found["items"] == [{"shared": "requirement", "value": "ISO/IEC 27001 A.5.18", "cases": cases}]
    refused = await desk.ask("owner", "GET", path)
    assert (refused.status_code, refused.json()["code"]) == (403, "role")


async def planned(desk: Desk, case: str, category: str) -> None:
    path = f"/v1/nonconformities/{case}"
    cause = {"method": "five_whys", "steps": [], "causes": [{"key": "c1", "text": "t", "category": category}]}
    action = {"key": "a1", "text": "do it", "causes": ["c1"], "owner": "Owner", "due_on": "2030-01-01"}
    for command, body in (("record-cause", cause), ("plan-action", action)):
        answer = await desk.ask("owner", "POST", f"{path}/{command}", body)
        assert answer.status_code == 200, answer.text


async def test_a_client_sees_what_to_do_first(desk: Desk) -> None:
    one, two, three = [await minor(desk, f"F-{n}") for n in range(3)]
    for case, category in ((one, "supplier"), (two, "Training"), (three, "training")):
        await planned(desk, case, category)
    path = "/v1/clients/acme/priorities"

    found = (await desk.get("owner", path))["items"]

    assert [item["resolves"] for item in found] == [sorted([two, three]), sorted([two, three]), [one]]
    assert {item["action"] for item in found} == {"a1"}
    assert all(item["first_due_at"] for item in found)
    assert (await desk.ask("owner", "GET", f"{path}?limit=1")).json()["items"] == found[:1]
    assert (await desk.ask("stranger", "GET", path)).status_code == 404
    assert (await desk.ask("owner", "GET", f"{path}?limit=0")).status_code == 422


async def test_a_text_is_checked_before_it_is_reported(desk: Desk) -> None:
    text = "Rights stayed because nobody looked. Reviews should be introduced."
    finding = FINDING | {"statement": text, "objective_evidence": ""}

    answer = await desk.ask("auditor", "POST", "/v1/findings/check", finding)

    assert answer.status_code == 200, answer.text
    marks = answer.json()["marks"]
    assert [(mark["kind"], mark["words"]) for mark in marks] == [("cause", "because"), ("solution", "should be")]
    assert [text[mark["start"] : mark["end"]] for mark in marks] == [mark["words"] for mark in marks]
    assert [one["pointer"] for one in answer.json()["missing"]] == ["/objective_evidence"]
    listed = (await desk.get("auditor", "/v1/nonconformities"))["items"]
    assert listed == []
    bad = await desk.ask("auditor", "POST", "/v1/findings/check", {"title": "x"})
    assert bad.status_code == 422
