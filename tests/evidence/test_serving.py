"""What is read is what was uploaded, and cannot run anything; every read is noted."""

from pathlib import Path

import httpx
import pytest

from tests.api.conftest import Desk, Office
from tests.api.ground import served
from tests.evidence.conftest import PDF, Archive, stored

BIG = bytes(range(256)) * 16_384
"""Four windows of the store."""


async def test_a_file_is_saved_and_never_shown(archive: Archive) -> None:
    kept = await archive.keeps("owner", name='Bericht "α"; x.pdf')
    answer = await archive.read("owner", kept["id"])
    headers = answer.headers
    assert headers["content-type"] == "application/pdf"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["content-security-policy"] == "default-src 'none'; sandbox; frame-ancestors 'none'"
    assert headers["cache-control"] == "private, no-store"
    assert headers["etag"] == f'"{kept["sha256"]}"'
    saved = "attachment; filename=\"Bericht ____ x.pdf\"; filename*=UTF-8''Bericht%20%22%CE%B1%22%3B%20x.pdf"
    assert headers["content-disposition"] == saved


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (b"<!DOCTYPE html><script>alert(1)</script>", "text/html"),
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "image/svg+xml"),
        (b"<?xml version='1.0'?><?xml-stylesheet href='x'?><a/>", "application/xml"),
        (b"<script>alert(1)</script>", "text/plain"),
        (b"alert(1)", "application/javascript"),
        (b"MZ\x90\x00" + b"\x00" * 100, "application/vnd.microsoft.portable-executable"),
        (b"\x7fELF\x02\x01\x01", "application/pdf"),
        (b"#!/bin/sh\nrm -rf /", "application/x-sh"),
    ],
)
async def test_what_could_run_is_kept_and_never_served_as_such(
    archive: Archive, content: bytes, media_type: str
) -> None:
    kept = await archive.keeps("owner", content, name="a", media_type=media_type)
    answer = await archive.read("owner", kept["id"])
    assert answer.content == content
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"].startswith("attachment;")


@pytest.mark.parametrize(
    ("wanted", "got"),
    [
        ("bytes=0-0", slice(0, 1)),
        ("bytes=5-", slice(5, None)),
        ("bytes=-7", slice(-7, None)),
        ("bytes=1048570-2097160", slice(1048570, 2097161)),
        ("bytes=4194300-99999999", slice(4194300, None)),
        ("bytes=-99999999", slice(0, None)),
    ],
)
async def test_one_range_is_answered_as_a_part(archive: Archive, wanted: str, got: slice) -> None:
    kept = await archive.keeps("owner", BIG, media_type="application/octet-stream")
    answer = await archive.read("owner", kept["id"], Range=wanted)
    assert answer.status_code == 206
    assert answer.content == BIG[got]
    start, end, size = got.indices(len(BIG))[0], got.indices(len(BIG))[1], len(BIG)
    assert answer.headers["content-range"] == f"bytes {start}-{end - 1}/{size}"
    assert (await archive.events("owner", kept["id"]))[1:] == [("read", {"range": [start, end - 1]})]


async def test_what_is_no_single_range_of_it_is_the_whole_or_none(archive: Archive) -> None:
    kept = await archive.keeps("owner")
    for whole in ("bytes=0-1,4-5", "bytes=5-3", "lines=1-2", "bytes=-", "bytes=a-b"):
        answer = await archive.read("owner", kept["id"], Range=whole)
        assert (answer.status_code, answer.content) == (200, PDF), whole
    for none in (f"bytes={len(PDF)}-", "bytes=-0", "bytes=999999999999999-"):
        answer = await archive.read("owner", kept["id"], Range=none)
        assert (answer.status_code, answer.json()["code"]) == (416, "no_such_range")
        assert answer.headers["content-range"] == f"bytes */{len(PDF)}"
    etag = f'"{kept["sha256"]}"'
    same = await archive.read("owner", kept["id"], **{"Range": "bytes=0-3", "If-Range": etag})
    other = await archive.read("owner", kept["id"], **{"Range": "bytes=0-3", "If-Range": '"other"'})
    assert (same.status_code, other.status_code) == (206, 200)
    reads = [kind for kind, _ in await archive.events("owner", kept["id"])]
    assert reads == ["kept", *["read"] * 7]


async def test_the_head_alone_is_no_read(archive: Archive, desk: Desk) -> None:
    kept = await archive.keeps("owner")
    answer = await desk.ask("owner", "HEAD", f"/v1/evidence/{kept['id']}")
    assert (answer.status_code, answer.content, answer.headers["content-length"]) == (200, b"", str(len(PDF)))
    assert answer.headers["accept-ranges"] == "bytes"
    assert [kind for kind, _ in await archive.events("owner", kept["id"])] == ["kept"]


async def test_who_wrote_and_read_is_noted(archive: Archive, desk: Desk) -> None:
    kept = await archive.keeps("owner")
    await archive.read("approver", kept["id"])
    await archive.read("owner", kept["id"], Range="bytes=0-3")
    page = await desk.get("owner", f"/v1/evidence/{kept['id']}/events", limit=2)
    rest = await desk.get("owner", f"/v1/evidence/{kept['id']}/events", limit=2, cursor=page["next"])
    events = page["items"] + rest["items"]
    assert [one["type"] for one in events] == ["kept", "read", "read"]
    assert events[0]["data"] == {"sha256": kept["sha256"], "size": len(PDF), "client": "acme"}
    assert events[0]["actor"] == events[2]["actor"] == kept["uploaded_by"] != events[1]["actor"]
    assert [one["at"] for one in events] == sorted(one["at"] for one in events)


async def test_a_small_file_that_was_changed_in_the_store_is_not_given_out(
    archive: Archive, office: Office, desk: Desk
) -> None:
    kept = await archive.keeps("owner")
    [path] = stored(office, desk)
    before = _damaged(office)
    for content in (PDF[:-1] + b"X", PDF[:-1], None):
        path.unlink() if content is None else path.write_bytes(content)
        answer = await archive.read("owner", kept["id"])
        assert (answer.status_code, answer.json()["code"]) == (500, "evidence_damaged")
        assert b"%PDF" not in answer.content
    assert _damaged(office) == before + 3
    assert [kind for kind, _ in await archive.events("owner", kept["id"])] == ["kept", *["read", "damaged"] * 3]


async def test_a_large_file_that_was_changed_ends_in_an_error(archive: Archive, office: Office, desk: Desk) -> None:
    kept = await archive.keeps("owner", BIG)
    [path] = stored(office, desk)
    path.write_bytes(BIG[:-1] + b"X")
    before = _damaged(office)
    headers = {"Authorization": f"Bearer {desk.token('owner')}"}
    async with served(office.app) as address, httpx.AsyncClient(base_url=address, trust_env=False) as client:
        with pytest.raises(httpx.RemoteProtocolError):
            await client.get(f"/v1/evidence/{kept['id']}", headers=headers)
    assert _damaged(office) == before + 1
    assert (await archive.events("owner", kept["id"]))[-1][0] == "damaged"


async def test_a_range_of_all_is_checked_as_the_whole_is(archive: Archive, office: Office, desk: Desk) -> None:
    kept = await archive.keeps("owner")
    answer = await archive.read("owner", kept["id"], Range="bytes=0-")
    assert (answer.status_code, answer.content) == (206, PDF)
    [path] = stored(office, desk)
    path.write_bytes(PDF[:-1] + b"X")
    for wanted in ("bytes=0-", f"bytes=-{len(PDF)}", f"bytes=0-{len(PDF) + 9}"):
        answer = await archive.read("owner", kept["id"], Range=wanted)
        assert (answer.status_code, answer.json()["code"]) == (500, "evidence_damaged")


async def test_a_store_that_cannot_answer_is_away(small: Archive, tmp_path: Path) -> None:
    (tmp_path / "kept").write_text("a file where the folder should be")
    answer = await small.send("owner")
    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
    assert answer.headers["retry-after"]


def _damaged(office: Office) -> float:
    value = office.app.state.api.recording.metrics.registry.get_sample_value(
        "closeout_evidence_files_total", {"result": "damaged"}
    )
    assert value is not None
    return float(value)
