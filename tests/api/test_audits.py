"""Audits over HTTP on the real servers: planned, held, concluded; who sees them, how they stand, what comes due."""

from typing import Any

import pytest

from tests.api.conftest import FINDING, Desk, day

TEAM = [{"person": "Auditor", "role": "lead"}, {"person": "Dr. Expert", "role": "expert"}]


def planned(key: str = "A-1", stage: str = "stage2", **changes: Any) -> dict[str, Any]:
    body = {"key": key, "client": "acme", "stage": stage, "standards": ["iso 27001:2022"], "team": TEAM}
    return {**body, "starts_on": day(), "ends_on": day(1), **changes}


async def plan(desk: Desk, key: str = "A-1", stage: str = "stage2", **changes: Any) -> Any:
    answer = await desk.ask("manager", "POST", "/v1/audits", planned(key, stage, **changes))
    assert answer.status_code == 201, answer.text
    return answer.json()


async def does(desk: Desk, who: str, audit: str, command: str, **body: Any) -> Any:
    answer = await desk.ask(who, "POST", f"/v1/audits/{audit}/{command}", body)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def finds(desk: Desk, grade: str, external_id: str = "F-1", key: str = "A-1", stage: str = "stage2") -> str:
    told = await desk.reports("auditor", external_id, grade=grade, audit={"ref": key, "stage": stage})
    case: str = told["id"]
    return case


async def accepted(desk: Desk, case: str) -> None:
    await desk.submitted(case)
    await desk.signs("reviewer", f"/v1/nonconformities/{case}", "accept-plan")


async def test_an_audit_from_its_planning_to_its_conclusion(desk: Desk) -> None:
    path = "/v1/audits/A-1"
    assert await plan(desk) | {"events": []} == planned() | {
        "standards": ["ISO/IEC 27001:2022"],
        "sites": [],
        "scope": None,
        "certificates": [],
        "stage1_waived": None,
        "seq": 1,
        "status": "planned",
        "events": [],
        "head": (await desk.get("manager", path))["head"],
    }
    revised = await desk.ask("auditor", "PATCH", path, {"sites": ["Vienna"]}, {"If-Match": '"1"'})
    assert (revised.status_code, revised.json()["sites"], revised.headers["ETag"]) == (200, ["Vienna"], '"2"')
    begun = await desk.get("auditor", path)
    assert [reason["text"] for reason in begun["standing"]["reasons"]] == ["The audit has not begun."]
    await does(desk, "auditor", "A-1", "start")
    await does(desk, "auditor", "A-1", "note-positive", text="Leavers are known at once", site="Vienna")
    minor, major = await finds(desk, "minor"), await finds(desk, "major", "F-2")
    seen = await desk.get("auditor", path)
    assert (seen["status"], seen["standing"]["recommendation"]) == ("under_way", "not_recommended")
    assert [reason["case"] for reason in seen["standing"]["reasons"]] == [major, minor]
    assert {case["id"]: case["grade"] for case in seen["cases"]} == {minor: "minor", major: "major"}
    ended = await does(desk, "auditor", "A-1", "end", on=day(), summary="Two nonconformities")
    assert ended["status"] == "ended"

    seen = await desk.get("auditor", path)
    [window] = seen["deadlines"]
    assert (window["kind"], window["state"]) == ("conclude", "running")
    assert window["explanation"][0].startswith("P6M from the last day of the audit")
    signature = {"content_sha256": seen["signable"]["conclude"]["sha256"], "meaning": "x"}
    better = {"recommendation": "recommended", "reasons": "So", "signature": signature}
    refused = await desk.ask("auditor", "POST", f"{path}/conclude", better)
    assert (refused.status_code, refused.json()["code"]) == (409, "better_than_standing")
    assert "The major NC-" in refused.json()["detail"]

    await desk.closed(major)
    assert (await desk.get("auditor", path))["standing"]["recommendation"] == "recommended_on_plan"
    await accepted(desk, minor)
    assert (await desk.get("auditor", path))["standing"] == {
        "recommendation": "recommended",
        "about": "certification",
        "reasons": [],
    }
    done = await desk.signs("auditor", path, "conclude", recommendation="recommended", reasons="All is well")
    assert done["status"] == "concluded"
    seen = await desk.get("auditor", path)
    assert (seen["conclusion"]["recommendation"], seen["deadlines"][0]["state"]) == ("recommended", "met")
    assert [p["text"] for p in seen["positive_findings"]] == ["Leavers are known at once"]
    events = await desk.get("auditor", f"{path}/events")
    assert [event["type"].removeprefix("audit.") for event in events] == [
        "planned",
        "revised",
        "started",
        "positive_noted",
        "ended",
        "concluded",
    ]
    assert [event["prev"] for event in events[1:]] == [event["hash"] for event in events[:-1]]


async def test_concerns_of_stage_1_are_repaired_by_the_client(desk: Desk) -> None:
    await plan(desk, "S-1", "stage1")
    await does(desk, "auditor", "S-1", "start")
    await does(desk, "auditor", "S-1", "raise-concern", key="k1", text="No internal audit yet")
    await does(desk, "auditor", "S-1", "end", on=day())
    seen = await desk.get("owner", "/v1/audits/S-1")
    assert (seen["standing"]["recommendation"], seen["deadlines"][0]["kind"]) == ("recommended_on_plan", "repair")
    assert {"command": "repair_concern"} in seen["allowed"]
    await does(desk, "owner", "S-1", "repair-concern", key="k1", text="Held in May")
    await does(desk, "auditor", "S-1", "return-concern", key="k1", reason="Where is the report?")
    await does(desk, "owner", "S-1", "repair-concern", key="k1", text="Attached")
    assert (await desk.get("owner", "/v1/audits/S-1"))["deadlines"][0]["state"] == "stopped"
    await does(desk, "auditor", "S-1", "clear-concern", key="k1")
    seen = await desk.get("owner", "/v1/audits/S-1")
    assert (seen["deadlines"][0]["state"], seen["concerns"][0]["state"]) == ("met", "cleared")
    assert seen["standing"] == {"recommendation": "recommended", "about": "going on to stage 2", "reasons": []}


async def test_a_deferred_minor_comes_due_at_the_next_audit(desk: Desk) -> None:
    case, other = await finds(desk, "minor"), await finds(desk, "minor", "F-2")
    for one in (case, other):
        await accepted(desk, one)
        await desk.does("reviewer", one, "defer-verification", reason="At the next visit")
    await plan(desk, "SV-1", "surveillance")
    await does(desk, "auditor", "SV-1", "start")
    called = (await desk.get("auditor", "/v1/audits/SV-1"))["called_up"]
    assert sorted(called) == sorted([case, other])
    await until(desk, case, "nonconformity.called_up")
    await desk.signs("auditor", f"/v1/nonconformities/{case}", "verify", statement="Seen on site.")
    await does(desk, "auditor", "SV-1", "end", on=day())
    await until(desk, other, "nonconformity.regraded")
    assert (await desk.get("auditor", f"/v1/nonconformities/{other}"))["grade"] == "major"
    left = await desk.get("auditor", f"/v1/nonconformities/{case}")
    assert (left["grade"], left["status"]) == ("minor", "verified")


async def until(desk: Desk, case: str, type: str) -> None:
    """Returns when a reaction has been carried out."""
    path = f"/v1/nonconformities/{case}/events"
    await desk.once("auditor", path, lambda events: type in {event["type"] for event in events})


async def test_a_major_of_an_earlier_audit_stands_against_the_next(desk: Desk) -> None:
    major = await finds(desk, "major", key="A-0")
    await finds(desk, "major", "F-2", key="I-0", stage="internal")
    own = await finds(desk, "minor", "F-3", key="R-1", stage="recertification")
    for key, stage in (("R-1", "recertification"), ("I-1", "internal")):
        await plan(desk, key, stage)
        await does(desk, "auditor", key, "start")
        await does(desk, "auditor", key, "end", on=day())
    path = "/v1/audits/R-1"
    for who in ("auditor", "owner"):
        seen = await desk.get(who, path)
        assert [reason["case"] for reason in seen["standing"]["reasons"]] == [major, own]
        assert "of the audit A-0 is open" in seen["standing"]["reasons"][0]["text"]
        assert [case["id"] for case in seen["cases"]] == [own]
    assert (await desk.get("auditor", "/v1/audits/I-1"))["standing"]["recommendation"] == "recommended"
    signature = {"content_sha256": (await desk.get("auditor", path))["signable"]["conclude"]["sha256"], "meaning": "x"}
    better = {"recommendation": "recommended_on_plan", "reasons": "So", "signature": signature}
    refused = await desk.ask("auditor", "POST", f"{path}/conclude", better)
    assert (refused.status_code, refused.json()["code"]) == (409, "better_than_standing")
    assert "of the audit A-0" in refused.json()["detail"]

    await desk.closed(major)
    assert (await desk.get("auditor", path))["standing"]["recommendation"] == "recommended_on_plan"
    done = await desk.signs("auditor", path, "conclude", recommendation="recommended_on_plan", reasons="One minor")
    assert done["status"] == "concluded"


async def test_an_internal_audit_lists_what_external_ones_left_open(desk: Desk) -> None:
    case = await finds(desk, "minor", stage="surveillance")
    await finds(desk, "minor", "F-2", key="I-0", stage="internal")
    await plan(desk, "I-1", "internal")
    await plan(desk, "SV-2", "surveillance")
    for who in ("auditor", "owner"):
        seen = await desk.get(who, "/v1/audits/I-1")
        assert [left["id"] for left in seen["left_open"]] == [case]
    assert (await desk.get("auditor", "/v1/audits/SV-2"))["left_open"] is None


async def test_a_clients_internal_auditor_holds_internal_audits_of_that_client(desk: Desk) -> None:
    own = planned(stage="internal", team=[{"person": "Internal", "role": "lead"}], ends_on=day())
    for changes, code in (({"stage": "stage2"}, "internal_audits_only"), ({"client": "globex"}, "another_client")):
        answer = await desk.ask("internal", "POST", "/v1/audits", own | changes)
        assert (answer.status_code, answer.json()["code"]) == (403, code)
    answer = await desk.ask("internal", "POST", "/v1/audits", own)
    assert answer.status_code == 201, answer.text
    assert (await desk.ask("strange", "POST", "/v1/audits/A-1/start")).status_code == 404
    revised = await desk.ask("internal", "PATCH", "/v1/audits/A-1", {"sites": ["Vienna"]})
    assert revised.status_code == 200, revised.text
    await does(desk, "internal", "A-1", "start")
    await does(desk, "internal", "A-1", "end", on=day())
    done = await desk.signs("internal", "/v1/audits/A-1", "conclude", recommendation="recommended", reasons="So")
    assert done["status"] == "concluded"
    await plan(desk, "A-2")
    seen = await desk.get("internal", "/v1/audits/A-2")
    assert {one["command"]: "internal audits" in one["why_not"] for one in seen["allowed"]}["start"]
    refused = await desk.ask("internal", "POST", "/v1/audits/A-2/start")
    assert (refused.status_code, refused.json()["code"]) == (403, "internal_audits_only")


async def test_an_audit_is_at_sites_of_its_client(desk: Desk) -> None:
    assert (await desk.ask("manager", "PATCH", "/v1/clients/acme", {"sites": ["Vienna"]})).status_code == 200
    answer = await desk.ask("manager", "POST", "/v1/audits", planned(sites=["Vienna", "Atlantis"]))
    assert (answer.status_code, answer.json()["code"]) == (409, "site_unknown")
    assert [fault["pointer"] for fault in answer.json()["errors"]] == ["/sites/1"]
    await plan(desk, sites=["Vienna"])


async def test_a_finding_says_of_its_audit_what_is_registered(desk: Desk) -> None:
    await plan(desk)
    await plan(desk, "G-1", client="globex")
    told = await desk.reports("auditor", grade="minor", audit={"ref": "A-1", "stage": "special"})
    case = await desk.get("auditor", f"/v1/nonconformities/{told['id']}")
    warning = "The finding says that the audit A-1 is special: it is registered as stage2."
    assert case["warnings"] == [warning]
    sources = [{"system": "audit", "external_id": f"B-{number}"} for number in (1, 2)]
    audits = [{"ref": "G-1", "stage": "stage2"}, {"ref": "A-1", "stage": "stage2"}]
    batch = [FINDING | {"source": source, "audit": audit} for source, audit in zip(sources, audits, strict=True)]
    answer = await desk.ask("auditor", "POST", "/v1/findings", batch)
    assert answer.status_code == 207, answer.text
    [refused, created] = answer.json()["items"]
    assert (refused["result"], refused["problem"]["code"]) == ("rejected", "audit_of_another")
    assert [fault["pointer"] for fault in refused["problem"]["errors"]] == ["/audit/ref"]
    assert created["result"] == "created"


async def test_each_sees_the_audits_that_are_theirs(desk: Desk) -> None:
    await plan(desk, "A-1")
    await plan(desk, "G-1", "surveillance", client="globex")
    await does(desk, "auditor", "A-1", "start")
    key = await desk.key("scanner")
    await desk.grants("observer", audit="G-1")
    seen = {
        who: [item["key"] for item in (await desk.get(who, "/v1/audits"))["items"]]
        for who in ("manager", "observer", "owner", "stranger", key)
    }
    assert seen == {
        "manager": ["A-1", "G-1"], "observer": ["G-1"], "owner": ["A-1"], "stranger": ["G-1"], key: [],
    }  # fmt: skip
    for who, path in (("owner", "G-1"), ("stranger", "A-1"), (key, "A-1"), ("observer", "A-1"), ("manager", "none")):
        for part in ("", "/events"):
            assert (await desk.ask(who, "GET", f"/v1/audits/{path}{part}")).status_code == 404


async def test_a_finding_in_triage_is_not_told_to_the_client(desk: Desk) -> None:
    await plan(desk)
    await does(desk, "auditor", "A-1", "start")
    told = await desk.reports("auditor", grade=None, audit={"ref": "A-1", "stage": "stage2"})
    assert told["status"] == "reported"
    seen = await desk.get("auditor", "/v1/audits/A-1")
    assert (seen["standing"]["recommendation"], [case["id"] for case in seen["cases"]]) == (
        "not_recommended",
        [told["id"]],
    )
    assert told["id"] not in (await desk.ask("owner", "GET", "/v1/audits/A-1")).text


async def test_the_list_is_filtered_and_paged(desk: Desk) -> None:
    stages = ["stage1", "stage2", "surveillance", "surveillance", "internal"]
    for number, stage in enumerate(stages):
        await plan(desk, f"A-{number}", stage, client="globex" if number == 3 else "acme")
    await does(desk, "auditor", "A-1", "start")

    async def keys(**filters: Any) -> list[str]:
        return [item["key"] for item in (await desk.get("manager", "/v1/audits", **filters))["items"]]

    assert await keys() == ["A-0", "A-1", "A-2", "A-3", "A-4"]
    assert await keys(client="acme") == ["A-0", "A-1", "A-2", "A-4"]
    assert await keys(client="acme,globex", stage="surveillance") == ["A-2", "A-3"]
    assert await keys(stage="stage1,stage2") == ["A-0", "A-1"]
    assert await keys(status="under_way") == ["A-1"]
    assert await keys(status="under_way", stage="stage1") == []
    first = await desk.get("manager", "/v1/audits", limit=2, status="planned")
    second = await desk.get("manager", "/v1/audits", limit=2, status="planned", cursor=first["next"])
    assert [item["key"] for item in (*first["items"], *second["items"])] == ["A-0", "A-2", "A-3", "A-4"]
    assert second["next"] is None
    [item] = [item for item in first["items"] if item["key"] == "A-0"]
    assert (item["client"], item["team"], item["standards"], item["seq"]) == (
        "acme",
        ["Auditor", "Dr. Expert"],
        ["ISO/IEC 27001"],
        1,
    )
    for filters in ({"stage": "stage9"}, {"status": "open"}, {"limit": 0}):
        assert (await desk.ask("manager", "GET", "/v1/audits", params=filters)).status_code == 422
    assert (await desk.ask("manager", "GET", "/v1/audits", params={"grade": "minor"})).status_code == 400


async def test_planning_is_answered_once(desk: Desk) -> None:
    key = {"Idempotency-Key": "once"}
    first = await desk.ask("manager", "POST", "/v1/audits", planned(), key)
    again = await desk.ask("manager", "POST", "/v1/audits", planned(), key)
    assert (first.status_code, again.status_code, again.json()) == (201, 200, first.json())
    assert first.headers["Location"] == "/v1/audits/A-1"
    other = await desk.ask("manager", "POST", "/v1/audits", planned(stage="special"), key)
    assert (other.status_code, other.json()["code"]) == (422, "key_reused")
    twice = await desk.ask("manager", "POST", "/v1/audits", planned())
    assert (twice.status_code, twice.json()["code"]) == (409, "wrong_state")


@pytest.mark.parametrize(
    ("who", "changes", "status", "code"),
    [
        ("owner", {}, 403, "role"),
        ("reviewer", {}, 403, "role"),
        ("manager", {"client": "nobody"}, 409, "client_unknown"),
        ("manager", {"certificates": ["C-9"]}, 409, "certificate_unknown"),
        ("manager", {"ends_on": "2020-01-01"}, 422, "shape"),
        ("manager", {"key": "no/key"}, 422, "shape"),
        ("manager", {"standards": []}, 422, "shape"),
    ],
)
async def test_what_is_no_plan_is_refused(
    desk: Desk, who: str, changes: dict[str, Any], status: int, code: str
) -> None:
    answer = await desk.ask(who, "POST", "/v1/audits", planned(**changes))
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert (await desk.ask("manager", "GET", "/v1/audits/A-1")).status_code == 404
