"""Drafts kept and discarded by the forms of commands: by a script while somebody types, and by a button."""

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from activities.directory import drafts
from activities.directory.drafts import Draft, Form
from activities.ledger.protocol import Unavailable
from services.api import streams
from services.api.context import Api, TheApi
from services.console.case import acting
from services.console.forms import drafting
from services.console.forms.sent import about_of, row_of
from services.console.frame.catalogue import gettext
from services.console.frame.navigation import PATHS
from services.console.frame.paged import Paged
from services.console.frame.rendering import part
from services.problems import Problem, refused
from services.signin import paths
from services.signin.viewer import Forged, Sender, SignInFirst, TheSender, is_script, sending
from workflows.decider import Refusal

router = APIRouter(route_class=Paged, include_in_schema=False)


async def keep(kind: str, id: str, command: str, request: Request, api: Api) -> Response:
    """Keeps what is typed so far: a script is told so in a line, a button leads back to the form.

    A form of an earlier session is shown again, as it is when its command is given by it. What goes wrong is told a
    script in that line, too, and not by another page: what was typed stays where it is.
    """
    path = f"{PATHS[kind]}/{id}/{command}"
    try:
        sender = await sending(request)
        if not (sender.is_own or is_script(request)):
            return await acting.again(kind, id, command, request, api, sender.looks, sender.form)
        form, draft = await _kept(kind, id, command, api, sender)
    except (SignInFirst, Problem, Refusal, Unavailable) as fault:
        if not is_script(request):
            raise
        return _told(request, path, fault)
    return _line(request, path, draft=draft) if is_script(request) else _back(path, form)


async def discard(kind: str, id: str, command: str, request: Request, api: Api, sender: Sender) -> Response:
    """Forgets a draft, and leads to the form as it is without."""
    if not sender.is_own:
        return await acting.again(kind, id, command, request, api, sender.looks, sender.form)
    caller = sender.viewer.caller
    stream = await streams.visible(api, caller, kind, id)
    form = Form(caller.actor.id, stream.name, row_of(kind, command).command, about_of(sender.form))
    await drafts.discard(api.database, caller.tenant, form)
    return _back(f"{PATHS[kind]}/{id}/{command}", form)


async def _kept(kind: str, id: str, command: str, api: Api, sender: Sender) -> tuple[Form, Draft | None]:
    """The form that was sent, and its draft; none where nothing is typed, or the form was recorded already."""
    caller, row = sender.viewer.caller, row_of(kind, command)
    stream = await streams.visible(api, caller, kind, id)
    try:
        return await drafting.kept(api, caller, stream, row, sender.form)
    except drafts.TooLarge:
        detail = gettext("No draft is kept, because it is too long: send it, or keep a copy.")
        raise Problem(413, "draft_too_large", detail) from None
    except drafts.TooMany:
        detail = gettext("No draft is kept, because you have %(most)s already: send or discard some.")
        raise Problem(409, "too_many_drafts", detail % {"most": drafts.MOST}) from None


def _told(request: Request, path: str, fault: SignInFirst | Problem | Refusal | Unavailable) -> Response:
    """Why no draft is kept."""
    match fault:
        case SignInFirst():
            why = gettext("No draft is kept, because you are no longer signed in. What you typed stays here.")
            return _line(request, path, status=401, why=why, afresh=paths.sign_in(path))
        case Forged():
            why = gettext("No draft is kept, because you signed in anew. Send the form: it comes back as you typed it.")
            return _line(request, path, status=fault.status, why=why)
        case Problem():
            return _line(request, path, status=fault.status, why=fault.detail)
        case Refusal():
            known = refused(fault.data())
            return _line(request, path, status=known.status, why=known.detail)
    why = gettext("No draft can be kept at this moment. What you typed stays here.")
    return _line(request, path, status=503, why=why)


def _line(
    request: Request, path: str, *, draft: Draft | None = None, status: int = 200, why: str = "", afresh: str = ""
) -> Response:
    """The line of a form about its draft."""
    return HTMLResponse(part(request, "draft.html", draft=draft, path=path, why=why, afresh=afresh), status)


def _back(path: str, form: Form) -> Response:
    return RedirectResponse(f"{path}?{form.about}" if form.about else path, 303)


def _route(kind: str, path: str) -> None:
    """Adds the two routes of drafts about a kind."""

    async def kept(id: str, command: str, request: Request, api: TheApi) -> Response:
        return await keep(kind, id, command, request, api)

    async def discarded(id: str, command: str, request: Request, api: TheApi, sender: TheSender) -> Response:
        return await discard(kind, id, command, request, api, sender)

    there = f"{path}/{{id}}/{{command}}/draft"
    router.add_api_route(there, kept, methods=["POST"], name=f"{kind}_draft")
    router.add_api_route(f"{there}/discard", discarded, methods=["POST"], name=f"{kind}_draft_discard")


for _kind, _path in PATHS.items():
    _route(_kind, _path)
