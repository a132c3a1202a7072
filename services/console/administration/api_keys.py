"""API keys at the console: which there are, and each made, given another secret, or revoked."""

from fastapi import APIRouter, Depends, Request
from starlette.responses import RedirectResponse, Response

from activities.directory import keys
from activities.directory.keys import ApiKey
from services.api import api_keys, lists
from services.api.api_keys import NewKey, state_of
from services.api.context import TheApi, now
from services.api.lists import Filters
from services.api.secrets import Rotation
from services.console.administration.asking import Form, asked, key_of
from services.console.administration.sections import API_KEYS, begins, following, shown
from services.console.forms.sent import typed_of
from services.console.frame.asked import understood
from services.console.frame.catalogue import gettext
from services.console.frame.paged import Paged
from services.problems import Problem, refused
from services.signin.viewer import TheActor, TheViewer, Viewer
from workflows.decider import Refusal


async def _keeper(viewer: TheViewer) -> None:
    await api_keys.keeper(viewer.caller)


router = APIRouter(prefix=API_KEYS, route_class=Paged, include_in_schema=False, dependencies=[Depends(_keeper)])


def _making() -> Form[NewKey]:
    lead = gettext("Its secret is shown once, after this form. Without an end it is good until it is revoked.")
    return Form(NewKey, gettext("Make an API key"), gettext("Make the key"), API_KEYS, lead)


def _rotating() -> Form[Rotation]:
    overlaps = [
        ("PT0S", gettext("Not at all")),
        ("PT1H", gettext("An hour")),
        ("P1D", gettext("A day")),
        ("P7D", gettext("A week")),
    ]
    title, does = gettext("Give the key another secret"), gettext("Make the secret")
    lead = gettext("How long the secret that it has now stays good beside the new one.")
    return Form(Rotation, title, does, API_KEYS, lead, {"overlap": overlaps})


@router.get("")
async def index(request: Request, api: TheApi, viewer: TheViewer) -> Response:
    """The keys, revoked ones too."""
    wanted, faults = understood(Filters, request)
    before = begins(request, wanted, faults)
    found = await keys.listed(api.database, viewer.caller.tenant, before, wanted.limit + 1)
    items, last = lists.cut(found, wanted.limit, lambda one: one.id)
    told = [(one, state_of(one, now())) for one in items]
    return shown(request, "api_keys.html", viewer, items=told, faults=faults, more=following(request, last))


@router.get("/new")
async def begin(request: Request, viewer: TheViewer) -> Response:
    """The form of a new key."""
    typed = {"may_state_grades": ["false"], "may_create_clients": ["false"]}
    return _making().page(request, viewer, typed)


@router.post("/new")
async def make(request: Request, api: TheApi, viewer: TheActor) -> Response:
    """Makes a key, and shows its secret, this once."""
    sent = await request.form()
    form, told = _making(), typed_of(sent)
    try:
        wanted = form.read(request, told)
        key, text = await api_keys.made(api, viewer.caller, wanted, asked(sent, wanted))
    except Problem as problem:
        return form.page(request, viewer, told, problem, key_of(sent))
    except Refusal as refusal:
        return form.page(request, viewer, told, refused(refusal.data()))
    return _secret(request, viewer, key, text)


@router.get("/{id}/rotate")
async def choose(request: Request, viewer: TheViewer) -> Response:
    """The form of another secret."""
    return _rotating().page(request, viewer, {"overlap": ["P1D"]})


@router.post("/{id}/rotate")
async def rotate(id: str, request: Request, api: TheApi, viewer: TheActor) -> Response:
    """Gives a key another secret, and shows it, this once."""
    sent = await request.form()
    form, told = _rotating(), typed_of(sent)
    try:
        wanted = form.read(request, told)
        key, text = await api_keys.rotated(api, viewer.caller, id, wanted, asked(sent, wanted))
    except Problem as problem:
        return form.page(request, viewer, told, problem, key_of(sent))
    return _secret(request, viewer, key, text)


@router.post("/{id}/revoke")
async def revoke(id: str, api: TheApi, viewer: TheActor) -> Response:
    """Ends a key at once and for good."""
    await api_keys.revoke(id, api, viewer.caller)
    return RedirectResponse(API_KEYS, 303)


def _secret(request: Request, viewer: Viewer, key: ApiKey, text: str | None) -> Response:
    name = key.name or key.id
    return shown(request, "secret.html", viewer, name=name, text=text, back=API_KEYS)
