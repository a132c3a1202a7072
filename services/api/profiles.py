"""Column profiles: how a source's tables are read, saved once and used by name."""

from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from activities.directory import profiles
from activities.directory.profiles import Saved
from services.api import bodies, lists
from services.api.answers import Json
from services.api.context import TheApi, TheCaller
from services.api.direct import Direct
from services.api.lists import Filters
from services.api.openapi import PAGE, answers, body, parameters
from services.auth import Caller
from services.intake.profiles import Profile, ProfileError, load
from services.problems import Fault, Problem, UnknownThing
from workflows.people import CB_SIDE, Role

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
    _admit(caller, *KEEPERS)
    if not 0 < len(name) <= 200 or not name.isprintable():
        raise Problem(422, "shape", "/name: 1 to 200 printable characters.", (Fault("/name", "not a name"),))
    try:
        profile = load(await bodies.received(request, MOST))
    except ProfileError as error:
        faults = tuple(Fault(one.pointer, one.detail) for one in error.problems)
        raise Problem(422, error.problems[0].code, str(error), faults) from None
    said = profile.model_dump(mode="json", exclude_defaults=True)
    return Json(_view(await profiles.save(api.database, caller.tenant, name, said, caller.actor.id)))


@router.get(
    "", summary="List column profiles", operation_id="list_profiles", openapi_extra=parameters(Filters) | answers(PAGE)
)
async def index(request: Request, api: TheApi, caller: TheCaller) -> Response:
    """A page of profiles by name."""
    _admit(caller, *READERS)
    wanted = lists.query(Filters, request)
    found = await profiles.listed(api.database, caller.tenant, wanted.cursor, wanted.limit + 1)
    shown, following = lists.cut(found, wanted.limit, lambda one: one.name)
    return Json(lists.body(request, [_view(one) for one in shown], following))


@router.get("/{name}", summary="Read a column profile", operation_id="get_profile", openapi_extra=answers(SAVED))
async def detail(name: str, api: TheApi, caller: TheCaller) -> Response:
    """The profile as it was saved."""
    _admit(caller, *READERS)
    saved = None if "\x00" in name else await profiles.find(api.database, caller.tenant, name)
    if saved is None:
        raise UnknownThing(thing="profile", id=name[:128])
    return Json(_view(saved))


@router.delete("/{name}", summary="Forget a column profile", operation_id="forget_profile", status_code=204)
async def forget(name: str, api: TheApi, caller: TheCaller) -> Response:
    """Forgets a profile; imports that were taken with it keep it."""
    _admit(caller, *KEEPERS)
    if "\x00" in name or not await profiles.drop(api.database, caller.tenant, name):
        raise UnknownThing(thing="profile", id=name[:128])
    return Response(status_code=204)


def _admit(caller: Caller, *roles: Role) -> None:
    if not caller.holds(*roles) or (caller.actor.client is not None and caller.actor.kind == "person"):
        raise Problem(403, "role", f"Column profiles belong to: {', '.join(sorted(roles))}.")


def _view(saved: Saved) -> dict[str, Any]:
    lacking = Profile.model_validate(saved.profile).lacking
    return {**saved.model_dump(mode="json"), "lacking": list(lacking)}
