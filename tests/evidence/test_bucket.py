"""The same in a real object store that speaks S3."""

from collections.abc import AsyncIterator

import obstore
import pytest
from obstore.store import from_url

from services.settings import BadSettings, Settings
from tests.api.conftest import Desk, Office
from tests.deploy.bucket import serving
from tests.evidence.conftest import PDF, Archive, another

BIG = bytes(range(256)) * (20 * 2**12)
"""Three parts of an upload."""


@pytest.fixture(scope="module")
async def url(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[str]:
    """The URL of a place in the bucket that is deployed, with the environment that leads there."""
    async with serving(tmp_path_factory.mktemp("bucket")) as environ:
        with pytest.MonkeyPatch.context() as patch:
            for name, value in environ.items():
                if name.startswith("AWS_"):
                    patch.setenv(name, value)
            await obstore.put_async(from_url("s3://evidence/files"), "ready", b"yes")
            yield "s3://evidence/files"


@pytest.fixture
async def far(office: Office, desk: Desk, url: str) -> AsyncIterator[Archive]:
    """A tenant whose files are in the bucket."""
    async with another(office, desk, evidence_store=url) as archive:
        yield archive


def objects(url: str, desk: Desk) -> dict[str, int]:
    """What the bucket holds of a tenant, with sizes."""
    listed = obstore.list(from_url(url), f"{desk.tenant}/").collect()
    return {one["path"]: one["size"] for one in listed}


@pytest.mark.parametrize("content", [PDF, BIG], ids=["small", "large"])
async def test_a_file_is_kept_and_read_whole_and_in_part(far: Archive, desk: Desk, url: str, content: bytes) -> None:
    kept = await far.keeps("owner", content, media_type="application/octet-stream")
    assert list(objects(url, desk).values()) == [len(content)]
    assert (await far.read("owner", kept["id"])).content == content
    assert (await far.read("owner", kept["id"], Range="bytes=3-12")).content == content[3:13]
    assert (await far.read("owner", kept["id"], Range="bytes=-5")).content == content[-5:]


async def test_an_upload_that_breaks_off_leaves_nothing(far: Archive, desk: Desk, url: str) -> None:
    head = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n'
    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    cut = await far.desk.ask("owner", "POST", "/v1/evidence", headers=headers, content=head + BIG)
    assert (cut.status_code, cut.json()["detail"]) == (400, "The form ended before its last boundary.")
    assert objects(url, desk) == {}
    assert (await desk.get("owner", "/v1/evidence"))["items"] == []


async def test_an_object_is_written_once(office: Office, desk: Desk, url: str) -> None:
    async with another(office, desk, evidence_store=url) as archive:
        kept = await archive.keeps("owner")
        [key] = objects(url, desk)
        with pytest.raises(obstore.exceptions.AlreadyExistsError):
            await obstore.put_async(from_url(url), key, b"other", mode="create")
        assert (await archive.read("owner", kept["id"])).content == PDF


async def test_an_object_that_was_changed_is_not_given_out(far: Archive, desk: Desk, url: str) -> None:
    kept = await far.keeps("owner")
    [key] = objects(url, desk)
    for content in (PDF[:-1] + b"X", PDF[:-1]):
        await obstore.put_async(from_url(url), key, content)
        answer = await far.read("owner", kept["id"])
        assert (answer.status_code, answer.json()["code"]) == (500, "evidence_damaged")
    await obstore.delete_async(from_url(url), key)
    assert (await far.read("owner", kept["id"])).status_code == 500


async def test_a_url_that_cannot_be_meant_is_a_bad_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    for text in ("ftp://bucket", "s3://", "file://relative", "evidence"):
        with pytest.raises(BadSettings, match="evidence_store"):
            Settings.load({"evidence_store": text}, {})
