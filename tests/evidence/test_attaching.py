"""Evidence that was uploaded is attached as what it is; evidence kept elsewhere by its digest alone."""

import hashlib
from typing import Any

import httpx
import pytest

from tests.evidence.conftest import PDF, Archive


async def attaching(archive: Archive, case: str, sha256: str, **more: Any) -> httpx.Response:
    body = {"shows": ["c1"], "name": "proof.pdf", "sha256": sha256, "media_type": "application/pdf", **more}
    return await archive.desk.ask("owner", "POST", f"/v1/nonconformities/{case}/attach-evidence", body)


async def test_what_was_uploaded_is_attached_with_its_size_and_type(archive: Archive) -> None:
    kept, case = await archive.keeps("owner"), await archive.case()
    for more in ({}, {"size": len(PDF)}, {"media_type": "Application/PDF; version=1.7"}):
        answer = await attaching(archive, case, kept["sha256"], **more)
        assert answer.status_code == 200, answer.text


@pytest.mark.parametrize(
    ("more", "pointer", "says"),
    [
        ({"size": len(PDF) + 1}, "/size", f"has the size {len(PDF)}, not {len(PDF) + 1}"),
        ({"media_type": "image/png"}, "/media_type", "has the type application/pdf, not image/png"),
        ({"media_type": "text/none"}, "/media_type", "has the type application/pdf, not text/none"),
    ],
)
async def test_what_differs_from_the_upload_is_refused(
    archive: Archive, more: dict[str, Any], pointer: str, says: str
) -> None:
    kept, case = await archive.keeps("owner"), await archive.case()
    answer = await attaching(archive, case, kept["sha256"], **more)
    assert answer.status_code == 422
    problem = answer.json()
    assert (problem["code"], problem["errors"][0]["pointer"]) == ("file_differs", pointer)
    assert says in problem["detail"]
    assert (await archive.desk.get("owner", f"/v1/nonconformities/{case}"))["evidence"] == []


async def test_text_may_be_any_kind_of_text(archive: Archive) -> None:
    kept = await archive.keeps("owner", b"leaver,removed\n", media_type="application/octet-stream")
    case = await archive.case()
    assert (await attaching(archive, case, kept["sha256"], media_type="text/csv")).status_code == 200
    assert (await attaching(archive, case, kept["sha256"], media_type="text/html")).status_code == 422


async def test_evidence_kept_elsewhere_is_attached_by_its_digest(archive: Archive) -> None:
    case = await archive.case()
    digest = hashlib.sha256(b"in the client's own archive").hexdigest()
    assert (await attaching(archive, case, digest, size=7, media_type="application/x-own")).status_code == 200
    # Uploaded later, it is found all the same.
    kept = await archive.keeps("owner", b"in the client's own archive", media_type="text/plain")
    assert (await archive.desk.get("reviewer", f"/v1/evidence/{kept['id']}/details"))["cases"] == [case]


async def test_nobody_learns_whether_another_client_has_a_file(archive: Archive) -> None:
    theirs = await archive.keeps("stranger", b"known to globex")
    case = await archive.case()
    digests = (theirs["sha256"], hashlib.sha256(b"known to nobody").hexdigest())
    answers = [await attaching(archive, case, digest, size=1, media_type="image/png") for digest in digests]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert [answer.json().keys() for answer in answers] == [answers[0].json().keys()] * 2


async def test_a_repeat_is_answered_whatever_was_uploaded_since(archive: Archive) -> None:
    case = await archive.case()
    body = {"shows": ["c1"], "name": "a", "sha256": hashlib.sha256(PDF).hexdigest(), "media_type": "image/png"}
    path, key = f"/v1/nonconformities/{case}/attach-evidence", {"Idempotency-Key": "once"}
    first = await archive.desk.ask("owner", "POST", path, body, key)
    await archive.keeps("owner")
    again = await archive.desk.ask("owner", "POST", path, body, key)
    assert (first.status_code, again.status_code) == (200, 200)
    assert first.json() == again.json()


async def test_several_files_and_revisions_show_one_thing(archive: Archive) -> None:
    first = await archive.keeps("owner", b"first", media_type="text/plain")
    second = await archive.keeps("owner", b"second", media_type="text/plain", revises=first["id"])
    case = await archive.case(first, second, produced_on="2026-02-01")
    seen = await archive.desk.get("reviewer", f"/v1/nonconformities/{case}")
    assert [(one["sha256"], one["produced_on"]) for one in seen["evidence"]] == [
        (one["sha256"], "2026-02-01") for one in (first, second)
    ]
    assert seen["files"] == {one["sha256"]: one["id"] for one in (first, second)}
