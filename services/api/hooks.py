"""Hooks: where other systems report findings of themselves, each request proven by its sender's signature.

A hook does what an API key does (its source, its client, whether it may state grades), for senders that can sign a
request and hold no key of ours.
"""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from pydantic import StringConstraints
from starlette.responses import Response

from activities.directory import hooks
from activities.directory.asked import Asked
from activities.directory.hooks import Hook
from activities.directory.secret import Secret
from services.api import bodies, lists, streams
from services.api.admission import admit_keeper
from services.api.answers import Json
from services.api.api_keys import Name, OfSource, Source
from services.api.context import Api, TheApi, TheCaller, now
from services.api.openapi import parameters, secretive
from services.api.secrets import Rotation, shown
from services.auth import Caller
from services.intake import senders
from services.intake.senders import Kind
from services.problems import Problem, UnknownThing, fault
from workflows.canonical import instant
from workflows.people import Frozen
from workflows.procedure import Key
from workflows.sentences import Sentence, mark

GivenSecret = Annotated[str, StringConstraints(max_length=senders.LONGEST)]


class NewHook(Frozen):
    """A sender and what its findings are bound to. Without a `secret`, one is made."""

    source: Source
    kind: Kind
    name: Name = ""
    client: Key | None = None
    may_state_grades: bool = False
    secret: GivenSecret | None = None


class NewSecret(Rotation):
    """Another secret, made where none is given."""

    secret: GivenSecret | None = None


async def keeper(caller: TheCaller) -> None:
    """Raises a problem (403) for who may not keep hooks."""
    admit_keeper(caller, mark("Hooks belong to: {roles}."))


router = APIRouter(prefix="/v1/hooks", tags=["hooks"], dependencies=[Depends(keeper)], responses={403: {}})


@router.post("", summary="Make a hook", status_code=201, openapi_extra=secretive(NewHook, created=True))
async def make(request: Request, api: TheApi, caller: TheCaller) -> Response:
    """A new hook; its `secret` is shown this once: a repeat of the request shows the hook without it."""
    wanted = await bodies.read(NewHook, request)
    hook, secret = await made(api, caller, wanted, bodies.asked(request, wanted))
    return shown(_view(api, hook), "secret", secret, made=f"/v1/hooks/{hook.id}")


async def made(api: Api, caller: Caller, wanted: NewHook, asked: Asked | None) -> tuple[Hook, str | None]:
    """A new hook and its secret, this once: None where this request made it before. Raises Problem."""
    if before := await hooks.made(api.database, caller.tenant, asked):
        return before, None
    secret = _secret(wanted.kind, wanted.secret)
    if wanted.client is not None:
        await streams.registered(api, caller.scope, wanted.client)
    hook = Hook(
        id=hooks.new_id(caller.tenant),
        **wanted.model_dump(exclude={"secret"}),
        secrets=(Secret(secret=secret),),
    )
    kept, is_new = await hooks.keep(api.database, caller.tenant, hook, asked)
    return kept, secret if is_new else None


@router.get("", summary="List hooks", openapi_extra=parameters(OfSource))
async def index(request: Request, api: TheApi, caller: TheCaller) -> Response:
    """A page of hooks, those too that have ended."""
    wanted = lists.query(OfSource, request)
    found = await hooks.listed(api.database, caller.tenant, wanted.cursor, wanted.limit + 1, wanted.source)
    page, following = lists.cut(found, wanted.limit, lambda one: one.id)
    return Json(lists.body(request, [_view(api, hook) for hook in page], following))


@router.get("/{id}", summary="Read a hook")
async def detail(id: str, api: TheApi, caller: TheCaller) -> Response:
    """A hook, also one that has ended, without its secrets."""
    return Json(_view(api, await seen(api, caller, id)))


@router.delete("/{id}", summary="End a hook")
async def end(id: str, api: TheApi, caller: TheCaller) -> Response:
    """Ends a hook at once and for good; its secrets are forgotten."""
    hook = await hooks.end(api.database, caller.tenant, id) if hooks.tenant_of(id) == caller.tenant else None
    if hook is None:
        raise unknown(id)
    return Json(_view(api, hook))


@router.post("/{id}/rotate", summary="Give a hook a new secret", openapi_extra=secretive(NewSecret))
async def rotate(id: str, request: Request, api: TheApi, caller: TheCaller) -> Response:
    """A new secret, shown this once; the one before is good beside it for the overlap."""
    hook = await seen(api, caller, id)
    wanted = await bodies.read(NewSecret, request)
    hook, secret = await rotated(api, caller, hook, wanted, bodies.asked(request, wanted))
    return shown(_view(api, hook), "secret", secret)


async def rotated(
    api: Api, caller: Caller, hook: Hook, wanted: NewSecret, asked: Asked | None
) -> tuple[Hook, str | None]:
    """A hook with another secret, this once; None where this request did it before. Raises Problem."""
    at = now()
    secret = _secret(hook.kind, wanted.secret)
    found = await hooks.rotate(api.database, caller.tenant, hook.id, secret, at, at + wanted.overlap, asked)
    if found is None:
        raise Problem(409, "hook_ended", Sentence("The hook has ended: make another."))
    changed, is_new = found
    return changed, secret if is_new else None


async def seen(api: Api, caller: Caller, id: str) -> Hook:
    """A hook of the caller's body, also one that has ended; a problem (404) for any other."""
    hook = await hooks.find(api.database, caller.tenant, id) if hooks.tenant_of(id) == caller.tenant else None
    if hook is None:
        raise unknown(id)
    return hook


def address(api: Api, hook: Hook) -> str:
    """Where its sender posts to."""
    return f"{api.settings.url}/v1/hooks/{hook.id}"


def state_of(hook: Hook) -> str:
    """Whether a hook is active or ended."""
    return "ended" if hook.ended_at else "active"


def unknown(id: str) -> UnknownThing:
    """That there is no such hook."""
    return UnknownThing(thing="hook", id=id[:128])


def _secret(kind: str, given: str | None) -> str:
    if given is None:
        return senders.new_secret(kind)
    try:
        senders.fit(kind, given)
    except ValueError as unfit:
        raise fault("/secret", str(unfit)) from None
    return given


def _view(api: Api, hook: Hook) -> dict[str, Any]:
    """A hook without its secrets: how long each former one is good still, and the address for its sender."""
    return {
        **hook.model_dump(mode="json", exclude={"secrets"}),
        "state": state_of(hook),
        "address": address(api, hook),
        "former_secrets_until": [instant(one.until) for one in hook.secrets if one.until],
    }
