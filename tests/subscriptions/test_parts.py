"""The pure parts: which addresses, which events, when again, signed how."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from ipaddress import IPv4Address, IPv6Address, ip_address
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook

from activities.directory.deliveries import TEST, Delivery
from services.subscriptions import backoff, signing
from services.subscriptions.addresses import Guard, embedded, is_public, networks
from services.subscriptions.choosing import is_wanted, planned
from services.subscriptions.targets import BadTarget, checked

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
INSIDE = [
    *(
        "0.0.0.0",
        "10.1.2.3",
        "100.64.0.1",
        "100.100.100.200",
        "127.0.0.1",
        "127.8.8.8",
        "168.63.129.16",
        "169.254.169.254",
    ),
    *("172.16.0.1", "172.31.255.255", "192.0.0.192", "192.168.1.1", "198.18.0.1", "224.0.0.1", "255.255.255.255"),
    *("::", "::1", "fe80::1", "fc00::1", "fd00:ec2::254", "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1"),
    *("64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "2002:7f00:1::", "2001:0:1::1", "2001:db8::1"),
]
OUTSIDE = [
    *("1.1.1.1", "93.184.215.14", "172.32.0.1", "100.128.0.1"),
    *("2606:4700:4700::1111", "64:ff9b::101:101", "::ffff:8.8.8.8"),
]


@pytest.mark.parametrize("address", INSIDE)
def test_addresses_of_networks_that_are_somebody_s_own_are_refused(address: str) -> None:
    assert not is_public(ip_address(address))
    assert Guard().refusal("host", [address]) == f"host is {ip_address(address)}, which is no public address."


@pytest.mark.parametrize("address", OUTSIDE)
def test_addresses_of_the_internet_are_not(address: str) -> None:
    assert Guard().refusal("host", [address]) is None
    assert Guard().refusal("host", [address], is_plain=True) == "An address outside is reached by https alone."


@given(st.one_of(st.ip_addresses(v=4), st.ip_addresses(v=6)))
def test_whatever_the_registries_call_private_is_refused(address: IPv4Address | IPv6Address) -> None:
    bare = embedded(address)
    if bare.is_private or bare.is_multicast or bare.is_link_local or bare.is_loopback or bare.is_unspecified:
        assert not is_public(address)


@given(st.ip_addresses(v=4))
def test_an_ipv4_address_is_the_same_inside_an_ipv6_one(address: IPv4Address) -> None:
    mapped, translated = (IPv6Address(int(address) | prefix) for prefix in (0xFFFF << 32, 0x64FF9B << 96))
    assert is_public(mapped) == is_public(translated) == is_public(address)


def test_one_bad_address_among_good_ones_is_enough() -> None:
    assert Guard().refusal("host", ["1.1.1.1", "fe80::1%eth0"]) is not None
    assert Guard().refusal("host", []) == "host has no address."


def test_what_the_installation_allows_may_be_reached_even_without_tls() -> None:
    guard = Guard(networks("127.0.0.0/8, fd00::/8"))
    for address in ("127.0.0.1", "fd00::7", "::ffff:127.0.0.1"):
        assert guard.refusal("host", [address], is_plain=True) is None
    assert guard.refusal("host", ["10.0.0.1"]) is not None
    with pytest.raises(ValueError, match=r"10\.0\.0\.1/8"):
        networks("10.0.0.1/8")


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("ftp://example.com/", "https://"),
        ("example.com", "https://"),
        ("https://", "no host"),
        ("https://user:word@example.com/", "name or a password"),
        ("https://exa mple.com/", "looked up"),
        ("https://\udc00.example/", "no URL"),
        ("https://xn--/", "no URL"),
        ("http://example.com/", "https alone"),
        ("https://localhost/", "no public address"),
        ("https://127.1/", "no public address"),
        ("https://2130706433/", "no public address"),
        ("https://0x7f.0.0.1/", "no public address"),
        ("https://[::1]/", "no public address"),
        ("https://[::ffff:169.254.169.254]/latest/meta-data", "no public address"),
        (f"https://{'a' * 64}.example/", "looked up|no URL"),
        (f"https://example.com/{'a' * 2000}", "at most 2000"),
    ],
)
async def test_bad_urls_are_refused_with_a_reason(url: str, why: str) -> None:
    async def resolve(host: str, port: int) -> list[str]:
        known = {"example.com": "93.184.215.14", "localhost": "127.0.0.1", "::1": "::1"}
        known |= dict.fromkeys(("127.1", "2130706433", "0x7f.0.0.1"), "127.0.0.1")
        if host.strip("[]").startswith("::ffff"):
            return ["::ffff:169.254.169.254"]
        if host.strip("[]") not in known:
            raise OSError("unknown")
        return [known[host.strip("[]")]]

    with pytest.raises(BadTarget, match=why):
        await checked(url, Guard(), resolve)


async def test_a_good_url_is_taken_as_it_is_connected_to() -> None:
    async def resolve(host: str, port: int) -> list[str]:
        assert (host, port) == ("xn--mnchen-3ya.example", 8443)
        return ["93.184.215.14"]

    url = await checked(" https://M\u00fcnchen.example:8443/h?a=1#frag ", Guard(), resolve)
    assert url == "https://xn--mnchen-3ya.example:8443/h?a=1"


def test_the_published_vector_of_standard_webhooks() -> None:
    secret, name, body = (
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        b'{"test": 2432232314}',
    )
    made = signing.signed(name, datetime.fromtimestamp(1614265330, UTC), body, [secret])
    assert made["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


@given(st.text(st.characters(exclude_categories=["Cs"])), st.integers(1, 4))
def test_every_secret_verifies_what_all_signed(body: str, number: int) -> None:
    secrets = [signing.new_secret() for _ in range(number)]
    headers = signing.signed("id", datetime.now(UTC), body.encode(), secrets)
    for secret in secrets:
        Webhook(secret).verify(body, headers, json_parse=False)


@given(
    tries=st.integers(1, 20),
    chance=st.floats(0, 1, exclude_max=True),
    asked=st.none() | st.timedeltas(timedelta(), timedelta(days=400)),
)
def test_waits_grow_and_stay_within_bounds(tries: int, chance: float, asked: timedelta | None) -> None:
    wait = backoff.wait(tries, chance, asked)
    if tries > len(backoff.SCHEDULE):
        assert wait is None
        return
    usual = backoff.SCHEDULE[tries - 1]
    assert wait is not None and usual <= wait
    assert wait <= max(usual * (1 + backoff.JITTER), backoff.LONGEST)
    if asked is not None:
        assert wait >= min(asked, backoff.LONGEST)


def test_the_schedule_is_that_of_standard_webhooks() -> None:
    waits = [backoff.wait(tries, 0) for tries in range(1, 11)]
    hours = [timedelta(hours=n) for n in (2, 5, 10, 14, 20, 24)]
    assert waits == [timedelta(seconds=5), timedelta(minutes=5), timedelta(minutes=30), *hours, None]


@pytest.mark.parametrize(
    ("said", "means"),
    [
        ("120", timedelta(minutes=2)),
        ("99999999999999999999", timedelta(days=1)),
        (format_datetime(NOW + timedelta(hours=1), usegmt=True), timedelta(hours=1)),
        (format_datetime(NOW - timedelta(hours=1), usegmt=True), timedelta()),
        ("soon", None),
        ("-5", None),
        ("", None),
        ("\u0661", None),
    ],
)
def test_a_rest_is_read_in_seconds_or_as_a_date(said: str, means: timedelta | None) -> None:
    assert backoff.retry_after({"retry-after": said}, NOW) == means
    assert backoff.retry_after({}, NOW) is None


@pytest.mark.parametrize(
    ("types", "kinds", "wanted"),
    [
        ((), (), True),
        (("nonconformity.issued",), (), True),
        (("nonconformity.closed",), (), False),
        ((), ("nonconformity", "audit"), True),
        ((), ("audit",), False),
        (("nonconformity.issued",), ("audit",), False),
    ],
)
def test_both_filters_hold_and_none_named_are_all(types: tuple[str, ...], kinds: tuple[str, ...], wanted: bool) -> None:
    assert is_wanted(types, kinds, "nonconformity.issued", "nonconformity/1") is wanted


HEADS = st.lists(
    st.builds(
        Delivery,
        event_id=st.builds(uuid4),
        position=st.integers(0, 10**6).map(lambda n: f"{n:09}"),
        stream=st.just("s"),
        seq=st.just(1),
        type=st.sampled_from(["opened", TEST]),
        recorded_at=st.just(NOW),
        tries=st.integers(0, 3),
        next_at=st.none() | st.timedeltas(-timedelta(days=1), timedelta(days=1)).map(lambda by: NOW + by),
    ),
    max_size=40,
)


@given(HEADS, st.integers(1, 10), st.integers(1, 10))
def test_a_plan_keeps_its_bounds(heads: list[Delivery], most: int, at_once: int) -> None:
    heads = [one if one.tries else one.model_copy(update={"next_at": None}) for one in heads]
    heads = [one.model_copy(update={"tries": 0, "next_at": None}) if one.type == TEST else one for one in heads]
    plan = planned([[one] for one in heads], NOW, most, at_once)
    held = [one for one in heads if one.tries]
    begun = [one for [one] in plan.send if not one.tries and one.type != TEST]
    assert len(plan.send) <= at_once
    assert len(begun) <= max(most - len(held), 0)
    assert all(one.next_at is None or one.next_at <= NOW for [one] in plan.send)
    assert plan.is_full == (len(held) >= most)
    if not plan.send and heads:  # nothing is to be done now: then it is known when, or all has to wait for that
        assert plan.next_at is not None and plan.next_at > NOW
