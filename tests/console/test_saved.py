"""Filters of the inbox under names: opened with their count, kept in order, begun with; old ones say what is wrong."""

import re
from html import unescape

import pytest

from activities.directory import filters
from activities.ledger.protocol import Unavailable
from activities.reads import nonconformities
from tests.console.conftest import Console


def tabs(page: str) -> dict[str, tuple[str, str | None]]:
    """The filters beside the views: address and count by name."""
    found = re.search(r'<nav class="tabs saved".*?</nav>', page, re.DOTALL)
    link = r'<a href="([^"]+)"[^>]*><bdi>(.*?)</bdi>(?: <span class="count">(.*?)</span>)?'
    links = re.findall(link, found[0] if found else "")
    return {unescape(name): (unescape(address), count or None) for address, name, count in links}


async def ids(console: Console, who: str) -> dict[str, str]:
    """The ids of somebody's filters by name."""
    page = (await console.get(who, "/filters")).text
    found = re.findall(r'id="filter-([^"]+)".*?<bdi>(.*?)</bdi>', page, re.DOTALL)
    return {unescape(name): named for named, name in found}


async def test_a_filter_is_saved_under_a_name_and_opened_with_its_count(console: Console) -> None:
    major = (await console.desk.reports("auditor", "S-1", grade="major"))["id"]
    minor = (await console.desk.reports("auditor", "S-2"))["id"]
    answer = await console.post("owner", "/filters", {"query": "view=all&grade=major", "name": " Majors, <all> "})
    assert answer.status_code == 303
    assert answer.headers["location"] == "/console/?view=all&grade=major"
    page = (await console.get("owner", "/")).text
    assert tabs(page) == {"Majors, <all>": ("/console/?view=all&grade=major", "1")}
    opened = (await console.get("owner", "/?view=all&grade=major")).text
    assert re.search(r'<nav class="tabs saved".*?aria-current="page"', opened, re.DOTALL)
    assert major in opened
    assert minor not in opened
    assert tabs((await console.get("approver", "/")).text) == {}, "a filter is its person's alone"


async def test_what_the_page_offers_to_save_is_what_it_shows(console: Console) -> None:
    asked = "view=living&status=open&grade=major%2Cminor&requirement=A.5.18"
    page = (await console.get("reviewer", f"/?{asked}")).text
    query = re.search(r'name="query" value="([^"]*)"', page)
    assert query is not None
    await console.post("reviewer", "/filters", {"query": unescape(query[1]), "name": "Access"})
    address, count = tabs((await console.get("reviewer", "/")).text)["Access"]
    assert count == "0"
    again = (await console.get("reviewer", address.removeprefix("/console"))).text
    for chosen in (r'<option value="(\w+)" selected', r'name="requirement"[^>]*value="([^"]*)"'):
        assert re.findall(chosen, again) == re.findall(chosen, page) != []


async def test_every_view_can_be_saved_and_counts_where_it_can(console: Console) -> None:
    await console.desk.reports("auditor", "S-1")
    await console.desk.reports("auditor", "S-2", grade=None)
    for view in ("mine", "audits", "assigned", "overdue", "triage", "living", "all"):
        answer = await console.post("auditor", "/filters", {"query": f"view={view}", "name": view})
        assert answer.status_code == 303
    counts = {name: count for name, (_, count) in tabs((await console.get("auditor", "/")).text).items()}
    assert counts == {
        "mine": None, "audits": "0", "assigned": "0", "overdue": "0", "triage": "1", "living": "1", "all": "2",
    }  # fmt: skip


async def test_who_has_a_start_page_begins_with_it(console: Console) -> None:
    await console.post("owner", "/filters", {"query": "view=all&grade=major", "name": "Majors"})
    await console.post("owner", "/filters", {"query": "view=overdue", "name": "Late"})
    known = await ids(console, "owner")
    for name, address in (("Majors", "/console/?view=all&grade=major"), ("Late", "/console/?view=overdue")):
        assert (await console.post("owner", f"/filters/{known[name]}/start", {"starts": "true"})).status_code == 303
        answer = await console.get("owner", "/")
        assert (answer.status_code, answer.headers["location"]) == (303, address)
    assert (await console.post("owner", "/filters/unknown/start", {"starts": "true"})).status_code == 404
    assert (await console.get("owner", "/")).status_code == 303, "who chose wrongly begins as before"
    inbox = await console.get("owner", "/?view=mine")
    assert inbox.status_code == 200
    assert 'href="/console/?view=mine"' in inbox.text
    await console.post("owner", f"/filters/{known['Late']}/start", {"starts": "false"})
    assert (await console.get("owner", "/")).status_code == 200


async def test_filters_are_renamed_replaced_and_deleted(console: Console) -> None:
    for name, query in (("One", "view=all"), ("Two", "view=living"), ("One", "view=overdue")):
        await console.post("owner", "/filters", {"query": query, "name": name})
    assert {name: address for name, (address, _) in tabs((await console.get("owner", "/")).text).items()} == {
        "One": "/console/?view=overdue", "Two": "/console/?view=living",
    }  # fmt: skip
    known = await ids(console, "owner")
    answer = await console.post("owner", f"/filters/{known['One']}/rename", {"name": "Two"})
    assert (answer.status_code, "has this name" in answer.text) == (409, True)
    for name in ("", " ", "x" * 61, "two\nlines"):
        answer = await console.post("owner", f"/filters/{known['One']}/rename", {"name": name})
        assert (answer.status_code, "1 to 60 characters" in answer.text) == (422, True)
    assert (await console.post("owner", f"/filters/{known['One']}/rename", {"name": "Three"})).status_code == 303
    assert (await console.post("owner", f"/filters/{known['Two']}/delete", {})).status_code == 303
    assert await ids(console, "owner") == {"Three": known["One"]}
    for act in ("rename", "delete", "start"):
        answer = await console.post("approver", f"/filters/{known['One']}/{act}", {"name": "Mine", "starts": "true"})
        assert answer.status_code == 404, "nobody touches the filters of another"
    assert await ids(console, "owner") == {"Three": known["One"]}


async def test_what_means_nothing_is_not_saved(console: Console) -> None:
    answer = await console.post("owner", "/filters", {"query": "view=all&grade=dreadful", "name": "Dread"})
    assert (answer.status_code, "mean nothing: grade." in answer.text) == (422, True)
    answer = await console.post("owner", "/filters", {"query": "view=all&client=" + "x," * 4500, "name": "Much"})
    assert (answer.status_code, "names too much" in answer.text) == (422, True)
    answer = await console.post("owner", "/filters", {"query": "view=all", "name": "Forged", "csrf": "no"})
    assert answer.status_code == 403
    assert await ids(console, "owner") == {}


async def test_an_old_filter_that_means_nothing_says_so_and_fails_nothing(console: Console) -> None:
    desk = console.desk
    me = (await desk.get("owner", "/v1/me"))["id"]
    database = desk.office.ledger.database
    old = await filters.save(database, desk.tenant, me, "Old", {"view": "all", "grade": ["dreadful"], "colour": "red"})
    await console.post("owner", "/filters", {"query": "view=all", "name": "New"})
    assert await filters.start(database, desk.tenant, me, old)
    page = await console.get("owner", "/")
    assert page.status_code == 200
    assert "One of your filters means nothing here any more" in page.text
    assert set(tabs(page.text)) == {"New"}
    told = (await console.get("owner", "/filters")).text
    assert "because of: colour, grade." in told
    assert "Dreadful" in told
    assert (await console.post("owner", f"/filters/{old}/delete", {})).status_code == 303
    assert "any more" not in (await console.get("owner", "/")).text


async def test_a_person_has_so_many_filters(console: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(filters, "MOST", 2)
    for name in ("One", "Two", "Two"):
        assert (await console.post("owner", "/filters", {"query": "view=all", "name": name})).status_code == 303
    answer = await console.post("owner", "/filters", {"query": "view=all", "name": "Three"})
    assert (answer.status_code, "You have 2 filters" in answer.text) == (409, True)
    assert set(await ids(console, "owner")) == {"One", "Two"}


async def test_counts_that_take_too_long_are_left_out(console: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    async def never(*_: object) -> None:
        raise Unavailable("too long")

    await console.post("owner", "/filters", {"query": "view=all", "name": "All of it"})
    monkeypatch.setattr(nonconformities, "counted", never)
    page = await console.get("owner", "/")
    assert page.status_code == 200
    assert tabs(page.text) == {"All of it": ("/console/?view=all", None)}


async def test_a_client_counts_its_own_cases_alone(console: Console) -> None:
    await console.desk.reports("auditor", "S-1")
    for who in ("owner", "stranger"):
        await console.post(who, "/filters", {"query": "view=all", "name": "All"})
    assert tabs((await console.get("owner", "/")).text)["All"][1] == "1"
    assert tabs((await console.get("stranger", "/")).text)["All"][1] == "0"
