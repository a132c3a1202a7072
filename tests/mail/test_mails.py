"""Who is written to, what they read, and where it leads."""

import asyncio
import re
from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import httpx
import pytest

from activities.directory import mail as outbox
from activities.directory import people
from activities.directory.mail import Look, MailTurn
from services.mail.keeping import keep_mailing
from tests.api.conftest import Desk, Office
from tests.mail.conftest import SENDER, URL, PostOffice, address, registered, until, writing
from tests.mail.server import html, text
from workflows.people import Person, Role


def told(mode: str, zone: str | None = None) -> dict[str, str | None]:
    """How somebody wants to be told of all that they may choose."""
    return {"cases": mode, "dates": mode, "talk": mode, "zone": zone}


async def test_a_mail_says_what_happened_what_to_do_until_when_and_leads_there(post: PostOffice) -> None:
    case = await post.issues(grade="major")
    await post.look()
    await post.look()
    assert sorted(to for to, _ in post.box.got) == sorted(map(address, ("owner", "approver", "internal")))
    [mail] = post.box.to(address("owner"))
    seen = await post.desk.get("owner", f"/v1/nonconformities/{case}")
    assert mail["subject"].strip() == f"[{seen['number']}] A nonconformity was issued: Access rights are not reviewed"
    assert mail["from"] == f"Closeout <{SENDER}>"
    for said in (text(mail), html(mail)):
        assert "Say what was done to fix the thing itself." in said
        assert f"{URL}/console/cases/{case}" in said
        assert "Correction due" in said or "Plan due" in said
        assert f"{URL}/console/mail" in said
    assert html(mail).count("<a ") == 2
    assert "(the certification body)" in text(mail) and "Auditor" not in text(mail), "as on the pages"
    standing = await post.desk.get("manager", "/v1/mail")
    assert standing["failing_since"] is None and standing["last_success_at"] is not None


async def test_mails_of_one_case_are_one_thread_and_say_that_a_machine_sent_them(post: PostOffice) -> None:
    case = await post.issues()
    await post.desk.submitted(case)
    await post.desk.signs("reviewer", f"/v1/nonconformities/{case}", "accept-plan")
    await post.look()
    other = await post.issues("F-2")
    await post.look()
    mails = post.box.to(address("internal"))
    ids = [mail["message-id"] for mail in mails]
    assert len(set(ids)) == len(ids) == 3
    assert all(mail["in-reply-to"] == mail["references"] for mail in mails)
    roots = [mail["references"] for mail in mails]
    assert [case in roots[0], roots[0] == roots[1], roots[0] == roots[2], other in roots[2]] == [
        True,
        True,
        False,
        True,
    ]
    assert {mail["auto-submitted"] for mail in mails} == {"auto-generated"}
    assert {mail["list-id"] for mail in mails} == {f"Closeout <{post.desk.tenant}.closeout.closeout.example>"}


async def test_whoever_did_it_is_not_told_and_whoever_has_to_act_is(post: PostOffice) -> None:
    case = await post.issues()
    await post.desk.submitted(case)
    await post.look()
    reviewers = post.box.to(address("reviewer"))
    assert [mail["subject"].strip().partition("] ")[2] for mail in reviewers] == [
        "A plan was submitted: Access rights are not reviewed"
    ]
    assert "A plan was submitted: accept or return it." in text(reviewers[0])
    assert "Approver" in text(reviewers[0])
    assert len(post.box.to(address("approver"))) == 1
    await post.desk.does("owner", case, "comment", text="As agreed.")
    await post.look()
    await post.look()
    assert "(Owner)" in text(post.box.to(address("approver"))[-1])


async def test_another_client_and_another_tenant_are_told_nothing(
    post: PostOffice, desk: Desk, office: Office, http: httpx.AsyncClient
) -> None:
    other = await registered(office, http)
    async with writing(post.env, other, post.server) as there:
        await there.knows("owner", email=lambda who: f"{who}@elsewhere.example")
        case = await post.issues()
        await post.desk.submitted(case)
        await post.issues("F-2", client="globex")
        await post.look()
        await there.look()
        assert await there.mails() == {}
        [mail] = post.box.to(address("stranger"))
        assert case not in text(mail)
        assert {to for to, sent in post.box.got if case in text(sent)}.isdisjoint({address("stranger")})
        await there.issues("F-9")
        await there.look()
        assert len(post.box.to("owner@elsewhere.example")) == 1


async def test_who_has_no_address_is_counted_and_kept(post: PostOffice) -> None:
    await post.knows("strange", email=lambda _: None)
    await post.issues(client="globex")
    await post.look()
    assert await post.mails() == {"sent": 1, "unaddressed": 1}
    counted = post.metrics.registry.get_sample_value("closeout_mails_total", {"result": "unaddressed"})
    assert counted == 1


async def test_nobody_at_all_is_told_of_is_kept_too(post: PostOffice, desk: Desk) -> None:
    answer = await desk.ask("manager", "POST", "/v1/clients", {"key": "empty", "name": "Empty Ltd"})
    assert answer.status_code == 201
    await post.issues(client="empty")
    await post.look()
    assert await post.mails() == {"unaddressed": 1}


async def test_a_breach_is_told_even_who_switched_mail_off(post: PostOffice) -> None:
    answer = await post.desk.ask("owner", "PUT", "/v1/me/mail", told("off"))
    assert answer.status_code == 200, answer.text
    case = await post.issues()
    await post.look()
    assert post.box.to(address("owner")) == []
    await post.desk.does("reviewer", case, "escalate", reason="The client does not answer.")
    await post.look()
    [mail] = post.box.to(address("owner"))
    assert "The case was put before the committee" in mail["subject"]
    assert "The client does not answer." in text(mail)


async def test_a_digest_comes_once_a_day_with_all_that_happened(post: PostOffice) -> None:
    answer = await post.desk.ask("owner", "PUT", "/v1/me/mail", told("digest", "Asia/Tokyo"))
    assert answer.status_code == 200, answer.text
    for n in range(3):
        await post.issues(f"F-{n}")
    await post.look()
    assert post.box.to(address("owner")) == [] and len(post.box.to(address("internal"))) == 3
    await post.pass_by(hours=30)
    [mail] = post.box.to(address("owner"))
    assert re.fullmatch(r"3 events, 3 to act on: NC-\d+-0001, NC-\d+-0002, NC-\d+-0003", mail["subject"].strip())
    assert text(mail).count("A nonconformity was issued") == 6
    assert mail["date"].datetime.astimezone(ZoneInfo("Asia/Tokyo")).hour == 7


async def test_a_flood_is_one_mail(post: PostOffice) -> None:
    for n in range(12):
        await post.issues(f"F-{n}")
    await post.look()
    [mail] = post.box.to(address("owner"))
    assert re.fullmatch(r"12 events, 12 to act on: (NC-\d+-\d{4}, ){3}9 more", mail["subject"].strip())
    assert "references" not in mail
    async with post.desk.office.ledger.database.entered(post.desk.tenant) as connection:
        events = {str(row["event_id"]) for row in await connection.fetch("SELECT event_id FROM closeout.mails")}
    assert mail["message-id"].split(".")[1] not in events


async def test_a_feed_that_never_rests_holds_up_no_mail(post: PostOffice, monkeypatch: pytest.MonkeyPatch) -> None:
    look = MailTurn.look

    async def busy(turn: MailTurn) -> Look | None:
        found = await look(turn)
        return found and replace(found, fresh=True)

    monkeypatch.setattr(MailTurn, "look", busy)
    await post.issues()
    await post.nudge()
    await until(lambda: len(post.box.got) == 3)


async def test_who_left_the_client_is_no_longer_told(post: PostOffice) -> None:
    await post.server.go()
    await post.issues()
    await post.look()
    gone = Person(id=post.known["owner"], name="Owner", roles=frozenset({Role.CLIENT_OWNER}), client="globex")
    await people.remember(post.desk.office.ledger.database, post.desk.tenant, gone, datetime.now(UTC))
    await post.server.come()
    await post.pass_by(days=1)
    assert post.box.to(address("owner")) == [] and len(post.box.got) == 2
    assert await post.mails() == {"sent": 2, "withdrawn": 1}


async def test_nobody_writes_to_who_left_at_once_or_later(post: PostOffice) -> None:
    owner, reviewer = post.known["owner"], post.known["reviewer"]
    wanted = {"cases": "digest", "dates": "digest", "talk": "digest", "zone": None}
    assert (await post.desk.ask("internal", "PUT", "/v1/me/mail", wanted)).status_code == 200
    await post.server.go()
    case = await post.issues()
    await post.look()
    await post.desk.does("manager", case, "assign", role="reviewer", person=reviewer)
    await post.look()
    for gone in (owner, reviewer, post.known["internal"]):
        told = await post.desk.ask("manager", "POST", f"/v1/people/{gone}/retire", {"reason": "Elsewhere."})
        assert told.status_code == 200, told.text
    await post.server.come()
    await post.desk.does("approver", case, "comment", text="Are you there?")
    await post.pass_by(days=2)
    assert {to for to, _ in post.box.got} == {address("approver")}
    assert await post.mails() == {"sent": 1, "withdrawn": 3}
    assert (await post.desk.ask("manager", "POST", f"/v1/people/{owner}/reinstate")).status_code == 200
    await post.desk.does("manager", case, "comment", text="Back again.")
    await post.look()
    assert {to for to, _ in post.box.got} == {address("approver"), address("owner")}


async def test_a_tenant_that_nobody_looks_after_is_found(post: PostOffice) -> None:
    await post.knows("owner", email=lambda _: "only@here.example")
    await post.issues()
    keeper = asyncio.create_task(keep_mailing(post.desk.office.ledger.database, post.engine))
    try:
        await until(lambda: post.box.to("only@here.example"))
    finally:
        keeper.cancel()
        await asyncio.gather(keeper, return_exceptions=True)
    assert post.desk.tenant not in await outbox.unattended(post.desk.office.ledger.database, datetime.now(UTC))


async def test_members_of_a_committee_are_told_and_the_client_hears_of_it_by_its_case(post: PostOffice) -> None:
    await post.knows("member1", "member2", "member3")
    case = await post.issues(grade="major")
    review = await post.desk.review(case)
    members = [post.known[who] for who in ("member1", "member2", "member3")]
    answer = await post.desk.ask("manager", "POST", f"{review}/convene", {"members": members})
    assert answer.status_code == 200, answer.text
    await post.look()
    *_, invited = post.box.to(address("member1"))
    assert "You sit on a committee review" in invited["subject"]
    assert f"{URL}/console/reviews/{review.rpartition('/')[2]}" in text(invited)
    assert case in invited["references"]
    assert "What to do: You sit on it, and have not voted yet: vote." in text(invited)
    subjects = [sent["subject"].partition("] ")[2] for sent in post.box.to(address("owner"))]
    assert [subject.partition(":")[0] for subject in subjects] == [
        "A nonconformity was issued",
        "The case was put before the committee",
    ]
    assert post.box.to(address("stranger")) == []


async def test_who_may_convene_is_told_to_where_too_few_can_sit(post: PostOffice) -> None:
    await post.knows("member1", "member2", "member3", "manager")
    review = await post.desk.review(await post.issues(grade="major"))
    recused = {"person": post.known["member1"], "reason": "A former employer."}
    answer = await post.desk.ask("member1", "POST", f"{review}/recuse", recused)
    assert answer.status_code == 200, answer.text
    await post.look()
    told = {mail["subject"].partition(":")[0]: text(mail) for mail in post.box.to(address("manager"))}
    [said] = [words for subject, words in told.items() if subject.endswith("Too few can sit on the committee")]
    assert "What to do: Too few sit for a decision: convene more members." in said


async def test_a_second_taking_of_the_same_events_writes_to_nobody_again(post: PostOffice) -> None:
    await post.issues()
    await post.look()
    async with post.desk.office.ledger.database.entered(post.desk.tenant) as connection:
        await connection.execute("UPDATE closeout.mailings SET epoch = 0, xid = '0', n = 0")
    await post.look()
    assert len(post.box.got) == 3 and await post.mails() == {"sent": 3}
