"""Clients that leave before they are answered, and answers that break off before their end."""

import asyncio
import json
from asyncio import StreamWriter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import asyncpg
import httpx
import pytest
from fastapi import FastAPI
from structlog.testing import capture_logs
from structlog.typing import EventDict

from activities.directory import imports as receipts
from activities.ledger.database import APP_ROLE
from activities.ledger.postgres import PostgresLedger
from activities.ledger.protocol import Unavailable
from activities.readmodels import READ_MODELS
from activities.reads import nonconformities
from services.api import imports
from services.api.app import create_app
from services.logs import is_news
from services.reports import gathering
from tests.api.conftest import FINDING, Desk, Office
from tests.api.ground import served
from workflows.policy_book import PolicyBook
from workflows.registry import REGISTRY

KEYS = "/v1/api-keys"
CONNECTIONS = 2


@dataclass(frozen=True)
class Place:
    """An API behind the server of production, for one tenant; `http` is a client that stays."""

    app: FastAPI
    address: str
    desk: Desk
    http: httpx.AsyncClient

    async def sends(
        self, who: str, method: str, path: str, body: bytes = b"", length: int | None = None
    ) -> StreamWriter:
        """The connection on which somebody sent a request, whose body has `length` bytes if they send on."""
        host, _, port = self.address.removeprefix("http://").partition(":")
        _, writer = await asyncio.open_connection(host, int(port))
        head = [
            f"{method} {path} HTTP/1.1",
            f"Host: {host}",
            f"Authorization: Bearer {self.desk.token(who)}",
            "Content-Type: application/json",
            f"Content-Length: {len(body) if length is None else length}",
        ]
        writer.write("\r\n".join([*head, "", ""]).encode() + body)
        await writer.drain()
        return writer

    async def leave(self, *connections: StreamWriter) -> None:
        """Closes them, and has the server hear of it."""
        for one in connections:
            one.close()
            await one.wait_closed()
        assert (await self.http.get("/livez")).status_code == 200

    async def get(self, who: str, path: str) -> httpx.Response:
        return await self.http.get(path, headers={"Authorization": f"Bearer {self.desk.token(who)}"})

    def counted(self, method: str, route: str) -> dict[int, int]:
        """How many requests to a route were counted, by status."""
        families = self.app.state.api.recording.metrics.registry.collect()
        [requests] = [family for family in families if family.name == "closeout_http_requests"]
        return {
            int(sample.labels["status"]): int(sample.value)
            for sample in requests.samples
            if (sample.labels["method"], sample.labels["route"]) == (method, route)
        }

    @asynccontextmanager
    async def locked(self, table: str) -> AsyncIterator[Callable[[int], Awaitable[None]]]:
        """Nobody reads or writes a table meanwhile; has one wait until so many wait for it."""
        owner = await asyncpg.connect(self.desk.office.settings.dsn, server_settings={"role": APP_ROLE})

        async def until(number: int) -> None:
            waiting = "SELECT count(*) FROM pg_locks WHERE relation = $1::text::regclass AND NOT granted"
            await holds(lambda: owner.fetchval(waiting, table), number)

        try:
            async with owner.transaction():
                await owner.execute(f"LOCK TABLE {table}")
                yield until
        finally:
            await owner.close()


async def holds(asked: Callable[[], Awaitable[Any]], wanted: Any) -> None:
    """Waits until something is so."""
    async with asyncio.timeout(60):
        while await asked() != wanted:
            await asyncio.sleep(0.02)


async def counts(place: Place, method: str, route: str, wanted: dict[int, int]) -> None:
    async def counted() -> dict[int, int]:
        return place.counted(method, route)

    await holds(counted, wanted)


@pytest.fixture
async def place(office: Office, desk: Desk) -> AsyncIterator[Place]:
    """Over a ledger of its own, of few connections and much patience: what is never given up, they wait for."""
    policies = PolicyBook.load(office.settings.policies)
    dsn = office.settings.dsn
    ledger = await PostgresLedger.open(dsn, REGISTRY, policies, READ_MODELS, size=CONNECTIONS, bound=60)
    app = create_app(ledger, office.app.state.api.engine, ledger.database, office.settings, policies)
    async with (
        served(app) as address,
        httpx.AsyncClient(base_url=address, trust_env=False, timeout=120) as http,
    ):
        yield Place(app, address, desk, http)
    await app.state.api.nudges.close()
    await ledger.close()


@pytest.fixture
def lines(caplog: pytest.LogCaptureFixture) -> Iterator[Sequence[EventDict]]:
    """What is logged; at the end, none of it was an error."""
    with capture_logs() as lines:
        yield lines
    assert [line for line in lines if line["log_level"] in ("error", "critical")] == []
    assert [record.getMessage() for record in caplog.records if record.levelname == "ERROR" and is_news(record)] == []


async def test_who_leaves_keeps_no_connection_from_who_waits(place: Place, lines: Sequence[EventDict]) -> None:
    assert (await place.get("manager", KEYS)).status_code == 200
    async with place.locked("closeout.api_keys") as until_waiting:
        left = [await place.sends("manager", "GET", KEYS) for _ in range(10 * CONNECTIONS)]
        await until_waiting(CONNECTIONS)
        await place.leave(*left)
        assert (await place.get("manager", "/v1/subscriptions")).status_code == 200
        await counts(place, "GET", KEYS, {200: 1, 499: len(left)})
        await until_waiting(0)  # the server of the ledger was told, too
    again = await asyncio.gather(*(place.get("manager", KEYS) for _ in range(5 * CONNECTIONS)))
    assert {answer.status_code for answer in again} == {200}
    assert place.counted("GET", KEYS) == {200: 1 + len(again), 499: len(left)}
    assert [line["status"] for line in lines if line.get("route") == KEYS].count(499) == len(left)


async def test_what_changes_something_runs_to_its_end(place: Place, lines: Sequence[EventDict]) -> None:
    async with place.locked("closeout.api_keys") as until_waiting:
        left = await place.sends("manager", "POST", KEYS, json.dumps({"source": "scanner"}).encode())
        await until_waiting(1)
        await place.leave(left)
    await counts(place, "POST", KEYS, {499: 1})
    assert [key["source"] for key in (await place.get("manager", KEYS)).json()["items"]] == ["scanner"]
    assert [line["status"] for line in lines if line.get("method") == "POST"] == [499]


@pytest.mark.parametrize(
    ("who", "path"), [("auditor", "/v1/findings"), ("auditor", "/v1/imports"), ("owner", "/v1/evidence")]
)
async def test_a_body_that_ends_before_its_time_is_no_error(
    place: Place, lines: Sequence[EventDict], who: str, path: str
) -> None:
    await place.leave(await place.sends(who, "POST", path, b'{"half": ', length=1000))
    await counts(place, "POST", path, {499: 1})
    assert [line["status"] for line in lines if line.get("route") == path] == [499]


async def test_who_has_heard_enough_of_the_feed_was_answered(place: Place, lines: Sequence[EventDict]) -> None:
    headers = {"Authorization": f"Bearer {place.desk.token('auditor')}"}
    async with place.http.stream("GET", "/v1/events", headers=headers) as answer:
        assert await anext(answer.aiter_lines())
    assert (await place.http.head("/v1/events", headers=headers)).status_code == 200
    await counts(place, "GET", "/v1/events", {200: 1})
    await counts(place, "HEAD", "/v1/events", {200: 1})
    assert place.app.state.api.listeners.borrowed_tokens == 0


@dataclass
class Failing:
    """Reads as before, but for one time."""

    reads: Callable[..., Awaitable[Any]]
    fails: int
    times: int = 0

    async def __call__(self, *given: Any, **more: Any) -> Any:
        self.times += 1
        if self.times == self.fails:
            raise Unavailable("the ledger is away")
        return await self.reads(*given, **more)


@pytest.mark.parametrize("fails", [1, 2])
@pytest.mark.parametrize("table", ["receipts", "log"])
async def test_a_table_that_breaks_off_is_no_whole_one(
    place: Place, lines: Sequence[EventDict], monkeypatch: pytest.MonkeyPatch, table: str, fails: int
) -> None:
    sources = [{"system": "audit", "external_id": f"F-{n}"} for n in range(3)]
    document = json.dumps([FINDING | {"source": source, "grade": None} for source in sources])
    taken = await place.desk.ask("auditor", "POST", "/v1/imports", content=document)
    path = f"/v1/imports/{taken.json()['id']}"
    await place.desk.once("auditor", path, lambda one: one["state"] == "done")
    if table == "receipts":
        path = f"{path}/items.csv"
        monkeypatch.setattr(imports, "PAGE_OF_CSV", 1)
        monkeypatch.setattr(receipts, "items", Failing(receipts.items, fails))
    else:
        path = "/v1/nonconformity-log?format=csv"
        monkeypatch.setattr(gathering, "PAGE", 1)
        monkeypatch.setattr(nonconformities, "listed", Failing(nonconformities.listed, fails))
    if fails == 1:
        answer = await place.get("auditor", path)
        assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
    else:
        with pytest.raises(httpx.RemoteProtocolError):
            await place.get("auditor", path)
        [line] = [line for line in lines if line["log_level"] == "warning"]
        assert (line["event"], line["error"]) == ("answer broken off", "the ledger is away")
    whole = await place.get("auditor", path)
    assert (whole.status_code, len(whole.text.splitlines())) == (200, 1 + len(sources))
