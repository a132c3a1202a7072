"""API keys at the console: which there are, and each made, given another secret, or revoked."""

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from activities.directory import keys
from activities.directory.asked import Asked
from activities.directory.keys import ApiKey
from services.api import api_keys, lists
from services.api.api_keys import NewKey, OfSource, state_of
from services.api.context import Api, TheApi, now
from services.api.secrets import Rotation
from services.auth import Caller
from services.console.administration import secrets
from services.console.administration.asking import Form
from services.console.administration.sections import API_KEYS, begins, confirmed, following, shown
from services.console.forms.existing import clients_offered
from services.console.frame.asked import understood
from services.console.frame.catalogue import gettext
from services.console.frame.paged import Paged
from services.console.things import clients
from services.signin.viewer import TheActor, TheSender, TheViewer, Viewer


async def _keeper(viewer: TheViewer) -> None:
    await api_keys.keeper(viewer.caller)


router = APIRouter(prefix=API_KEYS, route_class=Paged, include_in_schema=False, dependencies=[Depends(_keeper)])


async def _making(api: Api, caller: Caller) -> Form[NewKey]:
    options = await clients_offered(api, caller)
    lead = gettext("Its secret is shown once, after this form. Without an end it is good until it is revoked.")
    return Form(NewKey, gettext("Make an API key"), gettext("Make the key"), API_KEYS, lead, options)


def _rotating() -> Form[Rotation]:
    return secrets.rotating(Rotation, gettext("Give the key another secret"), API_KEYS)


@router.get("")
async def index(request: Request, api: TheApi, viewer: TheViewer) -> Response:
    """The keys, revoked ones too."""
    wanted, faults = understood(OfSource, request)
    before = begins(request, wanted, faults)
    found = await keys.listed(api.database, viewer.caller.tenant, before, wanted.limit + 1, wanted.source)
    items, last = lists.cut(found, wanted.limit, lambda one: one.id)
    told = [(one, state_of(one, now())) for one in items]
    more = following(request, last, source=wanted.source)
    called = await clients.named(api, viewer.caller, [one.client for one in items])
    return shown(request, "api_keys.html", viewer, items=told, clients=called, asked=wanted, faults=faults, more=more)


@router.get("/new")
async def begin(request: Request, api: TheApi, viewer: TheViewer) -> Response:
    """The form of a new key."""
    typed = {"may_state_grades": ["false"], "may_create_clients": ["false"]}
    return (await _making(api, viewer.caller)).page(request, viewer, typed)


@router.post("/new")
async def make(request: Request, api: TheApi, sender: TheSender) -> Response:
    """Makes a key, and shows its secret, this once."""

    async def made(wanted: NewKey, asked: Asked | None) -> Response:
        return _secret(request, sender.viewer, *await api_keys.made(api, sender.viewer.caller, wanted, asked))

    return await (await _making(api, sender.looks.caller)).done(request, sender, made)


@router.get("/{id}/rotate")
async def choose(request: Request, viewer: TheViewer) -> Response:
    """The form of another secret."""
    return _rotating().page(request, viewer, secrets.USUAL)


@router.post("/{id}/rotate")
async def rotate(id: str, request: Request, api: TheApi, sender: TheSender) -> Response:
    """Gives a key another secret, and shows it, this once."""

    async def rotated(wanted: Rotation, asked: Asked | None) -> Response:
        return _secret(request, sender.viewer, *await api_keys.rotated(api, sender.viewer.caller, id, wanted, asked))

    return await _rotating().done(request, sender, rotated)


@router.post("/{id}/revoke")
async def revoke(id: str, api: TheApi, viewer: TheActor) -> Response:
    """Ends a key at once and for good."""
    await api_keys.revoke(id, api, viewer.caller)
    return confirmed(API_KEYS, "key")


def _secret(request: Request, viewer: Viewer, key: ApiKey, text: str | None) -> Response:
    return secrets.told(request, viewer, f"{key.source}, {key.name or key.id}", text, API_KEYS)
