"""The API over the real servers: one stack and one worker for the session, one tenant for each test."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI
from temporalio.worker import UnsandboxedWorkflowRunner

from activities.ledger.postgres import PostgresLedger
from activities.metrics import Metrics
from activities.recording import Recording
from services.api.app import create_app
from services.bootstrap import introduce, mint
from services.connections import open_engine, open_ledger
from services.imports.importing import Importing
from services.ready import Introduction
from services.settings import Settings
from services.stack import Stack
from services.worker import build, build_importing
from workflows.people import Role
from workflows.policy_book import PACKAGED, PolicyBook

PEOPLE: dict[str, tuple[Role, str | None]] = {
    "owner": (Role.CLIENT_OWNER, "acme"),
    "approver": (Role.CLIENT_APPROVER, "acme"),
    "internal": (Role.INTERNAL_AUDITOR, "acme"),
    "stranger": (Role.CLIENT_OWNER, "globex"),
    "strange": (Role.INTERNAL_AUDITOR, "globex"),
    "auditor": (Role.AUDITOR, None),
    "reviewer": (Role.REVIEWER, None),
    "closer": (Role.REVIEWER, None),
    "member1": (Role.COMMITTEE_MEMBER, None),
    "member2": (Role.COMMITTEE_MEMBER, None),
    "member3": (Role.COMMITTEE_MEMBER, None),
    "manager": (Role.SCHEME_MANAGER, None),
    "observer": (Role.OBSERVER, None),
}

FINDING: dict[str, Any] = {
    "source": {"system": "audit", "external_id": "F-1"},
    "client": "acme",
    "requirements": [{"standard": "ISO/IEC 27001", "edition": "2022", "clause": "A.5.18"}],
    "title": "Access rights are not reviewed",
    "statement": "Access rights of leavers were not removed.",
    "objective_evidence": "Three of ten sampled leavers still had accounts.",
    "grade": "minor",
}


def day(days: int = 0) -> str:
    """The day so many days from now."""
    return (datetime.now(UTC) + timedelta(days=days)).date().isoformat()


@dataclass(frozen=True)
class Office:
    """What the session shares: settings in force, ledger, app, and what the bootstrap introduced."""

    settings: Settings
    ledger: PostgresLedger
    app: FastAPI
    introduced: Introduction


@dataclass(frozen=True)
class Desk:
    """One tenant's way to the API: requests as people by name, or with any bearer."""

    tenant: str
    office: Office
    http: httpx.AsyncClient

    def token(self, who: str) -> str:
        role, client = PEOPLE[who]
        return mint(self.office.settings, role, who.title(), client, self.tenant)

    async def ask(
        self, who: str, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None, **more: Any
    ) -> httpx.Response:
        """A request as a person, or with the API key `who`."""
        bearer = who if who.startswith("ck_") else self.token(who)
        if body is not None:
            more["json"] = body
        return await self.http.request(
            method, path, headers={"Authorization": f"Bearer {bearer}", **(headers or {})}, **more
        )

    async def patient(self, who: str, method: str, path: str, body: Any = None, **more: Any) -> httpx.Response:
        """A request, and again while the API says that it is away: a busy machine has slow moments."""
        answer = await self.ask(who, method, path, body, **more)
        for pause in (0.2, 1, 5):
            if answer.status_code != 503:
                break
            await asyncio.sleep(pause)
            answer = await self.ask(who, method, path, body, **more)
        return answer

    async def post(self, who: str, path: str, body: Any) -> httpx.Response:
        """A request as a patient client sends it: with a key."""
        return await self.patient(who, "POST", path, body, headers={"Idempotency-Key": uuid4().hex})

    async def get(self, who: str, path: str, **params: Any) -> Any:
        answer = await self.patient(who, "GET", path, params=params)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def once(self, who: str, path: str, holds: Callable[[Any], bool]) -> Any:
        """What is at a path once it is there and this holds of it: what another thing causes arrives by reaction."""
        async with asyncio.timeout(20):
            while True:
                answer = await self.ask(who, "GET", path)
                assert answer.status_code in (200, 404), answer.text
                if answer.status_code == 200 and holds(answer.json()):
                    return answer.json()
                await asyncio.sleep(0.02)

    async def review(self, case: str) -> str:
        """The path of the review that someone convened by escalating a case, once it is there."""
        await self.does("reviewer", case, "escalate", reason="The client does not answer.")
        [review] = (await self.get("reviewer", f"/v1/nonconformities/{case}"))["review_ids"]
        path = f"/v1/committee-reviews/{review}"
        await self.once("manager", path, lambda seen: seen["case_id"] == case)
        return path

    async def does(self, who: str, case: str, command: str, **body: Any) -> Any:
        answer = await self.post(who, f"/v1/nonconformities/{case}/{command}", body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def signs(self, who: str, path: str, command: str, **body: Any) -> Any:
        """A signed command, over what `signable` says now."""
        seen = (await self.get(who, path))["signable"][command.replace("-", "_")]
        signature = {"content_sha256": seen["sha256"], "meaning": seen["meaning"]}
        answer = await self.post(who, f"{path}/{command}", {**body, "signature": signature})
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def key(self, source: str, **rights: Any) -> str:
        answer = await self.ask("manager", "POST", "/v1/api-keys", {"source": source, **rights})
        assert answer.status_code == 201, answer.text
        text: str = answer.json()["key"]
        return text

    async def grants(self, who: str, until: timedelta = timedelta(days=1), **of: str) -> str:
        """Grants an observer sight of a client, an audit or a case; the grant's id."""
        ends = (datetime.now(UTC) + until).isoformat()
        told = {"person": (await self.get(who, "/v1/me"))["id"], "until": ends, "reason": "An assessment.", **of}
        answer = await self.ask("manager", "POST", "/v1/grants", told)
        assert answer.status_code == 201, answer.text
        made: str = answer.json()["id"]
        return made

    async def reports(self, who: str, external_id: str = "F-1", **finding: Any) -> Any:
        """What became of a finding."""
        source = {"system": "audit", "external_id": external_id}
        answer = await self.post(who, "/v1/findings", FINDING | {"source": source} | finding)
        assert answer.status_code in (200, 201), answer.text
        return answer.json()

    async def submitted(self, case: str, action: str = "a1") -> None:
        """A case up to its submitted plan, which has this action."""
        await self.does("owner", case, "record-correction", text="Accounts were closed.", done_on="2026-03-01")
        await self.does(
            "owner",
            case,
            "record-cause",
            method="five_whys",
            steps=["Nobody told IT."],
            causes=[{"key": "c1", "text": "HR has no list of systems."}],
            extent={"looked_at": ["all class A systems"], "found": []},
        )
        await self.does(
            "owner",
            case,
            "plan-action",
            key=action,
            text="Give HR the list.",
            causes=["c1"],
            owner="Owner",
            due_on=day(5),
        )
        await self.signs("approver", f"/v1/nonconformities/{case}", "submit-plan")

    async def closed(self, case: str) -> None:
        """A case from open to closed."""
        path = f"/v1/nonconformities/{case}"
        await self.submitted(case)
        await self.signs("reviewer", path, "accept-plan")
        await self.does("owner", case, "complete-action", key="a1", done_on=day())
        digest = hashlib.sha256(b"list").hexdigest()
        await self.does(
            "owner", case, "attach-evidence", shows=["a1"], name="list.pdf", sha256=digest, media_type="application/pdf"
        )
        await self.signs("approver", path, "submit-evidence")
        await self.signs("reviewer", path, "verify", statement="Sampled ten leavers: none has an account.")
        await self.signs("closer", path, "close", statement="Effective.")


@pytest.fixture(scope="session")
async def office(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Office]:
    known: list[tuple[Settings, Introduction]] = []

    async def introducing(settings: Settings) -> Introduction:
        known.append((settings, await introduce(settings)))
        return known[-1][1]

    data, policies = tmp_path_factory.mktemp("office"), tmp_path_factory.mktemp("policies")
    older = (PACKAGED / "internal.toml").read_text(encoding="utf-8").replace('stages = ["internal"]\n', "")
    older = older.replace('name = "internal"\nversion = "2026-01"', 'name = "older"\nversion = "1"')
    (policies / "older.toml").write_text(older, encoding="utf-8")
    async with Stack(
        Settings.load({"data": data, "policies": policies}, {}), introduce=introducing, services=lambda *_: []
    ):
        settings, introduced = known[0]
        ledger = await open_ledger(settings)
        engine = await open_engine(settings)
        importing = Importing(Recording(ledger, Metrics("worker")), ledger.database, engine, settings.bounds)
        worker = build(engine.client, ledger, engine, UnsandboxedWorkflowRunner())
        async with worker, build_importing(engine, importing, settings.readers):
            app = create_app(ledger, engine, ledger.database, settings, PolicyBook.load(settings.policies))
            yield Office(settings, ledger, app, introduced)
            await app.state.api.nudges.close()
        await ledger.close()


@pytest.fixture(scope="session")
async def http(office: Office) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(office.app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://api", timeout=30) as client:
        yield client


@pytest.fixture
async def desk(office: Office, http: httpx.AsyncClient) -> Desk:
    """A new certification body with the clients acme and globex."""
    desk = Desk(f"t{uuid4().hex[:12]}", office, http)
    for key, name in (("acme", "Acme Ltd"), ("globex", "Globex Inc")):
        answer = await desk.post("manager", "/v1/clients", {"key": key, "name": name, "aliases": [f"{name}."]})
        assert answer.status_code == 201, answer.text
    return desk
