"""A mail server that is away, that wants to know us, that refuses; and texts that would be more than texts."""

import ssl
from pathlib import Path
from typing import Any

import pytest
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Replayer

from services.mail.addresses import Security
from services.mail.relay import Away, Relay
from services.subscriptions.backoff import SCHEDULE
from tests.api.conftest import Desk
from tests.mail.conftest import SENDER, PostOffice, address, writing
from tests.mail.server import PASSWORD, USER, certificate, html, knows, serving, text
from tests.workflows.conftest import SANDBOX
from workflows.mailing import MailingWorkflow

ACME = ("owner", "approver", "internal")
HOSTILE = "Leavers\r\nBcc: all@evil.example\r\n\r\n<script>alert(1)</script> \u202egnp.exe\x00 ünïcode ✓"


async def test_every_mail_comes_once_after_days_in_which_the_server_was_away(post: PostOffice) -> None:
    await post.server.go()
    for n in range(3):
        await post.issues(f"F-{n}")
        await post.nudge()
        await post.pass_by(hours=18)
        assert await post.mails() == {"pending": 3 * (n + 1)}
    await post.server.come()
    await post.pass_by(days=2)
    assert await post.mails() == {"sent": 9}
    ids = [mail["message-id"] for _, mail in post.box.got]
    assert len(ids) == len(set(ids)) == 9
    assert sorted({to for to, _ in post.box.got}) == sorted(map(address, ACME))
    workflow = post.env.client.get_workflow_handle(f"mailing/{post.desk.tenant}/mail")
    replayer = Replayer(workflows=[MailingWorkflow], workflow_runner=SANDBOX, data_converter=pydantic_data_converter)
    await replayer.replay_workflow(await workflow.fetch_history())


async def test_what_one_reader_never_takes_is_parked_with_an_alarm_until_somebody_asks(post: PostOffice) -> None:
    post.box.says = lambda to: "451 4.3.0 not this one" if to == address("owner") else "250 OK"
    await post.issues()
    await post.nudge()
    await post.pass_by(days=5)
    assert await post.mails() == {"parked": 1, "sent": 2}
    assert post.counted("closeout_mails_total", "parked") == 1
    assert post.counted("closeout_mails_total", "failed") == len(SCHEDULE) + 1
    assert (await post.desk.get("manager", "/v1/mail"))["failing_since"] is None
    assert (await post.desk.ask("owner", "POST", "/v1/mail/retry")).status_code == 403
    post.box.says = lambda _: "250 OK"
    assert (await post.desk.ask("manager", "POST", "/v1/mail/retry")).status_code == 200
    await post.look()
    assert await post.mails() == {"sent": 3}


async def test_one_address_that_is_refused_holds_up_nobody_else(post: PostOffice) -> None:
    post.box.says = lambda to: "550 no such user" if to == address("owner") else "250 OK"
    await post.issues()
    await post.look()
    assert await post.mails() == {"sent": 2, "parked": 1}


async def test_a_connection_that_is_lost_over_one_mail_holds_up_nobody_else(post: PostOffice) -> None:
    first = address(min(ACME, key=lambda who: post.known[who]))
    post.box.ends = lambda content: "" if f"<{first}>".encode() in content else "250 OK"
    await post.issues()
    await post.look()
    assert sorted(to for to, _ in post.box.got) == sorted({*map(address, ACME)} - {first})
    await post.pass_by(days=5)
    assert await post.mails() == {"parked": 1, "sent": 2}


async def test_what_is_to_come_later_comes_later(post: PostOffice) -> None:
    answers = iter(["451 come again"])
    post.box.ends = lambda _: next(answers, "250 OK")
    await post.issues()
    await post.look()
    assert await post.mails() in ({"sent": 2, "pending": 1}, {"sent": 3})
    await post.pass_by(hours=1)
    assert await post.mails() == {"sent": 3} and len(post.box.got) == 3


@pytest.mark.parametrize("security", ["starttls", "tls"])
async def test_mail_goes_by_tls_to_a_server_that_knows_us(
    skipping: WorkflowEnvironment, desk: Desk, tmp_path: Path, security: Security
) -> None:
    shows, trusts = certificate(tmp_path)
    ways: dict[Security, dict[str, Any]] = {
        "starttls": {"tls_context": shows, "require_starttls": True, "auth_required": True},
        "tls": {"tls": shows, "auth_require_tls": False},
    }
    async with serving(authenticator=knows, **ways[security]) as server:
        relay = Relay("127.0.0.1", server.port, security, USER, PASSWORD, SENDER, trusts, patience=5)
        async with writing(skipping, desk, server, relay) as post:
            await post.knows("owner")
            await post.issues()
            await post.look()
            assert post.box.secure == [True] and post.box.users == [USER]


@pytest.mark.parametrize(
    ("user", "password", "trusting"), [(USER, "wrong", True), (USER, PASSWORD, False)], ids=["password", "certificate"]
)
async def test_a_server_that_does_not_know_us_or_that_we_do_not_is_given_nothing(
    tmp_path: Path, user: str, password: str, trusting: bool
) -> None:
    shows, trusts = certificate(tmp_path)
    async with serving(authenticator=knows, auth_required=True, tls_context=shows, require_starttls=True) as server:
        context = trusts if trusting else ssl.create_default_context()
        relay = Relay("127.0.0.1", server.port, "starttls", user, password, SENDER, context, patience=5)
        with pytest.raises(Away) as away:
            async with relay.session():
                pass
        assert password not in str(away.value)


async def test_a_server_without_starttls_is_not_spoken_to_in_clear() -> None:
    async with serving() as server:
        relay = Relay("127.0.0.1", server.port, "starttls", sender=SENDER, patience=5)
        with pytest.raises(Away, match="STARTTLS"):
            async with relay.session():
                pass
    assert server.box.raw == []


async def test_what_people_write_is_text_and_nothing_else(post: PostOffice) -> None:
    await post.knows("owner", email=address)
    case = await post.issues(title=HOSTILE)
    await post.desk.does("owner", case, "comment", text=HOSTILE)
    await post.look()
    assert {to for to, _ in post.box.got} == set(map(address, ACME))
    for (_, mail), raw in zip(post.box.got, post.box.raw, strict=True):
        head = raw.partition(b"\r\n\r\n")[0]
        assert "bcc" not in mail and b"\nBcc:" not in head
        assert "ünïcode ✓" in mail["subject"]
        assert "<script>" not in html(mail) and "&lt;script&gt;" in html(mail)
        for said in (mail["subject"], text(mail), html(mail)):
            assert "\u202e" not in said and "\x00" not in said
        assert all(len(line) <= 998 for line in raw.split(b"\r\n"))


async def test_a_hostile_name_is_no_header(post: PostOffice) -> None:
    name = 'Eve" <eve@evil.example>, "x'
    await post.renames("owner", name)
    await post.issues()
    await post.look()
    [mail] = post.box.to(address("owner"))
    [to] = mail["to"].addresses
    assert (to.addr_spec, to.display_name) == (address("owner"), name)
