"""Column profiles: how a source's tables are read, saved once and used by name."""

from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from activities.directory import profiles
from activities.directory.profiles import Saved
from services.api import bodies, lists
from services.api.answers import Json
from services.api.context import Api, TheApi, TheCaller
from services.api.direct import Direct
from services.api.lists import Filters
from services.api.openapi import PAGE, answers, body, parameters
from services.auth import Caller
from services.intake.profiles import Profile, ProfileError, ProfileUnreadable, load
from services.problems import Fault, Problem, UnknownThing, fault
from workflows.people import CB_SIDE, Role, named
from workflows.sentences import Sentence

KEEPERS = (*CB_SIDE, Role.ADMIN)
READERS = (*KEEPERS, Role.INTEGRATION)
MOST = 2**18
"""Bytes of a profile."""

SAVED = {
    "type": "object",
    "required": ["name", "profile", "lacking", "saved_by", "saved_at"],
    "properties": {
        "name": {"type": "string"},
        "profile": {"type": "object"},
        "lacking": {"type": "array", "items": {"type": "string"}, "description": "fields that every finding needs"},
    },
}

router = APIRouter(prefix="/v1/profiles", tags=["imports"], route_class=Direct, responses={403: {}})


@router.put(
    "/{name}",
    summary="Save a column profile",
    operation_id="save_profile",
    openapi_extra=body(Profile) | answers(SAVED),
)
async def save(name: str, request: Request, api: TheApi, caller: TheCaller) -> Response:
    """Saves a profile, as TOML (what `closeout profile suggest` writes) or JSON, in place of the one of that name."""
    admit(caller, *KEEPERS)
    return Json(_view(await saved(api, caller, name, await bodies.received(request, MOST))))


async def saved(api: Api, caller: Caller, name: str, document: bytes) -> Saved:
    """Saves a profile from its text, in place of the one of that name. Raises a problem, and Unavailable.

    That is 400 for a text that is neither TOML nor JSON, 422 for one that is no profile.
    """
    check(name)
    try:
        profile = load(document)
    except ProfileUnreadable as error:
        place = {"path": ""} if error.line is None else {"line": error.line, "column": error.column}
        raise Problem(400, error.code, error.problems[0].detail, more=place) from None
    except ProfileError as error:
        faults = tuple(Fault(one.pointer, one.detail) for one in error.problems)
        raise Problem(422, error.problems[0].code, str(error), faults) from None
    said = profile.model_dump(mode="json", exclude_defaults=True)
    return await profiles.save(api.database, caller.tenant, name, said, caller.actor.id)


def check(name: str) -> None:
    """Raises a problem (422) for what no profile can be called."""
    if not 0 < len(name) <= 200 or not name.isprintable() or "/" in name:
        raise fault("/name", Sentence("1 to 200 printable characters, and no slash"))


@router.get(
    "", summary="List column profiles", operation_id="list_profiles", openapi_extra=parameters(Filters) | answers(PAGE)
)
async def index(request: Request, api: TheApi, caller: TheCaller) -> Response:
    """A page of profiles by name."""
    admit(caller, *READERS)
    wanted = lists.query(Filters, request)
    found = await profiles.listed(api.database, caller.tenant, wanted.cursor, wanted.limit + 1)
    shown, following = lists.cut(found, wanted.limit, lambda one: one.name)
    return Json(lists.body(request, [_view(one) for one in shown], following))


@router.get("/{name}", summary="Read a column profile", operation_id="get_profile", openapi_extra=answers(SAVED))
async def detail(name: str, api: TheApi, caller: TheCaller) -> Response:
    """The profile as it was saved."""
    admit(caller, *READERS)
    return Json(_view(await seen(api, caller, name)))


async def seen(api: Api, caller: Caller, name: str) -> Saved:
    """A profile of the caller's body; a problem (404) where there is none of that name."""
    found = None if "\x00" in name else await profiles.find(api.database, caller.tenant, name)
    if found is None:
        raise UnknownThing(thing="profile", id=name[:128])
    return found


@router.delete("/{name}", summary="Forget a column profile", operation_id="forget_profile", status_code=204)
async def forget(name: str, api: TheApi, caller: TheCaller) -> Response:
    """Forgets a profile; imports that were taken with it keep it."""
    admit(caller, *KEEPERS)
    if "\x00" in name or not await profiles.drop(api.database, caller.tenant, name):
        raise UnknownThing(thing="profile", id=name[:128])
    return Response(status_code=204)


def may(caller: Caller, *roles: Role) -> bool:
    """Whether the caller holds one of these roles for the certification body."""
    return caller.holds(*roles) and (caller.actor.client is None or caller.actor.kind != "person")


def admit(caller: Caller, *roles: Role) -> None:
    """Raises a problem (403) for who holds none of these roles."""
    if not may(caller, *roles):
        raise Problem(403, "role", Sentence("Column profiles belong to: {roles}.", roles=named(roles)))


def _view(one: Saved) -> dict[str, Any]:
    lacking = Profile.model_validate(one.profile).lacking
    return {**one.model_dump(mode="json"), "lacking": list(lacking)}
