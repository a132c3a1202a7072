import asyncio
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from tests.api.conftest import Desk


async def test_a_minor_from_report_to_close_out(desk: Desk) -> None:
    key = await desk.key("scanner", may_state_grades=True)
    reported = await desk.reports(key)
    assert (reported["status"], reported["result"]) == ("open", "created")
    case = reported["id"]
    path = f"/v1/nonconformities/{case}"
    seen = await desk.get("owner", path)
    assert seen["number"] == reported["number"]
    assert {d["kind"]: d["state"] for d in seen["deadlines"]} == dict.fromkeys(
        ("plan", "evidence", "closure"), "running"
    )
    assert all(deadline["explanation"] for deadline in seen["deadlines"])
    assert "record_cause" in {one["command"] for one in seen["allowed"] if "why_not" not in one}
    assert not seen["signable"]
    before = datetime.now(UTC)

    await desk.closed(case)

    closed = await desk.get("observer", path)
    assert closed["status"] == "closed"
    assert closed["plan"]["version"] == 1
    assert closed["causes"][0]["key"] == "c1"
    assert closed["evidence"][0]["name"] == "list.pdf"
    assert closed["allowed"] == []
    then = await desk.get("observer", path, as_of=before.isoformat())
    assert (then["status"], then["number"], then["causes"]) == ("open", reported["number"], [])
    assert then["seq"] < closed["seq"]
    missing = await desk.ask("observer", "GET", path, params={"as_of": (before - timedelta(days=1)).isoformat()})
    assert missing.status_code == 404

    events = await desk.get("observer", f"{path}/events")
    assert [event["seq"] for event in events] == list(range(1, closed["seq"] + 1))
    assert events[-1]["hash"] == closed["head"]
    assert all(later["prev"] == earlier["hash"] for earlier, later in pairwise(events))

    again = await desk.reports(key)
    assert again["result"] == "recurred"
    assert again["id"] != case
    assert (await desk.get("auditor", f"/v1/nonconformities/{again['id']}"))["recurrence_of"] == case


async def test_a_committee_review_from_escalation_to_decision(desk: Desk) -> None:
    members = {name: (await desk.get(name, "/v1/me"))["id"] for name in ("member1", "member2", "member3")}
    case = (await desk.reports("auditor", grade="major"))["id"]
    await desk.does("reviewer", case, "escalate", reason="The client does not answer.")
    [review] = (await desk.get("reviewer", f"/v1/nonconformities/{case}"))["review_ids"]
    path = f"/v1/committee-reviews/{review}"
    async with asyncio.timeout(10):
        while (await desk.ask("manager", "GET", path)).status_code == 404:
            await asyncio.sleep(0.05)
    seen = await desk.get("manager", path)
    assert seen["case_id"] == case
    assert set(seen["members"]) == set(members.values())
    assert (seen["cause"], seen["quorum"], seen["votes"], seen["decision"]) == ("by_hand", 3, [], None)
    until = (datetime.now(UTC) + timedelta(days=120)).isoformat()
    for name in members:
        await desk.signs(name, path, "vote", choice="extend", reason="Give them time.", until=until)
    await desk.signs("member1", path, "decide", reason="All agree.")
    decided = await desk.get("manager", path)
    assert (decided["status"], decided["decision"]["choice"]) == ("decided", "extend")
    page = await desk.get("member1", "/v1/committee-reviews", status="decided", member="me", case_id=case)
    assert [item["id"] for item in page["items"]] == [review]
    assert (await desk.ask("owner", "GET", path)).status_code == 404
    assert (await desk.get("owner", "/v1/committee-reviews"))["items"] == []
