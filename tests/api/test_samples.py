"""Real documents of other systems over HTTP: each becomes what its receipt says; texts come back as they went in."""

import json
from collections import Counter
from typing import Any

import pytest

from services.intake import FORMATS
from tests.api.conftest import Desk
from tests.intake.samples import RECEIPTS, SAMPLES, Receipt, beside, media_type
from workflows.canonical import unescape

pytestmark = beside
MALFORMED = [path for path in RECEIPTS if path.startswith("malformed/")]
ONE_OF_EACH = {one["format"]: path for path, one in reversed(list(RECEIPTS.items())) if 0 < one.get("found", 0) < 10}


async def sent(desk: Desk, key: str, path: str) -> tuple[int, Any]:
    answer = await desk.ask(
        key,
        "POST",
        "/v1/findings",
        content=(SAMPLES / path).read_bytes(),
        headers={"Content-Type": media_type(path)},
        params={"client": "acme"},
    )
    return answer.status_code, answer.json()


def receipt(status: int, told: Any) -> Receipt:
    """The answer in the words of the table, without what only a reader says."""
    if status == 422:
        # One alone, which is rejected.
        assert told["errors"]
        return {"rejected": 1}
    if status >= 400:
        return {"status": status} | {name: told[name] for name in ("code", "line", "column", "path") if name in told}
    # One that was sent before under another file's name is found again.
    results = [one["result"] if one["result"] in ("skipped", "rejected") else "found" for one in told["items"]]
    return Counter(results)


def expected(path: str) -> Receipt:
    one = RECEIPTS[path]
    if "status" in one:
        # Beyond a bound, or of no known format, is the document as such.
        return one if one["status"] == 400 else {**one, "path": ""}
    skipped = sum(count for name, count in one.items() if name not in ("format", "found", "rejected", "named"))
    counts = {"found": one.get("found", 0), "skipped": skipped, "rejected": sum(one.get("rejected", {}).values())}
    return {name: count for name, count in counts.items() if count}


@pytest.mark.parametrize("folder", sorted({path.rpartition("/")[0] for path in MALFORMED}))
async def test_whatever_is_malformed_is_refused_with_its_place_or_counted(desk: Desk, folder: str) -> None:
    key = await desk.key("scanner")
    there = [path for path in MALFORMED if path.rpartition("/")[0] == folder]
    answers = {path: await sent(desk, key, path) for path in there}
    assert {path: receipt(*answer) for path, answer in answers.items()} == {path: expected(path) for path in there}
    unplaced = [
        path
        for path, (status, told) in answers.items()
        if status >= 400 and not {"line", "path", "errors"} & told.keys()
    ]
    assert unplaced == []


@pytest.mark.parametrize("path", ONE_OF_EACH.values(), ids=ONE_OF_EACH)
async def test_one_of_each_format(desk: Desk, path: str) -> None:
    assert receipt(*await sent(desk, await desk.key("scanner"), path)) == expected(path)


async def test_the_same_document_again_says_nothing_new(desk: Desk) -> None:
    """Also where a document holds one finding several times, open and gone."""
    news = {}
    readable = {path: one for path, one in RECEIPTS.items() if "status" not in one and one.get("found")}
    for path in readable:
        key = await desk.key("scanner")
        await sent(desk, key, path)
        told = [(await sent(desk, key, path))[1] for _ in range(2)]
        results = [{item["result"] for item in each["items"]} - {"duplicate", "skipped", "rejected"} for each in told]
        if any(results):
            news[path] = results
    assert news == {}


def test_of_other_systems_formats_only_envelopes_have_no_sample() -> None:
    assert set(FORMATS) - set(ONE_OF_EACH) == {"json", "ndjson", "csv", "xlsx", "cloudevents"}


@pytest.mark.parametrize(
    "name", ["nul_in_title", "lone_surrogate", "rtl_emoji", "prompt_like", "duplicate_keys", "numbers_as_strings"]
)
async def test_texts_come_back_as_they_went_in(desk: Desk, name: str) -> None:
    path = f"malformed/derived/generic_{name}.json"
    status, told = await sent(desk, await desk.key("scanner"), path)
    assert status in (201, 207)
    written = json.loads((SAMPLES / path).read_bytes())["findings"]
    recorded = [one for one in told["items"] if one["id"]]
    assert recorded
    for one in recorded:
        case = await desk.get("manager", f"/v1/nonconformities/{one['id']}")
        assert unescape(case["title"]) == written[one["index"]]["title"]
        assert unescape(case["statement"]) == written[one["index"]]["description"].strip()


async def test_formulas_come_back_as_they_went_in(desk: Desk) -> None:
    written = ["=cmd|'/C calc'!A0", '=HYPERLINK("http://127.0.0.1/?x="&A1,"open")', "@SUM(1+1)*cmd|' /C calc'!A0"]
    rows = ["external_id,title", *(f'{at},"{title.replace(chr(34), chr(34) * 2)}"' for at, title in enumerate(written))]
    answer = await desk.ask(
        await desk.key("log"),
        "POST",
        "/v1/findings",
        content="\n".join(rows).encode(),
        headers={"Content-Type": "text/csv"},
        params={"client": "acme"},
    )
    assert answer.status_code == 201, answer.text
    cases = [await desk.get("manager", f"/v1/nonconformities/{one['id']}") for one in answer.json()["items"]]
    assert [case["title"] for case in cases] == written
