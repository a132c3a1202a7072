"""Files of evidence beside their case: pictures and first lines are shown, what could run is not; each is a read."""

import base64
from typing import Any

import pytest

from services.evidence import previews
from tests.console.conftest import Console
from tests.evidence.conftest import PDF, stored

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
        ("proof.pdf", "application/pdf", PDF),
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


async def test_a_preview_is_noted_once_for_each_reader_and_a_download_each_time(console: Console) -> None:
    _, [file] = await attached(console, ("screen.png", "image/png", PNG))
    for _ in range(3):
        await console.get("owner", f"/evidence/{file}/preview")
    assert await reads(console, file) == [{"preview": True}]
    await console.get("reviewer", f"/evidence/{file}/preview")
    for _ in range(2):
        await console.get("owner", f"/evidence/{file}")
    assert await reads(console, file) == [{"preview": True}, {"preview": True}, {}, {}]


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


@pytest.mark.parametrize(("name", "media_type", "content"), [("a.png", "image/png", PNG), ("a.csv", "text/csv", CSV)])
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
