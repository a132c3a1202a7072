"""A store of evidence or a mail server that refuses: the line of `closeout doctor` that says so, and its remedy."""

import re
import threading
from collections.abc import Iterator
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar

import pytest

from services.doctor.checks import Result
from tests.doctor.conftest import Elsewhere, broken
from tests.mail.server import serving


@pytest.mark.parametrize(
    ("store", "found"),
    [
        ("file:///etc/passwd/evidence", "/etc/passwd is no folder that can be written"),
        ("az://container", "Account must be specified"),
        ("s3://bucket/evidence", "the store of evidence at s3://bucket/evidence cannot answer now"),
    ],
)
async def test_a_store_of_evidence_that_cannot_be_used(
    elsewhere: Elsewhere, monkeypatch: pytest.MonkeyPatch, store: str, found: str
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT", "http://127.0.0.1:1")
    monkeypatch.setenv("AWS_ALLOW_HTTP", "true")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "nobody")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "nothing")
    broken(await elsewhere.examined(CLOSEOUT_EVIDENCE_STORE=store), "evidence", found, "CLOSEOUT_EVIDENCE_STORE")


class Bucket(BaseHTTPRequestHandler):
    """A bucket of S3 by what `doctor` asks of it; what is `refused` its keys may not do."""

    refused = ""
    held: ClassVar[set[str]] = set()

    def _answer(self, code: int, body: str = "") -> None:
        self.send_response(HTTPStatus.FORBIDDEN if self.command == self.refused else code)
        self.send_header("ETag", '"0"')
        self.send_header("Last-Modified", "Sun, 01 Mar 2026 12:00:00 GMT")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body.encode())

    def do_PUT(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.held.add(self.path.partition("/evidence/")[2])
        self._answer(200)

    def do_HEAD(self) -> None:
        self._answer(200 if self.path.partition("/evidence/")[2] in self.held else 404)

    def do_POST(self) -> None:
        """Deletes objects, the one thing that is posted (S3's DeleteObjects)."""
        asked = self.rfile.read(int(self.headers["Content-Length"])).decode()
        keys = re.findall("<Key>(.*?)</Key>", asked)
        self.held.difference_update(keys)
        told = "".join(f"<Deleted><Key>{key}</Key></Deleted>" for key in keys)
        self._answer(200, f"<DeleteResult>{told}</DeleteResult>")

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Bucket]]:
    """A bucket of this test's own, with the environment that leads there."""
    kind = type("Own", (Bucket,), {"held": set()})
    with ThreadingHTTPServer(("127.0.0.1", 0), kind) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        own = {"ENDPOINT": f"http://127.0.0.1:{server.server_port}", "ALLOW_HTTP": "true", "REGION": "local"}
        for name, value in (own | {"ACCESS_KEY_ID": "k", "SECRET_ACCESS_KEY": "s"}).items():
            monkeypatch.setenv(f"AWS_{name}", value)
        yield kind
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("refused", ["PUT", "HEAD", "POST"], ids=["written", "found", "deleted"])
async def test_a_bucket_whose_objects_may_not_be_written_or_deleted(
    elsewhere: Elsewhere, bucket: type[Bucket], refused: str
) -> None:
    assert (await elsewhere.examined(CLOSEOUT_EVIDENCE_STORE="s3://evidence"))["evidence"].result is Result.OK
    assert bucket.held == set()
    bucket.refused = refused
    report = await elsewhere.examined(CLOSEOUT_EVIDENCE_STORE="s3://evidence")
    broken(report, "evidence", "403", "the bucket must let its objects be listed, read, written and deleted")


async def test_a_mail_server_that_is_away_or_takes_ours(elsewhere: Elsewhere) -> None:
    async with serving() as server:
        url, sender = f"smtp+clear://127.0.0.1:{server.port}", "closeout@example.org"
        report = await elsewhere.examined(CLOSEOUT_SMTP_URL=url, CLOSEOUT_MAIL_FROM=sender)
        assert report["mail server"].found.endswith(f"takes mail from {sender}")
        assert server.box.got == []
        server.box.begins = lambda _: "550 not from there"
        report = await elsewhere.examined(CLOSEOUT_SMTP_URL=url, CLOSEOUT_MAIL_FROM=sender)
        broken(report, "mail server", "550 not from there", "CLOSEOUT_MAIL_FROM")
    report = await elsewhere.examined(CLOSEOUT_SMTP_URL=url, CLOSEOUT_MAIL_FROM=sender)
    broken(report, "mail server", str(server.port), "CLOSEOUT_SMTP_URL")


async def test_mail_that_waits_for_a_server_that_is_away(elsewhere: Elsewhere) -> None:
    await elsewhere.execute(
        """
        INSERT INTO closeout.mailings (tenant, epoch, xid, n, failing_since, probe_at, failure)
        SELECT min(s.tenant), 0, '0', 0, '2026-05-12T08:00:00Z', now(), '421 going down' FROM closeout.streams AS s;
        INSERT INTO closeout.mails (tenant, event_id, person, position, notice, digest, state)
        SELECT m.tenant, gen_random_uuid(), 'p', '', '{}', false, 'pending' FROM closeout.mailings AS m
        """
    )
    found = "taken none since 2026-05-12 08:00 UTC (421 going down), 0 sent, 1 waiting"
    broken(await elsewhere.examined(), "mail", found, "no try is lost")
    await elsewhere.execute("UPDATE closeout.mails SET state = 'sent'")
    assert (await elsewhere.examined())["mail"].result is Result.OK
