"""Hooks: where other systems report findings of themselves, each request proven by its sender's signature.

A hook does what an API key does (its source, its client, whether it may state grades), for senders that can sign a
request and hold no key of ours.
"""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from pydantic import StringConstraints
from starlette.responses import Response

from activities.directory import hooks
from activities.directory.hooks import Hook
from activities.directory.secret import Secret, good
from services.api import bodies, findings, lists, streams
from services.api.admission import admit_keeper
from services.api.answers import Json
from services.api.api_keys import Name, Source
from services.api.context import Api, TheApi, TheCaller, now
from services.api.findings import OUTCOMES, Reading
from services.api.lists import Filters
from services.api.openapi import parameters, secretive
from services.api.secrets import Rotation, shown
from services.auth import Caller, machine
from services.intake import senders
from services.intake.senders import Forged, Kind
from services.problems import Problem, UnknownThing, fault
from workflows.canonical import instant
from workflows.people import Frozen
from workflows.procedure import Key

LARGEST = 8 * 2**20
"""Bytes of a delivery, where a document may not have fewer: whoever sends it is not known yet."""

CHALLENGE = {"WWW-Authenticate": "Signature"}
FORMATS: Mapping[str, str] = {"github": "github", "jira": "jira", "servicenow": "servicenow"}
"""What senders of a kind send; others say it by what they send."""

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


async def _keeper(caller: TheCaller) -> None:
    admit_keeper(caller, "Hooks belong")


router = APIRouter(prefix="/v1/hooks", tags=["hooks"], dependencies=[Depends(_keeper)], responses={403: {}})
deliveries = APIRouter(prefix="/v1/hooks", tags=["hooks"])


@router.post("", summary="Make a hook", status_code=201, openapi_extra=secretive(NewHook, created=True))
async def make(request: Request, api: TheApi, caller: TheCaller) -> Response:
    """A new hook; its `secret` is shown this once: a repeat of the request shows the hook without it."""
    wanted = await bodies.read(NewHook, request)
    asked = bodies.asked(request, wanted)
    if before := await hooks.made(api.database, caller.tenant, asked):
        return shown(_view(api, before), "secret", None)
    secret = _secret(wanted.kind, wanted.secret)
    if wanted.client is not None:
        await streams.registered(api, caller.scope, wanted.client)
    hook = Hook(
        id=hooks.new_id(caller.tenant),
        **wanted.model_dump(exclude={"secret"}),
        secrets=(Secret(secret=secret),),
    )
    kept = await hooks.keep(api.database, caller.tenant, hook, asked)
    return shown(_view(api, kept), "secret", secret, made=f"/v1/hooks/{kept.id}")


@router.get("", summary="List hooks", openapi_extra=parameters(Filters))
async def index(request: Request, api: TheApi, caller: TheCaller) -> Response:
    """A page of hooks, those too that have ended."""
    wanted = lists.query(Filters, request)
    found = await hooks.listed(api.database, caller.tenant, wanted.cursor, wanted.limit + 1)
    page, following = lists.cut(found, wanted.limit, lambda one: one.id)
    return Json(lists.body(request, [_view(api, hook) for hook in page], following))


@router.delete("/{id}", summary="End a hook")
async def end(id: str, api: TheApi, caller: TheCaller) -> Response:
    """Ends a hook at once and for good; its secrets are forgotten."""
    hook = await hooks.end(api.database, caller.tenant, id) if hooks.tenant_of(id) == caller.tenant else None
    if hook is None:
        raise _unknown(id)
    return Json(_view(api, hook))


@router.post("/{id}/rotate", summary="Give a hook a new secret", openapi_extra=secretive(NewSecret))
async def rotate(id: str, request: Request, api: TheApi, caller: TheCaller) -> Response:
    """A new secret, shown this once; the one before is good beside it for the overlap."""
    hook = await hooks.find(api.database, caller.tenant, id) if hooks.tenant_of(id) == caller.tenant else None
    if hook is None:
        raise _unknown(id)
    wanted = await bodies.read(NewSecret, request)
    at = now()
    secret = _secret(hook.kind, wanted.secret)
    until = at + wanted.overlap
    rotated = await hooks.rotate(api.database, caller.tenant, id, secret, at, until, bodies.asked(request, wanted))
    if rotated is None:
        raise Problem(409, "hook_ended", "The hook has ended: make another.")
    hook, is_new = rotated
    return shown(_view(api, hook), "secret", secret if is_new else None)


@deliveries.post(
    "/{id}",
    summary="Report findings as a sender that signs",
    status_code=201,
    openapi_extra={
        "requestBody": {"required": True, "content": {"application/json": {"schema": {}}}},
        "responses": OUTCOMES,
        "security": [],
    },
)
async def deliver(id: str, request: Request, api: TheApi) -> Response:
    """Records the findings of a delivery as `POST /v1/findings` does, once its signature proves who sent it.

    A delivery that comes again records nothing: the ledger answers under the same command id what was recorded then.
    That id is made of what is signed, the id of the message or the finding's revision, so that nobody else can have an
    old body taken for a new one; and of the sender's id of the delivery for findings that have no revision.
    """
    tenant = hooks.tenant_of(id)
    hook = await hooks.find(api.database, tenant, id) if tenant else None
    if tenant is None or hook is None or hook.ended_at is not None:
        raise _unknown(id)
    document = await bodies.received(request, min(LARGEST, api.settings.document_bytes))
    at = now()
    try:
        senders.verify(hook.kind, good(hook.secrets, at), request.headers, document, at)
    except Forged as forged:
        raise Problem(401, "bad_signature", f"The signature does not fit: {forged}", headers=CHALLENGE) from None
    await hooks.used(api.database, tenant, hook, at)
    named = senders.delivery(hook.kind, request.headers)
    name = hooks.delivery_name(hook, named) if named else None
    signed = hook.kind in senders.SIGNING_IDS
    return await findings.take(
        request,
        api,
        Caller(tenant, machine(f"hook:{hook.id}", hook)),
        document,
        Reading(format=FORMATS.get(hook.kind), client=hook.client),
        key=name if signed else None,
        brought_by=None if signed else name,
    )


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
        "state": "ended" if hook.ended_at else "active",
        "address": f"{api.settings.url}/v1/hooks/{hook.id}",
        "former_secrets_until": [instant(one.until) for one in hook.secrets if one.until],
    }


def _unknown(id: str) -> UnknownThing:
    return UnknownThing(thing="hook", id=id[:128])
