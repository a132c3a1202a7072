"""The stories of `tests.rules` told over HTTP: each in a tenant of its own, by people and keys as a story names them.

Time passes in the ledger, not in the test: a `Wait` has the ledger record the wake-ups that are due until then, at
their own instants. As the deciding instant is never before a stream's last event, the API, the workflow and the
transaction all go on from there, and nothing sleeps.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import httpx
from pydantic import BaseModel

from activities.directory import grants, keys, people
from activities.directory.keys import ApiKey
from activities.ledger.protocol import Scope, Stream
from services.reporting import BY_HAND
from tests.api.houses import House
from tests.rules.life import CASE, KEYS, PEOPLE, ROLES, Step, Steps, Wait, fill
from tests.rules.lineage_stories import SISTER_ID
from tests.rules.walks import FINDING
from workflows.decider import Answer, Command, kind_of, stream_of
from workflows.durations import Duration
from workflows.nonconformity.case import Case
from workflows.nonconformity.events import Aggregated
from workflows.people import Actor
from workflows.registry import REGISTRY
from workflows.simulator.world import signature

SOURCE: str = f"{BY_HAND}{FINDING['source']['system']}"
"""Every key is of this source, as if people reported by it, so that it sees every case."""

NOUNS: Mapping[str, str] = {
    "client": "clients",
    "nonconformity": "nonconformities",
    "committee_review": "committee-reviews",
    "audit": "audits",
    "certificate": "certificates",
}
LONE: Mapping[str, str] = {
    "client": "acme",
    "globex": "globex",
    "audit": "A-1",
    "initial": "S-1",
    "certificate": "C-1",
}
"""What a world has one of, under a key that every story knows."""

OTHERS: Mapping[str, str] = {"globex": "client", "initial": "audit"}
"""Of what kind the others are that a story calls by a name of their own."""

NEVER = datetime(1970, 1, 1, tzinfo=UTC)
"""Any token of a person says more than what is known since then."""


@dataclass(frozen=True)
class Request:
    """One request as it can be sent again."""

    bearer: str
    method: str
    path: str
    body: Any


@dataclass
class World:
    """One tenant with the client acme and at most two cases: `tests.rules.life.World` over HTTP."""

    house: House
    tenant: str = field(default_factory=lambda: f"t{uuid4().hex[:12]}")
    waited: timedelta = timedelta()
    case: str | None = None
    sister: str | None = None
    keys: dict[str, str] = field(default_factory=dict)
    own: Mapping[str, str] = field(default_factory=dict)
    """Keys of stories by other names, where several worlds share a tenant."""

    @property
    def now(self) -> datetime:
        """The instant that the story has reached."""
        return datetime.now(UTC) + self.waited

    async def open(self) -> None:
        """Registers the client, and lets the people be known."""
        await self._done(Step("scheme_manager", "register", {"key": "acme", "name": "Acme"}, "client"))
        database = self.house.ledger.database
        for person in PEOPLE:
            await people.remember(database, self.tenant, person, NEVER)
        acme = ("acme", None, None)
        until = datetime.now(UTC) + timedelta(days=1)
        await grants.keep(database, self.tenant, "observer", acme, until, "An assessment.", "scheme_manager")

    async def walk(self, steps: Steps) -> None:
        """Steps that must be accepted; returns when their reactions are carried out."""
        for step in steps:
            match step:
                case Step():
                    await self._done(step)
                case Wait():
                    await self._wait(Duration.parse(step.duration).after(self.now, ZoneInfo("UTC")))
        await self.settled()

    async def request(self, actor: str, command: str, body: Mapping[str, Any], kind: str) -> Request:
        """What an actor sends to give a command, its markers filled in."""
        name = await self.address(kind)
        stream = await self.stream(name)
        state = stream.state if stream else REGISTRY.of(name).initial()
        given = self._filled(command, body, name, state)
        bearer = await self.bearer(actor)
        match command:
            case "report":
                # The format is stated: a body with no field of a finding would be of an unknown one (415).
                return Request(bearer, "POST", "/v1/findings?format=json", given.get("finding", given))
            case "register":
                return Request(bearer, "POST", "/v1/clients", given)
            case "plan":
                return Request(bearer, "POST", "/v1/audits", given)
            case "apply":
                return Request(bearer, "POST", "/v1/certificates", given)
            case "transfer_in":
                return Request(bearer, "POST", "/v1/certificates/transfer-in", given)
            case "revise":
                return Request(bearer, "PATCH", path_of(name), given)
        return Request(bearer, "POST", f"{path_of(name)}/{command.replace('_', '-')}", given)

    async def shows(self, actor: str, kind: str) -> bool:
        """Whether an actor sees a thing."""
        path = path_of(await self.address(kind))
        answer = await self.send(Request(await self.bearer(actor), "GET", path, None))
        assert answer.status_code in (200, 404), answer.text
        return answer.status_code == 200

    async def send(self, request: Request, **headers: str) -> httpx.Response:
        """The answer to a request."""
        return await self.house.http.request(
            request.method,
            request.path,
            json=request.body,
            headers={"Authorization": f"Bearer {request.bearer}"} | headers,
        )

    async def get(self, actor: str, kind: str) -> Any:
        """A thing as an actor reads it."""
        answer = await self.send(Request(await self.bearer(actor), "GET", path_of(await self.address(kind)), None))
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def decide(self, actor: str, command: str, body: Mapping[str, Any], kind: str) -> Answer:
        """A command past the API, which decides early: to the stream's workflow, where that has the story's rules."""
        name = await self.address(kind)
        stream = await self.stream(name)
        state = stream.state if stream else REGISTRY.of(name).initial()
        given = Command(
            id=str(uuid4()),
            name=command,
            body=self._filled(command, body, name, state),
            actor=await self._actor(actor),
        )
        if self.house.is_common and kind_of(name) != "client":
            answer: Answer = await self.house.app.state.api.engine.send(self.tenant, name, given)
            return answer
        return await self.house.ledger.transact(self.tenant, name, given, datetime.now(UTC))

    async def recorded(self) -> list[tuple[str, int, str]]:
        """Every event of the world: stream, sequence number, hash. The feed would hold back what is newer than others
        are still writing."""
        histories = [await self.house.ledger.history(Scope(self.tenant), name) for name in await self._streams()]
        return [(e.stream, e.seq, e.hash) for history in histories for e in history]

    async def stream(self, name: str) -> Stream | None:
        """A stream as the ledger has it."""
        return await self.house.ledger.load(Scope(self.tenant), name)

    async def address(self, kind: str) -> str:
        """The stream of a kind that a story means: the client, the case, its latest review, the other case."""
        if kind in LONE:
            return self.lone(kind)
        await self.settled()
        if kind == "sister":
            return stream_of("nonconformity", self.sister or "none")
        if kind == "nonconformity":
            return stream_of(kind, self.case or "none")
        case = await self.stream(stream_of("nonconformity", self.case or "none"))
        reviews = case.state.reviews if case and isinstance(case.state, Case) else ()
        return stream_of(kind, reviews[-1] if reviews else "none")

    def lone(self, kind: str) -> str:
        """The stream of a kind of which the world has one."""
        return stream_of(OTHERS.get(kind, kind), self.own.get(LONE[kind], LONE[kind]))

    async def settled(self) -> None:
        """Returns when no stream owes anything: no reactions, and no start."""
        async with asyncio.timeout(20):
            for name in await self._streams():
                while (seen := await self.stream(name)) and seen.owed:
                    await asyncio.sleep(0.005)

    async def bearer(self, actor: str) -> str:
        """A person's token, or the key of a machine."""
        if actor not in KEYS and not actor.startswith("machine:"):
            return self._token(actor)
        if actor not in self.keys:
            machine = KEYS.get(actor)
            client = machine.client if machine else ROLES[actor.removeprefix("machine:")][0]
            if client not in (None, "acme"):
                await self._done(Step("scheme_manager", "register", {"key": client, "name": client}, "client"))
            may = machine is not None and machine.may_state_grades
            made = keys.make(self.tenant)
            key = ApiKey(id=made.id, source=SOURCE, client=client, may_state_grades=may)
            await keys.keep(self.house.ledger.database, self.tenant, key, made.text)
            self.keys[actor] = made.text
        return self.keys[actor]

    def _token(self, who: str) -> str:
        """A person's token; where signers must be fresh, people proved who they are before the story waited."""
        since = datetime.now(UTC) - (self.waited if self.house.settings.fresh else timedelta())
        return self.house.token(self.tenant, who, since)

    async def _actor(self, actor: str) -> Actor:
        if actor.startswith("reaction:"):
            return Actor(id=actor, kind="reaction")
        bearer = f"Bearer {await self.bearer(actor)}"
        known: Actor = (await self.house.app.state.api.authenticator.caller(bearer, datetime.now(UTC))).actor
        return known

    async def _done(self, step: Step) -> None:
        if step.actor.startswith("reaction:"):
            told = await self.decide(step.actor, step.command, step.body, step.kind)
            assert told.refusal is None, (step, told.refusal)
            return
        answer = await self._surely(await self.request(step.actor, step.command, step.body, step.kind))
        assert answer.status_code in (200, 201), (step, answer.text)
        if step.command == "report":
            case = answer.json()["id"]
            if step.kind == "sister":
                self.sister = case
            else:
                self.case = case

    def _filled(self, command: str, body: Mapping[str, Any], name: str, state: BaseModel) -> Any:
        """A body with its markers filled in, and with the ids and keys that things have in this world."""
        ids = {CASE.partition("/")[2]: self.case, SISTER_ID: self.sister}
        names = {**self.own, **{story_s: own for story_s, own in ids.items() if own is not None}}
        return renamed(fill(body, self.now, lambda: signature(command, kind_of(name), state)), names)

    async def _surely(self, request: Request) -> httpx.Response:
        """The answer to a request, repeated with its key while nobody can answer: a busy machine has slow moments."""
        key = {"Idempotency-Key": str(uuid4())}
        async with asyncio.timeout(30):
            while (answer := await self.send(request, **key)).status_code == 503:
                await asyncio.sleep(float(answer.headers["retry-after"]))
        return answer

    async def _wait(self, until: datetime) -> None:
        await self.settled()
        for name in await self._streams():
            while (stream := await self.stream(name)) and stream.next_wakeup and stream.next_wakeup <= until:
                await self.house.ledger.wake(self.tenant, name, stream.next_wakeup, stream.next_wakeup)
            if stream is not None:
                await self.house.app.state.api.engine.nudge(self.tenant, name)
        self.waited += until - self.now

    async def _streams(self) -> list[str]:
        """The clients, the audits, the certificate, the cases, and the first one's reviews; causes before effects."""
        lone = [self.lone(kind) for kind in LONE]
        if self.case is None:
            return lone
        name = stream_of("nonconformity", self.case)
        case = await self.stream(name)
        reviews = case.state.reviews if case and isinstance(case.state, Case) else ()
        return [*lone, name, *await self._lineage(name), *(stream_of("committee_review", one) for one in reviews)]

    async def _lineage(self, name: str) -> list[str]:
        """The other case and, where both were aggregated, the systemic major, which then changes both."""
        if self.sister is None:
            return []
        history = await self.house.ledger.history(Scope(self.tenant), name)
        told = [event.data for event in history if event.type == Aggregated.type and event.data]
        raised = [stream_of("nonconformity", data["systemic"]) for data in told]
        return [*raised, name, stream_of("nonconformity", self.sister)]


def renamed(body: Any, names: Mapping[str, str]) -> Any:
    """A body with each text that is a key by its other name."""
    match body:
        case str():
            return names.get(body, body)
        case Mapping():
            return {name: renamed(value, names) for name, value in body.items()}
        case list():
            return [renamed(value, names) for value in body]
    return body


def path_of(stream: str) -> str:
    """Where a stream is read."""
    return f"/v1/{NOUNS[kind_of(stream)]}/{stream.partition('/')[2]}"
