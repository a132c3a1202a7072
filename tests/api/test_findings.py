import asyncio
import hashlib
import json
from collections import Counter
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import httpx

from services import intake
from tests.api.conftest import FINDING, Desk

ASFF = Path(__file__).parents[2] / "examples" / "cloud-scan.asff.json"


def finding(external_id: str, **changes: Any) -> dict[str, Any]:
    return FINDING | {"source": {"system": "audit", "external_id": external_id}} | changes


async def test_fifty_at_once_are_one_case(desk: Desk) -> None:
    key = await desk.key("scanner", may_state_grades=True)

    async def report() -> httpx.Response:
        """As a client does: what a busy server puts off is sent again, under the same key."""
        repeat = {"Idempotency-Key": str(uuid4())}
        while True:
            answer = await desk.ask(key, "POST", "/v1/findings", finding("F-1"), repeat)
            if answer.status_code != 503:
                return answer
            await asyncio.sleep(float(answer.headers["retry-after"]))

    answers = await asyncio.gather(*(report() for _ in range(50)))
    results = [answer.json() for answer in answers]
    assert Counter(result["result"] for result in results) == {"created": 1, "duplicate": 49}
    assert {answer.status_code for answer in answers} <= {200, 201}
    assert len({(result["id"], result["number"], result["status"]) for result in results}) == 1
    assert len((await desk.get("auditor", "/v1/nonconformities"))["items"]) == 1


async def test_who_may_state_a_grade_issues_at_once(desk: Desk) -> None:
    grades, plain = await desk.key("a", may_state_grades=True), await desk.key("b")
    issued = await desk.reports(grades, "1")
    triage = await desk.reports(plain, "2")
    assert (issued["status"], triage["status"], triage["number"]) == ("open", "reported", None)
    assert issued["number"]
    graded = await desk.ask("auditor", "POST", f"/v1/nonconformities/{triage['id']}/issue", {"grade": "major"})
    assert graded.json()["status"] == "open"
    assert (await desk.ask("observer", "POST", "/v1/findings", finding("3"))).json()["code"] == "role"


async def test_a_word_that_the_policy_does_not_know_leaves_it_in_triage(desk: Desk) -> None:
    reported = await desk.reports(await desk.key("a", may_state_grades=True), "1", grade="major", label="grave")
    seen = await desk.get("auditor", f"/v1/nonconformities/{reported['id']}")
    assert (seen["status"], seen["stated_label"], seen["label"]) == ("reported", "grave", None)
    assert seen["flags"] == ["label_unknown"]


async def test_a_stated_grade_that_is_not_applied_is_told_with_its_rule(desk: Desk) -> None:
    grades, plain = await desk.key("a", may_state_grades=True), await desk.key("b")
    cases: list[tuple[str, dict[str, Any], str, str]] = [
        (grades, {"requirements": []}, "finding_incomplete", "/requirements"),
        (grades, {"statement": ""}, "finding_incomplete", "/statement"),
        (grades, {"objective_evidence": ""}, "finding_incomplete", "/objective_evidence"),
        (grades, {"label": "grave"}, "label_unknown", "/label"),
        (plain, {}, "may_not_state_grade", "/grade"),
    ]
    for n, (key, changes, rule, pointer) in enumerate(cases):
        named = {"Idempotency-Key": f"k{n}"}
        told = [await desk.ask(key, "POST", "/v1/findings", finding(f"{n}", **changes), named) for _ in range(2)]
        for answer in told:
            seen = answer.json()
            [flag] = seen["flags"]
            assert (seen["result"], seen["status"], seen["number"]) == ("created", "reported", None)
            assert (flag["code"], flag["rule"], flag["pointer"]) == ("not_issued", rule, pointer)
            assert flag["detail"].endswith(".")
    many = await desk.ask("auditor", "POST", "/v1/findings", [finding("m", requirements=[]), finding("n", grade=None)])
    assert [item.get("flags", [{}])[0].get("rule") for item in many.json()["items"]] == ["finding_incomplete", None]
    again = await desk.ask("auditor", "POST", "/v1/findings", finding("m", requirements=[]))
    assert (again.json()["result"], "flags" in again.json()) == ("duplicate", False)


async def test_one_finding_is_answered_as_one_in_every_encoding(desk: Desk) -> None:
    for encoding in ("utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be"):
        answer = await desk.ask("auditor", "POST", "/v1/findings", content=one_of(encoding), headers=AS_JSON)
        assert (answer.status_code, answer.json()["result"]) == (201, "created"), (encoding, answer.text)
        again = await desk.ask("auditor", "POST", "/v1/findings", content=one_of(encoding), headers=AS_JSON)
        assert (again.status_code, again.json()["id"]) == (200, answer.json()["id"])
        several = await desk.ask("auditor", "POST", "/v1/findings", content=one_of(encoding, "[%s]"), headers=AS_JSON)
        assert (several.status_code, several.json()["duplicates"]) == (207, 1)


AS_JSON = {"Content-Type": "application/json"}


def one_of(encoding: str, around: str = " \n%s") -> bytes:
    return (around % json.dumps(finding(encoding, title="Zugänge", grade=None))).encode(encoding)


async def test_a_repeat_with_the_same_key_is_answered_as_it_was(desk: Desk) -> None:
    key, repeat = await desk.key("scanner"), {"Idempotency-Key": str(uuid4())}
    first = await desk.ask(key, "POST", "/v1/findings", finding("F-1"), repeat)
    assert first.status_code == 201
    await desk.does("auditor", first.json()["id"], "issue", grade="minor")
    again = await desk.ask(key, "POST", "/v1/findings", finding("F-1"), repeat)
    assert (again.status_code, again.content) == (200, first.content)
    other = await desk.ask(key, "POST", "/v1/findings", finding("F-1", title="Another"), repeat)
    assert (other.status_code, other.json()["code"]) == (422, "key_reused")


async def test_a_finding_that_is_none_says_why(desk: Desk) -> None:
    answer = await desk.ask("auditor", "POST", "/v1/findings", {"client": "acme", "title": "", "colour": "red"})
    assert answer.status_code == 422
    assert {fault["pointer"] for fault in answer.json()["errors"]} == {"/source", "/title", "/colour"}
    unknown = await desk.ask("auditor", "POST", "/v1/findings", finding("1", client="nobody"))
    assert (unknown.status_code, unknown.json()["code"]) == (409, "client_unknown")


async def test_one_bad_item_loses_no_other(desk: Desk) -> None:
    key = await desk.key("scanner", may_state_grades=True)
    batch = [finding("1"), finding("2", client="nobody"), {"title": "x"}, finding("1"), finding("3", client="acme ltd")]
    answer = await desk.ask(key, "POST", "/v1/findings", batch)
    assert answer.status_code == 207
    told = answer.json()
    assert (told["accepted"], told["duplicates"], told["skipped"], told["rejected"]) == (2, 1, 0, 2)
    assert [item["index"] for item in told["items"]] == [0, 1, 2, 3, 4]
    assert [item["result"] for item in told["items"]] == ["created", "rejected", "rejected", "duplicate", "created"]
    assert told["items"][1]["problem"]["code"] == "client_unknown"
    assert told["items"][0]["number"]
    good = await desk.ask(key, "POST", "/v1/findings", [finding("4"), finding("5")])
    assert good.status_code == 201
    lines = "\n".join(json.dumps(finding(name)) for name in ("6", "7")).encode()
    ndjson = await desk.ask(
        key, "POST", "/v1/findings", content=lines, headers={"Content-Type": "application/x-ndjson"}
    )
    assert (ndjson.status_code, ndjson.json()["accepted"]) == (201, 2)


async def test_a_document_of_another_format_is_kept_as_it_came(desk: Desk) -> None:
    key, document = await desk.key("cloud", may_state_grades=True), ASFF.read_bytes()
    answer = await desk.ask(
        key,
        "POST",
        "/v1/findings",
        content=document,
        params={"client": "acme"},
        headers={"Content-Type": "application/json"},
    )
    assert answer.status_code == 207, answer.text
    told = answer.json()
    assert told["accepted"] > 0
    assert told["skipped"] > 0
    assert told["rejected"] == 0
    created = next(item for item in told["items"] if item["result"] == "created")
    seen = await desk.get(key, f"/v1/nonconformities/{created['id']}")
    digest = hashlib.sha256(document).hexdigest()
    assert (seen["document"], seen["status"], seen["client"]) == (digest, "reported", "acme")
    connection = await asyncpg.connect(desk.office.settings.owner)
    statement = "SELECT bytes FROM closeout.documents WHERE tenant = $1 AND sha256 = $2"
    async with connection.transaction():
        await connection.execute("SELECT closeout.enter($1, NULL)", desk.tenant)
        assert await connection.fetchval(statement, desk.tenant, bytes.fromhex(digest)) == document
    await connection.close()

    again = await desk.ask(key, "POST", "/v1/findings", content=document + b"\n", params={"client": "acme"})
    assert again.json()["duplicates"] == told["accepted"] + told["duplicates"]
    wrong = await desk.ask(key, "POST", "/v1/findings", content=b"<a/>", params={"client": "acme"})
    assert (wrong.status_code, wrong.json()["code"]) == (415, "unknown_format")
    strange = await desk.ask(key, "POST", "/v1/findings", content=b"a,b\n1,2\n", params={"client": "acme"})
    assert (strange.status_code, strange.json()["code"]) == (400, "profile_needed")
    named = await desk.ask(key, "POST", "/v1/findings", content=document, params={"format": "xyz"})
    assert (named.status_code, named.json()["formats"]) == (415, list(intake.FORMATS))
    broken = await desk.ask(key, "POST", "/v1/findings", content=b'[{"a": 1},\n oops]')
    assert (broken.status_code, broken.json()["line"]) == (400, 2)


async def test_a_source_that_may_creates_unknown_clients(desk: Desk) -> None:
    key = await desk.key("crm", may_create_clients=True)
    assert (await desk.reports(key, "1", client="initech"))["result"] == "created"
    assert (await desk.get("manager", "/v1/clients/initech"))["name"] == "initech"
    refused = await desk.ask(key, "POST", "/v1/findings", finding("2", client="No key at all!"))
    assert refused.json()["code"] == "client_unknown"


async def test_a_key_sees_its_own_and_reports_for_its_client_only(desk: Desk) -> None:
    mine, other = await desk.key("mine"), await desk.key("other")
    bound = await desk.key("bound", client="globex")
    case = (await desk.reports(mine, "1"))["id"]
    assert [item["id"] for item in (await desk.get(mine, "/v1/nonconformities"))["items"]] == [case]
    assert (await desk.get(other, "/v1/nonconformities"))["items"] == []
    assert (await desk.ask(other, "GET", f"/v1/nonconformities/{case}")).status_code == 404
    refused = await desk.ask(bound, "POST", "/v1/findings", finding("1"))
    assert (refused.status_code, refused.json()["code"]) == (403, "another_client")
    unbound = await desk.key("bound")
    theirs = (await desk.reports(unbound, "9", client="globex"))["id"]
    assert (await desk.get(bound, f"/v1/nonconformities/{theirs}"))["client"] == "globex"
    for hidden in (
        (await desk.reports("auditor", "9", client="globex"))["id"],
        (await desk.reports(unbound, "8"))["id"],
    ):
        for path in (f"/v1/nonconformities/{hidden}", f"/v1/nonconformities/{hidden}/events"):
            assert (await desk.ask(bound, "GET", path)).status_code == 404
    assert [item["id"] for item in (await desk.get(bound, "/v1/nonconformities"))["items"]] == [theirs]
    assert len((await desk.get(unbound, "/v1/nonconformities"))["items"]) == 2
    assert [item["key"] for item in (await desk.get(bound, "/v1/clients"))["items"]] == ["globex"]


async def test_a_large_document_is_taken_and_one_too_large_is_not(desk: Desk) -> None:
    key = await desk.key("scanner")
    padded = b"[" + json.dumps(finding("1")).encode() + b" " * (20 * 2**20) + b"]"
    assert (await desk.ask(key, "POST", "/v1/findings", content=padded)).status_code == 201
    beyond = await desk.ask(key, "POST", "/v1/findings", content=b"[" + b" " * (33 * 2**20) + b"]")
    assert (beyond.status_code, beyond.json()["code"]) == (413, "too_many_bytes")
    many = b"[" + b",".join([b"{}"] * 10_001) + b"]"
    told = await desk.ask(key, "POST", "/v1/findings", content=many)
    assert (told.status_code, told.json()["code"]) == (413, "too_many_items")
    none = await desk.ask(key, "POST", "/v1/findings", content=b"[]")
    assert (none.status_code, none.json()["items"]) == (200, [])


async def test_a_source_is_the_key_s_and_a_person_s_are_apart(desk: Desk) -> None:
    scanner, other = await desk.key("scanner"), await desk.key("other")
    by_hand = await desk.reports("auditor", "1", source={"system": "scanner", "external_id": "1"})
    mine = await desk.ask(scanner, "POST", "/v1/findings", finding("1"))
    assert mine.json()["result"] == "created", "a person took the reference before"
    posed = await desk.ask(
        other, "POST", "/v1/findings", finding("1", source={"system": "scanner", "external_id": "1"})
    )
    assert posed.json()["result"] == "created"
    ids = {name: answer.json()["id"] for name, answer in (("scanner", mine), ("other", posed))}
    ids["manual/scanner"] = by_hand["id"]
    for source, case in ids.items():
        [item] = (await desk.get("auditor", "/v1/nonconformities", source=source))["items"]
        assert (item["id"], item["source"]["system"]) == (case, source)
    stated = (await desk.get("auditor", f"/v1/nonconformities/{posed.json()['id']}"))["source"]
    assert stated == {"system": "other", "stated": "scanner", "external_id": "1"}
    assert (await desk.ask(scanner, "GET", f"/v1/nonconformities/{by_hand['id']}")).status_code == 404
    long = await desk.ask(
        "auditor", "POST", "/v1/findings", finding("2", source={"system": "s" * 99, "external_id": "2"})
    )
    assert (long.status_code, long.json()["errors"][0]["pointer"]) == (422, "/source/system")
    for source in ("manual", "manual/scanner", "a\nb", "a\x00b"):
        refused = await desk.ask("manager", "POST", "/v1/api-keys", {"source": source})
        assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/source")
    named = await desk.ask("manager", "POST", "/v1/api-keys", {"source": "x", "name": "a\x07b"})
    assert (named.status_code, named.json()["errors"][0]["pointer"]) == (422, "/name")


async def test_every_text_comes_out_as_it_came_in(desk: Desk) -> None:
    odd = {"title": "a\x00b\ud800 \x1a0000 \\u001a0000 é", "source": {"system": "audit", "external_id": "7\udfff"}}
    answer = await desk.ask("auditor", "POST", "/v1/findings", content=json.dumps(FINDING | odd).encode())
    assert answer.status_code == 201, answer.text
    told = answer.json()
    assert told["external_id"] == "7\udfff"
    assert set(told["escaped"]) == {"/title", "/source/external_id"}
    path = f"/v1/nonconformities/{told['id']}"
    seen = await desk.get("auditor", path)
    assert (seen["title"], seen["source"]["external_id"]) == (odd["title"], "7\udfff")
    assert set(seen["escaped"]) == {"/title", "/source/external_id"}
    [item] = (await desk.get("auditor", "/v1/nonconformities"))["items"]
    assert (item["title"], item["source"]["external_id"]) == (odd["title"], "7\udfff")
    [reported, *_] = await desk.get("auditor", f"{path}/events")
    assert reported["data"]["finding"]["title"] == odd["title"]
    many = await desk.ask("auditor", "POST", "/v1/findings", content=json.dumps([FINDING | odd]).encode())
    assert many.json()["items"][0]["external_id"] == "7\udfff"


async def test_what_a_document_of_findings_is_not(desk: Desk) -> None:
    for scalar in (b"7", b'"text"', b"null", b"true"):
        answer = await desk.ask("auditor", "POST", "/v1/findings", content=scalar)
        assert (answer.status_code, answer.json()["code"]) == (400, "no_finding"), scalar
    late = await desk.ask("auditor", "POST", "/v1/findings", finding("1"), {"If-Match": '"1"'})
    assert (late.status_code, late.json()["code"]) == (422, "if_match")
    for body in (finding("1"), [finding("1")]):
        for key in ("k" * 300, ""):
            long = await desk.ask("auditor", "POST", "/v1/findings", body, {"Idempotency-Key": key})
            assert (long.status_code, long.json()["code"]) == (422, "key_length")
    packed = await desk.ask("auditor", "POST", "/v1/findings", content=b"x", headers={"Content-Encoding": "gzip"})
    assert (packed.status_code, packed.json()["code"]) == (415, "unsupported_encoding")
    assert "gzip" in packed.json()["detail"]
    plain = await desk.ask("auditor", "POST", "/v1/findings", finding("1"), {"Content-Encoding": "identity"})
    assert plain.status_code == 201


async def test_an_external_id_has_one_bound(desk: Desk) -> None:
    assert (await desk.reports("auditor", "é" * 512))["result"] == "created"
    source = {"system": "audit", "external_id": "x" * 1025}
    beyond = await desk.ask("auditor", "POST", "/v1/findings", finding("1", source=source))
    assert (beyond.status_code, beyond.json()["errors"][0]["pointer"]) == (422, "/source/external_id")
    source = {"system": "audit", "external_id": "x" * 100_000}
    many = await desk.ask("auditor", "POST", "/v1/findings", [finding("1", source=source), finding("2")])
    assert many.json()["items"][0]["external_id"] == "x" * 200
    assert len(many.content) < 5000


async def test_what_issuing_lacks_is_said_in_words(desk: Desk) -> None:
    case = (await desk.reports("auditor", requirements=[], statement="", grade=None))["id"]
    answer = await desk.ask("auditor", "POST", f"/v1/nonconformities/{case}/issue", {"grade": "minor"})
    assert answer.json()["detail"] == "It cannot be issued yet: it names no requirement; it makes no statement."


async def test_a_preview_that_cannot_be_read_says_where(desk: Desk) -> None:
    at = "/v1/findings/preview"
    for content, code in ((b"", "empty"), (b"\xff", "not_utf8"), (b'{"items": [', "not_json")):
        answer = await desk.ask("auditor", "POST", at, content=content, headers={"Content-Type": "application/json"})
        told = answer.json()
        assert (answer.status_code, told["code"], told["line"]) == (400, code, 1)
        assert told["column"] >= 1
    twice = await desk.ask(
        "auditor", "POST", at, content=b'{"items": [], "items": []}', headers={"Content-Type": "application/json"}
    )
    assert (twice.status_code, twice.json()["code"], twice.json()["path"]) == (400, "duplicate_key", "/items")
    shape = await desk.ask("auditor", "POST", at, {"items": [{"external_id": 7}]})
    assert (shape.status_code, shape.json()["code"]) == (422, "shape")
    encoded = json.dumps({"items": [{"external_id": "1", "said": "0" * 64}], "client": "acme"}).encode("utf-16")
    assert (
        await desk.ask("auditor", "POST", at, content=encoded, headers={"Content-Type": "application/json"})
    ).status_code == 200
