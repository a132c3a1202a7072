"""Nothing typed is lost: whatever form is sent after a session ended comes back as it was filled in, and does nothing.

The routes are those of the app: a new form without it fails here.
"""

import re
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from html import unescape
from typing import Any

import httpx
import pytest
from playwright.async_api import Browser

from activities.ledger.protocol import Unavailable
from services.api import api_keys
from services.console.forms.fields import schema_of
from services.console.frame.keeping import SECRETS
from services.console.frame.navigation import PATHS
from services.signin import cookies
from tests.console.conftest import Console, settled, signed_in
from tests.console.filled import BUTTONS, FORMS, POSTS, TYPED, accepting, case_of
from tests.console.forms import carried, hidden
from workflows.registry import PROCEDURES

KEPT = re.compile(r'<input type="hidden" name="([^"]*)" value="([^"]*)">')
ANEW = "You signed in anew since this form was made. Look at it, and send it again."
FOREIGN = ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"})


@pytest.fixture
def loopback(console: Console) -> Iterator[None]:
    """Events may be sent to receivers on this machine."""
    with settled(console, webhook_allow="127.0.0.0/8"):
        yield


def there(path: str) -> str:
    """An address of a route about things that are nowhere."""
    return f"/console{re.sub(r'{[^}]*}', 'nowhere', path)}"


def kept(page: httpx.Response) -> dict[str, str]:
    """What a page would send on, its navigation aside."""
    return {unescape(name): unescape(text) for name, text in KEPT.findall(page.text.partition("<main")[2])}


def test_every_form_is_known() -> None:
    assert FORMS.keys() | BUTTONS == {*POSTS}
    assert not FORMS.keys() & BUTTONS


@pytest.mark.parametrize("path", POSTS)
async def test_what_nobody_sent_who_is_signed_in_is_kept(http: httpx.AsyncClient, path: str) -> None:
    form = {"_key": "k", "text": f"{TYPED}\r\nand more", "pick": "one"}
    proof = {"csrf": "of-a-session", "secret": "hunter2-hunter2-hunter2"}
    gone = await http.post(there(path), data=form | proof)
    assert gone.status_code == 401
    assert "/console/sign-in?next=" in gone.text
    assert kept(gone) == form | {"_secret": "secret"}
    assert f'action="{there(path)}"' in gone.text
    assert [one for one in proof.values() if one in gone.text] == []


@pytest.mark.parametrize("path", POSTS)
async def test_a_button_has_nothing_to_keep_and_leads_to_sign_in(http: httpx.AsyncClient, path: str) -> None:
    gone = await http.post(there(path), data={"csrf": "of-a-session", "_key": "k", "text": " "})
    assert gone.status_code == 303
    assert gone.headers["location"].startswith("/console/sign-in?next=")


@pytest.mark.parametrize("path", POSTS)
async def test_what_another_site_has_a_browser_send_is_on_no_page(http: httpx.AsyncClient, path: str) -> None:
    for origin in FOREIGN:
        answer = await http.post(there(path), data={"text": "Planted."}, headers=origin)
        assert answer.status_code == 403
        assert "Planted." not in answer.text


@pytest.mark.parametrize("path", sorted(FORMS))
@pytest.mark.usefixtures("loopback")
async def test_a_form_of_a_session_that_ended_comes_back_as_it_was_filled_in(console: Console, path: str) -> None:
    sent = await FORMS[path](console)
    gone = await console.desk.http.post(f"/console{sent.path}", data={"csrf": "of-before", **sent.form})
    assert kept(gone) == sent.form
    before = await done(console)
    again = await console.post(sent.who, sent.path, {"csrf": "", **kept(gone)})
    assert again.status_code == 403
    assert ANEW in again.text
    assert sent.shows in (unescape(again.text) if sent.shows == TYPED else again.text)
    assert f'name="csrf" value="csrf-of-{sent.who}"' in again.text
    assert await done(console) == before
    for origin in FOREIGN:
        name, text, csrf = await console.cookie(sent.who)
        headers = {"Cookie": f"{name}={text}", **origin}
        foreign = await console.desk.http.post(
            f"/console{sent.path}", data={**sent.form, "csrf": csrf}, headers=headers
        )
        assert foreign.status_code == 403
        assert TYPED not in unescape(foreign.text)


async def done(console: Console) -> Any:
    """What there is that a form could have added to."""
    lists = ("nonconformities", "api-keys", "subscriptions", "hooks", "grants", "imports", "clients", "audits")
    return [(await console.desk.get("manager", f"/v1/{one}"))["items"] for one in lists]


async def test_what_is_signed_again_is_what_the_page_shows_now(console: Console) -> None:
    sent = await accepting(console)
    again = await console.post(sent.who, sent.path, {**sent.form, "csrf": ""})
    case = sent.form["sign"].partition("@")[0]
    signable = (await console.desk.get("reviewer", f"/v1/nonconformities/{case}"))["signable"]["accept_plan"]
    assert f"@{signable['sha256']}@" in hidden(again, "sign")
    assert "0" * 64 not in again.text
    told = await console.post(sent.who, sent.path, {"of": "plan", "sign": hidden(again, "sign"), "note": TYPED})
    assert "Accepted: 1 of 1." in told.text


async def test_going_on_needs_no_less_proof_than_signing_does(console: Console) -> None:
    case = await case_of(console)
    await console.desk.submitted(case)
    path = f"/cases/{case}/accept-plan"
    form = {**carried(await console.get("reviewer", path)), "note": TYPED}
    gone = await console.desk.http.post(f"/console{path}", data=form)
    with settled(console, fresh=timedelta(minutes=5)):
        again = await console.post("reviewer", path, {**kept(gone), "csrf": ""}, ago=timedelta(hours=1))
        assert again.status_code == 403
        assert TYPED in unescape(again.text)
        stale = await console.post("reviewer", path, {"note": TYPED, **carried(again)}, ago=timedelta(hours=1))
        assert stale.status_code == 401
        assert TYPED in unescape(stale.text)
        told = await console.desk.get("reviewer", f"/v1/nonconformities/{case}")
        assert told["status"] == "plan_submitted"
        assert (await console.post("reviewer", path, {"note": TYPED, **carried(stale)})).status_code == 303


async def test_a_file_is_named_and_chosen_again(console: Console) -> None:
    case = await case_of(console)
    for who, path, fields in (
        ("owner", f"/cases/{case}/upload", {"revises": "an-id"}),
        ("auditor", "/imports/new", {"client": TYPED, "_key": "k"}),
    ):
        file = {"file": ("a list.txt", b"leaver,removed" * 1000)}
        gone = await console.desk.http.post(f"/console{path}", data={"csrf": "of-before", **fields}, files=file)
        assert gone.status_code == 401
        assert "<bdi>a list.txt</bdi>" in gone.text
        assert "leaver,removed" not in gone.text
        assert kept(gone) == {**fields, "_file": "a list.txt"}
        for answer in (
            await console.post(who, path, {**kept(gone), "csrf": ""}),
            await console.desk.http.post(
                f"/console{path}", data={"csrf": "of-before", **fields}, files=file, headers=await cookie(console, who)
            ),
        ):
            assert answer.status_code == 403
            assert ANEW in answer.text
            assert "Choose it again: <bdi>a list.txt" in answer.text or "Choose it again: a list.txt" in answer.text
            assert TYPED not in fields.values() or TYPED in unescape(answer.text)
    assert (await console.desk.get("auditor", "/v1/imports"))["items"] == []


async def cookie(console: Console, who: str) -> dict[str, str]:
    name, text, _ = await console.cookie(who)
    return {"Cookie": f"{name}={text}"}


async def test_of_a_large_file_that_nobody_sent_little_is_read(http: httpx.AsyncClient) -> None:
    pulled = 0

    async def body() -> AsyncIterator[bytes]:
        nonlocal pulled
        yield b'--b\r\nContent-Disposition: form-data; name="revises"\r\n\r\nan-id\r\n'
        yield b'--b\r\nContent-Disposition: form-data; name="file"; filename="x"\r\n\r\n'
        for _ in range(1000):
            pulled += 1
            yield b"x" * 2**16

    headers = {"Content-Type": "multipart/form-data; boundary=b"}
    gone = await http.post("/console/cases/nowhere/upload", content=body(), headers=headers)
    assert gone.status_code == 401
    assert kept(gone) == {"revises": "an-id", "_file": "x"}
    assert pulled * 2**16 < 6_000_000


async def test_a_secret_is_put_back_into_no_page_and_asked_for_again(console: Console) -> None:
    secret = "hunter2-hunter2-hunter2"
    form = {"source": "code", "kind": "github", "name": TYPED, "secret": secret}
    for more in ({"csrf": ""}, {"kind": "unknown"}):
        again = await console.post("manager", "/hooks/new", form | more)
        assert again.status_code in (403, 422)
        assert secret not in again.text
        assert TYPED in unescape(again.text)
        assert "It is put back into no page: type it again." in again.text
    gone = await console.desk.http.post("/console/hooks/new", data=form)
    assert "A secret is put back into no page: type it again." in gone.text
    again = await console.post("manager", "/hooks/new", {**kept(gone), "csrf": ""})
    assert "It is put back into no page: type it again." in again.text


def test_no_command_has_a_secret_that_pages_would_put_back() -> None:
    rows = [row for kind in PATHS for row in PROCEDURES[kind].rows if row.body]
    names = {name for row in rows for name in schema_of(row.body).get("properties", {})}
    assert "reason" in names
    assert {name for name in names if re.search("secret|password|token", name)} <= SECRETS


async def test_a_page_of_an_error_keeps_what_was_typed(console: Console) -> None:
    lost = await console.post("owner", "/cases/nowhere/comment", {"text": TYPED})
    assert lost.status_code == 404
    assert TYPED in unescape(lost.text)
    assert kept(lost) == {"text": TYPED}
    refused = await console.post("owner", "/new/report", {"statement": TYPED})
    assert refused.status_code == 403
    assert TYPED in unescape(refused.text)


async def test_what_nobody_foresaw_loses_nothing(console: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    async def breaks(*_: object) -> None:
        raise RuntimeError("nobody foresaw this")

    monkeypatch.setattr(api_keys, "made", breaks)
    broken = await console.post("manager", "/api-keys/new", {"source": "scanner", "name": TYPED, "_key": "k-1"})
    assert broken.status_code == 500
    assert kept(broken) == {"source": "scanner", "name": TYPED, "_key": "k-1"}


async def test_a_form_that_nobody_can_answer_now_comes_back(console: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    async def away(*_: object) -> None:
        raise Unavailable("the database is away")

    monkeypatch.setattr(api_keys, "made", away)
    again = await console.post("manager", "/api-keys/new", {"source": "scanner", "name": TYPED, "_key": "k-1"})
    assert again.status_code == 503
    assert TYPED in unescape(again.text)
    assert hidden(again, "_key") == "k-1"


async def test_a_draft_that_is_not_kept_is_not_lost(console: Console) -> None:
    path = f"/cases/{await case_of(console)}/record-correction"
    long = await console.post("owner", f"{path}/draft", {"text": TYPED + "x" * 300_000})
    assert long.status_code == 413
    assert "too long" in long.text
    again = await console.post("owner", f"{path}/draft", {**kept(long), "csrf": ""})
    assert again.status_code == 403
    assert TYPED in unescape(again.text)


@pytest.mark.parametrize(
    ("bounds", "form", "shows"),
    [
        ({"form_bytes": 100}, {"text": "x" * 200}, False),
        ({"form_fields": 3}, {"text": TYPED, "a": "1", "b": "2", "c": "3"}, False),
        ({"form_field_bytes": 100}, {"text": TYPED + "x" * 100}, True),
    ],
    ids=lambda one: "-".join(one) if isinstance(one, dict) else "",
)
async def test_each_bound_is_named_and_the_text_kept_where_it_was_read(
    console: Console, bounds: dict[str, int], form: dict[str, str], shows: bool
) -> None:
    case = await case_of(console)
    with settled(console, **bounds):
        for who in ("owner", None):
            there = f"/cases/{case}/comment"
            sent = console.post("owner", there, form) if who else console.desk.http.post(f"/console{there}", data=form)
            answer = await sent
            if shows and who is None:
                assert answer.status_code == 401
            else:
                assert answer.status_code == 413
                assert f"(setting {next(iter(bounds))})" in answer.text
            assert (TYPED in unescape(answer.text)) == shows
            assert "Go on with the form" not in answer.text
    assert (await console.desk.get("owner", f"/v1/nonconformities/{case}"))["seq"] == 2


async def test_a_form_that_does_not_say_how_long_it_is_is_bounded_too(console: Console) -> None:
    pulled = 0

    async def body() -> AsyncIterator[bytes]:
        nonlocal pulled
        yield b"text="
        for _ in range(1000):
            pulled += 1
            yield b"x" * 2**16

    headers = {"Content-Type": "application/x-www-form-urlencoded", **await cookie(console, "owner")}
    path = f"/console/cases/{await case_of(console)}/comment"
    answer = await console.desk.http.post(path, content=body(), headers=headers)
    assert answer.status_code == 413
    assert pulled * 2**16 < 6_000_000


async def test_a_form_of_texts_takes_no_file(console: Console) -> None:
    path = f"/console/cases/{await case_of(console)}/comment"
    file = {"file": ("x", b"x" * 100)}
    answer = await console.desk.http.post(
        path, data={"text": TYPED}, files=file, headers=await cookie(console, "owner")
    )
    assert answer.status_code == 415
    gone = await console.desk.http.post(path, data={"text": TYPED}, files=file)
    assert (gone.status_code, kept(gone)) == (401, {"text": TYPED, "_file": "x"})


async def test_a_draft_kept_after_one_signed_out_in_another_tab_is_kept_in_the_end(
    browser: Browser, console: Console, address: str
) -> None:
    path = f"/console/cases/{await case_of(console)}/record-correction"
    context = await signed_in(browser, console, address, "owner", java_script_enabled=False)
    page, other = await context.new_page(), await context.new_page()
    await page.goto(path)
    await page.get_by_label("Text").fill(f"{TYPED}\nand more")
    await other.goto("/console/")
    await other.locator("details.who summary").click()
    await other.get_by_role("button", name="Sign out").click()
    await other.wait_for_url("**/console/signed-out")
    await page.get_by_role("button", name="Keep as draft").click()
    await page.get_by_role("heading", name="You are no longer signed in").wait_for()
    name, text, _ = await console.cookie("owner")
    assert name == cookies.session(console.desk.office.settings).name
    await context.add_cookies([{"name": name, "value": text, "url": address}])
    await page.get_by_role("button", name="Go on with the form").click()
    assert ANEW in await page.get_by_role("alert").inner_text()
    assert await page.get_by_label("Text").input_value() == f"{TYPED}\nand more"
    await page.get_by_role("button", name="Keep as draft").click()
    await page.get_by_role("status").filter(has_text="Draft of").first.wait_for()
    assert await page.get_by_label("Text").input_value() == f"{TYPED}\nand more"
    await context.close()
