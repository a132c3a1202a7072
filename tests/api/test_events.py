"""The feed as server-sent events, from a server on 127.0.0.1."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import pytest

from activities.ledger import rows
from activities.ledger.protocol import Scope
from services.api import events
from services.subscriptions import envelopes
from tests.api.conftest import Desk, Office
from tests.api.ground import served
from tests.api.listening import PATIENCE, case_of, listening, refusal


@pytest.fixture(scope="session")
async def address(office: Office) -> AsyncIterator[str]:
    async with served(office.app) as address:
        yield address


async def test_what_happens_comes_in_its_order_and_no_more(desk: Desk, address: str) -> None:
    await desk.reports("auditor", "before")
    async with listening(address, desk.token("auditor")) as listener:
        one = case_of(await desk.reports("auditor", "1"))
        [reported, issued] = await listener.take(2)
        assert [reported.what, issued.what] == [(one, "nonconformity.reported"), (one, "nonconformity.issued")]
        assert reported.data is not None
        assert reported.data["type"] == "closeout.nonconformity.reported"
        assert reported.data["sequence"] == reported.id
        assert listener.began.id < reported.id < issued.id
        assert reported.data["data"]["seq"] == 1


async def test_it_goes_on_from_the_last_event_that_came(desk: Desk, address: str) -> None:
    auditor = desk.token("auditor")
    async with listening(address, auditor) as listener:
        began = listener.began.id
    first, second = [case_of(await desk.reports("auditor", name)) for name in "12"]
    issued = "nonconformity.issued"
    async with listening(address, auditor, last=began, type=issued) as listener:
        [one] = await listener.take(1)
        assert one.what == (first, issued)
    async with listening(address, auditor, last=one.id, type=issued) as listener:
        [two] = await listener.take(1)
        assert two.what == (second, issued)


async def test_from_the_beginning_a_position_or_a_date(desk: Desk, address: str) -> None:
    auditor = desk.token("auditor")
    async with listening(address, auditor, **{"from": "beginning"}) as listener:
        whole = await listener.take(2)
        assert [message.event for message in whole] == ["client.registered", "client.registered"]
    async with listening(address, auditor, **{"from": whole[0].id}) as listener:
        assert await listener.take(1) == whole[1:]
    past = (datetime.now(UTC) - timedelta(days=1)).isoformat()
    async with listening(address, auditor, **{"from": past}) as listener:
        assert await listener.take(2) == whole


async def test_filters(desk: Desk, address: str) -> None:
    one = case_of(await desk.reports("auditor", "1"))
    two = case_of(await desk.reports("auditor", "2", client="globex"))
    await desk.does("auditor", one.partition("/")[2], "comment", text="Seen.")
    issued, commented = "nonconformity.issued", "nonconformity.commented"
    auditor = desk.token("auditor")

    async def first(number: int, **query: str) -> list[tuple[str, str]]:
        async with listening(address, auditor, **{"from": "beginning"}, **query) as listener:
            return [message.what for message in await listener.take(number)]

    assert await first(3, type=f"{issued},{commented}") == [(one, issued), (two, issued), (one, commented)]
    assert (await first(1, kind="nonconformity"))[0] == (one, "nonconformity.reported")
    assert await first(1, stream=two, type=issued) == [(two, issued)]
    assert await first(1, client="globex", type=issued) == [(two, issued)]


async def test_filters_of_cases(desk: Desk, address: str) -> None:
    key = await desk.key("scanner", may_state_grades=True)
    clause = [{"standard": "ISO 9001", "edition": "2015", "clause": "8.4.1"}]
    triage = case_of(await desk.reports("auditor", "triage", grade=None))
    minor = case_of(await desk.reports(key, "minor", sites=["Kiel"]))
    major = case_of(await desk.reports("auditor", "major", grade="major", requirements=clause, title="Unheard words"))
    gone = case_of(await desk.reports("auditor", "gone", grade=None))
    await desk.does("auditor", gone.partition("/")[2], "dismiss", reason="It is no finding.")
    last = case_of(await desk.reports("auditor", "last", grade="ofi", client="globex"))

    async def heard(who: str, *until: str, **query: str) -> list[str]:
        """The cases of which one hears up to these, each once, in the order of the feed."""
        async with listening(address, desk.token(who), **{"from": "beginning"}, **query) as listener:
            told: list[str] = []
            while told[-len(until) :] != list(until):
                [message] = await listener.take(1)
                told += [message.what[0]] if message.what[0] not in told else []
            return told

    # Each hears the cases that are named and nothing before them: what was left out would have come first.
    assert await heard("auditor", triage, type="nonconformity.reported", status="reported") == [triage]
    assert await heard("auditor", minor, major, last, status="open") == [minor, major, last]
    assert await heard("auditor", gone, status="dismissed") == [gone]
    assert await heard("auditor", major, last, grade="major,ofi") == [major, last]
    assert await heard("auditor", major, requirement="8.4.1") == [major]
    assert await heard("auditor", major, q="unheard") == [major]
    assert await heard("auditor", last, external_id="last") == [last]
    assert await heard("auditor", minor, source="scanner") == [minor]
    assert await heard("auditor", minor, site="Kiel") == [minor]
    assert await heard("auditor", last, client="globex", overdue="false") == [last]
    assert await heard("owner", major, grade="major,ofi") == [major]
    assert await heard("owner", minor, major, status="open,reported") == [minor, major]

    async with listening(address, desk.token("auditor"), status="open") as listener:
        found = case_of(await desk.reports("auditor", "now", grade=None))
        await desk.does("auditor", found.partition("/")[2], "issue", grade="minor")
        issued = (found, "nonconformity.issued")
        assert (await listener.take(1))[0].what in (issued, (found, "nonconformity.reported"))


async def test_what_cannot_be_listened_to(desk: Desk, address: str) -> None:
    auditor = desk.token("auditor")
    for name, value in (
        ("from", "yesterday"),
        ("type", "nonconformity.invented"),
        ("kind", "teapot"),
        ("stream", "teapot/1"),
        ("stream", "nonconformity"),
        ("stream", "client/"),
        ("status", "ajar"),
        ("grade", "huge"),
        ("overdue", "perhaps"),
        ("client", "nobody"),
        ("client", "*"),
    ):
        status, problem = await refusal(address, auditor, last=None, **{name: value})
        assert (status, problem["code"]) == (422, "shape")
        assert problem["errors"][0]["pointer"].removesuffix("/0") == f"/{name}"
    status, problem = await refusal(address, auditor, last="seven")
    assert (status, problem["errors"][0]["pointer"]) == (422, "/last-event-id")
    for name in ("colour", "updated_since", "limit"):
        status, problem = await refusal(address, auditor, **{name: "1"})
        assert (status, problem["code"]) == (400, "unknown_filter")
        assert problem["detail"].startswith(f"'{name}' means nothing here")
    assert (await refusal(address, desk.token("owner"), client="globex"))[1]["code"] == "another_client"
    assert (await refusal(address, "nonsense"))[0] == 401


async def test_a_clients_people_hear_of_their_own_issued_cases(desk: Desk, address: str) -> None:
    await desk.reports("auditor", "reported", grade=None)
    await desk.reports("auditor", "another", client="globex")
    issued = case_of(await desk.reports("auditor", "issued"))
    async with (
        listening(address, desk.token("owner"), kind="nonconformity", **{"from": "beginning"}) as owner,
        listening(address, desk.token("auditor"), client="acme", kind="nonconformity", **{"from": "beginning"}) as same,
    ):
        heard = await owner.take(2)
        assert [message.what for message in heard] == [
            (issued, "nonconformity.reported"),
            (issued, "nonconformity.issued"),
        ]
        assert await same.take(2) == heard


async def test_a_key_hears_of_its_sources_cases(desk: Desk, address: str) -> None:
    mine, other = await desk.key("mine", may_state_grades=True), await desk.key("other", may_state_grades=True)
    bound = await desk.key("other", client="globex")
    await desk.reports(other, "1")
    mines = case_of(await desk.reports(mine, "2", client="globex"))
    globex = case_of(await desk.reports(other, "2", client="globex"))
    own = case_of(await desk.reports(mine, "1"))
    last = case_of(await desk.reports(other, "3", client="globex"))
    query = {"from": "beginning", "type": "nonconformity.issued"}
    async with listening(address, mine, **query) as one, listening(address, bound, **query) as another:
        assert [message.what[0] for message in await one.take(2)] == [mines, own]
        assert [message.what[0] for message in await another.take(2)] == [globex, last]
    async with listening(address, bound, kind="client", **{"from": "beginning"}) as listener:
        assert [message.what for message in await listener.take(1)] == [("client/globex", "client.registered")]


async def test_none_is_skipped_while_a_transaction_is_held_open(desk: Desk, office: Office, address: str) -> None:
    """What a slow transaction commits late has an earlier position than what was committed before it."""
    issued = "nonconformity.issued"
    slow = await asyncpg.connect(office.settings.owner)
    async with listening(address, desk.token("auditor"), type=issued) as listener:
        transaction = slow.transaction()
        await transaction.start()
        await slow.execute("SELECT pg_current_xact_id()")
        quick = case_of(await desk.reports("auditor", "quick"))
        # Committed, and held back; nothing comes but signs of life.
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(listener.message(), 2 * events.POLL)
        await transaction.commit()
    await slow.close()
    async with listening(address, desk.token("auditor"), last=listener.began.id, type=issued) as listener:
        assert [message.what for message in await listener.take(1)] == [(quick, issued)]


async def test_a_sign_of_life_says_how_far_it_was_read(
    desk: Desk, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events, "BEAT", 0.05)
    async with listening(address, desk.token("auditor"), kind="certificate") as listener:
        await desk.reports("auditor", "1")
        async with asyncio.timeout(PATIENCE):
            while (beat := await listener.message()).id == listener.began.id:
                pass
    assert beat.data is None
    assert rows.read_position(beat.id) > rows.read_position(listener.began.id)


async def test_who_sees_nothing_of_what_happens_looks_at_it_once(
    desk: Desk, office: Office, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks: list[str | None] = []
    feed = type(office.ledger).feed

    async def noted(self: Any, scope: Scope, after: str | None, limit: int) -> Any:
        looks.append(after)
        return await feed(self, scope, after, limit)

    async def looked(again: int) -> None:
        async with asyncio.timeout(PATIENCE):
            while len(looks) < again:
                await asyncio.sleep(0.02)

    monkeypatch.setattr(events, "POLL", 0.05)
    monkeypatch.setattr(type(office.ledger), "feed", noted)
    nobody = desk.token("observer")
    await desk.reports("auditor", "1")
    async with listening(address, nobody, **{"from": "beginning"}) as listener:
        for number in range(3):
            await looked(len(looks) + 2)
            await desk.reports("auditor", f"more-{number}")
        await looked(len(looks) + 2)
        places = [rows.read_position(after) for after in looks]
        assert places == sorted(places)
        assert len(set(places)) > 3, "each look begins where the one before ended"
        assert rows.read_position(listener.began.id) == places[0]


async def test_who_left_is_looked_after_no_more(
    desk: Desk, office: Office, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = asyncio.Event()
    feed = type(office.ledger).feed

    async def noted(*given: Any, **more: Any) -> Any:
        asked.set()
        return await feed(*given, **more)

    monkeypatch.setattr(events, "POLL", 0.05)
    monkeypatch.setattr(type(office.ledger), "feed", noted)
    async with listening(address, desk.token("auditor")):
        await asyncio.wait_for(asked.wait(), PATIENCE)
    async with asyncio.timeout(PATIENCE):
        quiet = False
        while not quiet:
            asked.clear()
            await asyncio.sleep(0.5)
            quiet = not asked.is_set()


async def test_no_more_listen_than_there_are_places(desk: Desk, office: Office, address: str) -> None:
    bearer, places = desk.token("auditor"), office.app.state.api.listeners
    many, places.total_tokens = places.total_tokens, places.borrowed_tokens + 1
    async with httpx.AsyncClient(base_url=address, timeout=PATIENCE, trust_env=False) as http:
        async with listening(address, bearer):
            refused = await http.get("/v1/events", headers={"Authorization": f"Bearer {bearer}"})
        assert (refused.status_code, refused.json()["code"]) == (503, "too_many_listeners")
        assert int(refused.headers["retry-after"]) > 0
    async with asyncio.timeout(PATIENCE):
        while not places.available_tokens:
            await asyncio.sleep(0.02)
    async with listening(address, bearer):
        places.total_tokens = many


async def test_who_takes_nothing_keeps_no_place(
    desk: Desk, office: Office, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events, "HUNG", 0.2)
    monkeypatch.setattr(envelopes, "event", lambda *_: b"x" * 2**24)
    await desk.reports("auditor", "1")
    places = office.app.state.api.listeners
    taken = places.borrowed_tokens
    async with listening(address, desk.token("auditor"), **{"from": "beginning"}), asyncio.timeout(PATIENCE):
        while places.borrowed_tokens > taken:
            await asyncio.sleep(0.05)


async def test_a_revoked_key_hears_no_more(desk: Desk, address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "TRUST", 0.0)
    made = await desk.ask("manager", "POST", "/v1/api-keys", {"source": "scanner"})
    async with listening(address, made.json()["key"]) as listener:
        revoked = await desk.ask("manager", "DELETE", f"/v1/api-keys/{made.json()['id']}")
        assert revoked.is_success, revoked.text
        assert await listener.rest() == []
    assert (await refusal(address, made.json()["key"]))[0] == 401


async def test_a_server_that_stops_waits_for_nobody_who_listens(desk: Desk, office: Office) -> None:
    async with asyncio.timeout(PATIENCE):
        async with served(office.app) as own:
            listener = listening(own, desk.token("auditor"))
            heard = await listener.__aenter__()
        # The server has stopped while the listener held on.
        assert await heard.rest() == []
        await listener.__aexit__(None, None, None)


async def test_an_event_is_told_as_subscribers_are_sent_it(desk: Desk, office: Office, address: str) -> None:
    await desk.reports("auditor", f"F-{uuid4()}")
    async with listening(address, desk.token("auditor"), **{"from": "beginning"}) as listener:
        heard = await listener.take(3)
    recorded = await office.ledger.feed(Scope(desk.tenant), None)
    source = envelopes.source(office.settings.url, desk.tenant)
    assert [json.loads(envelopes.event(source, one)) for one in recorded[:3]] == [message.data for message in heard]
