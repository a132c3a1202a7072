"""Every row and every refusal of the procedures, told over HTTP on the real servers."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.api.conftest import Office
from tests.api.stage import Stage, staged
from tests.api.telling import World
from tests.rules.stories import ACCEPTED, REFUSED, Story
from workflows.decider import Refusal, RefusalKind
from workflows.procedure import COMMON, SIGNING, AnotherClient
from workflows.registry import DECIDERS, PROCEDURES

STATUS: Mapping[RefusalKind, int] = {
    "unknown": 404,
    "invalid": 422,
    "forbidden": 403,
    "unauthenticated": 401,
    "conflict": 409,
    "stale": 412,
}
"""CONTRACT, HTTP: the status of a refusal."""

BEGINS = frozenset({"report", "plan", "apply", "transfer_in"})
"""The commands after which there is a thing of which there was none."""

UNTOLD: Mapping[str, str] = {
    "committee_review-decide-until_past": "between votes and decision nothing happens by the clock that time goes by",
    "certificate-restore-restoration_too_late": "after its expiry nothing happens to it by the clock that time goes by",
    "nonconformity-report-wrong_state": "a report names no case: one that is known is a duplicate",
    "nonconformity-issue-client_unknown": "a case is reported of a registered client, and none is ever struck off",
}
"""Stories that HTTP cannot tell for reasons of their own."""

NAMELESS = frozenset({"wrong_state", "unknown_command"})
"""All that can be said of a command on a case that is not there."""

HIDDEN = "not_found"
MISSING = "missing"
ELSEWHERE: Mapping[tuple[str, str, str], tuple[str, str]] = {
    ("nonconformity", "report", "another_client"): ("another_client", "what is reported is not there yet to be hidden"),
    ("nonconformity", "*", "another_client"): (HIDDEN, "a client's people and keys see their own cases"),
    ("client", "*", "another_client"): (HIDDEN, "row-level security shows a client's people their own entry"),
    ("audit", "plan", "another_client"): ("another_client", "what is planned is not there yet to be hidden"),
    ("audit", "*", "another_client"): (HIDDEN, "row-level security shows a client's people their own audits"),
    ("nonconformity", "appeal", "wrong_state"): (HIDDEN, "a client's people see no case before its issue"),
    ("nonconformity", "*", "not_issued"): (HIDDEN, "a client's people see no case before its issue"),
    ("nonconformity", "*", "unknown_command"): (HIDDEN, "what only a reaction gives has no route"),
    ("committee_review", "*", "unknown_command"): (HIDDEN, "what only a reaction gives has no route"),
    ("audit", "*", "unknown_command"): (HIDDEN, "what only a reaction gives has no route"),
    ("nonconformity", "*", "machine_may_not_sign"): ("role", "a key is an integration, and no integration signs"),
    ("committee_review", "*", "machine_may_not_sign"): (HIDDEN, "a key sees no review"),
    ("audit", "*", "machine_may_not_sign"): (HIDDEN, "a key sees no audit"),
    ("certificate", "*", "unknown_command"): (HIDDEN, "what only a reaction gives has no route"),
    ("certificate", "*", "machine_may_not_sign"): (HIDDEN, "a key sees no certificate"),
    ("client", "*", "unknown_command"): (HIDDEN, "what only a reaction gives has no route"),
    ("nonconformity", "report", "shape"): (MISSING, "the readers of findings tell each fault by a code of its own"),
}
"""Refusals by kind, command and code that something before the rules forestalls over HTTP: the code told, and why."""


def by_reaction(story: Story) -> bool:
    """Whether only another stream's reaction gives the command: it is told past the API."""
    return story.actor.startswith("reaction:")


def nameless(story: Story) -> bool:
    """Whether there is no case yet that a path could name; only a report needs none."""
    return story.kind == "nonconformity" and not story.steps and story.command != "report"


BY_REACTIONS = [story for story in REFUSED if by_reaction(story)]
TOLD = sorted(
    (story for story in REFUSED if not (by_reaction(story) or nameless(story) or story.name in UNTOLD)),
    key=lambda story: repr(story.steps),
)
"""In the order of their steps: a worker walks each way once."""

GUARDS = [guard for procedure in PROCEDURES.values() for row in procedure.rows for guard in row.guards]
RULES: list[type[Refusal]] = [*COMMON, *SIGNING, AnotherClient, *(rule for guard in GUARDS for rule in guard.refusals)]
KINDS: Mapping[str, RefusalKind] = {
    HIDDEN: "unknown",
    MISSING: "invalid",
    **{rule.code: rule.kind for rule in RULES},
}


@pytest.fixture(scope="session")
async def stage(office: Office) -> AsyncIterator[Stage]:
    async with staged(office) as made:
        yield made


def elsewhere(story: Story) -> tuple[str, str, str] | None:
    """The entry of ELSEWHERE that a story falls under."""
    if story.code is None:
        return None
    found = [(story.kind, command, story.code) for command in (story.command, "*")]
    return next((entry for entry in found if entry in ELSEWHERE), None)


def code_of(story: Story) -> str:
    """The code that HTTP tells."""
    assert story.code is not None
    entry = elsewhere(story)
    return story.code if entry is None else ELSEWHERE[entry][0]


def is_problem(answer: httpx.Response, status: int, code: str) -> None:
    """A problem document with this code."""
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json"), answer.text
    told = answer.json()
    assert (told["status"], told["code"]) == (status, code), told
    assert told["detail"]
    assert "{" not in told["detail"]


def faults(story: Story) -> set[str]:
    """Where a body is at fault that has none of its fields, and one of no meaning."""
    fields = PROCEDURES[story.kind].row(story.command).body.model_fields
    required = {f"/{name}" for name, field in fields.items() if field.is_required()}
    return required | {f"/{name}" for name in story.body}


async def standing(world: World, kind: str) -> tuple[object, ...]:
    """What a refusal must leave alone: the stream with its `seq` and `head`, and every event of the tenant."""
    return await world.stream(await world.address(kind)), await world.recorded()


@pytest.mark.parametrize("story", TOLD, ids=lambda story: story.name)
async def test_a_refusal_is_a_problem_with_its_rule_and_leaves_no_event(stage: Stage, story: Story) -> None:
    world = await stage.world(story, shared=True)
    request = await world.request(story.actor, story.command, story.body, story.kind)
    before = await standing(world, story.kind)
    code = code_of(story)
    if story.command not in BEGINS and story.command != "register" and not await world.shows(story.actor, story.kind):
        code = HIDDEN  # whatever the rules say of it: who does not see a thing gives it no command
    answer = await world.send(request)
    is_problem(answer, STATUS[KINDS[code]], code)
    if code == "shape":
        assert {fault["pointer"] for fault in answer.json()["errors"]} == faults(story)
    assert await standing(world, story.kind) == before
    if story.command == "report":
        return  # decided in its transaction alone
    past = await world.decide(story.actor, story.command, story.body, story.kind)
    assert past.refusal is not None
    assert past.refusal.code == ("role" if story.actor.startswith("machine:") else story.code)
    assert await standing(world, story.kind) == before


@pytest.mark.parametrize("story", ACCEPTED, ids=lambda story: story.name)
async def test_an_accepted_command_is_offered_recorded_once_and_repeated(stage: Stage, story: Story) -> None:
    world = await stage.world(story)
    request = await world.request(story.actor, story.command, story.body, story.kind)
    row = PROCEDURES[story.kind].row(story.command)
    key = {"Idempotency-Key": str(uuid4())}
    status = ""
    if story.command not in BEGINS:
        stream = await world.stream(await world.address(story.kind))
        assert stream is not None
        status = DECIDERS[story.kind].status(stream.state)
        await is_offered(world, story, request.body)
        before = await standing(world, story.kind)
        late = await world.send(request, **key | {"If-Match": f'"{stream.seq - 1}"'})
        is_problem(late, 412, "stale_sequence")
        assert await standing(world, story.kind) == before
        key["If-Match"] = f'"{stream.seq}"'
    events = await world.recorded()

    first = await world.send(request, **key)
    assert first.status_code == (201 if story.command in BEGINS else 200), first.text
    told = first.json()
    assert told["status"] in (row.to or (status,))
    if story.command == "report":
        world.case = told["id"]
    await world.settled()
    after = await world.recorded()
    assert len(after) > len(events)
    name = await world.address(story.kind)
    assert {(name, event["seq"], event["hash"]) for event in told.get("events", ())} <= {*after} - {*events}
    assert story.command == "report" or told["events"][-1]["hash"] == told["head"]

    again = await world.send(request, **key)
    assert (again.status_code, again.content) == (200, first.content)
    other = replace(request, body=request.body | {"title": "Another"})
    is_problem(await world.send(other, **key), 422, "key_reused")
    assert await world.recorded() == after


async def is_offered(world: World, story: Story, body: Mapping[str, Any]) -> None:
    """The actor reads that the command is possible and, where it is signed, what to sign."""
    seen = await world.get(story.actor, story.kind)
    assert [one for one in seen["allowed"] if one["command"] == story.command] == [{"command": story.command}]
    offered = seen["signable"].get(story.command)
    if PROCEDURES[story.kind].row(story.command).signs is None:
        assert offered is None
    else:
        assert body["signature"] == {"content_sha256": offered["sha256"], "meaning": offered["meaning"]}


@pytest.mark.parametrize("story", BY_REACTIONS, ids=lambda story: story.name)
async def test_a_reaction_is_refused_by_the_same_rules(stage: Stage, story: Story) -> None:
    world = await stage.world(story, shared=True)
    before = await standing(world, story.kind)
    answer = await world.decide(story.actor, story.command, story.body, story.kind)
    assert answer.refusal is not None
    assert answer.refusal.code == story.code
    assert await standing(world, story.kind) == before


def test_what_is_not_told_over_http_is_known_exactly() -> None:
    named = [story.name for story in REFUSED if not (by_reaction(story) or nameless(story))]
    assert UNTOLD.keys() <= set(named)
    assert {story.code for story in REFUSED if nameless(story) and not by_reaction(story)} <= NAMELESS
    assert {elsewhere(story) for story in TOLD} - {None} == ELSEWHERE.keys()
