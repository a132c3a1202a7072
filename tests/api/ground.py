"""Prepared ground for fuzzing: one tenant that holds, for each command, things on which somebody may give it now."""

import asyncio
from collections.abc import AsyncIterator, Coroutine, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Any, TypeVar
from uuid import uuid4

import uvicorn
from fastapi import FastAPI

from services.api import links
from services.bootstrap import mint
from tests.api.conftest import Office
from tests.api.houses import built
from tests.api.telling import LONE, Request, World, path_of
from tests.rules.life import Step, Steps
from tests.rules.stories import ACCEPTED, Story
from tests.rules.walks import STATES
from workflows.people import Role
from workflows.registry import PROCEDURES

PLAYS: Mapping[Role, str] = {
    Role.INTEGRATION: "key_plain",
    Role.CLIENT_OWNER: "owner",
    Role.CLIENT_APPROVER: "approver",
    Role.INTERNAL_AUDITOR: "internal_auditor",
    Role.AUDITOR: "auditor",
    Role.REVIEWER: "reviewer2",
    Role.COMMITTEE_MEMBER: "member1",
    Role.SCHEME_MANAGER: "scheme_manager",
    Role.OBSERVER: "observer",
}
"""Who of `tests.rules.life` acts in a role. No story has an admin."""

REPORT = "report_findings"

MERGE = "merge"

REGISTER = Story("client", "register", None, (), "scheme_manager", {"key": "acme", "name": "Acme"})
TOLD = (*ACCEPTED, REGISTER)
ANYHOW = [
    Story(kind, "", None, steps, "reviewer", {})
    for kind, walks in STATES.items()
    for state, steps in walks.items()
    if state
]
"""Things in every state, for whatever comes: nobody prepared a command on them."""

T = TypeVar("T")


@dataclass(frozen=True)
class Spot:
    """A thing on which a story's command is possible, and where it is read; none for a report."""

    story: Story
    world: World
    path: str


@dataclass
class Ground:
    """The tenant: its address, a bearer for each role, ids of things for all by kind, a spot for each operation."""

    address: str
    bearers: Mapping[Role, str]
    things: Mapping[str, Sequence[str]]
    spots: Mapping[str, Spot]
    loop: asyncio.AbstractEventLoop
    fresh: "count[int]" = field(default_factory=lambda: count(1000))

    def fitting(self, operation: str, role: Role) -> Request | None:
        """A request that was acceptable when the ground was laid, signed over the present; None for other roles.

        To be called from another thread than the loop's.
        """
        spot = self.spots.get(operation)
        if spot is None or role not in PROCEDURES[spot.story.kind].row(spot.story.command).who:
            return None
        story = spot.story
        request = self._wait(spot.world.request(story.actor, story.command, story.body, story.kind))
        number = next(self.fresh)
        match story.command:
            case "report":
                return replace(request, body=numbered(request.body, number))
            case "plan" | "apply" | "transfer_in":
                return replace(request, body={**request.body, "key": f"{request.body['key'][0]}-{number}"})
            case "register":
                return replace(request, body={**request.body, "key": f"c{number}", "name": f"Client {number}"})
        return request

    def _wait(self, coroutine: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result(timeout=30)


LONELY = frozenset({MERGE, "conclude", "grant", "renew", "restore"})
"""A merge ends clients; what concludes an audit, and certificates, rest on all of their client's audits."""


def operation_of(story: Story) -> str:
    """The operation by which a story's command is given."""
    return REPORT if story.command == "report" else links.give(story.kind, story.command)


def numbered(finding: Mapping[str, Any], number: int | str) -> dict[str, Any]:
    """A finding under a reference of its own."""
    return {**finding, "source": {**finding["source"], "external_id": str(number)}}


@asynccontextmanager
async def laid(office: Office) -> AsyncIterator[Ground]:
    """The ground over the session's servers, served on a port of its own."""
    tenant = f"t{uuid4().hex[:12]}"
    async with built(office, ACCEPTED[0]) as house, served(house.app) as address:
        first = World(house, tenant)
        await first.open()
        bearers = {Role.ADMIN: mint(house.settings, Role.ADMIN, "Admin", None, tenant)}
        for role, name in PLAYS.items():
            bearers[role] = await first.bearer(name)
        gate = asyncio.Semaphore(8)

        async def prepared(number: int, story: Story) -> Spot:
            world = World(house, tenant, keys=first.keys, own=_keys(story, number))
            async with gate:
                if _alone(story):
                    await world.walk((Step("scheme_manager", "register", {"key": "acme", "name": "Acme"}, "client"),))
                await world.walk(_own(story.steps, number))
                path = "" if story.command == "report" else path_of(await world.address(story.kind))
            return Spot(story, world, path)

        laid = await asyncio.gather(*(prepared(n, story) for n, story in enumerate((*TOLD, *ANYHOW))))
        spots = {operation_of(spot.story): spot for spot in laid[: len(TOLD)]}
        paths = [(spot.story.kind, spot.path.rpartition("/")[2]) for spot in laid[len(TOLD) :]]
        things = {kind: [name for of, name in paths if of == kind] for kind in PROCEDURES}
        yield Ground(address, bearers, things, spots, asyncio.get_running_loop())


def _alone(story: Story) -> bool:
    """Whether a story has clients of its own."""
    return not LONELY.isdisjoint([story.command, *(step.command for step in story.steps if isinstance(step, Step))])


def _keys(story: Story, number: int) -> Mapping[str, str]:
    """The keys that a story has to itself, and names of its own for its clients where it has them alone."""
    keys = {LONE[kind]: f"{LONE[kind][0]}-{number}" for kind in ("audit", "initial", "certificate")}
    if not _alone(story):
        return keys
    names = {name: f"{name}-{number}" for name in ("acme", "Acme", "globex", "Globex")}
    return keys | names


def _own(steps: Steps, number: int) -> Steps:
    """The steps with a reference of its own in each report."""
    return tuple(
        replace(step, body={"finding": numbered(step.body["finding"], f"{step.kind} {number}")})
        if isinstance(step, Step) and step.command == "report"
        else step
        for step in steps
    )


@asynccontextmanager
async def served(app: FastAPI) -> AsyncIterator[str]:
    """An app behind the server of production; answers its address."""
    config = uvicorn.Config(app, port=0, lifespan="off", log_config=None, access_log=False, server_header=False)
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        await serving
