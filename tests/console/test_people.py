"""People and roles at the console: who is known, by page, role and client; where it is from; and who may look."""

import re
from datetime import UTC, datetime
from html import unescape

from activities.directory import people, wishes
from activities.directory.mail import Modes
from tests.api.conftest import PEOPLE
from tests.console.conftest import Console, settled
from workflows.people import Person, Role


async def test_everybody_who_was_here_is_listed_page_by_page(console: Console) -> None:
    for who in PEOPLE:
        await console.desk.get(who, "/v1/me")
    named: list[str] = []
    path: str | None = "/people?limit=5"
    while path is not None:
        told = unescape((await console.get("manager", path)).text)
        named += re.findall(r'<th scope="row"><bdi>([^<]+)</bdi><br>', told)
        following = re.search(r'rel="next" href="/console([^"]*)"', told)
        path = f"{following[1]}&limit=5" if following else None
    assert named == sorted(who.title() for who in PEOPLE)


async def test_people_are_filtered_by_role_and_client(console: Console) -> None:
    for who in ("owner", "stranger", "reviewer", "manager"):
        await console.desk.get(who, "/v1/me")
    told = (await console.get("manager", "/people?role=client_owner")).text
    assert re.findall(r'<th scope="row"><bdi>([^<]+)</bdi><br>', told) == ["Owner", "Stranger"]
    told = (await console.get("manager", "/people?role=client_owner&client=acme")).text
    assert re.findall(r'<th scope="row"><bdi>([^<]+)</bdi><br>', told) == ["Owner"]
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
    assert '<th scope="row">Roles</th><td><code>roles</code></td><td>themselves</td>' in told
    assert "<code>preferred_username</code>" in told


async def test_it_is_for_managers_to_see(console: Console) -> None:
    for who in ("auditor", "reviewer", "owner", "approver", "observer"):
        answer = await console.get(who, "/people")
        assert answer.status_code == 403, who
        assert "/console/people" not in (await console.get(who, "/clients")).text
    assert 'href="/console/people"' in (await console.get("manager", "/clients")).text
    foreign = Person(id="p-2", name="Of another body", roles=frozenset({Role.REVIEWER}))
    await people.remember(console.desk.office.ledger.database, "another-body", foreign, datetime.now(UTC))
    assert "Of another body" not in (await console.get("manager", "/people")).text
