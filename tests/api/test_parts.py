"""A finding whose parts come in documents of their own: one case, whatever comes first and however often."""

import json
from collections import Counter
from collections.abc import Sequence
from itertools import permutations
from typing import Any

import pytest

from services.intake import Context, fac
from services.mentions import mention
from tests.api.conftest import Desk
from tests.intake.samples import SAMPLES, beside
from tests.intake.test_fac import AWARDS, PLANS, TEXTS, ranges, workbook

PARTS = {
    "awards": {name: values[:1] for name, values in AWARDS.items()},
    "texts": {name: values[1:] for name, values in TEXTS.items()},
    "plans": {name: values[:1] for name, values in PLANS.items()},
}
ORDERS = list(permutations(PARTS))


def document(part: str) -> bytes:
    return json.dumps(ranges(PARTS[part])).encode()


async def sent(desk: Desk, key: str, content: bytes) -> list[dict[str, Any]]:
    """The receipts of a workbook."""
    answer = await desk.ask(key, "POST", "/v1/findings", content=content, params={"format": "fac", "client": "acme"})
    assert answer.status_code in (200, 201, 207), answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


async def foreseen(desk: Desk, key: str, content: bytes) -> list[str]:
    context = Context(client="acme", system="fac")
    asked = [mention(item, "fac") for item in fac.read(content, context)]
    answer = await desk.ask(key, "POST", "/v1/findings/preview", {"items": asked})
    assert answer.status_code == 200, answer.text
    return [one["result"] for one in answer.json()["items"]]


@pytest.mark.parametrize("order", ORDERS)
async def test_parts_make_one_case_in_any_order_and_again_nothing(desk: Desk, order: Sequence[str]) -> None:
    key = await desk.key("fac")
    results, case = [], ""
    for part in (*order, *order):
        content = document(part)
        before = await foreseen(desk, key, content)
        [told] = await sent(desk, key, content)
        assert before == [told["result"]], part
        results.append(told["result"])
        case = told["id"]
    assert results == ["created", "updated", "updated", "duplicate", "duplicate", "duplicate"]
    seen = await desk.get("auditor", f"/v1/nonconformities/{case}")
    assert seen["title"].endswith(": Eligibility")
    assert [one["clause"] for one in seen["requirements"]] == ["E"]
    assert seen["statement"] == "Income was not checked."
    assert seen["objective_evidence"].startswith("Award AWARD-0001: ")
    assert seen["objective_evidence"].endswith("We will check it.")
    assert seen["seq"] == 3
    await desk.does("auditor", case, "issue", grade="minor")


async def test_what_was_issued_stays_and_a_part_stands_beside_it_with_the_rest(desk: Desk) -> None:
    key = await desk.key("fac")
    [case, *_] = [(await sent(desk, key, document(part)))[0]["id"] for part in PARTS]
    await desk.does("auditor", case, "issue", grade="minor")
    changed = json.dumps(ranges(PARTS["texts"] | {"text_of_finding": ["Nobody checked."]})).encode()
    for result in ("updated", "duplicate"):
        assert await foreseen(desk, key, changed) == [result]
        assert [one["result"] for one in await sent(desk, key, changed)] == [result]
    seen = await desk.get("auditor", f"/v1/nonconformities/{case}")
    assert seen["statement"] == "Income was not checked."
    assert seen["source_finding"]["statement"] == "Nobody checked."
    assert seen["source_finding"]["requirements"]
    assert seen["source_revisions"][-1]["changed"] == ["statement"]


async def test_workbooks_are_imported_as_parts_too(desk: Desk) -> None:
    key = await desk.key("fac")
    results = []
    for part in ("plans", "awards", "texts", "awards"):
        content, asked = workbook(PARTS[part]), {"client": "acme"}
        answer = await desk.ask(key, "POST", "/v1/imports", content=content, params=asked)
        assert answer.status_code == 202, answer.text
        path = answer.headers["location"]
        ended = await desk.once(key, path, lambda seen: seen["ended_at"] is not None)
        assert ended["read_as"] == "fac"
        results += [one["result"] for one in (await desk.get(key, f"{path}/items"))["items"]]
    assert results == ["created", "updated", "updated", "duplicate"]


@beside
async def test_parts_as_the_clearinghouse_has_them_can_be_issued(desk: Desk) -> None:
    key = await desk.key("fac")
    names = ("audit-findings", "audit-findings-text", "corrective-action-plan")
    contents = [(SAMPLES / f"fac_audit/{name}-134732-21.json").read_bytes() for name in names]
    first = [one for content in contents for one in await sent(desk, key, content)]
    assert Counter(one["result"] for one in first) == {"created": 3, "updated": 6}
    again = [one for content in contents for one in await sent(desk, key, content)]
    assert Counter(one["result"] for one in again) == {"duplicate": 9}
    for case in {one["id"] for one in first}:
        await desk.does("auditor", case, "issue", grade="minor")


async def test_a_part_is_of_fields_that_findings_have_and_of_what_is_found(desk: Desk) -> None:
    key = await desk.key("fac")
    item = {"external_id": "F-1", "said": "0" * 64}
    for wrong, pointer in (
        (item | {"part": {"fields": ["client"]}}, "/items/0/part/fields/0"),
        (
            item | {"part": {"shares": [{"field": "title", "side": "above", "line": "x"}]}},
            "/items/0/part/shares/0/field",
        ),
        ({"external_id": "F-1", "passed": "passed", "part": {}}, "/items/0"),
    ):
        answer = await desk.ask(key, "POST", "/v1/findings/preview", {"items": [wrong]})
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, pointer)
