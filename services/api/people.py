"""People: who is known here, who left, and what still waits on those; noted and taken back by who administers the body.

Who somebody is and what they may do is the issuer's to say (`services.signin`). That they left is noted here beside it,
and counts until it is taken back, whatever the issuer says.
"""

from typing import Annotated, Any

import structlog
from fastapi import APIRouter, Depends, Request
from pydantic import Field, StringConstraints
from starlette.responses import Response

from activities.directory import departures, people
from activities.directory.departures import Departure
from activities.directory.people import Known, Place
from activities.reads.waiting import Waiting, waiting
from services.api import bodies, lists
from services.api.admission import admit_keeper
from services.api.answers import Json
from services.api.context import Api, TheApi, TheCaller
from services.api.lists import Filters, Word
from services.api.openapi import PAGE, answers, body, parameters
from services.auth import Caller
from services.problems import Problem, UnknownThing
from services.telling import when
from workflows.people import Frozen, Role
from workflows.procedure import Text
from workflows.sentences import Sentence, mark
from workflows.shapes import Kept

PERSON: dict[str, Any] = {
    "type": "object",
    "required": ["id", "name", "roles", "client", "seen_at", "left_at", "departures", "waiting"],
    "properties": {
        "id": {"type": "string"},
        "name": {"type": "string"},
        "roles": {"type": "array", "items": {"type": "string"}},
        "client": {"type": ["string", "null"]},
        "seen_at": {"type": "string", "format": "date-time"},
        "left_at": {"type": ["string", "null"], "format": "date-time", "description": "null for who is here"},
        "departures": {"type": "array", "items": {"type": "object"}, "description": "the latest first"},
        "waiting": {
            "type": "array",
            "description": "what waits on a person who left; empty for who is here",
            "items": {"type": "object", "required": ["kind", "id", "number", "title", "held_as"]},
        },
    },
}

Id = Annotated[Kept, StringConstraints(min_length=1, max_length=255)]

log = structlog.get_logger()


class Retirement(Frozen):
    """Why somebody is noted as having left."""

    reason: Text


class Wanted(Filters):
    """Which people: of a role, of a client, who left or who is here."""

    role: Annotated[Role | None, Field(description="one of the roles")] = None
    client: Word | None = None
    left: Annotated[bool | None, Field(description="true for who left, false for who is here")] = None


async def keeper(caller: TheCaller) -> None:
    """Raises a problem (403) for who may not see and note who left."""
    admit_keeper(caller, mark("People belong to: {roles}."))


router = APIRouter(prefix="/v1/people", tags=["people"], dependencies=[Depends(keeper)], responses={403: {}})


@router.get("", summary="List people", operation_id="list_people", openapi_extra=parameters(Wanted) | answers(PAGE))
async def index(request: Request, api: TheApi, caller: TheCaller) -> Response:
    """A page of people by name, those too who left."""
    wanted = lists.query(Wanted, request)
    filters = wanted.role, wanted.client, wanted.left
    found = await people.listed(api.database, caller.tenant, place(wanted.cursor), wanted.limit + 1, *filters)
    page, following = lists.cut(found, wanted.limit, placed)
    return Json(lists.body(request, [_line(one) for one in page], following))


@router.get("/{id}", summary="Read a person", operation_id="read_person", openapi_extra=answers(PERSON))
async def detail(id: str, api: TheApi, caller: TheCaller) -> Response:
    """Whether they left, when they did before, and what waits on them if they have."""
    return Json(await _told(api, caller, await known(api, caller, id)))


@router.post(
    "/{id}/retire",
    summary="Note that a person left",
    operation_id="retire_person",
    openapi_extra=body(Retirement) | answers(PERSON),
)
async def retire(id: str, request: Request, api: TheApi, caller: TheCaller) -> Response:
    """Nobody writes to them any more; their sessions, calendar and grants end, and their sign-in is refused.

    Who left before stays as they left.
    """
    wanted = await bodies.read(Retirement, request)
    return Json(await _told(api, caller, await retired(api, caller, id, wanted.reason)))


@router.post(
    "/{id}/reinstate", summary="Take back that a person left", operation_id="reinstate_person",
    openapi_extra=answers(PERSON),
)  # fmt: skip
async def reinstate(id: str, api: TheApi, caller: TheCaller) -> Response:
    """They sign in and are written to as before; grants and the address of a calendar are made anew."""
    return Json(await _told(api, caller, await reinstated(api, caller, id)))


async def known(api: Api, caller: Caller, id: str) -> Known:
    """A person of the caller's body or its clients. Raises UnknownThing."""
    found = None if "\x00" in id else await people.find(api.database, caller.tenant, id)
    if found is None:
        raise UnknownThing(thing="person", id=id[:128])
    return found


async def retired(api: Api, caller: Caller, id: str, reason: str) -> Known:
    """A person, noted as having left. Raises UnknownThing, and a problem (409) for who would retire themselves."""
    if id == caller.actor.id:
        says = "That you left is for another scheme manager or administrator to note."
        raise Problem(409, "own_departure", Sentence(says))
    found = await known(api, caller, id)
    if await departures.begin(api.database, caller.tenant, found.id, caller.actor.id, reason):
        log.info("person retired", tenant=caller.tenant, person=found.id, by=caller.actor.id)
    return await known(api, caller, id)


async def reinstated(api: Api, caller: Caller, id: str) -> Known:
    """A person who is noted as having left no more. Raises UnknownThing."""
    found = await known(api, caller, id)
    if await departures.end(api.database, caller.tenant, found.id, caller.actor.id):
        log.info("person reinstated", tenant=caller.tenant, person=found.id, by=caller.actor.id)
    return await known(api, caller, id)


def placed(last: Known) -> str:
    """Where a page of people ends; no name holds NUL."""
    return f"{last.name}\0{last.id}"


def place(told: str | None) -> Place:
    """Where a page of people begins."""
    name, _, last = (told or "").partition("\0")
    return Place(name, last)


async def _told(api: Api, caller: Caller, one: Known) -> dict[str, Any]:
    waits = await waiting(api.database, caller.tenant, one.id) if one.left_at else ()
    before = await departures.listed(api.database, caller.tenant, one.id)
    return {
        **_line(one),
        "departures": [_departure(each) for each in before],
        "waiting": [_thing(each) for each in waits],
    }


def _line(one: Known) -> dict[str, Any]:
    said = {"id": one.id, "name": one.name, "roles": list(one.roles), "client": one.client}
    return {**said, "seen_at": when(one.seen_at), "left_at": when(one.left_at)}


def _departure(one: Departure) -> dict[str, Any]:
    said = {"left_at": when(one.left_at), "left_by": one.left_by, "reason": one.reason}
    return {**said, "returned_at": when(one.returned_at), "returned_by": one.returned_by}


def _thing(one: Waiting) -> dict[str, Any]:
    return {"kind": one.kind, "id": one.id, "number": one.number, "title": one.title, "held_as": one.held_as}
