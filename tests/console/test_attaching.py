"""Evidence attached by a form: uploaded first and told as it is held, or described as kept elsewhere."""

import hashlib
import re
from html import unescape
from typing import Any

import httpx
import pytest
from axe_playwright_python.async_playwright import Axe  # type: ignore[import-untyped]  # it has no types
from playwright.async_api import Browser, FilePayload, expect

from activities.directory import files
from activities.ledger.protocol import Unavailable
from tests.console.conftest import Console, settled, signed_in
from tests.console.forms import carried, hidden
from tests.console.test_browser import WCAG
from tests.console.test_kept import cookie
from tests.evidence.test_parts import BOUNDARY, form_of

LIST = ("leavers.csv", b"leaver,removed\n", "text/csv")
TICKED: dict[str, str | list[str]] = {"shows": ["", "c1"], "produced_on": "2026-03-01"}


async def begun(console: Console) -> tuple[str, str]:
    """A case with a cause to show: its id, and where evidence is attached to it."""
    case = (await console.desk.reports("auditor"))["id"]
    causes = [{"key": key, "text": f"Cause {key}."} for key in ("c1", "c2")]
    await console.desk.does("owner", case, "record-cause", method="other", causes=causes)
    return case, f"/cases/{case}/attach-evidence"


async def uploads(
    console: Console, case: str, file: tuple[str, bytes, str] = LIST, who: str = "owner", **typed: Any
) -> httpx.Response:
    """The form of a browser without script, sent by the button that uploads."""
    return await console.desk.http.post(
        f"/console/cases/{case}/upload",
        data={"csrf": f"csrf-of-{who}", **TICKED, **typed},
        files={"file": file},
        headers=await cookie(console, who),
    )


async def shown(console: Console, answer: httpx.Response) -> httpx.Response:
    """The page to which an upload leads."""
    assert answer.status_code == 303, answer.text
    return await console.get("owner", answer.headers["location"].removeprefix("/console"))


def filled(page: httpx.Response, **more: str) -> dict[str, str | list[str]]:
    """The form of a page as somebody fills it in."""
    return {**carried(page), **TICKED, **more}


async def attached(console: Console, case: str) -> list[dict[str, Any]]:
    told = await console.desk.get("owner", f"/v1/nonconformities/{case}")
    found: list[dict[str, Any]] = told["evidence"]
    return found


def keeps_the_rest(page: str) -> bool:
    return bool(re.search(r'name="shows" value="c1" checked', page)) and 'value="2026-03-01"' in page


async def test_an_upload_is_told_as_it_is_held_and_the_rest_of_the_form_stays(console: Console) -> None:
    case, path = await begun(console)
    page = await shown(console, await uploads(console, case))
    digest = hashlib.sha256(LIST[1]).hexdigest()
    card = page.text.partition('id="uploaded"')[2].partition("</section>")[0]
    assert all(said in card for said in ("leavers.csv", "15 Bytes", "text/csv", digest))
    assert "15 bytes" not in card, "the size is said once"
    assert not re.search(r'name="(name|sha256|media_type|size)"', page.text)
    assert keeps_the_rest(page.text)
    form = filled(page, upload=hidden(page, "upload"))
    answer = await console.post("owner", path, form)
    assert answer.status_code == 303, answer.text
    [piece] = await attached(console, case)
    told = {name: piece[name] for name in ("name", "sha256", "media_type", "size", "shows", "produced_on")}
    assert told == {
        "name": "leavers.csv",
        "sha256": digest,
        "media_type": "text/csv",
        "size": len(LIST[1]),
        "shows": ["c1"],
        "produced_on": "2026-03-01",
    }


async def test_whoever_uploaded_it_is_named_without_any_part_in_the_case_before(console: Console) -> None:
    case, _ = await begun(console)
    page = await shown(console, await uploads(console, case, who="internal"))
    card = page.text.partition('id="uploaded"')[2].partition("</section>")[0]
    assert "<bdi>Internal</bdi>" in card
    assert "the certification body" not in card


async def test_one_content_under_two_names_is_saved_under_each_and_said_to_be_attached_already(
    console: Console,
) -> None:
    case, path = await begun(console)
    for name in ("leavers.csv", "other.csv"):
        page = await shown(console, await uploads(console, case, (name, LIST[1], "text/csv")))
        said = "The same content is attached already, as leavers.csv" in page.text
        assert said == (name == "other.csv")
        form = filled(page, upload=hidden(page, "upload"))
        assert (await console.post("owner", path, form)).status_code == 303
    page = await console.get("owner", f"/cases/{case}")
    links = re.findall(r'href="/console(/evidence/[^"/]+)"><bdi>([^<]+)<', page.text)
    assert {name for _, name in links} == {"leavers.csv", "other.csv"}
    for link, name in links:
        saved = await console.get("owner", link)
        assert f'filename="{name}"' in saved.headers["content-disposition"]


async def test_what_evidence_can_show_is_told_as_an_action_or_a_cause_and_once_where_it_is_both(
    console: Console,
) -> None:
    case, path = await begun(console)
    for key in ("a1", "c2"):
        await console.desk.does("owner", case, "plan-action", key=key, text=f"Action {key}.", causes=["c1"])
    page = unescape((await console.get("owner", path)).text)
    assert re.findall(r'name="shows" value="(\w*)"[^>]*> <bdi>([^<]*)', page) == [
        ("a1", "Action a1: Action a1."),
        ("c2", "Action and cause c2: Action c2.; Cause c2."),
        ("c1", "Cause c1: Cause c1."),
    ]


async def test_nothing_that_is_said_of_an_upload_changes_what_is_recorded_of_it(console: Console) -> None:
    case, path = await begun(console)
    page = await shown(console, await uploads(console, case))
    form = filled(page, upload=hidden(page, "upload"), sha256="0" * 64, name="x", size="1")
    assert (await console.post("owner", path, form)).status_code == 303
    [piece] = await attached(console, case)
    assert (piece["sha256"], piece["name"]) == (hashlib.sha256(LIST[1]).hexdigest(), "leavers.csv")


async def test_an_upload_that_is_not_there_or_another_clients_is_attached_by_nobody(console: Console) -> None:
    case, path = await begun(console)
    theirs = await console.desk.ask("stranger", "POST", "/v1/evidence", content=b"of globex", params={"name": "x"})
    for upload in (theirs.json()["id"], "nowhere", "\x00"):
        form = filled(await console.get("owner", path), upload=upload)
        answer = await console.post("owner", path, form)
        assert answer.status_code == 422
        assert "This upload is not there, or you may not see it." in answer.text
        assert keeps_the_rest(answer.text)
    assert await attached(console, case) == []


async def test_a_file_that_is_kept_elsewhere_is_described_on_purpose(console: Console) -> None:
    case, path = await begun(console)
    page = await console.get("owner", path)
    assert "<details><summary>It is kept elsewhere" in page.text
    nothing = await console.post("owner", path, filled(page))
    assert nothing.status_code == 422
    assert "Upload the file, or describe one that is kept elsewhere." in nothing.text
    half = await console.post("owner", path, filled(page, sha256="0" * 64))
    assert half.status_code == 422
    assert "<details open><summary>It is kept elsewhere" in half.text
    whole = filled(page, sha256="0" * 64, name="in our archive", media_type="text/plain")
    assert (await console.post("owner", path, whole)).status_code == 303
    assert [piece["name"] for piece in await attached(console, case)] == ["in our archive"]


@pytest.mark.parametrize(("field", "odd"), [("media_type", "<b>"), ("media_type", "text/<b>"), ("name", "two\nlines")])
async def test_a_description_that_is_none_is_told_at_its_field(console: Console, field: str, odd: str) -> None:
    case, path = await begun(console)
    told = {"sha256": "0" * 64, "name": "Shelf 3/2026", "media_type": "text/csv; charset=utf-8"}
    answer = await console.post("owner", path, filled(await console.get("owner", path), **{**told, field: odd}))
    assert answer.status_code == 422
    assert re.search(rf'id="f-{field}"[^>]*aria-invalid="true"', answer.text)
    assert (await console.post("owner", path, filled(answer, **told))).status_code == 303
    assert [(one["name"], one["media_type"]) for one in await attached(console, case)] == [
        ("Shelf 3/2026", "text/csv; charset=utf-8")
    ]


async def test_a_file_that_was_chosen_and_not_uploaded_is_missed(console: Console) -> None:
    case, path = await begun(console)
    form = filled(await console.get("owner", path), file="leavers.csv", sha256="0" * 64)
    answer = await console.post("owner", path, form)
    assert answer.status_code == 422
    assert "leavers.csv was chosen, but not uploaded." in unescape(answer.text)
    assert await attached(console, case) == []


@pytest.mark.parametrize(
    ("file", "typed", "says"),
    [
        (("empty.txt", b"", "text/plain"), {}, "The file is empty."),
        (LIST, {"revises": "nowhere"}, "There is no file nowhere of this client"),
    ],
)
async def test_what_stands_against_a_file_is_said_at_its_field_of_the_same_form(
    console: Console, file: tuple[str, bytes, str], typed: dict[str, str], says: str
) -> None:
    case, path = await begun(console)
    answer = await uploads(console, case, file, _seq="3", _key="k-1", **typed)
    assert answer.status_code == 422
    field = answer.text.partition('id="act"')[2]
    assert says in unescape(field)
    assert keeps_the_rest(answer.text)
    assert hidden(answer, "_key") == "k-1"
    again = await shown(console, await uploads(console, case))
    form = filled(again, upload=hidden(again, "upload"))
    assert (await console.post("owner", path, form)).status_code == 303


async def test_a_browser_in_which_no_file_is_chosen_sends_one_without_a_name(console: Console) -> None:
    case, _ = await begun(console)
    parts = [('"csrf"', b"csrf-of-owner"), ('"shows"', b"c1"), ('"produced_on"', b"2026-03-01")]
    answer = await console.desk.http.post(
        f"/console/cases/{case}/upload",
        content=form_of(*((f"name={name}", text) for name, text in parts), ('name="file"; filename=""', b"")),
        headers={"Content-Type": f"multipart/form-data; boundary={BOUNDARY}", **await cookie(console, "owner")},
    )
    assert answer.status_code == 422
    assert "Choose the file first." in answer.text.partition('id="act"')[2]
    assert keeps_the_rest(answer.text)


async def test_a_file_that_is_too_large_leads_back_to_the_form(console: Console) -> None:
    case, _ = await begun(console)
    with settled(console, evidence_bytes=10):
        for size in (11, 2**17):
            answer = await uploads(console, case, ("large.csv", b"x" * size, "text/csv"))
            assert answer.status_code == 413
            assert "A file of evidence has at most 10 bytes" in answer.text.partition('id="act"')[2]
            assert keeps_the_rest(answer.text)


async def test_while_nothing_can_be_kept_the_form_comes_back(console: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    async def away(*_: object) -> None:
        raise Unavailable("the database is away")

    case, _ = await begun(console)
    monkeypatch.setattr(files, "keep", away)
    answer = await uploads(console, case)
    assert answer.status_code == 503
    assert "Choose it again: <bdi>leavers.csv" in answer.text
    assert keeps_the_rest(answer.text)


async def test_another_file_can_be_uploaded_instead(console: Console) -> None:
    case, path = await begun(console)
    page = await shown(console, await uploads(console, case))
    form = filled(page, upload=hidden(page, "upload"), _other=hidden(page, "upload"))
    answer = await console.post("owner", path, form)
    assert answer.status_code == 200
    assert 'name="file"' in answer.text
    assert 'name="upload"' not in answer.text
    assert keeps_the_rest(answer.text)


async def test_a_revision_is_of_what_is_attached_and_each_content_is_named_once(console: Console) -> None:
    case, path = await begun(console)
    await uploads(console, case, ("never attached.csv", b"never attached", "text/csv"))
    await uploads(console, case)
    page = await shown(console, await uploads(console, case))
    form = {**carried(page), "shows": "c1", "upload": hidden(page, "upload")}
    assert (await console.post("owner", path, form)).status_code == 303
    options = re.findall(r'<option value="[^"]+">([^<]*)</option>', (await console.get("owner", path)).text)
    assert len(options) == 1
    assert re.fullmatch(r"leavers\.csv, attached .+, shows c1", options[0])
    revision = await uploads(console, case, ("newer.csv", b"newer", "text/csv"), revises=hidden(page, "upload"))
    card = (await shown(console, revision)).text.partition('id="uploaded"')[2].partition("</section>")[0]
    assert "In place of" in card
    assert "leavers.csv" in card


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
async def test_in_a_browser_nothing_is_lost_from_a_wrong_file_to_the_attached_one(
    console: Console, address: str, browser: Browser, script: bool
) -> None:
    case, path = await begun(console)
    context = await signed_in(browser, console, address, "owner", java_script_enabled=script)
    page = await context.new_page()
    await page.goto(f"/console{path}")
    await page.get_by_label("c1: Cause c1.").check()
    await page.get_by_label("Produced on").fill("2026-03-01")
    for content in (b"", LIST[1]):
        file: FilePayload = {"name": LIST[0], "mimeType": "text/csv", "buffer": content}
        await page.get_by_label("File to upload").set_input_files(file)
        await page.get_by_role("button", name="Upload", exact=True).click()
        if not content:
            await expect(page.locator("#file-said")).to_contain_text("The file is empty.")
    card = page.locator("section", has=page.get_by_role("heading", name="The file that was uploaded"))
    await expect(card).to_contain_text(hashlib.sha256(LIST[1]).hexdigest())
    await expect(page.get_by_label("c1: Cause c1.")).to_be_checked()
    await expect(page.get_by_label("Produced on")).to_have_value("2026-03-01")
    if script:  # with which alone it can be asked
        assert [one["id"] for one in (await Axe().run(page, options=WCAG)).response["violations"]] == []
    await page.get_by_role("button", name="Attach evidence", exact=True).last.click()
    await expect(page.get_by_role("link", name=LIST[0])).to_be_visible()
    [piece] = await attached(console, case)
    assert (piece["name"], piece["shows"], piece["produced_on"]) == (LIST[0], ["c1"], "2026-03-01")
    await context.close()
