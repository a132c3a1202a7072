"""Signatures, by the vectors that the senders publish."""

import base64
import hashlib
import hmac
from datetime import UTC, datetime, timedelta

import pytest

from services.intake import senders
from services.intake.senders import Forged, Kind

EVERYBODY = "It's a Secret to Everybody"
NOW = datetime(2026, 3, 1, tzinfo=UTC)

GITHUB = "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
"""Of `Hello, World!` (GitHub, Validating webhook deliveries, Testing the webhook payload validation)."""

JIRA = "a4771c39fbe90f317c7824e83ddef3caae9cb3d976c214ace1f2937e133263c9"
"""Of `Hello World!` (Atlassian, Jira Cloud platform, Webhooks, Secure admin webhooks)."""

STANDARD_SECRET = "whsec_plJ3nmyCDGBKInavdOK15jsl"
STANDARD_BODY = b'{"event_type":"ping","data":{"success":true}}'
STANDARD_AT = datetime.fromtimestamp(1731705121, UTC)
STANDARD = {
    "webhook-id": "msg_loFOjxBNrRLzqYUf",
    "webhook-timestamp": "1731705121",
    "webhook-signature": "v1,rAvfW3dJ/X/qxhsaXPOyyCGmRKsaKWcsNccKXlIktD0=",
}
"""The vector of the reference libraries of Standard Webhooks."""


def proven(kind: Kind, headers: dict[str, str], body: bytes, *keys: str, now: datetime = NOW) -> bool:
    try:
        senders.verify(kind, keys, headers, body, now)
    except Forged:
        return False
    return True


def test_github() -> None:
    headers = {"x-hub-signature-256": f"sha256={GITHUB}"}
    assert proven("github", headers, b"Hello, World!", EVERYBODY)
    assert not proven("github", headers, b"Hello, World", EVERYBODY)
    assert not proven("github", headers, b"Hello, World!", "It's another one's")
    assert not proven("github", {"x-hub-signature-256": GITHUB}, b"Hello, World!", EVERYBODY)
    assert not proven("github", {"x-hub-signature": f"sha256={GITHUB}"}, b"Hello, World!", EVERYBODY)


def test_jira() -> None:
    assert proven("jira", {"x-hub-signature": f"sha256={JIRA}"}, b"Hello World!", EVERYBODY)
    longer = hmac.digest(EVERYBODY.encode(), b"Hello World!", hashlib.sha512).hex()
    assert proven("jira", {"x-hub-signature": f"sha512={longer}"}, b"Hello World!", EVERYBODY)
    assert not proven("jira", {"x-hub-signature": f"sha512={JIRA}"}, b"Hello World!", EVERYBODY)
    weak = hmac.digest(EVERYBODY.encode(), b"Hello World!", hashlib.sha1).hex()
    assert not proven("jira", {"x-hub-signature": f"sha1={weak}"}, b"Hello World!", EVERYBODY)


def test_servicenow() -> None:
    made = base64.b64encode(hmac.digest(EVERYBODY.encode(), b"{}", hashlib.sha256)).decode()
    assert proven("servicenow", {"x-sn-hmac-signature-256": made}, b"{}", EVERYBODY)
    assert not proven("servicenow", {"x-sn-hmac-signature-256": made}, b"{ }", EVERYBODY)
    assert proven("servicenow", {"x-sn-apikey": EVERYBODY}, b"anything", EVERYBODY)
    assert not proven("servicenow", {"x-sn-apikey": EVERYBODY[:-1]}, b"anything", EVERYBODY)
    wrong = {"x-sn-hmac-signature-256": "x", "x-sn-apikey": EVERYBODY}
    assert not proven("servicenow", wrong, b"{}", EVERYBODY)


def test_standard_webhooks() -> None:
    assert proven("standard_webhooks", STANDARD, STANDARD_BODY, STANDARD_SECRET, now=STANDARD_AT)
    several = {**STANDARD, "webhook-signature": f"v1,AAAA v1a,BBBB {STANDARD['webhook-signature']}"}
    assert proven("standard_webhooks", several, STANDARD_BODY, STANDARD_SECRET, now=STANDARD_AT)
    for name, other in (
        ("webhook-id", "msg_other"),
        ("webhook-timestamp", "1731705122"),
        ("webhook-timestamp", "soon"),
        ("webhook-signature", STANDARD["webhook-signature"].removeprefix("v1,")),
    ):
        changed = {**STANDARD, name: other}
        assert not proven("standard_webhooks", changed, STANDARD_BODY, STANDARD_SECRET, now=STANDARD_AT)
    assert not proven("standard_webhooks", STANDARD, STANDARD_BODY + b" ", STANDARD_SECRET, now=STANDARD_AT)


@pytest.mark.parametrize("away", [timedelta(minutes=5, seconds=1), -timedelta(minutes=5, seconds=1)])
def test_an_old_signature_is_no_proof(away: timedelta) -> None:
    assert not proven("standard_webhooks", STANDARD, STANDARD_BODY, STANDARD_SECRET, now=STANDARD_AT + away)


@pytest.mark.parametrize("kind", ["github", "jira", "servicenow", "standard_webhooks"])
def test_no_signature_is_no_proof_and_no_secret_proves_nothing(kind: Kind) -> None:
    assert not proven(kind, {}, b"", EVERYBODY)
    signed = {"x-hub-signature-256": "sha256=", "x-hub-signature": "sha256=", "x-sn-apikey": "é", **STANDARD}
    assert not proven(kind, signed, b"", now=STANDARD_AT)


@pytest.mark.parametrize("kind", ["github", "jira", "servicenow", "standard_webhooks"])
def test_secrets_that_we_make_fit(kind: Kind) -> None:
    senders.fit(kind, senders.new_secret(kind))
    assert senders.new_secret(kind) != senders.new_secret(kind)


@pytest.mark.parametrize(
    ("kind", "secret"),
    [
        ("github", "short"),
        ("github", "x" * 201),
        ("github", "a secret with ümlauts"),
        ("jira", "sixteen letters\n"),
        ("standard_webhooks", "plJ3nmyCDGBKInavdOK15jsl" * 2),
        ("standard_webhooks", "whsec_not base64 at all"),
        ("standard_webhooks", "whsec_MfKQ9r8GKYqrTwj="),
    ],
)
def test_secrets_that_keep_nobody_out_are_refused(kind: Kind, secret: str) -> None:
    with pytest.raises(ValueError, match="a secret"):
        senders.fit(kind, secret)


def test_deliveries_are_named_as_their_sender_names_them() -> None:
    assert senders.delivery("github", {"x-github-delivery": " 72d3162e "}) == "72d3162e"
    assert senders.delivery("jira", {"x-atlassian-webhook-identifier": "j-1"}) == "j-1"
    assert senders.delivery("standard_webhooks", STANDARD) == "msg_loFOjxBNrRLzqYUf"
    assert senders.delivery("servicenow", {}) is None
