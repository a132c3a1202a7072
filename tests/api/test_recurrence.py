"""What a finding says it is again, and what it brings from another body: each refused by the field at fault."""

from typing import Any

import pytest

from tests.api.conftest import FINDING, Desk, day


def finding(external_id: str, **changes: Any) -> dict[str, Any]:
    return FINDING | {"source": {"system": "audit", "external_id": external_id}} | changes


async def test_a_stated_recurrence_is_linked_both_ways(desk: Desk) -> None:
    first = await desk.reports("auditor", "F-1")
    await desk.closed(first["id"])
    key = {"Idempotency-Key": "once"}
    stated = finding("F-2", recurrence_of=first["number"])

    answer = await desk.ask("auditor", "POST", "/v1/findings", stated, headers=key)
    again = await desk.ask("auditor", "POST", "/v1/findings", stated, headers=key)

    assert (answer.status_code, answer.json()["result"], answer.json()["status"]) == (201, "recurred", "open")
    assert (again.status_code, again.json()) == (200, answer.json())
    second = answer.json()["id"]
    assert (await desk.get("owner", f"/v1/nonconformities/{second}"))["recurrence_of"] == first["id"]
    later, earlier = [await desk.get("owner", f"/v1/nonconformities/{case}/lineage") for case in (second, first["id"])]
    assert (later["recurrence_of"], later["recurrences"]) == (first["id"], [])
    assert (earlier["recurrence_of"], [one["id"] for one in earlier["recurrences"]]) == (None, [second])


async def test_a_recurrence_by_reference_is_linked_both_ways(desk: Desk) -> None:
    first = (await desk.reports("auditor", "F-1"))["id"]
    await desk.closed(first)
    second = (await desk.reports("auditor", "F-1"))["id"]
    earlier = await desk.get("owner", f"/v1/nonconformities/{first}/lineage")
    assert [one["id"] for one in earlier["recurrences"]] == [second]


async def test_what_cannot_recur_is_refused_item_by_item(desk: Desk) -> None:
    still_open = (await desk.reports("auditor", "F-1"))["number"]
    theirs = (await desk.reports("auditor", "F-2", client="globex"))["id"]
    named = (still_open, theirs, "NC-1999-0001", "nobody")
    batch = [finding(f"G-{n}", recurrence_of=name) for n, name in enumerate(named)]

    answer = await desk.ask("auditor", "POST", "/v1/findings", [*batch, finding("G-9")])

    assert answer.status_code == 207, answer.text
    told = answer.json()
    assert (told["accepted"], told["rejected"]) == (1, 4)
    problems = [item["problem"] for item in told["items"][:4]]
    assert [problem["code"] for problem in problems] == [
        "ancestor_not_closed",
        "ancestor_of_another_client",
        "ancestor_unknown",
        "ancestor_unknown",
    ]
    for name, problem in zip(named, problems, strict=True):
        assert (problem["status"], problem["errors"][0]["pointer"]) == (422, "/recurrence_of")
        assert name in problem["detail"]


async def test_a_key_names_cases_of_its_source_only(desk: Desk) -> None:
    first = (await desk.reports(await desk.key("crawler", may_state_grades=True), "F-1"))["id"]
    await desk.closed(first)
    scanner, bound = await desk.key("scanner"), await desk.key("crawler", client="acme")
    for key, status, code in ((scanner, 422, "ancestor_unknown"), (bound, 201, None)):
        answer = await desk.ask(key, "POST", "/v1/findings", finding("S-1", recurrence_of=first))
        assert (answer.status_code, answer.json().get("code")) == (status, code)
    unknown = await desk.ask(scanner, "POST", "/v1/findings", finding("S-2", recurrence_of="nobody"))
    # Nothing tells a case that is hidden from one that is not there.
    hidden = await desk.ask(scanner, "POST", "/v1/findings", finding("S-2", recurrence_of=first))
    assert unknown.json()["detail"].replace("nobody", first) == hidden.json()["detail"]


@pytest.mark.parametrize(
    ("changes", "code", "pointer"),
    [
        ({"issued_on": day(2)}, "history_in_future", "/history/issued_on"),
        ({"deadlines": {"closure": day(-60)}}, "history_out_of_order", "/history/deadlines/0/due_at"),
        (
            {"deadlines": [{"kind": "plan", "due_at": day(9)}, {"kind": "closure", "due_at": day(-51)}]},
            "history_out_of_order",
            "/history/deadlines/1/due_at",
        ),
        ({"deadlines": {"review": day(9)}}, "invalid", "/history/deadlines/0/kind"),
        ({"deadlines": [{"kind": "plan", "due_at": day(9)}] * 2}, "invalid", "/history/deadlines"),
    ],
)
async def test_a_history_that_cannot_be_is_refused(
    desk: Desk, changes: dict[str, Any], code: str, pointer: str
) -> None:
    history = {"grade": "minor", "issued_on": day(-50), **changes}
    wrong = finding("H-1", history=history)
    alone = await desk.ask("auditor", "POST", "/v1/findings", wrong)
    many = await desk.ask("auditor", "POST", "/v1/findings", [wrong, finding("H-2")])
    assert (alone.status_code, many.status_code, many.json()["accepted"]) == (422, 207, 1)
    for problem in (alone.json(), many.json()["items"][0]["problem"]):
        assert (problem["code"], problem["errors"][0]["pointer"]) == (code, pointer)
