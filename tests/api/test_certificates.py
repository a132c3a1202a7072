"""Certificates over HTTP: applied for, granted, suspended by a review, transferred in; who sees and decides them."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.api.conftest import Desk, day
from tests.api.test_problems import problem

MEMBERS = ("member1", "member2", "member3")


def applied(key: str = "C-1", **changes: Any) -> dict[str, Any]:
    body = {
        "key": key,
        "client": "acme",
        "standards": ["iso 27001:2022"],
        "sites": ["Vienna", "Graz"],
        "scope": "Hosting",
    }
    return {**body, **changes}


def transferred(key: str = "T-1", **changes: Any) -> dict[str, Any]:
    dates = {"issued_on": day(-400), "expires_on": day(690), "from_body": "Other Cert"}
    return {**applied(key), **dates, **changes}


async def apply(desk: Desk, key: str = "C-1", **changes: Any) -> Any:
    answer = await desk.ask("manager", "POST", "/v1/certificates", applied(key, **changes))
    assert answer.status_code == 201, answer.text
    return answer


async def transfer(desk: Desk, key: str = "T-1", **changes: Any) -> Any:
    answer = await desk.ask("manager", "POST", "/v1/certificates/transfer-in", transferred(key, **changes))
    assert answer.status_code == 201, answer.text
    return answer.json()


async def grant(desk: Desk, key: str = "C-1", who: str = "member1", **body: Any) -> Any:
    said = {"issued_on": day(), "expires_on": day(1094), "reason": "The audit team recommends it.", **body}
    return await desk.signs(who, f"/v1/certificates/{key}", "grant", **said)


async def audited(desk: Desk, key: str = "S-1", **changes: Any) -> None:
    """A stage 2 of the client, held today and recommended."""
    plan = {"key": key, "client": "acme", "stage": "stage2", "standards": ["ISO 27001"], "stage1_waived": "As one"}
    team = [{"person": "Auditor", "role": "lead"}]
    body = {"team": team, "starts_on": day(), "ends_on": day(), **plan, **changes}
    answer = await desk.ask("manager", "POST", "/v1/audits", body)
    assert answer.status_code == 201, answer.text
    for command, said in (("start", {}), ("end", {"on": day()})):
        answer = await desk.ask("auditor", "POST", f"/v1/audits/{key}/{command}", said)
        assert answer.status_code == 200, answer.text
    await desk.signs("auditor", f"/v1/audits/{key}", "conclude", recommendation="recommended", reasons="All is well")


async def signed(desk: Desk, path: str, **body: Any) -> dict[str, Any]:
    """The body of a grant, signed over the certificate as it is read."""
    seen = (await desk.get("member1", path))["signable"]["grant"]
    signature = {"content_sha256": seen["sha256"], "meaning": seen["meaning"]}
    return {"issued_on": day(), "expires_on": day(1094), "reason": "So", "signature": signature, **body}


async def becomes(desk: Desk, key: str, status: str) -> Any:
    """The certificate once it has this status: what a review decides arrives by reaction."""
    return await desk.once("manager", f"/v1/certificates/{key}", lambda seen: seen["status"] == status)


async def suspended(desk: Desk, case: str) -> None:
    """A review about a case suspends the certificate."""
    path = await desk.review(case)
    for name in MEMBERS:
        await desk.signs(name, path, "vote", choice="suspend", reason="Until it is closed out.")
    await desk.signs("member1", path, "decide", reason="All agree.")


async def test_a_certificate_from_its_application_to_its_withdrawal(desk: Desk) -> None:
    answer = await apply(desk)
    assert (answer.headers["location"], answer.headers["etag"]) == ("/v1/certificates/C-1", '"1"')
    assert (answer.json()["key"], answer.json()["status"]) == ("C-1", "applied")
    path = "/v1/certificates/C-1"
    [said] = [one for one in (await desk.get("member1", path))["allowed"] if one["command"] == "grant"]
    assert said["why_not"].startswith("No audit of ISO/IEC 27001 is registered to decide on")
    await audited(desk)
    long = await desk.ask("member1", "POST", f"{path}/grant", await signed(desk, path, expires_on=day(1100)))
    assert (long.status_code, long.json()["code"]) == (409, "beyond_cycle")
    assert [fault["pointer"] for fault in long.json()["errors"]] == ["/expires_on"]
    assert (await grant(desk))["status"] == "active"
    seen = await desk.get("member1", path)
    assert seen["audits"] == ["S-1"]
    assert (seen["standards"], seen["stated"], seen["sites"]) == (
        ["ISO/IEC 27001"],
        ["ISO/IEC 27001:2022"],
        ["Vienna", "Graz"],
    )
    assert (seen["issued_on"], seen["expires_on"], seen["due_at"]) == (day(), day(1094), seen["expires_at"])
    assert "suspend" in {one["command"] for one in seen["allowed"] if "why_not" not in one}
    assert (await desk.signs("member2", path, "reduce", sites=["Graz"], reason="Closed down."))["status"] == "active"
    assert (await desk.signs("member2", path, "suspend", reason="No access to the site."))["status"] == "suspended"
    seen = await desk.get("owner", path)
    assert seen["reduced"] is True
    assert [cause["reason"] for cause in seen["suspension"]["causes"]] == ["No access to the site."]
    assert (await desk.signs("member2", path, "restore", reason="Access is given."))["status"] == "active"
    assert (await desk.signs("member2", path, "withdraw", reason="The client asks for it."))["status"] == "withdrawn"
    again = await desk.ask("manager", "POST", "/v1/certificates", applied(scope="Less"))
    assert (again.status_code, again.json()["status"]) == (201, "applied")
    events = await desk.get("owner", f"{path}/events")
    assert [event["type"].partition(".")[2] for event in events] == [
        "applied",
        "granted",
        "reduced",
        "suspended",
        "restored",
        "withdrawn",
        "applied",
    ]


async def test_a_repeat_is_answered_with_what_was_recorded(desk: Desk) -> None:
    key = {"Idempotency-Key": "once"}
    first = await desk.ask("manager", "POST", "/v1/certificates", applied(), key)
    again = await desk.ask("manager", "POST", "/v1/certificates", applied(), key)
    assert (first.status_code, again.status_code, again.json()) == (201, 200, first.json())
    other = await desk.ask("manager", "POST", "/v1/certificates", applied(scope="Other"), key)
    assert (other.status_code, other.json()["code"]) == (422, "key_reused")


@pytest.mark.parametrize(
    ("who", "body", "status", "code"),
    [
        ("auditor", applied(), 403, "role"),
        ("owner", applied(), 403, "role"),
        ("manager", applied(client="nobody"), 409, "client_unknown"),
        ("manager", applied(standards=[]), 422, "shape"),
        ("manager", applied(key="a b"), 422, "shape"),
    ],
)
async def test_what_begins_no_certificate(desk: Desk, who: str, body: Any, status: int, code: str) -> None:
    answer = await desk.ask(who, "POST", "/v1/certificates", body)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    key = body["key"]
    assert (await desk.ask("manager", "GET", f"/v1/certificates/{key}")).status_code == 404


async def test_who_sees_a_certificate(desk: Desk) -> None:
    await apply(desk)
    key = await desk.key("scanner")
    for who, status in (("owner", 200), ("auditor", 200), ("stranger", 404), (key, 404)):
        for path in ("/v1/certificates/C-1", "/v1/certificates/C-1/events"):
            assert (await desk.ask(who, "GET", path)).status_code == status
    assert [item["key"] for item in (await desk.get("owner", "/v1/certificates"))["items"]] == ["C-1"]
    for nobody in ("stranger", key):
        assert (await desk.get(nobody, "/v1/certificates"))["items"] == []
    other = Desk(f"{desk.tenant}x", desk.office, desk.http)
    assert (await other.ask("manager", "GET", "/v1/certificates/C-1")).status_code == 404


async def test_lists_are_filtered_and_paged(desk: Desk) -> None:
    await apply(desk, "C-1")
    await apply(desk, "C-2", client="globex", standards=["ISO 9001:2015", "ISO 14001"])
    await transfer(desk, "T-1", expires_on=day(30))
    await transfer(desk, "T-2", expires_on=day(300))

    async def keys(**filters: Any) -> list[str]:
        return [item["key"] for item in (await desk.get("manager", "/v1/certificates", **filters))["items"]]

    assert await keys() == ["C-1", "C-2", "T-1", "T-2"]
    assert await keys(client="globex") == await keys(standard="ISO 9001") == ["C-2"]
    assert await keys(standard="ISO 27001:2022", status="active") == ["T-1", "T-2"]
    assert await keys(status="applied,active", client="acme,globex") == ["C-1", "C-2", "T-1", "T-2"]
    assert await keys(expires_before=f"{day(60)}T00:00:00Z") == ["T-1"]
    page = await desk.get("manager", "/v1/certificates", limit=3)
    assert len(page["items"]) == 3
    assert await keys(cursor=page["next"]) == ["T-2"]


async def test_who_took_part_in_the_audit_does_not_decide(desk: Desk) -> None:
    team = [{"person": "Auditor", "role": "lead"}, {"person": "member1", "role": "observer"}]
    plan = {"key": "A-1", "client": "acme", "stage": "stage2", "standards": ["ISO 27001"], "team": team}
    dates = {"starts_on": day(), "ends_on": day(), "stage1_waived": "Both stages as one"}
    planned = await desk.ask("manager", "POST", "/v1/audits", {**plan, **dates})
    assert planned.status_code == 201, planned.text
    assert (await desk.ask("auditor", "POST", "/v1/audits/A-1/start", {})).status_code == 200
    await apply(desk)
    path = "/v1/certificates/C-1"
    seen = await desk.get("member1", path)
    [said] = [one for one in seen["allowed"] if one["command"] == "grant"]
    assert "took part in the audit A-1" in said["why_not"]
    assert seen["signable"] == {}
    signature = {"content_sha256": "0" * 64, "meaning": "So"}
    body = {"issued_on": day(), "expires_on": day(1000), "reason": "So", "signature": signature}
    refused = await desk.ask("member1", "POST", f"{path}/grant", body)
    assert (refused.status_code, refused.json()["code"]) == (403, "had_part_in_audit")
    seen = await desk.get("member2", path)
    [said] = [one for one in seen["allowed"] if one["command"] == "grant"]
    assert "The audit A-1 is under way" in said["why_not"]
    ended = await desk.ask("auditor", "POST", "/v1/audits/A-1/end", {"on": day()})
    assert ended.status_code == 200, ended.text
    await desk.signs("auditor", "/v1/audits/A-1", "conclude", recommendation="recommended", reasons="All is well")
    assert (await grant(desk, who="member2", audit="A-1"))["status"] == "active"


async def test_a_review_suspends_it_and_the_close_out_of_both_cases_restores_it(desk: Desk) -> None:
    for name in MEMBERS:
        await desk.get(name, "/v1/me")
    await transfer(desk, "T-1")
    cases = [(await desk.reports("auditor", f"F-{n}", grade="major"))["id"] for n in (1, 2)]
    for case in cases:
        await suspended(desk, case)
    path = "/v1/certificates/T-1"
    seen = await desk.once("manager", path, lambda seen: seen["suspension"] and len(seen["suspension"]["causes"]) == 2)
    assert seen["status"] == "suspended"
    assert {cause["case"] for cause in seen["suspension"]["causes"]} == set(cases)
    await desk.closed(cases[0])
    seen = await desk.once("manager", path, lambda seen: len(seen["suspension"]["causes"]) == 1)
    assert seen["status"] == "suspended"
    await desk.closed(cases[1])
    assert (await becomes(desk, "T-1", "active"))["suspension"] is None


async def test_a_finding_of_the_body_before_keeps_its_history_and_is_taken_over(desk: Desk) -> None:
    due = (datetime.now(UTC) + timedelta(days=40)).isoformat()
    history = {"grade": "minor", "issued_on": day(-50), "deadlines": [{"kind": "closure", "due_at": due}]}
    told = await desk.reports("auditor", "OC-17", grade="minor", certificates=["T-1"], history=history)
    assert told["status"] == "open"
    strange = await desk.ask("manager", "POST", "/v1/certificates/transfer-in", transferred(cases=["OC-17"]))
    assert problem(strange, 409, "case_unknown")["errors"][0]["pointer"] == "/cases/0"
    await transfer(desk, "T-1", cases=[told["number"]])
    assert (await desk.get("owner", "/v1/certificates/T-1"))["cases"] == [told["id"]]
