import json
from typing import Any

import asyncpg
import httpx
import pytest
from fastapi import FastAPI

from tests.api.conftest import Desk, Office


def problem(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    told: dict[str, Any] = answer.json()
    assert (told["status"], told["code"]) == (status, code)
    assert told["type"] == f"urn:closeout:problem:{code}"
    assert told["title"]
    assert told["detail"]
    return told


async def test_what_no_route_takes(http: httpx.AsyncClient) -> None:
    problem(await http.get("/v1/nothing"), 404, "not_found")
    problem(await http.get("/v1/audits/A-1/nothing"), 404, "not_found")
    answer = await http.delete("/v1/me")
    problem(answer, 405, "method_not_allowed")
    assert answer.headers["allow"] == "GET"


@pytest.mark.parametrize("id", ["nothing", "a%2Fb", "%00", "x" * 500, "..", "%ff"])
async def test_a_case_that_is_not_there(desk: Desk, id: str) -> None:
    problem(await desk.ask("auditor", "GET", f"/v1/nonconformities/{id}"), 404, "not_found")


async def test_a_body_that_cannot_be_read(desk: Desk) -> None:
    case = (await desk.reports("auditor"))["id"]
    path = f"/v1/nonconformities/{case}/comment"
    json_type = {"Content-Type": "application/json"}

    async def post(content: bytes, headers: dict[str, str] = json_type) -> httpx.Response:
        return await desk.ask("auditor", "POST", path, content=content, headers=headers)

    broken = problem(await post(b'{"text":\n  oops}'), 400, "not_json")
    assert (broken["line"], broken["column"]) == (2, 3)
    problem(await post(b'{"text": "a", "text": "b"}'), 400, "duplicate_key")
    problem(await post(b'{"text": "\xff"}'), 400, "not_utf8")
    problem(await post(b"[]"), 422, "shape")
    problem(await post(b"{}", {"Content-Type": "text/csv"}), 415, "unsupported_media_type")
    problem(await post(b'{"text": "' + b"x" * 2**20 + b'"}'), 413, "too_many_bytes")
    problem(await post(b"[" * 100 + b"]" * 100), 413, "too_deep")
    problem(await post(b"{}", json_type | {"If-Match": "seven"}), 400, "bad_if_match")
    problem(await post(b'{"text": "x"}', json_type | {"Idempotency-Key": "k" * 300}), 422, "key_length")


async def test_every_field_at_fault_is_named(desk: Desk) -> None:
    case = (await desk.reports("auditor"))["id"]
    body = {"method": "guess", "causes": [{"key": "c 1", "text": "x"}, {"key": "c2"}, GOOD], "more": 1}
    told = problem(await desk.ask("owner", "POST", f"/v1/nonconformities/{case}/record-cause", body), 422, "shape")
    assert {fault["pointer"] for fault in told["errors"]} == {"/method", "/causes/0/key", "/causes/1/text", "/more"}


async def test_text_that_cannot_be_held_is_kept_all_the_same(desk: Desk) -> None:
    case = (await desk.reports("auditor"))["id"]
    content = json.dumps({"text": "a\x00b\ud800"}).encode()
    answer = await desk.ask("auditor", "POST", f"/v1/nonconformities/{case}/comment", content=content)
    assert answer.status_code == 200, answer.text
    events = await desk.get("auditor", f"/v1/nonconformities/{case}/events")
    assert events[-1]["data"]["text"] == "a\x00b\ud800"


async def test_refusals_name_their_rule(desk: Desk) -> None:
    case = (await desk.reports("auditor"))["id"]
    path = f"/v1/nonconformities/{case}"
    problem(await desk.ask("owner", "POST", f"{path}/reopen", {"reason": "x"}), 403, "role")
    problem(await desk.ask("reviewer", "POST", f"{path}/reopen", {"reason": "x"}), 409, "wrong_state")
    bare = await desk.ask("approver", "POST", f"{path}/submit-plan", {"signature": SIGNATURE})
    problem(bare, 409, "correction_missing")
    until = {"deadline": "plan", "until": "2020-01-01T00:00:00Z", "reason": "x", "containment": "x"}
    told = problem(await desk.ask("owner", "POST", f"{path}/request-extension", until), 409, "not_later")
    assert told["errors"][0]["pointer"] == "/until"
    problem(await desk.ask("auditor", "POST", f"{path}/apply-decision", {}), 404, "not_found")
    # What is read there under that name takes no command.
    problem(await desk.ask("auditor", "POST", f"{path}/report", {}), 405, "method_not_allowed")


GOOD = {"key": "c3", "text": "A cause."}
SIGNATURE = {"content_sha256": "0" * 64, "meaning": "I sign."}


async def test_what_nobody_foresaw_leaks_nothing(office: Office, capsys: pytest.CaptureFixture[str]) -> None:
    app: FastAPI = office.app
    route = len(app.router.routes)

    async def fails() -> None:
        raise RuntimeError("secret")

    app.add_api_route("/fails", fails)
    try:
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://api") as http:
            answer = await http.get("/fails", headers={"X-Request-Id": "mine-1"})
    finally:
        del app.router.routes[route:]
    problem(answer, 500, "internal")
    assert "secret" not in answer.text
    assert answer.headers["x-request-id"] == "mine-1"


async def test_request_ids_are_made_where_none_fits(http: httpx.AsyncClient) -> None:
    made = (await http.get("/livez")).headers["x-request-id"]
    odd = (await http.get("/livez", headers={"X-Request-Id": "a b\t"})).headers["x-request-id"]
    assert len({made, odd, "a b\t"}) == 3


async def test_health_and_numbers(http: httpx.AsyncClient) -> None:
    assert (await http.get("/livez")).json() == {"status": "ok"}
    assert (await http.get("/readyz")).json() == {"status": "ok", "database": "ok", "engine": "ok"}
    numbers = (await http.get("/metrics")).text
    assert 'closeout_http_requests_total{method="GET",route="/readyz",status="200"}' in numbers


async def test_openapi_describes_every_command(http: httpx.AsyncClient) -> None:
    document = (await http.get("/openapi.json")).json()
    operation = document["paths"]["/v1/nonconformities/{id}/record-cause"]["post"]
    reference = operation["requestBody"]["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
    assert document["components"]["schemas"][reference]["required"] == ["method", "causes"]
    assert {"Idempotency-Key", "If-Match", "id"} <= {parameter["name"] for parameter in operation["parameters"]}
    schemas = document["components"]["schemas"].keys()
    assert {ref for ref in references(document) if ref not in schemas} == set()


def references(value: Any) -> set[str]:
    if isinstance(value, dict):
        own = {value["$ref"].rpartition("/")[2]} if isinstance(value.get("$ref"), str) else set()
        return own.union(*(references(item) for item in value.values()))
    return set().union(*(references(item) for item in value)) if isinstance(value, list) else set()


async def test_sentences_speak_of_json(desk: Desk) -> None:
    case = (await desk.reports("auditor"))["id"]
    path = f"/v1/nonconformities/{case}/record-cause"
    wrong: list[tuple[dict[str, Any], str, str]] = [
        ({"causes": "c1"}, "/causes", "A list is expected here."),
        ({"causes": []}, "/causes", "This list is empty."),
        ({"causes": [7]}, "/causes/0", "An object is expected here."),
        ({"causes": [{"key": "c1", "text": 2**70}]}, "/causes/0/text", "A text is expected here."),
        ({"causes": [{"key": "c1", "text": ""}]}, "/causes/0/text", "This text is empty."),
        ({"causes": [{"key": "c1"}]}, "/causes/0/text", "This field is required."),
        ({"more": 1}, "/more", "There is no such field."),
    ]
    for change, pointer, detail in wrong:
        told = problem(await desk.ask("owner", "POST", path, CAUSE | change), 422, "shape")
        assert told["errors"] == [{"pointer": pointer, "detail": detail}]
        assert told["title"] == "Not of the expected shape"
    lists = await desk.ask("auditor", "GET", "/v1/nonconformities?limit=many")
    assert lists.json()["detail"] == "/limit: A whole number is expected here."


CAUSE = {"method": "other", "causes": [{"key": "c1", "text": "A cause."}], "extent": {"looked_at": ["x"], "found": []}}


async def test_a_case_that_was_not_there_yet(desk: Desk) -> None:
    case = (await desk.reports("auditor"))["id"]
    answer = await desk.ask(
        "auditor", "GET", f"/v1/nonconformities/{case}", params={"as_of": "2026-01-01T01:00:00+01:00"}
    )
    told = problem(answer, 404, "not_found")
    says = f"The nonconformity {case} was not there at 2026-01-01T00:00:00.000000Z, or not for you to see."
    assert told["detail"] == says


async def test_head_is_get_without_a_body(desk: Desk) -> None:
    case = (await desk.reports("auditor"))["id"]
    for path in (f"/v1/nonconformities/{case}", "/v1/nonconformities", "/livez"):
        whole, head = [await desk.ask("auditor", method, path) for method in ("GET", "HEAD")]
        assert (head.status_code, head.content) == (200, b"")
        assert head.headers["content-type"] == whole.headers["content-type"]
        assert head.headers.get("etag") == whole.headers.get("etag")
    assert (await desk.ask("auditor", "HEAD", "/v1/nonconformities/none")).status_code == 404
    assert (await desk.ask("auditor", "HEAD", "/v1/findings")).status_code == 405


async def test_a_cursor_of_another_list_or_a_damaged_one(desk: Desk) -> None:
    foreign = (await desk.get("auditor", "/v1/clients", limit=1))["next"]
    for number in range(2):
        await desk.reports("auditor", str(number))
    own = (await desk.get("auditor", "/v1/nonconformities", limit=1))["next"]
    damaged = own[:-2] + ("A" if own[-2] != "A" else "B") + own[-1]
    for cursor in (foreign, damaged, own[1:], own + "=", "YWNtZQ", "é", "*"):
        told = problem(await desk.ask("auditor", "GET", "/v1/nonconformities", params={"cursor": cursor}), 422, "shape")
        assert told["errors"][0]["pointer"] == "/cursor"
    assert len((await desk.get("auditor", "/v1/nonconformities", cursor=own))["items"]) == 1


@pytest.mark.parametrize(
    "lost",
    [
        asyncpg.InternalClientError("cannot switch to state 12; another operation (2) is in progress"),
        asyncpg.ConnectionDoesNotExistError("connection was closed in the middle of operation"),
        asyncpg.AdminShutdownError("terminating connection due to administrator command"),
    ],
    ids=lambda lost: type(lost).__name__,
)
async def test_a_database_that_dies_meanwhile_is_away_and_no_mistake(office: Office, lost: Exception) -> None:
    app: FastAPI = office.app
    route = len(app.router.routes)

    async def dies() -> None:
        async with office.ledger.database.transaction():
            raise lost

    app.add_api_route("/dies", dies)
    try:
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://api") as http:
            answer = await http.get("/dies")
            assert (await http.get("/readyz")).status_code == 200
    finally:
        del app.router.routes[route:]
    problem(answer, 503, "unavailable")
    assert answer.headers["retry-after"] == "1"
