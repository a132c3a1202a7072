"""Who of a body sees what, by every route alike: docs/sight.md told over HTTP."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services import sight
from services.bootstrap import mint
from tests.api.conftest import Desk, day
from workflows.people import Actor, Role

STAGE = {"stage": "surveillance"}


async def plan(desk: Desk, key: str, *team: str, client: str = "acme") -> None:
    told = {
        "key": key, "client": client, "stage": "surveillance", "standards": ["ISO/IEC 27001:2022"], "starts_on": day(),
        "ends_on": day(1), "team": [{"person": one, "role": "auditor"} for one in team],
    }  # fmt: skip
    answer = await desk.ask("manager", "POST", "/v1/audits", told)
    assert answer.status_code == 201, answer.text


def another(desk: Desk, name: str, role: Role = Role.AUDITOR) -> str:
    """A bearer for somebody of the body."""
    return mint(desk.office.settings, role, name, None, desk.tenant)


async def fetched(desk: Desk, bearer: str, path: str, **params: Any) -> Any:
    answer = await desk.http.get(path, params=params, headers={"Authorization": f"Bearer {bearer}"})
    return answer.json() if answer.status_code == 200 else answer.status_code


async def sees(desk: Desk, bearer: str, case: str) -> bool:
    """Whether somebody sees a case, by list, detail, events, search, log and command alike."""
    path = f"/v1/nonconformities/{case}"
    listed = case in [one["id"] for one in (await fetched(desk, bearer, "/v1/nonconformities"))["items"]]
    found = case in [one["id"] for one in (await fetched(desk, bearer, "/v1/nonconformities", q="Access"))["items"]]
    read = [await fetched(desk, bearer, f"{path}{part}") != 404 for part in ("", "/events", "/lineage")]
    log = await desk.http.get(
        "/v1/nonconformity-log", params={"format": "csv"}, headers={"Authorization": f"Bearer {bearer}"}
    )
    said = await desk.http.post(f"{path}/nothing", json={}, headers={"Authorization": f"Bearer {bearer}"})
    assert said.status_code == 404
    assert {listed, found, *read, case in log.text} in ({True}, {False})
    return listed


async def test_an_auditor_sees_the_audits_that_name_them(desk: Desk) -> None:
    await plan(desk, "A-1", "  auditor ")
    await plan(desk, "A-2", "Someone Else")
    first, second = [(await desk.reports("auditor", ref, audit={"ref": ref, **STAGE}))["id"] for ref in ("A-1", "A-2")]
    own, other = desk.token("auditor"), another(desk, "Someone  else")
    assert [await sees(desk, own, case) for case in (first, second)] == [True, True]  # the second they raised
    assert [await sees(desk, other, case) for case in (first, second)] == [False, True]
    assert [one["key"] for one in (await fetched(desk, own, "/v1/audits"))["items"]] == ["A-1"]
    assert await fetched(desk, other, "/v1/audits/A-1") == 404
    assert [one["key"] for one in (await fetched(desk, other, "/v1/clients"))["items"]] == ["acme", "globex"]
    refused = await desk.http.post(
        f"/v1/nonconformities/{first}/comment", json={"text": "?"}, headers={"Authorization": f"Bearer {other}"}
    )
    assert (refused.status_code, refused.json()["code"]) == (404, "not_found")


async def test_findings_of_no_audit_are_every_auditors(desk: Desk) -> None:
    key = await desk.key("scanner")
    triage = (await desk.reports(key, grade=None))["id"]
    other = another(desk, "Someone Else")
    assert await sees(desk, other, triage)
    case = (await desk.reports(key, "F-2", grade=None, audit={"ref": "X", **STAGE, "team": ["Somebody"]}))["id"]
    assert not await sees(desk, other, case)
    assert await sees(desk, another(desk, "Somebody"), case)
    issued = (await desk.reports("auditor", "F-3", audit={"ref": "X", **STAGE}))["id"]
    assert not await sees(desk, other, issued)
    await desk.does("reviewer", issued, "assign", role="auditor", person=(await fetched(desk, other, "/v1/me"))["id"])
    assert await sees(desk, other, issued)


async def test_what_another_reported_is_not_told_by_its_reference(desk: Desk) -> None:
    await plan(desk, "A-1", "Auditor")
    case = (await desk.reports("auditor", "F-1", audit={"ref": "A-1", **STAGE}))["id"]
    await desk.closed(case)
    other = another(desk, "Someone Else")
    headers = {"Authorization": f"Bearer {other}"}
    finding = {
        "source": {"system": "audit", "external_id": "F-1"}, "client": "acme", "title": "Again",
        "statement": "It is so.", "objective_evidence": "Seen.",
        "requirements": [{"standard": "ISO/IEC 27001", "edition": "2022", "clause": "A.5.18"}],
    }  # fmt: skip
    known = await desk.http.post("/v1/findings", json=finding, headers=headers)
    assert (known.status_code, known.json()["code"], case in known.text) == (409, "another_finding", False)
    number = (await desk.get("manager", f"/v1/nonconformities/{case}"))["number"]
    for named in (case, number, "NC-2026-9999"):
        told = finding | {"source": {"system": "audit", "external_id": named}, "recurrence_of": named}
        answer = await desk.http.post("/v1/findings", json=told, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (422, "ancestor_unknown"), named
    asked = {"items": [{"external_id": "F-1", "system": "audit", "client": "acme", "said": "0" * 64}]}
    foreseen = (await desk.http.post("/v1/findings/preview", json=asked, headers=headers)).json()["items"]
    assert [(one["result"], one["id"]) for one in foreseen] == [("rejected", None)]
    again = await desk.reports("auditor", "F-1", audit={"ref": "A-1", **STAGE})
    assert again["result"] == "recurred"


async def test_a_member_sees_the_docket(desk: Desk) -> None:
    await desk.get("member1", "/v1/me")
    case = (await desk.reports("auditor", grade="major"))["id"]
    own, late = desk.token("member1"), another(desk, "Late", Role.COMMITTEE_MEMBER)
    assert not await sees(desk, own, case)
    review = await desk.review(case)
    assert await sees(desk, own, case)
    assert not await sees(desk, late, case)
    assert await fetched(desk, late, review) == 404
    assert [one["id"] for one in (await fetched(desk, late, "/v1/committee-reviews"))["items"]] == []
    assert len((await fetched(desk, own, "/v1/committee-reviews"))["items"]) == 1


async def test_an_observer_sees_what_was_granted_until_it_ends(desk: Desk) -> None:
    await plan(desk, "A-1", "Auditor")
    first = (await desk.reports("auditor", "F-1", audit={"ref": "A-1", **STAGE}))["id"]
    second = (await desk.reports("auditor", "F-2", client="globex"))["id"]
    observer = desk.token("observer")
    assert [await sees(desk, observer, case) for case in (first, second)] == [False, False]
    grant = await desk.grants("observer", audit="A-1")
    assert [await sees(desk, observer, case) for case in (first, second)] == [True, False]
    assert [one["key"] for one in (await fetched(desk, observer, "/v1/clients"))["items"]] == ["acme"]
    await desk.grants("observer", timedelta(seconds=1), client="globex")
    answer = await desk.ask("manager", "DELETE", f"/v1/grants/{grant}")
    assert (answer.status_code, answer.json()["state"]) == (200, "revoked")
    assert not await sees(desk, observer, first)
    async with asyncio.timeout(10):
        while await fetched(desk, observer, f"/v1/nonconformities/{second}") != 404:
            await asyncio.sleep(0.05)
    assert not await sees(desk, observer, second)
    listed = (await desk.get("manager", "/v1/grants"))["items"]
    assert [one["state"] for one in listed] == ["expired", "revoked"]


async def test_grants_are_kept_by_who_administers(desk: Desk) -> None:
    for who in ("auditor", "reviewer", "observer", "owner", await desk.key("scanner")):
        for method, path in (("GET", ""), ("POST", ""), ("DELETE", "/x")):
            assert (await desk.ask(who, method, f"/v1/grants{path}", {})).json()["code"] == "role"
    assert (await desk.ask("manager", "DELETE", "/v1/grants/none")).status_code == 404


@pytest.mark.parametrize(
    ("wrong", "pointer"),
    [
        ({"person": "nobody"}, "/person"),
        ({"client": "none"}, "/client"),
        ({"client": None, "audit": "none"}, "/audit"),
        ({"client": None, "case": "none"}, "/case"),
        ({"until": "2020-01-01T00:00:00Z"}, "/until"),
        ({"audit": "A-1"}, ""),
        ({"client": None}, ""),
        ({"reason": ""}, "/reason"),
    ],
)
async def test_a_grant_names_one_thing_that_is_there(desk: Desk, wrong: dict[str, Any], pointer: str) -> None:
    person = (await desk.get("observer", "/v1/me"))["id"]
    told = {"person": person, "client": "acme", "until": (datetime.now(UTC) + timedelta(1)).isoformat(), "reason": "R"}
    answer = await desk.ask("manager", "POST", "/v1/grants", told | wrong)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, pointer)
    assert (await desk.get("manager", "/v1/grants"))["items"] == []


async def test_a_grant_is_made_once_under_its_key(desk: Desk) -> None:
    person = (await desk.get("observer", "/v1/me"))["id"]
    told = {"person": person, "client": "acme", "until": (datetime.now(UTC) + timedelta(1)).isoformat(), "reason": "R"}
    first, again = [await desk.ask("manager", "POST", "/v1/grants", told, {"Idempotency-Key": "g"}) for _ in range(2)]
    assert (first.status_code, again.status_code, again.json()) == (201, 200, first.json())
    other = await desk.ask("manager", "POST", "/v1/grants", told | {"reason": "Other"}, {"Idempotency-Key": "g"})
    assert (other.status_code, other.json()["code"]) == (422, "key_reused")
    owner = (await desk.get("owner", "/v1/me"))["id"]
    stranger = await desk.ask("manager", "POST", "/v1/grants", told | {"person": owner})
    assert stranger.status_code == 422


async def test_a_list_for_an_auditor_asks_no_table_for_each_row(desk: Desk) -> None:
    """The plan reads the list in its order, and what the reader wears once."""
    viewer = sight.scope(desk.tenant, Actor(id="x", name="X", roles=frozenset({Role.AUDITOR})))
    async with desk.office.ledger.database.entered(*viewer.entry) as connection:
        rows = await connection.fetch(
            "EXPLAIN SELECT id FROM closeout.nonconformities WHERE tenant = $1 ORDER BY id DESC LIMIT 51", desk.tenant
        )
    said = "\n".join(row[0] for row in rows)
    assert "InitPlan" in said
    assert "SubPlan" not in said
