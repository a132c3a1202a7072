"""The committee's pages: who is told to seat members, what forms begin with and say, and what there is to decide on."""

import re
from html import unescape
from typing import Any

from tests.api.conftest import day
from tests.api.test_certificates import MEMBERS, transfer
from tests.console.conftest import Console
from tests.console.forms import carried


async def convened(console: Console, **finding: Any) -> str:
    """The id of a review on which all three members sit."""
    for member in MEMBERS:
        await console.desk.get(member, "/v1/me")
    case = (await console.desk.reports("auditor", grade="major", **finding))["id"]
    return (await console.desk.review(case)).rpartition("/")[2]


async def ids(console: Console) -> dict[str, str]:
    """The ids of the members by name."""
    return {member: str((await console.desk.get(member, "/v1/me"))["id"]) for member in MEMBERS}


async def recuses(console: Console, review: str, who: str, person: str) -> str:
    """The page to which somebody is led who recuses a member by the form."""
    path = f"/reviews/{review}/recuse"
    form = carried(await console.get(who, path)) | {"person": person, "reason": "A former employer."}
    answer = await console.post(who, path, form)
    assert answer.status_code == 303, answer.text
    return unescape((await console.get(who, answer.headers["location"].removeprefix("/console"))).text)


def choice(page: str, value: str) -> str:
    """One choice of a form with what is said of it."""
    found = re.search(rf'<label><input [^>]*value="{value}".*?</label>(?:<small.*?</small>)?', page)
    assert found is not None, value
    return found[0]


async def test_convening_begins_with_who_sits_and_says_that_it_replaces_them(console: Console) -> None:
    review, people = await convened(console), await ids(console)
    await recuses(console, review, "manager", people["member1"])
    page = unescape((await console.get("manager", f"/reviews/{review}/convene")).text)
    assert "Whoever is ticked sits from then on, and nobody else: it replaces who sits now." in page
    recused = choice(page, people["member1"])
    assert " disabled" in recused
    assert "Recused: A former employer." in recused
    for member in ("member2", "member3"):
        assert " checked" in choice(page, people[member])
        assert " disabled" not in choice(page, people[member])
    form = carried(await console.get("manager", f"/reviews/{review}/convene"))
    sent: dict[str, str | list[str]] = {**form, "members": [people["member2"], people["member3"]]}
    assert (await console.post("manager", f"/reviews/{review}/convene", sent)).status_code == 303
    told = await console.desk.get("manager", f"/v1/committee-reviews/{review}")
    assert sorted(told["members"]) == sorted([people["member2"], people["member3"]])


async def test_a_review_on_which_too_few_sit_waits_on_who_may_convene(console: Console) -> None:
    review, people = await convened(console), await ids(console)
    assert review not in (await console.get("manager", "/")).text
    await console.desk.signs("member2", f"/v1/committee-reviews/{review}", "vote", choice="suspend", reason="So.")
    await recuses(console, review, "manager", people["member1"])
    inbox = (await console.get("manager", "/")).text
    assert f'href="/console/reviews/{review}/convene"' in inbox
    assert "Too few sit for a decision: convene more members." in inbox
    assert "Nothing waits on you." not in inbox
    page = unescape((await console.get("manager", f"/reviews/{review}")).text)
    assert "Too few sit for a decision: the quorum is 3. Who else could: nobody who is known here." in page
    for where in (page, unescape((await console.get("manager", f"/reviews/{review}/convene")).text)):
        assert "has to sign in once with the role of committee member" in where
    assert "Who else could: <bdi>nobody" in (await console.get("manager", f"/reviews/{review}/minutes")).text
    assert review not in (await console.get("member2", "/")).text
    assert f'href="/console/reviews/{review}/vote"' in (await console.get("member3", "/")).text


async def test_who_else_could_sit_is_named(console: Console) -> None:
    review, people = await convened(console), await ids(console)
    path = f"/v1/committee-reviews/{review}/convene"
    answer = await console.desk.ask("manager", "POST", path, {"members": [people["member2"], people["member3"]]})
    assert answer.status_code == 200, answer.text
    page = unescape((await console.get("manager", f"/reviews/{review}")).text)
    assert "Who else could: <bdi>Member1</bdi>." in page
    assert "Who else could: <bdi>Member1</bdi></p>" in (await console.get("manager", f"/reviews/{review}/minutes")).text


async def test_a_vote_says_what_each_choice_does_and_when_a_date_is_needed(console: Console) -> None:
    review = await convened(console)
    page = unescape((await console.get("member1", f"/reviews/{review}/vote")).text)
    assert "The close-out date moves to the date voted for; the certificate stands." in choice(page, "extend")
    assert "The nonconformity is regraded to minor; the certificate stands." in choice(page, "regrade")
    refused = choice(page, "refuse")
    assert " disabled" in refused
    assert "Certification can be refused at an initial audit only." in refused
    assert 'Until <span class="quiet">needed to extend</span>' in page
    assert "With any other choice there is none. An extension ends after " in page


async def test_refusing_is_a_choice_at_an_initial_audit(console: Console) -> None:
    audit = {"ref": "A-1", "stage": "stage2"}
    review = await convened(console, audit=audit)
    refused = choice(unescape((await console.get("member1", f"/reviews/{review}/vote")).text), "refuse")
    assert " disabled" not in refused
    assert "Certification is refused." in refused


async def test_the_papers_tell_what_there_is_to_decide_on(console: Console) -> None:
    await transfer(console.desk)
    review = await convened(console)
    case = (await console.desk.get("manager", f"/v1/committee-reviews/{review}"))["case_id"]
    for path in (f"/reviews/{review}", f"/reviews/{review}/vote"):
        page = unescape((await console.get("member1", path)).text)
        for text in ("Access rights are not reviewed", "ISO/IEC 27001:2022 A.5.18",
                     "Access rights of leavers were not removed.", "Three of ten sampled leavers",
                     f'href="/console/cases/{case}#plan"', f'href="/console/cases/{case}#evidence"',
                     'href="/console/certificates/T-1"', "Close-out <time", "Called by hand"):  # fmt: skip
            assert text in page, (path, text)


async def test_a_member_recuses_nobody_else_and_herself_once(console: Console) -> None:
    review, people = await convened(console), await ids(console)
    page = (await console.get("member1", f"/reviews/{review}/recuse")).text
    assert people["member1"] in page
    assert f'value="{people["member2"]}"' not in page
    offered = (await console.get("manager", f"/reviews/{review}/recuse")).text
    assert all(f'value="{one}"' in offered for one in people.values())
    await recuses(console, review, "member1", people["member1"])
    assert f'href="/console/reviews/{review}/recuse"' not in (await console.get("member1", f"/reviews/{review}")).text
    assert f'href="/console/reviews/{review}/recuse"' in (await console.get("member2", f"/reviews/{review}")).text


async def test_what_is_confirmed_is_what_one_did_and_then_what_followed(console: Console) -> None:
    review, people = await convened(console), await ids(console)
    page = await recuses(console, review, "member1", people["member1"])
    assert "Recorded: Recused (event 3). What followed: Quorum impossible (event 4)." in page


async def test_the_list_says_by_when_and_how_the_votes_stand(console: Console) -> None:
    review, people = await convened(console), await ids(console)
    await console.desk.signs("member2", f"/v1/committee-reviews/{review}", "vote", choice="suspend", reason="So.")
    page = unescape((await console.get("manager", "/reviews")).text)
    assert "1 of 3 votes cast" in page
    assert "decide by " in page
    assert "too few sit" not in page
    await recuses(console, review, "member1", people["member1"])
    assert "too few sit: 2" in (await console.get("manager", "/reviews")).text


async def test_a_tie_waits_on_who_can_end_it_and_is_told_as_one(console: Console) -> None:
    review = await convened(console)
    path = f"/v1/committee-reviews/{review}"
    for member, choice_ in zip(MEMBERS, ("suspend", "special_audit", "dismiss"), strict=True):
        await console.desk.signs(member, path, "vote", choice=choice_, reason="So.")
    for who, command, says in (
        ("manager", "convene", "All have voted, and it is a tie: convene more members, or a member votes anew."),
        (
            "member2",
            "vote",
            "All have voted, and it is a tie: a member votes anew, or a manager convenes more.",
        ),
    ):
        inbox = unescape((await console.get(who, "/")).text)
        assert f'href="/console/reviews/{review}/{command}"' in inbox
        assert says in inbox
    page = unescape((await console.get("member1", f"/reviews/{review}")).text)
    told = (
        "The votes are a tie (Suspend 1, Special audit 1, Dismiss 1), and a decision takes more than half of the votes"
    )
    assert page.count(told) == 2  # with the votes, and as why nobody can decide now
    assert ">a tie</span>" in (await console.get("manager", "/reviews")).text
    assert told in unescape((await console.get("member1", f"/reviews/{review}/decide")).text)
    await console.desk.signs("member3", path, "vote", choice="suspend", reason="So.")
    assert review not in (await console.get("manager", "/")).text
    assert f'href="/console/reviews/{review}/decide"' in (await console.get("member2", "/")).text


async def test_what_a_review_and_its_signed_papers_name_is_linked_and_stays_exact(console: Console) -> None:
    review = await convened(console)
    told = await console.desk.get("manager", f"/v1/committee-reviews/{review}")
    stream, page = (
        f"nonconformity/{told['case_id']}",
        unescape((await console.get("member1", f"/reviews/{review}/vote")).text),
    )
    content = page.partition('class="content"')[2].partition("</details>")[0]
    link = f'<a href="/console/cases/{told["case_id"]}"><bdi>{told["number"]} '
    assert f'<bdi class="said" translate="no">{stream}</bdi> <span class="quiet">({link}' in content
    record = unescape((await console.get("member1", f"/reviews/{review}/events/1")).text)
    assert f'{stream} <span class="quiet">({link}' in record


async def test_a_dispute_says_what_is_wanted_in_full(console: Console) -> None:
    case = (await console.desk.reports("auditor", grade="major"))["id"]
    page = (await console.get("owner", f"/cases/{case}/dispute")).text
    assert "To be regraded to minor" in choice(page, "regrade")
    await console.desk.does("owner", case, "dispute", reason="It is none.", wanted="regrade")
    assert "Disputed by the client: to be regraded to minor" in (await console.get("reviewer", f"/cases/{case}")).text


async def test_a_vote_for_a_date_shows_it_and_a_refused_one_says_so_above_the_papers(console: Console) -> None:
    review = await convened(console)
    path = f"/reviews/{review}/vote"
    form = carried(await console.get("member1", path)) | {"choice": "extend", "reason": "They moved."}
    refused = (await console.post("member1", path, form)).text
    assert refused.index("Nothing was recorded.") < refused.index("<summary>The papers</summary>")
    answer = await console.post("member1", path, form | {"until": f"{day(120)}T12:00"})
    assert answer.status_code == 303, answer.text
    votes = (await console.get("member1", f"/reviews/{review}")).text.partition('id="votes"')[2]
    assert re.search(rf'Until <time datetime="{day(120)}T12:00:00[^"]*">', votes)


UNREGISTERED = "No certificate that this could change is registered here: whoever keeps it has to act on the decision."
STOPS = "The close-out date then stands still, until the committee is called anew and gives it a date."


async def votes_and_decides(console: Console, review: str) -> str:
    """The form of the decision after two votes of three to withdraw; it is sent, and its page is given."""
    for member, chosen in zip(MEMBERS, ("withdraw_certificate", "suspend", "withdraw_certificate"), strict=True):
        await console.desk.signs(member, f"/v1/committee-reviews/{review}", "vote", choice=chosen, reason="So.")
    path = f"/reviews/{review}/decide"
    answer = await console.get("member1", path)
    sent = await console.post("member1", path, carried(answer) | {"reason": "As voted."})
    assert sent.status_code == 303, sent.text
    return unescape(answer.text)


async def test_a_decision_is_shown_above_its_form_with_tally_and_effect(console: Console) -> None:
    review = await convened(console)
    await console.desk.signs("member2", f"/v1/committee-reviews/{review}", "vote", choice="suspend", reason="So.")
    form = unescape((await console.get("member1", f"/reviews/{review}/vote")).text)
    assert "<strong>Suspend</strong>: 1 vote of 1 (<bdi>Member2</bdi>)" in form
    assert "1 of 3 votes are cast: who sits has yet to vote." in form
    assert "The decision that you record:" not in form
    page, _, below = (await votes_and_decides(console, review)).partition('<form class="act"')
    assert "<strong>Withdraw the certificate</strong>: 2 votes of 3 (<bdi>Member1</bdi>; <bdi>Member3</bdi>)" in page
    assert "<strong>Suspend</strong>: 1 vote of 3 (<bdi>Member2</bdi>)" in page
    assert "The decision that you record: <strong>Withdraw the certificate</strong>" in page
    assert f"The certificate is to be withdrawn.</bdi> {UNREGISTERED} {STOPS}" in page
    assert "I record the decision of the certification committee." in below


async def test_what_is_decided_on_a_certificate_kept_elsewhere_is_told_as_that(console: Console) -> None:
    review = await convened(console)
    form = unescape((await console.get("member1", f"/reviews/{review}/vote")).text)
    assert " disabled" not in choice(form, "withdraw_certificate")
    assert f"The certificate is to be withdrawn. {UNREGISTERED} {STOPS}" in choice(form, "withdraw_certificate")
    assert UNREGISTERED in choice(form, "suspend") and STOPS not in choice(form, "suspend")
    assert UNREGISTERED not in choice(form, "extend")
    await votes_and_decides(console, review)
    case = (await console.desk.get("manager", f"/v1/committee-reviews/{review}"))["case_id"]
    await console.desk.once("manager", f"/v1/nonconformities/{case}", lambda seen: seen["escalation"]["effect"])
    for path in (f"/reviews/{review}", f"/reviews/{review}/minutes", f"/cases/{case}"):
        page = unescape((await console.get("member1", path)).text)
        assert f"The certificate is to be withdrawn. {UNREGISTERED}" in page, path
    dates = (await console.get("member1", f"/cases/{case}")).text
    assert "It runs again when the committee, called anew, gives it a date." in dates


async def test_what_is_decided_on_a_registered_certificate_names_it(console: Console) -> None:
    await transfer(console.desk)
    review = await convened(console)
    assert UNREGISTERED not in (await console.get("member1", f"/reviews/{review}/vote")).text
    assert UNREGISTERED not in await votes_and_decides(console, review)
    await console.desk.once("manager", "/v1/certificates/T-1", lambda seen: seen["status"] == "withdrawn")
    page = unescape((await console.get("member1", f"/reviews/{review}")).text)
    assert 'It changed <a href="/console/certificates/T-1"><bdi>T-1</bdi></a>.' in page
    assert UNREGISTERED not in page


async def test_a_docket_names_the_review_on_which_one_is_recused(console: Console) -> None:
    review, people = await convened(console), await ids(console)
    assert "you are recused" not in (await console.get("member1", "/reviews")).text
    await recuses(console, review, "member1", people["member1"])
    page = (await console.get("member1", "/reviews")).text
    assert "Those to which you were called." in page
    assert "you are recused" in page
    assert "you are recused" not in (await console.get("member2", "/reviews")).text
