"""People who left: noted by a manager, let in and written to no more, what waits on them told, and taken back."""

from datetime import UTC, datetime
from typing import Any

import pytest

from activities.directory import people
from services.auth import TRUST, Authenticator, Departed
from tests.api.conftest import PEOPLE, Desk
from tests.api.test_audits import plan
from tests.api.test_identity import issuer
from workflows.people import Person, Role

REASON = {"reason": "She works elsewhere since May."}


async def known(desk: Desk, who: str) -> str:
    """The id of somebody who was here."""
    told: str = (await desk.get(who, "/v1/me"))["id"]
    return told


async def retired(desk: Desk, who: str) -> dict[str, Any]:
    answer = await desk.ask("manager", "POST", f"/v1/people/{await known(desk, who)}/retire", REASON)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def waits(desk: Desk, id: str) -> list[tuple[str, str, str]]:
    told = await desk.get("manager", f"/v1/people/{id}")
    return [(one["kind"], one["id"], one["held_as"]) for one in told["waiting"]]


async def test_people_are_listed_and_whoever_left_by_themselves(desk: Desk) -> None:
    for who in PEOPLE:
        await known(desk, who)
    await retired(desk, "reviewer")
    everybody = (await desk.get("manager", "/v1/people"))["items"]
    assert [one["name"] for one in everybody] == sorted(who.title() for who in PEOPLE)
    gone = (await desk.get("manager", "/v1/people", left="true"))["items"]
    assert [(one["name"], one["left_at"] is not None) for one in gone] == [("Reviewer", True)]
    here = (await desk.get("manager", "/v1/people", left="false", role="reviewer"))["items"]
    assert [one["name"] for one in here] == ["Closer"]
    first = await desk.get("manager", "/v1/people", limit=1)
    second = await desk.get("manager", "/v1/people", limit=1, cursor=first["next"])
    assert [page["items"][0]["name"] for page in (first, second)] == ["Approver", "Auditor"]


async def test_who_left_is_let_in_no_more_until_it_is_taken_back(desk: Desk) -> None:
    database, key, now = desk.office.ledger.database, issuer(desk.office), datetime.now(UTC)
    header = f"Bearer {desk.token('reviewer')}"
    knows = Authenticator(database, key)
    await knows.caller(header, now)
    told = await retired(desk, "reviewer")
    for authenticator, at in ((Authenticator(database, key), now), (knows, now + TRUST)):
        with pytest.raises(Departed, match=f"Reviewer is noted here as having left on {told['left_at'][:10]}") as left:
            await authenticator.caller(header, at)
        assert left.value.code == "departed"
    [seen] = [one for one in (await desk.get("manager", "/v1/people"))["items"] if one["id"] == told["id"]]
    assert seen["seen_at"] == told["seen_at"]
    answer = await desk.ask("manager", "POST", f"/v1/people/{told['id']}/reinstate")
    assert answer.json()["left_at"] is None
    assert (await knows.caller(header, now + TRUST)).actor.id == told["id"]


async def test_each_departure_is_kept_with_who_noted_it_and_who_took_it_back(desk: Desk) -> None:
    manager, auditor = await known(desk, "manager"), await known(desk, "auditor")
    for _ in range(2):
        await retired(desk, "auditor")
        again = await desk.ask("manager", "POST", f"/v1/people/{auditor}/retire", {"reason": "Another."})
        assert again.json()["departures"][0]["reason"] == REASON["reason"]
        assert (await desk.ask("manager", "POST", f"/v1/people/{auditor}/reinstate")).status_code == 200
        assert (await desk.ask("manager", "POST", f"/v1/people/{auditor}/reinstate")).status_code == 200
    latest, first = (await desk.get("manager", f"/v1/people/{auditor}"))["departures"]
    assert {latest["left_by"], latest["returned_by"], first["left_by"], first["returned_by"]} == {manager}
    assert first["left_at"] < first["returned_at"] < latest["left_at"] < latest["returned_at"]


async def test_grants_and_calendars_end_for_good(desk: Desk) -> None:
    await desk.grants("observer", client="acme")
    url = (await desk.ask("observer", "POST", "/v1/me/calendar")).json()["url"]
    path = url.removeprefix(desk.office.settings.url)
    assert (await desk.http.get(path)).status_code == 200
    told = await retired(desk, "observer")
    [grant] = (await desk.get("manager", "/v1/grants"))["items"]
    assert (grant["state"], grant["revoked_by"]) == ("revoked", await known(desk, "manager"))
    wanted = {"person": told["id"], "client": "acme", "until": "2100-01-01T00:00:00Z", "reason": "An assessment."}
    assert (await desk.ask("manager", "POST", "/v1/grants", wanted)).status_code == 422
    assert (await desk.http.get(path)).status_code == 404
    await desk.ask("manager", "POST", f"/v1/people/{told['id']}/reinstate")
    assert (await desk.http.get(path)).status_code == 404
    assert (await desk.ask("manager", "POST", "/v1/grants", wanted)).status_code == 201


async def test_what_waits_on_who_left_is_told(desk: Desk) -> None:
    owner, auditor, member = [await known(desk, who) for who in ("owner", "auditor", "member1")]
    case = (await desk.reports("auditor"))["id"]
    await desk.submitted(case)
    await desk.does("manager", case, "assign", role="auditor", person=auditor)
    assert await waits(desk, owner) == []
    review = await desk.review(case)
    members = [member, *[await known(desk, who) for who in ("member2", "member3")]]
    convened = await desk.post("manager", f"{review}/convene", {"members": members})
    assert convened.status_code == 200, convened.text
    for who in ("owner", "auditor", "member1"):
        await retired(desk, who)
    assert await waits(desk, owner) == [("nonconformity", case, "owner of a1")]
    assert await waits(desk, auditor) == [("nonconformity", case, "auditor")]
    assert await waits(desk, member) == [("committee_review", review.rpartition("/")[2], "member")]
    await desk.does("manager", case, "assign", role="auditor", person=await known(desk, "reviewer"))
    assert await waits(desk, auditor) == []


async def test_a_name_that_somebody_bears_who_is_here_is_theirs(desk: Desk) -> None:
    owner, case = await known(desk, "owner"), (await desk.reports("auditor"))["id"]
    await desk.submitted(case)
    await retired(desk, "owner")
    for client, still in (("globex", True), ("acme", False)):
        namesake = Person(id=f"p-{client}", name="Owner", roles=frozenset({Role.CLIENT_OWNER}), client=client)
        await people.remember(desk.office.ledger.database, desk.tenant, namesake, datetime.now(UTC))
        assert bool(await waits(desk, owner)) is still


async def test_audits_to_come_wait_on_their_team(desk: Desk) -> None:
    auditor = await known(desk, "auditor")
    await plan(desk, team=[{"person": auditor, "role": "lead"}])
    await retired(desk, "auditor")
    assert await waits(desk, auditor) == [("audit", "A-1", "lead")]


async def test_it_is_for_managers_and_for_their_own_people(desk: Desk) -> None:
    one = await known(desk, "reviewer")
    for who in ("auditor", "reviewer", "owner", "approver", "observer"):
        for method, path in (
            ("GET", "/v1/people"),
            ("GET", f"/v1/people/{one}"),
            ("POST", f"/v1/people/{one}/reinstate"),
        ):
            assert (await desk.ask(who, method, path)).status_code == 403
        assert (await desk.ask(who, "POST", f"/v1/people/{one}/retire", REASON)).status_code == 403
    assert (await desk.ask("manager", "POST", "/v1/people/nobody/retire", REASON)).status_code == 404
    assert (await desk.ask("manager", "POST", f"/v1/people/{one}/retire", {})).status_code == 422
    own = await desk.ask("manager", "POST", f"/v1/people/{await known(desk, 'manager')}/retire", REASON)
    assert (own.status_code, own.json()["code"]) == (409, "own_departure")
    abroad = Desk("another-body", desk.office, desk.http)
    assert (await abroad.ask("manager", "POST", f"/v1/people/{one}/retire", REASON)).status_code == 404


async def test_who_left_is_not_asked_to_sit(desk: Desk) -> None:
    case = (await desk.reports("auditor"))["id"]
    review, member = await desk.review(case), await known(desk, "member1")
    for who in ("member2", "member3"):
        await known(desk, who)
    await retired(desk, "member1")
    answer = await desk.post("manager", f"{review}/convene", {"members": [member]})
    assert answer.status_code in (409, 422), answer.text
    assert (await desk.get("manager", review))["members"] == []
