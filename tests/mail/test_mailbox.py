"""The mailbox of sample people: what it takes, what it keeps, and what it reads in mails that mean harm."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import pytest
from aiosmtplib import SMTP, SMTPRecipientRefused, SMTPResponseException, SMTPSenderRefused
from hypothesis import given
from hypothesis import strategies as st

from services.mailbox.box import Box, came
from services.mailbox.reading import LONGEST, bodies, listed
from services.mailbox.server import RECIPIENTS, server

SENDER, ADA, BOB = "closeout@body.example", "ada@acme.example", "bob@acme.example"
PLAIN = b"Subject: Due\r\nFrom: Closeout <closeout@body.example>\r\n\r\nTomorrow.\r\n"


@dataclass
class Post:
    box: Box
    folder: Path
    port: int

    def connected(self) -> SMTP:
        return SMTP(hostname="127.0.0.1", port=self.port, use_tls=False, start_tls=False, timeout=30)

    async def sends(self, content: bytes, *to: str, sender: str = SENDER) -> None:
        async with self.connected() as smtp:
            await smtp.sendmail(sender, to or [ADA], content)


@pytest.fixture
async def post(tmp_path: Path) -> AsyncIterator[Post]:
    box = Box(tmp_path / "mail")
    box.open()
    listening = await asyncio.get_running_loop().create_server(lambda: server(box), "127.0.0.1", 0)
    async with listening:
        yield Post(box, tmp_path / "mail", listening.sockets[0].getsockname()[1])


def whole(box: Box, name: UUID) -> bytes:
    content = box.whole(name)
    assert content is not None
    return content


async def test_a_mail_is_kept_as_it_came_for_each_to_whom_it_goes_and_for_nobody_else_to_read(post: Post) -> None:
    await post.sends(PLAIN, ADA, BOB)
    found = [listed(*each) for each in post.box.heads()]
    assert [(one.to, one.subject, one.sender) for one in found] == [
        (BOB, "Due", "Closeout <closeout@body.example>"),
        (ADA, "Due", "Closeout <closeout@body.example>"),
    ]
    assert came(found[0].id) >= came(found[1].id)
    for one in found:
        assert whole(post.box, one.id).startswith(f"Return-Path: <{SENDER}>\r\nDelivered-To: {one.to}\r\n".encode())
        assert whole(post.box, one.id).endswith(b"\r\n" + PLAIN)
    assert post.folder.stat().st_mode & 0o777 == 0o700
    assert [file.stat().st_mode & 0o777 for file in post.folder.iterdir()] == [0o600] * 2


@pytest.mark.parametrize("to", ["nobody", '"a b"@acme.example', "a@[127.0.0.1]", "../../a", "a@b..c"])
async def test_what_is_no_address_is_written_to_by_nobody(post: Post, to: str) -> None:
    async with post.connected() as smtp:
        await smtp.mail(SENDER)
        with pytest.raises(SMTPRecipientRefused):
            await smtp.rcpt(to)


async def test_a_mail_goes_to_so_many_at_a_time(post: Post) -> None:
    async with post.connected() as smtp:
        await smtp.mail(SENDER)
        for n in range(RECIPIENTS):
            await smtp.rcpt(f"p{n}@acme.example")
        with pytest.raises(SMTPRecipientRefused, match="Too many"):
            await smtp.rcpt(ADA)


async def test_a_mail_of_20_megabytes_is_refused_whether_its_size_is_said_or_not(post: Post) -> None:
    large = PLAIN + (b"x" * 898 + b"\r\n") * 22_222
    with pytest.raises(SMTPSenderRefused) as said:
        await post.sends(large)
    assert said.value.code == 552
    async with post.connected() as smtp:
        await smtp.mail(SENDER)
        await smtp.rcpt(ADA)
        with pytest.raises(SMTPResponseException) as unsaid:
            await smtp.data(large)
        assert unsaid.value.code == 552
    assert post.box.ids() == []
    await post.sends(PLAIN)
    assert len(post.box.ids()) == 1


@pytest.mark.parametrize("first", [b"\ton", b" eve@evil.example", b"Delivered-To: eve@evil.example"])
async def test_what_is_sent_does_not_say_to_whom_it_went(post: Post, first: bytes) -> None:
    await post.sends(first + b"\r\n" + PLAIN, sender="")
    [one] = [listed(*each) for each in post.box.heads()]
    assert one.to == ADA


async def test_a_page_of_a_browser_sends_nothing_by_posting_to_the_port(post: Post) -> None:
    said = f"MAIL FROM:<{SENDER}>\r\nRCPT TO:<{ADA}>\r\nDATA\r\n{PLAIN.decode()}.\r\nQUIT\r\n"
    head = "".join(f"{name}: a\r\n" for name in ("Host", "User-Agent", "Accept", "Origin", "Content-Type"))
    reader, writer = await asyncio.open_connection("127.0.0.1", post.port)
    writer.write(f"POST / HTTP/1.1\r\n{head}Content-Length: {len(said)}\r\n\r\nHELO x\r\n{said}".encode())
    assert b"502" in await reader.read()
    writer.close()
    assert post.box.ids() == []


def test_of_many_the_oldest_go(tmp_path: Path) -> None:
    box = Box(tmp_path, kept=3)
    for n in range(5):
        box.put(SENDER, ADA, f"Subject: {n}\r\n\r\n".encode())
    assert [listed(*each).subject for each in box.heads()] == ["4", "3", "2"]
    assert len(list(tmp_path.iterdir())) == 3


def test_a_file_of_somebody_else_is_no_mail(tmp_path: Path) -> None:
    for name in ("notes.eml", "ffffffff-ffff-7fff-8fff-ffffffffffff.eml"):
        (tmp_path / name).write_bytes(PLAIN)
    assert Box(tmp_path).ids() == []


def test_what_a_killed_server_was_writing_is_no_mail(tmp_path: Path) -> None:
    box = Box(tmp_path / "mail")
    box.open()
    box.put(SENDER, ADA, PLAIN)
    (tmp_path / "mail" / ".half.eml.1").write_bytes(b"Subject: Ha")
    assert len(box.ids()) == 1
    box.open()
    assert len(list((tmp_path / "mail").iterdir())) == 1


NAME = UUID("01a2063b-f61c-71b4-8f6c-fec8cf9c9481")


@pytest.mark.parametrize(
    ("said", "read"),
    [
        (b"=?utf-8?q?Gr=C3=B6=C3=9Fe?=", "Größe"),
        ("Größe".encode(), "Größe"),
        (b"a\r\n b", "a b"),
        (b"=?utf-8?q?a=0D=0ABcc=3A_eve?=", "a Bcc: eve"),
        (b"=?utf-8?q?=E2=80=AEabc?=", "abc"),
        (b"=?utf-8?b?a?= x", "=?utf-8?b?a?= x"),
        (b"=?no-such?q?a?= =?zlib?q?b?=", "ab"),
        (b"<script>alert(1)</script>", "<script>alert(1)</script>"),
        (b"", "(no subject)"),
        (b"x" * 5000, "x" * (LONGEST - 1) + "…"),
    ],
)
def test_a_subject_is_one_line(said: bytes, read: str) -> None:
    assert listed(NAME, b"Subject: " + said + b"\r\n\r\n").subject == read


@pytest.mark.parametrize(
    ("kind", "body", "read"),
    [
        (b"text/plain; charset=utf-8", b"\xff\x00ok", "\ufffd\ufffdok"),
        (b"text/plain; charset=iso-8859-1", b"Gr\xf6\xdfe", "Größe"),
        (b"text/plain; charset=zlib", b"x", "x"),
        (b"text/plain; charset=unicode_escape", rb"\ud800", "\ufffd"),
        (b"text/plain; charset*0*=a''%", b"x", "x"),
        (b"text/plain\r\nContent-Disposition: attachment", b"x", ""),
    ],
)
def test_a_text_is_read_as_far_as_it_is_one(kind: bytes, body: bytes, read: str) -> None:
    assert bodies(b"Content-Type: " + kind + b"\r\n\r\n" + body).text == read


def test_parts_within_parts_without_end_are_none() -> None:
    nested = b"".join(b'Content-Type: multipart/mixed; boundary="%d"\r\n\r\n--%d\r\n' % (n, n) for n in range(900))
    found = bodies(nested)
    assert (found.text, found.html) == ("", "")


PIECES = [b"\r\n", b"\n", b"\r", b" ", b"\xff", b"\0", b'"', b";", b"*0*=", b"--a", b"--a--", b"=?utf-8?b?", b"?="]
PIECES += [b"Subject: ", b"From: ", b"Content-Type: ", b"text/html", b"text/plain; charset=", b"utf-7", b"idna"]
PIECES += [b"multipart/mixed; boundary=a", b"message/rfc822", b"Content-Transfer-Encoding: base64"]
"""What mails are made of, and what they come apart by."""


@given(st.lists(st.sampled_from(PIECES) | st.binary(max_size=20), max_size=40).map(b"".join))
def test_no_mail_is_beyond_reading(content: bytes) -> None:
    one, found = listed(NAME, content), bodies(content)
    for text in (one.to, one.sender, one.subject):
        assert "\n" not in text and "\r" not in text and "\0" not in text
        text.encode()
    found.text.encode()
