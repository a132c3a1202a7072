"""The calendar of somebody's dates, by bearer and by its secret address."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import httpx
from icalendar import Calendar

from tests.api.conftest import Desk, desk, http, office
from tests.api.test_certificates import MEMBERS

__all__ = ["desk", "http", "office"]


def events(answer: httpx.Response) -> dict[str, Any]:
    """By uid."""
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    read = Calendar.from_ical(answer.content)
    return {str(event["uid"]): event for event in read.walk("VEVENT")}


async def mine(desk: Desk, who: str) -> dict[str, Any]:
    return events(await desk.ask(who, "GET", "/v1/me/deadlines.ics"))


async def reported(desk: Desk, external_id: str = "F-1", **finding: Any) -> tuple[str, Any]:
    told = await desk.reports("auditor", external_id, **finding)
    return told["id"], await desk.get("owner", f"/v1/nonconformities/{told['id']}")


async def test_each_date_is_an_event_of_its_day_in_the_client_s_zone(desk: Desk) -> None:
    answer = await desk.ask("manager", "PATCH", "/v1/clients/acme", {"zone": "Asia/Tokyo"})
    assert answer.status_code == 200, answer.text
    case, seen = await reported(desk, grade="major")
    found = await mine(desk, "owner")
    assert len(found) == len(seen["deadlines"]) > 0
    for deadline in seen["deadlines"]:
        [event] = [event for uid, event in found.items() if uid.startswith(f"{case}.{deadline['kind']}@")]
        due = datetime.fromisoformat(deadline["due_at"])
        assert event["dtstart"].dt in (due, due.astimezone(ZoneInfo("Asia/Tokyo")).date())
        assert event["summary"].endswith(f"{seen['number']} Access rights are not reviewed")
        assert event["url"].endswith(f"/console/cases/{case}")
        assert event["status"] == "CONFIRMED"


async def test_a_date_keeps_its_event_and_cancels_it_when_it_has_ended(desk: Desk) -> None:
    case, _ = await reported(desk)
    before = await mine(desk, "owner")
    await desk.closed(case)
    after = await mine(desk, "owner")
    assert before.keys() <= after.keys()
    assert {str(event["status"]) for event in after.values()} == {"CANCELLED"}
    assert all(after[uid]["sequence"] > before[uid]["sequence"] for uid in before)


async def test_everybody_has_the_dates_that_are_theirs(desk: Desk) -> None:
    case, _ = await reported(desk)
    assert await mine(desk, "stranger") == {}
    assert await mine(desk, "reviewer") == {}
    me = await desk.get("reviewer", "/v1/me")
    await desk.does("manager", case, "assign", role="reviewer", person=me["id"])
    assert {uid.partition(".")[0] for uid in await mine(desk, "reviewer")} == {case}


async def test_a_committee_member_has_the_dates_by_which_reviews_are_decided(desk: Desk) -> None:
    for who in MEMBERS:
        await desk.get(who, "/v1/me")
    case, seen = await reported(desk, grade="major")
    review = await desk.review(case)
    name = review.rpartition("/")[2]
    due = datetime.fromisoformat((await desk.get("member1", review))["due_at"])
    for who in MEMBERS:
        [(uid, event)] = (await mine(desk, who)).items()
        assert uid.startswith(f"{name}.decision@")
        assert event["summary"] == f"Committee to decide by: {seen['number']} Access rights are not reviewed"
        assert event["dtstart"].dt in (due, due.date())
        assert event["url"].endswith(f"/console/reviews/{name}")
        assert (event["status"], event["description"]) == ("CONFIRMED", "The client does not answer.")
    for who in ("manager", "reviewer", "owner"):
        assert not any(uid.startswith(name) for uid in await mine(desk, who))

    me = (await desk.get("member3", "/v1/me"))["id"]
    answer = await desk.post("member3", f"{review}/recuse", {"person": me, "reason": "I know them."})
    assert answer.status_code == 200, answer.text
    assert [event["status"] for event in (await mine(desk, "member3")).values()] == ["CANCELLED"]
    assert [event["status"] for event in (await mine(desk, "member1")).values()] == ["CONFIRMED"]


async def test_a_review_that_is_decided_is_cancelled_in_calendars(desk: Desk) -> None:
    for who in MEMBERS:
        await desk.get(who, "/v1/me")
    case, _ = await reported(desk, grade="major")
    before = await desk.review(case)
    for who in MEMBERS:
        await desk.signs(who, before, "vote", choice="dismiss", reason="It was not so.")
    sequence = next(iter((await mine(desk, "member1")).values()))["sequence"]
    await desk.signs("member1", before, "decide", reason="All agree.")
    [event] = (await mine(desk, "member1")).values()
    assert event["status"] == "CANCELLED"
    assert event["sequence"] > sequence


async def test_a_secret_address_is_read_without_a_token_until_it_is_withdrawn(desk: Desk) -> None:
    case, _ = await reported(desk)
    made = await desk.ask("owner", "POST", "/v1/me/calendar")
    assert made.status_code == 201
    path = httpx.URL(made.json()["url"]).path
    assert {uid.partition(".")[0] for uid in events(await desk.http.get(path))} == {case}
    again = httpx.URL((await desk.ask("owner", "POST", "/v1/me/calendar")).json()["url"]).path
    assert (await desk.http.get(path)).status_code == 404
    assert (await desk.http.get(again)).status_code == 200
    assert (await desk.ask("owner", "DELETE", "/v1/me/calendar")).status_code == 204
    assert (await desk.http.get(again)).status_code == 404
    assert (await desk.get("owner", "/v1/me/mail"))["calendar_at"] is None


async def test_no_other_address_opens_anything(desk: Desk) -> None:
    made = await desk.ask("owner", "POST", "/v1/me/calendar")
    path = httpx.URL(made.json()["url"]).path
    for bad in (
        path.replace(desk.tenant, "tother"),
        path[:-5] + ("E.ics" if path[-5] == "A" else "A.ics"),
        "/calendar/x.ics",
        f"/calendar/{desk.tenant}..ics",
    ):
        assert (await desk.http.get(bad)).status_code == 404, bad


async def test_a_key_has_neither_mail_nor_dates(desk: Desk) -> None:
    key = await desk.key("scanner")
    for method, path in (("GET", "/v1/me/mail"), ("GET", "/v1/me/deadlines.ics"), ("POST", "/v1/me/calendar")):
        answer = await desk.ask(key, method, path)
        assert (answer.status_code, answer.json()["code"]) == (403, "no_person")


async def test_a_hostile_title_stays_one_line_of_the_calendar(desk: Desk) -> None:
    await reported(desk, title="Bad\r\nEND:VEVENT\r\nSUMMARY:forged \u202egnp")
    answer = await desk.ask("owner", "GET", "/v1/me/deadlines.ics")
    found = events(answer)
    assert all("END:VEVENT" in event["summary"] and "\u202e" not in event["summary"] for event in found.values())
    assert answer.content.count(b"\r\nEND:VEVENT") == len(found)


async def test_wishes_are_kept_and_what_is_no_wish_is_refused(desk: Desk) -> None:
    usual = dict.fromkeys(("cases", "dates", "talk"), "immediate")
    assert usual.items() <= (await desk.get("owner", "/v1/me/mail")).items()
    wanted = {"cases": "immediate", "dates": "digest", "talk": "off", "zone": "Europe/Berlin"}
    answer = await desk.ask("owner", "PUT", "/v1/me/mail", wanted)
    assert answer.status_code == 200
    assert wanted.items() <= answer.json().items()
    assert usual.items() <= (await desk.get("approver", "/v1/me/mail")).items()
    for bad in ({}, wanted | {"talk": "sometimes"}, wanted | {"zone": "Mars/Olympus"}, wanted | {"breach": "off"}):
        assert (await desk.ask("owner", "PUT", "/v1/me/mail", bad)).status_code == 422
