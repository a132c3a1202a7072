"""Deliveries that are verified: the published vector of Standard Webhooks, our own events, and forged ones."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from services.client import Forged, proven, verified
from services.subscriptions import signing

SECRET = "whsec_plJ3nmyCDGBKInavdOK15jsl"
BODY = b'{"event_type":"ping","data":{"success":true}}'
AT = datetime.fromtimestamp(1731705121, UTC)
VECTOR = {
    "Webhook-Id": "msg_loFOjxBNrRLzqYUf",
    "Webhook-Timestamp": "1731705121",
    "Webhook-Signature": "v1,rAvfW3dJ/X/qxhsaXPOyyCGmRKsaKWcsNccKXlIktD0=",
}
"""The vector of the reference libraries of Standard Webhooks."""

EVENT = {
    "specversion": "1.0",
    "id": "01a2022a-5673-71d3-a882-4c4a11644880",
    "source": "https://closeout.example/v1#body",
    "type": "closeout.nonconformity.issued",
    "subject": "nonconformity/1",
    "time": "2026-03-01T12:00:00.000000Z",
    "sequence": "000001.00000000000000000811.0000000000000000014",
    "data": {"seq": 2},
}


def test_the_published_vector() -> None:
    proven(VECTOR, BODY, SECRET, AT)


@pytest.mark.parametrize(
    ("headers", "body", "secret", "after"),
    [
        (VECTOR, BODY + b" ", SECRET, 0),
        (VECTOR, BODY, signing.new_secret(), 0),
        (VECTOR | {"Webhook-Id": "msg_another"}, BODY, SECRET, 0),
        (VECTOR | {"Webhook-Timestamp": "1731705122"}, BODY, SECRET, 0),
        (VECTOR | {"Webhook-Timestamp": "today"}, BODY, SECRET, 0),
        (VECTOR | {"Webhook-Signature": "v1,"}, BODY, SECRET, 0),
        (VECTOR | {"Webhook-Signature": VECTOR["Webhook-Signature"].replace("v1,", "v2,")}, BODY, SECRET, 0),
        ({name: said for name, said in VECTOR.items() if name != "Webhook-Signature"}, BODY, SECRET, 0),
        (VECTOR, BODY, SECRET, 301),
        (VECTOR, BODY, SECRET, -301),
    ],
    ids=["body", "secret", "id", "time", "no time", "empty", "version", "unsigned", "late", "early"],
)
def test_what_is_forged_or_stale(headers: dict[str, str], body: bytes, secret: str, after: int) -> None:
    with pytest.raises(Forged):
        verified(headers, body, secret, AT + timedelta(seconds=after))


@pytest.mark.parametrize("secret", ["whsec_x", SECRET[:-1], "whsec_Zugänge", ""])
def test_a_mistyped_secret_proves_nothing(secret: str) -> None:
    with pytest.raises(Forged):
        verified(VECTOR, BODY, secret, AT)


def test_an_event_under_either_secret_while_they_overlap() -> None:
    new, old = signing.new_secret(), signing.new_secret()
    body = json.dumps(EVENT).encode()
    headers = signing.signed(str(EVENT["id"]), datetime.now(UTC), body, [new, old])
    for secret in (new, old):
        event = verified(headers, body, secret)
        assert (event.id, event.subject, event.type) == (EVENT["id"], "nonconformity/1", EVENT["type"])
        assert event.data == {"seq": 2}
        assert event.raw == EVENT
