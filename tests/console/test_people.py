"""People and roles at the console: who is known, by page, role and client; where it is from; and who may look."""

import re
from datetime import UTC, datetime
from html import unescape

from activities.directory import departures, people, wishes
from activities.directory.mail import Modes
from tests.api.conftest import PEOPLE
from tests.api.test_audits import plan
from tests.console.conftest import Console, settled
from workflows.people import Person, Role

HOSTILE = '<script>alert("x")</script>'
LEFT = '<span class="badge">left on '


async def test_everybody_who_was_here_is_listed_page_by_page(console: Console) -> None:
    for who in PEOPLE:
        await console.desk.get(who, "/v1/me")
    named: list[str] = []
    path: str | None = "/people?limit=5"
    while path is not None:
        told = unescape((await console.get("manager", path)).text)
        named += re.findall(r'<th scope="row"><bdi title="[^"]+">([^<]+)</bdi>', told)
        following = re.search(r'rel="next" href="/console([^"]*)"', told)
        path = f"{following[1]}&limit=5" if following else None
    assert named == sorted(who.title() for who in PEOPLE)


async def test_people_are_filtered_by_role_and_client(console: Console) -> None:
    for who in ("owner", "stranger", "reviewer", "manager"):
        await console.desk.get(who, "/v1/me")
    told = (await console.get("manager", "/people?role=client_owner")).text
    assert re.findall(r'<th scope="row"><bdi title="[^"]+">([^<]+)</bdi>', told) == ["Owner", "Stranger"]
    told = (await console.get("manager", "/people?role=client_owner&client=acme")).text
    assert re.findall(r'<th scope="row"><bdi title="[^"]+">([^<]+)</bdi>', told) == ["Owner"]
    assert "Nobody in this view was here yet." in (await console.get("manager", "/people?client=nobody")).text
    assert "were left out: role." in (await console.get("manager", "/people?role=king")).text


async def test_it_says_whom_mail_reaches(console: Console) -> None:
    office, tenant = console.desk.office, console.desk.tenant
    database = office.ledger.database
    reached = Person(id="p-1", name="Reached", roles=frozenset({Role.REVIEWER}), email="reached@example.org")
    await people.remember(database, tenant, reached, datetime.now(UTC))
    await wishes.keep(database, tenant, "p-1", Modes(talk="off"), None)
    path = "/people?role=reviewer"
    assert "There is no mail server" in (await console.get("manager", path)).text
    with settled(console, smtp_url="smtps://mail.example.org"):
        told = (await console.get("manager", path)).text
        assert "No address is known" in (await console.get("manager", "/people?role=scheme_manager")).text
    assert "Reaches them" in told
    assert "Talk: off" in told
    assert "reached@example.org" not in told


async def test_it_says_which_claims_say_so(console: Console) -> None:
    told = (await console.get("manager", "/people")).text
    assert re.search(r'<th scope="row">Roles</th><td[^>]*><code>roles</code></td><td[^>]*>themselves</td>', told)
    assert "<code>preferred_username</code>" in told


async def test_that_somebody_left_is_noted_marked_and_taken_back(console: Console) -> None:
    desk, office = console.desk, console.desk.office
    case = (await desk.reports("auditor"))["id"]
    await desk.submitted(case)
    auditor = (await desk.get("auditor", "/v1/me"))["id"]
    await desk.does("manager", case, "assign", role="auditor", person=auditor)
    assert f'/console/people/retire?person={auditor}"' in (await console.get("manager", "/people")).text
    assert "Note that Auditor has left" in (await console.get("manager", f"/people/retire?person={auditor}")).text
    answer = await console.post("manager", "/people/retire", {"person": auditor, "reason": " "})
    assert (answer.status_code, "Nothing was changed." in answer.text) == (422, True)
    cookie, text, _ = await console.cookie("auditor")
    answer = await console.post("manager", "/people/retire", {"person": auditor, "reason": HOSTILE})
    assert (answer.status_code, answer.headers["location"]) == (303, "/console/people?left=true")
    told = (await console.get("manager", "/people?left=true")).text
    assert re.findall(r'<th scope="row"><bdi title="[^"]+">([^<]+)</bdi>', told) == ["Auditor"]
    assert LEFT in told and "1 thing waits on people who left." in told
    assert "1 thing waits on people who left." in (await console.get("manager", "/?view=mine")).text
    assert "people who left" not in (await console.get("reviewer", "/?view=mine")).text
    told = (await console.get("manager", "/people/waiting")).text
    assert f'href="/console/cases/{case}"' in told and LEFT in told
    assert LEFT in (await console.get("manager", f"/cases/{case}")).text
    answer = await desk.http.get("/console/", headers={"Cookie": f"{cookie}={text}"})
    assert answer.status_code == 303 and "/console/sign-in" in answer.headers["location"]
    [departure] = await departures.listed(office.ledger.database, desk.tenant, auditor)
    assert departure.reason == HOSTILE
    answer = await console.post("manager", "/people/reinstate", {"person": auditor})
    assert (answer.status_code, answer.headers["location"]) == (303, "/console/people?done=back")
    told = (await console.get("manager", "/people")).text
    assert LEFT not in told and "people who left." not in told
    assert LEFT not in (await console.get("manager", f"/cases/{case}")).text
    assert "Nothing waits on anybody who left." in (await console.get("manager", "/people/waiting")).text


async def test_who_owns_an_action_sits_or_audits_is_marked_where_they_are_named(console: Console) -> None:
    desk = console.desk
    auditor, member = [(await desk.get(who, "/v1/me"))["id"] for who in ("auditor", "member1")]
    await plan(desk, team=[{"person": auditor, "role": "lead"}])
    case = (await desk.reports("auditor"))["id"]
    await desk.submitted(case)
    review = await desk.review(case)
    members = [member, *[(await desk.get(who, "/v1/me"))["id"] for who in ("member2", "member3")]]
    assert (await desk.post("manager", f"{review}/convene", {"members": members})).status_code == 200
    pages = {
        "auditor": "/audits/A-1",
        "member1": f"/reviews/{review.rpartition('/')[2]}",
        "owner": f"/cases/{case}",
    }
    for who, page in pages.items():
        assert LEFT not in (await console.get("manager", page)).text
        gone = (await desk.get(who, "/v1/me"))["id"]
        assert (await console.post("manager", "/people/retire", {"person": gone, "reason": "So."})).status_code == 303
        assert LEFT in (await console.get("manager", page)).text, who
    assert "3 things wait on people who left." in (await console.get("manager", "/people")).text
    assert LEFT in (await console.get("approver", f"/cases/{case}")).text


async def test_it_is_for_managers_to_see(console: Console) -> None:
    for who in ("auditor", "reviewer", "owner", "approver", "observer"):
        for path in ("/people", "/people/waiting", "/people/retire?person=p-2"):
            assert (await console.get(who, path)).status_code == 403, who
        for path in ("/people/retire", "/people/reinstate"):
            assert (await console.post(who, path, {"person": "p-2", "reason": "So."})).status_code == 403, who
        assert "/console/people" not in (await console.get(who, "/clients")).text
    assert 'href="/console/people"' in (await console.get("manager", "/clients")).text
    foreign = Person(id="p-2", name="Of another body", roles=frozenset({Role.REVIEWER}))
    await people.remember(console.desk.office.ledger.database, "another-body", foreign, datetime.now(UTC))
    assert "Of another body" not in (await console.get("manager", "/people")).text
