"""The typed client: what may be repeated is, once recorded; pages and feeds end where they should."""

import asyncio
import json
from datetime import timedelta
from uuid import uuid4

import pytest

from services.client import Closeout, Event, Failed, Unreached, closeout
from tests.api.conftest import FINDING
from tests.chaos.proxy import Proxy
from tests.client.conftest import Clients, moody
from tests.e2e.conftest import own_port

MINUTE = timedelta(minutes=1)
SEPARATED = "One line \u2028 and\u0085the same line \u202e right to left"


def finding(external_id: str, **more: object) -> dict[str, object]:
    return FINDING | {"source": {"system": "audit", "external_id": external_id}} | more


async def test_a_write_is_repeated_under_its_key_until_it_is_decided() -> None:
    async with moody(["503", "lost", "429", "lost"]) as server, Closeout(server.url, "x", patience=MINUTE) as client:
        answer = await client.post("/v1/things", {"n": 1})
        assert answer == {"tries": 5, "recorded": 1}
        assert len({key for _, key in server.asked}) == 1
        assert (await client.post("/v1/things", {"n": 2}))["recorded"] == 2
        assert (await client.post("/v1/things", {"n": 2}, idempotency_key="mine"))["recorded"] == 3
        assert server.recorded["mine"] == {"n": 2}


async def test_an_answer_that_breaks_off_is_an_interruption() -> None:
    async with moody(["torn", "torn"]) as server, Closeout(server.url, "x", patience=MINUTE) as client:
        assert (await client.get("/v1/me"))["tries"] == 3
    second = timedelta(seconds=1)
    async with moody(["torn"] * 50) as server, Closeout(server.url, "x", patience=second) as client:
        with pytest.raises(Unreached, match="RemoteProtocolError"):
            await client.get("/v1/me")


async def test_it_waits_for_as_long_as_it_is_told() -> None:
    async with moody(["429 after 1"]) as server, Closeout(server.url, "x", patience=MINUTE) as client:
        await client.post("/v1/things")
        [(first, _), (second, _)] = server.asked
        assert second - first >= 1


async def test_where_nobody_answers_it_says_so() -> None:
    async with moody(["503"] * 50) as server, Closeout(server.url, "x", patience=timedelta(seconds=1)) as client:
        with pytest.raises(Unreached, match="503"):
            await client.get("/v1/me")
        assert 1 < len(server.asked) < 50
    async with Closeout(server.url, "x", patience=timedelta()) as client:
        with pytest.raises(Unreached, match="ConnectError"):
            await client.get("/v1/me")


async def test_a_wait_beyond_its_patience_is_not_begun() -> None:
    async with moody(["503 after 3600"]) as server, Closeout(server.url, "x", patience=MINUTE) as client:
        with pytest.raises(Unreached):
            await client.get("/v1/me")


async def test_who_asks_too_often_is_told_so_and_not_that_nobody_answers() -> None:
    second = timedelta(seconds=1)
    async with moody(["429 after 3600"]) as server, Closeout(server.url, "x", patience=MINUTE) as client:
        with pytest.raises(Failed, match="again in 3600 s") as failed:
            await client.post("/v1/things")
        assert (failed.value.trouble.status, failed.value.trouble.wait) == (429, 3600)
    async with moody(["lost", "429 after 3600"]) as server, Closeout(server.url, "x", patience=MINUTE) as client:
        # The first try may have been recorded.
        with pytest.raises(Unreached, match="429"):
            await client.post("/v1/things", {"n": 1})
    async with moody(["429 after 0"] * 50) as server, Closeout(server.url, "x", patience=second) as client:
        with pytest.raises(Failed):
            await client.post("/v1/things")
        assert 1 < len(server.asked) < 50


async def test_a_key_that_asks_too_often_is_told_by_which_rule(clients: Clients) -> None:
    client = clients.of(await clients.desk.key("scanner", rate=2))
    for _ in range(2):
        await client.get("/v1/me")
    with pytest.raises(Failed) as failed:
        await client.get("/v1/me")
    assert failed.value.trouble.status == 429
    assert failed.value.code != "http_429"
    assert failed.value.trouble.wait is not None and failed.value.trouble.wait > 20


async def test_an_answer_of_somebody_on_the_way_is_told_as_it_is() -> None:
    async with moody(["418"]) as server, Closeout(server.url, "x") as client:
        with pytest.raises(Failed) as failed:
            await client.get("/v1/me")
    assert failed.value.code == "http_418"


async def test_a_refusal_names_its_rule_and_fields(clients: Clients) -> None:
    auditor = clients.of("auditor")
    with pytest.raises(Failed) as failed:
        await auditor.nonconformity("nothing")
    assert (failed.value.code, failed.value.trouble.status) == ("not_found", 404)
    receipt = await auditor.report(finding("1"))
    assert receipt.id is not None
    with pytest.raises(Failed) as failed:
        await auditor.command(receipt.id, "issue", grade="minor")
    assert (failed.value.code, failed.value.trouble.status) == ("wrong_state", 409)
    with pytest.raises(Failed) as failed:
        await auditor.command(receipt.id, "comment")
    assert failed.value.trouble.errors[0]["pointer"] == "/text"
    with pytest.raises(Failed) as failed:
        await auditor.command(receipt.id, "comment", text="Seen.", if_match=1)
    assert failed.value.trouble.status == 412


async def test_a_receipt_has_flags_and_what_was_escaped(clients: Clients) -> None:
    client = clients.of(await clients.desk.key("scanner", may_state_grades=True))
    receipt = await client.report(finding("1", statement="half \ud800 of it", requirements=[]))
    assert receipt.escaped == ("/statement",)
    [flag] = receipt.flags
    assert (flag.code, flag.rule, flag.pointer) == ("not_issued", "finding_incomplete", "/requirements")
    assert (await client.report(finding("1", statement="half \ud800 of it", requirements=[]))).result == "duplicate"


async def test_lists_are_read_page_after_page(clients: Clients, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(closeout, "PAGE", 2)
    auditor = clients.of("auditor")
    receipts = await auditor.report_all([finding(str(n), grade=None) for n in range(5)] + [finding("x", client="?")])
    assert (receipts.accepted, receipts.rejected) == (5, 1)
    assert receipts.items[5].problem is not None and receipts.items[5].problem.code == "client_unknown"
    listed = [one.id async for one in auditor.nonconformities(status=["reported", "open"], client="acme")]
    assert sorted(listed) == sorted(one.id for one in receipts.items if one.id)
    assert [one async for one in auditor.nonconformities(overdue=True)] == []


async def test_a_case_is_signed_as_it_was_read(clients: Clients) -> None:
    reviewer, auditor = clients.of("reviewer"), clients.of("auditor")
    receipt = await auditor.report(finding("1", grade="ofi"))
    seen = await reviewer.nonconformity(receipt.id or "")
    assert "close" in seen.may
    with pytest.raises(KeyError):
        await auditor.sign(seen, "verify", statement="Not mine to sign.")
    answer = await reviewer.sign(seen, "close", statement="Noted.", idempotency_key="close")
    assert answer.status == "closed"
    again = await reviewer.sign(seen, "close", statement="Noted.", idempotency_key="close")
    assert again == answer
    assert (await reviewer.nonconformity(seen.id)).head == answer.head
    assert (await reviewer.nonconformity(seen.id, as_of=seen.raw["issued_at"])).status == "open"


async def test_a_committees_review_is_read_and_voted_on(clients: Clients) -> None:
    for name in ("member1", "member2", "member3"):
        await clients.of(name).get("/v1/me")
    await clients.desk.reports("auditor", "1", grade="major")
    [case] = [one.id async for one in clients.of("auditor").nonconformities()]
    path = await clients.desk.review(case)
    member = clients.of("member1")
    review = await member.review(path.rpartition("/")[2])
    assert review.case_id == case
    await member.sign(review, "vote", choice="suspend", reason="No plan.")
    assert len((await member.review(review.id)).raw["votes"]) == 1


async def test_a_document_is_imported(clients: Clients) -> None:
    scanner = clients.of(await clients.desk.key("scanner"))
    document = json.dumps([finding("1"), finding("2", client="nobody"), finding("1")]).encode()
    taken = await scanner.import_document(document, name="weekly", idempotency_key="week 47")
    ended = await scanner.imported(taken)
    assert (ended.state, ended.created, ended.duplicate, ended.rejected) == ("done", 1, 1, 1)
    assert [one.result async for one in scanner.receipts(ended)] == ["created", "rejected", "duplicate"]
    [rejected] = [one async for one in scanner.receipts(ended, "rejected")]
    assert rejected.problem is not None and rejected.problem.code == "client_unknown"
    assert (await scanner.import_document(document, name="weekly", idempotency_key="week 47")).id == taken.id
    failed = await scanner.imported(await scanner.import_document(b'{"colour": "red"}'))
    assert failed.problem is not None and failed.problem.code == "unknown_format"
    assert (await scanner.cancel(failed)).state == "failed"


async def test_the_feed_goes_on_where_it_was_cut_off(clients: Clients) -> None:
    auditor = clients.of("auditor")
    port = int(own_port())
    proxy = Proxy(port, int(clients.address.rpartition(":")[2]))
    async with asyncio.timeout(60), proxy.listening():
        listener = clients.of("auditor", f"http://127.0.0.1:{port}")
        heard = listener.events("beginning", type=["nonconformity.issued"])
        streams, taken = list[str](), list[Event]()
        for n in range(4):
            streams.append(f"nonconformity/{(await auditor.report(finding(str(n), title=SEPARATED))).id}")
            if n % 2:
                assert proxy.cut() == 1
            taken.append(await anext(heard))
        assert [event.subject for event in taken] == streams
        assert {event.type for event in taken} == {"closeout.nonconformity.issued"}
        events = listener.events(taken[-1].sequence)
        last = await auditor.report(finding(str(uuid4()), title=SEPARATED))
        reported = await anext(events)
        assert reported.subject == f"nonconformity/{last.id}"
        assert reported.data is not None and reported.data["data"]["finding"]["title"] == SEPARATED


async def test_nothing_is_missed_between_now_and_the_first_event(clients: Clients) -> None:
    """Cut off before anything came, it goes on from when it began to listen."""
    auditor, port = clients.of("auditor"), int(own_port())
    proxy = Proxy(port, int(clients.address.rpartition(":")[2]))
    async with asyncio.timeout(60), proxy.listening():
        heard = clients.of("auditor", f"http://127.0.0.1:{port}").events()
        first = asyncio.ensure_future(anext(heard))
        while not proxy.cut():
            await asyncio.sleep(0.05)
        await asyncio.sleep(2)
        proxy.cut()
        receipt = await auditor.report(finding("1"))
        assert (await first).subject == f"nonconformity/{receipt.id}"


async def test_a_feed_that_is_refused_says_why(clients: Clients) -> None:
    with pytest.raises(Failed) as failed:
        await anext(clients.of("owner").events(client="globex"))
    assert failed.value.code == "another_client"
