"""Files of evidence beside their case: pictures, first pages and first lines are shown, what could run is not.

Each is a read.
"""

import asyncio
import base64
from dataclasses import replace
from typing import Any

import pytest
from axe_playwright_python.async_playwright import Axe  # type: ignore[import-untyped]  # it has no types
from playwright.async_api import Browser, expect

from services.evidence import apart, previews
from services.evidence.easel import Easel
from tests.console.conftest import Console, signed_in
from tests.console.test_browser import WCAG
from tests.evidence.conftest import PDF, stored
from tests.evidence.papers import locked, paper

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
HTML = b"<!doctype html><script>alert(1)</script>"
CSV = b"leaver,removed\n<script>alert(1)</script>,=cmd\n"


async def attached(console: Console, *files: tuple[str, str, bytes]) -> tuple[str, list[str]]:
    """A case of acme with these files, by name and declared type; the files' ids."""
    desk, ids = console.desk, []
    case = (await desk.reports("auditor", "P-1"))["id"]
    causes = [{"key": "c1", "text": "HR has no list."}]
    await desk.does("owner", case, "record-cause", method="other", causes=causes)
    for name, media_type, content in files:
        headers = {"Content-Type": media_type}
        answer = await desk.ask(
            "owner", "POST", "/v1/evidence", headers=headers, content=content, params={"name": name}
        )
        assert answer.status_code == 201, answer.text
        kept = answer.json()
        named = {one: kept[one] for one in ("name", "sha256", "media_type", "size")}
        await desk.does("owner", case, "attach-evidence", shows=["c1"], **named)
        ids.append(kept["id"])
    return case, ids


async def reads(console: Console, file: str) -> list[dict[str, Any]]:
    """What was noted of reads of a file."""
    events = (await console.desk.get("owner", f"/v1/evidence/{file}/events"))["items"]
    return [event["data"] for event in events if event["type"] == "read"]


async def test_a_picture_is_shown_as_what_its_bytes_are_and_cannot_run_anything(console: Console) -> None:
    case, [file] = await attached(console, ("screen.png", "image/png", PNG))
    page = (await console.get("reviewer", f"/cases/{case}")).text
    assert f'<img src="/console/evidence/{file}/preview" alt="Picture: screen.png" loading="lazy"' in page
    answer = await console.get("reviewer", f"/evidence/{file}/preview")
    assert answer.status_code == 200
    assert answer.content == PNG
    assert answer.headers["content-type"] == "image/png"
    assert answer.headers["content-disposition"] == "inline"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-security-policy"] == "default-src 'none'; sandbox; frame-ancestors 'none'"
    assert answer.headers["cache-control"] == "private, no-store"


async def test_the_first_lines_of_a_text_are_text(console: Console) -> None:
    case, [file] = await attached(console, ("list.csv", "text/csv", CSV))
    page = (await console.get("reviewer", f"/cases/{case}")).text
    assert f'hx-get="/console/evidence/{file}/preview"' in page
    whole = await console.get("reviewer", f"/evidence/{file}/preview")
    assert whole.headers["content-type"] == "text/html; charset=utf-8"
    assert "&lt;script&gt;alert(1)&lt;/script&gt;,=cmd" in whole.text
    assert "<script>alert" not in whole.text
    assert "This is all of it." in whole.text
    part = (await console.get("reviewer", f"/evidence/{file}/preview", **{"HX-Request": "true"})).text
    assert part.startswith('<figure class="lines">')
    assert "&lt;script&gt;alert(1)" in part


async def test_a_long_text_is_cut(console: Console) -> None:
    content = b"\n".join(b"%d %s" % (n, b"x" * 4000) for n in range(100))
    _, [file] = await attached(console, ("log.txt", "text/plain", content))
    page = (await console.get("owner", f"/evidence/{file}/preview")).text
    shown = page.partition("<pre")[2].partition("</pre>")[0]
    assert len(shown) < previews.LINES * (previews.LONGEST + 20)
    assert "The file goes on." in page


@pytest.mark.parametrize(
    ("name", "media_type", "content"),
    [
        ("picture.svg", "image/svg+xml", SVG),
        ("picture.png", "image/png", SVG),
        ("page.html", "text/html", HTML),
        ("page.csv", "text/csv", HTML),
        ("page.txt", "text/plain", b"<?xml version='1.0'?><html><script>alert(1)</script></html>"),
        ("style.css", "text/css", b"body { background: url(//x.invalid) }"),
        ("data.bin", "application/octet-stream", b"\x00\x01\x02"),
    ],
)
async def test_what_could_run_and_what_is_not_known_is_saved_and_not_shown(
    console: Console, name: str, media_type: str, content: bytes
) -> None:
    case, [file] = await attached(console, (name, media_type, content))
    page = (await console.get("owner", f"/cases/{case}")).text
    assert f'href="/console/evidence/{file}"' in page
    assert "/preview" not in page
    answer = await console.get("owner", f"/evidence/{file}/preview")
    assert answer.status_code == 404
    assert "Save it to read it." in answer.text
    assert await reads(console, file) == []


async def test_what_is_large_is_not_shown(console: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(previews, "MOST", len(PNG) - 1)
    case, [file] = await attached(console, ("screen.png", "image/png", PNG))
    assert "/preview" not in (await console.get("owner", f"/cases/{case}")).text
    assert (await console.get("owner", f"/evidence/{file}/preview")).status_code == 404


async def test_the_first_pages_of_a_pdf_are_pictures(console: Console) -> None:
    case, [file] = await attached(console, ("proof.pdf", "application/pdf", paper(5)))
    page = (await console.get("reviewer", f"/cases/{case}")).text
    assert f'hx-get="/console/evidence/{file}/preview"' in page
    assert "First pages" in page
    there = f"/evidence/{file}/preview"
    whole = (await console.get("reviewer", there)).text
    shown = [f'src="/console{there}/{n}" alt="Page {n} of proof.pdf"' for n in range(1, apart.FIRST + 1)]
    assert all(one in whole for one in shown)
    assert f"{there}/{apart.FIRST + 1}" not in whole
    assert "The first 3 of 5 pages." in whole
    part = (await console.get("reviewer", there, **{"HX-Request": "true"})).text
    assert part.startswith('<figure class="sheets">')
    answer = await console.get("reviewer", f"{there}/{apart.FIRST}")
    assert answer.status_code == 200
    assert answer.content.startswith(b"\x89PNG")
    assert answer.headers["content-type"] == "image/png"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-security-policy"] == "default-src 'none'; sandbox; frame-ancestors 'none'"
    assert answer.headers["cache-control"] == "private, no-store"
    assert "etag" not in answer.headers
    for number in ("0", "4", "-1"):
        assert (await console.get("reviewer", f"{there}/{number}")).status_code == 404
    assert await reads(console, file) == [{"preview": True}]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (locked(paper()), "It is encrypted, and cannot be shown without its password."),
        (PDF, "It is damaged: its pages cannot be shown."),
    ],
)
async def test_a_pdf_that_cannot_be_shown_says_why_and_can_be_saved(console: Console, content: bytes, why: str) -> None:
    _, [file] = await attached(console, ("proof.pdf", "application/pdf", content))
    told = await console.get("owner", f"/evidence/{file}/preview")
    assert told.status_code == 200
    assert why in told.text
    assert "<img" not in told.text.partition("<main")[2]
    drawn = await console.get("owner", f"/evidence/{file}/preview/1")
    assert drawn.status_code == 404
    assert why in drawn.text
    assert f'href="/console/evidence/{file}"' in told.text
    assert (await console.get("owner", f"/evidence/{file}")).content == content


async def test_where_others_are_before_it_a_page_is_asked_for_again(console: Console) -> None:
    _, [file] = await attached(console, ("proof.pdf", "application/pdf", paper()))
    easel = Easel(asyncio.Semaphore(0), patience=0.01)
    state = console.desk.office.app.state
    before = state.api
    state.api = replace(before, easel=easel)
    try:
        for there in ("preview", "preview/1"):
            answer = await console.get("owner", f"/evidence/{file}/{there}")
            assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    finally:
        state.api = before


async def test_in_a_browser_first_pages_come_in_their_place(browser: Browser, console: Console, address: str) -> None:
    files = [("proof.pdf", "application/pdf", paper(2)), ("locked.pdf", "application/pdf", locked(paper()))]
    case, _ = await attached(console, *files)
    context = await signed_in(browser, console, address, "reviewer")
    page = await context.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    await page.goto(f"/console/cases/{case}")
    await page.get_by_role("link", name="First pages").first.click()
    second = page.get_by_role("img", name="Page 2 of proof.pdf")
    await expect(second).to_have_js_property("naturalWidth", 1000)
    await page.get_by_role("link", name="First pages").last.click()
    await expect(page.get_by_text("It is encrypted")).to_be_visible()
    assert page.url.endswith(f"/cases/{case}")
    assert said == []
    broken = (await Axe().run(page, options=WCAG)).response["violations"]
    assert [(one["id"], one["nodes"][0]["html"][:200]) for one in broken] == []
    await page.set_viewport_size({"width": 360, "height": 740})
    assert await page.evaluate("document.documentElement.scrollWidth") <= 360
    await context.close()


async def test_a_preview_is_noted_once_for_each_reader_and_a_download_each_time(console: Console) -> None:
    _, [file] = await attached(console, ("screen.png", "image/png", PNG))
    for _ in range(3):
        await console.get("owner", f"/evidence/{file}/preview")
    assert await reads(console, file) == [{"preview": True}]
    await console.get("reviewer", f"/evidence/{file}/preview")
    for _ in range(2):
        await console.get("owner", f"/evidence/{file}")
    assert await reads(console, file) == [{"preview": True}, {"preview": True}, {}, {}]


async def test_a_revision_and_what_it_takes_the_place_of_name_each_other(console: Console) -> None:
    case, [old] = await attached(console, ("list.csv", "text/csv", CSV))
    path = f"/cases/{case}/attach-evidence"
    form = (await console.get("owner", path)).text
    assert f'<option value="{old}">list.csv, attached ' in form
    name, text, csrf = await console.cookie("owner")
    answer = await console.desk.http.post(
        f"/console/cases/{case}/upload",
        data={"csrf": csrf, "revises": old},
        files={"file": ("list <2>.csv", b"leaver,removed\n", "text/csv")},
        headers={"Cookie": f"{name}={text}"},
    )
    assert answer.status_code == 303, answer.text
    kept = (await console.desk.get("owner", "/v1/evidence"))["items"][0]
    assert kept["revises"] == old
    told = {field: kept[field] for field in ("name", "sha256", "media_type", "size")}
    await console.desk.does("owner", case, "attach-evidence", shows=["c1"], **told)
    page = (await console.get("reviewer", f"/cases/{case}")).text
    assert f'in place of <a href="/console/evidence/{old}"><bdi>list.csv</bdi></a>' in page
    assert f'in its place: <a href="/console/evidence/{kept["id"]}"><bdi>list &lt;2&gt;.csv</bdi></a>' in page


async def test_asking_for_the_head_of_a_preview_is_no_read(console: Console) -> None:
    _, [file] = await attached(console, ("screen.png", "image/png", PNG))
    name, text, _ = await console.cookie("owner")
    there = f"/console/evidence/{file}/preview"
    answer = await console.desk.http.head(there, headers={"Cookie": f"{name}={text}"})
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "image/png"
    assert await reads(console, file) == []


async def test_nobody_of_another_client_sees_a_preview(console: Console) -> None:
    _, [file] = await attached(console, ("screen.png", "image/png", PNG))
    there = await console.get("stranger", f"/evidence/{file}/preview")
    never = await console.get("stranger", f"/evidence/{file[:-1]}x/preview")
    assert there.status_code == never.status_code == 404
    assert await reads(console, file) == []


@pytest.mark.parametrize(
    ("name", "media_type", "content"),
    [("a.png", "image/png", PNG), ("a.csv", "text/csv", CSV), ("a.pdf", "application/pdf", paper())],
)
async def test_what_is_not_what_was_uploaded_is_not_shown(
    console: Console, name: str, media_type: str, content: bytes
) -> None:
    _, [file] = await attached(console, (name, media_type, content))
    [there] = stored(console.desk.office, console.desk)
    there.write_bytes(content[:-2] + b"!!")
    answer = await console.get("owner", f"/evidence/{file}/preview")
    assert answer.status_code == 500
    assert b"alert" not in answer.content
    assert "no longer has what was uploaded" in answer.text
