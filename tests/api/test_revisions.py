"""What a source says of a finding after the report: an event on its case, whatever it says, and never a close."""

import json
from typing import Any
from uuid import uuid4

import asyncpg

from services.intake import asff
from tests.api.conftest import FINDING, Desk, Office

NEWS = ["nonconformity.reported", "nonconformity.finding_revised", "nonconformity.finding_passed"]
EARLY, LATE = "2026-03-01T08:00:00Z", "2026-03-09T08:00:00Z"


def finding(external_id: str, **changes: Any) -> dict[str, Any]:
    return FINDING | {"source": {"system": "audit", "external_id": external_id}} | changes


def check(status: str, *, at: str = EARLY, **changes: Any) -> dict[str, Any]:
    """A check of a cloud scanner, as ASFF has it."""
    return {
        "SchemaVersion": "2018-10-08",
        "Id": "check-1",
        "ProductArn": "arn:aws:securityhub:eu-west-1::product/aws/securityhub",
        "GeneratorId": "iam",
        "AwsAccountId": "123456789012",
        "CreatedAt": EARLY,
        "UpdatedAt": at,
        "Title": "Root has a key",
        "Description": "The root account has an access key.",
        "Severity": {"Label": "HIGH"},
        "Compliance": {"Status": status, "RelatedRequirements": ["ISO 27001:2022 A.5.18"]},
        "Resources": [{"Type": "AwsAccount", "Id": "AWS::::Account:123456789012"}],
    } | changes


async def scanned(desk: Desk, key: str, *checks: dict[str, Any], client: str | None = "acme") -> list[dict[str, Any]]:
    """What became of the checks of one document."""
    stated = {} if client is None else {"client": client}
    content = json.dumps({"Findings": checks, "sent": uuid4().hex}).encode()
    answer = await desk.ask(key, "POST", "/v1/findings", content=content, params={"format": "asff", **stated})
    assert answer.status_code in (200, 201, 207), answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


async def case_of(desk: Desk, case: str) -> dict[str, Any]:
    seen: dict[str, Any] = await desk.get("auditor", f"/v1/nonconformities/{case}")
    return seen


async def types(desk: Desk, case: str) -> list[str]:
    return [event["type"] for event in await desk.get("auditor", f"/v1/nonconformities/{case}/events")]


async def test_in_triage_a_revision_replaces_the_finding(desk: Desk) -> None:
    key = await desk.key("scanner")
    first = await desk.reports(key, "F-1", severity="low")
    answer = await desk.ask(key, "POST", "/v1/findings", finding("F-1", severity="high", title="Worse"))
    told = answer.json()
    assert (answer.status_code, told["result"], told["id"], told["status"]) == (200, "updated", first["id"], "reported")
    seen = await case_of(desk, first["id"])
    assert (seen["title"], seen["proposed_grade"], seen["source_finding"]) == ("Worse", "major", None)
    [word] = seen["source_revisions"]
    assert (word["changed"], word["passed"]) == (["title", "severity"], None)
    assert await types(desk, first["id"]) == NEWS[:2]
    [listed] = (await desk.get("auditor", "/v1/nonconformities"))["items"]
    assert listed["title"] == "Worse"
    same = await desk.reports(key, "F-1", severity="high", title="Worse", detected_at=LATE)
    assert same["result"] == "duplicate", "when a scan ran is no news"


async def test_what_was_issued_stays_and_the_source_is_heard_beside_it(desk: Desk) -> None:
    key = await desk.key("scanner", may_state_grades=True)
    first = await desk.reports(key, "F-1", grade="minor")
    told = await desk.reports(key, "F-1", grade="major", statement="Worse than it was.")
    assert (told["result"], told["number"], told["status"]) == ("updated", first["number"], "open")
    seen = await case_of(desk, first["id"])
    assert (seen["grade"], seen["statement"]) == ("minor", FINDING["statement"])
    assert seen["source_finding"]["statement"] == "Worse than it was."
    assert [word["changed"] for word in seen["source_revisions"]] == [["statement", "grade"]]
    theirs = await desk.get("owner", f"/v1/nonconformities/{first['id']}")
    assert theirs["source_revisions"] == seen["source_revisions"]
    await desk.closed(first["id"])
    again = await desk.reports(key, "F-1", grade="major", statement="Worse than it was.")
    assert again["result"] == "recurred"
    assert again["id"] != first["id"]


async def test_a_key_that_is_repeated_is_answered_as_it_was(desk: Desk) -> None:
    key, repeat = await desk.key("scanner"), {"Idempotency-Key": str(uuid4())}
    case = (await desk.reports(key, "F-1"))["id"]
    news = finding("F-1", title="Otherwise")
    first = await desk.ask(key, "POST", "/v1/findings", news, repeat)
    await desk.does("auditor", case, "issue", grade="minor")
    again = await desk.ask(key, "POST", "/v1/findings", news, repeat)
    assert first.json()["result"] == "updated"
    assert (again.status_code, again.content) == (200, first.content)


async def test_one_document_counts_what_is_doubled_once(desk: Desk) -> None:
    key = await desk.key("scanner")
    stated = (("1", "One"), ("1", "One"), ("1", "Other"), ("1", "Other"), ("2", "Two"))
    batch = [finding(external_id, title=title, grade=None) for external_id, title in stated]
    answer = await desk.ask(key, "POST", "/v1/findings", batch)
    told = answer.json()
    assert answer.status_code == 207
    assert [item["result"] for item in told["items"]] == ["created", "duplicate", "duplicate", "duplicate", "created"]
    assert (told["accepted"], told["duplicates"], told["updated"]) == (2, 3, 0)
    case, restated = told["items"][0]["id"], [{"code": "restated", "pointer": ""}]
    assert {item["id"] for item in told["items"][:4]} == {case}
    assert [item.get("flags") for item in told["items"]] == [restated, restated, None, None, None]
    assert (await case_of(desk, case))["title"] == "Other", "what it says last"
    again = (await desk.ask(key, "POST", "/v1/findings", batch)).json()
    assert [item["result"] for item in again["items"]] == ["duplicate"] * 5
    assert await types(desk, case) == NEWS[:1]


async def test_a_source_that_goes_back_to_what_it_said_is_heard(desk: Desk) -> None:
    key = await desk.key("scanner")
    first, second = [finding("1")], [finding("1", title="Midway"), finding("1", title="Other")]
    told = [
        (await desk.ask(key, "POST", "/v1/findings", batch)).json()["items"]
        for batch in (first, second, first, first, second, second)
    ]
    news, same = ["updated", "duplicate"], ["duplicate", "duplicate"]
    results = [[item["result"] for item in items] for items in told]
    assert results == [["created"], news, ["updated"], ["duplicate"], news, same]
    assert await types(desk, told[0][0]["id"]) == [NEWS[0], NEWS[1], NEWS[1], NEWS[1]]


async def test_what_a_key_sends_is_one_finding_whatever_its_document_calls_the_system(desk: Desk) -> None:
    key = await desk.key("scanner")
    other = {"source": {"system": "another", "external_id": "1"}, "title": "Other"}
    for results in (["created", "duplicate"], ["duplicate", "duplicate"]):
        items = (await desk.ask(key, "POST", "/v1/findings", [finding("1"), FINDING | other])).json()["items"]
        assert [item["result"] for item in items] == results
    theirs = (await desk.ask("auditor", "POST", "/v1/findings", [finding("1"), FINDING | other])).json()["items"]
    assert [item["result"] for item in theirs] == ["created", "created"], "by people, the systems are apart"


async def test_a_pass_is_noted_on_an_open_case_and_closes_nothing(desk: Desk) -> None:
    key = await desk.key("cloud")
    [early] = await scanned(desk, key, check("PASSED"))
    assert (early["result"], early["reason"], early["id"]) == ("skipped", "passed", None)
    [created] = await scanned(desk, key, check("FAILED"))
    case = created["id"]
    await desk.does("auditor", case, "issue", grade="minor")
    for result in ("updated", "duplicate"):
        [passed] = await scanned(desk, key, check("PASSED", at=LATE))
        assert (passed["result"], passed["reason"], passed["id"], passed["status"]) == (result, "passed", case, "open")
    seen = await case_of(desk, case)
    assert seen["status"] == "open"
    [word] = seen["source_revisions"]
    assert (word["passed"], word["revision"]) == ("passed", LATE)
    assert word["document"]
    [old] = await scanned(desk, key, check("FAILED", Title="As it was before"))
    assert old["result"] == "duplicate", "it passed since"
    [found] = await scanned(desk, key, check("FAILED", at="2026-03-10T08:00:00Z"))
    assert (found["result"], found["id"]) == ("updated", case)
    [_, again] = (await case_of(desk, case))["source_revisions"]
    assert (again["passed"], again["changed"]) == (None, [])
    assert await types(desk, case) == [NEWS[0], "nonconformity.issued", NEWS[2], NEWS[1]]


async def test_what_has_ended_hears_of_no_pass(desk: Desk) -> None:
    key = await desk.key("cloud")
    [created] = await scanned(desk, key, check("FAILED"))
    await desk.does("auditor", created["id"], "dismiss", reason="A test account")
    [passed] = await scanned(desk, key, check("PASSED", at=LATE))
    [revised] = await scanned(desk, key, check("FAILED", at=LATE, Title="Otherwise"))
    assert (passed["result"], revised["result"], revised["status"]) == ("skipped", "duplicate", "dismissed")


async def test_no_revision_moves_a_case_to_another_client(desk: Desk) -> None:
    key = await desk.key("scanner")
    case = (await desk.reports(key, "F-1"))["id"]
    moved = await desk.ask(key, "POST", "/v1/findings", finding("F-1", client="globex", title="Otherwise"))
    assert (moved.status_code, moved.json()["code"]) == (409, "another_finding")
    assert "acme" not in moved.text
    assert case not in moved.text
    assert await types(desk, case) == NEWS[:1]


def says_nothing_of(case: str, item: dict[str, Any]) -> None:
    """A receipt that tells neither the case nor the client whose the reference is."""
    assert (item["result"], item["problem"]["code"]) == ("rejected", "another_finding")
    assert (item["id"], item["status"], item["number"]) == (None, None, None)
    assert case not in json.dumps(item)
    assert "acme" not in json.dumps(item)


async def test_a_reference_of_one_client_is_none_of_another(desk: Desk) -> None:
    """However alike the findings are, by whichever key, and whatever became of the case."""
    key = await desk.key("cloud", may_state_grades=True)
    bound = await desk.key("cloud", client="globex")
    [created] = await scanned(desk, key, check("FAILED"))
    case, before = created["id"], await types(desk, created["id"])
    for who in (key, bound, "ended", key, bound):
        if who == "ended":
            await desk.does("auditor", case, "dismiss", reason="A test account")
            before = await types(desk, case)
            continue
        for status, at in (("FAILED", EARLY), ("FAILED", LATE), ("PASSED", EARLY), ("PASSED", LATE)):
            [item] = await scanned(desk, who, check(status, at=at), client="globex")
            says_nothing_of(case, item)
    assert await types(desk, case) == before
    [same] = await scanned(desk, key, check("FAILED"), client="Acme Ltd.")
    assert (same["result"], same["id"]) == ("duplicate", case)


async def test_of_two_clients_in_one_document_the_first_has_the_reference(desk: Desk) -> None:
    key = await desk.key("scanner")
    batch = [finding("1"), finding("1", client="globex"), finding("1")]
    [first, other, again] = (await desk.ask(key, "POST", "/v1/findings", batch)).json()["items"]
    assert (first["result"], again["result"], again["id"]) == ("created", "duplicate", first["id"])
    says_nothing_of(first["id"], other)


async def test_a_pass_of_no_client_is_known_by_its_reference_and_one_of_a_strange_client_refused(desk: Desk) -> None:
    key, bound = await desk.key("cloud"), await desk.key("cloud", client="globex")
    [created] = await scanned(desk, key, check("FAILED"))
    [strange] = await scanned(desk, bound, check("PASSED"), client="acme")
    assert (strange["result"], strange["problem"]["code"]) == ("rejected", "another_client")
    says_nothing_of(created["id"], (await scanned(desk, bound, check("PASSED"), client=None))[0])
    [passed] = await scanned(desk, key, check("PASSED", at=LATE), client=None)
    assert (passed["result"], passed["id"]) == ("updated", created["id"])


async def test_people_cannot_say_what_only_a_source_says(desk: Desk) -> None:
    case = (await desk.reports("auditor", "F-1"))["id"]
    for command in ("revise-finding", "note-pass"):
        answer = await desk.ask("auditor", "POST", f"/v1/nonconformities/{case}/{command}", {"reason": "passed"})
        assert answer.status_code == 404
    allowed = {one["command"] for one in (await case_of(desk, case))["allowed"]}
    assert not {"revise_finding", "note_pass"} & allowed


async def test_an_import_tells_cases_what_is_new(desk: Desk) -> None:
    key = await desk.key("scanner")

    async def ended(*found: dict[str, Any]) -> dict[str, Any]:
        headers = {"Content-Type": "application/json"}
        answer = await desk.ask(key, "POST", "/v1/imports", content=json.dumps(found).encode(), headers=headers)
        one = f"/v1/imports/{answer.json()['id']}"
        seen: dict[str, Any] = await desk.once(key, one, lambda seen: seen["ended_at"] is not None)
        return seen

    first = await ended(finding("1"), finding("2"), finding("1"))
    assert (first["created"], first["duplicate"]) == (2, 1)
    second = await ended(finding("1"), finding("2", title="Otherwise"), finding("3"))
    assert (second["created"], second["duplicate"], second["updated"]) == (1, 1, 1)
    [item] = (await desk.get(key, f"/v1/imports/{second['id']}/items", result="updated"))["items"]
    assert (item["index"], item["external_id"], item["status"]) == (1, "2", "reported")


def test_the_check_is_one_that_the_reader_knows() -> None:
    assert asff.claims(check("PASSED"))


async def test_what_is_kept_as_said_last_is_proven(desk: Desk, office: Office) -> None:
    key = await desk.key("scanner")
    revised, passed = [(await scanned(desk, key, check("FAILED", Id=name)))[0]["id"] for name in "RP"]
    await scanned(desk, key, check("FAILED", Id="R", at=LATE, Title="Another"))
    await scanned(desk, key, check("PASSED", Id="P", at=LATE))
    for case in (revised, passed):
        await desk.does("auditor", case, "issue", grade="minor")

    async def faults() -> list[str]:
        [proof] = [one async for one in office.ledger.verify(desk.tenant)]
        return [fault.stream for fault in proof.faults]

    assert await faults() == []
    owner = await asyncpg.connect(office.settings.owner)
    try:
        await owner.execute(
            "UPDATE closeout.source_refs SET said = 'passed' WHERE tenant = $1 AND stream = $2",
            desk.tenant,
            f"nonconformity/{revised}",
        )
    finally:
        await owner.close()
    assert await faults() == [f"nonconformity/{revised}"]
