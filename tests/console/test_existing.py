"""What exists already is offered where a form may name it: of the client that it is about, and of no other."""

import re
from html import unescape

import pytest

from services.console.things import clients
from tests.api import test_audits as audits
from tests.console.conftest import Console
from tests.console.forms import carried


async def shown(console: Console, who: str, path: str) -> str:
    """A form as somebody sees it."""
    return unescape((await console.get(who, path)).text)


async def test_a_case_offers_other_open_minors_of_its_client(console: Console) -> None:
    case, other, major = [
        (await console.desk.reports("auditor", reference, grade=grade, title=title))["id"]
        for reference, grade, title in (("1", "minor", "One"), ("2", "minor", "Two"), ("3", "major", "Three"))
    ]
    foreign = (await console.desk.reports("auditor", "4", client="globex", grade="minor", title="Four"))["id"]
    number = (await console.desk.get("auditor", f"/v1/nonconformities/{other}"))["number"]
    path = f"/cases/{case}/aggregate"
    form = await shown(console, "auditor", path)
    assert f'name="others" value="{other}"> <bdi>{number}: Two</bdi>' in form
    assert all(f'name="others" value="{one}"' not in form for one in (case, major, foreign))
    said = {"others": other, "title": "Access", "statement": "Access rights are not managed.", "reason": "One cause."}
    answer = await console.post("auditor", path, carried(await console.get("auditor", path)) | said)
    assert answer.status_code == 303, answer.text


async def test_a_case_offers_the_people_and_audits_of_its_client(console: Console) -> None:
    await audits.plan(console.desk)
    case = (await console.desk.reports("auditor"))["id"]
    await audits.accepted(console.desk, case)
    form = await shown(console, "reviewer", f"/cases/{case}/defer-verification")
    assert '<option value="A-1">Stage 2, Planned</option>' in form
    form = await shown(console, "owner", f"/cases/{case}/revise-action?key=a1")
    assert '<option value="Owner"></option>' in form
    assert '<option value="Auditor"></option>' not in form


async def test_a_cause_is_offered_the_six_categories_of_a_fishbone(console: Console) -> None:
    case = (await console.desk.reports("auditor"))["id"]
    form = await shown(console, "owner", f"/cases/{case}/record-cause")
    offered = re.findall(r'<option value="(\w+)"></option>', form.partition('id="f-causes-0-category-known"')[2])
    assert offered[:6] == ["people", "method", "machine", "material", "measurement", "environment"]


async def test_a_client_offers_its_people_by_name(console: Console) -> None:
    owner = (await console.desk.get("owner", "/v1/me"))["id"]
    form = await shown(console, "manager", "/clients/acme/revise")
    assert f'name="people" value="{owner}"> <bdi>Owner</bdi>' in form
    assert "Auditor</bdi>" not in form


async def test_a_requirement_is_offered_where_its_line_can_be_read_again(console: Console) -> None:
    named = [{"standard": "2 CFR 200", "clause": "A"}, {"standard": "ISO 9001", "edition": "2015", "clause": "7.5"}]
    await console.desk.reports("auditor", "1", requirements=named)
    case = (await console.desk.reports("auditor", "2", grade=None))["id"]
    form = await shown(console, "auditor", f"/cases/{case}/complete")
    assert 'name="requirements" value="ISO 9001 7.5"' in form
    assert "2 CFR 200" not in form


async def test_a_client_offers_zones_and_the_clients_into_which_it_can_be_merged(
    console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert '<option value="Europe/Vienna"></option>' in await shown(console, "manager", "/clients/acme/revise")
    form = await shown(console, "manager", "/clients/acme/merge")
    assert '<option value="globex">Globex Inc</option>' in form
    assert '<option value="acme">' not in form
    monkeypatch.setattr(clients, "OFFERED", 1)
    form = await shown(console, "manager", "/clients/acme/merge")
    assert re.search(r'<input [^>]*name="into" type="text"', form)
    assert "By its key" in form
