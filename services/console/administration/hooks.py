"""Hooks at the console: where other systems report of themselves, what each brought, and what is set at its sender."""

from collections.abc import Mapping

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from activities.directory import hooks as kept
from activities.directory.asked import Asked
from activities.directory.hooks import Hook
from activities.directory.imports import RESULTS
from services.api import hook_deliveries, hooks, lists
from services.api.api_keys import OfSource
from services.api.context import Api, TheApi, now
from services.api.hooks import NewHook, NewSecret, state_of
from services.api.lists import Filters
from services.auth import Caller
from services.console.administration import secrets
from services.console.administration.asking import Form
from services.console.administration.secrets import Sender
from services.console.administration.sections import HOOKS, begins, confirmed, following, shown
from services.console.forms.existing import clients_offered
from services.console.frame.asked import understood
from services.console.frame.catalogue import gettext
from services.console.frame.paged import Paged
from services.console.things import clients
from services.signin.viewer import TheActor, TheSender, TheViewer, Viewer

KINDS: Mapping[str, str] = {
    "github": "GitHub",
    "jira": "Jira",
    "servicenow": "ServiceNow",
    "standard_webhooks": "Standard Webhooks",
}
"""What senders are called, in every language."""


async def _keeper(viewer: TheViewer) -> None:
    await hooks.keeper(viewer.caller)


router = APIRouter(prefix=HOOKS, route_class=Paged, include_in_schema=False, dependencies=[Depends(_keeper)])


async def _making(api: Api, caller: Caller) -> Form[NewHook]:
    lead = gettext("Its address and its secret are shown after this form, the secret this once.")
    options = {"kind": [*KINDS.items()], **await clients_offered(api, caller)}
    return Form(NewHook, gettext("Make a hook"), gettext("Make the hook"), HOOKS, lead, options)


def _rotating(hook: Hook) -> Form[NewSecret]:
    return secrets.rotating(NewSecret, gettext("Give the hook another secret"), f"{HOOKS}/{hook.id}")


@router.get("")
async def index(request: Request, api: TheApi, viewer: TheViewer) -> Response:
    """The hooks, those too that have ended."""
    wanted, faults = understood(OfSource, request)
    before = begins(request, wanted, faults)
    found = await kept.listed(api.database, viewer.caller.tenant, before, wanted.limit + 1, wanted.source)
    items, last = lists.cut(found, wanted.limit, lambda one: one.id)
    told = [(one, KINDS[one.kind], state_of(one)) for one in items]
    more = following(request, last, source=wanted.source)
    called = await clients.named(api, viewer.caller, [one.client for one in items])
    return shown(request, "hooks.html", viewer, items=told, clients=called, asked=wanted, faults=faults, more=more)


@router.get("/new")
async def begin(request: Request, api: TheApi, viewer: TheViewer) -> Response:
    """The form of a new hook."""
    return (await _making(api, viewer.caller)).page(request, viewer, {"may_state_grades": ["false"]})


@router.post("/new")
async def make(request: Request, api: TheApi, sender: TheSender) -> Response:
    """Makes a hook, and shows its secret, this once, with what is set at its sender."""

    async def made(wanted: NewHook, asked: Asked | None) -> Response:
        return _secret(request, api, sender.viewer, *await hooks.made(api, sender.viewer.caller, wanted, asked))

    return await (await _making(api, sender.looks.caller)).done(request, sender, made)


@router.get("/{id}")
async def detail(id: str, request: Request, api: TheApi, viewer: TheViewer) -> Response:
    """One hook, what is set at its sender, and a page of what came in at it."""
    hook = await hooks.seen(api, viewer.caller, id)
    wanted, faults = understood(Filters, request)
    before = begins(request, wanted, faults)
    found, last = await hook_deliveries.listed(api, hook, viewer.caller, before, wanted.limit)
    deliveries = [(one, {name: count for name in RESULTS if (count := getattr(one, name))}) for one in found]
    return shown(
        request,
        "hook.html",
        viewer,
        one=hook,
        clients=await clients.named(api, viewer.caller, [hook.client]),
        kind=KINDS[hook.kind],
        state=state_of(hook),
        former=[secret.until for secret in hook.secrets if secret.until and secret.until > now()],
        sender=_sender(api, hook),
        deliveries=deliveries,
        faults=faults,
        path=f"{HOOKS}/{hook.id}",
        more=following(request, last),
    )


@router.get("/{id}/rotate")
async def choose(id: str, request: Request, api: TheApi, viewer: TheViewer) -> Response:
    """The form of another secret."""
    return _rotating(await hooks.seen(api, viewer.caller, id)).page(request, viewer, secrets.USUAL)


@router.post("/{id}/rotate")
async def rotate(id: str, request: Request, api: TheApi, sender: TheSender) -> Response:
    """Gives a hook another secret, and shows it, this once."""
    hook = await hooks.seen(api, sender.looks.caller, id)

    async def rotated(wanted: NewSecret, asked: Asked | None) -> Response:
        done = await hooks.rotated(api, sender.viewer.caller, hook, wanted, asked)
        return _secret(request, api, sender.viewer, *done)

    return await _rotating(hook).done(request, sender, rotated)


@router.post("/{id}/end")
async def end(id: str, api: TheApi, viewer: TheActor) -> Response:
    """Ends a hook at once and for good."""
    await hooks.end(id, api, viewer.caller)
    return confirmed(f"{HOOKS}/{id}", "hook")


def _secret(request: Request, api: Api, viewer: Viewer, hook: Hook, text: str | None) -> Response:
    return secrets.told(
        request, viewer, hook.name or hook.source, text, f"{HOOKS}/{hook.id}", sender=_sender(api, hook)
    )


def _sender(api: Api, hook: Hook) -> Sender:
    return Sender(hook.kind, hooks.address(api, hook))
