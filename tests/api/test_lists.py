from datetime import UTC, date, datetime
from typing import Any

import httpx
import pytest

from services.api.app import create_app
from tests.api.conftest import Desk
from workflows.policy_book import PACKAGED, PolicyBook, read


async def ids(desk: Desk, who: str = "auditor", **filters: Any) -> list[str]:
    return [item["external_id"] for item in await items(desk, who, **filters)]


async def items(desk: Desk, who: str, **filters: Any) -> list[dict[str, Any]]:
    page = await desk.get(who, "/v1/nonconformities", **filters)
    return [item | {"external_id": item["source"]["external_id"]} for item in page["items"]]


async def test_filters(desk: Desk) -> None:
    await desk.reports("auditor", "1", sites=["Plant A"], audit={"ref": "A-1", "stage": "surveillance"})
    await desk.reports("auditor", "2", grade="major", client="globex")
    key = await desk.key("scanner")
    clause = [{"standard": "ISO 9001", "edition": "2015", "clause": "8.5.1"}]
    third = (await desk.reports(key, "3", requirements=clause, statement="The furnace was not calibrated."))["id"]
    await desk.does("auditor", third, "assign", role="auditor", person="p-1")
    since = datetime.now(UTC).isoformat()
    assert await ids(desk) == ["3", "2", "1"]
    assert await ids(desk, status="open") == ["2", "1"]
    assert await ids(desk, status="reported,open", grade="major") == ["2"]
    assert await ids(desk, client="globex") == ["2"]
    assert await ids(desk, requirement="8.5.1") == await ids(desk, requirement="ISO 9001:2015 8.5.1") == ["3"]
    assert await ids(desk, requirement="5.1") == []
    assert await ids(desk, source="scanner") == ["3"]
    assert await ids(desk, source="manual/audit", external_id="2") == ["2"]
    assert await ids(desk, audit="A-1") == await ids(desk, site="Plant A") == ["1"]
    assert await ids(desk, assignee="p-1") == ["3"]
    assert await ids(desk, assignee="' OR true --") == []
    assert await ids(desk, overdue="true") == []
    assert await ids(desk, overdue="false", waiting_on="client") == ["2", "1"]
    assert await ids(desk, due_before="2000-01-01") == []
    assert await ids(desk, due_before="2100-01-01T00:00:00+01:00") == ["2", "1"]
    assert await ids(desk, updated_since=since) == []
    assert await ids(desk, q="furnace calibrated") == ["3"]
    [found] = await items(desk, "owner", limit=1)
    assert found["requirements"][0]["clause"] == "A.5.18"
    assert {deadline["kind"] for deadline in found["deadlines"]} == {"plan", "evidence", "closure"}


FOUND: list[tuple[str, list[str]]] = [
    ("Leav", ["2"]),
    ("LEAVERS", ["2"]),
    ("donaudampf", ["3"]),
    ("dampf", []),
    ("furnace calib", ["3"]),
    ("furn calibrated", []),
    ("le", []),
    ("5.18", ["2", "1"]),
    ("A.5.18", ["2", "1"]),
    ("5.1", ["2", "1"]),
    ('"5.1"', []),
    ("8.5.1", ["3"]),
    ('"were not removed"', ["2"]),
    ('"removed not"', []),
    ('"were not remov', ["2"]),
    ('"were not remov"', []),
    ("well-know", ["2"]),
    ("known-well", []),
    ("was -furnace", []),
    ("seen -furnace", ["2", "1"]),
    ("-furn seen", ["3", "2", "1"]),
    ("seen -furn", ["3", "2", "1"]),
    ("furnace or leav", ["3", "2"]),
    ("2026-11-02", ["3"]),
    ("שלום", ["3"]),
    ("של", ["3"]),
]
"""What is typed, and the reports that hold it."""


async def test_a_search_finds_beginnings_parts_of_numbers_and_clauses(desk: Desk) -> None:
    seen = {"objective_evidence": "Seen."}
    await desk.reports("auditor", "1", title="First", statement="Clause one.", **seen)
    leavers = "Well-known leavers were not removed."
    second = (await desk.reports("auditor", "2", grade="major", title="Second", statement=leavers, **seen))["id"]
    clause = [{"standard": "ISO 9001", "edition": "2015", "clause": "8.5.1"}]
    texts = {"title": "Donaudampfschiff שלום", "statement": "The furnace was not calibrated on 2026-11-02."}
    await desk.reports("auditor", "3", requirements=clause, **texts, **seen)
    for typed, found in FOUND:
        assert await ids(desk, q=typed) == found, typed
    number = (await desk.get("auditor", f"/v1/nonconformities/{second}"))["number"]
    series, year, count = number.split("-")
    for typed in (number, number.lower(), f"{year}-{count}", count, f"{series}-{year}-{count[:-1]}"):
        assert "2" in await ids(desk, q=typed), typed
        assert "2" in await ids(desk, "owner", q=typed), typed
    assert await ids(desk, q=number) == await ids(desk, q=count) == ["2"]


async def test_nothing_that_is_typed_into_a_search_fails(desk: Desk) -> None:
    await desk.reports("auditor", "1")
    signs = ["&|!:*()'\"\\`", "foo:* & !bar", "'", '"', '"""', "-", "--", '-""', "- -", "or", "or or", "<-> x", "\\"]
    signs += ["%_$1", "\u202eabc", "\u200f", "a\u00a0b", "x'); DROP", "or " * 600, "-" * 2000, '"a-' * 600]
    signs += ["\u0436" * 2000, "\u5de5" * 2000]
    for typed in signs:
        assert await ids(desk, q=typed) == [], typed


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        (f"q={'a' * 10_000}", 422, "shape"),
        ("colour=red", 400, "unknown_filter"),
        ("site=a&site=b", 400, "repeated_filter"),
        ("limit=501", 422, "shape"),
        ("limit=0", 422, "shape"),
        ("status=ajar", 422, "shape"),
        ("due_before=soon", 422, "shape"),
        ("cursor=%FF", 422, "shape"),
        ("q=%00", 422, "shape"),
    ],
)
async def test_what_is_no_filter(desk: Desk, query: str, status: int, code: str) -> None:
    answer = await desk.ask("auditor", "GET", f"/v1/nonconformities?{query}")
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text


async def test_pages_hold_each_case_once_though_others_come_and_change(desk: Desk) -> None:
    for number in range(5):
        await desk.reports("auditor", str(number))
    seen: list[str] = []
    cursor: str | None = None
    while cursor is not None or not seen:
        page = await desk.get("auditor", "/v1/nonconformities", limit=2, **({"cursor": cursor} if cursor else {}))
        assert len(page["items"]) <= 2
        seen += [item["source"]["external_id"] for item in page["items"]]
        await desk.does("auditor", page["items"][0]["id"], "comment", text="Seen.")
        await desk.reports("auditor", f"new {len(seen)}")
        cursor = page["next"]
    assert seen == ["4", "3", "2", "1", "0"]


async def test_a_client_sees_its_own_cases_once_they_are_issued(desk: Desk) -> None:
    key = await desk.key("scanner")
    triage = (await desk.reports(key, "1"))["id"]
    path = f"/v1/nonconformities/{triage}"
    assert await ids(desk, "owner") == []
    for way in (path, f"{path}/events"):
        assert (await desk.ask("owner", "GET", way)).status_code == 404
    assert (await desk.ask("owner", "POST", f"{path}/comment", {"text": "x"})).json()["code"] == "not_found"
    before = datetime.now(UTC).isoformat()
    await desk.does("auditor", triage, "issue", grade="minor")
    assert await ids(desk, "owner") == ["1"]
    assert (await desk.ask("owner", "GET", path, params={"as_of": before})).status_code == 404
    assert (await desk.get("auditor", path, as_of=before))["status"] == "reported"
    assert await ids(desk, "stranger") == []
    assert (await desk.ask("stranger", "GET", path)).status_code == 404
    other = Desk(f"{desk.tenant}x", desk.office, desk.http)
    assert (await other.ask("auditor", "GET", path)).status_code == 404


async def test_clients(desk: Desk) -> None:
    page = await desk.get("auditor", "/v1/clients", limit=1)
    assert [item["key"] for item in page["items"]] == ["acme"]
    rest = await desk.get("auditor", "/v1/clients", cursor=page["next"])
    assert ([item["key"] for item in rest["items"]], rest["next"]) == (["globex"], None)
    assert [item["key"] for item in (await desk.get("owner", "/v1/clients"))["items"]] == ["acme"]
    assert (await desk.ask("owner", "GET", "/v1/clients/globex")).status_code == 404
    entry = await desk.get("owner", "/v1/clients/acme")
    assert (entry["name"], entry["zone"], entry["settings"]["four_eyes"]) == ("Acme Ltd", "UTC", True)


async def test_policies_of_everybody_are_listed_whole(desk: Desk) -> None:
    whole = (await desk.get("owner", "/v1/policies", limit=500))["items"]
    assert [policy["name"] for policy in whole] == sorted(policy["name"] for policy in whole)
    # A tenant's own are not told to others.
    everybody_s = {
        policy.name for policy in PolicyBook.load(desk.office.settings.policies).policies if not policy.tenants
    }
    assert {policy["name"] for policy in whole} == everybody_s
    key = await desk.key("scanner")
    [default] = (await desk.get(key, "/v1/policies", name="default"))["items"]
    assert (default["name"], default["major"]["closure"]["within"]) == ("default", "P90D")
    versions = (await desk.get("auditor", "/v1/policies", scheme="fssc 22000"))["items"]
    assert {"FSSC 22000"} == {scheme for policy in versions for scheme in policy["schemes"]}
    assert (await desk.get("auditor", "/v1/policies", scheme="fssc 22000", name="default"))["items"] == []
    pages: list[Any] = []
    cursor: str | None = None
    while cursor is not None or not pages:
        page = await desk.get("owner", "/v1/policies", limit=5, **({"cursor": cursor} if cursor else {}))
        pages += page["items"]
        cursor = page["next"]
    assert pages == whole
    for wrong, status in (({"scheme": "x" * 2001}, 422), ({"limit": 0}, 422), ({"grade": "minor"}, 400)):
        assert (await desk.ask("owner", "GET", "/v1/policies", params=wrong)).status_code == status


async def test_a_policy_is_read_by_name_with_its_versions(desk: Desk) -> None:
    seen = await desk.get("owner", "/v1/policies/fssc-22000")
    assert (seen["name"], seen["in_force"]["version"]) == ("fssc-22000", "5")
    assert [one["version"] for one in seen["versions"]] == ["5", "4"]
    own = Desk("dnv", desk.office, desk.http)
    assert (await own.get("auditor", "/v1/policies/dnv"))["in_force"]["tenants"] == ["dnv"]
    for unknown in ("dnv", "nothing", "%00"):
        answer = await desk.ask("auditor", "GET", f"/v1/policies/{unknown}")
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


async def test_a_policy_of_several_names_the_reader_alone_and_one_ahead_is_not_in_force(desk: Desk) -> None:
    default = read(PACKAGED / "default.toml")
    shared = default.model_copy(update={"name": "shared", "tenants": (desk.tenant, "another")})
    ahead = shared.model_copy(update={"version": "2199", "effective_from": date(2199, 1, 1)})
    office = desk.office
    book = PolicyBook([default, ahead, shared])
    app = create_app(office.ledger, office.app.state.api.engine, office.ledger.database, office.settings, book)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://api") as http:
        seen = await Desk(desk.tenant, office, http).get("owner", "/v1/policies/shared")
    assert (seen["in_force"]["version"], seen["in_force"]["tenants"]) == (default.version, [desk.tenant])
    assert [one["version"] for one in seen["versions"]] == ["2199", default.version]
