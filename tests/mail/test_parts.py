"""The pure parts: the table, addresses, words, bundles, and when a digest comes."""

import re
from datetime import UTC, datetime
from email import message_from_bytes
from email.header import decode_header, make_header
from email.policy import SMTP
from typing import get_args
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from activities.directory.mail import DIGEST_AT, Mail
from services.mail.addresses import checked, is_address
from services.mail.bundling import FLOOD, LONGEST, bundles, name_of
from services.mail.composing import DUE, KINDS, Composer, Letter
from services.mail.concerns import CONCERNS
from services.mail.deciding import next_digest
from services.mail.notices import Notice
from services.mail.relay import Relay
from services.mail.words import line, paragraph
from services.settings import BadSettings, Settings
from tests.mail.server import text
from workflows.nonconformity.commands import DeadlineKind
from workflows.people import Person
from workflows.registry import EVENTS

SILENT = {
    "acknowledged",
    "action_completed",
    "action_dropped",
    "action_planned",
    "action_revised",
    "aggregated",
    "aggregation_lapsed",
    "cause_recorded",
    "client_changed",
    "correction_recorded",
    "evidence_attached",
    "extent_recorded",
    "finding_completed",
    "finding_passed",
    "finding_revised",
    "systemic_raised",
}
"""Events of a nonconformity that concern nobody but who reads the case."""


def test_the_table_knows_every_event_of_a_case_and_no_other() -> None:
    told = {name.partition(".")[2] for name in CONCERNS if name.startswith("nonconformity.")}
    there = {name.partition(".")[2] for name in EVENTS if name.startswith("nonconformity.")}
    assert told | SILENT == there and not told & SILENT
    assert set(CONCERNS) <= set(EVENTS)
    assert {name.partition(".")[0] for name in CONCERNS} == set(KINDS)


def test_breach_committee_and_certificate_are_never_off() -> None:
    assert CONCERNS["nonconformity.deadline_missed"].must
    assert CONCERNS["nonconformity.escalated"].must and CONCERNS["nonconformity.review_decided"].must
    assert all(concern.must for name, concern in CONCERNS.items() if not name.startswith("nonconformity."))


def test_every_date_has_words() -> None:
    assert set(get_args(DeadlineKind)) <= set(DUE)


@pytest.mark.parametrize("good", ["a@b", "Ada.Lovelace+nc@mail.example.org", "o'neil@example.ie"])
def test_an_address_is_taken(good: str) -> None:
    assert is_address(good)


BAD = [
    "",
    "a",
    "a@",
    "@b",
    "a@b\r\nBcc: c@d",
    "a b@c",
    "a@b c",
    "a..b@c",
    '"a"@b',
    "a@[127.0.0.1]",
    "a@b,c@d",
    "ä@b",
    "<a@b>",
]


@pytest.mark.parametrize("bad", [*BAD, "a@b\n", "a@-b", "ä@b", "<a@b>"])
def test_what_is_no_address_is_not(bad: str) -> None:
    assert not is_address(bad)


def test_an_address_is_as_long_as_servers_take() -> None:
    assert is_address("x" * 244 + "@b.example") and not is_address("x" * 245 + "@b.example")


@given(st.text(max_size=300))
def test_a_line_is_one_and_turns_no_direction(text: str) -> None:
    shown = line(text)
    assert len(shown.splitlines()) <= 1 and len(shown) <= 200
    assert not set(shown) & set("\x00\x1b\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c")
    assert not set(paragraph(text)) & set("\r\x00\x1b\u202e\u2066")


HEADERS = (
    b"Subject From To Date Message-ID In-Reply-To References List-Id Auto-Submitted MIME-Version Content-Type".split()
)
TEXTS = st.text(st.characters(exclude_categories=()), max_size=200)


@given(TEXTS, TEXTS, TEXTS, TEXTS)
def test_no_text_of_a_person_makes_a_header_or_markup(title: str, number: str, name: str, why: str) -> None:
    notice = Notice.model_construct(
        type="nonconformity.issued",
        said="A nonconformity was issued",
        at=datetime(2026, 3, 1, tzinfo=UTC),
        number=number,
        title=title,
        actor=name,
        why=(why,),
        path="/console/cases/x",
        thread="nonconformity.x",
    )
    composer = Composer("closeout@closeout.example", "https://closeout.example")
    to = Person(id="p", name="Ada", email="ada@people.example")
    letter = Letter(str(uuid4()), [notice])
    raw = composer.compose("t1", letter, to, datetime(2026, 3, 1, tzinfo=UTC)).as_bytes()
    head = raw.partition(b"\r\n\r\n")[0]
    names = [field.partition(b":")[0] for field in head.split(b"\r\n") if not field.startswith((b" ", b"\t"))]
    assert sorted(names) == sorted(HEADERS)
    assert raw.isascii()
    html = composer.compose("t1", letter, to, datetime(2026, 3, 1, tzinfo=UTC)).get_body(("html",))
    assert html is not None and html.get_content().count("<a ") == 2


ENCODED = "=?utf-8?q?x=0D=0ABcc=3A_all=40evil=2Eexample=0D=0A=0D=0A=3Cb=3E?="
"""A line break, a header, an empty line and a text, as headers encode them (RFC 2047)."""


@pytest.mark.parametrize(
    "text",
    [
        ENCODED,
        f"{'a' * 50} {ENCODED}",
        f"{'Ada ' * 14}, all@evil.example",
        f"{'x' * 58}, <all@evil.example>",
        'Ada "<all@evil.example>, " Lovelace',
        "Группа: all@evil.example; " * 3,
    ],
)
def test_what_reads_like_another_header_or_address_is_text(text: str) -> None:
    notice = Notice(
        type="nonconformity.issued",
        said="A nonconformity was issued",
        at=datetime(2026, 3, 1, tzinfo=UTC),
        title=text,
        path="/console/cases/x",
        thread="nonconformity.x",
    )
    composer = Composer("closeout@closeout.example", "https://closeout.example")
    to = Person(id="p", name=text, email="ada@people.example")
    raw = composer.compose("t1", Letter("e", [notice]), to, datetime(2026, 3, 1, tzinfo=UTC)).as_bytes()
    sent = message_from_bytes(raw, policy=SMTP)
    assert sorted(sent.keys()) == sorted(name.decode() for name in HEADERS)
    assert [one.addr_spec for one in sent["to"].addresses] == ["ada@people.example"]
    old = {name: re.sub(r"\r\n(?=[ \t])", "", value) for name, value in message_from_bytes(raw).items()}
    assert str(make_header(decode_header(old["Subject"]))) == f"A nonconformity was issued: {line(text, 120)}"
    assert str(make_header(decode_header(old["To"]))) == f"{line(text, 80)} <ada@people.example>"
    assert max(map(len, raw.partition(b"\r\n\r\n")[0].split(b"\r\n"))) <= 120


def test_what_people_wrote_says_nothing_in_our_name() -> None:
    notice = Notice(
        type="nonconformity.commented",
        said="There is a comment",
        at=datetime(2026, 3, 1, tzinfo=UTC),
        todo="Say what was done to fix the thing itself.",
        why=("Fine.\r\n\r\nTo act: https://evil.example\u2028To act: there\x0bTo act: here",),
        path="/console/cases/x",
        thread="nonconformity.x",
    )
    composer = Composer("closeout@closeout.example", "https://closeout.example")
    to = Person(id="p", name="Ada", email="ada@people.example")
    said = text(composer.compose("t1", Letter("e", [notice]), to, datetime(2026, 3, 1, tzinfo=UTC)))
    assert "> To act: https://evil.example" in said
    assert re.findall(r"(?m)^To act: (.*)$", said) == ["https://closeout.example/console/cases/x"]


def test_ids_stand_in_mails_as_they_are_however_long() -> None:
    notice = Notice(
        type="nonconformity.issued",
        said="A nonconformity was issued",
        at=datetime(2026, 3, 1, tzinfo=UTC),
        path="/console/cases/x",
        thread=f"nonconformity.{uuid4()}",
    )
    sender = f"closeout@{'a' * 60}.{'b' * 60}.example"
    composer, to = Composer(sender, "https://closeout.example"), Person(id="p", name="Ada", email="ada@people.example")
    message = composer.compose("t" * 63, Letter(str(uuid4()), [notice]), to, datetime(2026, 3, 1, tzinfo=UTC))
    head = message.as_bytes().partition(b"\r\n\r\n")[0].decode()
    fields = dict(field.split(": ", 1) for field in head.split("\r\n") if ": " in field)
    for name in ("Message-ID", "In-Reply-To", "References"):
        assert fields[name].startswith("<") and fields[name].endswith(f"@{sender.partition('@')[2]}>"), name
    assert fields["In-Reply-To"] == fields["References"] != fields["Message-ID"]
    assert fields["List-Id"] == f"Closeout <{'t' * 63}.closeout.{sender.partition('@')[2]}>"


def test_a_digest_comes_at_the_next_seven_in_the_reader_s_zone() -> None:
    for zone in ("UTC", "Asia/Tokyo", "America/New_York"):
        for hour in range(24):
            now = datetime(2026, 3, 7, hour, 30, tzinfo=UTC)
            at = next_digest(now, zone).astimezone(ZoneInfo(zone))
            assert at.time() == DIGEST_AT and 0 < (at - now).total_seconds() <= 86400


def mail(person: str, *, digest: bool = False) -> Mail:
    return Mail(event_id=uuid4(), person=person, notice="{}", digest=digest)


def test_what_waits_goes_out_one_by_one_and_a_digest_or_flood_together() -> None:
    few = [mail("a"), mail("a"), mail("b"), mail("b", digest=True), mail("b", digest=True)]
    assert [len(one) for one in bundles(few)] == [1, 1, 1, 2]
    assert [len(one) for one in bundles([mail("a") for _ in range(FLOOD + 1)])] == [FLOOD + 1]
    assert [len(one) for one in bundles([mail("a", digest=True) for _ in range(LONGEST + 1)])] == [LONGEST, 1]


def test_a_mail_of_several_is_no_repeat_of_a_mail_of_some_of_them() -> None:
    few = [mail("a") for _ in range(3)]
    assert name_of(few[:1]) == str(few[0].event_id)
    names = [name_of(few[:1]), name_of(few[:2]), name_of(few)]
    assert len(set(names)) == 3 and name_of(list(few)) == names[2]


@pytest.mark.parametrize(
    ("url", "host", "port", "security"),
    [
        ("smtps://u:p%2F%40@mail.example.org", "mail.example.org", 465, "tls"),
        ("smtp://mail.example.org", "mail.example.org", 587, "starttls"),
        ("smtp+clear://127.0.0.1:1025", "127.0.0.1", 1025, "none"),
    ],
)
def test_a_server_is_named_by_one_setting(url: str, host: str, port: int, security: str) -> None:
    relay = Relay.of(Settings.load({"smtp_url": url, "mail_from": "closeout@example.org"}, {}))
    assert relay is not None
    assert (relay.host, relay.port, relay.security) == (host, port, security)
    assert relay.password in (None, "p/@") and "p/@" not in repr(relay) + relay.name


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"smtp_url": "https://mail.example.org", "mail_from": "a@b.example"}, "smtps://"),
        ({"smtp_url": "smtps://"}, "smtps://"),
        ({"smtp_url": "smtp+clear://u:secret@mail.example.org", "mail_from": "a@b.example"}, "TLS alone"),
        ({"smtp_url": "smtps://u@mail.example.org", "mail_from": "a@b.example"}, "or neither"),
        ({"smtp_url": "smtps://mail.example.org/x", "mail_from": "a@b.example"}, "path"),
        ({"smtp_url": "smtps://mail.example.org"}, "is needed with smtp_url"),
        ({"mail_from": "closeout"}, r"\): a mail address"),
    ],
)
def test_half_a_server_is_none(given: dict[str, object], why: str) -> None:
    with pytest.raises(BadSettings, match=why) as bad:
        Settings.load(given, {})
    assert "secret" not in str(bad.value)


def test_no_server_is_none() -> None:
    assert Relay.of(Settings.load({}, {})) is None
    assert checked("", ()) == ""
