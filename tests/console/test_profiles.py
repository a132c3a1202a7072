"""Column profiles at the console: proposed from a table, changed, saved, read and forgotten."""

import re
from html import unescape

import httpx

from services.api.profiles import MOST
from tests.console.conftest import Console, settled
from tests.console.forms import hidden
from tests.console.test_administration import uploads
from tests.intake.workbooks import book

HOSTILE = '<script>alert("x")</script>'
TABLE = "Nr;Finding;Grade;Found on;Colour\r\n1;Late;major;01.02.2026;red\r\n2;Lost;minor;03.04.2026;blue\r\n"
TEXT = re.compile(r'<textarea id="profile"[^>]*>\n(.*?)</textarea>', re.DOTALL)


async def proposed(
    console: Console, content: bytes | None = None, name: str = "weekly.csv", **fields: str
) -> httpx.Response:
    """The answer to a table that somebody sent to have a profile proposed for it."""
    return await uploads(console, "auditor", content, to="/profiles/propose", called=name, **fields)


def text_of(page: httpx.Response) -> str:
    """The profile that stands in the form."""
    found = TEXT.search(page.text)
    assert found is not None, page.text
    return unescape(found[1])


async def test_a_profile_is_proposed_from_pasted_rows_saved_and_used(console: Console) -> None:
    page = await proposed(console, sample=TABLE)
    assert page.status_code == 200, page.text
    assert "may be %d.%m.%Y or %m.%d.%Y" in page.text
    assert "Colour" in page.text
    assert 'external_id = "Nr"' in text_of(page)
    assert (await console.desk.get("auditor", "/v1/profiles"))["items"] == []
    text = text_of(page).replace(
        'detected_at = "Found on"', 'detected_at = { columns = ["Found on"], format = "%d.%m.%Y" }'
    )
    saved = await console.post("auditor", "/profiles/new", {"name": "weekly", "profile": text.replace("\n", "\r\n")})
    assert saved.headers["location"] == "/console/profiles/named/weekly", saved.text
    one = await console.desk.get("auditor", "/v1/profiles/weekly")
    assert one["profile"]["fields"]["detected_at"]["format"] == "%d.%m.%Y"
    shown = (await console.get("reviewer", "/profiles/named/weekly")).text
    assert "Found on" in shown
    assert "weekly" in (await console.get("reviewer", "/profiles")).text
    tried = await uploads(console, "auditor", TABLE.encode(), act="try", client="acme", profile="weekly")
    assert "2 created" in tried.text


async def test_a_profile_is_proposed_for_a_workbook_and_called_as_its_file(console: Console) -> None:
    table = book(("Nr", "Finding", "Client"), (1, "Late", "acme"), (2, "Lost", "acme"))
    page = await proposed(console, table, "Of the week.xlsx")
    assert page.status_code == 200, page.text
    assert 'value="Of the week"' in page.text
    assert 'title = "Finding"' in text_of(page)


async def test_what_cannot_be_read_is_said_beside_it_and_what_was_pasted_stays(console: Console) -> None:
    for content, sample, status in (
        (None, "  ", 422),
        (b"\x00\x01nothing", HOSTILE, 400),
        (book(("Nr", "Finding"), (1, "Late"))[:-500], "", 400),
    ):
        page = await proposed(console, content, sample=sample)
        assert page.status_code == status, page.text
        assert 'id="file-said"' in page.text
        assert HOSTILE not in page.text
        if sample:
            assert sample in unescape(page.text)
    assert (await proposed(console, TABLE.encode(), csrf="other")).status_code == 403


async def test_a_table_is_bounded_as_any_document_and_form(console: Console) -> None:
    with settled(console, document_bytes=100, form_bytes=5000, form_field_bytes=1000):
        for content, sample, status, said in (
            (b"x" * 101, "", 413, "A document has at most 100 bytes (setting document_bytes)."),
            (b"x" * 2**18, "", 413, "A document has at most 100 bytes (setting document_bytes)."),
            (None, "x" * 101, 413, "A document has at most 100 bytes (setting document_bytes)."),
            (None, "x" * 1001, 400, "more than 1,000 bytes (setting form_field_bytes)"),
        ):
            page = await proposed(console, content, sample=sample)
            assert page.status_code == status, page.text
            assert said in unescape(page.text)
        fields = {f"f{n}": "x" * 900 for n in range(6)}
        assert "(setting form_bytes)" in (await proposed(console, TABLE.encode(), **fields)).text
    with settled(console, form_fields=2):
        assert "(setting form_fields)" in (await proposed(console, TABLE.encode(), a="1", b="2")).text


async def test_what_is_wrong_with_a_profile_is_said_beside_it_and_nothing_typed_is_lost(console: Console) -> None:
    async def said(name: str, profile: str, status: int) -> tuple[list[str], str]:
        page = await console.post("auditor", "/profiles/new", {"name": name, "profile": profile})
        assert page.status_code == status, page.text
        assert text_of(page) == profile
        assert f'value="{name}"' in page.text
        return re.findall(r'id="(\w+)-said"', page.text), unescape(page.text)

    good = '[fields]\ntitle = "A"\n'
    assert (await said("bad", '[fields]\ncolour = "x"', 422))[0] == ["profile"]
    unread = await said("bad", "[fields", 400)
    assert unread[0] == ["profile"]
    assert "Line 1" in unread[1]
    assert (await said("", good, 422))[0] == ["name"]
    assert (await said("a/b", good, 422))[0] == ["name"]
    assert (await said("long", f"# {'x' * MOST}", 413))[0] == ["profile"]
    assert (await console.post("auditor", "/profiles/new", {"name": "weekly", "profile": good})).status_code == 303
    assert (await said("weekly", '[fields]\ntitle = "B"\n', 409))[0] == ["name"]
    assert (await console.desk.get("auditor", "/v1/profiles/weekly"))["profile"]["fields"]["title"]["columns"] == ["A"]


async def test_a_profile_is_changed_and_forgotten(console: Console) -> None:
    name = "50% of new?"
    put = await console.desk.ask("auditor", "PUT", "/v1/profiles/50%25%20of%20new%3F", {"fields": {"title": HOSTILE}})
    assert put.status_code == 200, put.text
    listed = (await console.get("auditor", "/profiles")).text
    [path] = re.findall(r'href="/console(/profiles/named/[^"]*)"', listed)
    shown = await console.get("auditor", path)
    assert HOSTILE not in shown.text
    assert "External id" in shown.text  # it is lacking
    [change] = re.findall(r'href="/console(/profiles/new[^"]*)"', shown.text)
    form = await console.get("auditor", change)
    assert hidden(form, "replaces") == name
    sent = {
        "name": name,
        "replaces": name,
        "profile": text_of(form).replace("[fields]", '[fields]\nexternal_id = "Nr"'),
    }
    assert (await console.post("auditor", "/profiles/new", sent)).status_code == 303
    [one] = (await console.desk.get("auditor", "/v1/profiles"))["items"]
    assert (one["name"], one["lacking"]) == (name, [])
    assert (await console.post("auditor", f"{path}/forget", {})).status_code == 303
    assert (await console.get("auditor", path)).status_code == 404
    assert (await console.post("auditor", f"{path}/forget", {})).status_code == 404


async def test_profiles_belong_to_whom_the_routes_say(console: Console) -> None:
    await console.desk.ask("auditor", "PUT", "/v1/profiles/weekly", {"fields": {"title": "A"}})
    for who in ("owner", "observer", "member1"):
        for place in ("/profiles", "/profiles/new", "/profiles/named/weekly"):
            assert (await console.get(who, place)).status_code == 403, (who, place)
        assert (await console.post(who, "/profiles/new", {"name": "x", "profile": "x"})).status_code == 403
        assert (await console.post(who, "/profiles/named/weekly/forget", {})).status_code == 403
        assert (await uploads(console, who, TABLE.encode(), to="/profiles/propose")).status_code == 403
    assert (await console.post("auditor", "/profiles/named/weekly/forget", {"csrf": "no"})).status_code == 403
    assert [one["name"] for one in (await console.desk.get("auditor", "/v1/profiles"))["items"]] == ["weekly"]
