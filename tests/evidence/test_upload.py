"""What is uploaded is kept as it is, once, and described."""

import hashlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi import Request

from activities.directory import files
from activities.ledger.protocol import Scope
from services.api import uploads
from services.evidence import keeping
from services.evidence.forms import Form
from services.problems import Problem
from tests.api.conftest import Desk, Office
from tests.evidence.conftest import BOUND, PDF, Archive, folder, stored


async def test_a_file_is_kept_with_its_digest_and_described(archive: Archive, office: Office, desk: Desk) -> None:
    answer = await archive.send("owner", PDF, "Protokoll Öffnung.pdf", produced_on="2026-03-01")
    assert answer.status_code == 201
    kept = answer.json()
    assert answer.headers["location"] == f"/v1/evidence/{kept['id']}"
    digest = hashlib.sha256(PDF).hexdigest()
    told = {"client": "acme", "name": "Protokoll Öffnung.pdf", "sha256": digest, "size": len(PDF)}
    types = {"media_type": "application/pdf", "declared_type": "application/pdf", "sniffed_type": "application/pdf"}
    assert kept.items() >= {**told, **types, "differs": False, "produced_on": "2026-03-01", "revises": None}.items()
    assert kept["uploaded_at"][:10] == datetime.now(UTC).date().isoformat()
    [path] = stored(office, desk)
    assert path.read_bytes() == PDF
    assert kept["id"] not in str(path)
    assert (await archive.read("owner", kept["id"])).content == PDF
    assert await desk.get("owner", f"/v1/evidence/{kept['id']}/details") == {**kept, "cases": []}
    assert (folder(office).stat().st_mode & 0o077) == 0


@pytest.mark.parametrize(
    ("disposition", "name"),
    [
        ('attachment; filename="report.pdf"', "report.pdf"),
        ("attachment; filename*=UTF-8''%e2%82%ac%20rates.pdf", "€ rates.pdf"),
        ('attachment; filename="../../etc/passwd"', "passwd"),
        ('attachment; filename="C:\\\\temp\\\\a.pdf"', "a.pdf"),
        ("attachment", "evidence"),
    ],
)
async def test_a_name_comes_from_content_disposition_too(archive: Archive, disposition: str, name: str) -> None:
    kept = await archive.keeps("owner", name="", headers={"Content-Disposition": disposition})
    assert kept["name"] == name


async def test_a_form_brings_its_fields_before_and_behind_the_file(archive: Archive) -> None:
    file = ("file", ("Fünf.csv", b"a,b\n1,2\n", "text/csv"))
    answer = await archive.sends_form("owner", ("produced_on", "2026-02-03"), file, ("name", "five.csv"))
    assert answer.status_code == 201, answer.text
    wanted = {"produced_on": "2026-02-03", "name": "five.csv", "media_type": "text/csv", "sniffed_type": "text/plain"}
    assert answer.json().items() >= wanted.items()
    nameless = (await archive.sends_form("owner", file)).json()
    assert (nameless["name"], nameless["differs"]) == ("Fünf.csv", False)


async def test_a_form_is_told_what_is_wrong_with_it(archive: Archive, office: Office, desk: Desk) -> None:
    file = ("file", ("a.txt", b"a", "text/plain"))
    several = await archive.sends_form("owner", file, ("more", ("b.txt", b"b", "text/plain")))
    assert (several.status_code, several.json()["code"]) == (400, "bad_form")
    none = await archive.sends_form("owner", ("name", "x"))
    assert (none.status_code, none.json()["detail"]) == (400, "The form has no file.")
    late = await archive.sends_form("owner", file, ("produced_on", "yesterday"))
    assert (late.status_code, late.json()["errors"][0]["pointer"]) == (422, "/produced_on")
    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    cut = await desk.ask(
        "owner", "POST", "/v1/evidence", headers=headers, content=b'--x\r\nContent-Disposition: form-data; name="f"; '
        b'filename="f"\r\n\r\nhalf'
    )  # fmt: skip
    assert (cut.status_code, cut.json()["code"]) == (400, "bad_form")
    assert stored(office, desk) == []


async def test_what_the_bytes_show_is_told_where_it_differs(archive: Archive) -> None:
    page = b"<!DOCTYPE html><script>alert(1)</script>"
    kept = await archive.keeps("owner", page, name="harmless.pdf")
    assert (kept["media_type"], kept["sniffed_type"], kept["differs"]) == ("text/html", "text/html", True)
    unsaid = await archive.keeps("owner", PDF, media_type="application/octet-stream")
    assert unsaid["media_type"] == "application/pdf"


async def test_size_is_bounded_by_a_setting_that_is_named(small: Archive, tmp_path: Path) -> None:
    exact = await small.keeps("owner", b"x" * BOUND)
    assert exact["size"] == BOUND

    async def endless() -> AsyncIterator[bytes]:
        while True:
            yield b"x" * 1000

    for content in (b"x" * (BOUND + 1), b"x" * (BOUND + 2**17), endless()):
        answer = await small.send("owner", content)  # type: ignore[arg-type]
        assert (answer.status_code, answer.json()["code"]) == (413, "too_many_bytes")
        assert "evidence_bytes" in answer.json()["detail"] and f"{BOUND:,}" in answer.json()["detail"]
    form = await small.sends_form("owner", ("file", ("x", b"x" * (BOUND + 1), "text/plain")))
    assert form.status_code == 413
    assert [path.stat().st_size for path in (tmp_path / "kept").rglob("*") if path.is_file()] == [BOUND]


async def test_nothing_is_kept_of_what_is_refused(archive: Archive, office: Office, desk: Desk) -> None:
    empty = await archive.send("owner", b"")
    assert (empty.status_code, empty.json()["code"]) == (422, "empty_file")
    packed = await archive.send("owner", headers={"Content-Encoding": "gzip"})
    assert packed.status_code == 415
    foreign = await archive.send("owner", client="globex")
    assert (foreign.status_code, foreign.json()["code"]) == (403, "another_client")
    whose = await archive.send("auditor")
    assert (whose.status_code, whose.json()["code"]) == (422, "client_missing")
    nobody = await archive.send("auditor", client="initech")
    assert (nobody.status_code, nobody.json()["code"]) == (422, "client_unknown")
    role = await archive.send("member1", client="acme")
    assert (role.status_code, role.json()["code"]) == (403, "role")
    assert stored(office, desk) == []


async def test_a_repeat_with_the_same_key_is_the_same_file(archive: Archive, office: Office, desk: Desk) -> None:
    key = {"Idempotency-Key": "upload-1"}
    first = await archive.send("owner", headers=key)
    again = await archive.send("owner", headers=key)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    for other in (
        await archive.send("owner", b"other", headers=key),
        await archive.send("owner", PDF, "b", headers=key),
    ):
        assert (other.status_code, other.json()["code"]) == (422, "key_reused")
    assert (await archive.send("approver", headers=key)).status_code == 201
    assert len(stored(office, desk)) == 2
    assert [kind for kind, _ in await archive.events("owner", first.json()["id"])] == ["kept"]


async def test_a_revision_takes_the_place_of_a_file_of_the_same_client(archive: Archive) -> None:
    first = await archive.keeps("owner")
    second = await archive.keeps("approver", b"better", name="proof.txt", media_type="text/plain", revises=first["id"])
    assert second["revises"] == first["id"]
    assert (await archive.read("owner", first["id"])).content == PDF
    foreign = await archive.keeps("stranger")
    for unknown in (foreign["id"], "nothing"):
        answer = await archive.send("owner", revises=unknown)
        assert (answer.status_code, answer.json()["code"]) == (422, "revised_unknown")


async def test_lists_show_a_clients_files_and_ones_own_uploads(archive: Archive, desk: Desk) -> None:
    ours = [await archive.keeps("owner", bytes([n])) for n in range(3)]
    await archive.keeps("stranger")
    mine = await archive.keeps("auditor", b"seen on site", client="acme")
    first = await desk.get("approver", "/v1/evidence", limit=3)
    rest = await desk.get("approver", "/v1/evidence", limit=3, cursor=first["next"])
    assert [one["id"] for one in first["items"] + rest["items"]] == [one["id"] for one in (mine, *reversed(ours))]
    assert rest["next"] is None
    assert [one["id"] for one in (await desk.get("auditor", "/v1/evidence"))["items"]] == [mine["id"]]
    assert (await desk.get("reviewer", "/v1/evidence"))["items"] == []
    found = await desk.get("owner", "/v1/evidence", sha256=ours[1]["sha256"])
    assert [one["id"] for one in found["items"]] == [ours[1]["id"]]


async def test_what_a_crash_left_behind_is_swept_and_nothing_else(
    archive: Archive, office: Office, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = await archive.keeps("owner")
    database, store = office.ledger.database, office.app.state.api.evidence
    left, staged = store.new_key(desk.tenant), store.new_key(desk.tenant)
    for number, key in enumerate((left, staged)):
        await files.begin(database, desk.tenant, f"lost-{number}", key)
    (folder(office) / left).write_bytes(b"whole, and never entered")
    (folder(office) / f"{staged}#1").write_bytes(b"half")
    await archive.keeps("owner", b"another")
    assert len(stored(office, desk)) == 4
    monkeypatch.setattr(keeping, "ABANDONED", timedelta())
    await archive.keeps("owner", b"a third")
    assert len(stored(office, desk)) == 3
    assert await files.stale(database, desk.tenant, datetime.now(UTC), 10) == []
    assert (await archive.read("owner", kept["id"])).content == PDF
    assert len(await files.listed(database, Scope(desk.tenant), None, 10)) == 3


async def test_an_upload_that_takes_too_long_is_given_up(
    archive: Archive, office: Office, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.api.uploads.LONGEST", -timedelta(hours=1))
    answer = await archive.send("owner")
    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
    assert stored(office, desk) == []


async def test_a_page_looks_at_its_own_fields_before_the_file_is_read(office: Office, desk: Desk) -> None:
    def request(proof: str) -> tuple[Request, list[bytes]]:
        head = b'--x\r\nContent-Disposition: form-data; name="%b"%b\r\n\r\n'
        field = head % (b"csrf", b"") + proof.encode() + b"\r\n"
        parts = [field + head % (b"file", b'; filename="a.txt"'), b"text", b"\r\n--x--\r\n"]

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": parts.pop(0), "more_body": bool(parts)}

        headers = [(b"content-type", b"multipart/form-data; boundary=x")]
        scope = {"type": "http", "method": "POST", "path": "/", "query_string": b"", "headers": headers}
        return Request(scope, receive), parts

    def admit(form: Form) -> dict[str, str]:
        if form.fields["csrf"] != "right":
            raise PermissionError
        return {}

    api = office.app.state.api
    caller = await api.authenticator.caller(f"Bearer {desk.token('owner')}", datetime.now(UTC))
    wrong, unread = request("wrong")
    with pytest.raises(PermissionError):
        await uploads.take(wrong, api, caller, admit)
    assert len(unread) == 2
    right, _ = request("right")
    file, again = await uploads.take(right, api, caller, admit)
    assert (file.name, file.size, again) == ("a.txt", 4, False)


async def test_what_is_no_form_is_not_read_where_a_page_sends_one(office: Office, desk: Desk) -> None:
    async def receive() -> dict[str, Any]:
        raise AssertionError("the body was read")

    def admit(form: Form) -> dict[str, str]:
        raise AssertionError("there is none")

    headers = [(b"content-type", b"text/plain")]
    scope = {"type": "http", "method": "POST", "path": "/", "query_string": b"name=a.txt", "headers": headers}
    api = office.app.state.api
    caller = await api.authenticator.caller(f"Bearer {desk.token('owner')}", datetime.now(UTC))
    with pytest.raises(Problem, match="A form is expected here"):
        await uploads.take(Request(scope, receive), api, caller, admit)
