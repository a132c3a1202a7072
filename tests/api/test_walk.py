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

    await desk.grants("observer", client="acme")
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
    path = await desk.review(case)
    seen = await desk.get("manager", path)
    assert seen["case_id"] == case
    assert set(seen["members"]) == set(members.values())
    assert (seen["cause"], seen["quorum"], seen["votes"], seen["decision"]) == ("by_hand", 3, [], None)
    assert seen["standing"]["lacking"] == ["0 of 3 votes are cast: who sits has yet to vote."]
    until = (datetime.now(UTC) + timedelta(days=120)).isoformat()
    for name, choice in zip(members, ("suspend", "dismiss", "regrade"), strict=True):
        await desk.signs(name, path, "vote", choice=choice, reason="As I see it.")
    tied = (await desk.get("manager", path))["standing"]
    assert (tied["cast"], tied["tie"], tied["winner"]) == (3, True, None)
    assert tied["tally"] == {"suspend": 1, "dismiss": 1, "regrade": 1}
    assert [says.partition(":")[0] for says in tied["lacking"]] == [
        "The votes are a tie (suspend 1, dismiss 1, regrade 1), and a decision takes more than half of the votes cast"
    ]
    for name in members:
        await desk.signs(name, path, "vote", choice="extend", reason="Give them time.", until=until)
    await desk.signs("member1", path, "decide", reason="All agree.")
    decided = await desk.get("manager", path)
    assert (decided["status"], decided["decision"]["choice"]) == ("decided", "extend")
    assert (decided["standing"]["winner"], decided["standing"]["lacking"]) == ("extend", [])
    page = await desk.get("member1", "/v1/committee-reviews", status="decided", member="me", case_id=case)
    assert [item["id"] for item in page["items"]] == [seen["id"]]
    assert (await desk.ask("owner", "GET", path)).status_code == 404
    assert (await desk.get("owner", "/v1/committee-reviews"))["items"] == []
