"""Files of evidence through the client: never held whole, never taken for what they are not."""

from pathlib import Path

import httpx
import pytest

from services.client import Closeout, Failed, NotTheSame, Unreached
from tests.api.conftest import Office
from tests.client.conftest import Clients

BIG = bytes(range(256)) * 16_384


async def test_a_file_goes_up_and_comes_down(clients: Clients, tmp_path: Path) -> None:
    owner, source, copy = clients.of("owner"), tmp_path / "Öl.bin", tmp_path / "copy"
    source.write_bytes(BIG)
    kept = await owner.upload_evidence(source, idempotency_key="once")
    assert (kept.name, kept.size, kept.client) == ("Öl.bin", len(BIG), "acme")
    assert await owner.upload_evidence(source, idempotency_key="once") == kept
    assert await owner.download_evidence(kept.id, copy) == await owner.evidence(kept.id)
    assert copy.read_bytes() == BIG
    revised = await clients.of("auditor").upload_evidence(b"seen", name="a.txt", client="acme", revises=None)
    assert (revised.media_type, revised.described) == (
        "text/plain",
        {"name": "a.txt", "sha256": revised.sha256, "media_type": "text/plain", "size": 4},
    )
    with pytest.raises(Failed, match="not_found"):
        await clients.of("stranger").download_evidence(kept.id, tmp_path / "stolen")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["copy", "Öl.bin"]


class Cutting(httpx.AsyncBaseTransport):
    """Loses the connection in the middle of each body, `times` over; what it passes on is as it was."""

    def __init__(self, inner: httpx.AsyncBaseTransport, times: int) -> None:
        self.inner = inner
        self.times = times
        self.ranges: list[str | None] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        answer = await self.inner.handle_async_request(request)
        if request.url.path.endswith("/details"):
            return answer
        self.ranges.append(request.headers.get("range"))
        whole = b"".join([part async for part in answer.stream])  # type: ignore[union-attr]
        self.times -= 1
        return httpx.Response(
            answer.status_code, headers=answer.headers, stream=Half(whole, cut=self.times >= 0), request=request
        )


class Half(httpx.AsyncByteStream):
    def __init__(self, whole: bytes, *, cut: bool) -> None:
        self.whole, self.cut = whole, cut

    async def __aiter__(self):  # type: ignore[no-untyped-def]
        yield self.whole[: len(self.whole) // 2] if self.cut else self.whole
        if self.cut:
            raise httpx.ReadError("lost")


async def test_a_lost_connection_goes_on_behind_the_last_byte(clients: Clients, office: Office, tmp_path: Path) -> None:
    kept = await clients.of("owner").upload_evidence(BIG, name="big")
    cutting = Cutting(httpx.ASGITransport(office.app), times=2)
    async with Closeout("http://api", clients.desk.token("owner"), transport=cutting) as client:
        await client.download_evidence(kept.id, tmp_path / "big")
    assert (tmp_path / "big").read_bytes() == BIG
    half = len(BIG) // 2
    assert cutting.ranges == [None, f"bytes={half}-", f"bytes={half + half // 2}-"]


class Away(httpx.AsyncBaseTransport):
    """Asks to come again, `times` over."""

    def __init__(self, inner: httpx.AsyncBaseTransport, times: int, status: int = 503, after: int = 0) -> None:
        self.inner, self.times, self.status, self.after = inner, times, status, after

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/details") or self.times == 0:
            return await self.inner.handle_async_request(request)
        self.times -= 1
        return httpx.Response(self.status, headers={"Retry-After": str(self.after)}, request=request)


async def test_a_server_that_is_away_is_asked_again(clients: Clients, office: Office, tmp_path: Path) -> None:
    kept = await clients.of("owner").upload_evidence(BIG, name="big")
    inner, token = httpx.ASGITransport(office.app), clients.desk.token("owner")
    async with Closeout("http://api", token, transport=Away(inner, 2)) as client:
        await client.download_evidence(kept.id, tmp_path / "big")
    assert (tmp_path / "big").read_bytes() == BIG
    async with Closeout("http://api", token, transport=Away(inner, 1, after=3600)) as client:
        with pytest.raises(Unreached, match="503"):
            await client.download_evidence(kept.id, tmp_path / "big")
    async with Closeout("http://api", token, transport=Away(inner, 1, 429, 3600)) as client:
        with pytest.raises(Failed, match="again in 3600 s"):
            await client.download_evidence(kept.id, tmp_path / "big")


async def test_other_bytes_are_not_left_at_the_place(clients: Clients, office: Office, tmp_path: Path) -> None:
    owner = clients.of("owner")
    kept = await owner.upload_evidence(BIG, name="big")
    [path] = (office.settings.data / "evidence" / clients.desk.tenant).iterdir()
    path.write_bytes(bytes(len(BIG)))
    # The server breaks off before the end; whoever asks for the rest alone finds out by the digest.
    with pytest.raises(NotTheSame):
        await owner.download_evidence(kept.id, tmp_path / "big")
    assert list(tmp_path.iterdir()) == []
