"""A mail server that is away: no mail uses a try, and all goes when it is back; and what is one mail's own trouble."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from services.mail.outages import Probes
from services.mail.relay import is_of_mailbox
from tests.mail.conftest import PostOffice, address
from tests.mail.server import MailServer

NOW = datetime(2026, 5, 12, 8, tzinfo=UTC)
UNTRIED = {"owner": 0, "approver": 0, "internal": 0}


async def test_an_outage_of_days_uses_no_try_and_all_goes_in_order_when_it_is_over(post: PostOffice) -> None:
    await post.server.go()
    for n in range(2):
        await post.issues(f"F-{n}", title=f"Case {n}")
        await post.nudge()
        await post.pass_by(hours=60)
        assert await post.mails() == {"pending": 3 * (n + 1)}
        assert await post.tries() == UNTRIED
    assert post.counted("closeout_mails_total", "parked") == post.counted("closeout_mails_total", "failed") == 0
    assert post.counted("closeout_mail_server_turns_total", "away") > 50
    told = await post.desk.get("manager", "/v1/mail")
    assert told["failing_since"] is not None and "127.0.0.1" in told["failure"]
    await post.server.come()
    await post.pass_by(hours=3)
    assert await post.mails() == {"sent": 6}
    for who in UNTRIED:
        assert [str(mail["subject"])[-6:] for mail in post.box.to(address(who))] == ["Case 0", "Case 1"]
    told = await post.desk.get("manager", "/v1/mail")
    assert told["failing_since"] is None and told["failure"] == ""
    assert post.counted("closeout_mail_server_turns_total", "took") == 1


async def test_a_server_that_is_back_is_noticed_soon(post: PostOffice) -> None:
    await post.server.go()
    await post.issues()
    await post.look()
    await post.server.come()
    await post.pass_by(minutes=1)
    assert await post.mails() == {"sent": 3}


@pytest.mark.parametrize("said", ["451 4.3.0 not now", "452 no room", "421 4.3.2 going down"])
async def test_a_server_that_puts_everything_off_is_away(post: PostOffice, said: str) -> None:
    post.box.says = lambda _: said
    await post.issues()
    await post.nudge()
    await post.pass_by(days=5)
    assert await post.tries() == UNTRIED
    assert (await post.desk.get("manager", "/v1/mail"))["failure"] == said
    post.box.says = lambda _: "250 OK"
    await post.pass_by(hours=3)
    assert await post.mails() == {"sent": 3}


async def test_a_server_that_takes_none_of_our_mail_is_away(post: PostOffice) -> None:
    post.box.begins = lambda _: "550 5.7.1 not from there"
    await post.issues()
    await post.nudge()
    await post.pass_by(days=1)
    assert await post.tries() == UNTRIED


async def test_a_server_that_goes_between_two_mails_costs_none_a_try(post: PostOffice) -> None:
    def ends(_: bytes) -> str:
        if not post.box.got:
            return "250 OK"
        going.append(asyncio.create_task(post.server.go()))
        return ""

    going: list[asyncio.Task[None]] = []
    post.box.ends = ends
    await post.issues()
    await post.look()
    assert await post.mails() == {"sent": 1, "pending": 2}
    assert set((await post.tries()).values()) == {0}
    post.box.ends = lambda _: "250 OK"
    await _back(post.server)
    await post.pass_by(hours=3)
    assert await post.mails() == {"sent": 3} and len(post.box.got) == 3


async def test_mails_that_are_put_off_one_at_a_time_show_the_outage_together(post: PostOffice) -> None:
    case = await post.issues()
    await post.look()
    post.box.says = lambda _: "451 4.3.0 not now"
    for who in ("reviewer", "closer"):
        await post.desk.does("manager", case, "assign", role="reviewer", person=post.known[who])
        await post.looks_until_told(who)
    tries = await post.tries()
    assert tries["reviewer"] >= 1 and tries["closer"] == 0
    await post.pass_by(days=5)
    assert await post.tries() == tries
    post.box.says = lambda _: "250 OK"
    await post.pass_by(hours=3)
    assert (await post.mails()).keys() == {"sent"}


async def test_full_mailboxes_are_no_outage(post: PostOffice) -> None:
    full = {address("owner"), address("approver")}
    post.box.says = lambda to: "452 4.2.2 mailbox full" if to in full else "250 OK"
    await post.issues()
    await post.nudge()
    await post.pass_by(days=5)
    assert await post.mails() == {"sent": 1, "parked": 2}
    assert post.counted("closeout_mail_server_turns_total", "away") == 0


async def test_whoever_is_put_off_holds_up_nobody_for_long(post: PostOffice) -> None:
    stuck = {address("owner"), address("approver")}
    post.box.says = lambda to: "451 4.7.1 come again" if to in stuck else "250 OK"
    await post.issues("F-1")
    await post.nudge()
    await post.pass_by(days=1)
    await post.issues("F-2")
    await post.nudge()
    await post.pass_by(hours=3)
    assert {to for to, _ in post.box.got} == {address("internal")}
    assert len(post.box.got) == 2


@pytest.mark.parametrize(
    ("said", "own"),
    [
        ("450 busy", True),
        ("450 4.3.2 not now", False),
        ("450 4.2.0 greylisted", True),
        ("452 4.2.2 mailbox full", True),
        ("452 no room", False),
        ("451 4.1.8 no such domain", True),
        ("451 local error", False),
        ("Connection lost", False),
    ],
)
def test_what_is_about_a_mailbox_is_not_about_the_server(said: str, own: bool) -> None:
    assert is_of_mailbox(said) is own


@pytest.mark.parametrize(
    ("away", "chance", "seconds"),
    [(0, 0.0, 30), (45, 0.0, 45), (45, 0.999, 49.4955), (86400, 0.0, 300), (86400, 0.5, 315)],
)
def test_a_server_is_asked_again_within_minutes(away: int, chance: float, seconds: float) -> None:
    asked = Probes().next_at(NOW - timedelta(seconds=away), NOW, chance)
    assert (asked - NOW).total_seconds() == pytest.approx(seconds)


async def _back(server: MailServer) -> None:
    """The same server at the same port."""
    await server.go()
    await server.come()
