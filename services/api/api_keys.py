"""API keys: made, listed and revoked by those who administer the certification body."""

from datetime import datetime
from typing import Annotated, Any
from unicodedata import category

from fastapi import APIRouter, Depends, Request
from pydantic import AfterValidator, Field, StringConstraints
from starlette.responses import Response

from activities.directory import keys
from activities.directory.asked import Asked
from activities.directory.keys import ApiKey
from services.api import bodies, lists, streams
from services.api.admission import admit_keeper
from services.api.answers import Json
from services.api.context import Api, TheApi, TheCaller, now
from services.api.lists import Filters, Word
from services.api.openapi import parameters, secretive
from services.api.secrets import Rotation, shown
from services.auth import Caller
from services.problems import UnknownThing, fault
from services.reporting import BY_HAND, MANUAL
from workflows.findings import SYSTEM
from workflows.people import Frozen
from workflows.procedure import Instant, Key
from workflows.sentences import Sentence, mark


def _clear(value: str) -> str:
    if any(category(letter) == "Cc" for letter in value):
        raise ValueError("A control character has no place here.")
    return value


def _machine_s(source: str) -> str:
    """A source that is no person's (`reporting.BY_HAND`)."""
    if source == MANUAL or source.startswith(BY_HAND):
        raise ValueError(f"The source {MANUAL} is kept for what people report by hand.")
    return _clear(source)


Name = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200), AfterValidator(_clear)]
Source = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=SYSTEM), AfterValidator(_machine_s)
]


class NewKey(Frozen):
    """What a key is to be bound to and may do."""

    source: Source
    name: Name = ""
    client: Key | None = None
    may_state_grades: bool = False
    may_create_clients: bool = False
    rate: int | None = Field(default=None, ge=1, le=1_000_000, description="requests a minute; any number without it")
    expires_at: Instant | None = Field(default=None, description="after this instant the key is refused")


class OfSource(Filters):
    """Which keys, or hooks."""

    source: Word | None = None


async def keeper(caller: TheCaller) -> None:
    """Raises a problem (403) for who may not keep API keys."""
    admit_keeper(caller, mark("API keys belong to: {roles}."))


router = APIRouter(prefix="/v1/api-keys", tags=["API keys"], dependencies=[Depends(keeper)], responses={403: {}})


@router.post("", summary="Make an API key", status_code=201, openapi_extra=secretive(NewKey, created=True))
async def make(request: Request, api: TheApi, caller: TheCaller) -> Response:
    """A new key; `key` is shown this once: a repeat of the request shows the key without it."""
    wanted = await bodies.read(NewKey, request)
    key, text = await made(api, caller, wanted, bodies.asked(request, wanted))
    return shown(_view(key, now()), "key", text, made=f"/v1/api-keys/{key.id}")


async def made(api: Api, caller: Caller, wanted: NewKey, asked: Asked | None) -> tuple[ApiKey, str | None]:
    """A new key and what its holder gets, this once: None where this request made it before. Raises Problem."""
    if before := await keys.made(api.database, caller.tenant, asked):
        return before, None
    if wanted.expires_at is not None and wanted.expires_at <= now():
        raise fault("/expires_at", Sentence("a key that has expired already is of no use"))
    if wanted.client is not None:
        await streams.registered(api, caller.scope, wanted.client)
    fresh = keys.make(caller.tenant)
    entry = ApiKey(id=fresh.id, **wanted.model_dump())
    kept, is_new = await keys.keep(api.database, caller.tenant, entry, fresh.text, asked)
    return kept, fresh.text if is_new else None


@router.get("", summary="List API keys", openapi_extra=parameters(OfSource))
async def index(request: Request, api: TheApi, caller: TheCaller) -> Response:
    """A page of keys, revoked ones too."""
    wanted = lists.query(OfSource, request)
    found = await keys.listed(api.database, caller.tenant, wanted.cursor, wanted.limit + 1, wanted.source)
    (page, following), at = lists.cut(found, wanted.limit, lambda one: one.id), now()
    return Json(lists.body(request, [_view(key, at) for key in page], following))


@router.get("/{id}", summary="Read an API key")
async def detail(id: str, api: TheApi, caller: TheCaller) -> Response:
    """A key, also one that is revoked; the key itself is shown nowhere again."""
    key = await keys.find(api.database, caller.tenant, id) if id.isalnum() else None
    if key is None:
        raise UnknownThing(thing="API key", id=id[:128])
    return Json(_view(key, now()))


@router.post("/{id}/rotate", summary="Give an API key another secret", openapi_extra=secretive(Rotation))
async def rotate(id: str, request: Request, api: TheApi, caller: TheCaller) -> Response:
    """Another secret under the same id; `key` is shown this once. The one before stays good for the overlap."""
    wanted = await bodies.read(Rotation, request)
    key, text = await rotated(api, caller, id, wanted, bodies.asked(request, wanted))
    return shown(_view(key, now()), "key", text)


async def rotated(
    api: Api, caller: Caller, id: str, wanted: Rotation, asked: Asked | None
) -> tuple[ApiKey, str | None]:
    """A key with another secret, this once; None where this request did it before. Raises Refusal."""
    at = now()
    found = await keys.rotate(api.database, caller.tenant, id, at, at + wanted.overlap, asked) if id.isalnum() else None
    if found is None:
        raise UnknownThing(thing="API key", id=id[:128])
    return found


@router.delete("/{id}", summary="Revoke an API key")
async def revoke(id: str, api: TheApi, caller: TheCaller) -> Response:
    """Ends a key at once and for good."""
    key = await keys.revoke(api.database, caller.tenant, id) if id.isalnum() else None
    if key is None:
        raise UnknownThing(thing="API key", id=id[:128])
    return Json(_view(key, now()))


def state_of(key: ApiKey, at: datetime) -> str:
    """Whether a key is active, expired or revoked at an instant."""
    ended = key.expires_at is not None and key.expires_at <= at
    return "revoked" if key.revoked_at else "expired" if ended else "active"


def _view(key: ApiKey, at: datetime) -> dict[str, Any]:
    return {**key.model_dump(mode="json"), "state": state_of(key, at)}
