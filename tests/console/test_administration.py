"""Integrations and administration over the real stack: who sees and does what, and nothing lost that was typed."""

import asyncio
import csv
import io
import json
import re
from collections.abc import Iterator
from datetime import date
from html import unescape
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest
from playwright.async_api import Browser

from services.console.administration.foreseen import foresee
from services.console.frame import words
from services.console.frame.reader import moment
from services.intake import FORMATS
from tests.api import test_hooks as hooks
from tests.api.conftest import FINDING, day
from tests.api.test_hooks import alert, github
from tests.console.conftest import Console, settled, signed_in
from tests.console.forms import carried, hidden
from tests.console.test_browser import faults
from tests.subscriptions.receiver import receiving
from workflows.policy_book import PolicyBook

HOSTILE = '<script>alert("x")</script>'


def document(*references: str, **more: Any) -> bytes:
    """Findings, one a line."""
    lines = [FINDING | {"source": {"system": "audit", "external_id": one}} | more for one in references]
    return "\n".join(json.dumps(line) for line in lines).encode()


@pytest.fixture
def loopback(console: Console) -> Iterator[None]:
    """Events may be sent to receivers on this machine."""
    with settled(console, webhook_allow="127.0.0.0/8"):
        yield


async def uploads(
    console: Console,
    who: str,
    content: bytes | None,
    to: str = "/imports/new",
    called: str = "findings.ndjson",
    **fields: str,
) -> httpx.Response:
    """A form with a document, sent as a browser does."""
    name, text, csrf = await console.cookie(who)
    given, file = {"csrf": csrf, **fields}, called if content is not None else ""
    parts = [f'--b\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{one}\r\n' for key, one in given.items()]
    head = f'--b\r\nContent-Disposition: form-data; name="file"; filename="{file}"\r\n'
    head += "Content-Type: application/octet-stream\r\n\r\n"
    body = ("".join(parts) + head).encode() + (content or b"") + b"\r\n--b--\r\n"
    headers = {"Cookie": f"{name}={text}", "Content-Type": "multipart/form-data; boundary=b"}
    return await console.desk.http.post(f"/console{to}", content=body, headers=headers)


async def imported(console: Console, content: bytes, **fields: str) -> str:
    """The page of an import that has ended."""
    sent = await uploads(console, "auditor", content, act="import", client="acme", **fields)
    assert sent.status_code == 303, sent.text
    path = sent.headers["location"].removeprefix("/console")
    async with asyncio.timeout(60):
        while "Look again" in (await console.get("auditor", path)).text:
            await asyncio.sleep(0.05)
    return str(path)


def kept(text: str, name: str) -> str:
    """The value of a hidden field."""
    found = re.search(rf'name="{name}" value="([^"]*)"', text)
    assert found is not None, name
    return found[1]


async def test_a_document_is_tried_without_being_recorded_and_then_sent_as_it_is(console: Console) -> None:
    tried = await uploads(console, "auditor", document("T-1", "T-2", title=HOSTILE), act="try", client="acme")
    assert tried.status_code == 200, tried.text
    assert "Read as Closeout findings, one a line (NDJSON): 2 items, 2 created" in tried.text
    assert HOSTILE not in tried.text
    assert "&lt;script&gt;" in tried.text
    assert (await console.desk.get("auditor", "/v1/nonconformities"))["items"] == []
    assert (await console.desk.get("auditor", "/v1/imports"))["items"] == []
    fields = {name: kept(tried.text, name) for name in ("sha256", "name", "media_type", "_key")}
    # As a form is sent that somebody clicks twice.
    twice = [await uploads(console, "auditor", None, act="import", client="acme", **fields) for _ in range(2)]
    [one] = (await console.desk.get("auditor", "/v1/imports"))["items"]
    assert one["name"] == "findings.ndjson"
    assert [sent.headers["location"] for sent in twice] == [f"/console/imports/{one['id']}"] * 2


def test_every_format_has_its_name() -> None:
    assert words.FORMAT.keys() == FORMATS.keys()


async def test_receipts_are_shown_filtered_and_paged_and_lead_to_their_cases(console: Console) -> None:
    broken = document("R-3", title=["no text"])
    path = await imported(console, document("R-1", "R-2") + b"\n" + broken)
    page = (await console.get("auditor", path)).text
    assert "<dd>Closeout findings, one a line (NDJSON) <code>ndjson</code></dd>" in page
    assert "Created 2" in page
    assert "Rejected 1" in page
    rejected = (await console.get("auditor", f"{path}?result=rejected")).text
    assert "R-3" in rejected
    assert "R-1" not in rejected
    first = (await console.get("auditor", f"{path}?limit=2")).text
    assert "R-3" not in first
    following = re.search(r'rel="next" href="/console([^"]*)"', first)
    assert following is not None
    assert "R-3" in (await console.get("auditor", f"{path}?limit=2&{following[1].partition('?')[2]}")).text
    told = await console.get("auditor", f"{path}/receipts.csv")
    assert [row["result"] for row in csv.DictReader(io.StringIO(told.text))] == ["created", "created", "rejected"]
    assert re.search(r'<th scope="row">3</th><td[^>]*>Rejected</td>', rejected), "as the third in its document"
    kept = await console.get("auditor", f"{path}/document")
    assert 'filename="findings.ndjson"' in kept.headers["content-disposition"]
    listed = (await console.get("auditor", "/imports?state=done")).text
    assert "findings.ndjson" in listed
    row = re.findall(r"<td[^>]*>(\d+)</td>", listed)
    assert row == ["2", "0", "0", "0", "1"], "created, updated, duplicate, skipped, rejected"
    assert "findings.ndjson" not in (await console.get("auditor", "/imports?state=failed")).text


async def test_what_is_wrong_with_a_document_is_said_and_nothing_typed_is_lost(console: Console) -> None:
    none = await uploads(console, "auditor", None, act="import", client="acme")
    assert none.status_code == 422
    assert "Choose a document." in none.text
    assert 'value="acme"' in none.text
    odd = await uploads(console, "auditor", b"\x00\x01nothing", act="try", client=HOSTILE, format="sarif")
    assert odd.status_code == 400
    assert kept(odd.text, "sha256")
    assert HOSTILE not in odd.text
    assert '<option value="sarif" selected>Static Analysis Results' in odd.text
    nowhere = await uploads(console, "auditor", document("W-1"), act="import", profile="none", client="acme")
    assert nowhere.status_code == 404
    forged = await uploads(console, "auditor", document("W-2"), act="import", csrf="other")
    assert forged.status_code == 403
    assert (await console.desk.get("auditor", "/v1/imports"))["items"] == []


async def test_a_document_that_cannot_be_read_says_where(console: Console) -> None:
    cut = b'{"external_id": "P-1",\n "title" 7}'
    tried = (await uploads(console, "auditor", cut, act="try", client="acme", format="json")).text
    assert "Line 2, column 10." in tried
    assert "Line 2, column 10." in (await console.get("auditor", await imported(console, cut, format="json"))).text
    tried = (await uploads(console, "auditor", b'{"findings": 7}', act="try", format="defectdojo")).text
    assert "<code>/findings</code>" in tried


async def test_imports_belong_to_whom_the_routes_say(console: Console) -> None:
    path = await imported(console, document("B-1"))
    for who in ("owner", "observer", "member1"):
        for place in ("/imports", path, f"{path}/receipts.csv", f"{path}/document", "/imports/new"):
            assert (await console.get(who, place)).status_code == 403, (who, place)
        assert (await console.post(who, f"{path}/cancel", {})).status_code == 403
        home = await console.get(who, "/administration")
        assert home.status_code == 303
        assert home.headers["location"] != "/console/imports"
    assert (await console.get("reviewer", path)).status_code == 200
    assert (await uploads(console, "reviewer", document("B-2"), act="import")).status_code == 403


async def test_a_key_is_made_shown_once_rotated_and_revoked(console: Console) -> None:
    form = {"source": "scanner", "name": HOSTILE, "may_state_grades": "true", "_key": "k-1"}
    made = await console.post("manager", "/api-keys/new", form)
    assert made.status_code == 200, made.text
    assert made.headers["cache-control"] == "no-store"
    found = re.search(r'class="secret">(ck_[^<]+)<', made.text)
    assert found is not None
    assert "<bdi>scanner, &lt;script&gt;" in made.text
    again = await console.post("manager", "/api-keys/new", form)
    assert "ck_" not in again.text
    assert (await console.desk.ask(found[1], "GET", "/v1/me")).json()["may_state_grades"] is True
    [key] = (await console.desk.get("manager", "/v1/api-keys"))["items"]
    listed = (await console.get("manager", "/api-keys")).text
    assert "Whatever uses it is refused at once. It is not taken back: another key is made." in listed
    assert HOSTILE not in listed
    assert "never" not in listed
    rotated = await console.post("manager", f"/api-keys/{key['id']}/rotate", {"overlap": "PT0S"})
    fresh = re.search(r'class="secret">(ck_[^<]+)<', rotated.text)
    assert fresh is not None
    assert (await console.desk.ask(found[1], "GET", "/v1/me")).status_code == 401
    assert (await console.desk.ask(fresh[1], "GET", "/v1/me")).status_code == 200
    assert (await console.post("manager", f"/api-keys/{key['id']}/revoke", {})).status_code == 303
    assert (await console.desk.ask(fresh[1], "GET", "/v1/me")).status_code == 401
    listed = (await console.get("manager", "/api-keys?done=key")).text
    assert "The key is revoked." in listed
    assert "Revoked" in listed


async def test_a_key_that_cannot_be_is_said_at_its_field(console: Console) -> None:
    bad = await console.post(
        "manager", "/api-keys/new", {"source": "manual", "name": "Kept", "rate": "many", "client": "nobody"}
    )
    assert bad.status_code == 422
    assert 'value="Kept"' in bad.text
    assert 'value="many"' in bad.text
    assert re.search(r'id="f-source-said"><span class="fault">', bad.text)
    unknown = await console.post("manager", "/api-keys/new", {"source": "scanner", "client": "nobody"})
    assert re.search(r'id="f-client-said"><span class="fault">', unknown.text)
    assert (await console.desk.get("manager", "/v1/api-keys"))["items"] == []


async def test_keys_belong_to_their_keepers(console: Console) -> None:
    for who in ("auditor", "owner", "approver"):
        for place in ("/api-keys", "/api-keys/new"):
            assert (await console.get(who, place)).status_code == 403
        assert (await console.post(who, "/api-keys/new", {"source": "scanner"})).status_code == 403
    assert (await console.post("manager", "/api-keys/new", {"source": "scanner", "csrf": "no"})).status_code == 403
    assert (await console.desk.get("manager", "/v1/api-keys"))["items"] == []


@pytest.mark.usefixtures("loopback")
async def test_a_subscription_is_made_tried_paused_and_replayed(console: Console) -> None:
    async with receiving() as receiver:
        made = await console.post("manager", "/subscriptions/new", {"url": receiver.url, "from": "now", "_key": "s-1"})
        assert made.status_code == 200, made.text
        assert 'class="secret">whsec_' in made.text
        [one] = (await console.desk.get("manager", "/v1/subscriptions"))["items"]
        path = f"/subscriptions/{one['id']}"
        assert receiver.url in (await console.get("manager", "/subscriptions")).text
        assert (await console.post("manager", f"{path}/pause", {})).status_code == 303
        assert "Paused" in (await console.get("manager", path)).text
        assert (await console.post("manager", f"{path}/test", {})).status_code == 303
        assert "<bdi>test</bdi>" in (await console.get("manager", path)).text
        assert "<bdi>test</bdi>" not in (await console.get("manager", f"{path}?state=failed")).text
        [delivery] = (await console.desk.get("manager", f"/v1{path}/deliveries"))["items"]
        again = await console.post("manager", f"{path}/deliveries/{delivery['event_id']}/redeliver", {})
        assert again.status_code == 303
        assert "or a day such as 2026-03-01" in (await console.get("manager", "/subscriptions/new")).text
        form = (await console.get("manager", f"{path}/replay")).text
        assert "A day or an instant, such as 2026-03-01" in form
        neither = await console.post("manager", f"{path}/replay", {})
        assert "Say from where" in neither.text
        both = await console.post("manager", f"{path}/replay", {"since": "yesterday-ish"})
        assert both.status_code == 422
        assert 'value="yesterday-ish"' in both.text
        assert (await console.post("manager", f"{path}/replay", {"since": "2026-01-01"})).status_code == 303
        assert (await console.post("manager", f"{path}/resume", {})).status_code == 303
        assert (await console.desk.get("manager", f"/v1{path}"))["state"] == "active"
        assert (await console.get("manager", f"{path}?cursor=nonsense+at+all")).status_code == 200
        for who in ("auditor", "owner", "approver"):
            assert (await console.get(who, path)).status_code in (403, 404)
            assert (await console.post(who, f"{path}/pause", {})).status_code in (403, 404)
        assert (await console.post("manager", f"{path}/end", {})).status_code == 303
        assert (await console.get("manager", path)).status_code == 404


async def test_a_subscription_that_cannot_be_is_said_at_its_field(console: Console) -> None:
    form = {"url": "ftp://nowhere", "types": "no.such", "from": HOSTILE}
    bad = await console.post("manager", "/subscriptions/new", form)
    assert bad.status_code == 422
    assert "no.such" in bad.text
    assert HOSTILE not in bad.text
    assert (await console.desk.get("manager", "/v1/subscriptions"))["items"] == []


async def test_clients_are_seen_as_the_routes_say(console: Console) -> None:
    answer = await console.desk.ask("manager", "PATCH", "/v1/clients/acme", {"sites": [HOSTILE, "Utrecht"]})
    assert answer.status_code == 200, answer.text
    listed = (await console.get("reviewer", "/clients")).text
    assert "/console/clients/acme" in listed
    assert "/console/clients/globex" in listed
    own = (await console.get("owner", "/clients")).text
    assert "/console/clients/acme" in own
    assert "globex" not in own
    page = (await console.get("manager", "/clients/acme")).text
    assert "Utrecht" in page
    assert HOSTILE not in page
    assert "Four eyes on plans" in page
    assert (await console.get("owner", "/clients/globex")).status_code == 404
    assert (await console.get("owner", "/clients/acme")).status_code == 200


async def test_a_client_is_registered_changed_and_merged_by_its_forms(console: Console) -> None:
    assert "/console/new/register" in (await console.get("manager", "/clients")).text
    assert "/console/new/register" not in (await console.get("auditor", "/clients")).text
    assert (await console.get("auditor", "/new/register")).status_code == 403
    form = {"key": "initech", "name": HOSTILE, "sites": "Graz\r\nLinz", "country": "AT", "zone": "Europe/Vienna"}
    form["_key"] = hidden(await console.get("manager", "/new/register"), "_key")
    sent = [await console.post("manager", "/new/register", form) for _ in range(2)]
    assert [one.headers["location"] for one in sent] == ["/console/clients/initech?recorded=1"] * 2, sent[0].text
    told = (await console.get("manager", "/clients/initech?recorded=1")).text
    assert "Recorded: Registered (event 1)." in unescape(told)
    assert HOSTILE not in told
    taken = await console.post("manager", "/new/register", form | {"key": "other", "name": "Acme", "_key": "another"})
    assert (taken.status_code, "Acme" in taken.text) == (409, True)
    assert "Linz</textarea>" in taken.text

    path = "/clients/initech/revise"
    shown = await console.get("manager", path)
    assert "Graz\nLinz</textarea>" in shown.text
    form = carried(shown) | {"name": "Initech", "sites": "Graz\r\nLinz\r\nSteyr"}
    taken = await console.post("manager", path, form | {"name": "acme"})
    assert (taken.status_code, "Steyr" in taken.text) == (409, True)
    assert (await console.post("manager", path, form)).headers["location"] == "/console/clients/initech?recorded=2"
    entry = (await console.desk.get("manager", "/v1/clients/initech"))["sites"]
    assert entry == ["Graz", "Linz", "Steyr"]

    path = "/clients/acme/change-settings"
    shown = await console.get("approver", path)
    assert re.search(r'name="four_eyes" value="true" checked', shown.text)
    form = carried(shown) | {"four_eyes": "false", "internal_confirmation": "true"}
    assert (await console.post("approver", path, form)).status_code == 303
    settings = (await console.desk.get("owner", "/v1/clients/acme"))["settings"]
    assert settings == {"four_eyes": False, "internal_confirmation": True}

    path = "/clients/initech/merge"
    form = carried(await console.get("manager", path)) | {"into": "acme", "reason": "The same company."}
    assert (await console.post("manager", path, form)).status_code == 303
    assert "Merged" in (await console.get("manager", "/clients/initech")).text
    assert "every hash, digest and link holds" in (await console.get("manager", "/clients/initech/proof")).text


async def test_a_policy_is_shown_with_its_calendar_as_the_simulator_has_it(console: Console) -> None:
    listed = (await console.get("owner", "/policies")).text
    assert "/console/policies/default?" in listed
    page = (await console.get("owner", "/policies/default?grade=major&on=2030-03-04")).text
    [policy] = [one for one in PolicyBook.load().policies if one.name == "default"]
    known = foresee(policy, "major", date(2030, 3, 4), ZoneInfo("UTC"))
    assert known.trouble == []
    dates = [one for thing in known.dates for one in thing.dates]
    assert dates
    for one in dates:
        assert moment(one.due_at, ZoneInfo("UTC")) in page
    assert page.count('class="due" x="') == len(dates)
    other = (await console.get("owner", "/policies/default?grade=ofi&on=never")).text
    assert "were left out: on." in other
    assert "sets no date for this grade" in other
    assert (await console.get("owner", "/policies/nothing")).status_code == 404


@pytest.mark.usefixtures("loopback")
async def test_every_page_is_accessible_and_fits_a_phone(browser: Browser, console: Console, address: str) -> None:
    path = await imported(console, document("A-1", title="An uncommonly long title " * 6))
    await console.desk.key("scanner", name="A key", expires_at=f"{day(3)}T00:00:00Z")
    hook = await hooks.made(console.desk, "github", name="An uncommonly long name " * 6, source="S" * 60)
    for number, content in enumerate((alert(), alert(), b"{")):
        await hooks.sent(console.desk, hook, content, github(content, hook["secret"], f"delivery-{number}"))
    await hooks.sent(console.desk, hook, alert(), github(alert(), "of somebody else"))
    await console.desk.ask("manager", "PUT", f"/v1/profiles/{'weekly' * 20}", {"fields": {"title": "T" * 300}})
    await console.desk.grants("observer", client="acme", reason="An uncommonly long reason " * 6)
    async with receiving() as receiver:
        made = await console.desk.ask("manager", "POST", "/v1/subscriptions", {"url": receiver.url})
        assert made.status_code == 201, made.text
        subscription = f"/subscriptions/{made.json()['id']}"
        assert (await console.post("manager", f"{subscription}/test", {})).status_code == 303
    pages = {
        "auditor": ["/imports", path, "/imports/new"],
        "manager": [
            "/people",
            "/people?client=nobody",
            "/grants",
            "/grants/new",
            "/reasons",
            "/reasons/cause",
            "/api-keys",
            "/api-keys/new",
            "/sources",
            "/hooks",
            f"/hooks/{hook['id']}",
            f"/hooks/{hook['id']}/rotate",
            "/hooks/new",
            "/profiles",
            f"/profiles/named/{'weekly' * 20}",
            f"/profiles/new?of={'weekly' * 20}",
            "/profiles/new",
            "/subscriptions",
            subscription,
            "/subscriptions/new",
        ],
        "owner": ["/clients", "/clients/acme", "/policies", "/policies/default"],
    }
    found: list[tuple[str, ...]] = []
    for who, paths in pages.items():
        context = await signed_in(browser, console, address, who, reduced_motion="reduce")
        page = await context.new_page()
        for one in paths:
            await page.set_viewport_size({"width": 1280, "height": 900})
            answer = await page.goto(f"/console{one}")
            assert answer is not None
            assert answer.status == 200, one
            found += [(one, *fault) for fault in await faults(page)]
        await context.close()
    assert found == [], found
