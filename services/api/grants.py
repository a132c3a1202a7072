"""Grants: what an observer may see and until when, given and revoked by those who administer the certification body."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from pydantic import Field, StringConstraints, model_validator
from starlette.responses import Response

from activities.directory import grants, mail
from activities.directory.asked import Asked
from activities.directory.grants import Grant
from services.api import bodies, lists, streams
from services.api.admission import admit_keeper
from services.api.answers import Json
from services.api.context import Api, TheApi, TheCaller, now
from services.api.lists import Filters, Word
from services.api.openapi import IDEMPOTENCY_KEY, PAGE, answers, body, parameters
from services.auth import Caller
from services.problems import UnknownThing, fault
from services.telling import when
from workflows.entries import CaseQuery
from workflows.people import Frozen, Role
from workflows.procedure import Instant, Key, Text
from workflows.sentences import Sentence, mark

GRANT: dict[str, Any] = {
    "type": "object",
    "required": ["id", "person", "client", "audit", "case", "until", "reason", "granted_by", "granted_at", "state"],
    "properties": {
        "id": {"type": "string"},
        "person": {"type": "string"},
        "client": {"type": ["string", "null"]},
        "audit": {"type": ["string", "null"]},
        "case": {"type": ["string", "null"]},
        "until": {"type": "string", "format": "date-time", "description": "from then on it shows nothing"},
        "reason": {"type": "string"},
        "granted_by": {"type": "string"},
        "granted_at": {"type": "string", "format": "date-time"},
        "revoked_by": {"type": ["string", "null"]},
        "revoked_at": {"type": ["string", "null"], "format": "date-time"},
        "state": {"enum": ["active", "expired", "revoked"]},
    },
}


Id = Annotated[str, StringConstraints(min_length=1, max_length=200)]


class NewGrant(Frozen):
    """Of what, to whom, until when and why: exactly one of `client`, `audit` and `case`."""

    person: Id = Field(description="the id of an observer who has signed in before")
    until: Instant = Field(description="from this instant on it shows nothing")
    client: Key | None = None
    audit: Key | None = None
    case: Key | None = Field(default=None, description="by id or number")
    reason: Text

    @model_validator(mode="after")
    def _of_one(self) -> "NewGrant":
        if sum(one is not None for one in (self.client, self.audit, self.case)) != 1:
            raise ValueError("A grant is of one client, one audit or one case.")
        return self


class Wanted(Filters):
    """Which grants: those to a person."""

    person: Word | None = None


async def keeper(caller: TheCaller) -> None:
    """Raises a problem (403) for who may not keep grants."""
    admit_keeper(caller, mark("Grants belong to: {roles}."))


router = APIRouter(prefix="/v1/grants", tags=["grants"], dependencies=[Depends(keeper)], responses={403: {}})


@router.post(
    "",
    summary="Grant an observer sight",
    status_code=201,
    operation_id="make_grant",
    openapi_extra=body(NewGrant) | {"parameters": [IDEMPOTENCY_KEY]} | answers(GRANT, status="201", says="Granted."),
)
async def make(request: Request, api: TheApi, caller: TheCaller) -> Response:
    """What the observer sees at once: a client as its people see it, an audit with what was found there, or a case."""
    wanted = await bodies.read(NewGrant, request)
    kept, again = await granted(api, caller, wanted, bodies.asked(request, wanted))
    if again:
        return Json(_view(kept, now()))
    return Json(_view(kept, now()), 201, {"Location": f"/v1/grants?person={kept.person}"})


async def granted(api: Api, caller: Caller, wanted: NewGrant, asked: Asked | None) -> tuple[Grant, bool]:
    """The grant that is wanted, and whether this request made it before. Raises Problem, and KeyReused."""
    if before := await grants.made(api.database, caller.tenant, asked):
        return before, True
    if wanted.until <= now():
        raise fault("/until", Sentence("a grant that has ended already shows nothing"))
    of = await _there(api, caller, wanted)
    values = wanted.person, of, wanted.until, wanted.reason, caller.actor.id
    kept, is_new = await grants.keep(api.database, caller.tenant, *values, asked)
    return kept, not is_new


@router.get("", summary="List grants", operation_id="list_grants", openapi_extra=parameters(Wanted) | answers(PAGE))
async def index(request: Request, api: TheApi, caller: TheCaller) -> Response:
    """A page of grants, the newest first, those too that have ended."""
    wanted = lists.query(Wanted, request)
    found = await grants.listed(api.database, caller.tenant, wanted.cursor, wanted.limit + 1, wanted.person)
    (page, following), at = lists.cut(found, wanted.limit, lambda one: one.id), now()
    return Json(lists.body(request, [_view(one, at) for one in page], following))


@router.delete("/{id}", summary="Revoke a grant", operation_id="revoke_grant", openapi_extra=answers(GRANT))
async def revoke(id: str, api: TheApi, caller: TheCaller) -> Response:
    """Ends a grant at once and for good; one that ended before stays as it ended."""
    known = len(id) <= 128 and "\x00" not in id
    found = await grants.revoke(api.database, caller.tenant, id, caller.actor.id) if known else None
    if found is None:
        raise UnknownThing(thing="grant", id=id[:128])
    return Json(_view(found, now()))


def state_of(grant: Grant, at: datetime) -> str:
    """Whether a grant is active, expired or revoked at an instant."""
    return "revoked" if grant.revoked_at else "expired" if grant.until <= at else "active"


async def _there(api: Api, caller: Caller, wanted: NewGrant) -> tuple[str | None, str | None, str | None]:
    """The client, the audit or the case, by its key or id.

    Raises a problem (422) for a thing that is not there, and for a person who is no observer of the body.
    """
    contacts = await mail.contacts(api.database, caller.tenant, (), {wanted.person})
    if not any(Role.OBSERVER in one.person.roles and not one.left for one in contacts):
        raise fault("/person", Sentence("nobody of this id is known here as an observer of the certification body"))
    if wanted.client is not None:
        await streams.registered(api, caller.scope, wanted.client)
    try:
        if wanted.audit is not None:
            await streams.visible(api, caller, "audit", wanted.audit)
    except UnknownThing as unknown:
        raise fault("/audit", str(unknown)) from None
    return wanted.client, wanted.audit, None if wanted.case is None else await _case(api, caller, wanted.case)


async def _case(api: Api, caller: Caller, stated: str) -> str:
    """The id of the case of an id or a number. Raises a problem (422)."""
    numbered = await streams.cases(api, caller.scope, CaseQuery(numbers=(stated,)))
    found = next((one.id for one in numbered), stated)
    try:
        await streams.visible(api, caller, "nonconformity", found)
    except UnknownThing as unknown:
        raise fault("/case", str(unknown)) from None
    return found


def _view(grant: Grant, at: datetime) -> dict[str, Any]:
    return {
        **grant.model_dump(mode="json", exclude={"until", "granted_at", "revoked_at"}),
        "until": when(grant.until),
        "granted_at": when(grant.granted_at),
        "revoked_at": when(grant.revoked_at),
        "state": state_of(grant, at),
    }
