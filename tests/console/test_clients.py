"""Clients on pages: called by their names, as far as somebody sees them, in one read; their keys are for typing."""

import re
from html import unescape

import pytest
from playwright.async_api import Browser, expect

from activities import badges
from activities.ledger.protocol import Scope, Viewer
from activities.reads.clients import names
from services.console.things import clients
from tests.api import test_audits as audits
from tests.api import test_certificates as certificates
from tests.console.asking import asked
from tests.console.conftest import Console, settled, signed_in

NAMED = '<bdi title="acme">Acme Ltd</bdi>'
OFFERED = re.compile(r'<option value="(\w+)" label="([^"]*)">')


async def page(console: Console, who: str, path: str) -> str:
    """A page as somebody reads it, without what stands for its keyboard alone."""
    answer = await console.get(who, path)
    assert answer.status_code == 200, (path, answer.text)
    return unescape(answer.text)


async def test_lists_and_pages_call_a_client_by_its_name(console: Console) -> None:
    desk = console.desk
    case = (await desk.reports("auditor", "F-1"))["id"]
    await desk.reports("auditor", "F-2", grade=None)
    review = (await desk.review(case)).rpartition("/")[2]
    waits = (await desk.reports("auditor", "F-3"))["id"]
    await desk.submitted(waits)
    await audits.plan(desk)
    await certificates.audited(desk)
    applied = {"key": "C-1", "client": "acme", "standards": "ISO 27001:2022", "scope": "All of it"}
    assert (await console.post("manager", "/new/apply", applied)).status_code == 303
    with settled(console, webhook_allow="127.0.0.0/8"):
        for path, body in (
            ("/v1/api-keys", {"source": "scanner"}),
            ("/v1/hooks", {"source": "github", "kind": "github"}),
            ("/v1/subscriptions", {"url": "https://127.0.0.1/events"}),
        ):
            answer = await desk.ask("manager", "POST", path, {"client": "acme", **body})
            assert answer.status_code == 201, answer.text
    hook = (await desk.get("manager", "/v1/hooks"))["items"][0]["id"]
    subscription = (await desk.get("manager", "/v1/subscriptions"))["items"][0]["id"]
    await desk.get("owner", "/v1/me")
    for who, path in (
        ("reviewer", "/?view=all"),
        ("auditor", "/?view=triage"),
        ("manager", "/?view=mine"),
        ("manager", "/reviews"),
        ("manager", f"/reviews/{review}"),
        ("reviewer", f"/cases/{case}"),
        ("owner", f"/cases/{case}"),
        ("reviewer", "/acceptance"),
        ("manager", "/audits"),
        ("manager", "/audits/A-1"),
        ("owner", "/audits/A-1"),
        ("manager", "/certificates"),
        ("manager", "/certificates/C-1"),
        ("manager", "/people"),
        ("manager", "/api-keys"),
        ("manager", "/hooks"),
        ("manager", f"/hooks/{hook}"),
        ("manager", "/subscriptions"),
        ("manager", f"/subscriptions/{subscription}"),
    ):
        told = await page(console, who, path)
        assert NAMED in told, (who, path)
        assert "<bdi>acme</bdi>" not in told, (who, path)
    assert NAMED in await page(console, "manager", "/overview?client=acme")
    assert "Acme Ltd, ISO/IEC 27001:2022" in await page(console, "manager", "/audits/A-1/cancel")


async def test_triage_that_is_asked_anew_calls_it_so(console: Console) -> None:
    case = (await console.desk.reports("auditor", grade=None))["id"]
    again = await console.post("auditor", "/triage", {"pick": f"{case}@1"})
    assert NAMED in again.text


async def test_people_of_a_client_read_whose_they_are(console: Console) -> None:
    assert 'for <bdi title="acme">Acme Ltd</bdi>' in await page(console, "owner", "/")
    assert (await console.desk.ask("manager", "PATCH", "/v1/clients/acme", {"name": "Acme & Sons"})).status_code == 200
    assert 'for <bdi title="acme">Acme & Sons</bdi>' in await page(console, "owner", "/")


async def test_filters_say_whose_keys_they_hold_and_offer_the_others(
    console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    for path in ("/?view=all", "/audits?", "/certificates?", "/overview?", "/people?"):
        told = await page(console, "manager", f"{path}&client=acme")
        held = f"<small>{NAMED}</small>" if path == "/people?" else f'name="client" value="acme" checked> {NAMED}'
        assert held in told, path
        assert OFFERED.findall(told) == [("acme", "Acme Ltd"), ("globex", "Globex Inc")], path
    assert OFFERED.findall(await page(console, "auditor", "/imports/new"))
    assert "<bdi>nobody</bdi>" in await page(console, "manager", "/?view=all&client=nobody")
    assert "Globex" not in await page(console, "owner", "/?view=all&client=globex")
    saved = await console.post("manager", "/filters", {"query": "view=all&client=acme,globex", "name": "Both"})
    assert saved.status_code == 303
    assert "<bdi>Acme Ltd</bdi>, <bdi>Globex Inc</bdi>" in await page(console, "manager", "/filters")
    monkeypatch.setattr(clients, "OFFERED", 1)
    told = await page(console, "manager", "/?view=all&client=acme")
    assert NAMED in told
    assert "datalist" not in told


@pytest.mark.parametrize("scripts", [True, False])
async def test_another_client_is_added_to_those_of_a_filter_and_one_is_taken_out(
    browser: Browser, console: Console, address: str, scripts: bool
) -> None:
    context = await signed_in(browser, console, address, "manager", java_script_enabled=scripts)
    page = await context.new_page()
    await page.goto("/console/?view=all&client=acme")
    await page.get_by_label("Another client, by key").fill("globex")
    await page.get_by_role("button", name="Apply").click()
    await page.wait_for_url(re.compile("client=globex"))
    assert await page.get_by_role("group", name="Clients").get_by_role("checkbox").count() == 2
    await page.get_by_role("checkbox", name="Acme Ltd").uncheck()
    await page.get_by_role("button", name="Apply").click()
    await expect(page.get_by_role("checkbox", name="Acme Ltd")).to_have_count(0)
    await expect(page.get_by_role("checkbox", name="Globex Inc")).to_be_checked()
    await context.close()


async def test_a_name_is_told_to_who_sees_the_client_alone(console: Console) -> None:
    case = (await console.desk.reports("auditor"))["id"]
    await console.desk.grants("observer", case=case)
    assert NAMED in await page(console, "observer", "/?view=all")
    assert OFFERED.findall(await page(console, "observer", "/?view=all")) == [("acme", "Acme Ltd")]
    assert "Globex" not in await page(console, "observer", "/?view=all&client=globex")
    database, tenant = console.desk.office.ledger.database, console.desk.tenant
    for scope, known in (
        (Scope(tenant), {"acme", "globex"}),
        (Scope(tenant, "acme"), {"acme"}),
        (Scope(tenant, viewer=Viewer(frozenset({badges.entry("globex")}))), {"globex"}),
        (Scope(tenant, viewer=Viewer()), set()),
        (Scope("nobody"), set()),
    ):
        found = await names(database, scope, {"acme", "globex", "none"}, 10)
        assert set(found.by_key) == {key for key, _ in found.offered} == known


async def test_a_merged_client_is_shown_by_the_name_of_its_survivor(console: Console) -> None:
    told = {"into": "acme", "reason": "The same company."}
    answer = await console.desk.ask("manager", "POST", "/v1/clients/globex/merge", told)
    assert answer.status_code == 200, answer.text
    assert f"merged into {NAMED}" in await page(console, "manager", "/clients")
    assert NAMED in await page(console, "manager", "/clients/globex")
    assert OFFERED.findall(await page(console, "manager", "/?view=all")) == [("acme", "Acme Ltd")]


async def test_all_names_of_a_page_are_one_read(console: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    for n, client in enumerate(("acme", "globex")):
        await console.desk.reports("auditor", f"F-{n}", client=client)
    name, text, _ = await console.cookie("reviewer")
    for path in ("/?view=all", "/overview", "/audits"):
        async with asked(monkeypatch) as noted:
            answer = await console.desk.http.get(f"/console{path}", headers={"Cookie": f"{name}={text}"})
        assert answer.status_code == 200
        assert len([one for one in noted.statements if "AS offered" in one]) == 1, path
